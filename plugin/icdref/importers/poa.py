"""The list of codes exempt from present-on-admission reporting, and its files of additions, deletions and revisions.

Tab-separated, header `Order26 POAexemptCode Description` (the number is the fiscal year), titles with commas quoted.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from icdref.importers import texts
from icdref.importers.errors import ImportFault

HEADER = re.compile(rb"\A(?:Order ?(\d\d)\t)?(?:(Action)\t)?POA ?exempt ?Codes?\tDescription\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ExemptList:
    """Code -> title of the list, and the fiscal year its header names (0: none)."""

    titles: dict[str, str]
    year: int


def read_poa_exempt(content: bytes, file: str) -> ExemptList:
    """Return a list of exempt codes. Raises ImportFault, naming the line."""
    match = HEADER.match(content)
    if match is None:
        raise ImportFault(file, 1, "the header is not that of a POA-exempt list")
    columns = 2 + bool(match[1]) + bool(match[2])
    found: dict[str, str] = {}
    before = ""
    for number, line in enumerate(texts.lines(content, file)[1:], 2):
        try:
            cells = next(csv.reader([line], delimiter="\t", strict=True), [])
        except csv.Error as error:
            raise ImportFault(file, number, f"not readable as a table: {error}") from None
        if len(cells) != columns or not cells[-1].strip():
            raise ImportFault(file, number, f"{len(cells)} columns, not {columns}, or no title")
        code = texts.dotted_code(cells[-2], file, number)
        if code in found and not match[2]:
            raise ImportFault(file, number, f"{code} stands twice")
        if (match[1] and not match[2] and not before < cells[0]) or (match[1] and len(cells[0]) != 5):
            raise ImportFault(file, number, f"the order number {cells[0]!r} does not follow {before!r}")
        found[code], before = cells[-1], cells[0]
    if not found:
        raise ImportFault(file, 0, "the list has no code: the file is cut")
    return ExemptList(found, 2000 + int(match[1]) if match[1] else 0)
