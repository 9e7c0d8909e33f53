"""The map of the pages: from a path to the page that answers it, and every refusal as a page too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from icdref import codes, issues
from icdref.issues import IcdRefError, Issue
from icdref.model import Concept
from icdref.service.service import Service
from icdref.web import html
from icdref.web.errors import status_of
from icdref.web.http import Answer, Request
from icdref.web.negotiation import CACHE_NEVER
from icdref.web.pages import code, comparison, condition, markdown, overview, releases, search
from icdref.web.pages.frame import Frame, Page
from icdref.web.pages.kept import Kept

_HEADINGS: Final = {404: "Not found", 410: "No longer served", 400: "That question could not be read"}
_SUFFIXES: Final = {".md": "markdown", ".json": "json"}


class Pages:
    """The page of one request, with the service that answers it."""

    def __init__(self, request: Request, service: Service, kept: Kept) -> None:
        self._frame = Frame(request, service, kept)
        self._path = request.path
        self._handler = self._route([part for part in request.path.split("/") if part])

    @property
    def exists(self) -> bool:
        """Tell whether the path is one of a page or of a static file."""
        return self._handler is not None

    def answer(self) -> Answer:
        """Return the page; what cannot be answered is a page too, with the reason."""
        try:
            return self._handler() if self._handler else self._problem((issues.unknown_path(self._path, "start at /"),))
        except IcdRefError as error:
            return self._problem(error.issues)

    def _problem(self, found: tuple[Issue, ...]) -> Answer:
        """Return the page that says what was wrong; a program that asked for JSON or Markdown gets the words in that form."""
        status = status_of(found[0])
        values: dict[str, object] = {
            "issues": found,
            "status": status,
            "heading": _HEADINGS.get(status, "This could not be answered"),
        }
        values["meant"] = self._meant(found[0])
        page = Page(
            "problem.html",
            f"error {status}",
            "/",
            values,
            plain=lambda: {"issues": [{"severity": each.severity, "code": each.detail, "text": each.text} for each in found]},
            markdown=lambda: "".join(f"{markdown.plain_text(each.text)}\n" for each in found),
            status=status,
            cache=CACHE_NEVER,
            formats=False,
        )
        asked = self._frame.query.get("format", "") or _with_form(self._path)[1]
        return self._frame.respond(page, asked if asked in ("json", "markdown") else "html")

    def _meant(self, issue: Issue) -> list[Concept]:
        """Return the codes that an unknown one may have been meant to be."""
        text = codes.normalise(self._path.rpartition("/")[2]) if issue.detail == "unknown-code" else None
        if text is None:
            return []
        service = self._frame.service
        number = service.releases.number(service.releases.newest)
        found = (service.concepts.concept(each, number) for each in service.concepts.suggestions(text, number))
        return [each.concept for each in found if each]

    def _route(self, parts: list[str]) -> Callable[[], Answer] | None:
        frame = self._frame
        match parts:
            case []:
                return lambda: overview.home(frame)
            case ["static", name] if name in html.static_files():
                return lambda: html.static_answer(name)
            case ["search"]:
                return lambda: search.search(frame)
            case ["suggest"]:
                return lambda: search.suggest(frame)
            case ["codes", name]:
                return lambda: code.code(frame, *_with_form(name))
            case ["conditions"]:
                return lambda: overview.conditions(frame)
            case ["conditions", name]:
                return lambda: condition.condition(frame, *_with_form(name))
            case ["about", name]:
                return lambda: condition.about(frame, *_with_form(name))
            case ["compare"]:
                return lambda: comparison.comparison(frame)
            case ["coverage"]:
                return lambda: overview.coverage(frame)
            case ["releases"]:
                return lambda: releases.releases(frame)
            case ["releases", pair]:
                return lambda: releases.changes(frame, *_with_form(pair))
        return None


def _with_form(name: str) -> tuple[str, str]:
    """Return a name without the suffix that asks for another form, and that form; `M61.569.md` is M61.569 as Markdown."""
    for suffix, form in _SUFFIXES.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix), form
    return name, ""
