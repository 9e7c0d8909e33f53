"""From a FHIR resource to the bytes of an answer: media type, prettiness, ETag and caching headers.

Headers are plain strings and the usual Accept values are compared as strings: the object interfaces of web frameworks for
the same job measured 20 µs each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import orjson

from icdref import issues
from icdref.fhir.canonical import FHIR_VERSIONS
from icdref.issues import IcdRefError
from icdref.web.http import Answer, Request

FHIR_JSON: Final = "application/fhir+json"
_JSON_TYPES: Final = {
    FHIR_JSON: FHIR_JSON,
    "application/json+fhir": FHIR_JSON,
    "application/json": "application/json",
    "text/json": "application/json",
    "application/*": FHIR_JSON,
    "*/*": FHIR_JSON,
}
_FORMATS: Final = {"json": FHIR_JSON, "application/fhir json": FHIR_JSON, "application/json fhir": FHIR_JSON} | _JSON_TYPES
_OFFERED: Final = (FHIR_JSON, "application/json")
_LONGEST_ACCEPT: Final = 1000

CACHE_PINNED: Final = "public, max-age=31536000, immutable"
CACHE_DEFAULT_RELEASE: Final = "public, max-age=3600"
CACHE_SEARCH: Final = "public, max-age=300"
CACHE_CLINICAL: Final = "no-cache"
CACHE_NEVER: Final = "no-store"

SHARED_HEADERS: Final = [
    ("Vary", "Accept, Accept-Language, Accept-Encoding"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Location, Link, ICDREF-Release, ICDREF-Edition, X-Request-Id"),
]


def media_type(request: Request, pairs: Sequence[tuple[str, str]], fhir_version: str) -> str:
    """Return the media type to answer with; `_format` wins over Accept.

    Raises IcdRefError (not-acceptable) when nothing that the client names can be served.
    """
    for name, value in pairs:
        if name == "_format" and value:
            wanted = _FORMATS.get(value.split(";")[0].strip().lower())
            if wanted is None:
                raise IcdRefError(issues.not_acceptable(value, _OFFERED))
            return wanted
    accept = request.header("accept")
    if accept in ("", "*/*", FHIR_JSON):
        return FHIR_JSON
    return _best(accept, fhir_version)


def _best(accept: str, fhir_version: str) -> str:
    best, best_quality = "", 0.0
    for part in accept[:_LONGEST_ACCEPT].split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key == "q":
                quality = _quality(value)
            elif key == "fhirversion" and value.strip('"') not in (fhir_version, FHIR_VERSIONS[fhir_version]):
                quality = 0.0
        if name in _JSON_TYPES and quality > best_quality:
            best, best_quality = _JSON_TYPES[name], quality
    if not best:
        raise IcdRefError(issues.not_acceptable(accept, (f"{FHIR_JSON}; fhirVersion={fhir_version}", "application/json")))
    return best


def _quality(text: str) -> float:
    try:
        return max(0.0, min(float(text), 1.0))
    except ValueError:
        return 0.0


def is_pretty(pairs: Sequence[tuple[str, str]]) -> bool:
    """Tell whether the client asked for indented JSON."""
    return any(name == "_pretty" and value == "true" for name, value in pairs)


def render(resource: dict[str, Any], *, pretty: bool = False) -> bytes:
    """Return a resource as JSON."""
    return orjson.dumps(resource, option=orjson.OPT_INDENT_2 if pretty else None)


def etag(body: bytes) -> str:
    """Return the strong entity tag of a body: it names these bytes and no others."""
    return f'"{hashlib.sha256(body).hexdigest()[:24]}"'


def answer(
    body: bytes,
    content_type: str,
    *,
    cache: str,
    release: str,
    edition: str,
    route: str,
    status: int = 200,
) -> Answer:
    """Return an answer with every header that a FHIR answer of ours carries."""
    headers = [("Content-Type", f"{content_type}; charset=utf-8"), ("Cache-Control", cache), *SHARED_HEADERS]
    if cache != CACHE_NEVER:
        headers.append(("ETag", etag(body)))
    if release:
        headers.append(("ICDREF-Release", release))
    if edition:
        headers.append(("ICDREF-Edition", edition))
    return Answer(status, headers, body, route)
