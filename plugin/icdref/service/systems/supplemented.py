"""A code system with supplements in effect: their designations, properties and extensions beside its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from icdref.definitions import CodeSystem, Coding, ConceptDefinition, Designation, Extension, PropertyValue
from icdref.expansions import Member
from icdref.issues import Issue
from icdref.service.systems.memory import MemorySystem
from icdref.service.systems.ordinals import Ordinals
from icdref.service.systems.protocol import ConceptFacts, Located, Ranked, System, SystemFacts

PREFERRED: Final = Coding(
    "http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra", "preferredForLanguage", display="Preferred For Language"
)
"""The use of a text that is a display."""


def is_brought(system: System) -> bool:
    """Tell whether a code system came with the request, whatever supplements it has."""
    return isinstance(system.base if isinstance(system, Supplemented) else system, MemorySystem)


class Supplemented:
    """What another system answers, with what supplements add; see `System` for each method."""

    def __init__(self, system: System, supplements: Sequence[CodeSystem]) -> None:
        self._system = system
        self._supplements = tuple(supplements)
        self._added: list[tuple[CodeSystem, dict[str, ConceptDefinition]]] = [
            (each, {concept.code: concept for concept in each.concepts}) for each in supplements
        ]

    @property
    def base(self) -> System:
        """Return the system without supplements."""
        return self._system

    @cached_property
    def facts(self) -> SystemFacts:
        """Return the facts of the system, with the properties that the supplements declare."""
        own = self._system.facts
        declared = {each.code: each for supplement in self._supplements for each in supplement.properties}
        declared |= {each.code: each for each in own.properties}
        return replace(own, properties=tuple(declared.values()), supplements=self._supplements)

    def _concepts_of(self, ordinal: int) -> list[tuple[CodeSystem, ConceptDefinition]]:
        code = self._system.concepts((ordinal,))[0].code
        return [(supplement, concepts[code]) for supplement, concepts in self._added if code in concepts]

    def designations(self, ordinal: int) -> tuple[Designation, ...]:
        """Return the designations of a concept, then the displays and designations that supplements add."""
        found = list(self._system.designations(ordinal))
        for supplement, concept in self._concepts_of(ordinal):
            source = supplement.header.canonical
            if concept.display:
                found.append(Designation(concept.display, supplement.header.language, PREFERRED, source))
            found += (replace(each, source=source) for each in concept.designations)
        return tuple(found)

    def properties(self, ordinal: int) -> tuple[PropertyValue, ...]:
        """Return the properties of a concept, then those that supplements add."""
        added = (each for _, concept in self._concepts_of(ordinal) for each in concept.properties)
        return (*self._system.properties(ordinal), *added)

    def extensions(self, ordinal: int) -> tuple[Extension, ...]:
        """Return the extensions of a concept, then those that supplements add."""
        added = (each for _, concept in self._concepts_of(ordinal) for each in concept.extensions)
        return (*self._system.extensions(ordinal), *added)

    # --- as the system answers -----------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._system)

    def locate(self, code: str) -> Located | None:
        """Return where a code stands."""
        return self._system.locate(code)

    def concepts(self, ordinals: Sequence[int]) -> Sequence[ConceptFacts]:
        """Return the facts of some concepts."""
        return self._system.concepts(ordinals)

    def definition(self, ordinal: int) -> str:
        """Return the definition of a concept."""
        return self._system.definition(ordinal)

    def parents(self, ordinal: int) -> tuple[int, ...]:
        """Return the concepts directly above."""
        return self._system.parents(ordinal)

    def children(self, ordinal: int) -> tuple[int, ...]:
        """Return the concepts directly below."""
        return self._system.children(ordinal)

    def subsumes(self, above: int, below: int) -> bool:
        """Tell whether one concept is the other or stands above it."""
        return self._system.subsumes(above, below)

    def everything(self) -> Ordinals:
        """Return all concepts."""
        return self._system.everything()

    def unlisted(self) -> Ordinals:
        """See `System`."""
        return self._system.unlisted()

    def inactive(self) -> Ordinals:
        """Return the concepts that are not in use."""
        return self._system.inactive()

    def abstract(self) -> Ordinals:
        """Return the concepts that are not selectable."""
        return self._system.abstract()

    def filter(self, property_: str, op: str, value: str) -> Ordinals | None:
        """Return what a filter selects."""
        return self._system.filter(property_, op, value)

    def search(self, text: str, within: Ordinals, offset: int = 0, count: int | None = None) -> Ranked:
        """Return what a text finds."""
        return self._system.search(text, within, offset, count)

    def rows(self, ordinals: Sequence[int]) -> Sequence[Member] | None:
        """Return None: supplements have more to show."""
        del ordinals
        return None

    def remarks(self, ordinal: int, asked: str) -> tuple[Issue, ...]:
        """Return the remarks of the system."""
        return self._system.remarks(ordinal, asked)

    def instead(self, ordinal: int, members: Ordinals) -> Issue | None:
        """See `System`."""
        return self._system.instead(ordinal, members)

    def absent(self, code: str) -> Issue | None:
        """Return the words of the system for a code it does not have."""
        return self._system.absent(code)
