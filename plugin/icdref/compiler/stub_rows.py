"""Writes the stubs of imported open content into an index, against the titles of its newest release."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence

import orjson

from icdref.compiler.imports import Imported
from icdref.compiler.stubs import Joined, folded, join
from icdref.model import Kind
from icdref.store.records import checksum
from icdref.store.stubs import stub_key, stub_record

_SQL = "SELECT code, record FROM concept WHERE since <= ? AND until >= ?"
_REAL = frozenset({Kind.CATEGORY, Kind.SUBCATEGORY})


class IndexTitles:
    """The titles of one release in an index that is being written."""

    def __init__(self, connection: sqlite3.Connection, release: int) -> None:
        self._titles: dict[str, str] = {}
        self._residual: set[str] = set()
        self._codes: defaultdict[str, list[str]] = defaultdict(list)
        for code, record in connection.execute(_SQL, (release, release)):
            concept = orjson.loads(record)
            if concept["k"] not in _REAL:
                continue
            self._titles[code] = concept["d"]
            self._codes[folded(concept["d"])].append(code)
            if concept.get("r"):
                self._residual.add(code)

    def title(self, code: str) -> str:
        """Return the title of a code, '' where the release has no such code."""
        return self._titles.get(code, "")

    def is_residual(self, code: str) -> bool:
        """Tell whether a code is a residual class."""
        return code in self._residual

    def codes_of(self, title: str) -> tuple[str, ...]:
        """Return the codes with a folded title."""
        return tuple(self._codes.get(title, ()))


def write_stubs(connection: sqlite3.Connection, imported: Sequence[Imported], release: int) -> Joined:
    """Write the stubs of what was imported and return them; nothing is read where nothing was imported."""
    if not imported:
        return Joined()
    titles = IndexTitles(connection, release)
    joined = join(imported, titles)
    connection.executemany(
        "INSERT INTO stub VALUES (?, ?, ?, ?, ?)",
        (
            (stub.bound_code, stub.id, int(bool(stub.text)), record, checksum(record, stub_key(stub.bound_code, stub.id)))
            for stub in joined.stubs
            for record in (stub_record(stub, titles.title(stub.bound_code)),)
        ),
    )
    return joined
