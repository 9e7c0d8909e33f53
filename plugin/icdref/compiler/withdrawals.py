"""Withdrawing a statement for safety, and restoring it: the write side of `withdrawn.json`."""

from __future__ import annotations

import logging
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from icdref import issues
from icdref.compiler import audit
from icdref.compiler.editions import fsync, locked
from icdref.issues import IcdRefError
from icdref.store.editions import CURRENT, pointer
from icdref.store.withdrawals import RESTORE, WITHDRAW, WITHDRAWN, Event, Withdrawals, read_withdrawals, to_content

_LOG = logging.getLogger(__name__)


def withdraw(data: Path, statement: str, reason: str) -> Withdrawals:
    """Hide a statement everywhere, now and in every later edition, and return what is withdrawn then.

    It is on disk when this returns. Raises IcdRefError when it is withdrawn already, or the file is damaged.
    """
    return _record(data, WITHDRAW, statement, reason)


def restore(data: Path, statement: str, reason: str) -> Withdrawals:
    """Take a withdrawal back and return what is withdrawn then. Raises IcdRefError when it is not withdrawn."""
    return _record(data, RESTORE, statement, reason)


def _record(data: Path, action: str, statement: str, reason: str) -> Withdrawals:
    with locked(data):
        now = read_withdrawals(data)
        if now.damaged:
            raise IcdRefError(issues.withdrawals_damaged(now.damaged))
        if (statement in now.statements) == (action == WITHDRAW):
            raise IcdRefError(issues.withdrawal_not_possible(statement, action))
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        events = (*now.events, Event(action, statement, reason, at, audit.actor()))
        _replace(data, to_content(events))
        _audit(data, action, statement, reason, serial=len(events))
        return read_withdrawals(data)


def _audit(data: Path, action: str, statement: str, reason: str, *, serial: int) -> None:
    """Write the audit line after the fact: a broken state.db must not keep an unsafe statement on show."""
    try:
        audit.record(data, action, pointer(data, CURRENT), statement=statement, reason=reason, serial=serial)
    except sqlite3.Error as error:
        _LOG.warning("the audit line of %s %s was not written (%s)", action, statement, type(error).__name__)


def _replace(data: Path, content: bytes) -> None:
    temporary = data / f".{WITHDRAWN}.new"
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(data / WITHDRAWN)
    fsync(data)
