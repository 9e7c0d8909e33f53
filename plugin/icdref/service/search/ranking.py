"""Ranks documents: those that match every part best, whose titles add least, and that are met most often, come first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from icdref.language.tokens import bag_key
from icdref.service.search.matching import Found, Matcher
from icdref.service.search.reading import VERBATIM, Reading
from icdref.store.bits import from_numbers, members
from icdref.store.search import SearchStore

SCORED: Final = 128
"""Documents that get a score of their own; what comes after them keeps the order of tiers, whatever `count` is."""

_EXACT: Final = {VERBATIM: 0.4, 1: 0.35, 2: 0.3, 3: 0.25, 4: 0.22}
"""What it is worth when the question is a whole title, a title without brackets, a whole term, or one without."""

_TITLES: Final = frozenset({VERBATIM, 1, 2})
_HEADER_BY_TERM: Final = 0.08
"""The same where the term is one of a header: whoever asks for "shingles" wants a code to record."""

_PASTED: Final = 3
"""Words of a question from which on it is a title that was copied, not a name that was typed."""

_COMMON: Final = 0.35
"""What the commonest code is worth against one that nobody meets."""

_EXTRA, _MOST_EXTRA = 0.05, 8.0
"""What each word costs that a title has and nobody asked for, and how many count."""

_SIDE, _NO_SIDE, _HEADER, _RULED_OUT = 0.3, 0.1, 0.12, 0.2
"""What the side asked for is worth, what "unspecified side" and being no leaf cost, what the same "without" is worth."""

_SHARE: Final = 0.7
"""What having all of a question is worth against having none of it, where no document has everything."""

_WORD_BY_WORD: Final = 0.8
"""How much a reading counts that leaves the phrases of a question aside."""

_DIGITS: Final = 4


@dataclass(slots=True)
class Ranking:
    """The documents found in order: `scores` for the best ones, then the tiers."""

    found: Found
    scores: dict[int, float]

    def order(self, among: int) -> Iterator[int]:
        """Yield the documents found that are in a set, best first."""
        for number in self.scores:
            if among >> number & 1:
                yield number
        seen = from_numbers(self.scores)
        for group in self.found.groups:
            for tier in group.tiers:
                rest = tier & ~seen
                seen |= rest
                yield from members(rest & among)

    def best(self) -> float:
        """Return the score of the first document."""
        return next(iter(self.scores.values()), 0.0)

    def score(self, number: int) -> float:
        """Return the score of a document; those that got none of their own have that of the last one that did."""
        return self.scores.get(number, self.least())

    def least(self) -> float:
        """Return the score of the last documents, and of the further codes of each, which come after them."""
        return next(reversed(self.scores.values()), 0.0)


class Ranker:
    """Ranks within one edition."""

    def __init__(self, store: SearchStore) -> None:
        self._store = store
        self._matcher = Matcher(store)

    def best(self, readings: Iterable[Reading], within: int) -> Ranking:
        """Return what the best of several readings finds among the documents of `within`, in order.

        Of the readings with phrases of which some document has everything, that with the better first document; else the
        reading that finds most of what was asked.
        """
        complete: list[Ranking] = []
        found: list[Found] = []
        for reading in readings:
            if reading.word_by_word and complete:
                break
            found.append(self._matcher.match(reading, within))
            if found[-1].kept == 1:
                complete.append(self.rank(found[-1]))
        if complete:
            return max(complete, key=Ranking.best)
        return self.rank(max(found, key=lambda each: each.kept * (_WORD_BY_WORD if each.reading.word_by_word else 1)))

    def rank(self, found: Found) -> Ranking:
        """Return what was found in order."""
        exact = self._exact(found)
        chosen: dict[int, float] = {}
        room = SCORED // max(1, len(found.groups))
        score = self._scorer(found, exact)
        for group in found.groups:
            worth = _SHARE * group.share if len(found.groups) > 1 else 0.0
            first = [number for number in exact if group.tiers[-1] >> number & 1]
            for number in _first(first, group.tiers, room):
                chosen[number] = round(score(number) + worth, _DIGITS)
        return Ranking(found, dict(sorted(chosen.items(), key=lambda pair: (-pair[1], pair[0]))))

    def _exact(self, found: Found) -> dict[int, float]:
        """Return the documents whose whole title or term the question is, with what that is worth."""
        words, documents, leaf = found.reading.words, found.documents, self._store.named("leaf")
        pairs = [(kind, number) for number, kind in found.reading.whole.items()]
        pairs += self._store.with_key(bag_key(words)) if words else ()
        exact: dict[int, float] = {}
        for kind, number in pairs:
            if documents >> number & 1:
                is_leaf = kind in _TITLES or leaf >> number & 1
                exact.setdefault(number, _EXACT[kind] if is_leaf else _HEADER_BY_TERM)
        return exact

    def _scorer(self, found: Found, exact: Mapping[int, float]) -> Callable[[int], float]:
        """Return the function that scores a document. It is called a few hundred times for each letter typed."""
        reading = found.reading
        prior, burden = self._store.column("prior"), self._store.column("burden")
        size = (len(prior) >> 3) + 1
        whole = sum(slot.weight for slot in reading.slots) or 1.0
        parts = [
            (
                [(slot.weight * quality / whole, consumed, bits) for quality, consumed, bits in slot.table(size)],
                slot.weight / whole,
                slot.encounter_bits.to_bytes(size, "little") if slot.encounter_bits else b"",
            )
            for slot in reading.slots
        ]
        certain = {number: 0.0 for number, kind in reading.whole.items() if kind in _TITLES}
        if len(reading.words) >= _PASTED:  # nobody types this much of the title of a header who wants what is below it
            leaf = self._store.named("leaf")
            nearest = min(reading.whole.values(), default=None)
            best = [number for number in certain if reading.whole[number] == nearest]
            if nearest in (VERBATIM, 1) and not any(leaf >> number & 1 for number in best):
                certain.update(dict.fromkeys(best, _HEADER + 0.1))
        more = [(bits.to_bytes(size, "little"), worth) for bits, worth in self._bonuses(found)]

        def score(number: int) -> float:
            place, bit = number >> 3, 1 << (number & 7)
            total = exact.get(number, 0.0) + _COMMON * prior[number] / 100
            if number in certain:
                return total + 1.0 + certain[number] + sum(worth for bits, worth in more if bits[place] & bit)
            extra = burden[number] / 10
            for levels, weight, encounter in parts:
                for worth, used, bits in levels:
                    if bits[place] & bit:
                        total += worth
                        extra -= used
                        break
                else:
                    if encounter and encounter[place] & bit:
                        total += weight
            if extra > 0:
                total -= _EXTRA * min(_MOST_EXTRA, extra)
            for bits, worth in more:
                if bits[place] & bit:
                    total += worth
            return total

        return score

    def _bonuses(self, found: Found) -> Iterator[tuple[int, float]]:
        """Yield sets of documents with what being in them is worth."""
        named, side, documents = self._store.named, found.reading.side, found.documents
        yield documents & ~named("leaf"), -_HEADER
        for bits in found.reading.preferred:
            yield bits, _RULED_OUT
        if side:
            sided = named("side bilateral") if side == "both" else named(f"side {side}")
            if side == "both" and not sided & documents:
                sided = named("side right") | named("side left")
            yield sided, _SIDE
            yield named("side unspecified") & ~sided, -_NO_SIDE


def _first(chosen: Iterable[int], tiers: Iterable[int], room: int) -> Iterable[int]:
    """Return some documents and then those of the tiers until there is no more room."""
    found = dict.fromkeys(chosen)
    for tier in tiers:
        if len(found) < room:
            found.update(dict.fromkeys(islice(members(tier), room)))
    return islice(found, room)
