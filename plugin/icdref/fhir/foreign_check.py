"""What is wrong with a resource that a client sent: its shape first, then its values.

The models of fhir.resources check the shape; they are loaded at the first use, which takes a second, and never for a GET.
What they say about a fault is said here in our words, because theirs repeat the value and the names of Python types.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import orjson

from icdref.codes import ICD10CM, to_system
from icdref.fhir.validation import check_resource
from icdref.fhir.walk import walk

_STANDARD: Final = "http://hl7.org/fhir/StructureDefinition"
_MOST_FAULTS: Final = 100
_WORDS: Final = {
    "missing": "is mandatory and was not sent",
    "extra_forbidden": "is not an element of FHIR at this place",
    "list_type": "must be a list",
    "string_type": "must be a string",
    "model_validation_format": "must be an object",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "value_error": "does not have the form that FHIR gives to values of its type",
}
_OTHER: Final = "does not have the shape that FHIR gives it"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: how bad it is, where, and what is wrong there."""

    severity: str
    expression: str
    text: str


def is_wrapper(resource: dict[str, Any]) -> bool:
    """Tell whether a body is the input of `$validate` rather than the resource itself."""
    rows = resource.get("parameter")
    is_parameters = resource.get("resourceType") == "Parameters" and isinstance(rows, list)
    return is_parameters and any(isinstance(row, dict) and row.get("name") == "resource" for row in rows or ())


def type_of_resource(resource: dict[str, Any]) -> str:
    """Return the type that a resource says it has, '' where it says none."""
    named = resource.get("resourceType")
    return named if isinstance(named, str) else ""


def knows_profile(profile: str, resource_type: str) -> bool:
    """Tell whether a profile is the definition of the type itself, which is what is checked against.

    >>> knows_profile("http://hl7.org/fhir/StructureDefinition/Condition", "Condition")
    True
    """
    return profile.partition("|")[0] == f"{_STANDARD}/{resource_type}"


def foreign_faults(resource: dict[str, Any], fhir_version: str) -> list[Fault]:
    """Return the faults of a resource, at most a hundred; the values are looked at only where the shape is right."""
    faults = list(_shape_faults(resource, fhir_version))[:_MOST_FAULTS]
    if faults:
        return faults
    for line in check_resource(resource, fhir_version=fhir_version)[:_MOST_FAULTS]:
        place, _, text = line.partition(": ")
        # FHIR lets a uri be relative; we never write one, so our own check is stricter than the standard.
        faults.append(Fault("warning" if text.endswith("a valid uri") else "error", place, text))
    return faults


def _shape_faults(resource: dict[str, Any], fhir_version: str) -> Iterator[Fault]:
    named = type_of_resource(resource)
    package = import_module("fhir.resources" if fhir_version >= "5.0" else "fhir.resources.R4B")
    try:
        package.get_fhir_model_class(named).model_validate_json(orjson.dumps(resource))
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        if not hasattr(error, "errors"):
            # The validators fail in many ways at what they do not expect, an unknown type inside another resource for one.
            yield Fault("error", named, f"The resource {_OTHER}")
            return
        for each in error.errors(include_input=False, include_url=False, include_context=False):
            place = _place(named, each["loc"])
            yield Fault("error", place, f"{place.rpartition('.')[2]} {_WORDS.get(each['type'], _OTHER)}")


def _place(named: str, parts: tuple[int | str, ...]) -> str:
    """Return a place as FHIRPath.

    >>> _place("Condition", ("code", "coding", 0, "code"))
    'Condition.code.coding[0].code'
    """
    steps = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts if part != "root"]
    return named + "".join(steps)


def icd_codings(resource: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (place, Coding) of every Coding of ICD-10-CM that has a code."""
    for each in walk(resource):
        value = each.value
        if not isinstance(value, dict):
            continue
        system, code = value.get("system"), value.get("code")
        if isinstance(system, str) and isinstance(code, str) and to_system(system) == ICD10CM:
            yield each.shown, value
