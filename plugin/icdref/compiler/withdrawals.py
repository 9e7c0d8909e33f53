"""Withdrawing a statement for safety, and restoring it: the write side of `withdrawn.json`."""

from __future__ import annotations

import getpass
import os
from datetime import UTC, datetime
from pathlib import Path

from icdref import issues
from icdref.compiler.editions import fsync, locked
from icdref.issues import IcdRefError
from icdref.store.withdrawals import RESTORE, WITHDRAW, WITHDRAWN, Event, Withdrawals, read_withdrawals, to_content


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
        events = (*now.events, Event(action, statement, reason, at, _account()))
        _replace(data, to_content(events))
        return read_withdrawals(data)


def _replace(data: Path, content: bytes) -> None:
    temporary = data / f".{WITHDRAWN}.new"
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(data / WITHDRAWN)
    fsync(data)


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container user without a name
        return str(os.getuid())
