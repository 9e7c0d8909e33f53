"""What every page shares: the request, the links, and the forms that an answer takes (HTML, print, JSON, Markdown)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from icdref import __version__, issues
from icdref.fhir import summary_parts
from icdref.issues import IcdRefError
from icdref.model import Source
from icdref.results import SummaryView
from icdref.service.code_cards import INTENDED_USE
from icdref.service.releases import to_day
from icdref.service.safety_box import SafetyBox, safety_boxes
from icdref.service.service import Service
from icdref.web import html
from icdref.web.http import Answer, Request
from icdref.web.negotiation import CACHE_CLINICAL, CACHE_NEVER, answer
from icdref.web.operation_input import query_pairs
from icdref.web.pages import parts
from icdref.web.pages.kept import Kept
from icdref.web.pages.words import words_in

FORMS: Final = ("html", "print", "json", "markdown")
_CARRIED: Final = ("q", "codes", "date", "version", "audience", "language", "billable", "within", "section", "offset")
"""Parameters of a page that its other forms keep; everything else in a query string is dropped."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page before it takes its form. `path` is its address below the mount, `fhir` that of the same answer as FHIR.

    `plain` and `markdown` make the other forms; they are called only where one of them is asked for.
    """

    template: str
    route: str
    path: str
    values: Mapping[str, Any]
    plain: Callable[[], Any] = dict
    markdown: Callable[[], str] = str
    fhir: str = ""
    release: str = ""
    language: str = "en"
    cache: str = CACHE_CLINICAL
    status: int = 200
    formats: bool = field(default=True)


class Frame:
    """One request for a page, with the service that answers it and the links that the answer carries."""

    def __init__(self, request: Request, service: Service, kept: Kept) -> None:
        self.request = request
        self.service = service
        self.kept = kept
        self.settings = service.settings
        self.query = dict(query_pairs(request))
        self.version = self.query.get("version", "")

    @property
    def day(self) -> date | None:
        """Return the date of service that was asked for. Raises IcdRefError (malformed-date)."""
        text = self.query.get("date", "").strip()
        return to_day(text) if text else None

    # --- links -------------------------------------------------------------------------------------------------------

    def url(self, path: str) -> str:
        """Return the address of a path of ours."""
        return self.settings.url_prefix + path

    def dated(self, path: str) -> str:
        """Return the address of a path on the day and in the release that this page was asked for."""
        chosen = {name: self.query[name] for name in ("date", "version") if self.query.get(name)}
        mark = "&" if "?" in path else "?"
        return self.url(path) + (f"{mark}{urlencode(chosen)}" if chosen else "")

    def code_url(self, code: str) -> str:
        """Return the address of a code's page; a dash at its end (M61.2-) is left out."""
        return self.dated(f"/codes/{quote(code.rstrip('-').rstrip('.'))}")

    def form_url(self, path: str, form: str) -> str:
        """Return the address of this page in another form."""
        kept = [(name, self.query[name]) for name in _CARRIED if self.query.get(name)]
        return self.url(path) + "?" + urlencode([*kept, ("format", form)])

    def asset(self, name: str) -> str:
        """Return the address of a static file; it carries the hash of the content."""
        return self.url(f"/static/{name}?{html.static_files()[name][1]}")

    def statement_url(self, statement: str) -> str:
        """Return where a statement stands in its summary."""
        found = self.service.knowledge.summaries.statements.get(statement)
        return self.url(f"/conditions/{found[0]}#{statement}") if found else self.url("/conditions")

    def report_url(self, statement: str) -> str:
        """Return where a problem with a statement is reported, '' where the operator named no address."""
        address = self.settings.report_address
        if not address:
            return ""
        text = urlencode({"subject": f"icdref statement {statement}, edition {self.service.edition.id}"}, quote_via=quote)
        return f"{address if ':' in address else 'mailto:' + address}{'&' if '?' in address else '?'}{text}"

    def title_of(self, identifier: str) -> str:
        """Return the title of a summary by its id, '' where there is none."""
        summary = self.service.knowledge.summaries.all.get(identifier)
        return summary.title["en"] if summary else ""

    def boxes(self, codes: list[str]) -> tuple[SafetyBox, ...]:
        """Return the warnings that stand with every answer on these codes."""
        return safety_boxes(codes, self.service.knowledge.summaries)

    def sources_of(self, view: SummaryView, names: tuple[str, ...]) -> list[Source]:
        """Return the sources of a statement."""
        by_id = {source.id: source for source in view.summary.sources}
        return [by_id[name] for name in names if name in by_id]

    # --- answers -----------------------------------------------------------------------------------------------------

    def redirect(self, where: str) -> Answer:
        """Return the answer that leads to another page."""
        return Answer(302, [("Location", where), ("Cache-Control", CACHE_NEVER)], b"", "redirect")

    @property
    def release(self) -> str:
        """Return the release that answers on the day, or by the version, that was asked for."""
        return self.service.terminology.choose(self.version, self.day).release.version

    def respond(self, page: Page, form: str = "") -> Answer:
        """Return a page in the form asked for: by `form`, else by the parameter `format`. Raises IcdRefError for another one."""
        form = form or {"md": "markdown"}.get(self.query.get("format", ""), self.query.get("format", "")) or "html"
        if form not in FORMS:
            raise IcdRefError(issues.bad_parameter("format", form, f"it must be {', '.join(FORMS)}"))
        release = page.release or self.service.terminology.choose().release.version
        if form in ("json", "markdown"):
            body = orjson.dumps(page.plain(), option=orjson.OPT_INDENT_2) if form == "json" else page.markdown().encode()
            kind = "application/json" if form == "json" else "text/markdown"
            edition = self.service.edition.id
            route = f"{page.route} {form}"
            return answer(body, kind, cache=page.cache, release=release, edition=edition, route=route, status=page.status)
        values = self._shared(page, release, printing=form == "print") | dict(page.values)
        return html.page(page.template, values, cache_control=page.cache, route=page.route, status=page.status)

    def _shared(self, page: Page, release: str, *, printing: bool) -> dict[str, Any]:
        service = self.service
        day = self.query.get("date", "").strip()
        chosen = {name: self.query[name] for name in ("date", "version") if self.query.get(name)}
        return {
            "url": self.url,
            "dated": self.dated,
            "code_url": self.code_url,
            "asset": self.asset,
            "statement_url": self.statement_url,
            "report_url": self.report_url,
            "sources_of": self.sources_of,
            "title_of": self.title_of,
            "source_url": parts.source_link,
            "source_label": parts.source_label,
            "attributes_line": summary_parts.attributes_line,
            "form_line": summary_parts.form_line,
            "identifiers": summary_parts.identifiers,
            "seed_line": summary_parts.seed_line,
            "bound_codes": parts.bound_codes,
            "count_of": parts.count_of,
            "sentence": parts.sentence,
            "marked": parts.marked,
            "why_found": parts.why_found,
            "words": words_in(page.language),
            "query": "",
            "boxes": (),
            "chosen": chosen,
            "day_text": day if page.status < 400 else "",
            "shows_day": page.status < 400,
            "today": service.today(),
            "language": page.language,
            "intended_use": INTENDED_USE,
            "release": release,
            "edition": service.edition.id,
            "software": __version__,
            "stale": service.releases.is_stale(service.today()),
            "degraded": service.degraded,
            "printing": printing,
            "here": self.settings.root_url + page.path,
            "here_path": page.path,
            "forms": self._forms(page),
            "now_at": page.route,
        }

    def _forms(self, page: Page) -> list[tuple[str, str, str]]:
        """Return (name, address, media type) of the other forms of the same answer."""
        if not page.formats:
            return []
        found = [("FHIR", self.url(page.fhir), "application/fhir+json")] * bool(page.fhir)
        return [
            *found,
            ("JSON", self.form_url(page.path, "json"), "application/json"),
            ("Markdown", self.form_url(page.path, "markdown"), "text/markdown"),
            ("Print", self.form_url(page.path, "print"), "text/html"),
        ]
