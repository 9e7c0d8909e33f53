"""What one part of a question matches: sets of documents with how well they match, best first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import log2

from icdref.language.small_words import LIGHT
from icdref.language.titles import burden_of
from icdref.store.search import Stands

TITLE, TERM, ABOVE = 1.0, 0.88, 0.55
"""How much a match in the title, in a term, and above in the tree is worth."""

_LIGHTEST, _HEAVIEST, _LIGHT = 1.0, 9.0, 0.5
_CONDITION, _SITE, _PER_PART = 1.5, 1.3, 0.5


@dataclass(frozen=True, slots=True)
class Level:
    """Documents that match one part of a question equally well.

    `words` are what stands there, or one of `any_of` where that is set; `consumed` is how much of a title it accounts for;
    `corrected` is what was typed instead.
    """

    quality: float
    bits: int
    field: str
    words: tuple[str, ...]
    consumed: float
    corrected: str = ""
    any_of: tuple[str, ...] = ()


@dataclass(slots=True)
class Slot:
    """One part of a question: a word or a phrase, and all that it may match.

    `encounters` are the names of the sets of seventh characters that it may be answered by instead; `parts` is the number of
    words it has; `condition` and `site` say that people call a condition or a part of the body so. Once settled, `titled` is
    what matches without a seventh character, `anywhere` all that matches, `weight` how much it narrows the question.
    """

    asked: str
    levels: list[Level] = field(default_factory=list)
    encounters: frozenset[str] = frozenset()
    encounter_bits: int = 0
    parts: int = 1
    condition: bool = False
    site: bool = False
    titled: int = 0
    anywhere: int = 0
    weight: float = 0.0
    _table: list[tuple[float, float, bytes]] = field(default_factory=list)

    def table(self, size: int) -> list[tuple[float, float, bytes]]:
        """Return (quality, consumed, documents as `size` bytes) of every level, to look up single documents in."""
        if not self._table:
            self._table = [(each.quality, each.consumed, each.bits.to_bytes(size, "little")) for each in self.levels]
        return self._table

    def add(
        self,
        stands: Stands | None,
        quality: float,
        words: Sequence[str],
        *,
        name: str = "",
        corrected: str = "",
        any_of: Sequence[str] = (),
    ) -> None:
        """Add what stands for this part; `name` replaces the name of the field, for what a phrase led to."""
        if stands is None:
            return
        consumed = sum(map(burden_of, words))
        for bits, worth, where in ((stands.title, TITLE, "title"), (stands.term, TERM, "term"), (stands.above, ABOVE, "above")):
            if bits:
                used = consumed if where == "title" else consumed / 2
                self.levels.append(Level(quality * worth, bits, name or where, tuple(words), used, corrected, tuple(any_of)))

    def matches(self) -> bool:
        """Tell whether anything was added that a document has."""
        return bool(self.levels or self.encounter_bits)

    def settle(self, size: int) -> None:
        """Put the levels in order, best first, scaled so that the best possible match of this part counts as 1.

        `size` is the number of documents there are.
        """
        self.levels.sort(key=lambda level: (-level.quality, -level.consumed))
        if self.levels and self.levels[0].quality < TITLE:
            scale = 1 / self.levels[0].quality
            self.levels = [replace(level, quality=level.quality * scale) for level in self.levels]
        self.titled = union(level.bits for level in self.levels)
        self.anywhere = self.titled | self.encounter_bits
        self.weight = self._weight(size)

    def tier(self, quality: float) -> int:
        """Return the documents that match at least this well."""
        return union(level.bits for level in self.levels if level.quality >= quality) | self.encounter_bits

    def _weight(self, size: int) -> float:
        """Return the weight: rare words weigh more than frequent ones, names of conditions more than loose words."""
        count = self.anywhere.bit_count()
        if not count:
            return 0.0
        if self.asked in LIGHT:
            return _LIGHT
        rarity = min(_HEAVIEST, max(_LIGHTEST, log2((1 + size) / (1 + count))))
        if self.site:
            return rarity * _SITE
        return rarity * (1 + _PER_PART * (self.parts - 1)) * (_CONDITION if self.condition else 1.0)


def union(sets: Iterable[int]) -> int:
    """Return what is in any of the sets."""
    found = 0
    for each in sets:
        found |= each
    return found


def anywhere_of(stands: Iterable[Stands | None]) -> Stands | None:
    """Return where any of several words stand, None where all are unknown."""
    found: Stands | None = None
    for each in stands:
        if each is not None:
            found = each if found is None else found | each
    return found


def together(stands: Iterable[Stands | None]) -> Stands | None:
    """Return where all of several words stand: in the title, in title or terms, or anywhere; None where one is unknown."""
    title = term = above = -1
    for each in stands:
        if each is None:
            return None
        title &= each.title
        term &= each.title | each.term
        above &= each.anywhere
    return None if title == -1 else Stands(title, term & ~title, above & ~term)
