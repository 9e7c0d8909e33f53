"""How far the content reaches: the share of billable codes with a summary, an imported definition, or a card alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from icdref.model import Concept, Kind
from icdref.service.service import Service


@dataclass(slots=True)
class Coverage:
    """Counts of billable codes; each code counts once, by the best that it has."""

    billable: int = 0
    own: int = 0
    inherited: int = 0
    imported: int = 0
    imported_above: int = 0
    card_only: int = 0

    def row(self) -> dict[str, int | float]:
        """Return the counts and the shares, as JSON carries them."""
        names = ("own", "inherited", "imported", "imported_above", "card_only")
        counts: dict[str, int | float] = {"billable": self.billable} | {name: getattr(self, name) for name in names}
        return counts | {f"{name}_share": round(getattr(self, name) / max(self.billable, 1), 4) for name in names}


@dataclass(slots=True)
class Coverages:
    """The counts in total and by chapter, in book order."""

    total: Coverage = field(default_factory=Coverage)
    chapters: dict[str, Coverage] = field(default_factory=dict)


def coverage_of(service: Service) -> Coverages:
    """Return the coverage of the release that answers today.

    The rule of `matching`: the nearest summary up to the category; the rule of `stubs` after it. Only codes at or below
    something bound are looked at one by one; all others have a card alone.
    """
    number = service.releases.number(service.terminology.choose().release)
    stubs = service.knowledge.stubs
    defined = stubs.store.codes() if stubs else frozenset()
    found = Coverages()
    for code in service.concepts.chapters(number):
        chapter = service.concepts.concept(code, number)
        if chapter:
            counts = Coverage(billable=chapter.billable_below, card_only=chapter.billable_below)
            found.chapters[_name(chapter.concept)] = counts
    for path in _reached(service, number, {*service.knowledge.summaries.focus_codes(), *defined}):
        best = _best(service, path, defined)
        if best != "card_only":
            counts = found.chapters[_name(path[-1])]
            counts.card_only -= 1
            setattr(counts, best, getattr(counts, best) + 1)
    for counts in found.chapters.values():
        for name in ("billable", "own", "inherited", "imported", "imported_above", "card_only"):
            setattr(found.total, name, getattr(found.total, name) + getattr(counts, name))
    return found


def _name(chapter: Concept) -> str:
    return f"{chapter.code} {chapter.display}"


def _reached(service: Service, number: int, bound: Iterable[str]) -> Iterator[list[Concept]]:
    """Yield each billable code at or below a bound one, once, with everything above it."""
    seen: set[str] = set()
    for code in bound:
        top = service.concepts.concept(code, number)
        for stored in service.concepts.below(top, number, billable=True) if top else ():
            if stored.concept.code not in seen:
                seen.add(stored.concept.code)
                yield [stored.concept, *service.concepts.ancestors(stored.concept, number)]


def _best(service: Service, path: list[Concept], defined: frozenset[str]) -> str:
    concept = path[0]
    within = [each for each in path if each.kind not in (Kind.BLOCK, Kind.CHAPTER)]
    for level, each in enumerate(within):
        if service.knowledge.summaries.bound_to(each.code, exact=level == 0):
            return "inherited" if level else "own"
    if concept.residual:
        return "card_only"
    if concept.code in defined:
        return "imported"
    return "imported_above" if any(each.code in defined for each in within[1:]) else "card_only"
