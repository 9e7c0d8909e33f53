"""The search page and the suggestions under the search box: one search, ranked, with the reasons."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from icdref import codes
from icdref.model import Kind
from icdref.results import NoSuchCode, SearchResult
from icdref.service.search.code_search import Only
from icdref.service.title_search import by_beginning, by_title
from icdref.web.http import Answer
from icdref.web.negotiation import CACHE_NEVER, SHARED_HEADERS
from icdref.web.pages import markdown, plain
from icdref.web.pages.frame import Frame, Page

_PAGE_SIZE: Final = 25
_SUGGESTIONS: Final = 8
_LONGEST: Final = 200


def search(frame: Frame) -> Answer:
    """Answer `/search`: a code leads to its page, words to ranked codes."""
    query = frame.query.get("q", "").strip()[:_LONGEST]
    offset = _number(frame.query.get("offset", "0"))
    only = Only(billable=frame.query.get("billable") == "true", within=frame.query.get("within", "").strip()[:20])
    found: SearchResult | None = None
    if query:
        exact = codes.normalise(query)
        if exact and _is_plain(frame) and not isinstance(frame.service.terminology.lookup(exact, day=frame.day), NoSuchCode):
            return frame.redirect(frame.code_url(exact))
        found = frame.service.search.search(
            query, count=_PAGE_SIZE, offset=offset, only=only, version=frame.version, day=frame.day
        )
    choice = found.choice if found else frame.service.terminology.choose(frame.version, frame.day)
    total = found.total if found else 0
    values: dict[str, Any] = {
        "query": query,
        "found": found,
        "only": only,
        "choice": choice,
        "offset": offset,
        "summaries": _summaries(frame, query) if not offset else [],
        "chapters": _chapters(frame),
        "covered": {hit.code for hit in found.hits if _is_covered(frame, hit.code)} if found else set(),
        "earlier": _page_url(frame, offset - _PAGE_SIZE) if offset else "",
        "later": _page_url(frame, offset + _PAGE_SIZE) if offset + _PAGE_SIZE < total else "",
    }
    page = Page(
        "search.html",
        "/search",
        "/search",
        values,
        plain=lambda: plain.search(query, found),
        markdown=lambda: markdown.search(query, found),
        fhir=f"/fhir/r4/ValueSet/$expand?url=http://hl7.org/fhir/sid/icd-10-cm?fhir_vs&count=25&filter={quote(query)}",
        release=choice.release.version,
        cache=CACHE_NEVER,
        formats=bool(query),
    )
    return frame.respond(page)


def suggest(frame: Frame) -> Answer:
    """Answer `/suggest` with codes and summaries for what has been typed so far, as JSON."""
    query = frame.query.get("q", "").strip()[:_LONGEST]
    found = frame.service.search.search(query, count=_SUGGESTIONS, version=frame.version, day=frame.day).hits if query else ()
    hits = [
        {"code": hit.code, "display": hit.display, "billable": hit.billable, "url": frame.code_url(hit.code)} for hit in found
    ]
    headers = [("Content-Type", "application/json"), ("Cache-Control", CACHE_NEVER), *SHARED_HEADERS]
    begun = by_beginning(query, frame.service.knowledge.summaries)
    conditions = [_named(frame, each) for each in begun] or _summaries(frame, query)
    return Answer(200, headers, orjson.dumps({"hits": hits, "conditions": conditions}), "/suggest")


def _is_plain(frame: Frame) -> bool:
    return not any(frame.query.get(name) for name in ("offset", "billable", "within", "format"))


def _number(text: str) -> int:
    return min(int(text), 100_000) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _page_url(frame: Frame, offset: int) -> str:
    kept = {name: frame.query[name] for name in ("q", "billable", "within", "date", "version") if frame.query.get(name)}
    return frame.url("/search?" + urlencode(kept | ({"offset": str(offset)} if offset > 0 else {})))


def _summaries(frame: Frame, query: str) -> list[dict[str, str]]:
    """Return the summaries whose name was asked for."""
    if not query:
        return []
    found = by_title(query, frame.service.knowledge.summaries)
    return [_named(frame, each) for each in found]


def _named(frame: Frame, identifier: str) -> dict[str, str]:
    return {"title": frame.title_of(identifier), "url": frame.url(f"/conditions/{identifier}")}


def _chapters(frame: Frame) -> list[tuple[str, str]]:
    service = frame.service
    number = service.releases.number(service.terminology.choose(frame.version, frame.day).release)
    found = (service.concepts.concept(code, number) for code in service.concepts.chapters(number))
    return [(each.concept.code, each.concept.display) for each in found if each]


def _is_covered(frame: Frame, code: str) -> bool:
    """Tell whether a summary is bound to a code or to one above it, up to the category."""
    service = frame.service
    number = service.releases.number(service.terminology.choose(frame.version, frame.day).release)
    stored = service.concepts.concept(code, number)
    if stored is None:
        return False
    path = [stored.concept, *service.concepts.ancestors(stored.concept, number)]
    within = [each for each in path if each.kind not in (Kind.BLOCK, Kind.CHAPTER)]
    return any(service.knowledge.summaries.bound_to(each.code, exact=level == 0) for level, each in enumerate(within))
