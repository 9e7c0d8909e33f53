"""Value sets evaluated over code systems: expansion, membership, languages and versions."""
