"""FHIR shaping: dataclass in, plain dict out, keys spelt as FHIR spells them; nothing here reads, writes or decides."""
