"""Canonical URLs: the names of our resources, extensions and code systems, the same in every FHIR version.

A canonical URL is a name, not an address: it never depends on where this server is mounted. Addresses (`fullUrl`, links)
are built from the base URL that the caller passes in.
"""

from __future__ import annotations

from typing import Final

from icdref.canonicals import BASE, DESIGNATION_USE_SYSTEM, PROPERTY_SYSTEM, SECTION_SYSTEM, canonical

__all__ = [
    "AUDIENCE_SYSTEM",
    "BASE",
    "DESIGNATION_USE_SYSTEM",
    "DOCUMENT_TYPE_SYSTEM",
    "EDITIONS",
    "FHIR_VERSIONS",
    "ISSUE_SYSTEM",
    "PROPERTY_SYSTEM",
    "SECTION_SYSTEM",
    "canonical",
    "edition_uri",
    "element_of_5",
    "extension_url",
]

EDITIONS: Final = "https://icdref.example.org/editions"

ISSUE_SYSTEM: Final = f"{BASE}/CodeSystem/issue"
AUDIENCE_SYSTEM: Final = f"{BASE}/CodeSystem/audience"
DOCUMENT_TYPE_SYSTEM: Final = f"{BASE}/CodeSystem/document-type"

FHIR_VERSIONS: Final = {"4.0": "4.0.1", "5.0": "5.0.0"}
"""The versions that shapes are written for, with the number that a CapabilityStatement gives."""


def extension_url(name: str) -> str:
    """Return the URL of an extension that we define.

    >>> extension_url("statement")
    'https://icdref.example.org/fhir/StructureDefinition/statement'
    """
    return f"{BASE}/StructureDefinition/{name}"


def edition_uri(edition: str) -> str:
    """Return the URI that names an edition in `meta.source`.

    >>> edition_uri("3f1c9a7d20be")
    'https://icdref.example.org/editions/3f1c9a7d20be'
    """
    return f"{EDITIONS}/{edition}"


def element_of_5(resource_type: str, element: str) -> str:
    """Return the URL of the extension that carries an R5 element in R4, as HL7 defines it for every element.

    >>> element_of_5("Composition", "url")
    'http://hl7.org/fhir/5.0/StructureDefinition/extension-Composition.url'
    """
    return f"http://hl7.org/fhir/5.0/StructureDefinition/extension-{resource_type}.{element}"
