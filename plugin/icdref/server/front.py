"""The application that granian calls: the cache, then our framework-free handlers, then Flask.

It runs on an event loop so that a slow client costs one waiting task and nothing else; handlers run inline, because they
are all work and no waiting (measured in docs/decisions/0001-wsgi-server.md). Only the body is awaited.
"""

from __future__ import annotations

import logging
import os
import re
import traceback
from contextlib import suppress
from functools import lru_cache
from itertools import count
from time import perf_counter, time
from typing import TYPE_CHECKING, Final, Protocol

from icdref import issues
from icdref.config import Settings
from icdref.issues import IcdRefError, Issue
from icdref.server.access_log import AccessLog
from icdref.server.bodies import BodyError, read_body
from icdref.server.cache import KEY_HEADERS, AnswerCache, Entry, Key, accepts_gzip, packed_tag
from icdref.server.metrics import METHODS, Metrics
from icdref.server.rsgi import Exchange, Fields, Headers, Scope
from icdref.server.wsgi import UNNAMED, WsgiCaller
from icdref.web.http import Answer, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_log = logging.getLogger(__name__)

LONGEST_URL: Final = 8192
"""Characters of path and query, decoded, that are answered; granian itself refuses more than 65,534 bytes."""

_READS: Final = frozenset({"GET", "HEAD"})
_REQUEST_ID = re.compile(r"\A[A-Za-z0-9._-]{1,64}\Z")
_PRIVATE: Final = ("authorization", "cookie")
_ANSWERED_HERE: Final = ("if-none-match", "if-modified-since", "if-range", "range")
_NOT_FORWARDED: Final = frozenset(
    {"connection", "content-length", "date", "keep-alive", "trailer", "transfer-encoding", "upgrade", "x-request-id"}
)
_DAY: Final = 86400


class Api(Protocol):
    """What the front asks of icdref itself."""

    def answer(self, request: Request) -> Answer | None:
        """Return the answer of a framework-free route, None where the WSGI application must handle the request."""

    def edition(self) -> str:
        """Return the id of the edition that is served now."""

    def generation(self) -> str:
        """Return a text that changes whenever an answer may: another edition, another withdrawal serial."""

    def error_answer(self, issue: Issue, request: Request) -> Answer:
        """Return the answer that says an issue; the request has its id in `x-request-id`."""


class Front:
    """One worker's RSGI application."""

    def __init__(
        self,
        settings: Settings,
        api: Api,
        app: WSGIApplication,
        metrics: Metrics | None = None,
        access_log: AccessLog | None = None,
    ) -> None:
        self._api = api
        self._call_app = WsgiCaller(app, settings.base_url, settings.url_prefix)
        self._prefix = settings.url_prefix
        self._body_bytes = settings.body_bytes
        self._body_seconds = settings.body_seconds
        self._cache = AnswerCache(settings.cache_bytes)
        self._metrics = metrics or Metrics()
        self._access_log = access_log
        self._request_ids = count(1)
        self._process_id = os.urandom(4).hex()

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request. Raises nothing that a client could cause."""
        started = perf_counter()
        asked = scope.headers
        method = scope.method
        request_id = asked.get("x-request-id")
        if request_id is None or not _REQUEST_ID.match(request_id):
            request_id = f"{self._process_id}-{next(self._request_ids):x}"
        key: Key | None = None
        try:
            if method in _READS:
                cache = self._cache
                generation = self._generation()
                if generation != cache.generation:
                    cache.start(generation)
                key = (scope.path, scope.query_string, asked.get("accept"), asked.get("accept-language"), asked.get("prefer"))
                entry = cache.get(key)
                if entry is not None and "authorization" not in asked and "cookie" not in asked:
                    status, sent = self._send_entry(exchange, asked, entry, request_id, stored=True)
                    self._note(entry.route, method, status, sent, started=started, request_id=request_id, hit=True)
                    return
            status, sent, route = await self._answer(scope, exchange, key, request_id)
        except Exception as error:
            log_fault(error, request_id)
            status, sent, route = 500, 0, "(fault)"
            with suppress(Exception):  # it may have been answered already
                exchange.response_bytes(500, [("x-request-id", request_id)], b"")
        label = method if method in METHODS else "other"
        self._note(route, label, status, sent, started=started, request_id=request_id, hit=False)

    def _send_entry(self, exchange: Exchange, asked: Fields, entry: Entry, request_id: str, *, stored: bool) -> tuple[int, int]:
        """Send an entry, or a 304, in the encoding that the client accepts; return the status and the bytes of the body."""
        encoding = asked.get("accept-encoding") if entry.packable else None
        packs = encoding is not None and accepts_gzip(encoding)
        condition = asked.get("if-none-match")
        if condition is None and entry.modified and asked.get("if-modified-since") == entry.modified:
            # The date names this answer and no other (docs/decisions/0006): the same as its own tag.
            condition = packed_tag(entry.plain.etag) if packs else entry.plain.etag
        if condition is not None:
            headers = entry.unchanged(condition, packed=packs)
            if headers is not None:
                exchange.response_empty(304, [*headers, ("x-request-id", request_id)])
                return 304, 0
        variant = self._cache.packed(entry) if packs and stored else entry.plain
        exchange.response_bytes(200, [*variant.headers, ("x-request-id", request_id)], variant.body)
        return 200, len(variant.body)

    async def _answer(self, scope: Scope, exchange: Exchange, key: Key | None, request_id: str) -> tuple[int, int, str]:
        """Answer a request that the cache does not hold; return the status, the bytes of the body and the route."""
        items = scope.headers.items()
        fields = merged(items)
        fields["x-request-id"] = request_id
        path = self._below_prefix(scope.path)
        request = Request(scope.method, path or scope.path, scope.query_string, fields)
        if path is None:
            answer = self._error(issues.unknown_path(scope.path, f"icdref is mounted at {self._prefix or '/'}"), request, 404)
        elif len(scope.path) + len(scope.query_string) > LONGEST_URL:
            answer = self._error(issues.url_too_long(LONGEST_URL), request, 414)
        elif key is None:
            answer = await self._handle_with_body(request, exchange)
        else:
            request.method = "GET"
            for name in _ANSWERED_HERE:
                fields.pop(name, None)
            answer = self._handle(request)
        answer.headers = [(lower, value) for name, value in answer.headers if (lower := forwarded(name))]
        route = answer.route = answer.route or UNNAMED
        entry = Entry.of(answer) if key is not None else None
        if key is not None and entry is not None:
            if entry.storable and self._cache.asked_before(key):
                self._keep(key, entry, items)
            return (*self._send_entry(exchange, scope.headers, entry, request_id, stored=False), route)
        exchange.response_bytes(answer.status, [*answer.headers, ("x-request-id", request_id)], answer.body)
        return answer.status, len(answer.body), route

    async def _handle_with_body(self, request: Request, exchange: Exchange) -> Answer:
        fields = request.headers
        if "content-length" in fields or "transfer-encoding" in fields:
            try:
                request.body = await read_body(
                    exchange,
                    fields.get("content-length"),
                    self._body_bytes,
                    self._body_seconds,
                    drain="expect" not in fields,
                )
            except BodyError as refused:
                return self._error(refused.issue, request, refused.status)
        return self._handle(request)

    def _handle(self, request: Request) -> Answer:
        """Return the answer of whoever handles the request; a fault of ours becomes a 500 and a line in the log."""
        try:
            if request.path == "/metrics" and request.method == "GET":
                text, media_type = self._metrics.exposition(self._api.edition())
                return Answer(200, [("content-type", media_type), ("cache-control", "no-store")], text, "/metrics")
            answer = self._api.answer(request)
            return self._call_app(request) if answer is None else answer
        except IcdRefError as error:
            return self._error(error.issue, request)
        except Exception as error:
            log_fault(error, request.header("x-request-id"))
            return self._error(issues.internal_fault(), request, 500)

    def _error(self, issue: Issue, request: Request, status: int = 0) -> Answer:
        try:
            answer = self._api.error_answer(issue, request)
        except Exception as error:
            log_fault(error, request.header("x-request-id"))
            return Answer(500, [("content-type", "text/plain; charset=utf-8")], issues.internal_fault().text.encode())
        answer.status = status or answer.status
        return answer

    def _keep(self, key: Key, entry: Entry, items: Headers) -> None:
        """Store an entry for the next client, unless this request was not anonymous or the generation changed under it."""
        names = [name for name, _ in items]
        anonymous = not any(name in names for name in _PRIVATE)
        exact = all(names.count(name) <= 1 for name in KEY_HEADERS)  # a key has only the first of a repeated header
        if anonymous and exact and self._generation() == self._cache.generation:
            self._cache.put(key, entry)

    def _generation(self) -> tuple[str, int]:
        return self._api.generation(), int(time()) // _DAY

    def _below_prefix(self, path: str) -> str | None:
        """Return the path below the mount prefix, None where it is not below it."""
        if self._prefix:
            if path == self._prefix:
                return "/"
            if not path.startswith(self._prefix + "/"):
                return None
            return path[len(self._prefix) :]
        return path if path.startswith("/") else None

    def _note(self, route: str, method: str, status: int, sent: int, *, started: float, request_id: str, hit: bool) -> None:
        seconds = perf_counter() - started
        if method == "HEAD":
            sent = 0
        self._metrics.observe(route, method, status, seconds, sent, hit=hit)
        if self._access_log is not None:
            self._access_log.write(
                route, method, status, seconds, sent, hit=hit, edition=self._api.edition(), request_id=request_id
            )


def merged(items: list[tuple[str, str]]) -> dict[str, str]:
    """Return header fields by lower-case name, repeated ones joined as RFC 9110 section 5.3 says (cookies as RFC 6265 does).

    >>> merged([("accept", "a"), ("accept", "b")])
    {'accept': 'a, b'}
    """
    fields: dict[str, str] = {}
    for name, value in items:
        if name in fields:
            fields[name] += ("; " if name == "cookie" else ", ") + value
        else:
            fields[name] = value
    return fields


@lru_cache(maxsize=256)
def forwarded(name: str) -> str:
    """Return the name of an answer's header in lower case, '' for those that are the server's own to set.

    The same name is always the same string: a kept answer holds a dozen.
    """
    lower = name.lower()
    return "" if lower in _NOT_FORWARDED else lower


def log_fault(error: BaseException, request_id: str) -> None:
    """Log where an exception came from, without its message, which may hold what the client sent."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames))
    _log.error("request %s failed: %s in %s", request_id, type(error).__name__, where)
