"""The audit trail in `state.db`: one line per action that changed what is installed or served. Nothing here answers a request."""

from __future__ import annotations

import getpass
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

STATE = "state.db"
_TABLE = """
CREATE TABLE IF NOT EXISTS audit (
    no      INTEGER PRIMARY KEY,
    at      TEXT NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    edition TEXT NOT NULL,
    detail  TEXT NOT NULL
)
"""
_WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Line:
    """One action: when (UTC), by which account, what, on which edition, and what it was about."""

    at: str
    actor: str
    action: str
    edition: str
    detail: str


def record(data: Path, action: str, edition: str = "", **detail: object) -> None:
    """Append a line and wait until it is on the disk."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    values = (at, actor(), action, edition, orjson.dumps(detail, option=orjson.OPT_SORT_KEYS).decode())
    with closing(_connect(data)) as connection, connection:
        connection.execute("INSERT INTO audit (at, actor, action, edition, detail) VALUES (?, ?, ?, ?, ?)", values)


def lines(data: Path) -> Iterator[Line]:
    """Yield every line, oldest first."""
    if not (data / STATE).exists():
        return
    with closing(_connect(data)) as connection:
        for row in connection.execute("SELECT at, actor, action, edition, detail FROM audit ORDER BY no"):
            yield Line(*row)


def _connect(data: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(data / STATE, timeout=_WAIT_SECONDS)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(_TABLE)
    return connection


def actor() -> str:
    """Return the account that acts."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container user without a name
        return "unknown"
