"""Regular expressions that a client sends, matched in linear time (RE2): none of them can keep the server busy."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import re2

from icdref import issues_value_sets
from icdref.issues import IcdRefError

LONGEST = 200
"""Characters of a pattern."""


@lru_cache(maxsize=128)
def whole_match(pattern: str) -> Callable[[str], bool]:
    """Return the test whether a text matches as a whole. Raises IcdRefError for a pattern that is invalid or too long."""
    if len(pattern) > LONGEST:
        raise IcdRefError(issues_value_sets.bad_pattern(pattern, f"it may have at most {LONGEST} characters"))
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        why = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise IcdRefError(issues_value_sets.bad_pattern(pattern, f"RE2 says: {why}")) from None
    return lambda text: compiled.fullmatch(text) is not None
