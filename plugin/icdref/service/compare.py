"""Two to six codes or conditions side by side: sections, and the statements that tell one condition from another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from icdref import codes, issues
from icdref.issues import IcdRefError
from icdref.model import SECTIONS, Statement
from icdref.results import Compared, Comparison, ComparisonRow, Feature, SummaryView
from icdref.service.code_cards import INTENDED_USE
from icdref.service.knowledge import KnowledgeService
from icdref.service.matching import Asked
from icdref.service.terminology import Terminology
from icdref.service.views import Reader

FEWEST, MOST = 2, 6

_DIFFERENTIAL = "differential"


def compare(
    terminology: Terminology,
    knowledge: KnowledgeService,
    asked: Sequence[str],
    *,
    system: str = codes.ICD10CM,
    version: str = "",
    day: date | None = None,
    reader: Reader | None = None,
) -> Comparison:
    """Return the comparison of codes or summary ids, in the order asked; what stands there twice is taken once.

    A code without a summary is compared by its card. Raises IcdRefError for fewer than two or more than six, for a summary
    that is no longer served, and when a code is unknown.
    """
    asked = tuple(dict.fromkeys(text.strip() for text in asked if text.strip()))
    if not FEWEST <= len(asked) <= MOST:
        raise IcdRefError(issues.bad_parameter("code", ", ".join(asked), f"send from {FEWEST} to {MOST} different ones"))
    reader = replace(reader or Reader(), audience="clinician")
    sides, views = [], dict[str, SummaryView]()
    for text in asked:
        side, view = _side(knowledge, text, system, version, day, reader)
        sides.append(side)
        if view:
            views.setdefault(view.summary.id, view)
    choice = terminology.choose(version, day)
    shown = tuple(views.values())
    return Comparison(
        sides=tuple(sides),
        views=shown,
        features=tuple(_features(shown)),
        rows=tuple(_rows(shown)),
        release=choice.release,
        edition=choice.edition,
        intended_use=INTENDED_USE,
        issues=tuple(dict.fromkeys(issue for side in sides if side.trace for issue in side.trace.issues)),
    )


def _side(
    knowledge: KnowledgeService, text: str, system: str, version: str, day: date | None, reader: Reader
) -> tuple[Compared, SummaryView | None]:
    if text in knowledge.summaries.all:
        return Compared(text, text), knowledge.summary(text, reader, version)
    found = knowledge.for_codes([Asked(text, system)], version=version, day=day, reader=reader)
    trace = found.traces[0]
    if not found.summaries and found.card is None:
        raise IcdRefError(*(found.issues or (issues.nothing_found(text, trace.notice),)))
    view = found.summaries[0] if trace.summary else None
    return Compared(text, trace.summary, trace, found.card), view


def _rows(views: Sequence[SummaryView]) -> Iterator[ComparisonRow]:
    for code, title in SECTIONS:
        cells = tuple(next((section for section in view.sections if section.code == code), None) for view in views)
        if any(cells):
            yield ComparisonRow(code, title, cells)


def _features(views: Sequence[SummaryView]) -> Iterator[Feature]:
    """Yield what the relations between the conditions give as their reason, then the rest of the differential sections."""
    given: set[str] = set()
    pairs = [(view, other) for view in views for other in views if view is not other]
    for view, other in pairs:
        shown = _shown(view)
        for relation in view.summary.relations:
            if relation.target == other.summary.id and relation.why in shown:
                given.add(relation.why)
                yield Feature(view.summary.id, other.summary.id, shown[relation.why])
    for view in views:
        for statement in _shown(view).values():
            if statement.section == _DIFFERENTIAL and statement.id not in given:
                yield Feature(view.summary.id, "", statement)


def _shown(view: SummaryView) -> dict[str, Statement]:
    return {statement.id: statement for section in view.sections for statement in section.statements}
