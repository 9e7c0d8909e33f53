"""The last step of a FHIR answer: XML, indented JSON or a part of a resource, for those who ask for it.

Handlers answer in compact JSON and know nothing of this, so that every answer, also a refusal, can be had in every form.
The usual answer does not pass here at all.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from icdref import issues
from icdref.fhir.bundle import is_bundle
from icdref.fhir.search_subset import apply_elements, apply_summary, is_always_whole
from icdref.fhir.xml_writing import to_xml
from icdref.issues import IcdRefError
from icdref.web.http import Answer, Request
from icdref.web.negotiation import USUAL, Wishes, etag, wishes_of
from icdref.web.operation_input import query_pairs

_JSON: Final = ("application/fhir+json", "application/json")


def reshaped(answer: Answer, wishes: Wishes, fhir_version: str) -> Answer:
    """Return an answer of ours as the client wishes it. Raises IcdRefError (bad-parameter) for a count of one resource.

    `_summary` and `_elements` speak about a resource of its own. A search has applied them to what it found, and a document
    or a set of parameters is whole or of no use.
    """
    if wishes is USUAL or not answer.body:
        return answer
    headers = dict(answer.headers)
    if not headers.get("Content-Type", "").startswith(_JSON):
        return answer
    if not wishes.xml and not wishes.pretty and is_bundle(answer.body):
        return answer
    resource = orjson.loads(answer.body)
    if wishes.summary == "count" and answer.status == 200 and not is_always_whole(resource):
        raise IcdRefError(issues.bad_parameter("_summary", "count", "one resource cannot be counted; use it in a search"))
    kept = _part(resource, wishes, fhir_version) if answer.status == 200 else resource
    if not wishes.xml and not wishes.pretty and kept is resource:
        return answer
    if wishes.xml:
        body, kind = to_xml(kept, fhir_version, pretty=wishes.pretty), wishes.media_type
    else:
        body, kind = orjson.dumps(kept, option=orjson.OPT_INDENT_2 if wishes.pretty else None), ""
    return _with_body(answer, body, kind)


def reshaped_error(answer: Answer, request: Request, fhir_version: str) -> Answer:
    """Return a refusal as the client wishes it; JSON where the wish itself is what is refused."""
    try:
        pairs = [pair for pair in query_pairs(request) if pair[0] in ("_format", "_pretty")]
    except IcdRefError:
        pairs = []  # there are absurdly many of them, and that is what is refused
    try:
        wishes = wishes_of(request, pairs, fhir_version)
    except IcdRefError:
        return answer
    return reshaped(answer, wishes, fhir_version)


def _part(resource: dict[str, Any], wishes: Wishes, fhir_version: str) -> dict[str, Any]:
    if is_always_whole(resource):
        return resource
    if wishes.elements:
        if wishes.summary:
            raise IcdRefError(issues.conflicting_parameters(("_summary", "_elements"), "send one of them"))
        return apply_elements(resource, wishes.elements, fhir_version)
    return apply_summary(resource, wishes.summary, fhir_version)


def _with_body(answer: Answer, body: bytes, media_type: str) -> Answer:
    headers = []
    for name, value in answer.headers:
        if name == "ETag":
            headers.append((name, etag(body)))
        elif name == "Content-Type" and media_type:
            headers.append((name, f"{media_type}; charset=utf-8"))
        else:
            headers.append((name, value))
    return Answer(answer.status, headers, body, answer.route)
