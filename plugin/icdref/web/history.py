"""The versions of the resources of a summary: vread, and `_history` of one resource and of a type."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from icdref import issues, issues_access
from icdref.fhir.history import ResourceVersion, history_bundle
from icdref.fhir.search_query import DEFAULT_COUNT, MAX_COUNT
from icdref.fhir.search_values import Span, date_span, whole_number
from icdref.issues import IcdRefError
from icdref.web.context import Context
from icdref.web.http import Answer
from icdref.web.negotiation import CACHE_CLINICAL, varied
from icdref.web.rendered import Rendered
from icdref.web.resource_versions import summary_of
from icdref.web.resources import refuse_withdrawn

_PARAMETERS = ("_count", "_offset", "_since", "_at")
_NOT_OURS = ("_format", "_pretty", "_summary", "_elements")


def version_read(context: Context, rendered: Rendered, resource_type: str, identifier: str, version: str) -> Answer:
    """Answer a vread. Raises IcdRefError: 410 for a version that is not served any more, 404 for one that never was."""
    versions = rendered.versions(resource_type, identifier)
    found = next((each for each in versions if each.version_id == version), None)
    if found is None:
        refuse_withdrawn(context.service, resource_type, identifier)
        if context.service.knowledge.versions.existed(summary_of(context.service.knowledge, resource_type, identifier), version):
            raise IcdRefError(issues_access.version_gone(resource_type, identifier, version))
        if not versions:
            raise IcdRefError(issues.unknown_resource(resource_type, identifier))
        raise IcdRefError(
            issues_access.version_not_known(resource_type, identifier, version, [each.version_id for each in versions])
        )
    return context.answer(found.resource, cache=CACHE_CLINICAL, route=f"{resource_type}/{{id}}/_history/{{version}}")


def instance_history(context: Context, rendered: Rendered, resource_type: str, identifier: str) -> Answer:
    """Answer the history of one resource."""
    versions = rendered.versions(resource_type, identifier)
    if not versions:
        refuse_withdrawn(context.service, resource_type, identifier)
        raise IcdRefError(issues.unknown_resource(resource_type, identifier))
    return _answer(context, versions, f"{resource_type}/{identifier}", f"{resource_type}/{{id}}/_history")


def type_history(context: Context, rendered: Rendered, resource_type: str) -> Answer:
    """Answer the history of all resources of a type, newest first."""
    versions = sorted(rendered.versions(resource_type), key=lambda each: each.since, reverse=True)
    return _answer(context, versions, resource_type, f"{resource_type}/_history")


def _answer(context: Context, versions: Sequence[ResourceVersion], path: str, route: str) -> Answer:
    asked = {name: value for name, value in context.pairs if value.strip()}
    if context.is_strict and (unknown := [name for name in asked if name not in (*_PARAMETERS, *_NOT_OURS)]):
        raise IcdRefError(*(issues.unknown_search_parameter(name, f"the history of {path}", _PARAMETERS) for name in unknown))
    count = min(whole_number("_count", asked.get("_count", str(DEFAULT_COUNT))), MAX_COUNT)
    offset = whole_number("_offset", asked.get("_offset", "0"))
    kept = [each for each in versions if _is_asked(each, _span(asked, "_since"), _span(asked, "_at"))]

    def link(start: int) -> str:
        pairs = [(name, asked[name]) for name in ("_since", "_at") if name in asked]
        return f"{context.base_url}/{path}/_history?" + urlencode([*pairs, ("_count", count), ("_offset", start)])

    links = {"self": link(offset)}
    if count:
        links["first"] = link(0)
    if count and offset:
        links["previous"] = link(max(0, min(offset, len(kept)) - count))
    if count and offset + count < len(kept):
        links["next"] = link(offset + count)
    page = kept[offset : offset + count]
    bundle = history_bundle(context.base_url, page, total=len(kept), links=links, edition=context.edition)
    return varied(context.answer(bundle, cache=CACHE_CLINICAL, route=route), "Prefer")


def _span(asked: dict[str, str], name: str) -> Span | None:
    if name not in asked:
        return None
    if (span := date_span(asked[name].strip())) is None:
        raise IcdRefError(issues.bad_parameter(name, asked[name], "write an instant such as 2026-11-22T08:00:00Z, or a day"))
    return span


def _is_asked(version: ResourceVersion, since: Span | None, at: Span | None) -> bool:
    """Tell whether a version was made at or after an instant, and was the current one at some time within a period."""
    made = date_span(version.since)
    ended = date_span(version.until) if version.until else None
    if made is None:
        return False
    if since is not None and made.low < since.low:
        return False
    return at is None or (made.low < at.high and (ended is None or ended.low > at.low))
