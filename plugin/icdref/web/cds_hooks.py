"""The CDS Hooks door: discovery, six hooks and feedback. Answers from what was sent; no server is ever called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import orjson

from icdref import __version__, issues, issues_doors
from icdref.cds.cards import to_cards
from icdref.cds.coding_cards import KINDS
from icdref.cds.feedback import read_feedback
from icdref.cds.hooks import SERVICES as OFFERED
from icdref.cds.hooks import CdsService, discovery, services_of
from icdref.cds.request import read_request
from icdref.config import Settings
from icdref.fhir.outcome import operation_outcome
from icdref.issues import IcdRefError, Issue
from icdref.service.service import Service
from icdref.store.cds_state import CdsState
from icdref.web.cds_cards import cards
from icdref.web.cds_tokens import TokenCheck
from icdref.web.errors import status_of
from icdref.web.http import Answer, Request
from icdref.web.negotiation import CACHE_DEFAULT_RELEASE, CACHE_NEVER, FHIR_JSON, etag, render
from icdref.web.operation_input import read_json

BASE: Final = "/cds-services"
_FEEDBACK: Final = "feedback"
_ALLOWED_HEADERS: Final = "authorization, content-type"


class CdsHooksDoor:
    """Answers CDS clients from a service. One per process; what it remembers is in `state.db`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._state = CdsState(settings.directory)
        self._tokens = TokenCheck(settings, self._state) if settings.cds_issuers else None

    @staticmethod
    def serves(path: str) -> bool:
        """Tell whether a path is one of this door."""
        return path == BASE or path.startswith(f"{BASE}/")

    def answer(self, request: Request, service: Service) -> Answer:
        """Return the answer to a request, errors included."""
        try:
            return self._answered(request, service)
        except IcdRefError as error:
            return self.error(error.issues, request, service)

    def error(self, found: Iterable[Issue], request: Request, service: Service, allow: str = "") -> Answer:
        """Return the answer that says what was wrong, as an OperationOutcome. It repeats no value of the request."""
        problems = tuple(found)
        status = status_of(problems[0])
        headers = self._headers(request, f"{FHIR_JSON}; charset=utf-8", CACHE_NEVER, service)
        if allow:
            headers.append(("Allow", allow))
        if status == 401:
            headers.append(("WWW-Authenticate", "Bearer"))
        if status in (429, 503):
            headers.append(("Retry-After", "5"))
        body = render(operation_outcome(problems, request.header("x-request-id")))
        return Answer(status, headers, body, f"error {status}")

    # --- routes ------------------------------------------------------------------------------------------------------

    def _answered(self, request: Request, service: Service) -> Answer:
        parts = [part for part in request.path[len(BASE) :].split("/") if part]
        method = "GET" if not parts else "POST"
        if request.method == "OPTIONS":
            return self._preflight(request, method)
        offered = services_of(parts[0]) if parts else ()
        if parts and not offered:
            raise IcdRefError(issues_doors.unknown_service(dict.fromkeys(each.id for each in OFFERED)))
        if parts[1:] not in ([], [_FEEDBACK]):
            raise IcdRefError(issues.unknown_path(f"{BASE}/{{id}}/…", f"feedback goes to {BASE}/{{id}}/{_FEEDBACK}"))
        methods = ("GET", "HEAD") if method == "GET" else ("POST",)
        if request.method not in methods:
            problem = issues.wrong_method(request.method, BASE + "/{id}" * bool(parts), methods)
            return self.error((problem,), request, service, ", ".join((*methods, "OPTIONS")))
        self._authorise(request)
        if not parts:
            return self._discovery(request, service)
        return self._feedback(request, parts[0], service) if parts[1:] else self._hook(request, offered, service)

    def _authorise(self, request: Request) -> None:
        if self._tokens:
            self._tokens.check(request.header("authorization"), self._settings.root_url + request.path)

    def _discovery(self, request: Request, service: Service) -> Answer:
        body = orjson.dumps(discovery(__version__))
        headers = self._headers(request, "application/json", CACHE_NEVER if self._tokens else CACHE_DEFAULT_RELEASE, service)
        if not self._tokens:
            headers.append(("ETag", etag(body)))
        return Answer(200, headers, body, BASE)

    def _hook(self, request: Request, services: tuple[CdsService, ...], service: Service) -> Answer:
        body = read_json(request, self._settings.json_depth)
        offered, call = read_request(body, services)
        root = self._settings.root_url
        found = to_cards(cards(offered, call, service, root), call.instance, root)
        headers = self._headers(request, "application/json", CACHE_NEVER, service)
        headers.append(("ICDREF-Release", service.terminology.choose().release.version))
        return Answer(200, headers, orjson.dumps({"cards": found}), f"{BASE}/{offered.id}")

    def _feedback(self, request: Request, identifier: str, service: Service) -> Answer:
        body = read_json(request, self._settings.json_depth)
        topics = (*service.knowledge.summaries.all, *KINDS)
        rows = read_feedback(body, identifier, topics, keep_comments=self._settings.cds_comments)
        self._state.add_feedback(
            [(row.service, row.topic, row.outcome, row.suggestions, row.reason, row.comment, row.day.isoformat()) for row in rows]
        )
        headers = self._headers(request, "application/json", CACHE_NEVER, service)
        return Answer(200, headers, b"{}", f"{BASE}/{identifier}/{_FEEDBACK}")

    # --- headers -----------------------------------------------------------------------------------------------------

    def _preflight(self, request: Request, method: str) -> Answer:
        allow = f"{method}, OPTIONS"
        headers = [("Vary", "Origin"), ("Allow", allow), ("Cache-Control", CACHE_NEVER)]
        if self._origin(request):
            headers += [
                ("Access-Control-Allow-Origin", self._origin(request)),
                ("Access-Control-Allow-Methods", allow),
                ("Access-Control-Allow-Headers", _ALLOWED_HEADERS),
                ("Access-Control-Max-Age", "86400"),
            ]
        return Answer(204, headers, b"", "OPTIONS")

    def _headers(self, request: Request, content_type: str, cache: str, service: Service) -> list[tuple[str, str]]:
        headers = [
            ("Content-Type", content_type),
            ("Cache-Control", cache),
            ("Vary", "Origin, Accept-Encoding"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("ICDREF-Edition", service.edition.id),
        ]
        if self._origin(request):
            headers.append(("Access-Control-Allow-Origin", self._origin(request)))
            headers.append(("Access-Control-Expose-Headers", "ETag, X-Request-Id"))
        return headers

    def _origin(self, request: Request) -> str:
        origin = request.header("origin")
        return origin if origin in self._settings.cds_origins else ""
