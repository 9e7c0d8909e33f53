"""Importers: each turns one publisher's files, or our own, into the records of `model`; no network, no FHIR, no index."""
