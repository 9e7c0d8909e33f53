"""From a name that an EHR sends without a usable code to what icdref knows: through the ranked search, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from icdref import codes
from icdref.issues import IcdRefError
from icdref.language.small_words import LIGHT
from icdref.results import CodeCard, MatchTrace, SearchHit, SearchResult, Step
from icdref.service.matching import Asked
from icdref.service.service import Service

MOST_FOUND = 3
"""Codes of one name that are followed."""

_AS_GOOD = 0.05
"""How much lower than that of the first code the score of another may be that is followed, too."""

_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Named:
    """What a name led to: the trace of it, and the card of its code where no summary covers that."""

    trace: MatchTrace
    card: CodeCard | None = None


def by_search(text: str, trace: MatchTrace, service: Service, day: date | None = None) -> Named | None:
    """Return what the ranked search finds for a name, None where it does not know every word of it.

    A name that was understood only in part could be that of another condition; then no answer is the better one. The trace
    says that words decided, which code they led to, and why; `trace` is what was known before.
    """
    hits = _sure(text, service, day)
    if not hits:
        return None
    knowledge = service.knowledge.for_codes([Asked(hit.code) for hit in hits], day=day)
    first, best = knowledge.traces[0], hits[0]
    reached = dict.fromkeys(each.summary for each in knowledge.traces if each.summary)
    summary, *also = reached or [""]
    notice = f"Found by the words of the name that was sent, not by a code: {best.code} '{best.display}'."
    if not summary:
        notice += f" There is no condition summary for {best.code}; what the code set says about it follows."
    elif first.relation == "inherited":
        notice += f" {first.notice}"
    found = replace(
        trace,
        normalised=best.code,
        display=best.display,
        steps=(*trace.steps, *(Step("search", codes.ICD10CM, hit.code, hit=True) for hit in hits)),
        outcome="found" if summary else "no-summary",
        relation="text",
        summary=summary,
        summary_version=next((each.summary_version for each in knowledge.traces if each.summary == summary), ""),
        bound_code=next((each.bound_code for each in knowledge.traces if each.summary == summary), ""),
        notice=notice,
        advice=first.advice,
        also=tuple(dict.fromkeys((*also, *first.also))),
        context=(*trace.context, *_reasons(best)),
        issues=first.issues,
    )
    return Named(found, None if summary else knowledge.card)


def _sure(text: str, service: Service, day: date | None) -> tuple[SearchHit, ...]:
    found = _search(text, service, day)
    if found is None or set(found.ignored) - LIGHT or not found.hits:
        return ()
    if any(reason.field == "code" for reason in found.hits[0].why):
        return ()  # a code that was mistyped is never replaced by one that looks like it
    least = found.hits[0].score - _AS_GOOD
    return tuple(hit for hit in found.hits if hit.score >= least)


def _search(text: str, service: Service, day: date | None) -> SearchResult | None:
    """Return what is found; a name that is no name, too long to be one, finds nothing."""
    try:
        return service.search.search(text[:_LONGEST], count=MOST_FOUND, day=day)
    except IcdRefError:
        return None


def _reasons(hit: SearchHit) -> Iterable[str]:
    return (f"{reason.field}: {reason.term}" for reason in hit.why)
