"""The one answer to a knowledge request: every format is a rendering of this, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from icdref.fhir.narrative import Xhtml
from icdref.issues import Issue
from icdref.results import MatchTrace

NAME: Final = "icdref"
RIGHTS: Final = "Each condition summary names the licence of its text; see its catalogue card."


@dataclass(frozen=True, slots=True)
class Entry:
    """One topic of an answer: a summary, one section of it, or the facts of a code that has no summary.

    `summary` is markup that is safe by construction; `why` the sentence that says how the topic was reached; `parent` the
    id of the entry that a section belongs to; `data` the address of the same content as FHIR.
    """

    id: str
    title: str
    language: str
    href: str
    data: str
    updated: date
    summary: Xhtml
    why: str
    relevance: float
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A whole answer. `problem` is set when the request was refused; `traces` when the caller wants an explanation."""

    id: str
    subtitle: str
    base: str
    language: str
    updated: date
    entries: tuple[Entry, ...] = ()
    categories: tuple[tuple[str, str], ...] = ()
    traces: tuple[MatchTrace, ...] = ()
    remarks: tuple[str, ...] = ()
    release: str = ""
    edition: str = ""
    problem: Issue | None = None

    @property
    def languages(self) -> str:
        """Return the languages of the entries, that of the first one first, as a Content-Language header names them."""
        return ", ".join(dict.fromkeys([self.language, *(entry.language for entry in self.entries)]))

    @property
    def updated_text(self) -> str:
        """Return the day of the newest content, as an instant; never the clock."""
        return instant(self.updated)


def instant(day: date) -> str:
    """Return a day as feeds write it.

    >>> instant(date(2026, 11, 22))
    '2026-11-22T00:00:00Z'
    """
    return f"{day.isoformat()}T00:00:00Z"
