"""The pages of a condition summary: for clinicians, for patients in their language, and about its making."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from icdref import codes
from icdref.fhir.narrative import from_markdown
from icdref.fhir.summary_parts import USES, cited_sources
from icdref.model import Statement
from icdref.results import SummaryView
from icdref.service.views import Reader
from icdref.web.http import Answer
from icdref.web.pages import markdown, plain
from icdref.web.pages.frame import Frame, Page
from icdref.web.pages.words import NAMES

_KINDS = {"differential-of": "Look-alike", "is-variant-of": "Variant of", "caused-by": "Caused by", "coded-with": "Coded with"}


@dataclass(frozen=True, slots=True)
class Related:
    """A condition that a summary is related to: `title` and `summary` where it has one here, and why, as a stored statement."""

    kind: str
    label: str
    title: str
    summary: str
    codes: tuple[str, ...]
    why: Statement | None


def condition(frame: Frame, name: str, form: str = "") -> Answer:
    """Answer `/conditions/{id}`: `audience` clinician or patient, `language` of the patient text."""
    audience = "patient" if frame.query.get("audience") == "patient" else "clinician"
    reader = Reader(audience, frame.query.get("language", "en")[:35])
    view = frame.service.knowledge.summary(name, reader, frame.release)
    bound = [each.code for each in view.summary.codes if each.system == codes.ICD10CM]
    boxes = frame.boxes(bound)
    chosen = {"audience": "patient", "language": view.language} if view.patient_text else {}
    values: dict[str, Any] = {
        "view": view,
        "boxes": boxes,
        "codes": bound,
        "names": [each for each in view.summary.synonyms if each.kind != "related"],
        "readers": _readers(frame, view),
        "sources": cited_sources(view),
        "look_alikes": look_alikes(frame, view),
        "patient_html": Markup(str(from_markdown(view.patient_text.body))) if view.patient_text else "",  # noqa: S704 - escaped there
    }
    query = urlencode(chosen | {"_pretty": "true"})
    page = Page(
        "patient.html" if view.patient_text else "condition.html",
        "/conditions/{id}",
        f"/conditions/{view.summary.id}",
        values,
        plain=lambda: plain.summary(view, boxes),
        markdown=lambda: markdown.summary(view, boxes),
        fhir=f"/fhir/r4/Composition/{view.summary.id}/$document?{query}",
        release=view.release.version,
        language=view.language,
    )
    return frame.respond(page, form)


def _readers(frame: Frame, view: SummaryView) -> list[tuple[str, str, str, bool]]:
    """Return (label, language of the label, address, whether it is this page) of each text that the summary has."""
    base = f"/conditions/{view.summary.id}"
    patient = view.audience == "patient"
    found = [("For clinicians", "en", frame.url(base), not patient)]
    several = len(view.summary.patient_texts) > 1
    for text in view.summary.patient_texts:
        name = NAMES.get(text.language, text.language)
        label = {"en": "For patients", "es": "Para pacientes"}.get(text.language, f"For patients, {name}")
        where = frame.url(f"{base}?audience=patient&language={text.language}")
        label = f"{label} ({name})" if several else label
        found.append((label, text.language, where, patient and view.language == text.language))
    return found


def look_alikes(frame: Frame, view: SummaryView) -> list[Related]:
    """Return the conditions related to a summary, look-alikes first; the reason only where the reader may see it."""
    shown = {each.id: each for section in view.sections for each in section.statements}
    found = []
    for relation in view.summary.relations:
        title = frame.title_of(relation.target)
        found.append(
            Related(
                kind=relation.kind,
                label=_KINDS.get(relation.kind, relation.kind.replace("-", " ").capitalize()),
                title=title or relation.target.replace("-", " ").capitalize(),
                summary=relation.target if title else "",
                codes=relation.codes,
                why=shown.get(relation.why),
            )
        )
    return sorted(found, key=lambda each: (each.kind != "differential-of", not each.summary))


def about(frame: Frame, name: str, form: str = "") -> Answer:
    """Answer `/about/{id}`: the decision-support source attributes of 45 CFR 170.315(b)(11), authors, sources, grades."""
    view = frame.service.knowledge.summary(name, version=frame.release)
    rows = source_attributes(view)
    values = {"view": view, "attributes": rows, "sources": cited_sources(view)}
    page = Page(
        "about.html",
        "/about/{id}",
        f"/about/{view.summary.id}",
        values,
        plain=lambda: plain.about(view, rows),
        markdown=lambda: markdown.about(view, rows),
        fhir=f"/fhir/r4/Library/{view.summary.id}?_pretty=true",
        release=view.release.version,
    )
    return frame.respond(page, form)


def source_attributes(view: SummaryView) -> list[tuple[str, str]]:
    """Return the 13 source attributes with their answers, in the order of the rule."""
    given = view.summary.attributes
    return [
        ("Bibliographic citation", given.citation),
        ("Developer", given.developer),
        ("Funding of the technical implementation", given.funding),
        ("Release and revision dates", f"released {given.release_date}, revised {given.revision_date}"),
        *((f"Use of {_spoken(use)}", "yes" if use in given.uses else "no") for use in USES),
    ]


def _spoken(use: str) -> str:
    known = {"sdoh": "social determinants of health", "health-status": "health status assessments"}
    return known.get(use, use.replace("-", " "))
