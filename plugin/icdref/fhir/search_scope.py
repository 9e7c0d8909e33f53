"""What the tests of a search share: what they are made against, and the codes that stand in a resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from icdref.fhir.search_collection import Collection, Resource, TerminologyForSearch, elements_at
from icdref.fhir.search_values import Token

Test = Callable[[Resource], bool]


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


def equals(value: Token, found: Coded, terminology: TerminologyForSearch) -> bool:
    """Tell whether a code is the one searched for, whatever the spelling; a token without system fits any system."""
    if value.system is None:
        return found.code == value.code or bool(found.system and found.code == terminology.normalise(found.system, value.code)[1])
    if not value.system:
        return not found.system and found.code == value.code
    system, code = terminology.normalise(value.system, value.code)
    return system in {found.system, found.implied} and (not value.code or found.code == code)
