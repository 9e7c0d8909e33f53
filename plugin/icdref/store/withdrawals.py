"""Statements withdrawn for safety, as they stand on disk: `withdrawn.json` beside CURRENT, apart from every edition.

The file is the whole history, one event for each withdrawal and each restoration, so that it is its own audit trail; the
serial is the number of events. It is replaced by rename after fsync (compiler/withdrawals.py) and carries a SHA-256 of
its events: a damaged file must never bring a withdrawn statement back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

WITHDRAWN: Final = "withdrawn.json"
WITHDRAW: Final = "withdraw"
RESTORE: Final = "restore"
_KEYS: Final = frozenset({"action", "statement", "reason", "at", "by"})


@dataclass(frozen=True, slots=True)
class Event:
    """One withdrawal or restoration: what, why, when (UTC, to the second) and by which account."""

    action: str
    statement: str
    reason: str
    at: str
    by: str


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """What is withdrawn now. `damaged` says why the file cannot be read: then no text may be served at all."""

    events: tuple[Event, ...] = ()
    damaged: str = ""

    @property
    def serial(self) -> int:
        """Return the number of the last event; -1 where the file is damaged."""
        return -1 if self.damaged else len(self.events)

    @property
    def statements(self) -> frozenset[str]:
        """Return the ids of the statements (and imported definitions) that are withdrawn now."""
        last = {event.statement: event.action for event in self.events}
        return frozenset(statement for statement, action in last.items() if action == WITHDRAW)


def read_withdrawals(data: Path) -> Withdrawals:
    """Return what is withdrawn in a data directory; nothing where there is no file."""
    path = data / WITHDRAWN
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Withdrawals()
    except OSError as error:
        return Withdrawals(damaged=f"{WITHDRAWN} cannot be read ({type(error).__name__})")
    try:
        record = orjson.loads(content)
        events = tuple(_event(row) for row in record["events"])
        sound = record["sha256"] == digest(events) and record["serial"] == len(events)
    except (ValueError, KeyError, TypeError):
        sound, events = False, ()
    return Withdrawals(events) if sound else Withdrawals(damaged=f"{WITHDRAWN} is damaged: its checksum does not match")


def stamp(data: Path) -> tuple[int, int]:
    """Return what changes when the file does, (0, 0) where there is none; costs one look at the directory."""
    try:
        found = (data / WITHDRAWN).stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_ino)


def to_content(events: tuple[Event, ...]) -> bytes:
    """Return the content of the file."""
    record = {"serial": len(events), "sha256": digest(events), "events": [_row(event) for event in events]}
    return orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def digest(events: tuple[Event, ...]) -> str:
    """Return the SHA-256 of the events in hex."""
    return hashlib.sha256(orjson.dumps([_row(event) for event in events], option=orjson.OPT_SORT_KEYS)).hexdigest()


def _row(event: Event) -> dict[str, str]:
    return {name: getattr(event, name) for name in ("action", "statement", "reason", "at", "by")}


def _event(row: Any) -> Event:
    if row.keys() != _KEYS or not all(isinstance(value, str) for value in row.values()):
        raise ValueError("not an event")
    if row["action"] not in (WITHDRAW, RESTORE):
        raise ValueError("not an action")
    return Event(**row)
