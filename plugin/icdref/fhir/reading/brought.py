"""The resources that a request brings along, whatever their type, as definitions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from icdref import issues_terminology as texts
from icdref.definitions import CodeSystem, ValueSet
from icdref.fhir.reading.code_systems import code_system
from icdref.fhir.reading.fields import Element
from icdref.fhir.reading.value_sets import contained_code_systems, value_set
from icdref.issues import IcdRefError, quoted

_TYPES: Final = ("CodeSystem", "ValueSet", "ConceptMap")

Brought = tuple[tuple[CodeSystem, ...], tuple[ValueSet, ...]]


def brought(resources: Iterable[tuple[str, Element]]) -> Brought:
    """Return (code systems, value sets) of resources with their paths; those that a value set contains too.

    Concept maps may be among them, and only `$translate` has a use for them: it reads them itself.
    Raises IcdRefError for a resource that is malformed, or of no use to terminology.
    """
    code_systems: list[CodeSystem] = []
    value_sets: list[ValueSet] = []
    for path, resource in resources:
        kind = str(resource.get("resourceType"))
        if kind == "CodeSystem":
            code_systems.append(code_system(resource, path))
        elif kind == "ValueSet":
            value_sets.append(value_set(resource, path))
            code_systems += (code_system(each, place) for place, each in contained_code_systems(resource, path))
        elif kind not in _TYPES:
            wanted = " or ".join(f"a {each}" for each in _TYPES)
            raise IcdRefError(texts.resource_of_wrong_type(path, f"a {quoted(kind)}", wanted))
    return tuple(code_systems), tuple(value_sets)
