"""The policy of icdref: which release answers, which summary applies, what is withheld. Usable with no HTTP at all."""
