"""Regular expressions of clients, matched in linear time by RE2: Python's own engine hangs on two of five hostile patterns."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import re2

from icdref import issues_terminology as texts
from icdref.issues import IcdRefError

LONGEST_PATTERN: Final = 200
_LARGEST_PROGRAM: Final = 1 << 20


@lru_cache(maxsize=256)
def full_match(pattern: str) -> Callable[[str], bool]:
    """Return a function that tells whether a whole text matches. Raises IcdRefError for what is no pattern, or too long."""
    if len(pattern) > LONGEST_PATTERN:
        raise IcdRefError(texts.regex_invalid(f"{pattern[:40]}…", f"it is longer than {LONGEST_PATTERN} characters"))
    options = re2.Options()
    options.log_errors = False  # the library would write the client's pattern to stderr
    options.max_mem = _LARGEST_PROGRAM
    try:
        compiled = re2.compile(pattern, options=options)
    except re2.error as error:
        reason = error.args[0] if error.args else "it is malformed"
        shown = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise IcdRefError(texts.regex_invalid(pattern, shown)) from None
    return lambda text: compiled.fullmatch(text) is not None
