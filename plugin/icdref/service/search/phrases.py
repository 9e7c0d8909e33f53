"""Finds in a question what people call things: contiguous phrases, and longer ones whose words stand apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from icdref.language.small_words import LIGHT, NEGATING, SIDES
from icdref.language.stems import stem
from icdref.store.search import Phrase

_CONTIGUOUS, _SAME_STEMS, _UNFINISHED, _APART = 1.0, 0.97, 0.95, 0.9
_MOST_MISSING = 2
_WIDEST_GAP = 3
_APART_FROM = 2
_INFLEXIBLE = frozenset({"abbreviation", "word", "site", "encounter", "ignored", "spelling"})
_TURNED = frozenset({"cant", "cannot", "wont", "dont", "not", "no"})
"""Words that turn the meaning of what follows: "can't hold my pee" is not "can't pee"."""


@dataclass(frozen=True, slots=True)
class Item:
    """One token of a question.

    `words` is what it may be read as, likeliest first; `slips` how far a correction is (0: as typed, or only another
    spelling). `unfinished` is true for the last token: more of it may follow.
    """

    raw: str
    words: tuple[str, ...]
    stop: bool = False
    unfinished: bool = False
    corrected: bool = False
    slips: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Phrases with the same words, found at places of the question; `quality` says how literally.

    `unfinished` is true where only the beginning of the phrase has been typed yet.
    """

    places: tuple[int, ...]
    phrases: tuple[Phrase, ...]
    quality: float
    unfinished: bool = False

    def reads(self, item: Item) -> str:
        """Return the word that a token of the phrase is read as."""
        return next((word for word in item.words if any(word in phrase.key for phrase in self.phrases)), item.words[0])


class PhraseBook:
    """Every phrase of an edition by its first word, and by its only word."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_first: dict[str, dict[tuple[str, ...], list[Phrase]]] = defaultdict(dict)
        self._by_word: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self._single: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in phrases:
            stems = tuple(map(stem, phrase.key))
            same = self._by_first[stems[0]].setdefault(stems, [])
            if not same and len(stems) > 1:
                self._by_word[min(stems)].append(stems)
            same.append(phrase)
            if len(phrase.key) == 1:
                self._single[phrase.key[0]].append(phrase)
                self._single[f"={phrase.text.lower()}"].append(phrase)

    def single(self, word: str, raw: str = "") -> Sequence[Phrase]:
        """Return the phrases that are this one word; those written just like `raw` go before those that share its singular."""
        return self._single.get(f"={raw}") or self._single.get(word) or ()

    def written(self, raw: str) -> Sequence[Phrase]:
        """Return the phrases that are written just so."""
        return self._single.get(f"={raw}", ())

    def find(self, items: Sequence[Item], *, apart: bool = True) -> list[Found]:
        """Return the phrases of several words that do not overlap: those of most words first, then the most literal.

        `apart` also finds phrases whose words stand in another order or with others between.
        """
        # Nothing is read across a "not", which rules out what stands behind it; but it may be a phrase's own: `no appetite`.
        stems = [(item.raw,) if item.raw in NEGATING else tuple(dict.fromkeys(map(stem, item.words))) for item in items]
        found = sorted(
            (*self._contiguous(items, stems), *(self._apart(items, stems) if apart else ())),
            key=lambda each: (-len(each.places), -each.quality, each.places),
        )
        taken: set[int] = set()
        kept = []
        for each in found:
            if taken.isdisjoint(each.places):
                taken.update(range(each.places[0], each.places[-1] + 1) if each.quality > _APART else each.places)
                kept.append(each)
        return kept

    def _contiguous(self, items: Sequence[Item], stems: Sequence[tuple[str, ...]]) -> Iterator[Found]:
        for start, words in enumerate(stems):
            for word in words:
                for key, phrases in self._by_first.get(word, {}).items():
                    if len(key) == 1:
                        continue
                    places, unfinished = _follow(items, stems, start, key)
                    if not places:
                        continue
                    quality = _UNFINISHED if unfinished else _literalness(items, places, phrases)
                    yield Found(places, tuple(phrases), quality, unfinished)

    def _apart(self, items: Sequence[Item], stems: Sequence[tuple[str, ...]]) -> Iterator[Found]:
        """Yield phrases whose words all stand in the question, near each other but in another order or with others between."""
        at = {word: place for place, words in reversed(list(enumerate(stems))) for word in words}
        for word in at:
            for key in self._by_word.get(word, ()):
                places = [at[part] for part in key if part in at]
                if len(places) < len(key) or len(set(places)) < len(key):
                    continue
                phrases = [each for each in self._by_first[key[0]][key] if each.kind not in _INFLEXIBLE]
                span = range(min(places), max(places) + 1)
                if any(items[place].raw in NEGATING for place in span) or not _TURNED.isdisjoint(key):
                    continue
                between = sum(not _passes(items[place]) for place in span if place not in places)
                if phrases and between <= (_WIDEST_GAP if len(key) > _APART_FROM else 1):
                    yield Found(tuple(sorted(places)), tuple(phrases), _APART)


def _passes(item: Item) -> bool:
    """Tell whether a word may stand between those of a phrase: `pain under the left breast` is breast pain."""
    return item.stop or item.raw in SIDES or item.raw in LIGHT


def _literalness(items: Sequence[Item], places: Sequence[int], phrases: Sequence[Phrase]) -> float:
    literal = all(any(word in items[place].words for phrase in phrases for word in phrase.key) for place in places)
    return _CONTIGUOUS if literal else _SAME_STEMS


def _follow(
    items: Sequence[Item], stems: Sequence[tuple[str, ...]], start: int, key: tuple[str, ...]
) -> tuple[tuple[int, ...], bool]:
    """Return the places of a phrase that begins at `start`, () where it does not, and whether it is not typed to its end.

    Stop words between are skipped.
    """
    places: list[int] = []
    place = start
    for number, word in enumerate(key):
        while place < len(items) and word not in stems[place] and items[place].stop and places:
            place += 1
        rest = len(key) - number
        if place >= len(items):
            return (tuple(places), True) if number > 1 and rest == 1 else ((), False)
        if word not in stems[place]:
            item = items[place]
            begun = item.unfinished and place == len(items) - 1 and places and word.startswith(item.raw)
            return ((*places, place), True) if begun and rest <= _MOST_MISSING else ((), False)
        places.append(place)
        place += 1
    return tuple(places), False
