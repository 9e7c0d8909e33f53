"""What titles say about side, site and residual class, read from the words and never from the digits of a code.

M61.14 to M61.17 number their sides 1, 2, 3 and 4, 5, 6 where their neighbours say 1, 2, 9: only the title is reliable.
A word such as "left" is a side of the body only where the code set offers the other side too ("Left ventricular failure"
has no counterpart and gets no laterality).
"""

from __future__ import annotations

import re
from collections.abc import Container

_SIDE = re.compile(r"\b(right|left)\b", re.IGNORECASE)
_UNSPECIFIED = re.compile(r"\bunspecified\b", re.IGNORECASE)
_BILATERAL = re.compile(r"\b(bilateral|both)\b", re.IGNORECASE)
_OTHER_SIDE = {"right": "left", "left": "right"}
_NOT_A_SITE = re.compile(
    r"\b(side|dominant|nondominant|sites?|parts?|pain|tenderness|swelling|rigidity|syndrome|implant|prosthes[ie]s|prosthetic"
    r"|artificial|block|disease|disorders?|failure|quadrant)\b|[;:]"
)
_SITE_END = re.compile(
    r",| \(| (?:with|without|due to|in|initial|subsequent|from|by|-|following|not|unspecified|limited to|secondary to|at)\b"
)
_RESIDUAL_START = re.compile(r"^(other|unspecified)\b(?! (specified )?(sites?|parts?|regions?)\b)", re.IGNORECASE)
_RESIDUAL_WORDS = re.compile(r"\bnot elsewhere classified\b|\bNEC\b|\bNOS\b")


def laterality(title: str, titles: Container[str]) -> str:
    """Return right, left, bilateral, unspecified or '' for a title; `titles` holds the release's titles in lower case.

    >>> titles = {"pain, right hip", "pain, left hip", "pain, unspecified hip", "left ventricular failure"}
    >>> [laterality(t, titles) for t in ("Pain, left hip", "Pain, unspecified hip", "Left ventricular failure")]
    ['left', 'unspecified', '']
    """
    lowered = title.lower()
    for match in _SIDE.finditer(lowered):
        side = match.group(1)
        if lowered[: match.start()] + _OTHER_SIDE[side] + lowered[match.end() :] in titles:
            return side
    if _BILATERAL.search(lowered):
        return "bilateral"
    for match in _UNSPECIFIED.finditer(lowered):
        if lowered[: match.start()] + "right" + lowered[match.end() :] in titles:
            return "unspecified"
    return ""


def site(title: str, side: str, titles: Container[str]) -> str:
    """Return the body site that follows the side in a title, '' where no anatomical site follows it.

    >>> site("Malignant neoplasm of right ovary", "right", {"malignant neoplasm of left ovary"})
    'ovary'
    """
    lowered = title.lower()
    word = re.compile(rf"\b{side}\b")
    for match in word.finditer(lowered):
        swapped = "left" if side == "right" else "right"
        if lowered[: match.start()] + swapped + lowered[match.end() :] not in titles:
            continue
        following = _SITE_END.split(lowered[match.end() :].strip())[0].strip()
        if following and not _NOT_A_SITE.search(following):
            return following
    return ""


def is_residual(title: str) -> bool:
    """Tell whether "other", "unspecified", NEC or NOS qualifies the condition itself, not its site, side or encounter.

    >>> is_residual("Other ossification of muscle, right thigh"), is_residual("Cholera, unspecified")
    (True, True)
    >>> is_residual("Myositis ossificans traumatica, unspecified site")
    False
    """
    if _RESIDUAL_START.match(title) or _RESIDUAL_WORDS.search(title):
        return True
    segments = [segment.strip().lower() for segment in title.split(",")]
    return any(segment in ("other", "unspecified", "other specified") for segment in segments[1:])
