"""HTTP: turns requests into plain arguments for the service, and marries its results to FHIR shapes."""
