"""Filters and text search over a code system held in memory.

Source: FHIR R5, filter-operator; the properties that every code system knows, declared or not, are those of HL7's
concept-properties.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from icdref.definitions import Coding, ConceptDefinition, PropertyContent
from icdref.service.systems.ordinals import Ordinals
from icdref.service.systems.patterns import whole_match

if TYPE_CHECKING:
    from icdref.service.systems.memory import MemorySystem

_CODES: Final = ("concept", "code")
_KIN: Final = ("parent", "child")
_VALUE_OPS: Final = ("=", "in", "not-in", "regex", "exists")


def select(system: MemorySystem, property_: str, op: str, value: str) -> Ordinals | None:
    """Return the concepts that a filter selects, None where the system does not know its property or operator."""
    if property_ in _CODES:
        placed = _by_place(system, op, value)
        if placed is not None:
            return placed
        return _by_text(system, op, value, lambda place: (system.concepts((place,))[0].code,))
    if property_ == "display":
        return _by_text(system, op, value, lambda place: (system.concepts((place,))[0].display,))
    if property_ in _KIN and op == "exists":
        kin = system.children if property_ == "child" else system.parents
        return _where(system, lambda place: bool(kin(place)) is (value == "true"))
    if property_ in _KIN and op in ("=", "in"):
        return _by_kin(system, property_, value)
    if property_ in ("inactive", "deprecated") and op in ("=", "in", "not-in"):
        return _by_state(system, property_, op, value)
    if property_ == "status":
        return _by_text(system, op, value, lambda place: _some(system.concepts((place,))[0].status))
    if property_ == "notSelectable":
        return _by_text(system, op, value, lambda place: _selectable(system, place))
    if system.declared(property_) is not None:
        return _by_text(system, op, value, lambda place: tuple(_text(each.value) for each in system.values(place, property_)))
    return None


def _by_place(system: MemorySystem, op: str, value: str) -> Ordinals | None:
    """Return what stands in a relation to a concept in the tree, None for another operator."""
    if op in ("=", "in", "not-in"):
        named = (value,) if op == "=" else tuple(part.strip() for part in value.split(","))
        listed = Ordinals.of(located.ordinal for code in named if (located := system.locate(code)))
        return listed if op != "not-in" else system.everything() - listed
    if op not in ("is-a", "descendent-of", "is-not-a", "child-of", "descendent-leaf", "generalizes"):
        return None
    found = system.locate(value)
    if found is None:
        return system.everything() if op == "is-not-a" else Ordinals()
    self_ = Ordinals.span(found.ordinal, found.ordinal + 1)
    if op == "child-of":
        return Ordinals.of(system.children(found.ordinal))
    if op == "generalizes":
        return self_ | system.ancestors(found.ordinal)
    below = system.descendants(found.ordinal)
    if op == "is-a":
        return self_ | below
    if op == "is-not-a":
        return system.everything() - (self_ | below)
    if op == "descendent-leaf":
        return Ordinals.of(place for place in below if not system.children(place))
    return below


def _by_text(system: MemorySystem, op: str, value: str, texts: Callable[[int], tuple[str, ...]]) -> Ordinals | None:
    """Return the concepts by texts of theirs: codes, displays or property values."""
    if op not in _VALUE_OPS:
        return None
    if op == "exists":
        return _where(system, lambda place: any(texts(place)) is (value == "true"))
    if op == "regex":
        fits = whole_match(value)
        return _where(system, lambda place: any(fits(text) for text in texts(place)))
    wanted = {part.strip() for part in value.split(",")} if op != "=" else {value}
    return _where(system, lambda place: any(text in wanted for text in texts(place)) is (op != "not-in"))


def _by_kin(system: MemorySystem, property_: str, value: str) -> Ordinals:
    found = [located.ordinal for part in value.split(",") if (located := system.locate(part.strip()))]
    kin = system.children if property_ == "parent" else system.parents
    return Ordinals.of(place for each in found for place in kin(each))


def _by_state(system: MemorySystem, property_: str, op: str, value: str) -> Ordinals:
    wanted = {part.strip() for part in value.split(",")}
    inactive = system.inactive()

    def state(place: int) -> str:
        if property_ == "inactive":
            return str(place in inactive).lower()
        return str(system.concepts((place,))[0].status in ("deprecated", "retired")).lower()

    return _where(system, lambda place: (state(place) in wanted) is (op != "not-in"))


def _selectable(system: MemorySystem, place: int) -> tuple[str, ...]:
    """Return what a concept says about being selectable, nothing where it says nothing."""
    return tuple(
        _text(each.value)
        for each in system.properties(place)
        if each.code in ("abstract", "not-selectable") or system.named(each.code, "notSelectable")
    )


def _where(system: MemorySystem, holds: Callable[[int], bool]) -> Ordinals:
    return Ordinals.of(place for place in range(len(system)) if holds(place))


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _text(value: PropertyContent) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.code if isinstance(value, Coding) else str(value)


def rating(concept: ConceptDefinition, text: str) -> int:
    """Return how well a text in lower case finds a concept: 100 for its code or display, 0 where it does not."""
    code, display = concept.code.lower(), concept.display.lower()
    if text in (code, display):
        return 100
    if code.startswith(text):
        return 90
    if display.startswith(text):
        return 80
    words = text.split()
    if all(any(part.startswith(word) for part in display.split()) for word in words):
        return 70
    if len(text) < 3:  # what is short is a beginning, never something inside a word
        return 0
    if text in code:
        return 60
    if text in display:
        return 50
    if any(text in each.value.lower() for each in concept.designations):
        return 40
    return 30 if text in concept.definition.lower() else 0
