"""CSV tables with a fixed header: rows with their line numbers, every fault named with its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

from icdref import codes
from icdref.importers.errors import ImportFault


def rows(content: bytes, file: str, header: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of a CSV table. Raises ImportFault where header, encoding or column count differ."""
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError as error:
        raise ImportFault(file, content[: error.start].count(b"\n") + 1, "a byte outside ASCII") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        if tuple(next(reader, ())) != header:
            raise ImportFault(file, 1, f"the header is not {','.join(header)}")
        for cells in reader:
            if len(cells) != len(header):
                raise ImportFault(file, reader.line_num, f"{len(cells)} columns, not {len(header)}")
            yield reader.line_num, cells
    except csv.Error as error:
        raise ImportFault(file, reader.line_num, f"not readable as CSV: {error}") from None


def icd10cm_code(text: str, file: str, line: int) -> str:
    """Return a code of a publisher's table with its dot. Raises ImportFault for what is not a code."""
    code = codes.from_bare(text)
    if code is None:
        raise ImportFault(file, line, f"{text!r} is not an ICD-10-CM code without dot")
    return code


def day(text: str, file: str, line: int) -> date:
    """Return a date written YYYYMMDD or YYYY-MM-DD. Raises ImportFault."""
    try:
        if not text.isascii() or len(text) not in (8, 10):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ImportFault(file, line, f"{text!r} is not a date") from None


def flag(text: str, file: str, line: int) -> bool:
    """Return a 0/1 cell as a boolean. Raises ImportFault."""
    if text not in ("0", "1"):
        raise ImportFault(file, line, f"{text!r} is not 0 or 1")
    return text == "1"
