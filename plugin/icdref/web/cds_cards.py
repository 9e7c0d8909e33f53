"""From a call of a CDS service to its cards: the service decides, `cds/` shapes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from icdref.cds.cards import Card
from icdref.cds.coding_cards import coding_card, excluded_card
from icdref.cds.hooks import CdsService
from icdref.cds.knowledge_cards import knowledge_card
from icdref.cds.prefetch import (
    MOST_PROBLEMS,
    Problem,
    encounter_day,
    is_partial,
    patient_language,
    read_conditions,
    read_orders,
)
from icdref.cds.request import HookRequest
from icdref.codes import ICD10CM
from icdref.results import Lookup, MatchTrace, SummaryView
from icdref.service.coding_checks import check_code, excluded_pairs
from icdref.service.knowledge import MOST_CODES
from icdref.service.matching import Asked
from icdref.service.safety_box import safety_boxes
from icdref.service.service import Service
from icdref.service.views import Reader

_FIRST = (
    "deleted-code",
    "not-yet-valid",
    "unknown-code",
    "header-code",
    "unspecified-side",
    "unspecified-site",
    "residual-code",
    "residual-class",
)
_EXCLUDED_RANK = 3.5  # after what is wrong with a code itself, before what could be sharper


def cards(offered: CdsService, call: HookRequest, service: Service, base: str) -> list[Card]:
    """Return every card that a call deserves, the most important first; the shaping keeps three."""
    day = encounter_day(call.prefetch.get("encounter"))
    known = read_conditions(call.prefetch.get("conditions"))
    if "draftOrders" in offered.context:
        problems = read_orders(call.context.get("draftOrders"))
    elif "conditions" in offered.context:
        problems = read_conditions(call.context.get("conditions"))
    else:
        problems = known
    found = _coding_cards(problems, known, day, service, base) if offered.checks else []
    partial = is_partial(call.prefetch.get("conditions")) and problems is known
    reader = Reader()
    if offered.kind == "leaflet":
        reader = Reader("patient", patient_language(call.prefetch.get("patient")))
    return [*found, *_knowledge_cards(problems, day, reader, offered.kind, service, base, partial=partial)]


# --- conditions ------------------------------------------------------------------------------------------------------


def _knowledge_cards(
    problems: Sequence[Problem], day: date | None, reader: Reader, kind: str, service: Service, base: str, *, partial: bool
) -> list[Card]:
    traces: list[MatchTrace] = []
    by_day: dict[date | None, list[Asked]] = {}
    for problem in problems:
        by_day.setdefault(day or problem.recorded, []).append(_asked(problem))
    views: dict[str, SummaryView] = {}
    for on, asked in by_day.items():
        knowledge = service.knowledge.for_codes(asked, day=on, reader=reader, limit=MOST_CODES)
        traces += knowledge.traces
        views |= {view.summary.id: view for view in knowledge.summaries if view.summary.id not in views}
    made = []
    for identifier in _most_specific_first(traces):
        if identifier in views:
            view = views[identifier]
            bound = [each.code for each in view.summary.codes if each.system == ICD10CM]
            boxes = [(box.title, box.statement) for box in safety_boxes(bound, service.knowledge.summaries)]
            made.append(knowledge_card(view, traces, boxes, base, kind=kind, partial=partial))
    return made


def _asked(problem: Problem) -> Asked:
    """Return a problem as one question: its codes in their order, then its words."""
    asked = [Asked(code, system) for system, code in problem.codings[:10]]
    if not asked:
        return Asked(text=problem.text)
    return Asked(asked[0].code, asked[0].system, others=tuple(asked[1:]))


def _most_specific_first(traces: Sequence[MatchTrace]) -> list[str]:
    """Return the ids of the summaries reached: by fewest levels up, then in the order of the list."""
    ranked = sorted(
        (trace for trace in traces if trace.summary),
        key=lambda trace: (trace.relation == "text", sum(step.method == "ancestor" for step in trace.steps)),
    )
    return list(dict.fromkeys(trace.summary for trace in ranked))


# --- codes -----------------------------------------------------------------------------------------------------------


def _coding_cards(
    problems: Sequence[Problem], known: Sequence[Problem], day: date | None, service: Service, base: str
) -> list[Card]:
    ranked: list[tuple[float, Card]] = []
    edition = service.edition.id
    for problem in problems:
        finding = check_code(problem.icd10cm, day or problem.recorded, service.terminology) if problem.icd10cm else None
        if finding:
            card = coding_card(
                problem,
                finding.kind,
                finding.code,
                finding.title,
                finding.text,
                finding.choices,
                finding.release,
                edition,
                base,
                certain=finding.certain,
            )
            ranked.append((_FIRST.index(finding.kind), card))
    ranked += [(_EXCLUDED_RANK, card) for card in _excluded(problems, known, day, service, base)]
    ranked.sort(key=lambda each: each[0])
    return [card for _, card in ranked]


def _excluded(problems: Sequence[Problem], known: Sequence[Problem], day: date | None, service: Service, base: str) -> list[Card]:
    """Return a card for each pair that an Excludes1 note keeps apart, where the call is about one of the two."""
    looked = [_lookup(problem, day, service) for problem in (*problems, *known)[:MOST_PROBLEMS]]
    new = {found.concept.code for found in looked[: len(problems)] if found}
    release = service.terminology.choose(day=day).release.version
    return [
        excluded_card(pair.code, pair.other, pair.place, pair.note, release, service.edition.id, base)
        for pair in excluded_pairs([found for found in looked if found])
        if new & {pair.code, pair.other}
    ]


def _lookup(problem: Problem, day: date | None, service: Service) -> Lookup | None:
    if not problem.icd10cm:
        return None
    found = service.terminology.lookup(problem.icd10cm, day=day or problem.recorded)
    return found if isinstance(found, Lookup) else None
