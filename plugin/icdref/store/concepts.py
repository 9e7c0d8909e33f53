"""Typed queries on the concepts of an edition: one code, what is above it, what is below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache
from itertools import islice

from icdref import codes
from icdref.issues import IcdRefError, edition_damaged
from icdref.model import Concept, Release, Validity
from icdref.store.index import Index
from icdref.store.records import StoredConcept, checked, has_notes, place_key, to_concept, to_release, to_validity, verified

_COLUMNS = "code, since, until, position, last, record, crc"
_BY_CODE = f"SELECT {_COLUMNS} FROM concept WHERE code = ? AND since <= ? AND until >= ?"
_BY_CODE_WITH_VALIDITY = f"""
SELECT {", ".join(f"c.{column.strip()}" for column in _COLUMNS.split(","))}, v.record, v.crc
FROM concept c LEFT JOIN validity v ON v.code = c.code WHERE c.code = ? AND c.since <= ? AND c.until >= ?
"""
_BELOW = f"SELECT {_COLUMNS} FROM concept WHERE position BETWEEN ? AND ? AND since <= ? AND until >= ? ORDER BY position"

EVERYWHERE = (0, 2**31)
"""From the first place in the book to behind the last, for `ConceptStore.titles`."""

SEVENTH = "seventhCharacter"
"""The kind of a seventh character among the notes of a release."""

_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "S": "5", "B": "8"})


class ConceptStore:
    """The concepts of every release in an index. Releases are given by their number in the edition."""

    def __init__(self, index: Index) -> None:
        self._index = index
        # What stands above a code is the same for all its siblings, and most of it for its cousins. A release has 23,467
        # headers, which take some 15 MB once all were asked for; reading one anew costs as much as the rest of a lookup.
        self._above = lru_cache(maxsize=32_768)(self._read_above)
        # A release with notes has 25,000, some 5 MB; to find them all its rows are read and checked, which takes 0.3 s.
        self.notes = lru_cache(maxsize=2)(self._read_notes)

    @cached_property
    def _succeeding(self) -> frozenset[str]:
        return frozenset(code for (code,) in self._index.rows("SELECT code FROM succession"))

    def releases(self) -> tuple[Release, ...]:
        """Return all releases, oldest first; the place in the tuple is the release's number."""
        rows = self._index.rows("SELECT no, version, record, crc FROM release ORDER BY no")
        return tuple(to_release(verified(record, crc, f"{no} {version}")) for no, version, record, crc in rows)

    def concept(self, code: str, release: int) -> StoredConcept | None:
        """Return a concept of a release by its canonical code, None where the release has no such code."""
        return self._read(code, release)

    def ancestors(self, concept: Concept, release: int) -> tuple[Concept, ...]:
        """Return the concepts above a concept, nearest first, ending at its chapter; blocks are included.

        Raises IcdRefError (edition-damaged) where one is missing: the compiler writes no concept without its parent.
        """
        return self._above(concept.parent, release) if concept.parent else ()

    def below(self, stored: StoredConcept, release: int, *, billable: bool = False) -> Iterator[StoredConcept]:
        """Yield a concept and everything below it in book order, or only what is billable."""
        for row in self._index.rows(_BELOW, (stored.position, stored.last, release, release)):
            found = _stored(row)
            if found.concept.billable or not billable:
                yield found

    def codes(self, release: int) -> Iterator[str]:
        """Yield every code, block and chapter of a release in book order."""
        sql = "SELECT code FROM concept WHERE since <= ? AND until >= ? ORDER BY position"
        return (code for (code,) in self._index.rows(sql, (release, release)))

    def chapters(self, release: int) -> tuple[str, ...]:
        """Return the chapters of a release in book order."""
        numbers = tuple(str(number) for number in range(1, 23))
        marks = ", ".join("?" * len(numbers))
        sql = f"SELECT code FROM concept WHERE code IN ({marks}) AND since <= ? AND until >= ? ORDER BY position"
        return tuple(code for (code,) in self._index.rows(sql, (*numbers, release, release)))

    def billable_codes(self, release: int) -> Iterator[str]:
        """Yield the billable codes of a release in book order."""
        sql = "SELECT code FROM concept WHERE billable AND since <= ? AND until >= ? ORDER BY position"
        return (code for (code,) in self._index.rows(sql, (release, release)))

    def all(self, release: int) -> Iterator[StoredConcept]:
        """Yield every concept of a release in book order."""
        sql = f"SELECT {_COLUMNS} FROM concept WHERE since <= ? AND until >= ? ORDER BY position"
        return (_stored(row) for row in self._index.rows(sql, (release, release)))

    def titles(self, positions: tuple[int, int], release: int) -> dict[str, str]:
        """Return code -> title of the concepts of a release from one place in the book to another, read in one go."""
        rows = self._index.rows(_BELOW, (*positions, release, release))
        return {row[0]: verified(row[5], row[6], place_key(*row[:5]))["d"] for row in rows}

    def _read_notes(self, release: int) -> Mapping[str, Sequence[tuple[int, str]]]:
        """Return the notes of a release: kind -> (place of the concept among all of the release, from 0; text) in book order.

        The kind of a seventh character is `seventhCharacter`. Every row is checked; the nine in ten without notes are not
        decoded.
        """
        found: dict[str, list[tuple[int, str]]] = {}
        sql = f"SELECT {_COLUMNS} FROM concept WHERE since <= ? AND until >= ? ORDER BY position"
        for place, row in enumerate(self._index.rows(sql, (release, release))):
            code, since, until, position, last, record, crc = row
            checked(record, crc, place_key(code, since, until, position, last))
            if has_notes(record):
                concept = _stored(row).concept
                for note in concept.notes:
                    found.setdefault(note.kind, []).append((place, note.text))
                for each in concept.seventh_characters:
                    found.setdefault(SEVENTH, []).append((place, f"{each.character} = {each.meaning}"))
        return found

    def only_in(self, release: int, other: int) -> Iterator[StoredConcept]:
        """Yield the concepts of a release whose rows another release does not share: what changed between the two."""
        sql = (
            f"SELECT {_COLUMNS} FROM concept WHERE since <= ?1 AND until >= ?1 AND NOT (since <= ?2 AND until >= ?2)"
            " ORDER BY position"
        )
        return (_stored(row) for row in self._index.rows(sql, (release, other)))

    def all_validity(self) -> Iterator[Validity]:
        """Yield the validity of every billable code, by code."""
        rows = self._index.rows("SELECT code, record, crc FROM validity ORDER BY code")
        return (to_validity(code, verified(record, crc, code)) for code, record, crc in rows)

    def valid_codes(self, day: date) -> set[str]:
        """Return the billable codes that the validity table has on a day.

        Compared as ISO text: making 75,000 records of their rows measured eight times slower.
        """
        on = day.isoformat()
        rows = self._index.rows("SELECT code, record, crc FROM validity")
        lives = ((code, verified(record, crc, code)) for code, record, crc in rows)
        return {code for code, life in lives if life[0] <= on and (not life[1] or on <= life[1])}

    def validity(self, code: str) -> Validity | None:
        """Return when a billable code may be used, None where the validity table does not have it."""
        row = self._index.one("SELECT record, crc FROM validity WHERE code = ?", (code,))
        return to_validity(code, verified(row[0], row[1], code)) if row else None

    def valid_below(self, code: str, day: date, limit: int = 12) -> tuple[str, ...]:
        """Return billable codes that begin with a code and are valid on a day, known from the validity table alone."""
        sql = "SELECT code, record, crc FROM validity WHERE code > ? AND code < ? ORDER BY code"
        stem = code if "." in code else f"{code}."
        rows = (to_validity(c, verified(r, crc, c)) for c, r, crc in self._index.rows(sql, (stem, stem + "~")))
        valid = (row.code for row in rows if row.valid_from <= day and (row.valid_to is None or day <= row.valid_to))
        return tuple(islice(valid, limit))

    def with_validity(self, code: str, release: int) -> tuple[StoredConcept | None, Validity | None]:
        """Return a concept of a release and the validity of its code, read together."""
        row = self._index.one(_BY_CODE_WITH_VALIDITY, (code, release, release))
        if row is None:
            return None, self.validity(code)
        record, crc = row[7:]
        return _stored(row[:7]), None if record is None else to_validity(code, verified(record, crc, code))

    def succession(self, code: str) -> tuple[tuple[tuple[str, str, bool], ...], tuple[tuple[str, str, bool], ...]]:
        """Return (successors, predecessors) of a code as (release, code, whether the old code ended with it)."""
        if code not in self._succeeding:  # most codes never changed; a set of the others spares most lookups a query
            return (), ()
        row = self._index.one("SELECT record, crc FROM succession WHERE code = ?", (code,))
        if row is None:
            return (), ()
        record = verified(row[0], row[1], code)
        return tuple((r, c, bool(e)) for r, c, e in record.get("by", ())), tuple(
            (r, c, bool(e)) for r, c, e in record.get("of", ())
        )

    def succession_codes(self) -> Iterator[str]:
        """Yield every code of the conversion table, old or new, by code."""
        return (code for (code,) in self._index.rows("SELECT code FROM succession ORDER BY code"))

    def suggestions(self, code: str, release: int, limit: int = 4) -> tuple[str, ...]:
        """Return codes of the release that a wrong code may have been meant to be, best first.

        A digit typed as the letter that looks like it, else the longest part of the code that exists and what is below it.
        """
        fixed = codes.normalise(code[:1] + codes.without_dot(code)[1:].translate(_LOOK_ALIKES))
        if fixed and fixed != code and self._read(fixed, release):
            return (fixed,)
        bare = codes.without_dot(code)
        for length in range(len(bare) - 1, 2, -1):
            stored = self._read(codes.with_dot(bare[:length]), release)
            if stored:
                same_end = [child for child in stored.children if child[-1:] == code[-1:]]
                others = [child for child in stored.children if child not in same_end]
                return (*same_end, stored.concept.code, *others)[:limit]
        return ()

    def _read_above(self, parent: str, release: int) -> tuple[Concept, ...]:
        stored = self._read(parent, release)
        if stored is None:  # the compiler writes no concept without its parent
            raise IcdRefError(edition_damaged(f"The record of {parent}"))
        concept = stored.concept
        return (concept, *self.ancestors(concept, release))

    def _read(self, code: str, release: int) -> StoredConcept | None:
        row = self._index.one(_BY_CODE, (code, release, release))
        return None if row is None else _stored(row)


def _stored(row: tuple[str, int, int, int, int, bytes, int]) -> StoredConcept:
    code, since, until, position, last, record, crc = row
    return to_concept(code, verified(record, crc, place_key(code, since, until, position, last)), position, last)
