"""The schemas of the OpenAPI description: as much of FHIR's types as a caller of an operation needs to see."""

from __future__ import annotations

from typing import Any, Final

_STRING: Final[dict[str, Any]] = {"type": "string"}
PRIMITIVE_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    **dict.fromkeys(("string", "code", "uri", "url", "canonical", "id", "markdown", "oid"), _STRING),
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "positiveInt": {"type": "integer", "minimum": 1},
    "unsignedInt": {"type": "integer", "minimum": 0},
    "date": {"type": "string", "examples": ["2026-05-04"]},
    "dateTime": {"type": "string", "examples": ["2026-05-04"]},
}
_OPERATORS: Final = (
    *("=", "is-a", "descendent-of", "is-not-a", "regex", "in", "not-in", "generalizes", "child-of", "descendent-leaf", "exists"),
)


def reference(name: str) -> dict[str, Any]:
    """Return the reference to a schema, by FHIR's name of the type where there is one."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})


def _list(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def _resource(type_name: str, /, **properties: Any) -> dict[str, Any]:
    return _object(("resourceType",), resourceType={"const": type_name}, **properties)


def schemas() -> dict[str, Any]:
    """Return every schema that the paths refer to."""
    clause = reference("Clause")
    canonical: dict[str, Any] = {"url": _STRING, "version": _STRING, "name": _STRING, "status": _STRING}
    concept = _object(("code",), code=_STRING, display=_STRING, concept=_list(reference("Concept")))
    system = _resource(
        "CodeSystem", **canonical, content=_STRING, caseSensitive={"type": "boolean"}, concept=_list(reference("Concept"))
    )
    compose = _object(("include",), include=_list(clause), exclude=_list(clause))
    request = _object(("method", "url"), method={"enum": ["GET", "HEAD", "POST"]}, url=_STRING, ifNoneMatch=_STRING)
    issue = _object(
        ("severity", "code"), severity=_STRING, code=_STRING, details=reference("CodeableConcept"), expression=_list(_STRING)
    )
    return {
        "Coding": _object(system=_STRING, version=_STRING, code=_STRING, display=_STRING),
        "CodeableConcept": _object(coding=_list(reference("Coding")), text=_STRING),
        "Quantity": _object(value={"type": "number"}, unit=_STRING, system=_STRING, code=_STRING),
        "Part": _object(("name",), name=_STRING, valueCode=_STRING, valueString=_STRING, valueBoolean={"type": "boolean"}),
        "Concept": concept,
        "Clause": _object(
            system=_STRING,
            version=_STRING,
            concept=_list(_object(("code",), code=_STRING, display=_STRING)),
            filter=_list(_object(("property", "op", "value"), property=_STRING, op={"enum": list(_OPERATORS)}, value=_STRING)),
            valueSet=_list(_STRING),
        ),
        "CodeSystem": system,
        "ValueSet": _resource("ValueSet", **canonical, compose=compose),
        "ConceptMap": _resource("ConceptMap", **canonical),
        "Parameters": _resource("Parameters", parameter=_list(reference("Part"))),
        "Bundle": _resource("Bundle", type=_STRING, total={"type": "integer"}, entry=_list({"type": "object"})),
        "Batch": _resource("Bundle", type={"const": "batch"}, entry=_list(_object(("request",), request=request))),
        "OperationOutcome": _resource("OperationOutcome", issue=_list(issue)),
        "CapabilityStatement": _resource("CapabilityStatement"),
        "Resource": _object(("resourceType",), resourceType=_STRING),
        "Validated": {"anyOf": [reference("ValueSet"), reference("CodeSystem"), reference("Parameters"), reference("Resource")]},
    }
