"""From a knowledge request to what the service knows about it: codes first, then names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from icdref import codes
from icdref.infobutton.build import Found
from icdref.infobutton.question import PATIENT, Question
from icdref.infobutton.topics import Box
from icdref.results import CodeCard, Knowledge, Lookup, MatchTrace, SummaryView
from icdref.service.code_cards import code_card
from icdref.service.knowledge import MOST_CODES
from icdref.service.matching import Asked
from icdref.service.named_codes import Named, by_search
from icdref.service.safety_box import safety_boxes
from icdref.service.sections import ALWAYS_SHOWN, to_section
from icdref.service.service import Service
from icdref.service.title_search import by_title
from icdref.service.views import Reader


def find(question: Question, service: Service, sections: tuple[str, ...] = ()) -> Knowledge:
    """Return what the service knows about a question; `sections` limits the summaries to a part of them.

    Raises IcdRefError for more criteria than one request may have.
    """
    reader = Reader(question.audience, question.language, sections)
    asked = [Asked(each.code, each.system, each.text) for each in question.criteria]
    knowledge = service.knowledge.for_codes(asked, day=question.day, reader=reader, limit=MOST_CODES)
    named = [_named(one, trace, service, question.day) for one, trace in zip(asked, knowledge.traces, strict=True)]
    traces = tuple(each.trace for each in named)
    cards = tuple(each.card for each in named if each.card)
    return replace(
        knowledge,
        traces=traces,
        summaries=_with_named(knowledge.summaries, traces, service, reader),
        card=knowledge.card or next(iter(cards), None),
        cards=(*knowledge.cards, *cards),
    )


def found(question: Question, knowledge: Knowledge, service: Service) -> Found:
    """Return the same as the parts of an answer."""
    choice = service.terminology.choose(day=question.day)
    sections, remarks = topics_of(question)
    cards = _cards(question, knowledge.traces, service)
    boxes = {code: _boxes([code], service) for code in cards}
    for view in knowledge.summaries:
        bound = [each.code for each in view.summary.codes if each.system == codes.ICD10CM]
        boxes[view.summary.id] = _boxes(bound, service)
    return Found(
        traces=knowledge.traces,
        summaries=knowledge.summaries,
        cards=cards,
        boxes=boxes,
        sections=sections,
        release=choice.release.version,
        released=choice.release.effective_from,
        edition=knowledge.edition,
        remarks=remarks,
    )


def topics_of(question: Question) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (sections that the sub-topics mean, remarks on those that mean none)."""
    named = [to_section(topic) for topic in question.topics]
    sections = tuple(dict.fromkeys(section for section in named if section and section not in ALWAYS_SHOWN))
    remarks = ("A sub-topic that was sent is not known here; it filtered nothing",) if "" in named else ()
    if question.audience == PATIENT and sections:
        return (), (*remarks, "The text for patients is one whole; the sub-topic chose no part of it")
    return sections, remarks


def _named(asked: Asked, trace: MatchTrace, service: Service, day: date | None) -> Named:
    """Return the trace of one criterion, completed where only a name was sent or where name and code disagree.

    A code of SNOMED CT that no summary names is no code to us, but the name beside it is one; neither is a name that only
    looks like a code: `DM2`.
    """
    summaries = service.knowledge.summaries
    is_name = asked.system == codes.SNOMED_CT or codes.normalise(asked.text) == asked.code
    if asked.code and not (asked.text and is_name and trace.outcome == "unknown-code"):
        named = summaries.named(asked.text) if asked.text else ()
        if trace.summary and named and trace.summary not in named:
            clash = "The name that was sent is that of another condition; the code decided"
            return Named(replace(trace, context=(*trace.context, clash)))
        return Named(trace)
    if trace.summary:
        return Named(trace)
    found = None if summaries.named(asked.text) else by_search(asked.text, trace, service, day)
    if found:
        return found
    identifiers = by_title(asked.text, summaries)
    if not identifiers or asked.code:
        return Named(trace)
    summary = summaries.all[identifiers[0]]
    bound = (each.code for each in summary.codes if each.role == "focus" and each.system == codes.ICD10CM)
    return Named(
        replace(
            trace,
            outcome="found",
            relation="text",
            summary=summary.id,
            summary_version=summary.version,
            bound_code=next(bound, ""),
            also=identifiers[1:],
            notice="Found by words of the name that was sent, not by a code.",
        )
    )


def _with_named(
    views: tuple[SummaryView, ...], traces: Sequence[MatchTrace], service: Service, reader: Reader
) -> tuple[SummaryView, ...]:
    shown = {view.summary.id for view in views}
    wanted = dict.fromkeys(each for trace in traces if trace.relation == "text" for each in (trace.summary, *trace.also) if each)
    more = [service.knowledge.summary(each, reader, traces[0].release) for each in wanted if each not in shown]
    return (*views, *more)


def _cards(question: Question, traces: Sequence[MatchTrace], service: Service) -> dict[str, CodeCard]:
    cards: dict[str, CodeCard] = {}
    for trace in traces:
        if trace.outcome == "no-summary" and trace.normalised and trace.normalised not in cards:
            lookup = service.terminology.lookup(trace.normalised, day=question.day)
            if isinstance(lookup, Lookup):
                cards[trace.normalised] = code_card(lookup, service.terminology)
    return cards


def _boxes(bound: list[str], service: Service) -> tuple[Box, ...]:
    return tuple(Box(each.title, each.statement) for each in safety_boxes(bound, service.knowledge.summaries))
