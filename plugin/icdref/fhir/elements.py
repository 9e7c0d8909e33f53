"""The elements of each FHIR type in their order: what XML, `_summary` and `_elements` need to know about a shape.

JSON needs none of this and is written without it. The table is a file made by tools/fhir_elements.py; it is read at the
first use, in about 3 ms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import orjson

COMMON: Final = ("id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension")
"""The elements that every resource has; they are never what a resource is about."""


_NARROWED: Final = {
    ("Reference", "reference"): "reference",
    ("Reference", "type"): "string",
    ("BundleEntryRequest", "url"): "request-url",
    # These are URIs that may be, and with us are, relative: the name of a type, the url of a part.
    ("StructureDefinition", "type"): "string",
    ("ElementDefinitionType", "code"): "string",
    ("ElementDefinition", "fixedUri"): "string",
    # FHIR gives parameters of an expansion no canonical; every server writes `url|version` into valueUri.
    ("ValueSetExpansionParameter", "valueUri"): "canonical",
}
"""(type, element) -> the type to check, where the definition says less than we mean or more than we write."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a type: the name of its own type, and whether it is a list, mandatory, and part of a summary."""

    name: str
    type: str
    repeats: bool
    required: bool
    in_summary: bool

    @property
    def is_primitive(self) -> bool:
        """Tell whether the element has a value rather than elements of its own."""
        return self.type[0].islower()


@cache
def elements_of(type_name: str, fhir_version: str = "4.0") -> Mapping[str, Element]:
    """Return the elements of a type by name, in the order of its definition; none of a type that is not in the table.

    >>> [each.name for each in elements_of("Period").values()]
    ['id', 'extension', 'start', 'end']
    """
    rows = _table()[fhir_version].get(type_name, ())
    return {element.name: element for element in map(_element, rows)}


def mandatory_elements(type_name: str, fhir_version: str = "4.0") -> frozenset[str]:
    """Return the elements that a resource of a type cannot be without.

    >>> sorted(mandatory_elements("CodeSystem"))
    ['content', 'status']
    """
    return frozenset(each.name for each in elements_of(type_name, fhir_version).values() if each.required)


def summary_elements(type_name: str, fhir_version: str = "4.0") -> frozenset[str]:
    """Return the elements of the summary view of a type; none of a type that is not in the table."""
    return frozenset(each.name for each in elements_of(type_name, fhir_version).values() if each.in_summary)


@cache
def primitive_type(path: str, fhir_version: str = "4.0") -> str:
    """Return the primitive type of the element at a path, '' where it has elements of its own or is not in the table.

    A literal reference is a string to FHIR, yet not any string, so it has a type of its own here: `reference`.

    >>> primitive_type("Composition.date"), primitive_type("OperationDefinition.system"), primitive_type("Library.topic")
    ('dateTime', 'boolean', '')
    """
    type_name, *names = path.split(".")
    for name in names:
        element = elements_of(type_name, fhir_version).get(name)
        if element is None:
            return ""
        type_name = _NARROWED.get((type_name, element.name), element.type)
    return type_name if names and type_name[0].islower() else ""


def resource_types(fhir_version: str = "4.0") -> frozenset[str]:
    """Return the resource types of the table."""
    return frozenset(name for name in _table()[fhir_version] if "implicitRules" in elements_of(name, fhir_version))


@cache
def every_resource_type(fhir_version: str = "4.0") -> frozenset[str]:
    """Return the name of every resource type of a FHIR version, also of those that are not in the table.

    >>> "Condition" in every_resource_type("4.0"), "ActorDefinition" in every_resource_type("4.0")
    (True, False)
    """
    return frozenset(str(_table()["resources"][fhir_version]).split(" "))


def _element(row: str) -> Element:
    name, type_name, *flags = row.split(" ")
    marks = flags[0] if flags else ""
    return Element(name, type_name, "*" in marks, "!" in marks, "+" in marks)


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = orjson.loads(files("icdref.fhir").joinpath("elements.json").read_bytes())
    return table
