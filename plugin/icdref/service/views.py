"""A summary as one caller may see it: audience, language, sections, grades, access policy and review status applied."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from icdref.model import SECTIONS, ConditionSummary, PatientText, Release, Statement
from icdref.results import SectionView, SummaryView
from icdref.service import status
from icdref.service.code_cards import INTENDED_USE
from icdref.service.gates import gated_patient_text, without_staging
from icdref.service.sections import ALWAYS_SHOWN
from icdref.service.withdrawn import Gaps

GRADES = ("A", "B", "C", "D")
_NO_SOURCE = "No citable fact was found for this section."
NO_GAPS = Gaps()
_TEXT_WITHDRAWN = (
    "The patient text is not shown, because a statement that it rests on is withdrawn for safety;"
    " the text for clinicians is shown."
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks and for what: `sections` and `grades` empty mean all; `full` readers see gated sections."""

    audience: str = "clinician"
    language: str = "en"
    sections: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    full: bool = False


def view(
    summary: ConditionSummary,
    release: Release,
    edition: str,
    reader: Reader,
    today: date,
    *,
    displays: dict[str, str],
    gated: Collection[str] = (),
    gated_notice: str = "",
    gaps: Gaps = NO_GAPS,
) -> SummaryView:
    """Return the view of a summary for a reader. The summary must be one that is served on the day.

    `gaps` is what withdrawal took out of the summary: a section that lost statements says so.
    """
    text, notice = _patient_text(summary, reader, gaps)
    language = text.language if text else "en"
    reader = replace(reader, audience="patient" if text else "clinician")
    gated = () if reader.full else gated
    text, withheld = gated_patient_text(text, summary, gated, gated_notice) if text else (None, ())
    sections = tuple(
        found for code, title in SECTIONS if (found := _section(summary, code, title, reader, gated, gated_notice, gaps))
    )
    return SummaryView(
        summary=without_staging(summary, gated),
        release=release,
        edition=edition,
        audience=reader.audience,
        language=language,
        status=status.served_status(summary, today),
        banner=status.banner(summary, today),
        intended_use=INTENDED_USE,
        sections=(*sections, *withheld),
        displays=displays,
        patient_text=text,
        subset=bool(reader.sections or reader.grades),
        language_notice=notice,
    )


def _section(
    summary: ConditionSummary,
    code: str,
    title: str,
    reader: Reader,
    gated: Collection[str],
    gated_notice: str,
    gaps: Gaps,
) -> SectionView | None:
    if code == "references":
        return None
    safety = code in ALWAYS_SHOWN
    if reader.audience == "patient" and code not in ("red-flags", "never-do"):
        return None
    if reader.sections and code not in reader.sections and not safety:
        return None
    statements = summary.in_section(code)
    if code in gated and not safety and statements:
        return SectionView(code, title, (), "withheld", gated_notice, len(statements))
    if withdrawn := gaps.sections.get(code, 0):
        kept = tuple(each for each in statements if safety or _is_asked(each, reader))
        notice = _withdrawn_notice(withdrawn, emptied=not statements)
        return SectionView(code, title, kept, "" if kept else "unavailable", notice, withdrawn=withdrawn)
    if not statements:
        return SectionView(code, title, (), "unavailable", _NO_SOURCE) if code in summary.sections_without_source else None
    kept = statements if safety else tuple(each for each in statements if _is_asked(each, reader))
    return SectionView(code, title, kept) if kept else None


def _withdrawn_notice(number: int, *, emptied: bool) -> str:
    what = "1 statement of this section is" if number == 1 else f"{number} statements of this section are"
    return f"{what} withdrawn for safety and not shown.{' Nothing is left of it.' if emptied else ''}"


def _is_asked(statement: Statement, reader: Reader) -> bool:
    return not reader.grades or statement.grade in reader.grades


def _patient_text(summary: ConditionSummary, reader: Reader, gaps: Gaps) -> tuple[PatientText | None, str]:
    """Return the patient text in the asked language, its base language or English, and a notice when it is another."""
    if reader.audience != "patient":
        served = (
            ""
            if reader.language.split("-")[0] in ("en", "")
            else f"This text is not available in {reader.language}; it is in English."
        )
        return None, served
    by_language = {text.language: text for text in summary.patient_texts}
    for language in (reader.language, reader.language.split("-")[0]):
        if language in by_language:
            return by_language[language], ""
    english = by_language.get("en")
    if english is None and gaps.patient_texts:
        return None, _TEXT_WITHDRAWN
    if english is None:
        return None, "There is no patient text for this condition; the text for clinicians is shown."
    return english, f"This text is not available in {reader.language}; it is in English."
