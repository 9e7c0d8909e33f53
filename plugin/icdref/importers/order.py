"""The order file of CDC/CMS (every code, header or billable, with short and long title) and the codes file (billable only).

Columns: 1-5 number, 7-13 code without dot, 15 flag (1 billable, 0 header), 17-76 short title, 78- long title.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from icdref import codes
from icdref.importers import sides, texts, titles
from icdref.importers.errors import ImportFault
from icdref.model import Concept, Kind

LONGEST_TITLE = 255
_SHORT = 60
"""Characters of a short title. A title that fits is not shortened: in nine official files of 2016 to 2026 without exception."""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of an order file."""

    code: str
    billable: bool
    short: str
    title: str


def read_order(content: bytes, file: str) -> tuple[OrderRow, ...]:
    """Return the rows of an order file. Raises ImportFault, naming the line, for anything that is not one."""
    found: list[OrderRow] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(texts.lines(content, file, _is_whole), 1):
        if line[:6] != f"{number:05d} ":
            raise ImportFault(file, number, f"the line is numbered {line[:5]!r}, not {number:05d}: lines are missing or moved")
        row = _row(line, file, number)
        if row.code in seen:
            raise ImportFault(file, number, f"{row.code} stands twice; it was first in line {seen[row.code]}")
        seen[row.code] = number
        found.append(row)
    return tuple(found)


def read_codes(content: bytes, file: str) -> dict[str, str]:
    """Return code -> long title of a codes file. Raises ImportFault."""
    found: dict[str, str] = {}
    for number, line in enumerate(texts.lines(content, file, lambda _: True), 1):  # it is held against its release
        code = texts.plain_code(line[:7].rstrip(" "), file, number)
        if code in found:
            raise ImportFault(file, number, f"{code} stands twice")
        if line[7:8] != " ":
            raise ImportFault(file, number, "column 8 is not blank")
        found[code] = title(line[8:], file, number)
    return found


def title(text: str, file: str, line: int) -> str:
    """Return a long title without trailing blanks; blanks inside stay, an official update may consist of removing one."""
    stripped = text.rstrip(" ")
    if not stripped.strip() or len(stripped) > LONGEST_TITLE or not stripped.isprintable():
        raise ImportFault(file, line, f"no title, or one longer than {LONGEST_TITLE} characters")
    return stripped


def _row(line: str, file: str, number: int) -> OrderRow:
    if len(line) < 78 or line[13] != " " or line[14] not in "01" or line[15] != " " or line[76] != " ":
        raise ImportFault(file, number, "the columns are not those of an order file: the line is cut or shifted")
    code = texts.plain_code(line[6:13].rstrip(" "), file, number)
    short = line[16:76].rstrip(" ")
    if not short.strip():
        raise ImportFault(file, number, f"{code} has no short title")
    long = title(line[77:], file, number)
    if long != short and len(long) <= _SHORT:
        raise ImportFault(file, number, f"the short title of {code} is {short!r}, but its title {long!r} is not too long for it")
    return OrderRow(code, line[14] == "1", short, long)


def _is_whole(line: str) -> bool:
    """Tell whether a line without an end is nevertheless complete: then the two titles are equal."""
    return len(line) > 77 and line[16:76].rstrip(" ") == line[77:].rstrip(" ")


def check_tree(rows: Sequence[OrderRow], file: str) -> list[str]:
    """Return the parent of each row: the longest code that begins its code and exists, '' for a category.

    Raises ImportFault for an orphan, for a code away from its parent, and for a flag that the tree contradicts.
    """
    known = {row.code for row in rows}
    parents: list[str] = []
    path: list[OrderRow] = []
    above: OrderRow | None = None
    for number, row in enumerate(rows, 1):
        parent = _parent(row.code, known)
        if len(row.code) > 3 and not parent:
            raise ImportFault(file, number, f"{row.code} is an orphan: no code that begins it is in the file")
        if above and not above.billable and above.code != parent:
            raise ImportFault(file, number - 1, f"{above.code} is flagged a header, but no code stands below it")
        while path and path[-1].code != parent:
            path.pop()
        if parent and not path:
            raise ImportFault(file, number, f"{row.code} does not stand below {parent}, its parent")
        if path and path[-1].billable:
            raise ImportFault(file, number, f"{parent} is flagged billable, but {row.code} stands below it")
        parents.append(parent)
        path.append(row)
        above = row
    if above is None or not above.billable:
        raise ImportFault(file, len(rows), "the last line is a header without codes: the file is cut")
    return parents


def to_concepts(rows: Sequence[OrderRow], file: str) -> tuple[Concept, ...]:
    """Return the concepts of an order file. It has no blocks, chapters and notes: a category has no parent.

    Raises ImportFault where `check_tree` does.
    """
    found: dict[str, Concept] = {}
    extended: set[str] = set()
    for row, parent_code in zip(rows, check_tree(rows, file), strict=True):
        concept = _concept(row, parent_code)
        if parent_code and _is_extended(row, found[parent_code]):
            extended.add(row.code)
            concept = replace(concept, residual=found[parent_code].residual)
        found[row.code] = concept
    return sides.with_sides_and_sites(list(found.values()), extended)


def _concept(row: OrderRow, parent: str) -> Concept:
    kind = Kind.CATEGORY if len(row.code) == 3 else Kind.SUBCATEGORY
    return Concept(row.code, kind, row.title, parent, billable=row.billable, residual=titles.is_residual(row.title))


def _parent(code: str, known: set[str]) -> str:
    for length in (*range(len(code) - 1, 4, -1), 3):  # not 4: there stands the dot
        if (prefix := code[:length]) in known and prefix != code:
            return prefix
    return ""


def _is_extended(row: OrderRow, parent: Concept) -> bool:
    """Tell whether a code is its parent with a seventh character: then side and site are the parent's.

    Of the 180 codes of seven characters that are none, 25 look like one (T86.8401) and lose a side that the tabular list has.
    """
    return len(codes.without_dot(row.code)) == 7 and row.title.startswith(parent.display + ", ")
