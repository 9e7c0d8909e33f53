"""The Infobutton door: `/infobutton/service` for EHRs and `/infobutton/application` for people.

Field-compatible with MedlinePlus Connect; the dialect of an answer is that of its errors too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from icdref import issues, issues_doors
from icdref.config import Settings
from icdref.fhir.document import card_document, document
from icdref.fhir.for_code import knowledge_searchset
from icdref.fhir.match_trace import with_traces
from icdref.fhir.outcome import operation_outcome
from icdref.infobutton.answer import Feed
from icdref.infobutton.atom import MEDIA_TYPE, to_atom
from icdref.infobutton.build import answer, refusal
from icdref.infobutton.notification import read_notification
from icdref.infobutton.parameters import RESPONSE_TYPE, Parameters, canonical_name, read_parameters
from icdref.infobutton.question import Question, read_question
from icdref.infobutton.shapes import check_callback, to_json, to_jsonp
from icdref.issues import IcdRefError, Issue
from icdref.results import Knowledge
from icdref.service.service import Service
from icdref.web.errors import status_of
from icdref.web.http import Answer, Request
from icdref.web.infobutton_page import Page
from icdref.web.infobutton_search import find, found, topics_of
from icdref.web.negotiation import CACHE_CLINICAL, CACHE_NEVER, FHIR_JSON, SHARED_HEADERS, etag, render
from icdref.web.operation_input import FORM, media_type_of, query_pairs

SERVICE: Final = "/infobutton/service"
APPLICATION: Final = "/infobutton/application"
METHODS: Final = ("GET", "HEAD", "POST")
_PRIVATE: Final = "private, no-store"

_JSON: Final = "application/json"
_SCRIPT: Final = "application/javascript"
_HTML: Final = "text/html"
_ATOM_TYPES: Final = ("text/xml", "application/xml", MEDIA_TYPE)
RESPONSE_TYPES: Final = (*_ATOM_TYPES, _JSON, _SCRIPT, _HTML, FHIR_JSON)
"""Every value of knowledgeResponseType that is answered in its own format."""

_XML_BODIES: Final = ("text/xml", "application/xml", "application/soap+xml", "application/hl7-v3+xml")
_NEVER_FRAMED_ASSETS: Final = "default-src 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class _Dialect:
    """The media type to answer in, and for a script the function that it calls."""

    media_type: str
    callback: str = ""


class InfobuttonDoor:
    """Answers knowledge requests from a service. One per process; it keeps nothing between requests."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.root_url
        self._page = Page(settings)

    @staticmethod
    def serves(path: str) -> bool:
        """Tell whether a path is one of this door; a slash at its end makes no difference."""
        return path.rstrip("/") in (SERVICE, APPLICATION)

    def answer(self, request: Request, service: Service) -> Answer:
        """Return the answer to a request, errors included."""
        try:
            return self._answered(request, service)
        except IcdRefError as error:
            return self.error(error.issues, request, service)

    def error(self, found_issues: Iterable[Issue], request: Request, service: Service, allow: str = "") -> Answer:
        """Return the answer that says what was wrong, in the dialect that was asked for. It repeats no value but codes."""
        problems = tuple(found_issues)
        dialect = _dialect_for_errors(request)
        if dialect.media_type == FHIR_JSON:
            body = render(operation_outcome(problems, request.header("x-request-id")))
        else:
            released = service.terminology.choose().release.effective_from
            feed = refusal(problems[0], self._base, released, service.edition.id)
            body = self._rendered(feed, dialect)
        headers = [*self._headers(dialect, "en", CACHE_NEVER), ("ICDREF-Edition", service.edition.id)]
        if allow:
            headers.append(("Allow", allow))
        if status_of(problems[0]) in (429, 503):
            headers.append(("Retry-After", "5"))
        return Answer(status_of(problems[0]), headers, body, f"error {status_of(problems[0])}")

    # --- requests ----------------------------------------------------------------------------------------------------

    def _answered(self, request: Request, service: Service) -> Answer:
        if request.method not in METHODS:
            allow = ", ".join((*METHODS, "OPTIONS"))
            if request.method == "OPTIONS":
                return Answer(204, [*SHARED_HEADERS, ("Access-Control-Allow-Methods", allow), ("Allow", allow)], b"", "OPTIONS")
            return self.error((issues.wrong_method(request.method, request.path, METHODS),), request, service, allow)
        given = read_parameters([*query_pairs(request), *_body_pairs(request)])
        dialect = _dialect(given, request)
        question = read_question(given)
        if not question.criteria:
            return self._nothing_asked(request, service)
        if dialect.media_type == FHIR_JSON:
            return self._fhir(request, question, service, dialect)
        feed = answer(question, found(question, find(question, service), service), self._base)
        return self._sent(request, question, feed, self._rendered(feed, dialect), dialect)

    def _nothing_asked(self, request: Request, service: Service) -> Answer:
        if _route(request) != APPLICATION:
            raise IcdRefError(issues_doors.nothing_asked())
        dialect = _Dialect(_HTML)
        headers = self._headers(dialect, "en", CACHE_CLINICAL)
        body = self._page.render(None)
        headers += [("ETag", etag(body)), ("ICDREF-Edition", service.edition.id)]
        return Answer(200, headers, body, APPLICATION)

    def _fhir(self, request: Request, question: Question, service: Service, dialect: _Dialect) -> Answer:
        sections, _ = topics_of(question)
        knowledge = find(question, service, sections)
        body = render(self._resource(question, knowledge))
        feed = answer(question, found(question, knowledge, service), self._base)
        return self._sent(request, question, feed, body, dialect)

    def _resource(self, question: Question, knowledge: Knowledge) -> dict[str, Any]:
        """Return what `Composition/$for-code` answers: one document, and for several topics or none a searchset."""
        base = f"{self._base}/fhir/r4"
        if len(question.criteria) == 1 and knowledge.summaries:
            return with_traces(document(knowledge.summaries[0], base), knowledge.traces)
        if len(question.criteria) == 1 and knowledge.card:
            return with_traces(card_document(knowledge.card, base, notice=knowledge.traces[0].notice), knowledge.traces)
        return knowledge_searchset(knowledge, base, f"{base}/Composition/$for-code")

    # --- answers -----------------------------------------------------------------------------------------------------

    def _rendered(self, feed: Feed, dialect: _Dialect) -> bytes:
        if dialect.media_type == _JSON:
            return orjson.dumps(to_json(feed))
        if dialect.media_type == _SCRIPT:
            return to_jsonp(feed, dialect.callback)
        if dialect.media_type == _HTML:
            return self._page.render(feed)
        return to_atom(feed)

    def _sent(self, request: Request, question: Question, feed: Feed, body: bytes, dialect: _Dialect) -> Answer:
        private = question.private or request.method == "POST"
        headers = self._headers(dialect, feed.languages, _PRIVATE if private else CACHE_CLINICAL)
        if not private:
            headers.append(("ETag", etag(body)))
        headers += [("ICDREF-Release", feed.release), ("ICDREF-Edition", feed.edition)]
        return Answer(200, headers, body, _route(request))

    def _headers(self, dialect: _Dialect, language: str, cache: str) -> list[tuple[str, str]]:
        policy = self._page.policy if dialect.media_type == _HTML else _NEVER_FRAMED_ASSETS
        return [
            ("Content-Type", f"{dialect.media_type}; charset=utf-8"),
            ("Content-Language", language),
            ("Cache-Control", cache),
            ("Content-Security-Policy", policy),
            *SHARED_HEADERS,
        ]


def _route(request: Request) -> str:
    return request.path.rstrip("/")


def _body_pairs(request: Request) -> list[tuple[str, str]]:
    """Return the parameters in the body of a POST: a form, or the notification in XML."""
    if request.method != "POST" or not request.body.strip():
        return []
    sent = media_type_of(request)
    if sent in _XML_BODIES:
        return read_notification(request.body)
    if sent != FORM:
        raise IcdRefError(issues.unsupported_media_type(sent, (FORM, *_XML_BODIES)))
    try:
        return parse_qsl(request.body.decode("utf-8"), keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        raise IcdRefError(issues.malformed_body("is not a form in UTF-8", "send name=value pairs joined by &")) from None


def _dialect(given: Parameters, request: Request) -> _Dialect:
    """Return the dialect of an answer. Raises IcdRefError for a type or a callback that cannot be served."""
    wanted = given.text(RESPONSE_TYPE).split(";")[0].strip().lower()
    if wanted and wanted not in RESPONSE_TYPES:
        raise IcdRefError(issues_doors.unknown_response_type(RESPONSE_TYPES))
    if _route(request) == APPLICATION:
        return _Dialect(_HTML)
    if wanted == _SCRIPT:
        parameter = "jsonp" if given.text("jsonp") and not given.text("callback") else "callback"
        return _Dialect(wanted, check_callback(given.text(parameter), parameter))
    return _Dialect(wanted or MEDIA_TYPE)


def _dialect_for_errors(request: Request) -> _Dialect:
    """Return the dialect of an error, read from the URL as well as it can be; a script that cannot be called is JSON."""
    if _route(request) == APPLICATION:
        return _Dialect(_HTML)
    try:
        named = {canonical_name(name): value.strip() for name, value in query_pairs(request)}
        wanted = named.get(RESPONSE_TYPE, "").split(";")[0].strip().lower()
        if wanted == _SCRIPT:
            return _Dialect(wanted, check_callback(named.get("callback") or named.get("jsonp") or ""))
    except IcdRefError:
        return _Dialect(_JSON)
    return _Dialect(wanted if wanted in RESPONSE_TYPES else MEDIA_TYPE)
