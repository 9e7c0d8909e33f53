"""From what the service found to the one answer that every format renders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlsplit

from icdref.infobutton.answer import NAME, Entry, Feed
from icdref.infobutton.question import Question
from icdref.infobutton.topics import Box, card_markup, summary_markup
from icdref.issues import Issue
from icdref.results import CodeCard, MatchTrace, SummaryView

_INHERITED_STEP = 0.05
_RELEVANCE = {"exact": 1.0, "inherited": 1.0, "mapped": 0.8, "text": 0.6}
_CONCERNS = 0.5
_FACTS = 0.4
_LEAST = 0.1


@dataclass(frozen=True, slots=True)
class Found:
    """What the service found for a question: a trace for each criterion, in their order, and what they lead to.

    `cards` are those of known codes without a summary, by code; `boxes` by the
    id of a summary or by code; `sections` the sections that the sub-topics mean.
    """

    traces: tuple[MatchTrace, ...]
    summaries: tuple[SummaryView, ...]
    cards: Mapping[str, CodeCard]
    boxes: Mapping[str, tuple[Box, ...]]
    sections: tuple[str, ...]
    release: str
    released: date
    edition: str
    remarks: tuple[str, ...] = ()


def answer(question: Question, found: Found, base: str) -> Feed:
    """Return the answer to a question. `base` is the absolute URL that links of ours begin with."""
    authority = urlsplit(base).netloc.partition(":")[0]
    entries = _entries(found, base, authority)
    codes = ",".join(quote(trace.normalised or trace.requested) for trace in found.traces if trace.relation != "text")
    return Feed(
        id=f"tag:{authority},{found.release}:{codes or 'text'}",
        subtitle=_subtitle(question, found, entries),
        base=base,
        language=entries[0].language if entries else "en",
        updated=max((entry.updated for entry in entries), default=found.released),
        entries=entries,
        categories=question.echo,
        traces=found.traces if question.explain else (),
        remarks=(*question.remarks, *found.remarks) if question.explain else (),
        release=found.release,
        edition=found.edition,
    )


def refusal(issue: Issue, base: str, released: date, edition: str) -> Feed:
    """Return the answer that says why a request was refused. It repeats nothing of what was sent."""
    authority = urlsplit(base).netloc.partition(":")[0]
    return Feed(
        id=f"tag:{authority},{released.isoformat()}:error",
        subtitle=issue.text,
        base=base,
        language="en",
        updated=released,
        edition=edition,
        problem=issue,
    )


def _entries(found: Found, base: str, authority: str) -> tuple[Entry, ...]:
    """Return an entry for each topic, what was asked for before what also concerns it, each once."""
    reached = {trace.summary for trace in found.traces}
    main = [view for view in found.summaries if view.summary.id in reached]
    others = [view for view in found.summaries if view.summary.id not in reached]
    entries: list[Entry] = []
    for view in main:
        whole = _summary_entry(view, "", found, base, authority)
        entries += [_summary_entry(view, section, found, base, authority) for section in found.sections]
        entries.append(whole)
    for trace in found.traces:
        if trace.outcome == "no-summary" and trace.normalised in found.cards:
            entries.append(_card_entry(found.cards[trace.normalised], trace, found, base, authority))
    entries += [_summary_entry(view, "", found, base, authority) for view in others]
    return tuple({entry.id: entry for entry in entries}.values())


def _summary_entry(view: SummaryView, section: str, found: Found, base: str, authority: str) -> Entry:
    identifier, revised = view.summary.id, view.summary.attributes.revision_date
    why, relevance = _why(identifier, found.traces)
    whole = f"tag:{authority},{revised.isoformat()}:{identifier}"
    title = next((each.title for each in view.sections if each.code == section), section.replace("-", " ").capitalize())
    # The section that was asked for stands before the summary that it is a part of, and a little above it.
    return Entry(
        id=f"{whole}#{section}" if section else whole,
        title=f"{view.title}: {title}" if section else view.title,
        language=view.language,
        href=f"{base}/conditions/{identifier}" + (f"#{section}" if section else ""),
        data=f"{base}/fhir/r4/Composition/{identifier}",
        updated=revised,
        summary=summary_markup(view, section, why, found.boxes.get(identifier, ())),
        why=why,
        relevance=relevance,
        parent=whole if section else "",
    )


def _card_entry(card: CodeCard, trace: MatchTrace, found: Found, base: str, authority: str) -> Entry:
    concept = card.lookup.concept
    return Entry(
        id=f"tag:{authority},{found.release}:code/{concept.code}",
        title=f"{concept.code} {concept.display}".strip(),
        language="en",
        href=f"{base}/codes/{quote(concept.code)}",
        data="",
        updated=found.released,
        summary=card_markup(card, trace.notice, found.boxes.get(concept.code, ())),
        why=trace.notice,
        relevance=_FACTS,
    )


def _why(identifier: str, traces: Sequence[MatchTrace]) -> tuple[str, float]:
    """Return the sentence that says how a summary was reached, by every code that reached it, and the best relevance."""
    sentences: list[str] = []
    relevance = _LEAST
    for trace in traces:
        if trace.summary == identifier:
            sentences.append(f"{trace.normalised} is a code of this summary." if trace.relation == "exact" else trace.notice)
            relevance = max(relevance, _relevance(trace))
        elif identifier in trace.also:
            sentences.append(f"This summary also concerns {trace.normalised}.")
            relevance = max(relevance, _CONCERNS)
    return " ".join(dict.fromkeys(sentence for sentence in sentences if sentence)), relevance


def _relevance(trace: MatchTrace) -> float:
    levels = sum(step.method == "ancestor" for step in trace.steps)
    return max(_RELEVANCE.get(trace.relation, _LEAST) - _INHERITED_STEP * levels, _LEAST)


def _subtitle(question: Question, found: Found, entries: Sequence[Entry]) -> str:
    """Return what was asked, and the reason for every criterion that led to no summary."""
    asked = ", ".join(dict.fromkeys(criterion.label for criterion in question.criteria))
    reasons = []
    for criterion, trace in zip(question.criteria, found.traces, strict=True):
        if trace.outcome == "found":
            continue
        if trace.notice:
            reasons.append(trace.notice)
        elif criterion.code:
            reasons.append(f"There is no condition summary for {criterion.label}")
        else:
            reasons.append("No condition summary has the name that was sent")
    told = ". ".join(dict.fromkeys(reason.rstrip(".") for reason in reasons))
    head = f"{NAME} results for {asked}" if entries else f"{NAME} has no results for {asked}"
    return f"{head}. {told}" if told else head
