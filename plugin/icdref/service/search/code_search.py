"""The one search of icdref: words, a code or its beginning in; ranked codes of one release out, with the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Final

from icdref import codes, issues
from icdref.issues import IcdRefError, Issue
from icdref.language.stems import stem
from icdref.model import Concept, Release
from icdref.results import ReleaseChoice, SearchHit, SearchReason, SearchResult
from icdref.service.search.code_ranges import CodeRange, CodeRanges
from icdref.service.search.encounters import character
from icdref.service.search.listing import Calendar, Listing, Share, Wanted, code_of
from icdref.service.search.ranking import Ranker
from icdref.service.search.reading import Reader
from icdref.service.search.reasons import reasons
from icdref.service.search.slots import union
from icdref.service.terminology import Terminology
from icdref.store.bits import from_numbers
from icdref.store.search import SearchStore

LONGEST: Final = 400
"""Characters of a question; longer ones are refused."""

MOST: Final = 10_000
"""Codes on one page."""


@dataclass(frozen=True, slots=True)
class Only:
    """Which codes may be found.

    `billable`: only those that a claim of the day accepts. `within`: only a chapter, block or code and what is below it.
    `every_encounter`: also the codes that only add an encounter to one that was found. `among`: only members of a value set,
    as the documents of each seventh character ('' for codes without one of their own).
    """

    billable: bool = False
    within: str = ""
    every_encounter: bool = False
    among: Mapping[str, int] | None = None


EVERYTHING: Final = Only()


@dataclass(frozen=True, slots=True)
class _Question:
    """One question on its way: the documents it may find, and which page of them is wanted."""

    text: str
    count: int
    offset: int
    only: Only
    choice: ReleaseChoice
    release: int
    within: int
    ended: dict[str, int]


class CodeSearch:
    """Searches the codes of one edition."""

    def __init__(self, store: SearchStore, terminology: Terminology) -> None:
        self._store = store
        self._terminology = terminology
        self._ranges = CodeRanges(store, terminology.concepts)
        self._reader = Reader(store, terminology.concepts, self._ranges)
        self._ranker = Ranker(store)
        self._calendar = Calendar(store, terminology.horizon.first, terminology.horizon.last)
        # While somebody types, the same codes come again with every letter; reading one costs ten times a hit.
        self._concept = lru_cache(maxsize=4096)(self._read)

    def search(
        self,
        text: str,
        *,
        count: int = 20,
        offset: int = 0,
        only: Only = EVERYTHING,
        version: str = "",
        day: date | None = None,
        choice: ReleaseChoice | None = None,
    ) -> SearchResult:
        """Return one page of the codes that a question finds, best first.

        The order and the total are the same whatever `count` and `offset` are. A question without any known word finds
        nothing, which is an answer. Raises IcdRefError for a question that is too long, a bad page, an unknown version, or
        a `within` that the release does not have. `choice` is the release where the caller has chosen it already.
        """
        question = self._question(text, count, offset, only, version, day, choice)
        found = self._ranges.find(text, question.release)
        if found.numbers:
            return self._by_code(question, found)
        result = self._by_words(question)
        if not result.total and (meant := self._meant(question)):
            return self._by_code(question, meant, corrected=True)
        return result

    def codes(self, text: str, only: Only, choice: ReleaseChoice, offset: int, count: int) -> tuple[list[str], int]:
        """Return the codes of one page of what `search` finds, without titles and reasons, and how many there are in all."""
        question = self._question(text, count, offset, only, "", None, choice)
        found = self._ranges.find(text, question.release)
        if not found.numbers:
            readings = self._reader.read(text, question.release)
            ranking = self._ranker.best(readings, question.within)
            listing = self._listing(question, ranking.found.shares, every_encounter=only.every_encounter)
            if listing.total or (meant := self._meant(question)) is None:
                page = listing.page(lambda: ranking.order(listing.documents), offset, count)
                return [code_of(self._store.code(number), seventh) for number, seventh in page], listing.total
            found = meant
        listing = self._code_listing(question, found)
        page = listing.page(lambda: iter(found.numbers), offset, count, in_turn=True)
        return [code_of(self._store.code(number), seventh) for number, seventh in page], listing.total

    def numbers(self, release: Release) -> Mapping[str, int]:
        """Return the document of every code of a release that is one."""
        return dict(self._store.documents(self._terminology.releases.number(release)))

    def knows(self, word: str) -> bool:
        """Tell whether a word, or another one of its family, stands in any title or term."""
        return self._store.knows(word) or bool(self._store.family(stem(word)))

    def _question(
        self,
        text: str,
        count: int,
        offset: int,
        only: Only,
        version: str,
        day: date | None,
        choice: ReleaseChoice | None = None,
    ) -> _Question:
        if len(text) > LONGEST:
            raise IcdRefError(issues.query_too_long(len(text), LONGEST))
        if not 0 <= count <= MOST:
            raise IcdRefError(issues.bad_parameter("count", str(count), f"it must be from 0 to {MOST}"))
        if offset < 0:
            raise IcdRefError(issues.bad_parameter("offset", str(offset), "it must not be negative"))
        choice = choice or self._terminology.choose(version, day)
        release = self._terminology.releases.number(choice.release)
        within = self._store.alive(release)
        if only.among is not None:
            within &= union(only.among.values())
        if only.within:
            within &= self._within(only.within, release, choice.release.version)
        return _Question(text, count, offset, only, choice, release, within, self._calendar.ended(choice.day))

    def _within(self, text: str, release: int, version: str) -> int:
        code = codes.normalise(text)
        if code is None:
            raise IcdRefError(issues.malformed_code(text, "within"))
        stored = self._terminology.concepts.concept(code, release)
        if stored is None:
            raise IcdRefError(issues.unknown_code(code, codes.ICD10CM, version, (), "within"))
        return self._store.below(stored.position, stored.last)

    def _meant(self, question: _Question) -> CodeRange | None:
        """Return the codes that a wrong code may have been meant to be: `M61.O5`, `S72.0X1`."""
        code = codes.normalise(question.text)
        if code is None or not any(letter.isdigit() for letter in code) or codes.is_chapter(code):
            return None
        meant = self._terminology.concepts.suggestions(code, question.release)
        numbers = [self._store.number(each, question.release) for each in meant]
        return CodeRange(meant[0], [number for number in numbers if number is not None]) if meant else None

    # --- by code -----------------------------------------------------------------------------------------------------

    def _by_code(self, question: _Question, found: CodeRange, *, corrected: bool = False) -> SearchResult:
        listing = self._code_listing(question, found)
        why = (SearchReason("code", found.beginning, question.text.strip() if corrected else ""),)
        hits = [
            self._hit(question, number, seventh, 1.0, why)
            for number, seventh in listing.page(lambda: iter(found.numbers), question.offset, question.count, in_turn=True)
        ]
        changed = ((question.text.strip(), found.beginning),) if corrected else ()
        return SearchResult(tuple(hits), listing.total, question.choice, changed, (), question.choice.issues)

    def _code_listing(self, question: _Question, found: CodeRange) -> Listing:
        names = None
        if found.seventh is not None:
            names = frozenset(name for name in self._reader.encounters.every if character(name) in found.seventh)
        share = Share(from_numbers(found.numbers) & question.within, names)
        return self._listing(question, [share], every_encounter=True)

    # --- by words ----------------------------------------------------------------------------------------------------

    def _by_words(self, question: _Question) -> SearchResult:
        readings = self._reader.read(question.text, question.release)
        ranking = self._ranker.best(readings, question.within)
        found, reading = ranking.found, ranking.found.reading
        listing = self._listing(question, found.shares, every_encounter=question.only.every_encounter)
        hits = []
        page = listing.page(lambda: ranking.order(listing.documents), question.offset, question.count)
        for place, (number, seventh) in enumerate(page, question.offset):
            score = ranking.score(number) if place < listing.singles else ranking.least()
            hits.append(self._hit(question, number, seventh, score, reasons(self._store, reading, number, seventh)))
        ignored = [*reading.ignored, *(slot.asked for slot in found.dropped)]
        more: list[Issue] = []
        if not listing.total:
            more.append(issues.nothing_matches(question.text))
        elif ignored:
            more.append(issues.words_ignored(ignored))
        return SearchResult(
            tuple(hits),
            listing.total,
            question.choice,
            tuple(dict.fromkeys(reading.corrected)),
            tuple(ignored),
            (*question.choice.issues, *more),
        )

    def _listing(self, question: _Question, found: Sequence[Share], *, every_encounter: bool) -> Listing:
        wanted = Wanted(question.only.billable, every_encounter, question.only.among)
        return Listing(self._store, self._reader.encounters, found, wanted, question.ended)

    def _hit(self, question: _Question, number: int, seventh: str, score: float, why: tuple[SearchReason, ...]) -> SearchHit:
        code = code_of(self._store.code(number), seventh)
        concept = self._concept(code, question.release)
        active = None
        if concept.billable and self._calendar.knows(question.choice.day):
            active = not question.ended.get(seventh, 0) >> number & 1
        billable = concept.billable and active is not False
        return SearchHit(code, concept.display, billable, str(concept.kind), score, why, active)

    def _read(self, code: str, release: int) -> Concept:
        stored = self._terminology.concepts.concept(code, release)
        if stored is None:
            raise IcdRefError(issues.edition_damaged(f"The search index has {code}, which the release has not; the index"))
        return replace(stored.concept, notes=(), seventh_characters=())
