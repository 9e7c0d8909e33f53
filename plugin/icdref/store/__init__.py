"""The only reader of an edition: typed queries on the compiled index; no HTTP, no FHIR, no policy."""
