"""What words and phrases may mean, as levels of a slot: themselves, their family, what people mean by them, codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from icdref.language.stems import stem
from icdref.language.tokens import content_words
from icdref.service.search.code_ranges import CodeRanges
from icdref.service.search.encounters import WORDS as ENCOUNTER_WORDS
from icdref.service.search.encounters import Encounters
from icdref.service.search.phrases import Found, Item, PhraseBook
from icdref.service.search.slots import Level, Slot, together, union
from icdref.service.search.spelling import Speller
from icdref.store.bits import from_numbers
from icdref.store.concepts import ConceptStore
from icdref.store.search import NOWHERE, Phrase, SearchStore, Stands

CORRECTED: Final = 0.95
"""How much a corrected word is worth against the word itself, before each slip takes PER_SLIP away."""

PER_SLIP: Final = 0.08

_FAMILY, _BEGINNING, _TEXT, _PLACE, _LITERAL, _NUMBER_APART = 0.92, 0.8, 0.93, 0.9, 0.96, 0.85
_CODE, _OTHER_CODE, _BELOW, _RELATED = 1.0, 0.96, 0.9, 0.8
_PER_PLACE: Final = 0.07
_PER_SITE: Final = 0.06
_MOST_BEGUN: Final = 6
_FEWEST_LETTERS_BEGUN: Final = 3
_LONGEST_ABBREVIATION: Final = 4
_SHORTEST_CODE: Final = 3


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a question with what it may match, what it was read as, and what was typed where that differs."""

    slot: Slot
    read_as: str
    corrected: str = ""


class Meanings:
    """Fills slots from the words and phrases of one edition, for questions to one release.

    What a word means is kept: while somebody types, all words but the last come again with every letter. Nobody changes a
    slot that was handed out.
    """

    def __init__(
        self,
        store: SearchStore,
        concepts: ConceptStore,
        book: PhraseBook,
        encounters: Encounters,
        speller: Speller,
        ranges: CodeRanges,
        release: int,
    ) -> None:
        self._store = store
        self._concepts = concepts
        self._book = book
        self._encounters = encounters
        self._speller = speller
        self._ranges = ranges
        self._release = release
        self._size = len(store.column("prior"))
        # A slot takes 50 to 100 kB.
        self.word = lru_cache(maxsize=96)(self._word)
        self.phrase = lru_cache(maxsize=48)(self._phrase)
        self.number = lru_cache(maxsize=32)(self._number)
        self._code = lru_cache(maxsize=512)(self._code_of)

    def _word(self, item: Item, *, alone: bool = False) -> Word:
        """Return what one word of the question may match; `alone` where it is the whole question."""
        slot = Slot(item.raw)
        for number, word in enumerate(item.words):
            quality = CORRECTED - PER_SLIP * item.slips[number] if item.corrected else 1.0
            self.add_word(slot, word, quality, corrected=item.raw if item.corrected else "", raw=item.raw)
        if item.unfinished:
            self._add_beginnings(slot, item.raw, alone=alone)
        if not slot.matches():
            self._add_code_range(slot, item.raw)
        if not slot.matches() and not item.corrected:
            for correction in self._speller.corrections(item.words[0]):
                self.add_word(slot, correction.word, CORRECTED - PER_SLIP * correction.slips, corrected=item.raw)
        best = max(slot.levels, key=lambda level: level.quality, default=None)
        slot.settle(self._size)
        if best and best.corrected and best.words[0] != item.raw:
            return Word(slot, best.words[0], item.raw)
        return Word(slot, item.words[0])

    def add_word(self, slot: Slot, word: str, quality: float, *, corrected: str = "", raw: str = "") -> None:
        """Add what a word means: where it stands, where its relatives stand, and what people mean by it."""
        slot.add(self._store.stands(word), quality, (word,), corrected=corrected)
        relatives = [each for each in self._store.family(stem(word)) if each != word]
        if relatives:
            family = _any(self._store.stands(each) for each in relatives)
            slot.add(family, quality * _FAMILY, relatives[:1], corrected=corrected, any_of=relatives)
        for phrase in self._book.single(word, raw):
            self._add_phrase(slot, phrase, quality, corrected)
        if word in ENCOUNTER_WORDS:
            self._add_encounters(slot, word)

    def written_out(self, word: str) -> list[str]:
        """Return the words that an abbreviation stands for, [] where it is none."""
        texts = (phrase.texts[0] for phrase in self._book.single(word) if phrase.kind == "abbreviation" and phrase.texts)
        return content_words(next(texts, ""))

    def _add_beginnings(self, slot: Slot, raw: str, *, alone: bool) -> None:
        """Add the words that begin with what was typed of the last word so far; mistyped beginnings only where none does."""
        if slot.condition and len(raw) <= _LONGEST_ABBREVIATION and not alone:
            return
        stands = self._store.stands_beginning(raw)
        slot.add(stands, _BEGINNING, (f"{raw}…",), any_of=self._store.words_beginning(raw))
        if len(raw) < _FEWEST_LETTERS_BEGUN:
            return
        begun = [word for word in self._speller.words_beginning(raw, 60) if word != raw and self._book.single(word)]
        for word in begun[:_MOST_BEGUN]:
            for phrase in self._book.single(word):
                self._add_phrase(slot, phrase, _BEGINNING, "")
        if not slot.levels:
            for correction in self._speller.beginnings(raw):
                self.add_word(slot, correction.word, _BEGINNING - PER_SLIP * correction.slips, corrected=raw)

    def _number(self, both: str, one: Item, other: Item) -> Slot:
        """Return the part that a number and what it counts make: `stage 3`, `2nd degree`."""
        slot = Slot(f"{one.raw} {other.raw}", parts=2)
        words = (one.words[0], other.words[0])
        slot.add(self._store.stands(both), 1.0, words)
        if slot.levels:
            slot.add(together(map(self.family, words)), _NUMBER_APART, words)
        slot.settle(self._size)
        return slot

    def _phrase(self, found: Found, items: tuple[Item, ...]) -> Slot:
        """Return the part that a phrase of several words makes: what it means, and the words themselves."""
        slot = Slot(" ".join(item.raw for item in items), parts=len(items))
        words = [next((word for word in item.words if self.family(word)), item.words[0]) for item in items]
        families = [self.family(word) for word in words]
        if found.unfinished:
            families[-1] = _any((families[-1], self._store.stands_beginning(items[-1].raw)))
        else:
            slot.add(together(map(self._store.stands, words)), _LITERAL, words)
        slot.add(together(families), _LITERAL * _FAMILY, words)
        for phrase in found.phrases:
            self._add_phrase(slot, phrase, found.quality, "")
        slot.settle(self._size)
        return slot

    def family(self, word: str) -> Stands | None:
        """Return where a word or a relative of it stands, None where none does."""
        stands = [self._store.stands(each) for each in {word, *self._store.family(stem(word))}]
        return _any(stands) if any(stands) else None

    def _add_phrase(self, slot: Slot, phrase: Phrase, quality: float, corrected: str) -> None:
        quality *= _RELATED if phrase.kind == "related" else 1.0
        slot.condition = slot.condition or bool(phrase.codes)
        slot.site = slot.site or phrase.kind == "site"
        for number, text in enumerate(phrase.texts):
            if phrase.kind == "encounter":
                self._add_encounters(slot, text)
                continue
            words = content_words(text)
            worth = quality * (_PLACE - _PER_SITE * number if phrase.kind == "site" else _TEXT - _PER_PLACE * number)
            slot.add(together(map(self.family, words)), worth, words, name=phrase.kind, corrected=corrected)
        for number, code in enumerate(phrase.codes):
            self._add_code(slot, phrase, code, quality, number, corrected)

    def _add_code(self, slot: Slot, phrase: Phrase, code: str, quality: float, number: int, corrected: str) -> None:
        """Add the code that a phrase means, and with a hyphen behind it all that stands below it."""
        itself, below, burden = self._code(code)
        if not itself:
            return
        worth = quality * (_CODE if number == 0 else _OTHER_CODE - _PER_PLACE * (number - 1))
        slot.levels.append(Level(worth, itself, phrase.kind, (phrase.text,), burden, corrected))
        if code.endswith("-"):
            worth = quality * (_BELOW - _PER_PLACE * number)
            slot.levels.append(Level(worth, below, phrase.kind, (phrase.text,), burden, corrected))

    def _code_of(self, code: str) -> tuple[int, int, float]:
        """Return the document of a code, those below it where a hyphen stands behind it, and how much its title says."""
        bare = code.rstrip("-")
        document = self._store.number(bare, self._release)
        stored = self._concepts.concept(bare, self._release)
        if document is None or stored is None:
            return 0, 0, 0.0
        itself = 1 << document
        below = self._store.below(stored.position, stored.last) & ~itself if code.endswith("-") else 0
        return itself, below, self._store.column("burden")[document] / 10

    def _add_code_range(self, slot: Slot, raw: str) -> None:
        """Add the codes that begin with a word such as `m61` beside other words."""
        if len(raw) < _SHORTEST_CODE or not any(letter.isdigit() for letter in raw):
            return
        found = self._ranges.find(raw, self._release)
        if found.numbers:
            slot.levels.append(Level(1.0, from_numbers(found.numbers), "code", (found.beginning,), 0.0))

    def _add_encounters(self, slot: Slot, text: str) -> None:
        names = self._encounters.named(text)
        slot.encounters |= names
        slot.encounter_bits |= union(self._store.named(name) for name in names)


def _any(stands: Iterable[Stands | None]) -> Stands:
    found = NOWHERE
    for each in stands:
        if each is not None:
            found |= each
    return found
