"""Search as clinicians and patients speak: from a question to ranked codes of one release, with the reasons."""
