"""The pages of releases: which are installed, and what one changes against another, grouped by consequence."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from icdref import issues
from icdref.issues import IcdRefError
from icdref.service.diff_sections import Section, remarks, sections
from icdref.web.http import Answer
from icdref.web.pages import markdown, plain
from icdref.web.pages.frame import Frame, Page

_FEW: Final = 25
_PAGE_SIZE: Final = 200


def releases(frame: Frame) -> Answer:
    """Answer `/releases`: what is installed, and every day on which the billable codes changed."""
    service, changes = frame.service, frame.kept.changes
    installed = service.releases.all[::-1]
    pairs = [(before.isoformat(), after.isoformat()) for before, after in pairwise(changes)][::-1]
    values: dict[str, Any] = {"releases": installed, "horizon": service.terminology.horizon, "pairs": pairs}
    page = Page(
        "releases.html",
        "/releases",
        "/releases",
        values,
        plain=lambda: plain.releases(installed, changes),
        markdown=lambda: markdown.releases(installed, changes),
        fhir="/fhir/r4/CodeSystem?_pretty=true",
    )
    return frame.respond(page)


def changes(frame: Frame, pair: str, form: str = "") -> Answer:
    """Answer `/releases/{a}..{b}`; each side is a release, a fiscal year or a date. `section` shows one list in full."""
    first, dots, second = pair.partition("..")
    if not (first and dots and second) or len(pair) > 40:
        raise IcdRefError(issues.bad_parameter("releases", pair, "write two releases or dates, such as 2025-10-01..2026-04-01"))
    diff = frame.kept.diff(first, second)
    found = sections(diff)
    wanted = frame.query.get("section", "")
    only = next((each for each in found if each.key == wanted), None)
    offset = _number(frame.query.get("offset", "0"))
    shown = [_shown(each, only, offset) for each in found if only in (None, each)]
    path = f"/releases/{first}..{second}"
    values: dict[str, Any] = {
        "diff": diff,
        "remarks": remarks(diff),
        "sections": found,
        "shown": shown,
        "only": only,
        "offset": offset,
        "path": path,
        "page_size": _PAGE_SIZE,
    }
    page = Page(
        "changes.html",
        "/releases/{a}..{b}",
        path,
        values,
        plain=lambda: plain.changes(diff, found),
        markdown=lambda: markdown.changes(diff, found),
    )
    return frame.respond(page, form)


def _shown(section: Section, only: Section | None, offset: int) -> tuple[Section, tuple[tuple[str, str, str, str], ...]]:
    if only is None:
        return section, section.rows[:_FEW]
    return section, section.rows[offset : offset + _PAGE_SIZE]


def _number(text: str) -> int:
    return min(int(text), 100_000) if text.isascii() and text.isdigit() and len(text) < 7 else 0
