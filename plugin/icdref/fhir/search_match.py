"""From a condition to a test on one resource: how each type of search parameter compares.

A test is built once per search, so that a chain or `_has` is answered once and not for each resource.
Source: HL7 FHIR R4, section 3.1.1.4 (search parameter types and modifiers).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from icdref.codes import ICD10CM
from icdref.fhir.search_collection import Key, Resource, elements_at, key_of
from icdref.fhir.search_conditions import (
    Chain,
    Composites,
    Condition,
    Dates,
    Identifiers,
    Missing,
    References,
    Reverse,
    Texts,
    Tokens,
)
from icdref.fhir.search_parameters import SearchParameter
from icdref.fhir.search_scope import Coded, Scope, Test, coded_at, equals
from icdref.fhir.search_texts import text_test, uri_test
from icdref.fhir.search_values import Span, Token, date_span
from icdref.issues import IcdRefError, bad_parameter


def to_test(condition: Condition, scope: Scope) -> Test:
    """Return the test that a resource passes when it meets the condition."""
    match condition:
        case Missing():
            return lambda resource: condition.absent is not bool(elements_at(resource, condition.parameter.path))
        case Tokens():
            return _TOKEN_TESTS[condition.parameter.rule](condition, scope)
        case Texts(modifier="in" | "not-in"):
            return _value_set_test(condition, scope)
        case Texts():
            return uri_test(condition) if condition.parameter.type == "uri" else text_test(condition)
        case Dates():
            today = scope.collection.day
            return lambda resource: any(
                value.accepts(span, today) for span in spans_of(resource, condition.parameter) for value in condition.values
            )
        case References():
            return _reference_test(condition, scope)
        case Identifiers():
            return _identifier_test(condition, scope)
        case Composites():
            return _composite_test(condition, scope)
        case Chain():
            return _chain_test(condition, scope)
        case Reverse():
            return _reverse_test(condition, scope)


# --- codes -----------------------------------------------------------------------------------------------------------


def _token_test(condition: Tokens, scope: Scope) -> Test:
    parameter, terminology = condition.parameter, scope.terminology

    def fits(value: Token, found: Coded) -> bool:
        if condition.modifier not in {"above", "below"}:
            return equals(value, found, terminology)
        system, code = terminology.normalise(value.system or ICD10CM, value.code)
        if system != found.system or not found.code:
            return False
        above, below = (found.code, code) if condition.modifier == "above" else (code, found.code)
        return above == below or terminology.subsumes(system, above, below)

    def test(resource: Resource) -> bool:
        codes = list(coded_at(resource, parameter.path, parameter.implied_system))
        hit = any(fits(value, found) for found in codes for value in condition.values)
        return hit is not (condition.modifier == "not")

    return test


def _member_test(condition: Tokens, scope: Scope) -> Test:
    """Return the test whether a code is in the value set that a resource is, or in the one that is its subject."""
    terminology, parameter = scope.terminology, condition.parameter
    # The members of a value set are codes without a system of their own in FHIR's definition, so `|M61.0` and `M61.0` ask
    # for the same; ICD-10-CM is what our value sets are about.
    asked = [terminology.normalise(value.system or ICD10CM, value.code) for value in condition.values]

    def value_sets(resource: Resource) -> list[str]:
        if parameter.rule == "members":
            return [resource["id"]]
        return [key.id for key, _ in references_of(resource, parameter, scope) if key.type == "ValueSet"]

    def test(resource: Resource) -> bool:
        hit = any(terminology.member(name, system, code) for name in value_sets(resource) for system, code in asked)
        return hit is not (condition.modifier == "not")

    return test


def _concept_test(condition: Tokens, scope: Scope) -> Test:
    """Return the test whether the release of a code system that a resource is has a code."""
    terminology = scope.terminology

    def test(resource: Resource) -> bool:
        own = resource.get("url", "")
        asked = [terminology.normalise(value.system or own, value.code) for value in condition.values]
        hit = any(system == own and terminology.defines(system, resource.get("version", ""), code) for system, code in asked)
        return hit is not (condition.modifier == "not")

    return test


_TOKEN_TESTS: Final[dict[str, Callable[[Tokens, Scope], Test]]] = {
    "": _token_test,
    "members": _member_test,
    "subject-members": _member_test,
    "concepts": _concept_test,
}
"""How the codes of a parameter are compared, by its rule."""


def _value_set_test(condition: Texts, scope: Scope) -> Test:
    """Return the test for `:in` and `:not-in`, whose value names a value set by id, by `ValueSet/id` or by canonical URL."""
    wanted: list[str] = []
    for value in condition.values:
        key, _ = scope.collection.locate(value if "/" in value or ":" in value else f"ValueSet/{value}", scope.base)
        if key.type != "ValueSet" or scope.collection.get(key) is None:
            raise IcdRefError(
                bad_parameter(
                    f"{condition.parameter.name}:{condition.modifier}", value, "name a value set of this server by its url"
                )
            )
        wanted.append(key.id)

    def test(resource: Resource) -> bool:
        codes = (found for found in coded_at(resource, condition.parameter.path) if found.code)
        hit = any(scope.terminology.member(name, found.system, found.code) for found in codes for name in wanted)
        return hit is not (condition.modifier == "not-in")

    return test


def _composite_test(condition: Composites, scope: Scope) -> Test:
    """Return the test whether one element holds all parts of a combination."""
    parameter = condition.parameter

    def fits(element: Any, parts: tuple[Token, ...]) -> bool:
        return all(
            any(equals(part, found, scope.terminology) for found in coded_at(element, path))
            for part, path in zip(parts, parameter.components, strict=True)
        )

    return lambda resource: any(
        fits(element, parts) for element in elements_at(resource, parameter.path) for parts in condition.values
    )


# --- dates ------------------------------------------------------------------------------------------------------------


def spans_of(resource: Resource, parameter: SearchParameter) -> list[Span]:
    """Return the dates of a resource as stretches of time."""
    found = (date_span(text) for text in elements_at(resource, parameter.path))
    return [span for span in found if span is not None]


# --- references ------------------------------------------------------------------------------------------------------


def references_of(resource: Resource, parameter: SearchParameter, scope: Scope) -> list[tuple[Key, str]]:
    """Return what the references of a resource lead to, each with the version it names ('' none)."""
    found = elements_at(resource, parameter.path)
    texts = (element.get("reference", "") if isinstance(element, dict) else element for element in found)
    return [scope.collection.locate(text, scope.base) for text in texts if text]


def _reference_test(condition: References, scope: Scope) -> Test:
    """Return the test for references; a value is an id, `Type/id` with or without a version, or a URL."""
    bare = [value for value in condition.values if "/" not in value and ":" not in value]
    located = [scope.collection.locate(value, scope.base) for value in condition.values if value not in bare]

    def fits(key: Key, version: str) -> bool:
        if condition.target not in {"", key.type}:
            return False
        return (bool(key.type) and key.id in bare) or any(key == wanted and asked in {"", version} for wanted, asked in located)

    return lambda resource: any(fits(key, version) for key, version in references_of(resource, condition.parameter, scope))


def _identifier_test(condition: Identifiers, scope: Scope) -> Test:
    def found(resource: Resource) -> Iterator[Coded]:
        for element in elements_at(resource, condition.parameter.path):
            yield from coded_at(element, "identifier")

    return lambda resource: any(equals(value, each, scope.terminology) for each in found(resource) for value in condition.values)


def _chain_test(condition: Chain, scope: Scope) -> Test:
    targets = {key_of(found) for type_, inner in condition.branches for found in _passing(type_, inner, scope)}
    return lambda resource: any(key in targets for key, _ in references_of(resource, condition.parameter, scope))


def _reverse_test(condition: Reverse, scope: Scope) -> Test:
    parameter = condition.parameter
    sources = _passing(parameter.resource_type, condition.condition, scope)
    wanted = {key for found in sources for key, _ in references_of(found, parameter, scope)}
    return lambda resource: key_of(resource) in wanted


def _passing(resource_type: str, condition: Condition, scope: Scope) -> list[Resource]:
    test = to_test(condition, scope)
    return [resource for resource in scope.collection.of_type(resource_type) if test(resource)]
