"""Reads a question: what each part of it may match, which side it names, what it rules out, which encounter it is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

from icdref.language.small_words import NEGATING, SIDES
from icdref.language.titles import NOT, NOT_RULED_OUT, analyse, numbered
from icdref.language.tokens import COMMA, bag_key
from icdref.service.search.code_ranges import CodeRanges
from icdref.service.search.encounters import Encounters, without_encounter
from icdref.service.search.items import Itemiser
from icdref.service.search.meanings import Meanings, Word
from icdref.service.search.phrases import Found, Item, PhraseBook
from icdref.service.search.slots import Slot, anywhere_of, together, union
from icdref.service.search.spelling import Speller
from icdref.store.concepts import ConceptStore
from icdref.store.search import FIELDS, KEY_KINDS, SearchStore, Stands

VERBATIM: Final = 0
"""What stands for the kind of a title that a question is word for word, in order."""

_FILLERS: Final = frozenset({"side", "sided"})
_CONTINUES: Final = frozenset({"or", "nor", "and"})
_ENDS: Final = frozenset({"with", "but", COMMA, "due", "from"})
_NOT_THE_THING: Final = frozenset({"above", "site"})
"""Where a match is not the thing itself: who says "hand, not wrist" does not rule out "wrist and hand"."""

_IN_ONE_WORD: Final = ("non", "un", "in")
_IN_TITLES: Final = {"right": "right", "left": "left", "both": "bilateral"}


@dataclass(slots=True)
class Reading:
    """A question as understood.

    `side` is right, left, both or ''. `excluded` are documents that the question rules out, `preferred` those whose titles
    rule out the same, for each thing that it rules out. `words` are its words as titles would have them; `encounters` are
    those it names in full. `whole` are the documents that have all of it as title or term, with the kind of that
    (KEY_KINDS, or VERBATIM). `word_by_word` is true where the phrases in it were left aside.
    """

    slots: list[Slot] = field(default_factory=list)
    side: str = ""
    excluded: int = 0
    preferred: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    corrected: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    encounters: frozenset[str] = frozenset()
    word_by_word: bool = False
    whole: dict[int, int] = field(default_factory=dict)


class Reader:
    """Reads questions with the words of one edition."""

    def __init__(self, store: SearchStore, concepts: ConceptStore, ranges: CodeRanges) -> None:
        self.encounters = Encounters(store)
        self._store = store
        self._concepts = concepts
        self._ranges = ranges
        self._speller = Speller(store)
        self._meanings = lru_cache(maxsize=4)(self._meanings_in)

    @cached_property
    def _book(self) -> PhraseBook:
        return PhraseBook(self._store.phrases())

    @cached_property
    def _itemiser(self) -> Itemiser:
        return Itemiser(self._speller, self._book)

    def read(self, text: str, release: int) -> Iterator[Reading]:
        """Yield what a question may mean in a release, likeliest first.

        First with the phrases that stand in it as they are, then with those whose words stand apart, then word by word.
        """
        text, encounters = self.encounters.at_the_end(text)
        items = self._itemiser.items(text)
        meanings = self._meanings(release)
        whole = self._whole(text, release)
        as_written, apart = self._book.find(items, apart=False), self._book.find(items)
        for found in [as_written, *([apart] if apart != as_written else ()), *([[]] if as_written else ())]:
            sides = _sides(items)
            side = next(iter(sides)) if len(sides) == 1 else "both" if sides else ""
            reading = Reading(encounters=encounters, side=side, word_by_word=bool(as_written) and not found, whole=whole)
            if sides in ({"both", "right"}, {"both", "left"}):  # bilateral with the right: never the left alone
                reading.excluded |= self._store.named("side left" if "right" in sides else "side right")
            _Sentence(self._store, meanings, self._book, reading, items, found).read()
            yield reading

    def _meanings_in(self, release: int) -> Meanings:
        return Meanings(self._store, self._concepts, self._book, self.encounters, self._speller, self._ranges, release)

    def _whole(self, text: str, release: int) -> dict[int, int]:
        """Return the documents of which a text is a whole title or term, with the first kind that it is of each.

        Where several titles have these words, VERBATIM says which has them in this order: `second trimester, fetus 3`.
        """
        found: dict[int, int] = {}
        words: tuple[str, ...] = ()
        for tried in dict.fromkeys((text, without_encounter(text))):
            words = analyse(tried).literal
            taken = -1 if tried == text else self.encounters.taken  # without its encounter only what takes one
            for kind, number in self._store.with_key(bag_key(words)) if words else ():
                if taken >> number & 1:
                    found.setdefault(number, kind)
            if found:
                break
        titled = [number for number, kind in found.items() if kind == KEY_KINDS[0]]
        for number in titled if len(titled) > 1 else ():
            stored = self._concepts.concept(self._store.code(number), release)
            if stored and analyse(stored.concept.display).literal == words:
                found[number] = VERBATIM
        return found


class _Sentence:
    """One question while it is read, from left to right, with the phrases found in it."""

    def __init__(
        self,
        store: SearchStore,
        meanings: Meanings,
        book: PhraseBook,
        reading: Reading,
        items: Sequence[Item],
        phrases: Sequence[Found],
    ) -> None:
        self._store = store
        self._meanings = meanings
        self._book = book
        self._reading = reading
        self._items = items
        self._found = {found.places[0]: found for found in phrases}
        self._covered = {place for found in phrases for place in found.places}
        self._negated: list[str] | None = None

    def read(self) -> None:
        """Fill the reading."""
        place = 0
        while place < len(self._items):
            place += self._read_at(place)
        self._rule_out()

    def _read_at(self, place: int) -> int:
        """Read what stands at a place and return how many places it takes."""
        item = self._items[place]
        if place in self._found:
            self._read_phrase(self._found[place])
        elif place in self._covered:
            pass
        elif item.raw in NEGATING:
            self._rule_out()
            self._negated = None if self._following(place) in NOT_RULED_OUT else []
        elif item.raw in SIDES and self._negated == []:
            self._reading.excluded |= self._store.named(f"side {_IN_TITLES[SIDES[item.raw]]}")
            self._negated = None
        elif item.raw in SIDES and len(self._items) > 1:
            self._rule_out()
            self._reading.words.append(_IN_TITLES[SIDES[item.raw]])
        elif item.stop or (place and item.words[0] in _FILLERS and self._items[place - 1].raw in SIDES):
            if item.raw in _ENDS or item.words[0] in _ENDS:
                self._rule_out()
        elif self._negated is not None and self._belongs(place):
            self._negated.append(item.words[0])
        else:
            return self._read_word(place)
        return 1

    def _following(self, place: int) -> str:
        """Return the next word that carries meaning."""
        return next((item.raw for item in self._items[place + 1 :] if not item.stop), "")

    def _read_word(self, place: int) -> int:
        item = self._items[place]
        if any(phrase.kind == "ignored" for phrase in self._book.single(item.words[0], item.raw)):
            return 1
        following = self._items[place + 1] if place + 1 < len(self._items) and place + 1 not in self._covered else None
        if following and (both := numbered(item.words[0], following.words[0])):
            slot = self._meanings.number(both, item, following)
            if slot.matches():
                self._reading.words += [item.words[0], following.words[0]]
                self._take(slot)
                return 2
        word = self._meanings.word(item, alone=len(self._items) == 1)
        self._note(word)
        self._take(word.slot)
        return 1

    def _read_phrase(self, found: Found) -> None:
        items = tuple(self._items[place] for place in found.places)
        if all(phrase.kind == "ignored" for phrase in found.phrases):
            return
        slot = self._meanings.phrase(found, items)
        words = [found.reads(item) for item in items]
        if self._negated is not None and self._belongs(found.places[0]):
            self._rule_out_phrase(slot, words)
            return
        self._reading.words += words
        self._reading.corrected += [(item.raw, word) for item, word in zip(items, words, strict=True) if item.corrected]
        self._take(slot)

    def _note(self, word: Word) -> None:
        self._reading.words.append(word.read_as)
        if word.corrected:
            self._reading.corrected.append((word.corrected, word.read_as))

    def _take(self, slot: Slot) -> None:
        if slot.matches():
            self._reading.slots.append(slot)
        else:
            self._reading.ignored.append(slot.asked)

    # --- what is ruled out -------------------------------------------------------------------------------------------

    def _belongs(self, place: int) -> bool:
        """Tell whether a word still belongs to what a "without" before it rules out.

        The first word does, and each further one that some title rules out together with those before it.
        """
        if not self._negated or self._items[place - 1].raw in _CONTINUES:
            return True
        both = together(self._store.stands(NOT + word) for word in (*self._negated, self._items[place].words[0]))
        if both is not None and both.title:
            return True
        self._rule_out()
        return False

    def _rule_out(self) -> None:
        """Close what a "without" began: documents about it are excluded, titles that rule it out are preferred."""
        negated, self._negated = self._negated, None
        if not negated:
            return
        about = together(self._meanings.family(word) for word in negated)
        excluded = about.title | about.term if about else 0
        if len(negated) == 1:
            slot = Slot(negated[0])
            self._meanings.add_word(slot, negated[0], 1.0)
            negated = self._meanings.written_out(negated[0]) or negated
            excluded |= union(level.bits for level in slot.levels if level.field not in _NOT_THE_THING)
        self._exclude(excluded, negated)

    def _rule_out_phrase(self, slot: Slot, words: Sequence[str]) -> None:
        """Rule out what a phrase means, beside its words."""
        meant = union(level.bits for level in slot.levels if level.field not in FIELDS)
        self._negated = [*(self._negated or ()), *words]
        self._rule_out()
        self._reading.excluded |= meant & ~union(self._reading.preferred[-1:])

    def _exclude(self, excluded: int, negated: Sequence[str]) -> None:
        ruled_out = together(self._ruled_out(word) for word in negated)
        if ruled_out is not None:
            self._reading.preferred.append(ruled_out.title)
            excluded &= ~ruled_out.title
        self._reading.excluded |= excluded
        self._reading.words += [NOT + word for word in negated]

    def _ruled_out(self, word: str) -> Stands | None:
        """Return where titles rule out a word, with a "without" or in one word: `nondisplaced`, `unspecified`."""
        stands = [self._store.stands(f"{before}{word}") for before in (NOT, *_IN_ONE_WORD)]
        return anywhere_of(stands)


def _sides(items: Sequence[Item]) -> set[str]:
    """Return the sides that a question names. "Not right" names none."""
    named = [item for place, item in enumerate(items) if not place or items[place - 1].raw not in NEGATING]
    return {SIDES[item.raw] for item in named if item.raw in SIDES}
