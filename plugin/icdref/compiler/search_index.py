"""Writes the search index: words, beginnings, sets, whole titles and phrases, from the concepts already in the index file.

The same inputs give the same bytes: rows in a fixed order with fixed numbers, and sets, which have no order of arrival.
"""

from __future__ import annotations

import sqlite3
import sys
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from math import log2

import orjson

from icdref import codes
from icdref.compiler.search_documents import Document, Walk
from icdref.compiler.search_phrases import phrases, vocabulary_of
from icdref.language.sounds import sound
from icdref.language.stems import stem
from icdref.language.titles import NOT
from icdref.language.tokens import bag_key
from icdref.model import Commonness, ConditionSummary, LayTerm, Validity
from icdref.store.bits import encode
from icdref.store.records import checksum, dump
from icdref.store.search import FIELDS, KEY_KINDS, document_key, pack

_LONGEST_PREFIX = 8
_WORDS_WORTH_A_PREFIX = 10
_PHRASE_WEIGHT = 50
_LONGEST_PHRASED = 8
"""Phrases mean no code with a seventh character."""


@dataclass(frozen=True, slots=True)
class Words:
    """What search knows beside the code set: our own tables, the names of the summaries, the lines of imported indexes."""

    lay_terms: Sequence[LayTerm]
    commonness: Iterable[Commonness]
    summaries: Sequence[ConditionSummary]
    index_texts: Mapping[str, Sequence[str]]


def write_search_index(connection: sqlite3.Connection, releases: int, words: Words, validity: Iterable[Validity]) -> None:
    """Fill the search tables of an index whose concepts of `releases` releases are written already."""
    found = phrases(words.lay_terms, words.summaries, _titles(connection, releases - 1))
    _insert(connection, "search_phrase", ((number, dump(phrase), f"{number}") for number, phrase in enumerate(found, 1)))
    levels = {row.code: row.level for row in words.commonness}
    intervals = {row.code: f"{row.valid_from.isoformat()}|{row.valid_to.isoformat() if row.valid_to else ''}" for row in validity}
    writer = _Writer(releases, intervals)
    for document in Walk(connection, levels, words.index_texts).documents(releases):
        writer.add(document)
    writer.write(connection, vocabulary_of(found))


def _titles(connection: sqlite3.Connection, release: int) -> dict[str, str]:
    rows = connection.execute("SELECT code, record FROM concept WHERE since <= ? AND until >= ?", (release, release))
    return {code: orjson.loads(record)["d"] for code, record in rows if len(code) < _LONGEST_PHRASED}


class _Writer:
    """Gathers what stands where. Documents are numbered as they come, and by how common they are when written."""

    def __init__(self, releases: int, intervals: Mapping[str, str]) -> None:
        self._releases = releases
        self._intervals = intervals
        self._rows: list[tuple[str, int, int]] = []
        self._order: list[tuple[int, float, int, int]] = []
        self._words: dict[str, tuple[array[int], ...]] = defaultdict(lambda: tuple(array("I") for _ in FIELDS))
        self._sets: dict[str, array[int]] = defaultdict(lambda: array("I"))
        self._keys: list[tuple[int, int, int]] = []

    def add(self, document: Document) -> None:
        """Take in one document."""
        number = len(self._rows)
        self._rows.append((document.code, document.since, document.until))
        self._order.append((-document.prior, document.title.total, document.position, number))
        titled = document.title.burden.keys()
        listed = {word for term in document.terms for word in term.burden} - titled
        for field, words in enumerate((titled, listed, document.above)):
            for word in words:
                self._words[word][field].append(number)
        for kind, analysis in _whole(document):
            self._keys.append((bag_key(analysis), kind, number))
        for name in self._names(document):
            self._sets[name].append(number)

    def write(self, connection: sqlite3.Connection, more_words: Set[str]) -> None:
        """Write everything, with the final numbers of the documents."""
        order = sorted(self._order)
        final = array("I", bytes(4 * len(order)))
        for place, (*_, number) in enumerate(order):
            final[number] = place
        connection.executemany(
            "INSERT INTO search_document VALUES (?, ?, ?, ?, ?)",
            (
                (place, *(row := self._rows[order[place][-1]]), checksum(b"", document_key(place, *row)))
                for place in range(len(order))
            ),
        )
        self._write_columns(connection, order, more_words)
        for numbers in self._sets.values():
            _renumber(numbers, final)
        _insert(connection, "search_set", ((name, encode(self._sets[name], len(order)), name) for name in sorted(self._sets)))
        connection.executemany(
            "INSERT INTO search_key VALUES (?, ?, ?)", sorted({(key, kind, final[number]) for key, kind, number in self._keys})
        )
        self._keys.clear()
        self._write_words(connection, final)

    def _write_words(self, connection: sqlite3.Connection, final: array[int]) -> None:
        for fields in self._words.values():
            for numbers in fields:
                _renumber(numbers, final)
        size = len(final)
        connection.executemany(
            "INSERT INTO search_word VALUES (?, ?, ?, ?, ?)",
            (
                (number, word, stem(word), record := _record(self._words[word], size), checksum(record, word))
                for number, word in enumerate(sorted(self._words), 1)
            ),
        )
        beginnings: dict[str, list[str]] = defaultdict(list)
        for word in sorted(filter(_is_plain, self._words)):
            for length in range(1, min(len(word), _LONGEST_PREFIX) + 1):
                beginnings[word[:length]].append(word)
        _insert(
            connection,
            "search_prefix",
            (
                (
                    prefix,
                    _record([_union(self._words[word][field] for word in words) for field in range(len(FIELDS))], size),
                    f"{prefix}*",
                )
                for prefix, words in sorted(beginnings.items())
                if len(words) >= _WORDS_WORTH_A_PREFIX
            ),
        )

    def _write_columns(
        self, connection: sqlite3.Connection, order: Sequence[tuple[int, float, int, int]], more_words: Set[str]
    ) -> None:
        by_place = sorted((position, place) for place, (_, _, position, _) in enumerate(order))
        weights = {word: min(200, round(20 * log2(1 + sum(map(len, fields[:2]))))) for word, fields in self._words.items()}
        for word in more_words:
            weights[word] = min(255, weights.get(word, 0) + _PHRASE_WEIGHT)
        known = sorted(filter(_is_plain, weights))
        columns = {
            "burden": bytes(min(255, round(10 * burden)) for _, burden, _, _ in order),
            "numbers": _numbers(place for _, place in by_place),
            "places": _numbers(position for position, _ in by_place),
            "prior": bytes(-prior for prior, *_ in order),
            "vocabulary": pack(
                ("\n".join(known).encode(), bytes(weights[word] for word in known), "\n".join(map(sound, known)).encode())
            ),
        }
        _insert(connection, "search_column", ((name, columns[name], name) for name in sorted(columns)))

    def _names(self, document: Document) -> Iterator[str]:
        """Yield the names of the sets that a document is in."""
        yield f"chapter {document.chapter}"
        if document.since == 0 and document.until == self._releases - 1:
            yield "every release"
        else:
            yield from (f"release {number}" for number in range(document.since, document.until + 1))
        if side := _side(document):
            yield f"side {side}"
        if document.billable or document.seventh:
            yield "leaf"
        if document.billable:
            yield "billable"
            yield f"valid |{self._intervals.get(document.code, '|')}"
        for character, meaning in document.seventh:
            yield f"seventh {character} {meaning}"
            code = codes.pad_seventh(document.code, character)
            yield f"valid {character}|{self._intervals.get(code, '|')}"


def _side(document: Document) -> str:
    """Return the side of a document: what the compiler read from the titles around it, else the word in its own title."""
    if document.laterality:
        return document.laterality
    sides = [side for side in ("right", "left") if side in document.title.burden]
    return sides[0] if len(sides) == 1 else ""


def _whole(document: Document) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the title and each term as sets of words, whole and without what may be left out."""
    title, loose_title, term, loose_term = KEY_KINDS
    for analysis, whole, loose in ((document.title, title, loose_title), *((each, term, loose_term) for each in document.terms)):
        yield whole, analysis.literal
        if analysis.loose and analysis.loose != analysis.literal:
            yield loose, analysis.loose


def _is_plain(word: str) -> bool:
    return "#" not in word and not word.startswith(NOT)


def _renumber(numbers: array[int], final: array[int]) -> None:
    for place, number in enumerate(numbers):
        numbers[place] = final[number]


def _record(fields: Sequence[Iterable[int]], size: int) -> bytes:
    return pack([encode(numbers, size) for numbers in fields])


def _union(lists: Iterable[array[int]]) -> set[int]:
    return {number for numbers in lists for number in numbers}


def _numbers(values: Iterable[int]) -> bytes:
    numbers = array("I", values)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[int | str, bytes, str]]) -> None:
    """Insert (key, record, what the checksum is taken with) rows."""
    connection.executemany(
        f"INSERT INTO {table} VALUES (?, ?, ?)", ((key, record, checksum(record, named)) for key, record, named in rows)
    )
