"""What a search asks for: each search parameter of a request, read into a condition on a resource.

`condition` turns a name (with modifier, chain or `_has`) and a value into one of the frozen classes below;
`search_match.py` turns a condition into a test. The conditions of a request are all to be met; the values of one condition
are alternatives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from icdref.fhir.search_parameters import SearchParameter, parameters_of, searchable_types
from icdref.fhir.search_values import Moment, Token, code_token, moment, split, token, unescape
from icdref.issues import IcdRefError, bad_parameter, unknown_search_parameter, unsupported_parameter

MAX_STEPS: Final = 4
"""A chain through every type held here has four steps; more would only cost time."""

UNKNOWN: Final = "unknown-search-parameter"
"""The detail of the one issue that a lenient search ignores."""

_TYPE: Final = re.compile(r"\A[A-Z][A-Za-z]{1,63}\Z")


@dataclass(frozen=True, slots=True)
class Missing:
    """The element is absent (`absent`) or present."""

    parameter: SearchParameter
    absent: bool


@dataclass(frozen=True, slots=True)
class Texts:
    """Strings, URIs and narratives, and the modifiers `text`, `in` and `not-in` of a token."""

    parameter: SearchParameter
    modifier: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Codes: equal, or `not`, or `above` or `below` in the hierarchy, or a member of a value set by the parameter's rule."""

    parameter: SearchParameter
    modifier: str
    values: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Composites:
    """Combinations of codes that must stand in the same element."""

    parameter: SearchParameter
    values: tuple[tuple[Token, ...], ...]


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates with prefixes."""

    parameter: SearchParameter
    values: tuple[Moment, ...]


@dataclass(frozen=True, slots=True)
class References:
    """References by id, type and id, or URL; `target` is the type that the modifier names."""

    parameter: SearchParameter
    target: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identifiers:
    """References that name their target by an identifier, whatever they lead to: the modifier `identifier`."""

    parameter: SearchParameter
    values: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """A reference to a resource that meets a condition; one branch for each type that it may lead to."""

    parameter: SearchParameter
    branches: tuple[tuple[str, Condition], ...]


@dataclass(frozen=True, slots=True)
class Reverse:
    """Something of the parameter's type refers to the resource and meets the condition: `_has`."""

    parameter: SearchParameter
    condition: Condition


Condition = Missing | Texts | Tokens | Composites | Dates | References | Identifiers | Chain | Reverse


@dataclass(frozen=True, slots=True)
class Asked:
    """A parameter as the client wrote it, and the FHIR version that it is read by."""

    name: str
    text: str
    fhir_version: str


def unknown(name: str, resource_type: str, known: Iterable[str]) -> IcdRefError:
    """Return the error for a parameter that does not exist; a lenient search ignores it."""
    return IcdRefError(unknown_search_parameter(name, resource_type, known))


def condition(resource_type: str, name: str, asked: Asked, steps: int = 0) -> Condition | None:
    """Return the condition that a parameter of a request states, None where its value is empty.

    `name` is the whole name at first, and what is left of it within a chain (`steps` deep).
    Raises IcdRefError for unknown names, modifiers that the parameter does not have, and malformed values.
    """
    if steps > MAX_STEPS:
        raise IcdRefError(bad_parameter(asked.name[:80], asked.text, f"a chain has at most {MAX_STEPS} steps"))
    if name.startswith("_has:"):
        return _reverse(resource_type, name, asked, steps)
    head, dot, rest = name.partition(".")
    plain, _, modifier = head.partition(":")
    known = parameters_of(resource_type, asked.fhir_version)
    parameter = known.get(plain)
    if parameter is None or (dot and parameter.type != "reference"):
        raise unknown(asked.name, resource_type, known)
    if not dot:
        return _plain(parameter, modifier, asked)
    targets = (modifier,) if modifier else parameter.targets
    branches = _branches(targets, rest, asked, steps, optional=not modifier)
    if not branches:
        raise unknown(asked.name, resource_type, known)
    stated = tuple((target, inner) for target, inner in branches if inner is not None)
    return Chain(parameter, stated) if stated else None


def _branches(
    targets: Iterable[str], rest: str, asked: Asked, steps: int, *, optional: bool
) -> list[tuple[str, Condition | None]]:
    """Return what the rest of a chain means for each target; an `optional` target that does not know it is left out."""
    branches: list[tuple[str, Condition | None]] = []
    for target in targets:
        if target not in searchable_types():
            continue
        try:
            branches.append((target, condition(target, rest, asked, steps + 1)))
        except IcdRefError as error:
            if error.issue.detail != UNKNOWN or not optional:
                raise
    return branches


def _reverse(resource_type: str, name: str, asked: Asked, steps: int) -> Condition | None:
    """Return the condition for `_has:Type:reference:rest`."""
    parts = name.split(":", 3)
    if len(parts) < 4 or parts[1] not in searchable_types():
        raise unknown(asked.name, resource_type, parameters_of(resource_type, asked.fhir_version))
    _, source, reference, rest = parts
    known = parameters_of(source, asked.fhir_version)
    parameter = known.get(reference)
    if parameter is None or parameter.type != "reference":
        raise unknown(asked.name, source, known)
    inner = condition(source, rest, asked, steps + 1)
    return None if inner is None else Reverse(parameter, inner)


def _plain(parameter: SearchParameter, modifier: str, asked: Asked) -> Condition | None:
    _check_modifier(parameter, modifier)
    pieces = [piece for piece in split(asked.text, ",") if piece.strip()]
    if not pieces:
        return None
    if modifier == "missing":
        return _missing(parameter, asked)
    if parameter.type in {"string", "uri", "special"} or modifier in {"text", "in", "not-in"}:
        return Texts(parameter, modifier, tuple(unescape(piece) for piece in pieces))
    if parameter.type == "date":
        return Dates(parameter, tuple(moment(asked.name, piece.strip()) for piece in pieces))
    if modifier == "identifier":
        return Identifiers(parameter, tuple(token(asked.name, piece) for piece in pieces))
    if parameter.type == "reference":
        return References(parameter, modifier, tuple(unescape(piece).strip() for piece in pieces))
    if parameter.type == "composite":
        return Composites(parameter, tuple(_combination(parameter, piece, asked) for piece in pieces))
    read = code_token if parameter.rule or modifier in {"above", "below"} else token
    return Tokens(parameter, modifier, tuple(read(asked.name, piece) for piece in pieces))


def _check_modifier(parameter: SearchParameter, modifier: str) -> None:
    """Refuse a modifier that the parameter does not have: FHIR forbids to ignore one, since it changes the meaning."""
    types = "type" in parameter.modifiers
    allowed = [name for name in parameter.modifiers if name != "type"]
    if not modifier or modifier in allowed or (types and _TYPE.match(modifier)):
        return
    names = [*allowed, *(parameter.targets if types else ())]
    known = [parameter.name, *(f"{parameter.name}:{name}" for name in names)]
    written = f"{parameter.name}:{modifier}"
    raise IcdRefError(unsupported_parameter(written, f"the search for {parameter.resource_type}", known))


def _missing(parameter: SearchParameter, asked: Asked) -> Missing:
    if asked.text not in {"true", "false"}:
        raise IcdRefError(bad_parameter(asked.name, asked.text, "with :missing, write true or false"))
    return Missing(parameter, asked.text == "true")


def _combination(parameter: SearchParameter, piece: str, asked: Asked) -> tuple[Token, ...]:
    parts = split(piece, "$")
    if len(parts) != len(parameter.components):
        shape = "$".join(component.removeprefix("value") for component in parameter.components)
        raise IcdRefError(bad_parameter(asked.name, piece, f"write {shape}, such as focus$M61.0"))
    return tuple(token(asked.name, part) for part in parts)
