"""Opening an index file: read-only, immutable, memory-mapped, one connection per thread."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from icdref.issues import IcdRefError, edition_damaged
from icdref.store.records import APPLICATION_ID, SCHEMA_VERSION

INDEX_NAME = "index.sqlite"
_MMAP_BYTES = 1 << 30


class Index:
    """An open index file. Rows come back as tuples; checking their checksums is the caller's duty."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._refuse_foreign()

    def one(self, sql: str, parameters: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        """Return the first row of a query, None where there is none."""
        try:
            row: tuple[Any, ...] | None = self._cursor().execute(sql, parameters).fetchone()
        except sqlite3.DatabaseError:
            raise IcdRefError(edition_damaged("The index")) from None
        return row

    def rows(self, sql: str, parameters: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query."""
        try:
            yield from self._connection().execute(sql, parameters)
        except sqlite3.DatabaseError:
            raise IcdRefError(edition_damaged("The index")) from None

    def meta(self, key: str) -> str:
        """Return a value of the meta table, '' where it is missing."""
        row = self.one("SELECT value FROM meta WHERE key = ?", (key,))
        return str(row[0]) if row else ""

    def close(self) -> None:
        """Close the connection of this thread; those of other threads close with their threads."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.__dict__.clear()

    def _cursor(self) -> sqlite3.Cursor:
        """Return the cursor of this thread for single rows: making one for each question cost a fifth of a read."""
        cursor: sqlite3.Cursor | None = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._local.cursor = self._connection().cursor()
        return cursor

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # immutable=1: no locks and no journal are ever looked for, so a read-only disk is enough.
            uri = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
            connection = sqlite3.connect(uri, uri=True, isolation_level=None, cached_statements=64, check_same_thread=False)
            connection.execute(f"PRAGMA mmap_size = {_MMAP_BYTES}")
            connection.execute("PRAGMA cache_size = -512")
            self._local.connection = connection
        return connection

    def _refuse_foreign(self) -> None:
        found = (self.one("PRAGMA application_id"), self.one("PRAGMA user_version"))
        if found != ((APPLICATION_ID,), (SCHEMA_VERSION,)):
            raise IcdRefError(edition_damaged(f"{self.path.name}, which is no index of schema {SCHEMA_VERSION},"))
