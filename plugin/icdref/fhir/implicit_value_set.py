"""An implicit value set of ICD-10-CM as a ValueSet resource."""

from __future__ import annotations

from datetime import date
from typing import Any

from icdref.definitions import ConceptSet, ValueSet
from icdref.fhir.canonical import edition_uri
from icdref.fhir.datatypes import instant
from icdref.fhir.narrative import element, narrative

_LICENCE = "US Government work, public domain in the USA; WHO owns ICD-10; no endorsement by CDC/NCHS or CMS"


def implicit_value_set(definition: ValueSet, effective: date, edition: str) -> dict[str, Any]:
    """Return the resource; `effective` is the first day of the release that it is a version for."""
    header = definition.header
    includes = definition.compose.include if definition.compose else ()
    return {
        "resourceType": "ValueSet",
        "id": header.id,
        "meta": {"versionId": header.version, "lastUpdated": instant(effective), "source": edition_uri(edition)},
        "text": narrative("generated", element("p", f"{header.title}. The operation $expand lists them.")),
        "url": header.url,
        "version": header.version,
        "name": header.name,
        "title": header.title,
        "status": "active",
        "experimental": False,
        "date": effective.isoformat(),
        "publisher": header.publisher,
        "description": f"{header.title}. An implicit value set: its version is the release.",
        "immutable": True,
        "copyright": _LICENCE,
        "compose": {"include": [_include(each) for each in includes]},
    }


def _include(part: ConceptSet) -> dict[str, Any]:
    shaped: dict[str, Any] = {"system": part.system, "version": part.version}
    if part.filters:
        shaped["filter"] = [{"property": each.property, "op": each.op, "value": each.value} for each in part.filters]
    return shaped
