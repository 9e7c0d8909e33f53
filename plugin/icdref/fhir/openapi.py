"""The FHIR interface in terms of OpenAPI: paths, parameters and bodies, all from the tables of operations and searches.

Both versions share a path, with the version as its parameter: what only R5 has is marked in its description.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from icdref.codes import ICD10CM
from icdref.fhir.elements import every_resource_type
from icdref.fhir.openapi_schemas import PRIMITIVE_SCHEMAS, reference
from icdref.fhir.operations import OPERATIONS, RESOURCE_TYPES, Operation, Parameter
from icdref.fhir.search_parameters import parameters_of, searchable_types

_BASE: Final = "/fhir/{version}"
_XML: Final = "application/fhir+xml"
_JSON: Final = "application/fhir+json"
_FORM: Final = "application/x-www-form-urlencoded"
_EXAMPLES: Final = {
    "code": ["M61.051", "M61.5", "m61569"],
    "system": [ICD10CM],
    "url": [ICD10CM, f"{ICD10CM}?fhir_vs=isa/M61"],
    "version": ["2026-04-01", "2026"],
    "date": ["2026-05-04"],
    "codeA": ["M61"],
    "codeB": ["M61.1"],
    "filter": ["heterotopic ossification"],
    "property": ["parent", "billable"],
    "displayLanguage": ["en"],
    "sourceCode": ["728.12"],
}
"""Values that show what a parameter is for."""
_SEARCH_EXAMPLES: Final = {
    "token": f"{ICD10CM}|M61.051",
    "date": "ge2026-01-01",
    "reference": "ValueSet/myositis-ossificans-traumatica-codes",
    "uri": "https://icdref.example.org/fhir/ValueSet/myositis-ossificans-traumatica-codes",
    "string": "ossification",
}
_PAGE: Final = (
    ("_count", "How many matches a page has, at most 1,000; 0 counts only.", {"type": "integer", "minimum": 0}),
    ("_offset", "How many matches to pass over.", {"type": "integer", "minimum": 0}),
    ("_sort", "Search parameters to order by, `-` before one for the other direction.", {"type": "string"}),
    ("_include", "Bring along what the matches refer to.", {"type": "string"}),
    ("_revinclude", "Bring along what refers to the matches.", {"type": "string"}),
    ("_has", "Reverse chaining.", {"type": "string"}),
    ("_total", "none, estimate or accurate.", {"type": "string", "enum": ["none", "estimate", "accurate"]}),
)
_SHAPING: Final = (
    ("_format", "json, xml or a media type; wins over Accept.", {"type": "string", "examples": ["json", "xml"]}),
    ("_pretty", "Indent the answer.", {"type": "boolean"}),
    ("_summary", "A part of a resource.", {"type": "string", "enum": ["true", "text", "data", "count", "false"]}),
    ("_elements", "Only these elements, comma-separated, and the mandatory ones.", {"type": "string"}),
)


def fhir_paths() -> dict[str, Any]:
    """Return every path below the FHIR bases."""
    paths: dict[str, Any] = {
        f"{_BASE}/metadata": {
            "get": _described(
                "metadata",
                "What this base can do",
                [
                    _query(
                        "mode",
                        "full, normative or terminology.",
                        {"type": "string", "enum": ["full", "normative", "terminology"]},
                    )
                ],
                "CapabilityStatement",
            )
        },
        _BASE: {"post": _described("batch", "Many requests in one", [], "Bundle", body=_body("Batch"))},
    }
    for name in sorted(searchable_types()):
        paths[f"{_BASE}/{name}"] = {"get": _described(f"search-{name}", f"Search {name}", _search(name), "Bundle")}
        form = {"content": {_FORM: {"schema": {"type": "object", "properties": _form(name)}}}}
        paths[f"{_BASE}/{name}/_search"] = {
            "post": _described(f"search-form-{name}", f"Search {name} by a form", [], "Bundle", body=form)
        }
    paths |= _reads()
    for operation in OPERATIONS:
        if operation.resource != "Resource":
            paths |= _operation_paths(operation)
    return paths


def _reads() -> dict[str, Any]:
    kinds = {"type": "string", "enum": sorted({*searchable_types(), "Organization", "TerminologyCapabilities"})}
    versioned = {"type": "string", "enum": ["Composition", "Library", "Provenance", "ValueSet"]}
    identifier = _path("id", "The id of the resource.", {"type": "string", "examples": ["myositis-ossificans-traumatica"]})
    every = {"type": "string", "enum": sorted(every_resource_type("4.0") & every_resource_type("5.0"))}
    version = _path("versionId", "The version of the resource.", {"type": "string", "examples": ["0.2.0"]})
    paging = [_query(*each) for each in _PAGE[:2]]
    since = [_query("_since", "Only versions since then.", {"type": "string", "examples": ["2026-01-01"]})]
    typed = _path("type", "The type of the resource.", versioned)
    paths = {
        "/{type}/{id}": ("read", "Read a resource", [_path("type", "The type of the resource.", kinds), identifier], "Resource"),
        "/{type}/{id}/_history/{versionId}": ("vread", "Read a version", [typed, identifier, version], "Resource"),
        "/{type}/{id}/_history": ("history", "The versions of a resource", [typed, identifier, *paging, *since], "Bundle"),
        "/{type}/_history": ("history-type", "The versions of all resources of a type", [typed, *paging, *since], "Bundle"),
    }
    found: dict[str, Any] = {
        _BASE + path: {"get": _described(name, title, parameters, answer)}
        for path, (name, title, parameters, answer) in paths.items()
    }
    found[f"{_BASE}/{{type}}/$validate"] = {
        "post": _described(
            "validate",
            "Validate a resource of any type",
            [_path("type", "The type of the resource.", every), _query("profile", "A profile.", {"type": "string"})],
            "OperationOutcome",
            body=_body("Validated"),
        )
    }
    return found


# --- operations --------------------------------------------------------------------------------------------------------


def _operation_paths(operation: Operation) -> dict[str, Any]:
    levels = {
        f"{_BASE}/${operation.name}": operation.system_level,
        f"{_BASE}/{operation.resource}/${operation.name}": operation.type_level,
        f"{_BASE}/{operation.resource}/{{id}}/${operation.name}": operation.instance_level,
    }
    return {path: _methods(operation, path) for path, there in levels.items() if there}


def _methods(operation: Operation, path: str) -> dict[str, Any]:
    level = "instance-" if "{id}" in path else ""
    identifier = [_path("id", "The id of the resource.", {"type": "string"})] if level else []
    found = {}
    inputs = [each for each in operation.inputs("5.0") if each.supported]
    for method in operation.methods:
        name = f"{level}{operation.id or operation.name}-{method.lower()}"
        parameters, body = list(identifier), None
        if method == "GET":
            parameters += [_input(each) for each in inputs if not each.must_be_posted]
        else:
            body = _parameters_body(inputs)
        answer = next((each.type for each in operation.parameters if each.name == "return" and each.use == "out"), "Parameters")
        found[method.lower()] = _described(name, operation.title, parameters, answer, body=body, text=operation.description)
    return found


def _input(parameter: Parameter) -> dict[str, Any]:
    schema = dict(PRIMITIVE_SCHEMAS.get(parameter.type, {"type": "string"}))
    if parameter.allowed:
        schema = {"type": "string", "enum": list(parameter.allowed)}
    elif examples := _EXAMPLES.get(parameter.name):
        schema["examples"] = examples
    if parameter.repeats:
        schema = {"type": "array", "items": schema}
    return _query(parameter.name, _meaning(parameter), schema)


def _meaning(parameter: Parameter) -> str:
    return ("R5 only. " if parameter.since >= "5.0" else "") + parameter.documentation


def _parameters_body(inputs: Iterable[Parameter]) -> dict[str, Any]:
    rows = [_row(each) for each in inputs] or [{"type": "object"}]
    schema = {
        "type": "object",
        "required": ["resourceType"],
        "properties": {"resourceType": {"const": "Parameters"}, "parameter": {"type": "array", "items": {"anyOf": rows}}},
    }
    # A body that is left out is a Parameters without any.
    return {"required": False, "content": {_JSON: {"schema": schema}, _XML: {"schema": {"type": "string"}}}}


def _row(parameter: Parameter) -> dict[str, Any]:
    if parameter.type in RESOURCE_TYPES:
        key, schema = "resource", reference(parameter.type)
    elif not parameter.type:
        key, schema = "part", {"type": "array", "items": reference("Part")}
    elif parameter.type in PRIMITIVE_SCHEMAS:
        key, schema = _value_key(parameter.type), PRIMITIVE_SCHEMAS[parameter.type]
        if parameter.allowed:
            schema = {"enum": list(parameter.allowed)}
    else:
        key, schema = _value_key(parameter.type), reference(parameter.type)
    return {
        "type": "object",
        "description": _meaning(parameter),
        "required": ["name", key],
        "properties": {"name": {"const": parameter.name}, key: schema},
    }


def _value_key(type_name: str) -> str:
    return f"value{type_name[0].upper()}{type_name[1:]}"


# --- searches ----------------------------------------------------------------------------------------------------------


def _rows(name: str) -> dict[str, tuple[str, str]]:
    """Return {parameter: (type, meaning)} of both versions."""
    rows: dict[str, tuple[str, str]] = {}
    for version in ("5.0", "4.0"):
        rows |= {each.name: (each.type, each.documentation) for each in parameters_of(name, version).values()}
    return rows


def _search(name: str) -> list[dict[str, Any]]:
    found = []
    for parameter, (kind, meaning) in _rows(name).items():
        schema: dict[str, Any] = {"type": "string"}
        if kind in _SEARCH_EXAMPLES:
            schema["examples"] = [_SEARCH_EXAMPLES[kind]]
        found.append(_query(parameter, f"{meaning} ({kind})", {"type": "array", "items": schema}))
    return [*found, *(_query(*each) for each in _PAGE)]


def _form(name: str) -> dict[str, Any]:
    return {parameter: {"type": "string", "description": meaning} for parameter, (_, meaning) in _rows(name).items()}


# --- the words of OpenAPI ----------------------------------------------------------------------------------------------


def _described(
    name: str, title: str, parameters: list[dict[str, Any]], answer: str, *, body: dict[str, Any] | None = None, text: str = ""
) -> dict[str, Any]:
    version = _path("version", "The FHIR version: R4 (4.0.1) or R5 (5.0.0).", {"type": "string", "enum": ["r4", "r5"]})
    content = {_JSON: {"schema": reference(answer)}, _XML: {"schema": {"type": "string"}}}
    outcome = {"description": "What was wrong", "content": {_JSON: {"schema": reference("OperationOutcome")}}}
    shaped: dict[str, Any] = {
        "operationId": f"fhir-{name}",
        "tags": ["FHIR"],
        "summary": title,
        **({"description": text} if text else {}),
        "parameters": [version, *parameters, *(_query(*each) for each in _SHAPING)],
        "responses": {"200": {"description": answer, "content": content}, "4XX": outcome},
    }
    return shaped | ({"requestBody": body} if body else {})


def _body(schema: str) -> dict[str, Any]:
    return {"required": True, "content": {_JSON: {"schema": reference(schema)}, _XML: {"schema": {"type": "string"}}}}


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _path(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return _query(name, description, schema) | {"in": "path", "required": True}
