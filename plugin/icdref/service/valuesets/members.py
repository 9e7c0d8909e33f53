"""The rows of an expansion: what is shown of each concept, flat or as a tree, and no more than one page of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from icdref.definitions import (
    Coding,
    ConceptReference,
    Designation,
    Extension,
    PropertyContent,
    PropertyDefinition,
    PropertyValue,
    StoredMember,
)
from icdref.expansions import Member
from icdref.service.systems.memory import CONCEPT_PROPERTIES
from icdref.service.systems.protocol import ConceptFacts
from icdref.service.valuesets.displays import displays_of, shown
from icdref.service.valuesets.expand import Selected
from icdref.service.valuesets.options import Options
from icdref.service.valuesets.selection import AnySegment, Segment, StoredSegment

_SD: Final = "http://hl7.org/fhir/StructureDefinition"
_FROM_SYSTEM: Final = frozenset(
    f"{_SD}/{name}" for name in ("coding-sctdescid", "rendering-style", "rendering-xhtml", "codesystem-alternate")
)
_FROM_VALUE_SET: Final = frozenset(
    f"{_SD}/{name}"
    for name in (
        *("valueset-supplement", "valueset-deprecated", "structuredefinition-standards-status"),
        *("valueset-concept-definition", "coding-sctdescid", "rendering-style", "rendering-xhtml"),
    )
)
"""Extensions that an expansion repeats."""

_AS_PROPERTIES: Final = (
    ("label", "label", "string", ("codesystem-label", "valueset-label")),
    ("order", "order", "decimal", ("codesystem-conceptOrder", "valueset-conceptOrder")),
    ("itemWeight", "weight", "decimal", ("itemWeight",)),
)
"""Extensions that an expansion shows as properties: the standard property, its code, its type."""


@dataclass
class Rows:
    """Makes rows; `declared` are the properties on those made so far, in the order met."""

    options: Options
    with_versions: bool
    declared: dict[str, PropertyDefinition] = field(default_factory=dict)

    def page(self, segments: Sequence[AnySegment], offset: int, count: int) -> tuple[Member, ...]:
        """Return one page of the members of segments, flat."""
        found: list[Member] = []
        for segment in segments:
            size = len(segment)
            if offset >= size:
                offset -= size
                continue
            wanted = count - len(found)
            if wanted <= 0:
                break
            if isinstance(segment, StoredSegment):
                found += (_stored(each) for each in segment.members[offset : offset + wanted])
            else:
                found += self.of_page(segment, segment.page(offset, wanted))
            offset = 0
        return tuple(found)

    def of_page(self, segment: Segment, ordinals: Sequence[int]) -> Iterable[Member]:
        """Return the rows for some concepts of a segment, ready-made ones where they show all that is asked for."""
        ready = segment.system.rows(ordinals) if self._is_plain(segment, ordinals) else None
        return self.of(segment, ordinals) if ready is None else ready

    def _is_plain(self, segment: Segment, ordinals: Sequence[int]) -> bool:
        """Tell whether rows show nothing but code and display; a system in one language answers alike for all concepts."""
        if segment.references or self.with_versions or self.options.include_designations or self.options.properties:
            return False
        if not ordinals or self.options.languages is None:
            return True
        (concept,) = segment.system.concepts(ordinals[:1])
        return self._texts(segment, ordinals[0], concept, None)[0] == concept.display

    def of(self, segment: Segment, ordinals: Sequence[int]) -> Iterator[Member]:
        """Yield the rows for some concepts of a segment."""
        facts = segment.system.facts
        version = facts.header.version if self.with_versions else ""
        for ordinal, concept in zip(ordinals, segment.system.concepts(ordinals), strict=True):
            reference = segment.references.get(ordinal)
            display, designations = self._texts(segment, ordinal, concept, reference)
            extensions = segment.system.extensions(ordinal)
            own = reference.extensions if reference else ()
            yield Member(
                system=facts.header.url,
                version=version,
                code=reference.code if reference else concept.code,
                display=display,
                abstract=concept.abstract,
                inactive=concept.inactive,
                designations=designations,
                properties=_each_once(self._properties(segment, ordinal, concept, extensions, own)),
                extensions=(
                    *(each for each in extensions if each.url in _FROM_SYSTEM),
                    *(each for each in own if each.url in _FROM_VALUE_SET),
                ),
            )

    def tree(self, segment: Segment) -> tuple[Member, ...]:
        """Return the members of a segment as a tree: each below its parent, where that is a member too."""
        ordinals = segment.page(0, len(segment))
        flat = dict(zip(ordinals, self.of(segment, ordinals), strict=True))
        below: dict[int, list[int]] = {}
        roots: list[int] = []
        for ordinal in ordinals:
            parent = self._above(segment, ordinal)
            if parent is None:
                roots.append(ordinal)
            else:
                below.setdefault(parent, []).append(ordinal)
        nested: dict[int, Member] = {}
        for ordinal in reversed(ordinals):  # children come after their parents
            children = tuple(nested.pop(child) for child in below.get(ordinal, ()))
            nested[ordinal] = replace(flat[ordinal], contains=children) if children else flat[ordinal]
        return tuple(nested[root] for root in roots)

    def _above(self, segment: Segment, ordinal: int) -> int | None:
        """Return the member that a concept hangs under: its parent, or what is above that where the request left it out."""
        system = segment.system
        hidden = system.inactive() if self.options.active_only else None
        for _ in range(len(system)):
            parents = system.parents(ordinal)
            if not parents or parents[0] >= ordinal:
                return None
            ordinal = parents[0]
            if ordinal in segment.ordinals:
                return ordinal
            skipped = (hidden is not None and ordinal in hidden) or (
                bool(self.options.exclude_not_for_ui) and ordinal in system.abstract()
            )
            if segment.how != "whole" or not skipped:
                return None
        return None

    def _texts(
        self, segment: Segment, ordinal: int, concept: ConceptFacts, reference: ConceptReference | None
    ) -> tuple[str, tuple[Designation, ...]]:
        asked = self.options.languages
        if asked is None and not self.options.include_designations and concept.display and reference is None:
            return concept.display, ()
        displays = displays_of(segment.system, ordinal, concept, reference, segment.language)
        chosen = displays.preferred(asked)
        others: tuple[Designation, ...] = ()
        if self.options.include_designations:
            others = tuple(
                shown(text.designation) for text in displays.texts if text is not chosen and self._is_wanted(text.designation)
            )
        return (chosen.value if chosen else ""), others

    def _is_wanted(self, designation: Designation) -> bool:
        if not self.options.designations:
            return True
        for token in self.options.designations:
            system, _, code = token.partition("|")
            use = designation.use
            if use is not None and (use.system, use.code) == (system, code):
                return True
            if designation.language and (system, code) == ("urn:ietf:bcp:47", designation.language):
                return True
        return False

    # --- properties ----------------------------------------------------------------------------------------------

    def _properties(
        self,
        segment: Segment,
        ordinal: int,
        concept: ConceptFacts,
        extensions: Sequence[Extension],
        own: Sequence[Extension],
    ) -> Iterator[PropertyValue]:
        status = concept.status
        standards = _value(extensions, f"{_SD}/structuredefinition-standards-status")
        if standards:
            status = str(standards)
        if status and status.lower() != "active":
            yield self._declare("status", "status", "code", status)
        for name, code, type_, urls in _AS_PROPERTIES:
            found: PropertyContent | None = None
            for source in (extensions, own):
                for url in urls:
                    said = _value(source, f"{_SD}/{url}")
                    found = said if said is not None else found
            if found is not None:
                yield self._declare(name, code, type_, _as(type_, found))
        if self.options.properties:
            yield from self._wanted(segment, ordinal)

    def _wanted(self, segment: Segment, ordinal: int) -> Iterator[PropertyValue]:
        """Yield the properties of a concept that the request names."""
        all_of_them = segment.system.properties(ordinal)
        declared = {each.code: each for each in segment.system.facts.properties}
        for name in self.options.properties:
            if name == "definition" and (text := segment.system.definition(ordinal)):
                yield self._declare("definition", "definition", "string", text)
            for each in all_of_them:
                if name in ("*", each.code):
                    yield self._as_declared(declared.get(each.code) or PropertyDefinition(each.code, each.type), each)

    def _as_declared(self, definition: PropertyDefinition, value: PropertyValue) -> PropertyValue:
        """Return a property by the code under which the expansion has one of that meaning already, else by its own."""
        same = next((each for each in self.declared.values() if definition.uri and each.uri == definition.uri), None)
        known = same or self.declared.setdefault(definition.code, definition)
        if known.code == definition.code and definition.uri and not known.uri:
            self.declared[known.code] = replace(known, uri=definition.uri)
        return value if known.code == value.code else replace(value, code=known.code)

    def _declare(self, name: str, code: str, type_: str, value: PropertyContent) -> PropertyValue:
        definition = PropertyDefinition(code, type_, f"{CONCEPT_PROPERTIES}#{name}")
        return self._as_declared(definition, PropertyValue(code, type_, value))


def _each_once(properties: Iterable[PropertyValue]) -> tuple[PropertyValue, ...]:
    """Return properties without repetitions: a status that follows from several things, or is asked for too, is said once."""
    found: dict[tuple[object, ...], PropertyValue] = {}
    for each in properties:
        found.setdefault((each.code, type(each.value), each.value), each)
    return tuple(found.values())


def found_by_text(selected: Selected, text: str) -> list[AnySegment]:
    """Return the members that a text finds, best first in each segment."""
    found: list[AnySegment] = []
    for segment in selected.segments:
        if isinstance(segment, StoredSegment):
            words = text.lower()
            kept = tuple(each for each in segment.members if words in each.code.lower() or words in each.display.lower())
            found.append(StoredSegment(kept))
        else:
            ranked = segment.system.search(text, segment.ordinals).ordinals
            folded = text.lower()
            named = [
                ordinal
                for ordinal, each in segment.references.items()
                if folded in each.display.lower() or any(folded in d.value.lower() for d in each.designations)
            ]
            order = tuple(dict.fromkeys((*ranked, *named)))
            if segment.order:
                order = tuple(each for each in segment.order if each in set(order))
            found.append(replace(segment, ordinals=type(segment.ordinals).of(order), order=order))
    return found


def _stored(member: StoredMember) -> Member:
    return Member(
        member.system,
        member.version,
        member.code,
        member.display,
        member.abstract,
        member.inactive,
        member.designations,
    )


def _value(extensions: Sequence[Extension], url: str) -> PropertyContent | None:
    return next((each.value for each in extensions if each.url == url and each.value is not None), None)


def _as(type_: str, value: PropertyContent) -> PropertyContent:
    if type_ != "decimal" or isinstance(value, int | float | Coding):
        return value
    try:
        return float(value)
    except ValueError:
        return 0
