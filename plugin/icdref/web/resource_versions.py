"""The versions of the resources that a summary is served as."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from icdref.fhir.composition import composition
from icdref.fhir.history import ResourceVersion
from icdref.fhir.library import library
from icdref.fhir.provenance import provenance
from icdref.fhir.value_set import value_set
from icdref.results import SummaryView
from icdref.service.knowledge import KnowledgeService
from icdref.service.views import Reader

VERSIONED_TYPES: Final = ("Composition", "Library", "Provenance", "ValueSet")
"""The types of which former versions can be read."""

_VALUE_SET_ENDING: Final = "-codes"


def summary_of(knowledge: KnowledgeService, resource_type: str, identifier: str) -> str:
    """Return the id of the summary that a resource belongs to, '' where it belongs to none."""
    known = knowledge.summaries.all
    if resource_type == "ValueSet":
        found = identifier.removesuffix(_VALUE_SET_ENDING) if identifier.endswith(_VALUE_SET_ENDING) else ""
    elif resource_type == "Provenance":
        found = max((each for each in known if identifier.startswith(f"{each}-")), key=len, default="")
    else:
        found = identifier
    return found if found in known else ""


def versions(
    knowledge: KnowledgeService, reader: Reader, base_url: str, fhir_version: str, resource_type: str, identifier: str = ""
) -> Iterator[ResourceVersion]:
    """Yield the versions of one resource, or of all of a type, by summary and newest first."""
    owner = summary_of(knowledge, resource_type, identifier)
    for summary in [owner] if identifier else knowledge.summaries.all:
        history = knowledge.history(summary, reader)
        for number, each in enumerate(history, 1):
            resource = _shaped(each.view, resource_type, base_url, fhir_version)
            if identifier in ("", resource["id"]):
                # A Provenance speaks about one version, so each of them is a resource of its own.
                first = number == len(history) or resource_type == "Provenance"
                yield ResourceVersion(resource, each.since, "" if resource_type == "Provenance" else each.until, first)


def _shaped(view: SummaryView, resource_type: str, base_url: str, fhir_version: str) -> dict[str, Any]:
    match resource_type:
        case "Composition":
            return composition(view, fhir_version)
        case "Library":
            return library(view, base_url, fhir_version)
        case "ValueSet":
            return value_set(view)
        case _:
            return provenance(view)
