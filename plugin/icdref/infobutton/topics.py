"""What stands in the summary of an entry: safety first, then what was asked, then how far to trust it. Safe markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from icdref.fhir.narrative import Xhtml, element, from_markdown, items, join
from icdref.fhir.summary_parts import standing
from icdref.model import Statement
from icdref.results import CodeCard, SectionView, SummaryView

_SAFETY = ("red-flags", "never-do")


@dataclass(frozen=True, slots=True)
class Box:
    """A stored warning that stands with an answer whatever was asked: about which disease, and the statement."""

    title: str
    statement: Statement


def summary_markup(view: SummaryView, section: str, why: str, boxes: Iterable[Box]) -> Xhtml:
    """Return the text of an entry about a summary: with `section` '' its definition, else that section."""
    chosen = (section,) if section else ("definition",)
    by_code = {each.code: each for each in view.sections}
    graded = view.audience != "patient"
    parts: list[str] = [element("p", element("strong", view.banner))] if view.banner else []
    parts += _boxes(boxes)
    parts += [_section(by_code[code], graded=graded) for code in _SAFETY if code in by_code]
    if view.patient_text and not section:
        parts.append(from_markdown(view.patient_text.body))
    parts += [_section(by_code[code], graded=graded) for code in (*chosen, "coding") if code in by_code and code not in _SAFETY]
    if view.audience == "patient":
        parts += [_section(each, graded=graded) for each in view.sections if each.withheld]
    if section and section not in by_code:
        parts.append(element("p", "This summary has no statement on what was asked."))
    parts.append(element("p", why))
    parts += [element("p", element("small", sentence)) for sentence in standing(view) if sentence != view.banner]
    return join(*parts)


def card_markup(card: CodeCard, notice: str, boxes: Iterable[Box]) -> Xhtml:
    """Return the text of an entry about a code that has no summary: the facts of the code and nothing clinical."""
    choice = card.lookup.choice
    parts: list[str] = _boxes(boxes)
    if notice:
        parts.append(element("p", element("strong", notice)))
    parts.append(items(card.facts))
    if card.choices:
        parts.append(items([f"{code} {title}" for code, title in card.choices]))
    where = f"Codes of {choice.release.title} ({choice.release.version}); edition {choice.edition}."
    parts += [element("p", element("small", sentence)) for sentence in (card.intended_use, where)]
    return join(*parts)


def _boxes(boxes: Iterable[Box]) -> list[str]:
    return [
        element("blockquote", element("p", element("strong", box.title)), element("p", *_said(box.statement))) for box in boxes
    ]


def _section(section: SectionView, *, graded: bool) -> Xhtml:
    told = [element("li", *(_said(each) if graded else [each.text])) for each in section.statements]
    said = element("ul", *told) if told else Xhtml()
    return join(element("h3", section.title), said, *(element("p", sentence) for sentence in _notices(section)))


def _notices(section: SectionView) -> Sequence[str]:
    if section.withheld:
        number = "1 statement is" if section.withheld == 1 else f"{section.withheld} statements are"
        return [sentence for sentence in (f"{number} withheld from this section.", section.notice) if sentence]
    return [section.notice] if section.notice else []


def _said(statement: Statement) -> list[str]:
    """Return a statement with its grade, the weeks it holds for, and whether sources disagree."""
    marks = [f"grade {statement.grade}"]
    if window := statement.window:
        marks.append(f"weeks {window.from_weeks} to {window.to_weeks}")
    if conflict := statement.conflict:
        marks.append(f"sources disagree on {conflict.topic}; this position: {conflict.position}")
    return [statement.text, " ", element("small", f"({'; '.join(marks)})")]
