"""The sections of a Composition: statements with their grades and sources, notices where there are none, references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from icdref.canonicals import MESH_SYSTEM as MESH
from icdref.fhir.canonical import SECTION_SYSTEM, canonical, extension_url
from icdref.fhir.datatypes import coding, concept, extension
from icdref.fhir.narrative import Xhtml, element, join, link, markdown_sections, narrative
from icdref.fhir.staging import PLACE, staging_sections
from icdref.fhir.summary_parts import cited_sources, form_line, identifiers, seed_line, source_url
from icdref.model import MESH_OF_SECTION, SECTIONS, PatientText, Source, Statement
from icdref.results import OtherPosition, SectionView, SummaryView

_EMPTY_REASONS: Final = {"unavailable": "Unavailable", "withheld": "Information Withheld"}
_ORDER: Final = {code: position for position, (code, _) in enumerate(SECTIONS)}
_PATIENT_FIRST: Final = {"never-do": -2, "red-flags": -1}


def sections(view: SummaryView) -> list[dict[str, Any]]:
    """Return the sections in display order, safety first, references last.

    A patient gets the never-do box, the red flags, the plain-language text by its headings, then anything else.
    """
    shown = [each for each in view.sections if each.code != "references"]
    if view.patient_text is None:
        shown.sort(key=lambda each: _ORDER.get(each.code, len(_ORDER)))
        return [*(section_of(view, each) for each in shown), references_section(cited_sources(view), (view,))]
    shown.sort(key=lambda each: _PATIENT_FIRST.get(each.code, _ORDER.get(each.code, len(_ORDER))))
    safety = [each for each in shown if each.code in _PATIENT_FIRST]
    others = [each for each in shown if each.code not in _PATIENT_FIRST]
    return [
        *(section_of(view, each) for each in safety),
        *_patient_sections(view),
        *(section_of(view, each) for each in others),
        references_section(cited_sources(view), (view,)),
    ]


def section_code(code: str, title: str) -> dict[str, Any]:
    """Return the code of a section: our own, then the MeSH one where it exists."""
    codings = [coding(SECTION_SYSTEM, code, title)]
    if code in MESH_OF_SECTION:
        mesh, display = MESH_OF_SECTION[code]
        codings.append(coding(MESH, mesh, display))
    return concept(*codings)


def section_of(view: SummaryView, section: SectionView) -> dict[str, Any]:
    """Return one section of a summary: its statements as text and as data, or why there are none."""
    extensions = [statement_extension(statement, view.opposed) for statement in section.statements]
    if section.withheld:
        extensions.append(extension(extension_url("withheld-statements"), valueUnsignedInt=section.withheld))
    if section.withdrawn:
        extensions.append(extension(extension_url("withdrawn-statements"), valueUnsignedInt=section.withdrawn))
    foreign = view.summary.language if view.summary.language != view.language else ""
    shaped: dict[str, Any] = {"extension": extensions} if extensions else {}
    shaped |= {
        "title": section.title,
        "code": section_code(section.code, section.title),
        "text": narrative("additional", *_shown(view, section), language=foreign),
    }
    if not section.statements:
        reason = section.empty_reason or "unavailable"
        system = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
        shaped["emptyReason"] = concept(coding(system, reason, _EMPTY_REASONS[reason]))
    elif section.code == PLACE and view.summary.stagings:
        shaped["section"] = staging_sections(view)
    return shaped


def _shown(view: SummaryView, section: SectionView) -> list[Xhtml]:
    places = {statement.id for each in view.sections for statement in each.statements}
    shown: list[Xhtml] = []
    for statement in section.statements:
        shown.append(element("p", statement.text, id=statement.id))
        if statement.form and view.audience != "patient":
            shown.append(element("p", element("small", form_line(statement.form))))
        if view.audience != "patient":
            shown.append(_marks(statement, places))
            shown += _other_positions(view, statement, places)
    shown += [element("p", sentence) for sentence in _notices(section)]
    return shown


def _notices(section: SectionView) -> list[str]:
    if section.withheld:
        number = "1 statement is" if section.withheld == 1 else f"{section.withheld} statements are"
        sentences = [f"{number} withheld from this section.", section.notice]
    elif section.statements:
        sentences = [section.notice]
    else:
        sentences = [section.notice or "No fact with a citable source was found for this section."]
    return [sentence for sentence in sentences if sentence]


def _marks(statement: Statement, places: set[str]) -> Xhtml:
    """Return the line under a statement: grade, sources, the time it holds for, and who disagrees.

    A statement that is not among the `places` of this narrative is named but not linked to.
    """
    marks: list[str] = [f"Grade {statement.grade}"]
    for position, source in enumerate(statement.sources):
        marks += [", " if position else "; from ", link(f"#{source}", source)]
    if statement.window:
        marks.append(f"; weeks {statement.window.from_weeks} to {statement.window.to_weeks}")
    if conflict := statement.conflict:
        marks.append(f"; sources disagree on {conflict.topic}: {conflict.position}")
        marks += [join(", against ", link(f"#{other}", other) if other in places else other) for other in conflict.other]
        if conflict.note:
            marks.append(f" ({conflict.note})")
    return element("p", element("small", *marks, "."))


def _other_positions(view: SummaryView, statement: Statement, places: set[str]) -> list[Xhtml]:
    """Return the other side of a conflict where it stands in another summary: its text, grade and sources."""
    others = statement.conflict.other if statement.conflict else ()
    shown: list[Xhtml] = []
    for other in others:
        if other in view.opposed and other not in places:
            against = view.opposed[other]
            where = f" (Grade {against.statement.grade}; {', '.join(against.statement.sources)}; {against.summary}, {other})"
            shown.append(element("p", element("small", "Other position: ", against.statement.text, where)))
    return shown


def statement_extension(statement: Statement, opposed: Mapping[str, OtherPosition] | None = None) -> dict[str, Any]:
    """Return a statement as data; its text is the paragraph of the narrative that has the same id.

    The other side of a conflict comes with its text, because it may stand in another summary.
    """
    parts = [extension("id", valueString=statement.id), extension("grade", valueCode=statement.grade)]
    parts += [extension("source", valueString=source) for source in statement.sources]
    parts += [extension("seed", valueString=f"{seed.id} {seed.relation}") for seed in statement.seeds]
    if statement.window:
        weeks = (
            extension("from-weeks", valueInteger=statement.window.from_weeks),
            extension("to-weeks", valueInteger=statement.window.to_weeks),
        )
        parts.append(extension("window", *weeks))
    if form := statement.form:
        said = [extension("name", valueString=form.name), extension("status", valueCode=form.status)]
        said += [extension("cause", valueString=form.cause)] if form.cause else []
        said += [extension("code", valueString=code) for code in form.codes]
        parts.append(extension("form", *said))
    if conflict := statement.conflict:
        said = [extension("topic", valueString=conflict.topic), extension("position", valueString=conflict.position)]
        said += [extension("other", valueString=other) for other in conflict.other]
        if conflict.note:
            said.append(extension("note", valueString=conflict.note))
        said += [_other_position(opposed[other]) for other in conflict.other if opposed and other in opposed]
        parts.append(extension("conflict", *said))
    if statement.review_by:
        parts.append(extension("review-by", valueDate=statement.review_by.isoformat()))
    return extension(extension_url("statement"), *parts)


def _other_position(other: OtherPosition) -> dict[str, Any]:
    statement = other.statement
    position = statement.conflict.position if statement.conflict else ""
    parts = [extension("id", valueString=statement.id), extension("text", valueString=statement.text)]
    parts += [extension("position", valueString=position)] if position else []
    parts += [extension("grade", valueCode=statement.grade)]
    parts += [extension("source", valueString=source) for source in statement.sources]
    parts += [extension("summary", valueCanonical=canonical("Composition", other.summary))]
    return extension("other-position", *parts)


def _patient_sections(view: SummaryView) -> list[dict[str, Any]]:
    if view.patient_text is None:
        return []
    return [
        {
            "extension": [based_on(view.patient_text)],
            "title": title or view.title,
            "text": narrative("additional", body),
        }
        for title, body in markdown_sections(view.patient_text.body)
    ]


def based_on(text: PatientText) -> dict[str, Any]:
    """Return what a patient text rests on: the ids of statements in the summary for clinicians."""
    parts = [extension("summary", valueCanonical=canonical("Composition", text.summary))]
    parts += [extension("statement", valueString=identifier) for identifier in text.based_on]
    parts.append(extension("status", valueCode=text.status))
    return extension(extension_url("patient-text-based-on"), *parts)


def references_section(cited: Iterable[Source], cards: Iterable[SummaryView]) -> dict[str, Any]:
    """Return the list of sources, each with where it can be read, and the catalogue cards that have them as data."""
    shown: list[Xhtml] = []
    for source in cited:
        url = source_url(source)
        read_at = join(" ", link(url, url)) if url else Xhtml()
        marks = f" {found}" if (found := identifiers(source)) else ""
        shown.append(element("li", source.citation, marks, read_at, id=source.id))
    text = element("ol", *shown) if shown else element("p", "No source is cited.")
    cards = tuple(cards)
    text = join(text, *(element("p", line) for view in cards if (line := seed_line(view))))
    title = dict(SECTIONS)["references"]
    display = "Catalogue card with the references as data"
    return {
        "title": title,
        "code": section_code("references", title),
        "text": narrative("additional", text),
        "entry": [{"reference": f"Library/{view.summary.id}", "display": display} for view in cards],
    }
