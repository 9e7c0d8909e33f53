"""A release as a CodeSystem resource, and the properties and filters that its concepts have."""

from __future__ import annotations

from typing import Any, Final

from icdref.codes import ICD10CM, ICD10CM_OID
from icdref.concept_properties import FILTERS, ONLY_R5, PROPERTIES, FilterRule, property_uri
from icdref.fhir.canonical import edition_uri
from icdref.fhir.datatypes import instant
from icdref.fhir.narrative import element, narrative
from icdref.model import Release

_IDS: Final = {ICD10CM: "icd-10-cm"}
_OIDS: Final = {ICD10CM: ICD10CM_OID}


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
            {
                "code": each.property,
                "description": each.description,
                "operator": operators(each, fhir_version),
                "value": each.value,
            }
            for each in FILTERS
        ],
        "property": [
            {"code": each.name, "uri": property_uri(each), "description": each.description, "type": each.type}
            for each in PROPERTIES
        ],
    }
    return shaped


def operators(rule: FilterRule, fhir_version: str) -> list[str]:
    """Return the operators of a filter that a FHIR version has a code for."""
    return [each for each in rule.operators if fhir_version >= "5.0" or each not in ONLY_R5]


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
