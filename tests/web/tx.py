"""Terminology that requests of the tests bring along, and short ways to ask about it."""

from __future__ import annotations

import json
from typing import Any

from icdref.codes import ICD10CM
from icdref.fhir.operations.evaluation import COURTESIES, EXPANSION_FLAGS, LANGUAGE, PROPERTY, VALIDATION_FLAGS, VERSIONS
from tests.web.client import Client, Reply

S = "http://example.org/CodeSystem/sites"
"""A code system with a tree, groupers, an inactive and a deprecated concept, and texts in German."""

FLAT = "http://example.org/CodeSystem/flat"
V = "http://example.org/ValueSet/sites"


WORDS = frozenset(
    {
        *("url", "version", "status", "experimental", "language", "content", "caseSensitive", "property", "filter", "concept"),
        *("code", "display", "definition", "designation", "extension", "value", "valueBoolean", "valueCode", "use", "system"),
        *("compose", "include", "exclude", "inactive", "lockedDate", "valueSet", "op", "expansion", "contains", "contained"),
        *("supplements", "hierarchyMeaning", "versionNeeded", "versionAlgorithmString", "versionAlgorithmCoding", "resourceType"),
    }
)
"""Names of elements, to be spoilt."""


def shared_samples() -> dict[str, Any]:
    """Return a value for each parameter that the operations of the terminology engine share, where a URL can carry it."""
    every = (*VERSIONS, LANGUAGE, PROPERTY, *EXPANSION_FLAGS, *VALIDATION_FLAGS, *COURTESIES)
    kinds = {"boolean": False, "integer": 5, "canonical": f"{ICD10CM}|2026-04-01", "code": "en"}
    return {each.name: kinds.get(each.type, "x") for each in every}


def concept(code: str, display: str = "", *below: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a concept; `de` is a German designation, other words are properties."""
    made: dict[str, Any] = {"code": code}
    if display:
        made["display"] = display
    if german := more.pop("de", ""):
        made["designation"] = [{"language": "de", "value": german}]
    if definition := more.pop("definition", ""):
        made["definition"] = definition
    if extension := more.pop("extension", None):
        made["extension"] = extension
    properties = [{"code": key, _key(value): value} for key, value in more.items()]
    if properties:
        made["property"] = properties
    if below:
        made["concept"] = list(below)
    return made


def _key(value: Any) -> str:
    return {bool: "valueBoolean", int: "valueInteger", str: "valueCode"}[type(value)]


def code_system(url: str = S, *concepts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a CodeSystem resource; without concepts the tree of sites."""
    return {
        "resourceType": "CodeSystem",
        "url": url,
        "version": "1.0.0",
        "name": "Sites",
        "status": "active",
        "content": "complete",
        "caseSensitive": True,
        "language": "en",
        "property": [
            {"code": "notSelectable", "uri": "http://hl7.org/fhir/concept-properties#notSelectable", "type": "boolean"},
            {"code": "status", "uri": "http://hl7.org/fhir/concept-properties#status", "type": "code"},
            {"code": "side", "type": "code"},
        ],
        "concept": list(concepts) or sites(),
    } | more


def sites() -> list[dict[str, Any]]:
    """Return the concepts of the tree of sites."""
    return [
        concept(
            "limb",
            "Limb",
            concept(
                "arm",
                "Arm",
                concept("hand", "Hand", de="Hand (de)", side="both"),
                concept("elbow", "Elbow", side="left"),
                de="Arm (de)",
            ),
            concept("leg", "Leg", concept("knee", "Knee", status="retired"), concept("hip", "Hip", status="deprecated")),
            notSelectable=True,
        ),
        concept("trunk", "Trunk", de="Rumpf", definition="What limbs are attached to"),
    ]


def standards(status: str) -> dict[str, Any]:
    """Return the extension that gives a resource or concept a standards status."""
    return {"url": "http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status", "valueCode": status}


def value_set(*include: dict[str, Any], url: str = V, exclude: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """Return a ValueSet resource; without includes, of all sites."""
    compose: dict[str, Any] = {"include": list(include) or [{"system": S}]}
    if exclude:
        compose["exclude"] = exclude
    if "inactive" in more:
        compose["inactive"] = more.pop("inactive")
    return {
        "resourceType": "ValueSet",
        "url": url,
        "version": "5",
        "name": "SiteSet",
        "status": "active",
        "compose": compose,
    } | more


def is_a(code: str, system: str = S, op: str = "is-a", property_: str = "concept") -> dict[str, Any]:
    """Return an include with one filter."""
    return {"system": system, "filter": [{"property": property_, "op": op, "value": code}]}


def listed(*codes: str, system: str = S, **more: Any) -> dict[str, Any]:
    """Return an include that lists codes."""
    return {"system": system, "concept": [{"code": code} for code in codes]} | more


def row(name: str, value: Any) -> dict[str, Any]:
    """Return one parameter; resources go where they belong."""
    if isinstance(value, dict) and "resourceType" in value:
        return {"name": name, "resource": value}
    if isinstance(value, dict):
        return {"name": name, "valueCodeableConcept" if "coding" in value or "text" in value else "valueCoding": value}
    kinds: dict[type, str] = {bool: "valueBoolean", int: "valueInteger", str: "valueString"}
    return {"name": name, kinds[type(value)]: value}


def parameters(brought: list[dict[str, Any]], **given: Any) -> dict[str, Any]:
    """Return a Parameters resource; `_` in names stands for `-`, lists repeat a parameter."""
    rows = [row("tx-resource", each) for each in brought]
    for key, value in given.items():
        name = key if key in ("valueSet", "codeSystem") else key.replace("_", "-")
        rows += [row(name, each) for each in (value if isinstance(value, list) else [value])]
    return {"resourceType": "Parameters", "parameter": rows}


def sent(body: dict[str, Any]) -> bytes:
    """Return a body as it is sent."""
    return json.dumps(body).encode()


def ask(client: Client, operation: str, *brought: dict[str, Any], status: int = 200, headers: Any = None, **given: Any) -> Reply:
    """Return the checked answer of a POSTed operation that brings resources along."""
    body = parameters(list(brought), **given)
    return client.ask(f"{client.base}/{operation}", "POST", body, status=status, headers=headers)


def expand(client: Client, set_: dict[str, Any], *brought: dict[str, Any], status: int = 200, **given: Any) -> Reply:
    """Return the expansion of a value set over the sites, or what is brought instead."""
    return ask(client, "ValueSet/$expand", *(brought or (code_system(),)), status=status, valueSet=set_, **given)


def check(client: Client, set_: dict[str, Any], *brought: dict[str, Any], status: int = 200, **given: Any) -> Reply:
    """Return the validation of a value against a value set."""
    return ask(client, "ValueSet/$validate-code", *(brought or (code_system(),)), status=status, valueSet=set_, **given)


def in_system(client: Client, *brought: dict[str, Any], status: int = 200, **given: Any) -> Reply:
    """Return the validation of a value against a code system."""
    return ask(client, "CodeSystem/$validate-code", *(brought or (code_system(),)), status=status, **given)


def codes(reply: Reply) -> list[str]:
    """Return the codes of an expansion, those of a tree in its order."""
    return [each["code"] for each in members(reply)]


def members(reply: Reply) -> list[dict[str, Any]]:
    """Return all rows of an expansion."""
    found: list[dict[str, Any]] = []
    waiting = list(reply.json["expansion"].get("contains", []))[::-1]
    while waiting:
        each = waiting.pop()
        found.append(each)
        waiting += each.get("contains", [])[::-1]
    return found


def said(reply: Reply) -> dict[str, list[Any]]:
    """Return the parameters of an expansion: {name: values}."""
    found: dict[str, list[Any]] = {}
    for each in reply.json["expansion"].get("parameter", []):
        found.setdefault(each["name"], []).append(next(value for key, value in each.items() if key.startswith("value")))
    return found


def issues(reply: Reply) -> list[tuple[str, str, str, str, str]]:
    """Return (severity, code, tx-issue-type, expression, text) of every issue."""
    outcome = reply.value("issues") if reply.json["resourceType"] == "Parameters" else reply.json
    return [
        (
            each["severity"],
            each["code"],
            each["details"].get("coding", [{"code": ""}])[0]["code"],
            ",".join(each.get("expression", [])),
            each["details"]["text"],
        )
        for each in (outcome["issue"] if outcome else [])
    ]
