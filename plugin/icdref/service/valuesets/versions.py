"""Versions of code systems and value sets: which one a wildcard or a short form means, and which of two is newer.

Source: FHIR R5 versionAlgorithm; the public servers for the wildcards `x`, `X`, `*` and `?`, which the standard leaves open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cmp_to_key
from typing import Final

_NUMBERED: Final = re.compile(r"\A(\d+)(?:\.(\d+)(?:\.(\d+))?)?(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?\Z", re.ASCII)
_WILD: Final = re.compile(r"\A(\d+)\.(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:-([0-9A-Za-z.*-]+))?(?:\+([0-9A-Za-z.*-]+))?\Z", re.ASCII)
_PLAIN: Final = re.compile(r"\A(\d+|[xX*])\.(\d+|[xX*])\.(\d+|[xX*])\Z", re.ASCII)
_DATE: Final = re.compile(r"\A\d{4}(?:-\d{2}(?:-\d{2})?)?\Z", re.ASCII)
_TIGHT_DATE: Final = re.compile(r"\A\d{4}-?\d{2}(?:-?\d{2})?(?:T.*)?\Z", re.ASCII)
_RUN: Final = re.compile(r"[0-9]+|[^0-9]+")
_ANY: Final = ("x", "X", "*")
_NO_NUMBER: Final = 10**100
"""Greater than any number in a version that is worth the name."""

_KINDS: Final = ("text", "integer", "semver", "date")
"""What versions look like. One kind is newer than another as a whole: which of many is newest must not depend on their order."""

_Parts = tuple[str | None, ...]


def matches(wanted: str, version: str, algorithm: str = "") -> bool:
    """Tell whether a version is the one wanted, a wildcard pattern of it, or more precise than it.

    >>> matches("1.x.x", "1.2.0"), matches("1.0", "1.0.0"), matches("2026", "2026-04-01"), matches("1", "1")
    (True, False, True, True)
    """
    if wanted == version:
        return True
    if not wanted or not version:
        return False
    algorithm = algorithm or _algorithm(version)
    if algorithm == "integer":
        return False
    if algorithm == "semver":
        return _matches_numbered(wanted, version)
    return version.startswith(wanted)


def newest(versions: Iterable[str]) -> str:
    """Return the newest of some versions, '' where there are none.

    >>> newest(["1.9.0", "1.10.0"]), newest([])
    ('1.10.0', '')
    """
    return max(versions, key=cmp_to_key(compare), default="")


def compare(one: str, other: str, algorithm: str = "") -> int:
    """Return -1, 0 or 1 as one version is older than another, as new, or newer; no version is older than any.

    `algorithm` is that of FHIR R5; without one, or where a version does not fit it, the looks of both decide.

    >>> compare("1.9.0", "1.10.0"), compare("", "1"), compare("2026-04-01", "2025-10-01")
    (-1, -1, 1)
    >>> compare("1.9.0", "1.10.0", "alpha"), compare("v9", "v10"), compare("v9", "v10", "natural")
    (1, 1, -1)
    """
    if one == other or not one or not other or algorithm == "alpha":
        return (one > other) - (one < other)
    if algorithm == "natural":
        first_parts, second_parts = _runs(one), _runs(other)
        return (first_parts > second_parts) - (first_parts < second_parts)
    kinds = [_kind(one), _kind(other)]
    if sorted(kinds) == ["date", "integer"] and all(_TIGHT_DATE.match(each) or _DATE.match(each) for each in (one, other)):
        kinds = ["date", "date"]
    if kinds[0] != kinds[1]:
        return -1 if _KINDS.index(kinds[0]) < _KINDS.index(kinds[1]) else 1
    if kinds[0] == "semver":
        first, second = _numbers(one), _numbers(other)
        return (first > second) - (first < second)
    if kinds[0] == "integer":
        return (int(one) > int(other)) - (int(one) < int(other))
    if kinds[0] == "date":
        one, other = (text.split("T")[0].replace("-", "") for text in (one, other))
    return (one > other) - (one < other)


def _runs(version: str) -> list[tuple[int, str]]:
    """Return the numbers of a version and what is between them, to be compared one after the other; numbers come first."""
    parts = (part for part in _RUN.findall(version) if part not in (".", "-"))
    return [(int(part), "") if part.isdecimal() else (_NO_NUMBER, part) for part in parts]


def _kind(version: str) -> str:
    if version.isdecimal() and version.isascii() and not _DATE.match(version):
        return "integer"
    if "." in version and (_NUMBERED.match(version) or _WILD.match(version)):
        return "semver"
    if _TIGHT_DATE.match(version):
        return "date"
    return "integer" if version.isdecimal() and version.isascii() else "text"


def _algorithm(version: str) -> str:
    """Return how a version is to be compared, told from its looks."""
    if version.isdecimal() and version.isascii():
        return "integer"
    return "semver" if _PLAIN.match(version) else "text"


def _matches_numbered(wanted: str, version: str) -> bool:
    is_open = wanted.endswith("?")
    pattern, held = _WILD.match(wanted.removesuffix("?")), _NUMBERED.match(version)
    if pattern is None or held is None:
        return False
    parts: _Parts = pattern.groups()
    for place, (part, own) in enumerate(zip(parts, held.groups(), strict=True)):
        if is_open and part is None and (place == 2 or parts[3:] == (None, None)):
            return True
        if part is None:
            if own is not None:
                return False
        elif part in _ANY:
            if own is None:
                return False
        elif part != own:
            return False
    return True


def _numbers(version: str) -> tuple[int, int, int, bool, str]:
    """Return a numbered version to be compared; a wildcard stands for the newest that it could mean."""
    found = _NUMBERED.match(version) or _WILD.match(version)
    if found is None:
        return (0, 0, 0, False, version)
    major, minor, patch = (_NO_NUMBER if part in _ANY else int(part or 0) for part in found.groups()[:3])
    return (major, minor, patch, found[4] is None, found[4] or "")
