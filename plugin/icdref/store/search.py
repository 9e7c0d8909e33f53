"""The search index as it stands in an edition: words, sets, phrases and documents. No ranking and no policy.

Every set of documents is one large integer (store/bits.py).
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from icdref.issues import IcdRefError, edition_damaged
from icdref.store.bits import decode, from_numbers
from icdref.store.index import Index
from icdref.store.records import checksum, verified

FIELDS: Final = ("title", "term", "above")
"""Where a word may stand: in the title, in an inclusion term or note of the code itself, or above it in the tree."""

KEY_KINDS: Final = (1, 2, 3, 4)
"""Whole titles, titles without brackets and "unspecified", whole terms, and terms without."""

_LENGTH: Final = 4
_LAST_LETTER: Final = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Stands:
    """The documents that something stands in, by field."""

    title: int
    term: int
    above: int

    def __or__(self, other: Stands) -> Stands:
        """Return where either stands."""
        return Stands(self.title | other.title, self.term | other.term, self.above | other.above)

    @property
    def anywhere(self) -> int:
        """Return the documents that it stands in, whatever the field."""
        return self.title | self.term | self.above


NOWHERE: Final = Stands(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Phrase:
    """What people call something: `codes` it means (with `-`: and all below), `texts` that say it in the words of titles.

    Both have the likeliest first; `key` are the words that it is found by.
    """

    text: str
    kind: str
    key: tuple[str, ...]
    codes: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Every word of the index and its phrases in alphabetical order; `weights` say how often each is met, 0 to 255."""

    words: Sequence[str]
    weights: Sequence[int]
    by_sound: dict[str, tuple[int, ...]]
    by_length: dict[int, tuple[Sequence[str], Sequence[int]]]

    def as_long(self, length: int) -> tuple[Sequence[str], Sequence[int]]:
        """Return the words of a length and their places."""
        return self.by_length.get(length, ((), ()))

    def sounding(self, sound: str) -> tuple[int, ...]:
        """Return the places of the words that sound like this."""
        return self.by_sound.get(sound, ())


def pack(parts: Iterable[bytes]) -> bytes:
    """Return several records as one, each behind its length."""
    return b"".join(len(part).to_bytes(_LENGTH, "little") + part for part in parts)


def unpack(record: bytes) -> Iterator[bytes]:
    """Yield the records that `pack` joined."""
    start = 0
    while start < len(record):
        end = start + _LENGTH + int.from_bytes(record[start : start + _LENGTH], "little")
        yield record[start + _LENGTH : end]
        start = end


def document_key(number: int, code: str, since: int, until: int) -> str:
    """Return the key of a document row, over which its checksum is taken."""
    return f"{number} {code} {since} {until}"


class SearchStore:
    """Reads the search tables. What is read once and small stays in memory, words and sets in bounded caches."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self.stands = lru_cache(maxsize=768)(self._stands)
        self.stands_beginning = lru_cache(maxsize=192)(self._stands_beginning)
        self.family = lru_cache(maxsize=4096)(self._family)
        self.code = lru_cache(maxsize=8192)(self._code)
        self.number = lru_cache(maxsize=4096)(self._number)
        self.named = lru_cache(maxsize=256)(self._named)
        self.column = lru_cache(maxsize=8)(self._column)
        self.below = lru_cache(maxsize=128)(self._below)
        self.set_names = lru_cache(maxsize=1)(self._set_names)
        self.vocabulary = lru_cache(maxsize=1)(self._vocabulary)

    def phrases(self) -> Iterator[Phrase]:
        """Yield every phrase in file order."""
        for number, record, crc in self._index.rows("SELECT id, record, crc FROM search_phrase ORDER BY id"):
            row = verified(record, crc, str(number))
            yield Phrase(row["text"], row["kind"], tuple(row["key"]), tuple(row["codes"]), tuple(row["texts"]))

    def knows(self, word: str) -> bool:
        """Tell whether a word stands in any title or term."""
        return self._index.one("SELECT 1 FROM search_word WHERE word = ?", (word,)) is not None

    def words_beginning(self, prefix: str, limit: int = 40) -> tuple[str, ...]:
        """Return words that begin with a prefix, in alphabetical order."""
        sql = "SELECT word FROM search_word WHERE word >= ? AND word < ? ORDER BY word LIMIT ?"
        return tuple(word for (word,) in self._index.rows(sql, (prefix, prefix + _LAST_LETTER, limit)))

    def alive(self, release: int) -> int:
        """Return the documents that a release has."""
        return self.named("every release") | self.named(f"release {release}")

    def _number(self, code: str, release: int) -> int | None:
        """Return the number of a code's document in a release, None where it has none."""
        sql = "SELECT id, code, since, until, crc FROM search_document WHERE code = ? AND since <= ? AND until >= ?"
        row = self._index.one(sql, (code, release, release))
        return None if row is None else self._checked(row)[0]

    def documents(self, release: int) -> Iterator[tuple[str, int]]:
        """Yield (code, document) of every document of a release."""
        sql = "SELECT id, code, since, until, crc FROM search_document WHERE since <= ? AND until >= ?"
        for row in self._index.rows(sql, (release, release)):
            number, code = self._checked(row)
            yield code, number

    def numbers_between(self, position: int, last: int) -> Sequence[int]:
        """Return the documents from one place in the book to another, in its order, of every release."""
        places, numbers = self.column("places"), self.column("numbers")
        return numbers[bisect_left(places, position) : bisect_right(places, last)]

    def _code(self, number: int) -> str:
        """Return the code of a document."""
        row = self._index.one("SELECT id, code, since, until, crc FROM search_document WHERE id = ?", (number,))
        if row is None:
            raise IcdRefError(edition_damaged("The search index"))
        return self._checked(row)[1]

    def with_key(self, key: int) -> tuple[tuple[int, int], ...]:
        """Return (kind, document) of every title and term with these very words, in the order of KEY_KINDS."""
        sql = "SELECT kind, document FROM search_key WHERE key = ? ORDER BY kind, document"
        return tuple((kind, document) for kind, document in self._index.rows(sql, (key,)))

    def _stands(self, word: str) -> Stands | None:
        row = self._index.one("SELECT record, crc FROM search_word WHERE word = ?", (word,))
        return None if row is None else _to_stands(row, word)

    def _stands_beginning(self, prefix: str) -> Stands:
        row = self._index.one("SELECT record, crc FROM search_prefix WHERE prefix = ?", (prefix,))
        if row is not None:
            return _to_stands(row, f"{prefix}*")
        found = NOWHERE
        sql = "SELECT record, crc, word FROM search_word WHERE word >= ? AND word < ?"
        for record, crc, word in self._index.rows(sql, (prefix, prefix + _LAST_LETTER)):
            found |= _to_stands((record, crc), word)
        return found

    def _family(self, stem: str) -> tuple[str, ...]:
        return tuple(word for (word,) in self._index.rows("SELECT word FROM search_word WHERE stem = ? ORDER BY word", (stem,)))

    def _named(self, name: str) -> int:
        row = self._index.one("SELECT record, crc FROM search_set WHERE name = ?", (name,))
        return 0 if row is None else decode(_verified(row, name))

    def _set_names(self) -> tuple[str, ...]:
        return tuple(name for (name,) in self._index.rows("SELECT name FROM search_set ORDER BY name"))

    def _column(self, name: str) -> Sequence[int]:
        record = self._whole(name)
        if name in ("prior", "burden"):
            return record
        numbers = array("I")
        numbers.frombytes(record)
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers

    def _vocabulary(self) -> Vocabulary:
        words, weights, sounds = unpack(self._whole("vocabulary"))
        by_sound: dict[str, tuple[int, ...]] = {}
        for place, sound in enumerate(sounds.decode().split("\n")):
            by_sound[sound] = (*by_sound.get(sound, ()), place)
        known = words.decode().split("\n")
        by_length: dict[int, tuple[list[str], list[int]]] = {}
        for place, word in enumerate(known):
            same = by_length.setdefault(len(word), ([], []))
            same[0].append(word)
            same[1].append(place)
        return Vocabulary(known, weights, by_sound, dict(by_length))

    def _below(self, position: int, last: int) -> int:
        return from_numbers(self.numbers_between(position, last))

    def _whole(self, name: str) -> bytes:
        row = self._index.one("SELECT record, crc FROM search_column WHERE name = ?", (name,))
        if row is None:
            raise IcdRefError(edition_damaged("The search index"))
        return _verified(row, name)

    @staticmethod
    def _checked(row: tuple[Any, ...]) -> tuple[int, str]:
        number, code, since, until, crc = row
        if checksum(b"", document_key(number, code, since, until)) != crc:
            raise IcdRefError(edition_damaged(f"The search document {number}"))
        return number, code


def _verified(row: tuple[Any, ...], key: str) -> bytes:
    record: bytes = row[0]
    if checksum(record, key) != row[1]:
        raise IcdRefError(edition_damaged(f"The search record of {key}"))
    return record


def _to_stands(row: tuple[Any, ...], key: str) -> Stands:
    return Stands(*map(decode, unpack(_verified(row, key))))
