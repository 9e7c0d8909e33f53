"""Resources in part: `_elements` and `_summary`. What is left out is marked with the tag SUBSETTED.

Source: `isSummary` and `min` of the elements in the StructureDefinitions of FHIR R4 and R5; where the versions differ, both
are kept, since a server may return more than was asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from icdref.fhir.search_collection import Resource

SUBSETTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "subsetted",
}

ALWAYS: Final = frozenset({"resourceType", "id", "meta", "implicitRules", "modifierExtension"})

MANDATORY: Final[dict[str, frozenset[str]]] = {
    "Library": frozenset({"status", "type"}),
    "Composition": frozenset({"status", "type", "date", "author", "title"}),
    "ValueSet": frozenset({"status"}),
    "CodeSystem": frozenset({"status", "content"}),
    "Provenance": frozenset({"target", "recorded", "agent"}),
}
"""Elements that a resource cannot be without; they are returned even when nobody asked for them."""

_CANONICAL: Final = frozenset({
    "url", "identifier", "version", "versionAlgorithmString", "versionAlgorithmCoding", "name", "title", "status",
    "experimental", "date", "publisher", "contact", "useContext", "jurisdiction", "effectivePeriod",
})  # fmt: skip

SUMMARY: Final[dict[str, frozenset[str]]] = {
    "Library": _CANONICAL | {"type", "description", "content"},
    "Composition": frozenset({
        "url", "identifier", "version", "status", "type", "category", "subject", "encounter", "date", "useContext", "author",
        "name", "title", "confidentiality", "custodian", "event",
    }),
    "ValueSet": _CANONICAL | {"immutable"},
    "CodeSystem": _CANONICAL | {
        "caseSensitive", "valueSet", "hierarchyMeaning", "compositional", "versionNeeded", "content", "supplements", "count",
        "filter", "property",
    },
    "Provenance": frozenset({"target", "recorded", "agent", "entity"}),
}  # fmt: skip
"""Elements of the summary view. A type that is not here is served whole."""


def apply_elements(resource: Resource, elements: Iterable[str]) -> Resource:
    """Return the resource with only the elements named and those it cannot be without.

    Names may carry the type (`Composition.title`) and reach below the top level, of which the first part counts. Names of
    elements that do not exist are passed over, as clients send one list for several types.
    """
    own = resource["resourceType"]
    wanted = {name.removeprefix(f"{own}.").split(".")[0] for name in elements}
    return _keep(resource, wanted | MANDATORY.get(own, frozenset()))


def apply_summary(resource: Resource, summary: str) -> Resource:
    """Return the resource as `_summary` asks: `true`, `text` or `data`; any other value returns it whole."""
    own = resource["resourceType"]
    match summary:
        case "true" if own in SUMMARY:
            return _keep(resource, SUMMARY[own])
        case "text":
            return _keep(resource, {"text"} | MANDATORY.get(own, frozenset()))
        case "data":
            return _keep(resource, resource.keys() - {"text"})
        case _:
            return resource


def _keep(resource: Resource, wanted: Iterable[str]) -> Resource:
    names = ALWAYS | frozenset(wanted)
    kept = {name: value for name, value in resource.items() if name.removeprefix("_") in names}
    return resource if len(kept) == len(resource) else _tagged(kept)


def _tagged(resource: Resource) -> Resource:
    """Return the resource marked as a part, `meta` in its place and without touching the original."""
    meta: dict[str, Any] = dict(resource.get("meta", {}))
    tags = meta.get("tag", [])
    if not any(tag.get("code") == SUBSETTED["code"] for tag in tags):
        meta["tag"] = [*tags, dict(SUBSETTED)]
    head = {name: resource[name] for name in ("resourceType", "id") if name in resource}
    return head | {"meta": meta} | {name: value for name, value in resource.items() if name not in {*head, "meta"}}
