"""Sections of a summary by their own codes and by the MeSH ids that EHRs send as sub-topic."""

from __future__ import annotations

from icdref.model import SECTIONS

MESH_SECTIONS: dict[str, str] = {
    "Q000209": "cause",
    "Q000235": "cause",
    "Q000453": "epidemiology",
    "Q000503": "pathophysiology",
    "Q000473": "pathophysiology",
    "D012816": "symptoms",
    "Q000175": "diagnosis",
    "Q000000981": "imaging-timeline",
    "D003937": "differential",
    "D011379": "prognosis",
    "Q000401": "prognosis",
    "Q000628": "treatment",
    "Q000188": "treatment",
    "Q000601": "treatment",
    "Q000534": "treatment",
    "Q000517": "prevention",
    "Q000150": "complications",
}
"""MeSH qualifier or descriptor id -> section code. Source: MeSH; the ids that Infobutton profiles use as sub-topics."""

ALWAYS_SHOWN = frozenset({"red-flags", "never-do", "coding"})
"""No choice of sections, grades or access removes these."""

_CODES = {code for code, _ in SECTIONS}


def to_section(text: str) -> str:
    """Return the section code for a section code or a MeSH id, '' where the text is neither."""
    wanted = text.strip()
    return wanted if wanted in _CODES else MESH_SECTIONS.get(wanted, "")
