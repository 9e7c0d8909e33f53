"""The box that stands with every answer on some codes: what is done wrong most when one disease is not thought of.

Only stored statements are shown, never a sentence of our own; a statement that is not served is not boxed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from icdref.model import Statement
from icdref.service.matching import covers
from icdref.service.summaries import Summaries

_BOXES: Final = (("M61-", "fibrodysplasia-ossificans-progressiva", "never-do", "fop.never.1"),)
"""Codes whose answers carry the box, the summary, its section, and the statement that is shown."""


@dataclass(frozen=True, slots=True)
class SafetyBox:
    """A warning that stands with an answer: the title of the disease it is about, and the stored statement."""

    summary: str
    title: str
    statement: Statement


def safety_boxes(codes: Iterable[str], summaries: Summaries) -> tuple[SafetyBox, ...]:
    """Return the boxes that answers on these ICD-10-CM codes carry, each once."""
    asked = [code for code in codes if code]
    found = []
    for reference, identifier, section, statement_id in _BOXES:
        summary = summaries.all.get(identifier)
        if summary is None or not summaries.is_served(summary) or not any(covers(reference, code) for code in asked):
            continue
        statement = next((each for each in summary.in_section(section) if each.id == statement_id), None)
        if statement:
            found.append(SafetyBox(identifier, summary.title["en"], statement))
    return tuple(found)
