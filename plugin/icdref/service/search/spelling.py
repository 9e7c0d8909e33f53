"""What a word that nothing knows may have been meant to be: American spelling, sound, and one or two slips of the fingers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from icdref.language.fold import american, singular
from icdref.language.sounds import sound
from icdref.language.stems import stem
from icdref.store.search import SearchStore

_SHORTEST = 4
_TWO_SLIPS_FROM = 6
_TWO_SLIPS_IN_A_BEGINNING_FROM = 9
_SAME_SOUND = 0.7
_UNTYPED = 0.2
_OTHER_FIRST_LETTER = 0.4
_RAREST = 0.7
"""What a word that is never met costs against one that is met all the time, in slips."""
_BAND = 0.7
_MOST = 4
_LAST_LETTER = "~"


@dataclass(frozen=True, slots=True)
class Correction:
    """A word of the vocabulary and how far it is from what was typed: 0 for another spelling of the same word."""

    word: str
    slips: float


class Speller:
    """Corrects words against the vocabulary of an edition. The vocabulary is read when the first unknown word comes."""

    def __init__(self, store: SearchStore) -> None:
        self._store = store
        self.corrections = lru_cache(maxsize=2048)(self._corrections)
        self.beginnings = lru_cache(maxsize=2048)(self._beginnings)

    def has(self, word: str) -> bool:
        """Tell whether a word is in the vocabulary."""
        words = self._store.vocabulary().words
        place = bisect_left(words, word)
        return place < len(words) and words[place] == word

    def knows(self, word: str) -> bool:
        """Tell whether a word, or another one of its family, is in the vocabulary."""
        return self.has(word) or bool(self._store.family(stem(word)))

    def words_beginning(self, prefix: str, limit: int = 400) -> Sequence[str]:
        """Return words of the vocabulary that begin with a prefix, in alphabetical order."""
        words = self._store.vocabulary().words
        first = bisect_left(words, prefix)
        last = min(bisect_left(words, prefix + _LAST_LETTER), first + limit)
        return words[first:last]

    def american(self, word: str) -> str:
        """Return the known American spelling of a British word, '' where there is none."""
        return next((singular(each) for each in american(word) if self.knows(singular(each))), "")

    def _corrections(self, word: str) -> tuple[Correction, ...]:
        """Return what a whole word may have been meant to be, likeliest first; () where nothing is near."""
        if len(word) < _SHORTEST or not word.isalpha():
            return ()
        vocabulary = self._store.vocabulary()
        most = 2 if len(word) >= _TWO_SLIPS_FROM else 1
        found: dict[int, float] = {}
        for length in range(len(word) - most, len(word) + most + 1):
            words, places = vocabulary.as_long(length)
            near = process.extract(word, words, scorer=OSA.distance, score_cutoff=most, limit=40)
            found.update((places[place], float(slips)) for _, slips, place in near)
        for place in vocabulary.sounding(sound(word)):
            found[place] = min(found.get(place, _SAME_SOUND), _SAME_SOUND)
        return self._likeliest(word, found)

    def _beginnings(self, prefix: str) -> tuple[Correction, ...]:
        """Return words whose beginning was mistyped, with the same first letter."""
        if len(prefix) < _SHORTEST or not prefix.isalpha():
            return ()
        words = self._store.vocabulary().words
        first, last = bisect_left(words, prefix[0]), bisect_left(words, chr(ord(prefix[0]) + 1))
        most = 2 if len(prefix) >= _TWO_SLIPS_IN_A_BEGINNING_FROM else 1
        cut = [word[: len(prefix)] for word in words[first:last]]
        near = process.extract(prefix, cut, scorer=OSA.distance, score_cutoff=most, limit=40)
        return self._likeliest(prefix, {first + place: slips + _UNTYPED for _, slips, place in near})

    def _likeliest(self, word: str, found: dict[int, float]) -> tuple[Correction, ...]:
        vocabulary = self._store.vocabulary()
        ranked = sorted(
            (slips + _RAREST * (1 - vocabulary.weights[place] / 255) + _OTHER_FIRST_LETTER * (each[0] != word[0]), each, slips)
            for place, slips in found.items()
            if (each := vocabulary.words[place])
        )
        return tuple(Correction(each, slips) for cost, each, slips in ranked[:_MOST] if cost <= ranked[0][0] + _BAND)
