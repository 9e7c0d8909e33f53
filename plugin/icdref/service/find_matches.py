"""`$find-matches`: codes by their properties, by words, or by both; the best first, each with why it was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import and_, or_
from typing import Final

from icdref import issues_value_sets
from icdref.concept_properties import FILTERS
from icdref.issues import IcdRefError
from icdref.results import FoundMatch, FoundMatches
from icdref.service.systems.icd10cm import Icd10cmSystem
from icdref.service.systems.ordinals import Ordinals

Wanted = tuple[str, str]
"""A property and the value that it should have."""

MOST: Final = 1000
"""Matches on one page."""


def find_matches(
    system: Icd10cmSystem, text: str, wanted: Sequence[Wanted], offset: int, count: int, *, exact: bool
) -> FoundMatches:
    """Return a page of the codes that have the properties wanted and are found by a text.

    `exact`: only codes with all properties. Otherwise a code with some of them is a match too, those with more of them
    first, and what it lacks is said; a text then orders codes that have them all. Raises IcdRefError for an unknown
    property.
    """
    having = [(each, _having(system, *each)) for each in wanted]
    if text:
        within = reduce(and_, (found for _, found in having), system.everything())
        return _by_text(system, text, within, offset, count)
    if exact or len(having) <= 1:
        found = reduce(and_, (found for _, found in having)) if having else Ordinals()
        return _plain(system, [(found, ())], offset, count)
    return _plain(system, list(_ranked(having)), offset, count)


def _having(system: Icd10cmSystem, name: str, value: str) -> Ordinals:
    found = system.filter(name, "=", value)
    if found is None:
        raise IcdRefError(issues_value_sets.unknown_property(name, [rule.property for rule in FILTERS]))
    return found & Ordinals.span(0, len(system))


def _by_text(system: Icd10cmSystem, text: str, within: Ordinals, offset: int, count: int) -> FoundMatches:
    found = system.explained(text, within, offset, count)
    matches = tuple(FoundMatch(hit.code, hit.display, (), hit.why) for hit in found.hits)
    return FoundMatches(matches, found.total, system.choice, found.issues)


def _ranked(having: Sequence[tuple[Wanted, Ordinals]]) -> Iterator[tuple[Ordinals, tuple[Wanted, ...]]]:
    """Yield (codes, the properties that they lack), codes with more of the properties first."""
    groups: dict[tuple[Wanted, ...], Ordinals] = {(): reduce(or_, (found for _, found in having))}
    for wanted, found in having:
        split: dict[tuple[Wanted, ...], Ordinals] = {}
        for lacking, codes in groups.items():
            split[lacking] = codes & found
            split[(*lacking, wanted)] = codes - found
        groups = split
    yield from ((codes, lacking) for lacking, codes in sorted(groups.items(), key=lambda pair: len(pair[0])) if codes)


def _plain(system: Icd10cmSystem, groups: Sequence[tuple[Ordinals, tuple[Wanted, ...]]], offset: int, count: int) -> FoundMatches:
    matches: list[FoundMatch] = []
    passed = 0
    for codes, lacking in groups:
        page = codes.page(max(0, offset - passed), count - len(matches)) if len(matches) < count else ()
        matches += (FoundMatch(each.code, each.display, lacking) for each in system.concepts(page))
        passed += len(codes)
    return FoundMatches(tuple(matches), passed, system.choice, system.choice.issues)
