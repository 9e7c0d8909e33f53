"""Search parameters: what each resource type can be searched by, and how the server declares it.

The rows are in `search_table.py`. From them requests are parsed, and the CapabilityStatement and the SearchParameter
resources of our own parameters are written: a parameter exists in one place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from icdref.fhir.canonical import FHIR_VERSIONS, canonical
from icdref.fhir.search_rows import EVERY_TYPE, MODIFIERS, OWN, Row
from icdref.fhir.search_table import ROWS, URL_OF_4, VERSION_OF_4

DEFINITION_DATE: Final = "2026-11-22"
DEFINITION_VERSION: Final = "1.0.0"

_HL7: Final = "http://hl7.org/fhir/SearchParameter"


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One search parameter of one resource type, as one FHIR version has it.

    `rule` says what is compared where that is more than the elements at `path`: `members` the members of a value set,
    `subject-members` those of the value set that is the subject, `narrative` the words of a narrative. `components` are
    the paths of a composite's parts below `path`. `implied_system` is the system of an element of type code. `targets`
    are the types that a reference may lead to. The modifier `type` stands for the name of any resource type.
    """

    resource_type: str
    name: str
    type: str
    path: str
    documentation: str
    definition: str
    modifiers: tuple[str, ...] = ()
    rule: str = ""
    components: tuple[str, ...] = ()
    implied_system: str = ""
    targets: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """Tell whether HL7 does not define the parameter and we do."""
        return self.definition == canonical("SearchParameter", f"{self.resource_type}-{self.name}")


_EXPRESSIONS: Final = {
    ("4.0", "code"): ("Composition.event.code", "f:Composition/f:event/f:code"),
    ("5.0", "code"): ("Composition.event.detail.concept", ""),
    ("4.0", "url"): (
        f"Composition.extension.where(url='{URL_OF_4}').value",
        f"f:Composition/f:extension[@url='{URL_OF_4}']/f:valueUri",
    ),
    ("4.0", "version"): (
        f"Composition.extension.where(url='{VERSION_OF_4}').value",
        f"f:Composition/f:extension[@url='{VERSION_OF_4}']/f:valueString",
    ),
}
"""FHIRPath and XPath of our own parameters, by FHIR version and name; R5 has no XPath."""


def _parameter(row: Row, resource_type: str, fhir_version: str) -> SearchParameter | None:
    """Return a row as a parameter of a type in a version, None where the version does not have it."""
    home = row.home[0] if fhir_version == "4.0" else row.home[1]
    if not home:
        return None
    own = canonical("SearchParameter", f"{resource_type}-{row.name}")
    return SearchParameter(
        resource_type=resource_type,
        name=row.name,
        type=row.type,
        path=row.path if fhir_version == "4.0" else row.path_5 or row.path,
        documentation=row.documentation,
        definition=own if home == OWN else f"{_HL7}/{home}-{row.name.removeprefix('_')}",
        modifiers=MODIFIERS.get(row.type, ()) if row.modifiers is None else row.modifiers,
        rule=row.rule,
        components=row.components,
        implied_system=row.implied_system,
        targets=row.targets,
    )


def _build(resource_type: str, fhir_version: str) -> Mapping[str, SearchParameter]:
    rows = (*EVERY_TYPE, *ROWS.get(resource_type, ()))
    found = (_parameter(row, resource_type, fhir_version) for row in rows)
    return MappingProxyType({parameter.name: parameter for parameter in found if parameter is not None})


_TABLE: Final = {(type_, version): _build(type_, version) for type_ in ROWS for version in FHIR_VERSIONS}


def searchable_types() -> tuple[str, ...]:
    """Return the resource types that have search parameters of their own."""
    return tuple(ROWS)


def parameters_of(resource_type: str, fhir_version: str = "4.0") -> Mapping[str, SearchParameter]:
    """Return the search parameters of a type by name; a type without rows has `_id` and `_lastUpdated`.

    >>> parameters_of("ValueSet")["url"].definition
    'http://hl7.org/fhir/SearchParameter/conformance-url'
    """
    return _TABLE.get((resource_type, fhir_version)) or _build(resource_type, fhir_version)


def capability_rows(resource_type: str, fhir_version: str) -> list[tuple[str, str, str, str]]:
    """Return name, type, documentation and definition of each parameter, for CapabilityStatement.rest.resource."""
    rows = parameters_of(resource_type, fhir_version).values()
    return [(row.name, row.type, row.documentation, row.definition) for row in rows]


def include_rows(resource_type: str, fhir_version: str) -> list[str]:
    """Return what `_include` accepts in a search for a type: `Composition:subject` and its like."""
    return [f"{resource_type}:{row.name}" for row in parameters_of(resource_type, fhir_version).values() if row.targets]


def reverse_include_rows(resource_type: str, fhir_version: str) -> list[str]:
    """Return what `_revinclude` accepts in a search for a type: each reference that may lead to it."""
    return [f"{row.resource_type}:{row.name}" for row in _references(fhir_version) if resource_type in row.targets]


def _references(fhir_version: str) -> Iterator[SearchParameter]:
    for resource_type in ROWS:
        yield from (row for row in parameters_of(resource_type, fhir_version).values() if row.type == "reference")


def search_parameter_resources(fhir_version: str) -> list[dict[str, Any]]:
    """Return the SearchParameter resources of the parameters that are ours and not HL7's."""
    rows = (row for resource_type in ROWS for row in parameters_of(resource_type, fhir_version).values())
    return [_resource(row, fhir_version) for row in rows if row.is_own]


def _resource(row: SearchParameter, fhir_version: str) -> dict[str, Any]:
    expression, xpath = _EXPRESSIONS[fhir_version, row.name]
    usage = {"xpath": xpath, "xpathUsage": "normal"} if xpath else {"processingMode": "normal"}
    return {
        "resourceType": "SearchParameter",
        "id": f"{row.resource_type}-{row.name}",
        "url": row.definition,
        "version": DEFINITION_VERSION,
        "name": f"{row.resource_type}{row.name.title()}",
        "status": "active",
        "experimental": False,
        "date": DEFINITION_DATE,
        "publisher": "icdref",
        "description": row.documentation,
        "code": row.name,
        "base": [row.resource_type],
        "type": row.type,
        "expression": expression,
        **usage,
        "multipleOr": True,
        "multipleAnd": True,
        "modifier": list(row.modifiers),
    }
