"""The documents of the search index: one walk down the tree of each release, with the words of every title and term."""

from __future__ import annotations

import re
import sqlite3
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from icdref import codes
from icdref.language.titles import NOT, Analysis, analyse, to_ascii
from icdref.model import Kind, NoteKind
from icdref.store.records import to_release

_ROWS: Final = "SELECT code, position, last, billable, record FROM concept WHERE since <= ? AND until >= ? ORDER BY position"
_ENCOUNTER: Final = re.compile(r"(?:initial|subsequent) encounter\b|sequela\b")
_CHAPTERS: Final = (
    "SELECT position, code FROM concept WHERE json_extract(CAST(record AS TEXT), '$.k') = 'chapter' ORDER BY position"
)
_TERM_KINDS: Final = frozenset({NoteKind.INCLUDES, NoteKind.INCLUSION_TERM})
_REAL: Final = frozenset({Kind.CATEGORY, Kind.SUBCATEGORY})

# How common a code is where no row of commonness.tsv stands at or above it, in tenths of a level.
_BY_CHAPTER: Final = {"15": 20, "16": 18, "17": 18, "20": 14, "21": 24, "22": 18}
_ELSEWHERE: Final = 28
_POISONINGS: Final = 16
_MOST_LOST: Final = 30


@dataclass(slots=True)
class Document:
    """What search knows of one code over a run of releases; `seventh` are the encounters (character, meaning) it takes."""

    code: str
    since: int
    until: int
    position: int
    billable: bool
    laterality: str
    chapter: str
    title: Analysis
    terms: tuple[Analysis, ...]
    above: frozenset[str]
    prior: int
    seventh: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Node:
    """One concept on the path from the chapter down to where the walk is."""

    code: str
    last: int
    chapter: str
    display: str
    words: frozenset[str]
    level: int
    level_burden: float


@dataclass(slots=True)
class Walk:
    """Walks the releases oldest first and hands out each document once, when its run of releases has ended."""

    connection: sqlite3.Connection
    levels: Mapping[str, int]
    index_texts: Mapping[str, Sequence[str]]
    _open: dict[tuple[str, int], Document] = field(default_factory=dict)
    _chapters: list[tuple[int, str]] = field(default_factory=list)
    _analysed: dict[str, Analysis] = field(default_factory=dict)
    _before: dict[str, Analysis] = field(default_factory=dict)
    _noted: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    _has_notes: bool = True

    def _analyse(self, text: str) -> Analysis:
        """Return the analysis of a text, made once for all releases in a row that have it: 14 of 20 seconds of each."""
        found = self._analysed.get(text) or self._before.get(text) or analyse(text)
        self._analysed[text] = found
        return found

    def _chapter(self, position: int) -> str:
        """Return the chapter that a place in the book belongs to; places are the same in every release."""
        if not self._chapters:
            self._chapters = [(0, ""), *self.connection.execute(_CHAPTERS)]
        return self._chapters[bisect_right(self._chapters, (position, "~")) - 1][1]

    def documents(self, releases: int) -> Iterator[Document]:
        """Yield every document of the releases numbered from 0."""
        for number in range(releases):
            before, self._open = self._open, {}
            self._before, self._analysed = self._analysed, {}
            for identity, document in self._release(number):
                if known := before.pop(identity, None):
                    document.since = known.since
                self._open[identity] = document
            yield from before.values()
        yield from self._open.values()
        self._open = {}

    def _release(self, number: int) -> Iterator[tuple[tuple[str, int], Document]]:
        """Yield the documents of one release with what makes them the same as those of the release before."""
        (described,) = self.connection.execute("SELECT record FROM release WHERE no = ?", (number,)).fetchone()
        self._has_notes = to_release(orjson.loads(described)).has_notes
        if self._has_notes:
            self._noted = {}
        path: list[_Node] = []
        waiting: Document | None = None
        for code, position, last, billable, record in self.connection.execute(_ROWS, (number, number)):
            while path and position > path[-1].last:
                path.pop()
            concept = orjson.loads(record)
            if waiting and path and path[-1].code == waiting.code and (meaning := _encounter(code, concept["d"], path[-1])):
                waiting.seventh += ((code[-1], meaning),)
                continue
            if waiting:
                yield _identity(waiting), waiting
            node, waiting = self._visit(code, concept, position, last, path[-1] if path else None)
            if waiting:
                waiting.since = waiting.until = number
                waiting.billable = bool(billable)
            path.append(node)
        if waiting:
            yield _identity(waiting), waiting

    def _visit(
        self, code: str, concept: dict[str, Any], position: int, last: int, parent: _Node | None
    ) -> tuple[_Node, Document | None]:
        chapter = parent.chapter if parent else self._chapter(position)
        if concept["k"] not in _REAL:
            return _Node(code, last, chapter, concept["d"], frozenset(), 0, 0.0), None
        if parent is None:  # a category of a release that came as an order file, which has no chapters
            parent = _Node("", last, chapter, "", frozenset(), 0, 0.0)
        title = self._analyse(concept["d"])
        notes = self._terms(code, concept)
        terms = tuple(self._analyse(text) for text in (*notes, *self.index_texts.get(code, ())))
        own = frozenset(word for each in (title, *terms) for word in each.burden if not word.startswith(NOT))
        level, level_burden = (self.levels[code], title.total) if code in self.levels else (parent.level, parent.level_burden)
        node = _Node(
            code=code,
            last=last,
            chapter=chapter,
            display=concept["d"],
            words=parent.words | own,
            level=level,
            level_burden=level_burden,
        )
        prior = _prior(code, chapter, level, title.total - level_burden)
        above = parent.words - own
        return node, Document(code, 0, 0, position, False, concept.get("l", ""), chapter, title, terms, above, prior)

    def _terms(self, code: str, concept: dict[str, Any]) -> list[str]:
        """Return the inclusion terms of a code; one of an order file has those of the list before, where its title is the same.

        Otherwise each code would be another document in every release without notes: 180,000 for eleven releases instead of 53,000.
        """
        title = to_ascii(concept["d"])
        if self._has_notes:
            found = [note[1] for note in concept.get("n", ()) if note[0] in _TERM_KINDS]
            if found:
                self._noted[code] = title, found
            return found
        before, kept = self._noted.get(code, ("", []))
        return kept if before == title else []


def _identity(document: Document) -> tuple[str, int]:
    parts = (*document.title.literal, *(" ".join(term.literal) for term in document.terms), *sorted(document.above))
    more = (str(document.billable), document.chapter, document.laterality, repr(document.seventh))
    return document.code, hash("\x1f".join((*parts, *more)))


def _prior(code: str, chapter: str, level: int, more: float) -> int:
    """Return how common a document is: as its level says, or less the more its title adds to the title with the level."""
    base = _BY_CHAPTER.get(chapter, _POISONINGS if "T36" <= code < "T51" else _ELSEWHERE)
    return max(base, round(10 * level - min(_MOST_LOST, 8 * max(0.0, more)))) if level else base


def _encounter(code: str, display: str, leaf: _Node) -> str:
    """Return the meaning of the letter that a code adds to the code above it, '' where it adds something else.

    Read from the titles, because a release that was imported from an order file has nothing else.
    """
    if len(code) != 8:
        return ""
    meaning = display.removeprefix(f"{leaf.display}, ")
    if meaning == display or not _ENCOUNTER.match(meaning):
        return ""
    return meaning if codes.pad_seventh(leaf.code, code[-1]) == code else ""
