"""The page of a code: what it is, whether it may be used, what to choose instead, and the summary that applies."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from icdref.issues import IcdRefError
from icdref.results import Knowledge, Lookup, NoSuchCode
from icdref.service.code_cards import code_card
from icdref.service.matching import Asked
from icdref.web.http import Answer
from icdref.web.pages import markdown, parts, plain
from icdref.web.pages.condition import look_alikes
from icdref.web.pages.frame import Frame, Page
from icdref.web.pages.timeline import timeline

_SHOWN_BELOW = 60


def code(frame: Frame, name: str, form: str = "") -> Answer:
    """Answer `/codes/{code}`. Another spelling of a code leads to its page; an unknown code is refused with the reason."""
    service = frame.service
    lookup = service.terminology.lookup(name, version=frame.version, day=frame.day)
    if isinstance(lookup, NoSuchCode):
        raise IcdRefError(lookup.issue)
    found = lookup.concept.code
    if found != name and not form:
        where = frame.code_url(found)
        more = {key: frame.query[key] for key in ("format",) if frame.query.get(key)}
        return frame.redirect(where + (f"{'&' if '?' in where else '?'}{urlencode(more)}" if more else ""))
    knowledge = service.knowledge.for_codes([Asked(found)], version=frame.version, day=frame.day)
    return frame.respond(_page(frame, lookup, knowledge), form)


def _page(frame: Frame, lookup: Lookup, knowledge: Knowledge) -> Page:
    service, concept = frame.service, lookup.concept
    trace = knowledge.traces[0]
    view = knowledge.summaries[0] if knowledge.summaries else None
    card = knowledge.card or code_card(lookup, service.terminology)
    boxes = frame.boxes([concept.code])
    choices = parts.choices(lookup, card, service.terminology)
    asked = urlencode({"code": concept.code} | {key: frame.query[key] for key in ("date", "version") if frame.query.get(key)})
    values: dict[str, Any] = {
        "lookup": lookup,
        "concept": concept,
        "card": card,
        "trace": trace,
        "view": view,
        "boxes": boxes,
        "also": [(identifier, frame.title_of(identifier)) for identifier in trace.also],
        "badges": parts.badges(lookup),
        "facts": parts.facts(lookup),
        "note_groups": parts.note_groups(lookup),
        "choice_heading": parts.choice_heading(lookup, card),
        "choices": choices[:_SHOWN_BELOW],
        "left_out": len(choices) - len(choices[:_SHOWN_BELOW]),
        "timeline": timeline(
            lookup.validity, service.terminology.horizon, lookup.choice.day, is_today=lookup.choice.day == service.today()
        ),
        "look_alikes": look_alikes(frame, view) if view else [],
        "lookup_url": frame.url(f"/fhir/r4/CodeSystem/$lookup?{asked}&_pretty=true"),
    }
    return Page(
        "code.html",
        "/codes/{code}",
        f"/codes/{quote(concept.code)}",
        values,
        plain=lambda: plain.code(lookup, card, trace, view, boxes),
        markdown=lambda: markdown.code(lookup, card, trace, view, boxes),
        fhir=f"/fhir/r4/Composition/$for-code?{asked}&_pretty=true",
        release=lookup.choice.release.version,
    )
