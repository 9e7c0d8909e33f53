"""Canonical URLs: the names of our resources, the same in every FHIR version and wherever this server is mounted."""

from __future__ import annotations

from typing import Final

BASE: Final = "https://icdref.example.org/fhir"

SECTION_SYSTEM: Final = f"{BASE}/CodeSystem/summary-section"
PROPERTY_SYSTEM: Final = f"{BASE}/CodeSystem/concept-property"
DESIGNATION_USE_SYSTEM: Final = f"{BASE}/CodeSystem/designation-use"
MESH_SYSTEM: Final = "https://www.nlm.nih.gov/mesh"


def canonical(resource_type: str, resource_id: str, version: str = "") -> str:
    """Return the canonical URL of a resource of ours, with `|version` where one is given.

    >>> canonical("Library", "x", "0.2.0")
    'https://icdref.example.org/fhir/Library/x|0.2.0'
    """
    return f"{BASE}/{resource_type}/{resource_id}" + (f"|{version}" if version else "")


def split_canonical(text: str) -> tuple[str, str]:
    """Return (url, version) of a canonical reference, version '' where it names none.

    >>> split_canonical("http://hl7.org/fhir/sid/icd-10-cm?fhir_vs|2026-04-01")
    ('http://hl7.org/fhir/sid/icd-10-cm?fhir_vs', '2026-04-01')
    """
    url, _, version = text.strip().partition("|")
    return url, version
