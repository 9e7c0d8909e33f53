"""A Bundle of type batch: each entry is a request of its own, answered in order, with its own status and outcome.

An entry's answer is spliced in as the bytes that it is. Entries go through the same door as requests from outside, with the
headers of the batch, so that nothing can be had in a batch that could not be had without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from typing import Any, Final
from urllib.parse import unquote

import orjson

from icdref import issues, issues_interactions
from icdref.fhir.bundle import batch_entries, batch_response
from icdref.issues import IcdRefError, Issue
from icdref.web.context import Context
from icdref.web.errors import error_answer
from icdref.web.http import Answer, Request
from icdref.web.negotiation import CACHE_NEVER, FHIR_JSON
from icdref.web.operation_input import read_resource

MOST_ENTRIES: Final = 500
_MOST_BYTES: Final = 16 * 1024 * 1024
_MOST_SECONDS: Final = 10.0
_OF_THE_BATCH: Final = frozenset({"accept", "content-type", "content-length", "if-none-match", "if-modified-since"})
_OWN_FORM: Final = re.compile(r"(?:^|&)_(?:format|pretty)=[^&]*")

Asker = Callable[[Request], Answer]


def batch(context: Context, ask: Asker) -> Answer:
    """Answer a batch; `ask` answers one request below this FHIR base.

    Raises IcdRefError for a body that is no batch, and for more than 500 entries.
    """
    bundle = read_resource(context.request, context.service.settings.json_depth, context.fhir_version)
    entries = batch_entries(bundle)
    if len(entries) > MOST_ENTRIES:
        raise IcdRefError(issues.too_many_values("Bundle.entry", MOST_ENTRIES))
    path = context.request.path.rstrip("/")
    reader = _Reader(path, context.base_url, _kept(context.request.headers))
    answered: list[bytes] = []
    size, until = 0, monotonic() + _MOST_SECONDS
    for entry in entries:
        if size > _MOST_BYTES:
            answer = _refusal(issues_interactions.batch_too_costly(f"{_MOST_BYTES} bytes"))
        elif monotonic() > until:
            answer = _refusal(issues_interactions.batch_too_costly(f"{_MOST_SECONDS:g} seconds"))
        else:
            answer = _one(reader, entry, ask)
        size += len(answer.body)
        answered.append(_entry(answer, entry))
    return context.answer_bytes(batch_response(answered, context.edition), cache=CACHE_NEVER, route="batch")


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in _OF_THE_BATCH} | {"accept": FHIR_JSON}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes a request of an entry: `path` is that of the FHIR base, `base_url` its absolute form."""

    path: str
    base_url: str
    headers: dict[str, str]

    def read(self, entry: dict[str, Any]) -> Request:
        """Return the request of an entry. Raises IcdRefError naming what is wrong with it."""
        asked = entry.get("request")
        if not isinstance(asked, dict):
            raise IcdRefError(issues.malformed_body("has an entry without a request", "give each entry a method and a URL"))
        method, url = asked.get("method"), asked.get("url")
        if not isinstance(method, str) or not isinstance(url, str):
            raise IcdRefError(issues.malformed_body("has an entry without a request", "give each entry a method and a URL"))
        if method not in ("GET", "HEAD", "POST"):
            raise IcdRefError(issues_interactions.wrong_entry_method(method))
        path, _, query = url.removeprefix(f"{self.base_url}/").lstrip("/").partition("?")
        if not path or ":" in path.partition("/")[0] or ".." in path.split("/") or "#" in url:
            raise IcdRefError(issues_interactions.foreign_entry(url))
        request = Request("POST" if method == "POST" else "GET", f"{self.path}/{unquote(path)}", _OWN_FORM.sub("", query))
        request.headers = self.headers
        if method == "POST" and isinstance(entry.get("resource"), dict):
            request.headers = self.headers | {"content-type": FHIR_JSON}
            request.body = orjson.dumps(entry["resource"])
        return request


def _one(reader: _Reader, entry: dict[str, Any], ask: Asker) -> Answer:
    try:
        return ask(reader.read(entry))
    except IcdRefError as error:
        return _refusal(error.issues[0])


def _refusal(issue: Issue) -> Answer:
    return error_answer((issue,))


def _entry(answer: Answer, entry: dict[str, Any]) -> bytes:
    """Return an answer as an entry: the resource, or the outcome that says why there is none."""
    asked = entry.get("request")
    asked = asked if isinstance(asked, dict) else {}
    tag = dict(answer.headers).get("ETag", "")
    if answer.status == 200 and tag and str(asked.get("ifNoneMatch", "")).removeprefix("W/") == tag:
        return b'{"response":' + _response(304, tag) + b"}"
    if answer.status >= 400:
        return b'{"response":' + _response(answer.status, "")[:-1] + b',"outcome":' + answer.body + b"}}"
    resource = b"" if asked.get("method") == "HEAD" else b'"resource":' + answer.body + b","
    return b"{" + resource + b'"response":' + _response(answer.status, tag) + b"}"


def _response(status: int, tag: str) -> bytes:
    shaped = {"status": f"{status} {HTTPStatus(status).phrase}"}
    return orjson.dumps(shaped | ({"etag": tag} if tag else {}))
