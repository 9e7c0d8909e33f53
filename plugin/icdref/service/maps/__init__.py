"""The concept maps of an edition: what each says to a code, and the one answer of `$translate` from all of them."""
