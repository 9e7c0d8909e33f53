"""Validity dates and Medicare Code Editor flags of billable codes, from the table described in `codesets/validity/`."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from icdref.importers import csv_tables as tables
from icdref.importers.errors import ImportFault
from icdref.model import EditFlags, Validity, ValidityHorizon

HEADER = ("code", "valid_from", "valid_to", "mce_flags")

# Flags that only steer the package the table comes from; they are no edit of the publisher's.
_INTERNAL = frozenset(["reqsdx", "qadm", "delout", "wrngproc", "ncov6", "ncov7", "ncov_z302", "clintrial", "diabtypeI"])
_AGES = ["newborn", "pediatric", "maternity", "adult"]
_KNOWN = frozenset([*_AGES, "female", "male", "manifestation", "unacceptable", "ecodepdx", "unspecified"])

HORIZON = ValidityHorizon(date(2015, 10, 1), date(2027, 3, 31))
"""What the vendored table speaks about; its first day means 'or earlier'."""


@lru_cache(maxsize=1)
def read_validity(content: bytes, file: str) -> tuple[Validity, ...]:
    """Return the validity of every billable code, sorted by code; intervals of one code are joined.

    The last table is kept: an import asks for it to check what it reads, and twice more to compile.
    Raises ImportFault where rows of one code overlap or leave a gap: a code's life is one interval.
    """
    rows: dict[str, list[EditFlags]] = {}
    for line, (text, since, until, flags) in tables.rows(content, file, HEADER):
        code = tables.icd10cm_code(text, file, line)
        words = tuple(word for word in flags.split() if word not in _INTERNAL)
        if unknown := set(words) - _KNOWN:
            raise ImportFault(file, line, f"unknown flag {sorted(unknown)[0]!r}")
        interval = EditFlags(tables.day(since, file, line), tables.day(until, file, line) if until else None, words)
        if interval.until and interval.until < interval.since:
            raise ImportFault(file, line, f"{text} ends on {interval.until} before it begins on {interval.since}")
        rows.setdefault(code, []).append(interval)
    return tuple(_joined(code, intervals, file) for code, intervals in sorted(rows.items()))


def _joined(code: str, intervals: list[EditFlags], file: str) -> Validity:
    intervals.sort(key=lambda interval: interval.since)
    for earlier, later in pairwise(intervals):
        if earlier.until is None or earlier.until + timedelta(days=1) != later.since:
            raise ImportFault(file, 0, f"the rows of {code} overlap or leave a gap before {later.since}")
    edits = tuple(interval for interval in intervals if interval.flags)
    return Validity(code, intervals[0].since, intervals[-1].until, edits)
