"""The conversion table as CDC/NCHS publishes it: new code, effective year or date, previous code(s) in words.

The previous codes are lists (`, ` `; ` ` and `) and ranges (`H02.101-H02.106`); which codes a range means depends on what
was valid before, so it stays a range here and is read over the valid codes by the compiler.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from icdref import codes
from icdref.importers.errors import ImportFault
from icdref.importers.spreadsheets import sheet_rows
from icdref.model import Successor

HEADER = "Current code assignment"

_SEPARATOR = re.compile(r"\s*(?:[,;&]|\band\b)\s*", re.IGNORECASE)
_SHORT_DATE = re.compile(r"\A(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})\Z")
_CODE = r"[A-Z][0-9A-Z]{2}(?:\.?[0-9A-Z]{1,4})?"
_PART = re.compile(rf"\A({_CODE})(?:\s*-\s*({_CODE}))?\Z")
_MOST_OF_A_RANGE = 200


@dataclass(frozen=True, slots=True)
class ConversionRow:
    """One row: `previous` are (first, last) pairs, equal for a single code; empty where the table lists no codes."""

    code: str
    effective: date
    previous: tuple[tuple[str, str], ...]
    text: str


def read_conversion_table(content: bytes, file: str) -> tuple[ConversionRow, ...]:
    """Return the rows of a conversion table given as CSV or as a workbook. Raises ImportFault naming the line.

    Rows whose previous code is "None" or a description ("Codes in Categories T15-T19") have no `previous`.
    """
    cells = sheet_rows(content, file) if content.startswith(b"PK") else _csv_rows(content, file)
    found: list[ConversionRow] = []
    begun = False
    for line, row in cells:
        values = [_text(value) for value in [*row, None, None, None][:3]]
        if not begun:
            begun = is_header(values[0])
        elif any(values):
            found.append(_row(values, row[1], file, line))
    if not found:
        raise ImportFault(file, 0, f"no row below a header {HEADER!r}: the table is cut")
    return tuple(found)


def is_header(text: str) -> bool:
    """Tell whether a cell is the head of the first column; capitals and blanks change from year to year."""
    return " ".join(text.split()).casefold() == HEADER.casefold()


def to_successors(rows: Iterable[ConversionRow], valid_before: Callable[[date], Sequence[str]]) -> Iterator[Successor]:
    """Yield (release, new, old) pairs; ranges are read over `valid_before(effective)`, the billable codes in code order."""
    listed: dict[date, Sequence[str]] = {}
    for row in rows:
        for first, last in row.previous:
            if first == last:
                yield Successor(row.effective.isoformat(), row.code, first)
                continue
            if row.effective not in listed:
                listed[row.effective] = valid_before(row.effective)
            within = [code for code in listed[row.effective] if first <= code <= last or code.startswith(last)]
            if len(within) <= _MOST_OF_A_RANGE:
                yield from (Successor(row.effective.isoformat(), row.code, old) for old in within)


def _row(values: list[str], effective: object, file: str, line: int) -> ConversionRow:
    code = codes.normalise(values[0])  # the publisher once left out the dot: W453XXA
    if code is None or codes.is_block(code) or codes.is_chapter(code):
        raise ImportFault(file, line, f"{values[0]!r} is not an ICD-10-CM code")
    return ConversionRow(code, _effective(effective, file, line), _previous(values[2], file, line), values[2])


def _previous(text: str, file: str, line: int) -> tuple[tuple[str, str], ...]:
    if not text:
        raise ImportFault(file, line, "the previous code is empty; a new code without one says 'None'")
    found = []
    for part in _SEPARATOR.split(text.strip(" .,;")):
        match = _PART.match(part)
        if not match:
            return ()  # words, or a reference to a header such as I63.-: no list of codes
        first, last = (codes.normalise(each or match[1]) or "" for each in match.groups())
        if last < first:
            raise ImportFault(file, line, f"the range {part!r} ends before it begins")
        found.append((first, last))
    return tuple(found)


def _effective(value: object, file: str, line: int) -> date:
    """Return the first day: a year alone is the fiscal year's 1 October (2025 means 2025-10-01, fiscal year 2026)."""
    if isinstance(value, datetime):
        return value.date()
    text = _text(value)
    try:
        if match := _SHORT_DATE.match(text):
            year = int(match[3])
            return date(year if year > 99 else 2000 + year, int(match[1]), int(match[2]))
        if len(text) == 10:
            return date.fromisoformat(text)
        if re.fullmatch(r"20\d\d", text):
            return date(int(text), 10, 1)
        return datetime.strptime(text, "%B %d, %Y").date()
    except ValueError:
        pass
    raise ImportFault(file, line, f"{text!r} is neither a year nor a date")


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _csv_rows(content: bytes, file: str) -> Iterator[tuple[int, Sequence[object]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportFault(file, content[: error.start].count(b"\n") + 1, "a byte outside UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise ImportFault(file, reader.line_num, f"not readable as CSV: {error}") from None
