"""The code systems that we define ourselves, as resources: what the codes of our own in an answer mean."""

from __future__ import annotations

from typing import Any, Final

from icdref.concept_properties import PROPERTIES
from icdref.fhir.canonical import (
    AUDIENCE_SYSTEM,
    DESIGNATION_USE_SYSTEM,
    DOCUMENT_TYPE_SYSTEM,
    ISSUE_SYSTEM,
    PROPERTY_SYSTEM,
    SECTION_SYSTEM,
)
from icdref.fhir.operation_definition import DEFINITION_DATE, DEFINITION_VERSION
from icdref.model import SECTIONS

_Row = tuple[str, str, str, tuple[tuple[str, str], ...]]

_ROWS: Final[tuple[_Row, ...]] = (
    (
        SECTION_SYSTEM,
        "Sections",
        "The sections of a condition summary, a code card or a comparison.",
        (
            *SECTIONS,
            ("staging", "Staging"),
            ("discriminating", "What tells them apart"),
            ("code-facts", "Facts of the code"),
            ("notes", "Notes of the tabular list"),
            ("validity", "Validity and edits"),
            ("maps", "Maps to other code systems"),
            ("imported", "Imported definition, not reviewed"),
        ),
    ),
    (
        AUDIENCE_SYSTEM,
        "Audiences",
        "For whom a text is written.",
        (("clinician", "Clinician"), ("patient", "Patient")),
    ),
    (
        DOCUMENT_TYPE_SYSTEM,
        "Document types",
        "What kind of document a Composition is.",
        (
            ("condition-summary", "Condition summary"),
            ("code-card", "Facts of a code"),
            ("comparison", "Comparison of conditions"),
        ),
    ),
    (
        DESIGNATION_USE_SYSTEM,
        "Uses of designations",
        "What a designation of an ICD-10-CM code is.",
        (("published-title", "Title as published"), ("ascii-title", "Title in ASCII")),
    ),
    (
        PROPERTY_SYSTEM,
        "Concept properties",
        "The properties of ICD-10-CM concepts that HL7 does not define.",
        tuple((each.name, each.description) for each in PROPERTIES if not each.standard),
    ),
    (
        ISSUE_SYSTEM,
        "Issues",
        "The kind of a remark, for programs; its words are in `details.text`. Codes are added as needs arise.",
        (),
    ),
)


def own_code_systems() -> list[dict[str, Any]]:
    """Return our code systems; the one without concepts here is open."""
    return [_code_system(*row) for row in _ROWS]


def _code_system(url: str, title: str, meaning: str, concepts: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    shaped: dict[str, Any] = {
        "resourceType": "CodeSystem",
        "id": url.rpartition("/")[2],
        "url": url,
        "version": DEFINITION_VERSION,
        "name": "Icdref" + "".join(word.capitalize() for word in title.split()),
        "title": f"icdref: {title.lower()}",
        "status": "active",
        "experimental": False,
        "date": DEFINITION_DATE,
        "publisher": "icdref",
        "description": meaning,
        "caseSensitive": True,
        "content": "complete" if concepts else "not-present",
    }
    if concepts:
        shaped["count"] = len(concepts)
        shaped["concept"] = [{"code": code, "display": display} for code, display in concepts]
    return shaped
