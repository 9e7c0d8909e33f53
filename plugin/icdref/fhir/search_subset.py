"""Resources in part: `_elements` and `_summary`. What is left out is marked with the tag SUBSETTED.

Source: `isSummary` and `min` of the elements in the StructureDefinitions of each version (`fhir/elements.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from icdref.fhir.elements import mandatory_elements, summary_elements
from icdref.fhir.search_collection import Resource

SUBSETTED: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
    "display": "subsetted",
}

ALWAYS: Final = frozenset({"resourceType", "id", "meta", "implicitRules", "modifierExtension"})

_WHOLE: Final = frozenset({"Bundle", "OperationOutcome", "Parameters"})


def is_always_whole(resource: Resource) -> bool:
    """Tell whether a resource answers a question and is never served in part; so is what is no resource (`$versions`)."""
    return resource.get("resourceType") in (*_WHOLE, None)


def apply_elements(resource: Resource, elements: Iterable[str], fhir_version: str = "4.0") -> Resource:
    """Return the resource with only the elements named and those it cannot be without.

    Names may carry the type (`Composition.title`) and reach below the top level, of which the first part counts. Names of
    elements that do not exist are passed over, as clients send one list for several types.
    """
    own = resource["resourceType"]
    wanted = {name.removeprefix(f"{own}.").split(".")[0] for name in elements}
    return _keep(resource, wanted | mandatory_elements(own, fhir_version))


def apply_summary(resource: Resource, summary: str, fhir_version: str = "4.0") -> Resource:
    """Return the resource as `_summary` asks: `true`, `text` or `data`; any other value returns it whole."""
    own = resource["resourceType"]
    match summary:
        case "true" if summarised := summary_elements(own, fhir_version):
            return _keep(resource, summarised)
        case "text":
            return _keep(resource, {"text"} | mandatory_elements(own, fhir_version))
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
