"""A code system held in memory: the CodeSystem resource of a request, or one that an operator imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Final

from icdref.definitions import CodeSystem, ConceptDefinition, Designation, Extension, PropertyDefinition, PropertyValue
from icdref.expansions import Member
from icdref.issues import Issue
from icdref.service.systems import memory_filters
from icdref.service.systems.hierarchy import Hierarchy, hierarchy
from icdref.service.systems.ordinals import Ordinals
from icdref.service.systems.protocol import ConceptFacts, Located, Ranked, SystemFacts

CONCEPT_PROPERTIES: Final = "http://hl7.org/fhir/concept-properties"
"""HL7's code system of properties that mean the same in every code system, whatever each calls them."""

_ABSTRACT: Final = frozenset({"abstract", "notSelectable", "not-selectable"})
_OUT: Final = frozenset({"inactive", "retired"})


class MemorySystem:
    """One version of a code system, from its definition. Where a code stands twice the later definition holds."""

    def __init__(self, code_system: CodeSystem) -> None:
        self._definition = code_system
        self._uris = {each.code: each.uri for each in code_system.properties}
        unique = {concept.code: concept for concept in code_system.concepts}
        kept = list(unique.values())
        self._tree: Hierarchy = hierarchy(_links(kept, code_system.concepts, self.named))
        self._concepts: tuple[ConceptDefinition, ...] = tuple(kept[position] for position in self._tree.order)
        self._places = {self._key(concept.code): place for place, concept in enumerate(self._concepts)}

    def _key(self, code: str) -> str:
        return code if self._definition.case_sensitive else code.lower()

    def named(self, code: str, name: str) -> bool:
        """Tell whether a property is the standard one of a name, by its code or by what it was declared to mean."""
        return code == name or self._uris.get(code, "") == f"{CONCEPT_PROPERTIES}#{name}"

    @cached_property
    def facts(self) -> SystemFacts:
        """Return what the resource says about itself."""
        definition = self._definition
        return SystemFacts(
            header=definition.header,
            content=definition.content,
            case_sensitive=definition.case_sensitive,
            version_needed=definition.version_needed,
            hierarchical=not self._tree.is_flat,
            value_set=definition.value_set,
            hierarchy_meaning=definition.hierarchy_meaning,
            properties=definition.properties,
        )

    def __len__(self) -> int:
        return len(self._concepts)

    def locate(self, code: str) -> Located | None:
        """Return where a code stands; its case matters only where the code system says so."""
        place = self._places.get(self._key(code))
        return None if place is None else Located(place, self._concepts[place].code)

    def concepts(self, ordinals: Sequence[int]) -> Sequence[ConceptFacts]:
        """Return the facts of some concepts."""
        return [self._facts[place] for place in ordinals]

    @cached_property
    def _facts(self) -> list[ConceptFacts]:
        return [
            ConceptFacts(
                concept.code, concept.display, self._is_abstract(concept), self._is_inactive(concept), self._status(concept)
            )
            for concept in self._concepts
        ]

    def definition(self, ordinal: int) -> str:
        """Return the definition of a concept."""
        return self._concepts[ordinal].definition

    def designations(self, ordinal: int) -> tuple[Designation, ...]:
        """Return the designations of a concept."""
        return self._concepts[ordinal].designations

    def properties(self, ordinal: int) -> tuple[PropertyValue, ...]:
        """Return the properties of a concept."""
        return self._concepts[ordinal].properties

    def extensions(self, ordinal: int) -> tuple[Extension, ...]:
        """Return the extensions of a concept."""
        return self._concepts[ordinal].extensions

    def parents(self, ordinal: int) -> tuple[int, ...]:
        """Return the concepts directly above."""
        return self._tree.parents[ordinal]

    def children(self, ordinal: int) -> tuple[int, ...]:
        """Return the concepts directly below."""
        return self._tree.children[ordinal]

    def subsumes(self, above: int, below: int) -> bool:
        """Tell whether one concept is the other or stands above it."""
        return self._tree.subsumes(above, below)

    def descendants(self, ordinal: int) -> Ordinals:
        """Return everything below a concept."""
        return self._tree.descendants(ordinal)

    def ancestors(self, ordinal: int) -> Ordinals:
        """Return everything above a concept."""
        return self._tree.ancestors(ordinal)

    def everything(self) -> Ordinals:
        """Return all concepts."""
        return Ordinals.span(0, len(self))

    @cached_property
    def _inactive(self) -> Ordinals:
        return Ordinals.of(place for place, facts in enumerate(self._facts) if facts.inactive)

    @cached_property
    def _abstract(self) -> Ordinals:
        return Ordinals.of(place for place, facts in enumerate(self._facts) if facts.abstract)

    def unlisted(self) -> Ordinals:
        """Return none: every concept of a resource has its place."""
        return Ordinals()

    def inactive(self) -> Ordinals:
        """Return the concepts that are not in use."""
        return self._inactive

    def abstract(self) -> Ordinals:
        """Return the concepts that are not selectable."""
        return self._abstract

    def filter(self, property_: str, op: str, value: str) -> Ordinals | None:
        """Return what a filter selects, None where the property or operator is not known."""
        return memory_filters.select(self, property_, op, value)

    def declared(self, code: str) -> PropertyDefinition | None:
        """Return the declaration of a property, None where the code system has none."""
        return next((each for each in self._definition.properties if each.code == code), None)

    def values(self, ordinal: int, code: str) -> tuple[PropertyValue, ...]:
        """Return the values of one property of a concept."""
        return tuple(each for each in self._concepts[ordinal].properties if each.code == code)

    def search(self, text: str, within: Ordinals, offset: int = 0, count: int | None = None) -> Ranked:
        """Return the concepts that a text finds, best first."""
        ranked = sorted(
            (-rating, place) for place in within if (rating := memory_filters.rating(self._concepts[place], text.lower()))
        )
        end = None if count is None else offset + count
        return Ranked(tuple(place for _, place in ranked[offset:end]), len(ranked))

    def rows(self, ordinals: Sequence[int]) -> Sequence[Member] | None:
        """Return None: what a resource brings along may have more to show."""
        del ordinals
        return None

    def remarks(self, ordinal: int, asked: str) -> tuple[Issue, ...]:  # noqa: ARG002  the protocol's
        """Return nothing: all there is to say about such a code, every code system says."""
        return ()

    def instead(self, ordinal: int, members: Ordinals) -> Issue | None:
        """Return nothing: a resource does not say what may be meant."""
        del ordinal, members
        return None

    def absent(self, code: str) -> Issue | None:  # noqa: ARG002  the protocol's
        """Return None: the usual words for an unknown code do."""
        return None

    def _is_abstract(self, concept: ConceptDefinition) -> bool:
        return any(
            each.value is True and (each.code in _ABSTRACT or self.named(each.code, "notSelectable"))
            for each in concept.properties
        )

    def _is_inactive(self, concept: ConceptDefinition) -> bool:
        for each in concept.properties:
            if self.named(each.code, "inactive") and (each.value is True or each.value == "true"):
                return True
            if self.named(each.code, "status") and each.value in _OUT:
                return True
        return concept.status.lower() == "withdrawn"

    def _status(self, concept: ConceptDefinition) -> str:
        for each in concept.properties:
            if self.named(each.code, "status"):
                return str(each.value)
        for each in concept.properties:
            is_true = each.value is True or each.value == "true"
            for name in ("deprecated", "inactive", "retired"):
                if is_true and self.named(each.code, name):
                    return name
        return concept.status


def _links(
    kept: list[ConceptDefinition], listed: Sequence[ConceptDefinition], named: Callable[[str, str], bool]
) -> list[list[int]]:
    """Return the parents of each concept by position: those it is nested in, and those that properties name."""
    places = {concept.code: place for place, concept in enumerate(kept)}
    links: list[list[int]] = [[] for _ in kept]
    for concept in kept:
        own = places[concept.code]
        for each in concept.properties:
            other = places.get(each.value) if isinstance(each.value, str) else None
            if other is not None and named(each.code, "parent"):
                links[own].append(other)
            elif other is not None and named(each.code, "child"):
                links[other].append(own)
    for concept in listed:
        links[places[concept.code]] += (places[listed[position].code] for position in concept.parents)
    return links
