"""Names that stand twice in a JSON object: the parser keeps the last one silently, and nobody knows which was meant."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from icdref import issues
from icdref.issues import IcdRefError

_NAME: Final = re.compile(rb'"\s*:')


def refuse_duplicates(body: bytes, value: dict[str, Any]) -> None:
    """Raise IcdRefError when an object in a body has a name twice; `value` is the body parsed.

    Every name is followed by a colon, so a body with no more of these than the value has names is free of duplicates: 2 µs
    for a usual body. Only where a text looks like JSON itself is the body read again, name by name.
    """
    if len(_NAME.findall(body)) > _names(value):
        json.loads(body, object_pairs_hook=_unique)


def _names(value: dict[str, Any]) -> int:
    count = 0
    waiting: list[Any] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            count += len(each)
            waiting += [inner for inner in each.values() if isinstance(inner, dict | list)]
        else:
            waiting += [inner for inner in each if isinstance(inner, dict | list)]
    return count


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        _refuse(next(name for name in names if names.count(name) > 1))
    return found


def _refuse(name: str) -> NoReturn:
    raise IcdRefError(issues.malformed_body(f"has the name {issues.quoted(name)} twice in one object", "send each name once"))
