"""A ConceptMap that somebody else wrote, imported by the operator or sent with a request, as a map that answers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Final, Protocol

from icdref import issues_maps
from icdref.definitions import Coding, ConceptMap, MappingGroup, MappingTarget, PropertyValue
from icdref.service.maps.spelling import spelt, system_of
from icdref.translations import RELATED, REVERSED, Found, MapCard, MapElement, MapGroup, Mapped, Product, Question, Target

_SAME: Final = "equal"

Row = tuple[str, tuple[MappingTarget, ...]]


class Rows(Protocol):
    """Where the elements of a map are: in memory, or in the edition."""

    def targets(self, group: int, code: str) -> tuple[MappingTarget, ...] | None:
        """Return what a group says to a source code, None where it does not have it."""
        ...

    def of_group(self, group: int) -> Iterator[Row]:
        """Yield (source code, targets) of a group in the order of the resource."""
        ...

    def size(self, group: int) -> int:
        """Return the number of source codes of a group."""
        ...


class InMemory:
    """The elements of a map that was sent."""

    def __init__(self, groups: tuple[MappingGroup, ...]) -> None:
        self._groups = groups
        self._by_code = [dict(reversed(group.elements)) for group in groups]

    def targets(self, group: int, code: str) -> tuple[MappingTarget, ...] | None:
        """Return what a group says to a source code."""
        return self._by_code[group].get(code)

    def of_group(self, group: int) -> Iterator[Row]:
        """Yield (source code, targets) of a group."""
        return iter(self._groups[group].elements)

    def size(self, group: int) -> int:
        """Return the number of source codes of a group."""
        return len(self._groups[group].elements)


class HeldMap:
    """A ConceptMap resource that answers. `rows` has its elements where they are not in `definition`."""

    def __init__(self, definition: ConceptMap, rows: Rows | None = None) -> None:
        header = definition.header
        title = header.title or header.name or header.url or "the ConceptMap that was sent"
        scopes = (definition.source_scope, definition.target_scope)
        self.card = MapCard(
            header.id, header.url, header.version, header.name, title, "", header.publisher, "", "", scopes, own=False
        )
        self._groups = definition.groups
        self._rows = rows or InMemory(definition.groups)

    def ends(self) -> tuple[tuple[str, str], ...]:
        """Return the code systems of its groups."""
        return tuple((system_of(group.source), system_of(group.target)) for group in self._groups)

    def find(self, question: Question) -> Found:
        """Return the rows of a code in every group, or for a reverse question those that lead to it."""
        if question.reverse:
            key = (question.code.system, spelt(question.code.system, question.code.code))
            return Found(self._inverted.get(key, ()))
        found: list[Target] = []
        issues = []
        for number, group in enumerate(self._groups):
            if system_of(group.source) != question.code.system:
                continue
            targets = self._targets(number, question.code)
            if targets is not None:
                found += (_target(group, each) for each in targets)
                if not any(each.code for each in targets):
                    issues.append(issues_maps.mapped_to_nothing(question.code.code, self.card.title))
            elif group.unmapped_mode == "other-map":
                issues.append(issues_maps.other_map(question.code.code, self.card.title, group.unmapped_map))
            elif group.unmapped_mode:
                found.append(_unmapped(group, question.code))
        return Found(tuple(found), tuple(issues))

    def groups(self, most: int) -> Iterator[MapGroup]:
        """Yield its groups."""
        for number, group in enumerate(self._groups):
            elements = tuple(
                MapElement(Mapped(group.source, code), tuple(_target(group, each) for each in targets))
                for code, targets in islice(self._rows.of_group(number), most)
            )
            yield MapGroup(
                group.source, group.source_version, group.target, group.target_version, elements, self._rows.size(number)
            )

    def _targets(self, group: int, code: Mapped) -> tuple[MappingTarget, ...] | None:
        right = spelt(code.system, code.code)
        spellings = dict.fromkeys((code.code, right, right.replace(".", "")))
        return next((found for each in spellings if (found := self._rows.targets(group, each)) is not None), None)

    @cached_property
    def _inverted(self) -> dict[tuple[str, str], tuple[Target, ...]]:
        """Return target -> sources. Read once, at the first question asked backwards."""
        found: dict[tuple[str, str], list[Target]] = {}
        for number, group in enumerate(self._groups):
            for code, targets in self._rows.of_group(number):
                for target in (_target(group, each) for each in targets):
                    if target.is_match and target.concept:
                        system = system_of(target.concept.system)
                        said = REVERSED.get(target.relationship, target.relationship)
                        source = Mapped(group.source, code, "", group.source_version)
                        row = Target(said, source, comment=target.comment, depends=target.depends)
                        found.setdefault((system, spelt(system, target.concept.code)), []).append(row)
        return {key: tuple(targets) for key, targets in found.items()}


def _target(group: MappingGroup, target: MappingTarget) -> Target:
    concept = Mapped(group.target, target.code, target.display, group.target_version) if target.code else None
    depends = tuple(
        (each.code, each.value.code if isinstance(each.value, Coding) else str(each.value)) for each in target.depends_on
    )
    return Target(target.equivalence, concept, tuple(map(_product, target.product)), target.comment, depends)


def _product(part: PropertyValue) -> Product:
    if isinstance(part.value, Coding):
        return Product(part.code, Mapped(part.value.system, part.value.code, part.value.display, part.value.version))
    return Product(part.code, value=str(part.value))


def _unmapped(group: MappingGroup, code: Mapped) -> Target:
    if group.unmapped_mode == "provided":
        comment = "the code itself, as the map says"
        return Target(_SAME, Mapped(group.target, code.code, "", group.target_version), comment=comment)
    concept = Mapped(group.target, group.unmapped_code, group.unmapped_display, group.target_version)
    return Target(RELATED, concept, comment="what the map gives for every code that it does not list")
