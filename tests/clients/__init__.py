"""FHIR clients that nobody here wrote, each with a scenario against `icdref serve` over a real socket."""
