"""The file of a new summary: every required key, what can be known beforehand filled in, the rest left to the check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from icdref.model import SECTIONS

_WRITTEN = ("red-flags", "never-do", "definition", "coding", "references")


def template(identifier: str, title: str, codes: Sequence[str], prefix: str, day: date = date(2026, 1, 1)) -> str:
    """Return the text of a new summary; `day` stands wherever an editor has to put the real date.

    It reads without a structural fault. Red flags and never-do are missing on purpose: the content check asks for them,
    and no text that nobody wrote can be served by mistake.
    """
    missing = ", ".join(f'"{section}"' for section, _ in SECTIONS if section not in _WRITTEN)
    name = _quoted(title)
    lines = [
        "#:schema ../schema/condition-summary.schema.json",
        "# One condition, one file; one [[statement]] block per claim, one text per line, so a diff shows one claim per hunk.",
        'schema   = "condition-summary/1"',
        f'id       = "{identifier}"',
        'version  = "0.1.0"',
        'status   = "draft"            # draft | in-review | approved | retired; draft = no clinician has reviewed it',
        'language = "en"',
        "# sections for which no citable fact was found; take out those that you write",
        f"sections_without_source = [{missing}]",
        "",
        "[title]",
        f"en = {name}",
        "",
        "[[synonym]]",
        f"text = {name}",
        'kind = "official"',
        *(line for code in codes for line in _code(code)),
        "",
        "[[statement]]",
        f'id      = "{prefix}.def.1"',
        'section = "definition"',
        f"text    = {_quoted(f'A class of the tabular list: {title}.')}",
        'grade   = "A"',
        'sources = ["icd10cm-tabular"]',
        "",
        "[[statement]]",
        f'id      = "{prefix}.code.1"',
        'section = "coding"',
        f'text    = "The codes stand under {", ".join(codes)} of ICD-10-CM 2026-04-01."',
        'grade   = "A"',
        'sources = ["icd10cm-tabular"]',
        "",
        "[review]",
        'authors = [{ role = "drafting author (not a clinician)", name = "your name" }]',
        "reviewers = []",
        "review_interval_months = 24",
        f"last_checked = {day}",
        f"next_check_due = {day}",
        f"expires = {day}",
        "",
        "[dsi]",
        'citation = "this file, its version and its release"',
        'developer = "icdref project"',
        'funding = "none declared"',
        f"release_date = {day}",
        f"revision_date = {day}",
        "uses = []",
        "",
        "[licence]",
        'text = "CC-BY-4.0"',
        'code_text = "ICD-10-CM titles and notes: public domain, CDC/NCHS and CMS"',
        "",
    ]
    return "\n".join(lines)


def _code(code: str) -> list[str]:
    return [
        "",
        "[[code]]",
        'system  = "http://hl7.org/fhir/sid/icd-10-cm"',
        'release = "2026-04-01"',
        f'code    = "{code}"',
        'match   = "self-and-descendants"',
        'role    = "focus"',
    ]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
