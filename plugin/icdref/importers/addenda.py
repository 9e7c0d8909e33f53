"""The addenda that come beside order and codes files: what a release adds, deletes and retitles against the one before.

Columns: 1-13 action; order addenda 14 flag, 16-22 code, 24-83 short title, 85- long title; codes addenda 14-20 code, 22-
title. A trailer counts headers and codes; an April file may hold nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from icdref.importers import texts
from icdref.importers.errors import ImportFault
from icdref.importers.order import title

ACTIONS = ("Add:", "Delete:", "Revise from:", "Revise to:")
_COUNT = re.compile(r"\A *(\d+) (headers|codes|additions|deletions|revisions)(?: in (\S+)| to .*)?\Z")
_YEAR = re.compile(r"(?<!\d)(20\d\d)")


@dataclass(frozen=True, slots=True)
class Change:
    """One row: `billable` is None in a codes addenda, which has billable codes only."""

    action: str
    code: str
    billable: bool | None
    title: str
    line: int


@dataclass(frozen=True, slots=True)
class Addenda:
    """The rows of one file, and its trailer as (section, what) -> number; `year` is the fiscal year that the trailer names."""

    changes: tuple[Change, ...]
    counts: dict[tuple[str, str], tuple[int, ...]]
    year: int

    def codes(self, action: str, *, billable: bool) -> list[str]:
        """Return the codes of an action, billable or headers, in file order."""
        return [row.code for row in self.changes if row.action == action and row.billable is not (not billable)]


def read_addenda(content: bytes, file: str) -> Addenda:
    """Return an addenda of either kind. Raises ImportFault where a row is no row or the trailer does not count the rows."""
    changes: list[Change] = []
    counts: dict[tuple[str, str], tuple[int, ...]] = {}
    section, year = "", 0
    for number, line in enumerate(texts.lines(content, file, _is_trailer), 1):
        if line.startswith(ACTIONS):
            if section:
                raise ImportFault(file, number, "a row stands below the trailer")
            changes.append(_change(line, file, number))
        elif line.strip() in ("Headers", "Codes"):
            section = line.strip()
        elif match := _COUNT.match(line):
            if " to " not in line:
                counts[section, match[2]] = (*counts.get((section, match[2]), ()), int(match[1]))
            year = max([year, *(int(found) for found in _YEAR.findall(match[3] or ""))])
        elif line.strip() not in ("", "of which"):
            raise ImportFault(file, number, f"{line[:40]!r} is neither a row of an addenda nor of its trailer")
    found = Addenda(tuple(changes), counts, year)
    _check(found, file)
    return found


def _is_trailer(line: str) -> bool:
    """Tell whether a line is one of the trailer; what matters in it stands at its beginning, and is counted."""
    return _COUNT.match(line) is not None


def _change(line: str, file: str, number: int) -> Change:
    action = line[:13].strip()
    ordered = line[13:15] in ("0 ", "1 ")
    start = 15 if ordered else 13
    code = texts.plain_code(line[start : start + 7].rstrip(" "), file, number)
    return Change(action, code, line[13] == "1" if ordered else None, title(line[84 if ordered else 21 :], file, number), number)


def _check(addenda: Addenda, file: str) -> None:
    """Refuse an addenda whose revisions are not pairs or whose trailer counts other numbers than its rows."""
    if not addenda.counts:
        raise ImportFault(file, 0, "the trailer with the counts is missing: the file is cut")
    if missing := [what for what in ("additions", "deletions", "revisions") if ("Codes", what) not in addenda.counts]:
        raise ImportFault(file, 0, f"the trailer does not count the {missing[0]} of codes: the file is cut")
    for above, row in pairwise([None, *addenda.changes, None]):
        opened = above is not None and above.action == "Revise from:"
        closes = row is not None and row.action == "Revise to:"
        if opened != closes or (opened and above and row and above.code != row.code):
            raise ImportFault(file, (row or above or addenda.changes[0]).line, "'Revise from' and 'Revise to' are no pair")
    if not addenda.changes:
        return
    for section, billable in (("Headers", False), ("Codes", True)):
        for what, action in (("additions", "Add:"), ("deletions", "Delete:"), ("revisions", "Revise to:")):
            stated = addenda.counts.get((section, what))
            rows = len(addenda.codes(action, billable=billable))
            if stated and stated[0] != rows:
                raise ImportFault(file, 0, f"the trailer counts {stated[0]} {what} of {section.lower()}, the rows are {rows}")


def check_against(addenda: Addenda, codes: Iterable[tuple[str, bool, str]], file: str) -> None:
    """Refuse an addenda that its release contradicts. `codes` are (code, billable, title) of the release.

    What is added must be there, what is deleted must not, and what is retitled must have the new title.
    """
    listed = {code: (billable, text) for code, billable, text in codes}
    added = {(row.code, row.billable) for row in addenda.changes if row.action == "Add:"}
    for row in addenda.changes:
        billable, text = listed.get(row.code, (None, ""))
        same = billable is not None and (row.billable is None or row.billable == billable)
        if (
            row.action == "Delete:"
            and same
            and (row.code, row.billable) not in added
            and not (row.billable is None and not billable)
        ):
            raise ImportFault(file, row.line, f"deletes {row.code}, which is in the release")
        if row.action in ("Add:", "Revise to:") and (not same or text != row.title):
            what = f"the release has {text!r}" if same else "the release has no such code"
            raise ImportFault(file, row.line, f"says {row.code} {row.title!r}, but {what}")
    for section, wanted in (("Headers", False), ("Codes", True)):
        stated: Sequence[int] = addenda.counts.get((section, section.lower()), ())
        number = sum(billable == wanted for billable, _ in listed.values())
        if stated and stated[-1] != number:
            raise ImportFault(file, 0, f"the trailer counts {stated[-1]} {section.lower()}, the release has {number}")
