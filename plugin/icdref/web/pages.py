"""The pages for people: one handler each, thin; what they show comes from the service, how it looks from the templates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson
from markupsafe import Markup

from icdref import codes, issues
from icdref.fhir.narrative import from_markdown
from icdref.issues import IcdRefError, Issue
from icdref.model import Source, Statement
from icdref.results import NoSuchCode, SummaryView
from icdref.service.code_cards import INTENDED_USE, code_card
from icdref.service.compare import compare
from icdref.service.coverage import coverage_of
from icdref.service.matching import Asked
from icdref.service.releases import to_day
from icdref.service.service import Service
from icdref.service.views import Reader
from icdref.web import html
from icdref.web.errors import status_of
from icdref.web.http import Answer, Request
from icdref.web.negotiation import CACHE_CLINICAL, CACHE_NEVER, SHARED_HEADERS, answer
from icdref.web.operation_input import query_pairs
from icdref.web.page_parts import badges, facts, note_groups, source_link, to_markdown, validity_years, years_label

_PAGE_SIZE: Final = 25
_SUGGESTIONS: Final = 8
_LONGEST_QUERY: Final = 200
_HEADINGS: Final = {404: "Not found", 410: "No longer served", 400: "That question could not be read"}
_RELEASE_PAIR: Final = re.compile(r"\A([0-9]{4}-[0-9]{2}-[0-9]{2})\.\.([0-9]{4}-[0-9]{2}-[0-9]{2})\Z", re.ASCII)


class Pages:
    """The handlers of one request, with the service that answers it."""

    def __init__(self, request: Request, service: Service) -> None:
        self._request = request
        self._service = service
        self._settings = service.settings
        self._query = dict(query_pairs(request))
        self._handler = self._route([part for part in request.path.split("/") if part])

    @property
    def exists(self) -> bool:
        """Tell whether the path is one of a page or of a static file."""
        return self._handler is not None

    def answer(self) -> Answer:
        """Return the page; what cannot be answered is a page too, with the reason."""
        try:
            return self._handler() if self._handler else self.problem((issues.unknown_path(self._request.path, "start at /"),))
        except IcdRefError as error:
            return self.problem(error.issues)

    def problem(self, found: tuple[Issue, ...]) -> Answer:
        """Return the page that says what was wrong."""
        status = status_of(found[0])
        values = {"issues": found, "status": status, "heading": _HEADINGS.get(status, "This could not be answered")}
        return self._page("problem.html", values, route=f"error {status}", status=status, cache=CACHE_NEVER)

    def _route(self, parts: list[str]) -> Callable[[], Answer] | None:
        match parts:
            case []:
                return self._home
            case ["static", name] if name in html.static_files():
                return lambda: html.static_answer(name)
            case ["search"]:
                return self._search
            case ["suggest"]:
                return self._suggest
            case ["codes", name]:
                return lambda: self._code(name)
            case ["conditions"]:
                return self._conditions
            case ["conditions", name]:
                return lambda: self._condition(name)
            case ["about", name]:
                return lambda: self._about(name)
            case ["compare"]:
                return self._compare
            case ["coverage"]:
                return self._coverage
            case ["releases"]:
                return self._releases
        return None

    # --- pages -------------------------------------------------------------------------------------------------------

    def _home(self) -> Answer:
        return self._page("home.html", {"views": self._service.knowledge.served()}, route="/")

    def _search(self) -> Answer:
        query = self._query.get("q", "").strip()[:_LONGEST_QUERY]
        offset = _number(self._query.get("offset", "0"))
        values: dict[str, Any] = {"query": query, "found": None, "problem": "", "next_url": ""}
        if query:
            exact = codes.normalise(query)
            if exact and not offset and not isinstance(self._service.terminology.lookup(exact, day=self._day()), NoSuchCode):
                return self._redirect(self._code_url(exact))
            found = self._service.search.search(query, count=_PAGE_SIZE, offset=offset, day=self._day())
            values["found"] = found
            if offset + _PAGE_SIZE < found.total:
                values["next_url"] = self._url("/search?" + urlencode({"q": query, "offset": offset + _PAGE_SIZE}))
        return self._page("search.html", values, route="/search", cache=CACHE_NEVER)

    def _suggest(self) -> Answer:
        query = self._query.get("q", "").strip()[:_LONGEST_QUERY]
        found = self._service.search.search(query, count=_SUGGESTIONS, day=self._day()).hits if query else ()
        hits = [
            {"code": hit.code, "display": hit.display, "billable": hit.billable, "url": self._code_url(hit.code)} for hit in found
        ]
        headers = [("Content-Type", "application/json"), ("Cache-Control", CACHE_NEVER), *SHARED_HEADERS]
        return Answer(200, headers, orjson.dumps({"hits": hits}), "/suggest")

    def _code(self, name: str) -> Answer:
        name, _, form = name.partition(".md") if name.endswith(".md") else (name, "", "")
        markdown = self._request.path.endswith(".md")
        del form
        version, day = self._query.get("version", ""), self._day()
        lookup = self._service.terminology.lookup(name, version=version, day=day)
        if isinstance(lookup, NoSuchCode):
            raise IcdRefError(lookup.issue)
        code = lookup.concept.code
        if code != name and not markdown:
            return self._redirect(self._code_url(code))
        knowledge = self._service.knowledge.for_codes([Asked(code)], version=version, day=day)
        trace = knowledge.traces[0]
        view = knowledge.summaries[0] if knowledge.summaries else None
        card = knowledge.card or code_card(lookup, self._service.terminology)
        if markdown:
            return answer(
                to_markdown(lookup, card, trace, view).encode(),
                "text/markdown",
                cache=CACHE_CLINICAL,
                release=lookup.choice.release.version,
                edition=self._service.edition.id,
                route="/codes/{code}.md",
            )
        years = validity_years(lookup.validity, self._service.terminology.horizon)
        values = {
            "lookup": lookup,
            "card": card,
            "trace": trace,
            "view": view,
            "also": [(identifier, self._title(identifier)) for identifier in trace.also],
            "badges": badges(lookup),
            "facts": facts(lookup),
            "note_groups": note_groups(lookup),
            "years": years,
            "years_label": years_label(years),
            "fhir_url": self._url(f"/fhir/r4/Composition/$for-code?code={quote(code)}"),
            "links": self._code_links(code),
            "release": lookup.choice.release.version,
        }
        return self._page("code.html", values, route="/codes/{code}")

    def _conditions(self) -> Answer:
        return self._page("conditions.html", {"views": self._service.knowledge.served()}, route="/conditions")

    def _condition(self, name: str) -> Answer:
        audience = "patient" if self._query.get("audience") == "patient" else "clinician"
        view = self._service.knowledge.summary(name, Reader(audience, self._query.get("language", "en")[:35]))
        values = {
            "view": view,
            "codes": [each.code for each in view.summary.codes if each.system == codes.ICD10CM],
            "names": [each.text for each in view.summary.synonyms if each.kind != "related"],
            "links": self._condition_links(view),
            "language": view.language,
            "patient_html": Markup(str(from_markdown(view.patient_text.body))) if view.patient_text else "",  # noqa: S704 - escaped there
        }
        return self._page("condition.html", values, route="/conditions/{id}")

    def _about(self, name: str) -> Answer:
        view = self._service.knowledge.summary(name)
        given = view.summary.attributes
        uses = (
            "race",
            "ethnicity",
            "language",
            "sexual-orientation",
            "gender-identity",
            "sex",
            "date-of-birth",
            "sdoh",
            "health-status",
        )
        attributes = [
            ("Bibliographic citation", given.citation),
            ("Developer", given.developer),
            ("Funding of the technical implementation", given.funding),
            ("Release and revision dates", f"{given.release_date}, {given.revision_date}"),
            *((f"Use of {use.replace('-', ' ')}", "yes" if use in given.uses else "no") for use in uses),
        ]
        return self._page("about.html", {"view": view, "attributes": attributes}, route="/about/{id}")

    def _compare(self) -> Answer:
        asked = [text.strip() for text in self._query.get("codes", "").split(",") if text.strip()]
        values: dict[str, Any] = {"asked": ", ".join(asked)[:300], "found": None, "problem": ""}
        if asked:
            try:
                values["found"] = compare(self._service.terminology, self._service.knowledge, asked, day=self._day())
            except IcdRefError as error:
                values["problem"] = str(error)
        return self._page("compare.html", values, route="/compare")

    def _coverage(self) -> Answer:
        found = coverage_of(self._service)
        return self._page(
            "coverage.html", {"total": found.total, "rows": [*found.chapters.items(), ("All", found.total)]}, route="/coverage"
        )

    def _releases(self) -> Answer:
        found = self._service.releases.all
        values = {"releases": found[::-1], "horizon": self._service.terminology.horizon, "pairs": []}
        return self._page("releases.html", values, route="/releases")

    # --- helpers of the templates ------------------------------------------------------------------------------------

    def _page(
        self, template: str, values: dict[str, Any], *, route: str, status: int = 200, cache: str = CACHE_CLINICAL
    ) -> Answer:
        service = self._service
        shared = {
            "url": self._url,
            "code_url": self._code_url,
            "asset": self._asset,
            "statement_url": self._statement_url,
            "report_url": self._report_url,
            "sources_of": sources_of,
            "source_link": source_link,
            "known_summary": self._title,
            "bound_codes": bound_codes,
            "query": "",
            "day_text": self._query.get("date", "") if self._day() else "",
            "language": "en",
            "intended_use": INTENDED_USE,
            "release": service.terminology.choose().release.version,
            "edition": service.edition.id,
            "stale": service.releases.is_stale(service.today()),
        }
        return html.page(template, shared | values, cache_control=cache, route=route, status=status)

    def _day(self) -> date | None:
        text = self._query.get("date", "")
        if not text:
            return None
        try:
            return to_day(text)
        except IcdRefError:
            return None

    def _url(self, path: str) -> str:
        return self._settings.url_prefix + path

    def _code_url(self, code: str) -> str:
        stem = code.rstrip("-").rstrip(".")
        chosen = {name: self._query[name] for name in ("date", "version") if self._query.get(name)}
        return self._url(f"/codes/{quote(stem)}" + (f"?{urlencode(chosen)}" if chosen else ""))

    def _asset(self, name: str) -> str:
        return self._url(f"/static/{name}?{html.static_files()[name][1]}")

    def _statement_url(self, statement: str) -> str:
        for identifier, summary in self._service.knowledge.summaries.all.items():
            if any(each.id == statement for each in summary.statements):
                return self._url(f"/conditions/{identifier}#{statement}")
        return self._url("/conditions")

    def _report_url(self, statement: str) -> str:
        address = self._settings.report_address
        if not address:
            return ""
        text = urlencode({"subject": f"icdref statement {statement}, edition {self._service.edition.id}"}, quote_via=quote)
        return f"{address if ':' in address else 'mailto:' + address}{'&' if '?' in address else '?'}{text}"

    def _title(self, identifier: str) -> str:
        summary = self._service.knowledge.summaries.all.get(identifier)
        return summary.title["en"] if summary else ""

    def _code_links(self, code: str) -> list[tuple[str, str]]:
        return [
            ("FHIR document", self._url(f"/fhir/r4/Composition/$for-code?code={quote(code)}&_pretty=true")),
            ("FHIR code", self._url(f"/fhir/r4/CodeSystem/$lookup?code={quote(code)}&_pretty=true")),
            ("Markdown", self._url(f"/codes/{quote(code)}.md")),
        ]

    def _condition_links(self, view: SummaryView) -> list[tuple[str, str]]:
        base = f"/conditions/{view.summary.id}"
        links = [("FHIR document", self._url(f"/fhir/r4/Composition/{view.summary.id}/$document?_pretty=true"))]
        if view.audience == "patient":
            links.append(("For clinicians", self._url(base)))
        for text in view.summary.patient_texts:
            label = {"en": "For patients", "es": "Para pacientes"}.get(text.language, f"For patients ({text.language})")
            links.append((label, self._url(f"{base}?audience=patient&language={text.language}")))
        return links

    def _redirect(self, where: str) -> Answer:
        return Answer(302, [("Location", where), ("Cache-Control", CACHE_NEVER)], b"", "redirect")


def sources_of(view: SummaryView, statement: Statement) -> list[dict[str, str]]:
    """Return the sources of a statement as the page shows them."""
    by_id = {source.id: source for source in view.summary.sources}
    return [_shown(by_id[name]) for name in statement.sources if name in by_id]


def _shown(source: Source) -> dict[str, str]:
    label = source.doi or source.pmcid or (f"PMID {source.pmid}" if source.pmid else "link")
    return {"citation": source.citation, "link": source_link(source), "label": label, "read": source.read}


def bound_codes(view: SummaryView) -> str:
    """Return the ICD-10-CM codes that a summary is about, as coders write them."""
    own = [each for each in view.summary.codes if each.system == codes.ICD10CM]
    shown = [each for each in own if each.role == "focus"] or own[:1]
    return ", ".join(f"{each.code}{'-' if each.match != 'self' else ''}" for each in shown)


def _number(text: str) -> int:
    return min(int(text), 100_000) if text.isascii() and text.isdigit() and len(text) < 7 else 0
