"""From a condition to a test on one resource: how each type of search parameter compares.

A test is built once per search, so that a chain or `_has` is answered once and not for each resource.
Source: HL7 FHIR R4, section 3.1.1.4 (search parameter types and modifiers).
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from icdref.codes import ICD10CM, to_system
from icdref.fhir.search_collection import (
    Collection,
    Key,
    Resource,
    TerminologyForSearch,
    business_versions,
    elements_at,
    key_of,
)
from icdref.fhir.search_conditions import (
    Chain,
    Composites,
    Condition,
    Dates,
    Missing,
    References,
    Reverse,
    Texts,
    Tokens,
)
from icdref.fhir.search_parameters import SearchParameter
from icdref.fhir.search_values import Span, Token, date_span, fold
from icdref.issues import IcdRefError, bad_parameter

Test = Callable[[Resource], bool]

_TAG: Final = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Scope:
    """What conditions are tested against."""

    collection: Collection
    terminology: TerminologyForSearch
    base: str = ""


@dataclass(frozen=True, slots=True)
class Coded:
    """A code found in a resource. `system` '' none; `implied` is the system of an element of type code; `texts` its names."""

    system: str
    code: str
    texts: tuple[str, ...] = ()
    implied: str = ""


def to_test(condition: Condition, scope: Scope) -> Test:
    """Return the test that a resource passes when it meets the condition."""
    match condition:
        case Missing():
            return lambda resource: condition.absent is not bool(elements_at(resource, condition.parameter.path))
        case Tokens() if condition.parameter.rule:
            return _member_test(condition, scope)
        case Tokens():
            return _token_test(condition, scope)
        case Texts(modifier="in"):
            return _value_set_test(condition, scope)
        case Texts() if condition.parameter.type == "uri":
            return _uri_test(condition)
        case Texts():
            return _text_test(condition)
        case Dates():
            return lambda resource: any(
                value.accepts(span) for span in spans_of(resource, condition.parameter) for value in condition.values
            )
        case References():
            return _reference_test(condition, scope)
        case Composites():
            return _composite_test(condition, scope)
        case Chain():
            return _chain_test(condition, scope)
        case Reverse():
            return _reverse_test(condition, scope)


# --- codes -----------------------------------------------------------------------------------------------------------


def coded_at(element: Any, path: str, implied: str = "") -> Iterator[Coded]:
    """Yield the codes at a path: of a CodeableConcept, a Coding, an Identifier, or of a plain code, string or boolean."""
    for found in elements_at(element, path):
        if not isinstance(found, dict):
            yield Coded("", str(found).lower() if isinstance(found, bool) else str(found), implied=implied)
        elif "value" in found:
            yield Coded(found.get("system", ""), found["value"], tuple(elements_at(found, "type.text")))
        elif "coding" in found or "text" in found:
            text = (found["text"],) if "text" in found else ()
            for coding in found.get("coding", [{}]):
                yield Coded(coding.get("system", ""), coding.get("code", ""), (*text, *elements_at(coding, "display")))
        else:
            yield Coded(found.get("system", ""), found.get("code", ""), tuple(elements_at(found, "display")))


def _equals(value: Token, found: Coded, terminology: TerminologyForSearch) -> bool:
    """Tell whether a code is the one searched for, whatever the spelling; a token without system fits any system."""
    if value.system is None:
        return found.code == value.code or bool(found.system and found.code == terminology.normalise(found.system, value.code)[1])
    if not value.system:
        return not found.system and found.code == value.code
    system, code = terminology.normalise(value.system, value.code)
    return system in {found.system, found.implied} and (not value.code or found.code == code)


def _token_test(condition: Tokens, scope: Scope) -> Test:
    parameter, terminology = condition.parameter, scope.terminology

    def fits(value: Token, found: Coded) -> bool:
        if condition.modifier not in {"above", "below"}:
            return _equals(value, found, terminology)
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


def _value_set_test(condition: Texts, scope: Scope) -> Test:
    """Return the test for `:in`, whose value names a value set by id, by `ValueSet/id` or by canonical URL."""
    wanted: list[str] = []
    for value in condition.values:
        key, _ = scope.collection.locate(value if "/" in value or ":" in value else f"ValueSet/{value}", scope.base)
        if key.type != "ValueSet" or scope.collection.get(key) is None:
            raise IcdRefError(
                bad_parameter(f"{condition.parameter.name}:in", value, "name a value set of this server by its url")
            )
        wanted.append(key.id)

    def test(resource: Resource) -> bool:
        codes = (found for found in coded_at(resource, condition.parameter.path) if found.code)
        return any(scope.terminology.member(name, found.system, found.code) for found in codes for name in wanted)

    return test


def _composite_test(condition: Composites, scope: Scope) -> Test:
    """Return the test whether one element holds all parts of a combination."""
    parameter = condition.parameter

    def fits(element: Any, parts: tuple[Token, ...]) -> bool:
        return all(
            any(_equals(part, found, scope.terminology) for found in coded_at(element, path))
            for part, path in zip(parts, parameter.components, strict=True)
        )

    return lambda resource: any(
        fits(element, parts) for element in elements_at(resource, parameter.path) for parts in condition.values
    )


# --- texts, URIs, dates ----------------------------------------------------------------------------------------------


def _text_test(condition: Texts) -> Test:
    """Return the test for strings: starts with, `contains` or `exact`; a narrative contains, without its markup."""
    parameter, modifier = condition.parameter, condition.modifier

    def texts(resource: Resource) -> Iterator[str]:
        if parameter.type == "token":
            for found in coded_at(resource, parameter.path):
                yield from found.texts
        elif parameter.rule == "narrative":
            yield from (html.unescape(_TAG.sub(" ", found)) for found in elements_at(resource, parameter.path))
        else:
            yield from elements_at(resource, parameter.path)

    if modifier == "exact":
        return lambda resource: any(text in condition.values for text in texts(resource))
    wanted = tuple(filter(None, (fold(value) for value in condition.values)))
    if modifier == "contains" or parameter.rule == "narrative":
        return lambda resource: any(value in fold(text) for text in texts(resource) for value in wanted)
    return lambda resource: any(fold(text).startswith(wanted) for text in texts(resource))


def _uri_test(condition: Texts) -> Test:
    """Return the test for URIs, `urn:oid:` forms of code systems included; a `url` may end in `|version`."""
    parameter, modifier = condition.parameter, condition.modifier

    def fits(value: str, found: str, versions: list[str]) -> bool:
        if modifier == "below":
            return _is_above(value, found)
        if modifier == "above":
            return _is_above(found, value)
        url, bar, version = value.rpartition("|") if parameter.name == "url" else ("", "", "")
        return found in {value, to_system(value)} or bool(bar and url == found and version in versions)

    def test(resource: Resource) -> bool:
        versions = business_versions(resource)
        uris = elements_at(resource, parameter.path)
        return any(fits(value, found, versions) for found in uris for value in condition.values)

    return test


def _is_above(above: str, below: str) -> bool:
    """Tell whether a URL is the other one or the beginning of it up to a whole path segment."""
    return above == below or below.startswith(above.rstrip("/") + "/")


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
