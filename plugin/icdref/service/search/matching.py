"""Finds the documents that have every part of a question, or as many parts as any document has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from icdref.language.small_words import LIGHT
from icdref.service.search.listing import Share, shares
from icdref.service.search.reading import Reading
from icdref.service.search.slots import Slot, union
from icdref.store.bits import from_numbers
from icdref.store.search import SearchStore

_GOOD, _FAIR = 0.85, 0.6
"""A document is in the first tier when every part matches this well, in the second likewise, else in the third."""

_UNKNOWN: Final = 6.0
"""What a word weighs that no document has."""

_LEAST_KEPT: Final = 0.2
"""Share of a question's weight that must stay when parts are left out because nothing has them all."""

_MOST_TO_COMBINE: Final = 10
_MOST_SUBSETS: Final = 160
_SUBSETS_KEPT: Final = 3


@dataclass(slots=True)
class Group:
    """Documents that have the same parts of a question: in tiers by how well, and the share of the question they have."""

    tiers: list[int]
    share: float


@dataclass(slots=True)
class Found:
    """What a reading finds: groups in order, those with most of the question first.

    `shares` say which encounters of the documents are meant, `dropped` which parts the first group lacks, `kept` how much of
    the question it has: 1 where some document has everything.
    """

    reading: Reading
    groups: list[Group]
    shares: list[Share]
    dropped: list[Slot] = field(default_factory=list)
    kept: float = 0.0

    @property
    def documents(self) -> int:
        """Return every document found."""
        return union(share.bits for share in self.shares)


class Matcher:
    """Matches readings with the documents of one edition."""

    def __init__(self, store: SearchStore) -> None:
        self._store = store

    def match(self, reading: Reading, within: int) -> Found:
        """Return what a reading finds among the documents of `within`."""
        whole_titles = within & from_numbers(reading.whole)
        within = self._on_side(reading.side, within & ~reading.excluded)
        slots = reading.slots
        everything = within if slots else within & union(reading.preferred)
        heavy = [slot for slot in slots if slot.asked not in LIGHT]
        for slot in heavy:
            everything &= slot.anywhere
        lost: list[Slot] = []
        for slot in slots if everything else ():
            if slot.asked in LIGHT:
                both = everything & slot.anywhere
                everything, lost = (both, lost) if both else (everything, [*lost, slot])
        everything |= whole_titles
        kept = [slot for slot in slots if slot not in lost]
        found = self._found(reading, [Group(_tiers(kept, everything), 1.0)]) if everything else None
        if found is None or not found.shares:
            return self._without_some(reading, within)
        found.dropped = lost
        whole = sum(slot.weight for slot in slots)
        found.kept = whole / (whole + _UNKNOWN * len(reading.ignored)) if whole else 1.0
        return found

    def _on_side(self, side: str, within: int) -> int:
        """Return the documents that do not name another side than the one asked for."""
        if side not in ("right", "left"):
            return within
        other = "left" if side == "right" else "right"
        return within & ~self._store.named(f"side {other}") & ~self._store.named("side bilateral")

    def _without_some(self, reading: Reading, within: int) -> Found:
        """Return what has as much of the question as any document has; nothing when that is too little."""
        slots = reading.slots
        whole = sum(slot.weight for slot in slots) or 1.0
        groups: list[Group] = []
        best: tuple[int, ...] = ()
        free = within
        apart = _apart(slots, within)
        for kept in _subsets([slot.weight for slot in slots]):
            if any(one in kept and other in kept for one, other in apart):
                continue
            found = free
            for place in kept:
                found &= slots[place].anywhere
                if not found:
                    break
            if found and shares(self._store, reading, found):
                free &= ~found
                share = sum(slots[place].weight for place in kept) / whole
                groups.append(Group(_tiers([slots[place] for place in kept], found), share))
                best = best or kept
                if len(groups) == _SUBSETS_KEPT:
                    break
        if not groups:
            best = _greedy(slots, within)
            groups = [Group(_tiers([slots[place] for place in best], _common(slots, best, within)), 1.0)] if best else []
        result = self._found(reading, groups)
        result.dropped = [slot for place, slot in enumerate(slots) if place not in best]
        result.kept = sum(slots[place].weight for place in best) / (whole + _UNKNOWN * len(reading.ignored))
        return result

    def _found(self, reading: Reading, groups: list[Group]) -> Found:
        shared = shares(self._store, reading, union(tier for group in groups for tier in group.tiers))
        documents = union(share.bits for share in shared)
        return Found(reading, [Group([tier & documents for tier in group.tiers], group.share) for group in groups], shared)


def _greedy(slots: Sequence[Slot], within: int) -> tuple[int, ...]:
    """Return parts that some document has together, found by taking the heaviest first and each other that still fits.

    For long questions, where none of the heaviest choices that are tried is had by any document.
    """
    kept: list[int] = []
    for place in sorted(range(len(slots)), key=lambda place: -slots[place].weight):
        if rest := within & slots[place].titled:
            kept.append(place)
            within = rest
    return tuple(sorted(kept))


def _common(slots: Sequence[Slot], places: Sequence[int], within: int) -> int:
    for place in places:
        within &= slots[place].anywhere
    return within


def _apart(slots: Sequence[Slot], within: int) -> list[tuple[int, int]]:
    """Return the pairs of parts that no document has both of, so that no larger set with both need be tried."""
    alone = [slot.anywhere & within for slot in slots]
    return [pair for pair in combinations(range(len(slots)), 2) if not alone[pair[0]] & alone[pair[1]]]


def _tiers(slots: Sequence[Slot], everything: int) -> list[int]:
    found = []
    for quality in (_GOOD, _FAIR):
        tier = everything
        for slot in slots:
            tier &= slot.tier(quality)
        found.append(tier)
    return [*found, everything]


def _subsets(weights: Sequence[float]) -> Iterator[tuple[int, ...]]:
    """Yield the parts to keep, heaviest first, that keep enough of the whole."""
    chosen: Sequence[int] = range(len(weights))
    if len(weights) > _MOST_TO_COMBINE:
        chosen = sorted(sorted(chosen, key=lambda place: -weights[place])[:_MOST_TO_COMBINE])
    least = _LEAST_KEPT * sum(weights[place] for place in chosen)
    subsets = [
        (sum(weights[place] for place in kept), kept) for size in range(1, len(chosen) + 1) for kept in combinations(chosen, size)
    ]
    heavy = sorted((pair for pair in subsets if pair[0] >= least), key=lambda pair: (-pair[0], pair[1]))
    yield from (kept for _, kept in heavy[:_MOST_SUBSETS])
