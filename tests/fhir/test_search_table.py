"""Every parameter of every type in both versions, with each of its modifiers and prefixes, lets something in and keeps
something out. The resources are made from the table's own paths, so a row cannot be added that this does not try."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pytest

from icdref import codes
from icdref.fhir.canonical import FHIR_VERSIONS
from icdref.fhir.search import Collection, parse_query, search
from icdref.fhir.search_parameters import SearchParameter, parameters_of, searchable_types
from icdref.fhir.search_values import PREFIXES

ICD = codes.ICD10CM
DAY = date(2026, 11, 22)
BASE = "https://ehr.example.net/fhir/r4"
PARENTS = {"M61.051": "M61.05", "M61.05": "M61.0", "M61.0": "M61", "M61.112": "M61.11", "M61.11": "M61.1", "M61.1": "M61"}
STEP = re.compile(r"(\w+)(?:\[(\w+)=([^\]]+)\])?(?:\.|\Z)")


class Tree:
    """A terminology of two branches; the value set `a-codes` has the first one, `b-codes` the second."""

    def normalise(self, system: str, code: str) -> tuple[str, str]:
        return codes.to_system(system), codes.normalise(code) or code

    def member(self, value_set_id: str, system: str, code: str) -> bool:
        return self.subsumes(system, {"a-codes": "M61.0", "b-codes": "M61.1"}[value_set_id], code)

    def subsumes(self, system: str, above: str, below: str) -> bool:
        while below and below != above:
            below = PARENTS.get(below, "")
        return system == ICD and below == above

    def defines(self, system: str, version: str, code: str) -> bool:
        return self.subsumes(system, {"1": "M61.0", "2": "M61.1"}.get(version, "none"), code)


class Asked(NamedTuple):
    """A query, and which of the resources a, b and c (the latter without the element) it finds."""

    query: str
    found: str


def build(path: str, value: Any) -> dict[str, Any]:
    """Return the elements of a path (its first alternative) around a value."""
    steps = list(STEP.finditer(path.split(" | ", maxsplit=1)[0]))
    for step in reversed(steps):
        if step[2]:
            value = {step[2]: step[3], **value}
        value = {step[1]: value}
    return value


def coded(code: str, text: str) -> dict[str, Any]:
    return {"coding": [{"system": ICD, "code": code, "display": text}]}


def reference(parameter: SearchParameter, name: str) -> dict[str, Any]:
    identifier = {"system": "urn:x", "value": f"number-{name}"}
    return {"reference": f"{(*parameter.targets, 'Organization')[0]}/{name}", "identifier": identifier}


def values(parameter: SearchParameter) -> tuple[Any, Any]:
    """Return the two values that the resources a and b have."""
    if parameter.rule in ("narrative", "content"):
        return "<div>Alpha &amp; <b>beta</b></div>", "<div>Gamma</div>"
    if parameter.type == "token" and "in" in parameter.modifiers:
        return coded("M61.05", "Alpha beta"), coded("M61.11", "Gamma")
    if parameter.type == "token" and "text" in parameter.modifiers:
        first, second = ({"system": "urn:x", "value": each, "type": {"text": each.title()}} for each in ("alpha", "gamma"))
        return first, second
    if parameter.type == "reference":
        return reference(parameter, "a"), reference(parameter, "b")
    return {
        "token": ("alpha", "gamma"),
        "string": ("Alpha beta", "Gamma"),
        "uri": ("https://x.example/a/b", "https://x.example/c"),
        "date": ("2026-08-14", "2024-01-01"),
    }[parameter.type]


def resource(parameter: SearchParameter, name: str, value: Any) -> dict[str, Any]:
    """Return a resource of the parameter's type with nothing but an id and, where there is one, a value at its path."""
    found: dict[str, Any] = {"resourceType": parameter.resource_type, "id": name}
    if parameter.name == "_id":
        return found
    if parameter.rule == "members":
        return found | {"id": f"{name}-codes"}
    if parameter.rule == "subject-members":
        return found | ({"subject": {"reference": f"ValueSet/{name}-codes"}} if value is not None else {})
    if parameter.rule == "concepts":
        return found | ({"url": ICD, "version": {"a": "1", "b": "2"}[name]} if value is not None else {})
    if parameter.rule == "content":
        return found | ({"note": [{"text": value}]} if value is not None else {})
    if parameter.type == "composite":
        code = {"a": "M61.05", "b": "M61.11"}.get(name)
        parts = [
            build(path, concept) for path, concept in zip(parameter.components, (kind(), coded(code or "", "")), strict=True)
        ]
        return found | ({parameter.path: [parts[0] | parts[1]]} if code else {})
    return found | (build(parameter.path, value) if value is not None else {})


def kind() -> dict[str, Any]:
    return {"system": "http://terminology.hl7.org/CodeSystem/usage-context-type", "code": "focus"}


def asked(parameter: SearchParameter) -> Iterator[Asked]:
    """Yield what to ask by a parameter: plain, with each modifier, with each prefix."""
    name = parameter.name
    if parameter.type == "date":
        expected = {"eq": "a", "ne": "b", "gt": "a", "ge": "a", "lt": "b", "le": "b", "sa": "a", "eb": "b", "ap": "a"}
        written = {"eq": "2026-08-14", "ne": "2026-08", "ge": "2026-08-14", "le": "2024-01-01", "ap": "2026-08-20"}
        assert expected.keys() == set(PREFIXES)
        yield from (Asked(f"{name}={prefix}{written.get(prefix, '2025')}", found) for prefix, found in expected.items())
        yield Asked(f"{name}=2026", "a")
    else:
        yield from plain(parameter)
    for modifier in parameter.modifiers:
        yield from modified(parameter, modifier)


def plain(parameter: SearchParameter) -> Iterator[Asked]:
    name = parameter.name
    if name == "_id":
        yield Asked("_id=a", "a")
    elif parameter.rule in ("members", "subject-members", "concepts"):
        yield from (Asked(f"{name}={code}", "a") for code in ("M61.051", f"{ICD}|m61051"))
    elif parameter.rule:
        yield Asked(f"{name}=alpha & BETA", "a")
    elif parameter.type == "composite":
        yield Asked(f"{name}=focus${ICD}|M61.05", "a")
        yield Asked(f"{name}=user${ICD}|M61.05,focus$M6111", "b")
    elif parameter.type == "reference":
        yield Asked(f"{name}=a", "a")
        yield Asked(f"{name}={reference(parameter, 'a')['reference']},{BASE}/{reference(parameter, 'b')['reference']}", "ab")
    elif parameter.type == "token" and "in" in parameter.modifiers:
        yield from (Asked(f"{name}={code}", "a") for code in ("M6105", f"{ICD}|M61.05"))
        yield Asked(f"{name}={ICD}|", "ab")
        yield Asked(f"{name}=|M61.05", "")
    elif parameter.type == "token":
        yield Asked(f"{name}=alpha", "a")
        yield Asked(f"{name}=alpha,gamma", "ab")
    elif parameter.type == "string":
        yield Asked(f"{name}=ALPHA", "a")
        yield Asked(f"{name}=beta", "")
    else:
        yield Asked(f"{name}=https://x.example/a/b", "a")


def modified(parameter: SearchParameter, modifier: str) -> Iterator[Asked]:
    name = f"{parameter.name}:{modifier}"
    own = (*parameter.targets, "Organization")[0]
    token = "M61.051" if parameter.rule else "a" if parameter.name == "_id" else "alpha"
    others = "b" if parameter.rule == "members" else "bc"
    match modifier:
        case "missing":
            yield from (Asked(f"{name}=true", "c"), Asked(f"{name}=false", "ab"))
        case "not" if "in" in parameter.modifiers:
            yield Asked(f"{name}=M61.05", "bc")
        case "not":
            yield Asked(f"{name}={token}", others)
        case "text":
            yield Asked(f"{name}=alph", "a")
        case "in" | "not-in":
            for value in ("a-codes", "ValueSet/a-codes", "https://icdref.example.org/fhir/ValueSet/a-codes"):
                yield Asked(f"{name}={value}", "a" if modifier == "in" else "bc")
        case "above" | "below" if parameter.type == "token":
            yield Asked(f"{name}={ICD}|{'M61.051' if modifier == 'above' else 'M61.0'}", "a")
        case "above":
            yield Asked(f"{name}=https://x.example/a/b/d", "a")
        case "below":
            yield from (Asked(f"{name}=https://x.example/a", "a"), Asked(f"{name}=https://x.example", "ab"))
        case "exact":
            yield from (Asked(f"{name}=Alpha beta", "a"), Asked(f"{name}=Alpha", ""), Asked(f"{name}=alpha beta", ""))
        case "contains":
            yield Asked(f"{name}=BETA", "a")
        case "type":
            yield from (Asked(f"{parameter.name}:{own}=a", "a"), Asked(f"{parameter.name}:Patient=a", ""))
        case "identifier":
            yield from (Asked(f"{name}={value}", "a") for value in ("urn:x|number-a", "number-a"))
        case _:
            raise AssertionError(f"{name}: nothing tries this modifier")


EVERY = [
    pytest.param(parameter, version, id=f"{version}-{type_}-{parameter.name}")
    for version in FHIR_VERSIONS
    for type_ in searchable_types()
    for parameter in parameters_of(type_, version).values()
]


@pytest.mark.parametrize(("parameter", "version"), EVERY)
def test_every_parameter_lets_in_and_keeps_out(parameter: SearchParameter, version: str) -> None:
    first, second = values(parameter) if parameter.type != "composite" else ("", "")
    made = [resource(parameter, "a", first), resource(parameter, "b", second)]
    if parameter.rule != "members":
        made.append(resource(parameter, "c", None))
    ours = {each["id"] for each in made}
    value_sets = [
        {"resourceType": "ValueSet", "id": each, "url": f"https://icdref.example.org/fhir/ValueSet/{each}"}
        for each in {"a-codes", "b-codes"} - ours
    ]
    collection = Collection([*made, *value_sets], DAY)
    tried = list(asked(parameter))
    assert any(0 < len(each.found) < len(made) for each in tried), "nothing was both let in and kept out"
    for each in tried:
        pairs = parse_qsl(each.query.replace("&", "%26"), keep_blank_values=True)
        query = parse_query(parameter.resource_type, pairs, strict=True, fhir_version=version, base=BASE)
        found = search(query, collection, Tree())
        assert {match["id"][0] for match in found.matches if match["id"] in ours} == set(each.found), each
