"""The match trace as an extension of `meta`: how each requested code reached its answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from icdref.codes import ICD10CM
from icdref.fhir.canonical import canonical, edition_uri, extension_url
from icdref.fhir.datatypes import coding, extension
from icdref.fhir.primitives import is_uri
from icdref.issues import Issue
from icdref.results import MatchTrace, Step


def with_traces(resource: dict[str, Any], traces: Iterable[MatchTrace]) -> dict[str, Any]:
    """Return a resource with one `match-trace` in `meta.extension` for each requested code.

    The resource is not changed, and everything but `meta` is shared with it: `meta` is outside the signed content of a
    document, so a document that was rendered once can be spliced to any number of traces. Works for the document and
    searchset Bundles and for the OperationOutcome of a question without an answer.
    """
    extensions = [match_trace(trace) for trace in traces]
    if not extensions:
        return resource
    meta = {"extension": extensions, **resource.get("meta", {})}
    if "meta" in resource:
        return resource | {"meta": meta}
    return {"resourceType": resource["resourceType"], "meta": meta, **resource}


def match_trace(trace: MatchTrace) -> dict[str, Any]:
    """Return one trace as the extension `match-trace`; what is not known is left out."""
    parts = [extension("requested", valueCoding=_asked(trace.requested_system, trace.requested))]
    if trace.normalised:
        normalised = coding(ICD10CM, trace.normalised, trace.display, trace.release)
        parts.append(extension("normalized", valueCoding=normalised))
    if trace.release:
        parts.append(extension("release", valueString=trace.release))
    parts.append(extension("edition", valueUri=edition_uri(trace.edition)))
    parts += [_step(step) for step in trace.steps]
    parts += [extension("context", valueString=text) for text in trace.context]
    parts.append(extension("outcome", valueCode=trace.outcome))
    parts.append(extension("relation", valueCode=trace.relation))
    if trace.summary:
        summary = canonical("Composition", trace.summary, trace.summary_version)
        parts.append(extension("summary", valueCanonical=summary))
    parts += [extension("also", valueCanonical=canonical("Composition", each)) for each in trace.also]
    if trace.bound_code:
        parts.append(extension("bound-code", valueCoding=coding(ICD10CM, trace.bound_code, version=trace.release)))
    if trace.notice:
        parts.append(extension("notice", valueString=trace.notice))
    parts += [extension("advice", valueString=text) for text in trace.advice]
    parts += [_issue(issue) for issue in trace.issues]
    return extension(extension_url("match-trace"), *parts)


def _step(step: Step) -> dict[str, Any]:
    if step.tried_system:
        tried = extension("tried", valueCoding=_asked(step.tried_system, step.tried))
    else:
        tried = extension("tried", valueString=_shown(step.tried))
    result = extension("result", valueCode="hit" if step.hit else "miss")
    return extension("step", extension("method", valueCode=step.method), tried, result)


def _issue(issue: Issue) -> dict[str, Any]:
    return extension(
        "issue",
        extension("severity", valueCode=issue.severity),
        extension("detail", valueCode=issue.detail),
        extension("text", valueString=issue.text),
    )


def _asked(system: str, code: str) -> dict[str, Any]:
    return coding(system, _shown(code)) if is_uri(system) else {"code": _shown(code)}


def _shown(text: str) -> str:
    r"""Return a client's text as FHIR can carry it: single blanks, printable, never empty.

    >>> _shown(" m61 \t051\n"), _shown("")
    ('m61 051', '?')
    """
    printable = "".join(c if c.isprintable() else " " for c in text[:256])
    return " ".join(printable.split()) or "?"
