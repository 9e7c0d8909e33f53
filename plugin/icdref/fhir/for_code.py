"""The answer of `$for-code` when several summaries are asked for: a searchset with the trace of every code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from icdref.fhir.bundle import searchset
from icdref.fhir.code_card import card_composition
from icdref.fhir.composition import composition
from icdref.fhir.match_trace import with_traces
from icdref.issues import Issue
from icdref.results import Knowledge


def knowledge_searchset(knowledge: Knowledge, base_url: str, self_url: str, fhir_version: str = "4.0") -> dict[str, Any]:
    """Return the summaries as matches, the card of a code that none of them covers as included, and all issues as an outcome."""
    bundle = searchset(
        base_url,
        [composition(view, fhir_version) for view in knowledge.summaries],
        total=len(knowledge.summaries),
        links={"self": self_url},
        edition=knowledge.edition,
        included=_cards(knowledge, fhir_version),
        issues=dict.fromkeys(_issues(knowledge)),
    )
    return with_traces(bundle, knowledge.traces)


def _cards(knowledge: Knowledge, fhir_version: str) -> Iterator[dict[str, Any]]:
    """Yield the card where its code has no summary; beside a summary the trace says what to do about the code."""
    for card in knowledge.cards:
        code = card.lookup.concept.code
        notice = next((trace.notice for trace in knowledge.traces if trace.normalised == code), "")
        yield card_composition(card, fhir_version, notice)


def _issues(knowledge: Knowledge) -> Iterator[Issue]:
    yield from knowledge.issues
    for trace in knowledge.traces:
        if trace.outcome == "no-summary" and trace.notice:
            yield Issue("information", "not-found", "no-summary", trace.notice)
        yield from trace.issues
