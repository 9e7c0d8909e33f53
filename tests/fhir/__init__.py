"""Tests of the FHIR shapes."""
