"""A release as a CodeSystem resource, and the properties and filters that its concepts have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from icdref.codes import ICD10CM, ICD10CM_OID
from icdref.fhir.canonical import PROPERTY_SYSTEM, edition_uri
from icdref.fhir.datatypes import instant
from icdref.fhir.narrative import element, narrative
from icdref.model import Release

_STANDARD: Final = "http://hl7.org/fhir/concept-properties"
_IDS: Final = {ICD10CM: "icd-10-cm"}
_OIDS: Final = {ICD10CM: ICD10CM_OID}


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a concept: its name, FHIR type and meaning; `standard` where HL7 defines it."""

    name: str
    type: str
    description: str
    standard: bool = False


PROPERTIES: Final = (
    Property("parent", "code", "The next concept up in the tabular list", standard=True),
    Property("child", "code", "A concept directly below", standard=True),
    Property("kind", "code", "chapter, block, category or subcategory"),
    Property("billable", "boolean", "True only for codes that are valid on a claim"),
    Property("notSelectable", "boolean", "True for chapters and blocks, which are never used as codes", standard=True),
    Property("inactive", "boolean", "True where the code is not valid on the day asked", standard=True),
    Property("status", "code", "active or retired, on the day asked", standard=True),
    Property("effectiveDate", "dateTime", "First valid day", standard=True),
    Property("retirementDate", "dateTime", "First day on which the code is no longer valid", standard=True),
    Property("replacedBy", "code", "A code that the publisher's conversion table names in place of this one"),
    Property("replaces", "code", "A code in whose place the conversion table names this one"),
    Property("inclusionTerm", "string", "A condition that the code is for, as printed below it"),
    Property("includes", "string", "What the category includes"),
    Property("excludes1", "string", "Not coded here: never used at the same time"),
    Property("excludes2", "string", "Not included here: may be used as well"),
    Property("codeFirst", "string", "The underlying condition to be coded first"),
    Property("useAdditionalCode", "string", "What to code in addition"),
    Property("codeAlso", "string", "What may be coded as well, in either order"),
    Property("note", "string", "Any other note of the tabular list"),
    Property("seventhCharacter", "string", "A seventh character that the codes below take, such as 'A = initial encounter'"),
    Property("laterality", "code", "left, right, bilateral or unspecified, read from the title"),
    Property("site", "code", "The body site that the title gives"),
    Property("chapter", "code", "The chapter that the code stands in"),
    Property("block", "code", "The block that the code stands in"),
    Property("mceAge", "code", "Medicare Code Editor: newborn, pediatric, maternity or adult"),
    Property("mceSex", "code", "Medicare Code Editor: female or male; none after 2024-09-30"),
    Property("mceManifestation", "boolean", "Medicare Code Editor: a manifestation, never a principal diagnosis"),
    Property("mceUnacceptablePrincipal", "boolean", "Medicare Code Editor: unacceptable as a principal diagnosis"),
    Property("mceUnspecified", "boolean", "Medicare Code Editor: an unspecified code where a specific one is expected"),
)
"""Every property that `$lookup` returns, in the order of the documentation."""

FILTERS: Final = (("concept", ("is-a", "descendent-of"), "A code with everything below it, or only what is below it", "A code"),)
"""(property, operators, description, value) of the filters that value sets on the code system may use here."""


def code_system_id(release: Release) -> str:
    """Return the id of the CodeSystem resource of a release, such as icd-10-cm-2026-04-01."""
    name = _IDS.get(release.system) or release.system.rstrip("/").rpartition("/")[2]
    return f"{name}-{release.version}"


def code_system(release: Release, edition: str, fhir_version: str = "4.0") -> dict[str, Any]:
    """Return a release as a CodeSystem without its concepts (`not-present`): ask `$lookup` for those."""
    shaped: dict[str, Any] = {
        "resourceType": "CodeSystem",
        "id": code_system_id(release),
        "meta": {
            "versionId": release.version,
            "lastUpdated": instant(release.effective_from),
            "source": edition_uri(edition),
        },
        "text": narrative("generated", *(element("p", sentence) for sentence in _sentences(release))),
        "url": release.system,
    }
    if oid := _OIDS.get(release.system):
        shaped["identifier"] = [{"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{oid}"}]
    shaped |= {
        "version": release.version,
        "name": "ICD10CM" if release.system == ICD10CM else "CodeSystem",
        "title": release.title,
        "status": "active",
        "experimental": False,
        "date": release.effective_from.isoformat(),
        "publisher": release.publisher,
        "copyright": release.licence,
        **_period(release, fhir_version),
        "caseSensitive": False,
        "hierarchyMeaning": "is-a",
        "compositional": False,
        "versionNeeded": True,
        "content": "not-present",
        "count": release.codes,
        "filter": [
            {"code": code, "description": description, "operator": list(operators), "value": value}
            for code, operators, description, value in FILTERS
        ],
        "property": [
            {"code": each.name, "uri": property_uri(each), "description": each.description, "type": each.type}
            for each in PROPERTIES
        ],
    }
    return shaped


def property_uri(each: Property) -> str:
    """Return the URI that gives a property its meaning.

    >>> property_uri(PROPERTIES[0])
    'http://hl7.org/fhir/concept-properties#parent'
    """
    return f"{_STANDARD if each.standard else PROPERTY_SYSTEM}#{each.name}"


def _period(release: Release, fhir_version: str) -> dict[str, Any]:
    if fhir_version < "5.0":
        return {}
    period = {"start": release.effective_from.isoformat()}
    if release.effective_to:
        period["end"] = release.effective_to.isoformat()
    return {"effectivePeriod": period}


def _sentences(release: Release) -> tuple[str, ...]:
    until = f" to {release.effective_to.isoformat()}" if release.effective_to else ""
    return (
        f"{release.title}, published by {release.publisher}, in force from {release.effective_from.isoformat()}{until}.",
        f"{release.codes:,} codes, {release.billable:,} of them billable.",
        f"Licence: {release.licence}.",
    )
