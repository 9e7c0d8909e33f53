"""Pages as Markdown: the same statements as the page, with banner, grades and sources; for notes, tickets and programs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from icdref.fhir.summary_parts import cited_sources, form_line, identifiers, seed_line, standing
from icdref.model import Release, Statement
from icdref.results import CodeCard, Comparison, Lookup, MatchTrace, SearchResult, SummaryView
from icdref.service.coverage import Coverage
from icdref.service.diff_sections import Section, remarks
from icdref.service.release_diff import ReleaseDiff
from icdref.service.safety_box import SafetyBox
from icdref.web.pages import parts

_MARKS: Final = re.compile(r"([\\`*_\[\]<>|])")


def plain_text(text: str) -> str:
    r"""Return a text that Markdown shows as it is: no markup, no links, no HTML.

    >>> plain_text("a <b>_c_</b>")
    'a \\<b\\>\\_c\\_\\</b\\>'
    """
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def code(lookup: Lookup, card: CodeCard, trace: MatchTrace, view: SummaryView | None, boxes: Iterable[SafetyBox]) -> str:
    """Return the page of a code."""
    lines = [f"# {lookup.concept.code} {plain_text(lookup.concept.display)}".rstrip(), ""]
    lines += _boxes(boxes)
    lines += [f"- {plain_text(fact)}" for fact in card.facts]
    lines += [f"  - {each} {plain_text(title)}" for each, title in card.choices]
    lines += ["", plain_text(trace.notice)] if trace.notice else []
    if lookup.notes:
        lines += ["", "## Notes of the tabular list", ""]
    for each in lookup.notes:
        where = f" (from {each.inherited_from})" if each.inherited_from else ""
        lines.append(f"- {parts.NOTE_TITLES[each.note.kind][0]}: {plain_text(each.note.text)}{where}")
    if view:
        lines += ["", *_summary(view, "##")]
    lines += ["", f"ICD-10-CM {lookup.choice.release.version}, edition {lookup.choice.edition}. {card.intended_use}", ""]
    return "\n".join(lines)


def summary(view: SummaryView, boxes: Iterable[SafetyBox]) -> str:
    """Return the page of a summary, for clinicians or for patients."""
    return "\n".join([*_summary(view, "#", _boxes(boxes)), ""])


def _summary(view: SummaryView, level: str, boxes: Sequence[str] = ()) -> list[str]:
    lines = [f"{level} {plain_text(view.title)}", "", *(f"> {sentence}" for sentence in standing(view)), "", *boxes]
    for section in view.sections:
        lines += [f"{level}# {section.title}", ""]
        for each in section.statements:
            lines += [_claim(each), *_form(each), *_conflict(each, view)]
        lines += [f"{section.withheld} statements of this section are withheld."] if section.withheld else []
        lines += [plain_text(section.notice)] if section.notice else []
        lines.append("")
    if view.patient_text:
        lines += [view.patient_text.body.strip(), "", f"Statements: {', '.join(view.patient_text.based_on)}.", ""]
    lines += [f"{level}# References", ""]
    for source in cited_sources(view):
        link = parts.source_link(source)
        known = f" {found}" if (found := identifiers(source)) else ""
        lines.append(f"- {source.id}: {plain_text(source.citation)}{known}{f' <{link}>' if link else ''} (read: {source.read})")
    return [*lines, "", line] if (line := seed_line(view)) else lines


def _claim(statement: Statement) -> str:
    return f"- {plain_text(statement.text)} [{statement.grade}; {', '.join(statement.sources)}]"


def _form(statement: Statement) -> list[str]:
    return [f"  - {plain_text(form_line(statement.form))}"] if statement.form else []


def _conflict(statement: Statement, view: SummaryView) -> Iterator[str]:
    if conflict := statement.conflict:
        yield f"  - Sources disagree on {conflict.topic}. Here: {plain_text(conflict.position)}. {plain_text(conflict.note)}"
        for other in conflict.other:
            if other in view.opposed:
                yield "  - Other position" + _claim(view.opposed[other].statement).replace("- ", ": ", 1)


def _boxes(boxes: Iterable[SafetyBox]) -> list[str]:
    found = []
    for each in boxes:
        found += [f"> **{plain_text(each.title)}:** {plain_text(each.statement.text)} [{each.statement.grade}]", ""]
    return found


def about(view: SummaryView, rows: Iterable[tuple[str, str]]) -> str:
    """Return the source attributes of a summary."""
    lines = [f"# About {plain_text(view.title)}", "", *(f"> {sentence}" for sentence in standing(view)), ""]
    lines += [f"- {name}: {plain_text(value)}" for name, value in rows]
    lines += ["", *(f"- {source.id}: {plain_text(source.citation)}" for source in cited_sources(view)), ""]
    return "\n".join(lines)


def search(query: str, found: SearchResult | None) -> str:
    """Return what a search found."""
    lines = [f"# {plain_text(query)}", ""]
    if found:
        lines += [f"- {hit.code} {plain_text(hit.display)}{'' if hit.billable else ' (not billable)'}" for hit in found.hits]
        lines += ["", f"{found.total} codes; ICD-10-CM {found.choice.release.version}, edition {found.choice.edition}."]
    return "\n".join([*lines, ""])


def comparison(found: Comparison | None, problem: str, boxes: Iterable[SafetyBox]) -> str:
    """Return conditions side by side, as a list for each section."""
    if found is None:
        return f"{plain_text(problem)}\n"
    titles = {view.summary.id: view.title for view in found.views}
    lines = [f"# {' / '.join(plain_text(each) for each in titles.values()) or 'Comparison'}", "", *_boxes(boxes)]
    for view in found.views:
        lines += [f"> {plain_text(view.title)}: {' '.join(standing(view))}", ""]
    lines += [f"- {side.asked}: {plain_text(side.card.facts[0])}" for side in found.sides if not side.summary and side.card]
    if found.features:
        lines += ["", "## What tells them apart", ""]
    for feature in found.features:
        lines.append(f"- {plain_text(titles[feature.summary])}: {_claim(feature.statement)[2:]}")
    for row in found.rows:
        lines += ["", f"## {row.title}", ""]
        for view, cell in zip(found.views, row.cells, strict=True):
            if cell:
                lines += [f"### {plain_text(view.title)}", "", *(_claim(each) for each in cell.statements)]
                lines += [f"{cell.withheld} statements of this section are withheld."] if cell.withheld else []
                lines += [plain_text(cell.notice)] if cell.notice else []
                lines.append("")
    return "\n".join([*lines, f"ICD-10-CM {found.release.version}, edition {found.edition}. {found.intended_use}", ""])


def conditions(views: Iterable[SummaryView]) -> str:
    """Return the list of summaries."""
    lines = ["# Condition summaries", ""]
    lines += [f"- {parts.bound_codes(each)} {plain_text(each.title)} ({each.status}, {each.summary.version})" for each in views]
    return "\n".join([*lines, ""])


def coverage(rows: Iterable[tuple[str, Coverage]]) -> str:
    """Return the coverage by chapter as a table."""
    lines = [
        "# Coverage",
        "",
        "| chapter | billable | own | inherited | imported | of the parent | card only |",
        "|---|" + "---:|" * 6,
    ]
    for name, each in rows:
        counts = (each.billable, each.own, each.inherited, each.imported, each.imported_above, each.card_only)
        lines.append(f"| {plain_text(name)} | {' | '.join(map(str, counts))} |")
    return "\n".join([*lines, ""])


def releases(installed: Iterable[Release], changes: Sequence[date]) -> str:
    """Return the installed releases and the days on which codes changed."""
    lines = ["# Releases", ""]
    lines += [f"- {each.version} {plain_text(each.title)}: {each.codes} codes, {each.billable} billable" for each in installed]
    lines += ["", "Codes changed on:", "", *(f"- {day}" for day in changes), ""]
    return "\n".join(lines)


def changes(diff: ReleaseDiff, found: Iterable[Section]) -> str:
    """Return what one release changes against another."""
    lines = [f"# ICD-10-CM {diff.first.name} to {diff.second.name}", "", *remarks(diff)]
    for section in found:
        lines += ["", f"## {section.title} ({len(section.rows)})", "", section.advice, ""]
        for code, before, after, related in section.rows:
            told = " / ".join(plain_text(each) for each in (before, after) if each)
            lines.append(f"- {code} {told}{f' ({plain_text(related)})' if related else ''}")
    return "\n".join([*lines, ""])
