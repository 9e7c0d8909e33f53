"""The access policy on what is not a section: patient texts and staging carry a gated section's content and go with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from icdref.model import SECTIONS, ConditionSummary, PatientText
from icdref.results import SectionView
from icdref.service.sections import ALWAYS_SHOWN

STAGING_SECTION = "diagnosis"
"""The section that staging schemes stand in."""


def gated_patient_text(
    text: PatientText, summary: ConditionSummary, gated: Collection[str], notice: str
) -> tuple[PatientText, tuple[SectionView, ...]]:
    """Return what of a patient text a caller without the scope may see, and the sections withheld from it.

    What stands under a heading goes as a whole when it retells a statement of a gated section, unless it retells a red flag
    or a never-do too: safety outranks the policy. A text that does not say which heading rests on what goes as a whole.
    """
    gated = set(gated) - ALWAYS_SHOWN
    section_of = {statement.id: statement.section for statement in summary.statements}
    places = {part.heading: part.based_on for part in text.parts} or {"": text.based_on}
    hidden = {heading for heading, based_on in places.items() if _is_gated(based_on, section_of, gated)}
    if not hidden:
        return text, ()
    body = "" if not text.parts else "".join(each for heading, each in text.under_headings() if heading not in hidden)
    parts = tuple(part for part in text.parts if part.heading not in hidden)
    left = dict.fromkeys(identifier for part in parts for identifier in part.based_on)
    retold = dict.fromkeys(each for heading in hidden for each in places[heading] if section_of.get(each) in gated)
    numbers = Counter(section_of[each] for each in retold)
    withheld = tuple(SectionView(code, title, (), "withheld", notice, numbers[code]) for code, title in SECTIONS if numbers[code])
    return replace(text, body=body, parts=parts, based_on=tuple(left)), withheld


def without_staging(summary: ConditionSummary, gated: Collection[str]) -> ConditionSummary:
    """Return a summary without its staging schemes where the section that they stand in is gated."""
    return replace(summary, stagings=()) if summary.stagings and STAGING_SECTION in gated else summary


def _is_gated(based_on: Collection[str], section_of: dict[str, str], gated: set[str]) -> bool:
    sections = {section_of.get(identifier, "") for identifier in based_on}
    return not sections & {"red-flags", "never-do"} and bool(sections & gated)
