"""How a client wants its answer, and from a FHIR resource to the bytes and headers of an answer in compact JSON.

Headers are plain strings and the usual Accept values are compared as strings: the object interfaces of web frameworks for
the same job measured 20 µs each.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Sequence
from email.utils import formatdate
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from icdref import issues
from icdref.fhir.canonical import FHIR_VERSIONS
from icdref.fhir.search_query import SUMMARIES
from icdref.issues import IcdRefError
from icdref.web.http import Answer, Request

FHIR_JSON: Final = "application/fhir+json"
FHIR_XML: Final = "application/fhir+xml"
XML_TYPES: Final = (FHIR_XML, "application/xml", "application/xml+fhir", "text/xml")
_TYPES: Final = {
    FHIR_JSON: FHIR_JSON,
    "application/json+fhir": FHIR_JSON,
    "application/json": "application/json",
    "text/json": "application/json",
    "application/*": FHIR_JSON,
    "*/*": FHIR_JSON,
    "text/html": "application/json",  # browsers: FHIR has no page of its own, and they show JSON but save fhir+json
    FHIR_XML: FHIR_XML,
    "application/xml+fhir": FHIR_XML,
    "application/xml": "application/xml",
    "text/xml": "application/xml",
}
_FORMATS: Final = {"json": FHIR_JSON, "xml": FHIR_XML} | _TYPES | {name.replace("+", " "): kind for name, kind in _TYPES.items()}
"""What `_format` may say; a + that a client did not encode arrives as a blank."""
_WISHES: Final = frozenset({"_format", "_pretty", "_summary", "_elements"})
_OFFERED: Final = (FHIR_JSON, "application/json", FHIR_XML)
_LONGEST_ACCEPT: Final = 1000
_LONGEST_ELEMENTS: Final = 200

CACHE_PINNED: Final = "public, max-age=31536000, immutable"
CACHE_DEFAULT_RELEASE: Final = "public, max-age=3600"
CACHE_SEARCH: Final = "public, max-age=300"
CACHE_CLINICAL: Final = "no-cache"
CACHE_NEVER: Final = "no-store"

_SETTLED: Final = 2
"""Seconds after which a date, whose seconds are whole, cannot name two states of the same answer."""

SHARED_HEADERS: Final = [
    ("Vary", "Accept, Accept-Language, Accept-Encoding"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        "ETag, Last-Modified, Location, Link, WWW-Authenticate, ICDREF-Release, ICDREF-Edition, X-Request-Id",
    ),
]


_ALLOWED_HEADERS: Final = (
    "Accept, Accept-Language, Authorization, Content-Type, If-Modified-Since, If-None-Match, Prefer, X-Request-Id"
)
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,64}\Z")
_MOST_HEADERS: Final = 30


def allowed_headers(request: Request) -> str:
    """Return the request headers that a page of another origin may send: those we read, and those it asks to send.

    Clients send headers of their own (X-Medplum, traceparent …) and give up when one of them is refused. We read none of
    them, and the answer grants no credentials.
    """
    asked = request.header("access-control-request-headers").split(",", _MOST_HEADERS)[:_MOST_HEADERS]
    known = {name.strip().lower() for name in _ALLOWED_HEADERS.split(",")}
    more = dict.fromkeys(name.strip() for name in asked if _HEADER_NAME.match(name.strip()))
    return ", ".join((_ALLOWED_HEADERS, *(name for name in more if name.lower() not in known)))


class Wishes(NamedTuple):
    """How a client wants its answer: the media type, indented or not, and how much of a resource."""

    media_type: str = FHIR_JSON
    pretty: bool = False
    summary: str = ""
    elements: tuple[str, ...] = ()

    @property
    def xml(self) -> bool:
        """Tell whether the answer is to be XML."""
        return self.media_type in (FHIR_XML, "application/xml")

    @property
    def json_type(self) -> str:
        """Return the media type that handlers answer in: JSON, also where it becomes XML at the end."""
        return FHIR_JSON if self.xml else self.media_type


USUAL: Final = Wishes()
"""The whole resource as compact JSON, which is what nearly every client asks for."""


def wishes_of(request: Request, pairs: Sequence[tuple[str, str]], fhir_version: str) -> Wishes:
    """Return what a request wishes by Accept, `_format` (which wins over Accept), `_pretty`, `_summary` and `_elements`.

    Raises IcdRefError: not-acceptable when nothing that the client names can be served, bad-parameter for a `_summary`
    that FHIR does not know.
    """
    asked = {name: value for name, value in pairs if value and name in _WISHES}
    accept = request.header("accept")
    if not asked and accept in ("", "*/*", FHIR_JSON):
        return USUAL
    if format_ := asked.get("_format"):
        media_type = _format(format_, fhir_version)
    else:
        media_type = _best(accept, fhir_version) if accept not in ("", "*/*", FHIR_JSON) else FHIR_JSON
    summary = asked.get("_summary", "")
    if summary and summary not in SUMMARIES:
        raise IcdRefError(issues.bad_parameter("_summary", summary, f"it must be {', '.join(SUMMARIES)}"))
    elements = tuple(name.strip() for name in asked.get("_elements", "").split(",", _LONGEST_ELEMENTS) if name.strip())
    return Wishes(media_type, asked.get("_pretty") == "true", summary.removeprefix("false"), elements)


def _format(text: str, fhir_version: str) -> str:
    name, *parameters = (piece.strip().lower() for piece in text.split(";"))
    found = _FORMATS.get(name)
    if found is None or not all(fits_version(parameter, fhir_version) for parameter in parameters):
        raise IcdRefError(issues.not_acceptable(text, _OFFERED))
    return found


def fits_version(parameter: str, fhir_version: str) -> bool:
    """Tell whether a parameter of a media type, in lower case, does not ask for another FHIR version.

    >>> fits_version("fhirversion=4.0", "4.0"), fits_version("fhirversion=5.0", "4.0"), fits_version("charset=utf-8", "4.0")
    (True, False, True)
    """
    key, _, value = parameter.partition("=")
    return key != "fhirversion" or value.strip('"') in (fhir_version, FHIR_VERSIONS[fhir_version])


def _best(accept: str, fhir_version: str) -> str:
    best, best_quality = "", 0.0
    for part in accept[:_LONGEST_ACCEPT].split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                quality = _quality(parameter[2:])
            elif not fits_version(parameter, fhir_version):
                quality = 0.0
        if name in _TYPES and quality > best_quality:
            best, best_quality = _TYPES[name], quality
    if not best:
        raise IcdRefError(issues.not_acceptable(accept, (f"{FHIR_JSON}; fhirVersion={fhir_version}", *_OFFERED[1:])))
    return best


def _quality(text: str) -> float:
    try:
        return max(0.0, min(float(text), 1.0))
    except ValueError:
        return 0.0


def render(resource: dict[str, Any]) -> bytes:
    """Return a resource as compact JSON."""
    return orjson.dumps(resource)


@lru_cache(maxsize=64)
def http_date(second: int) -> str:
    """Return a second as HTTP writes dates.

    >>> http_date(0)
    'Thu, 01 Jan 1970 00:00:00 GMT'
    """
    return formatdate(second, usegmt=True)


def etag(body: bytes) -> str:
    """Return the strong entity tag of a body: it names these bytes and no others."""
    return f'"{hashlib.sha256(body).hexdigest()[:24]}"'


def varied(answer: Answer, name: str) -> Answer:
    """Return an answer that caches must keep apart by one more request header."""
    answer.headers = [(field, f"{value}, {name}" if field == "Vary" else value) for field, value in answer.headers]
    return answer


def answer(
    body: bytes,
    content_type: str,
    *,
    cache: str,
    release: str,
    edition: str,
    route: str,
    status: int = 200,
    modified: int = 0,
) -> Answer:
    """Return an answer with every header that a FHIR answer of ours carries.

    `modified` is the second since which nothing that the answer depends on has changed, 0 where no date could say so:
    docs/decisions/0006.
    """
    headers = [("Content-Type", f"{content_type}; charset=utf-8"), ("Cache-Control", cache), *SHARED_HEADERS]
    if cache != CACHE_NEVER:
        headers.append(("ETag", etag(body)))
    if modified and time.time() - modified > _SETTLED:
        headers.append(("Last-Modified", http_date(modified)))
    if release:
        headers.append(("ICDREF-Release", release))
    if edition:
        headers.append(("ICDREF-Edition", edition))
    return Answer(status, headers, body, route)
