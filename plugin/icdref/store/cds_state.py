"""What CDS Hooks has to remember, in `state.db`: outcomes of cards, and tokens that were used. Nothing about a patient."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from icdref import issues_doors
from icdref.issues import IcdRefError

NAME = "state.db"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cds_feedback (
    id INTEGER PRIMARY KEY,      -- order of arrival
    service TEXT NOT NULL,       -- id of the CDS service
    topic TEXT NOT NULL,         -- id of a summary or kind of coding card; '' where the card is not one of ours
    outcome TEXT NOT NULL,       -- accepted or overridden
    suggestions INTEGER NOT NULL,-- how many suggestions were accepted
    reason TEXT NOT NULL,        -- code of the override reason, other, or ''
    comment TEXT NOT NULL,       -- '' unless the operator keeps comments
    day TEXT NOT NULL            -- day of the outcome
);
CREATE TABLE IF NOT EXISTS cds_token (
    used TEXT PRIMARY KEY,       -- SHA-256 of issuer and token id: each is accepted once
    expires INTEGER NOT NULL     -- second after which the token is refused anyway
);
"""
_COLUMNS = ("service", "topic", "outcome", "suggestions", "reason", "comment", "day")
_BUSY_SECONDS = 2.0

Row = tuple[str, str, str, int, str, str, str]
"""The columns of one outcome: service, topic, outcome, suggestions, reason, comment, day."""


class CdsState:
    """The tables of one data directory. Each call opens the file anew, so that no process ever holds it."""

    columns = _COLUMNS

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME

    def add_feedback(self, rows: Sequence[Row]) -> None:
        """Store outcomes durably, all or none. Raises IcdRefError (state-unavailable) when they cannot be stored."""
        insert = f"INSERT INTO cds_feedback ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
        self._write([(insert, rows)])

    def accept_token(self, issuer: str, token: str, expires: int, now: int) -> bool:
        """Note a token as used; return False when it was used before. Raises IcdRefError when that cannot be known."""
        used = hashlib.sha256(f"{issuer}\n{token}".encode()).hexdigest()
        statements: list[tuple[str, Sequence[tuple[object, ...]]]] = [
            ("DELETE FROM cds_token WHERE expires < ?", [(now,)]),
            ("INSERT OR IGNORE INTO cds_token (used, expires) VALUES (?, ?)", [(used, expires)]),
        ]
        return self._write(statements) == 1

    def feedback(self) -> Iterator[Row]:
        """Yield every stored outcome in the order of arrival; nothing where none was ever stored."""
        if not self._path.exists():
            return
        with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)) as database:
            known = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'cds_feedback'").fetchone()
            if known:
                yield from database.execute(f"SELECT {', '.join(_COLUMNS)} FROM cds_feedback ORDER BY id")

    def _write(self, statements: Sequence[tuple[str, Sequence[tuple[object, ...]]]]) -> int:
        """Run statements in one transaction; return how many rows the last one changed."""
        try:
            with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)) as database:
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("PRAGMA synchronous = FULL")
                database.executescript(_SCHEMA)
                database.execute("BEGIN IMMEDIATE")
                changed = 0
                for statement, rows in statements:
                    changed = database.executemany(statement, rows).rowcount
                database.execute("COMMIT")
                return changed
        except sqlite3.Error:
            raise IcdRefError(issues_doors.state_unavailable()) from None
