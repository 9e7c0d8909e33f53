"""The publish-time validator: what fhir.resources does not see in a resource of ours.

fhir.resources checks the shape and lets through 17 of 24 planted faults (measured): codes outside required bindings,
broken invariants, scripts in narratives, bad URIs, empty arrays, nulls. `check_resource` looks for exactly those and
leaves the shape to `parse_with_fhir_resources`; the compiler and the tests run both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from icdref.fhir.bindings import NARRATIVE_STATUS, REFERENCE_TARGETS, required_binding
from icdref.fhir.canonical import extension_url
from icdref.fhir.elements import primitive_type
from icdref.fhir.invariants import (
    bundle_faults,
    composition_faults,
    extension_faults,
    identity_faults,
    include_faults,
    reference_faults,
    section_faults,
)
from icdref.fhir.narrative_check import narrative_faults
from icdref.fhir.primitives import PRIMITIVES, is_id
from icdref.fhir.walk import Element, walk

CodeExists = Callable[[str, str], bool]


def check_resource(resource: dict[str, Any], *, code_exists: CodeExists | None = None, fhir_version: str = "4.0") -> list[str]:
    """Return the faults of a resource and of everything in it, each beginning with its place; [] when there are none.

    `code_exists(system, code)` is asked for every Coding and for every code that a value set lists or filters by, except
    in match traces, which repeat what a client sent.
    """
    faults: list[str] = []
    traces: list[str] = []
    for each in walk(resource):
        faults += _value_faults(each, fhir_version)
        if isinstance(each.value, dict):
            faults += _element_faults(each, resource)
            if each.value.get("url") == extension_url("match-trace"):
                traces.append(each.shown)
            if "resourceType" in each.value:
                faults += _resource_faults(each.shown, each.value)
            if code_exists and not each.shown.startswith(tuple(traces)):
                faults += _code_faults(each, code_exists)
    return faults


def parse_with_fhir_resources(resource: dict[str, Any], fhir_version: str = "4.0") -> list[str]:
    """Return what the models of fhir.resources say is wrong with a resource, [] when they take it.

    R4 is read with the R4B classes: there are none for 4.0.1. The import takes a second, so it happens here; never call
    this while answering a GET.
    """
    package = import_module("fhir.resources" if fhir_version >= "5.0" else "fhir.resources.R4B")
    try:
        model = package.get_fhir_model_class(resource.get("resourceType", ""))
        model.model_validate_json(json.dumps(resource))
    except (LookupError, ValueError) as error:
        lines = [line.strip() for line in str(error).splitlines()]
        return [line for line in lines if line and not line.startswith("For further information")] or [repr(error)]
    return []


def _value_faults(each: Element, fhir_version: str) -> Iterator[str]:
    value = each.value
    if value is None:
        yield f"{each.shown}: is null"
    elif value in ("", [], {}) or (isinstance(value, str) and not value.strip()):
        yield f"{each.shown}: is empty"
    elif not isinstance(value, (dict, list)):
        allowed = required_binding(each.path, fhir_version)
        if allowed is not None and value not in allowed:
            yield f"{each.shown}: {value!r} is not one of {', '.join(sorted(allowed))}"
        type_ = "" if each.path == "Extension.url" else primitive_type(each.path, fhir_version)
        if type_ in PRIMITIVES and not PRIMITIVES[type_](value):
            yield f"{each.shown}: {value!r} is not a valid {type_}"


def _element_faults(each: Element, resource: dict[str, Any]) -> Iterator[str]:
    element = each.value
    if each.path == "Extension":
        yield from extension_faults(each.shown, element)
        yield from _extension_url_faults(each)
    elif each.path == "Composition.section":
        yield from section_faults(each.shown, element)
    elif each.path in ("ValueSet.compose.include", "ValueSet.compose.exclude"):
        yield from include_faults(each.shown, element)
    if "div" in element:
        if element.get("status") not in NARRATIVE_STATUS:
            yield f"{each.shown}.status: {element.get('status')!r} is not one of {', '.join(sorted(NARRATIVE_STATUS))}"
        yield from (f"{each.shown}.div: {fault}" for fault in narrative_faults(str(element["div"])))
    if isinstance(element.get("reference"), str):
        yield from reference_faults(f"{each.shown}.reference", element["reference"], resource)
        yield from _target_faults(each)


def _extension_url_faults(each: Element) -> Iterator[str]:
    """Yield a relative URL where it is not allowed: only parts of a complex extension have one."""
    url = each.value.get("url")
    is_part = ".extension[" in each.shown.rpartition(".extension[")[0]
    if isinstance(url, str) and not is_part and not PRIMITIVES["uri"](url):
        yield f"{each.shown}.url: {url!r} is not a valid uri"


def _target_faults(each: Element) -> Iterator[str]:
    allowed = REFERENCE_TARGETS.get(each.path)
    target = each.value["reference"].split("/_history/")[0].split("/")
    named = each.value.get("type")
    if len(target) >= 2:
        if allowed and target[-2] not in allowed:
            yield f"{each.shown}.reference: {target[-2]} is not one of {', '.join(sorted(allowed))}"
        if named and named != target[-2]:
            yield f"{each.shown}.type: {named!r} is not the type of {each.value['reference']!r}"


def _resource_faults(shown: str, resource: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a resource as a whole; a resource in another one is checked under its own name."""
    if "id" in resource and not is_id(resource["id"]):
        yield f"{shown}.id: {resource['id']!r} is not a valid id"
    yield from identity_faults(resource)
    if resource["resourceType"] == "Bundle":
        yield from bundle_faults(resource)
    elif resource["resourceType"] == "Composition":
        yield from composition_faults(resource)


def _code_faults(each: Element, code_exists: CodeExists) -> Iterator[str]:
    element = each.value
    if each.path == "ValueSet.compose.include" and isinstance(element.get("system"), str):
        codes = [listed.get("code", "") for listed in element.get("concept", [])]
        codes += [
            filter_.get("value", "")
            for filter_ in element.get("filter", [])
            if filter_.get("property") in ("concept", "code") and filter_.get("op") != "regex"
        ]
    elif isinstance(element.get("system"), str) and isinstance(element.get("code"), str):
        codes = [element["code"]]
    else:
        return
    for code in codes:
        if not code_exists(element["system"], code):
            yield f"{each.shown}: {code!r} is not a code of {element['system']}"
