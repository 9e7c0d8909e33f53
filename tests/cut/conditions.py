"""The condition summaries of the cut: short, about nothing real, one for each way in which a summary can be bound.

bone-after-a-blow   M61.0 and below; other systems name it too; texts for patients
bone-in-muscle      M61 and M61.9 themselves, nothing below; shares a SNOMED CT code with other-bone
other-bone          the rest of M61; speaks about M61.0 in context
white-cells         D72 and below, approved; an Excludes1 of D72 names D72.824
old-name            M65.2 and below, retired
passing-fashion     M72 and below, expired on 2026-10-31
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from icdref.compiler.content import approved_digest
from icdref.importers.conditions import read_conditions
from icdref.model import SECTIONS

NINE = "http://hl7.org/fhir/sid/icd-9-cm"
WHO = "http://hl7.org/fhir/sid/icd-10"
SNOMED = "http://snomed.info/sct"

SOURCES = """schema = "sources/1"
[[source]]
id = "tabular"
citation = "The tabular list, FY2026, cut for tests."
type = "classification"
read = "full"
[[source]]
id = "review2020"
citation = "A review of lumps. 2020."
doi = "10.1000/lumps.2020"
type = "review"
read = "full"
"""

_WRITTEN = ("red-flags", "never-do", "definition", "coding", "references")
_MISSING = [section for section, _ in SECTIONS if section not in _WRITTEN]


@dataclass(frozen=True)
class Draft:
    """What distinguishes one summary of the cut from the others."""

    id: str
    prefix: str
    title: str
    focus: tuple[str, ...]
    match: str = "self-and-descendants"
    context: tuple[str, ...] = ()
    equivalents: tuple[tuple[str, str], ...] = ()
    synonyms: tuple[tuple[str, str], ...] = ()
    head: str = 'status = "draft"'
    review: str = "reviewers = []"
    expires: str = "2028-11-22"
    more: str = ""

    def toml(self) -> str:
        """Return the file of the summary."""
        missing = [section for section in _MISSING if f'section = "{section}"' not in self.more]
        return "\n".join(
            [
                'schema = "condition-summary/1"',
                f'id = "{self.id}"',
                'version = "0.1.0"',
                self.head,
                'language = "en"',
                f"sections_without_source = {missing}",
                "[title]",
                f'en = "{self.title}"',
                *(
                    f'[[synonym]]\ntext = "{text}"\nkind = "{kind}"'
                    for text, kind in self.synonyms or ((self.title, "clinical"),)
                ),
                *(self._code(code, "focus", self.match) for code in self.focus),
                *(self._code(code, "context", "self-and-descendants") for code in self.context),
                *(
                    f'[[code]]\nsystem = "{system}"\ncode = "{code}"\nmatch = "self"\nrole = "equivalent"'
                    for system, code in self.equivalents
                ),
                *(
                    f'[[statement]]\nid = "{self.prefix}.{key}.1"\nsection = "{section}"\ntext = "{text}"\n'
                    f'grade = "{grade}"\nsources = ["{source}"]'
                    for key, section, text, grade, source in (
                        ("red", "red-flags", "A lump that keeps growing needs an opinion at once.", "B", "review2020"),
                        ("never", "never-do", "Do not knead the lump.", "B", "review2020"),
                        ("def", "definition", f"{self.title} is a lump.", "B", "review2020"),
                        ("code", "coding", "Code the site and the side.", "A", "tabular"),
                    )
                ),
                self.more,
                "[review]",
                'authors = [{ role = "author", name = "icdref authors" }]',
                "review_interval_months = 24",
                "last_checked = 2026-05-22",
                "next_check_due = 2026-10-22",
                f"expires = {self.expires}",
                self.review,
                "[dsi]",
                'citation = "this file"',
                'developer = "icdref project"',
                'funding = "none declared"',
                "release_date = 2026-05-22",
                "revision_date = 2026-05-22",
                "uses = []",
                "[licence]",
                'text = "CC-BY-4.0"',
                'code_text = "public domain"',
                "",
            ]
        )

    @staticmethod
    def _code(code: str, role: str, match: str) -> str:
        system = "http://hl7.org/fhir/sid/icd-10-cm"
        return f'[[code]]\nsystem = "{system}"\nrelease = "2026-04-01"\ncode = "{code}"\nmatch = "{match}"\nrole = "{role}"'


DRAFTS = (
    Draft(
        "bone-after-a-blow",
        "bab",
        "Bone after a blow",
        ("M61.0",),
        equivalents=((NINE, "728.12"), (WHO, "M61.0"), (SNOMED, "111000")),
        synonyms=(("Blöwman's disease", "eponym"), ("BAB", "abbreviation"), ("bone lump", "related")),
        more="""[[statement]]
id = "bab.tx.1"
section = "treatment"
text = "Rest for 6 weeks comes first."
grade = "B"
sources = ["review2020"]
[[statement]]
id = "bab.epi.1"
section = "epidemiology"
text = "It is seen in all ages."
grade = "C"
sources = ["review2020"]
""",
    ),
    Draft(
        "bone-in-muscle",
        "bim",
        "Bone in muscle",
        ("M61", "M61.9"),
        match="self",
        equivalents=((SNOMED, "222000"),),
        synonyms=(("muscle bone", "clinical"), ("bone lump", "related")),
    ),
    Draft(
        "other-bone",
        "oth",
        "Other bone",
        ("M61.1", "M61.2", "M61.3", "M61.4", "M61.5"),
        context=("M61.0",),
        equivalents=((NINE, "728.13"), (SNOMED, "222000"), (SNOMED, "333000")),
    ),
    Draft(
        "white-cells",
        "whi",
        "Too many white cells",
        ("D72",),
        head='status = "approved"',
        review="""reviewers = [{ role = "hematologist", name = "Zoe Quinn", date = 2026-05-22 }]
last_reviewed = 2026-05-22
next_review_due = 2028-05-22
approved_digest = "DIGEST"
""",
    ),
    Draft("old-name", "old", "Old name", ("M65.2",), head='status = "retired"\nreplaced_by = "other-bone"'),
    Draft("passing-fashion", "pas", "Passing fashion", ("M72",), expires="2026-10-31"),
)

PATIENT_TEXTS = {
    "en": ("What is it?", "Bone has grown in your muscle after a blow. Rest for six weeks."),
    "es": ("¿Qué es?", "Es hueso que crece en el músculo tras un golpe. Descanse seis semanas."),
}


def write_conditions(fixtures: Path) -> None:
    """Write the fixtures folder of the cut; it passes the content check."""
    folder = fixtures / "conditions"
    folder.mkdir(parents=True)
    (fixtures / "sources.toml").write_text(SOURCES, "utf-8")
    for draft in DRAFTS:
        (folder / f"{draft.id}.toml").write_text(draft.toml().replace("DIGEST", "0" * 64), "utf-8")
    for language, (heading, text) in PATIENT_TEXTS.items():
        head = f'summary = "bone-after-a-blow"\nlanguage = "{language}"\nstatus = "draft"\ntarget_grade = 7\n'
        body = f'+++\n{head}based_on = ["bab.def.1", "bab.tx.1"]\n+++\n## {heading}\n\n{text}\n'
        (folder / f"bone-after-a-blow.patient.{language}.md").write_text(body, "utf-8")
    (approved,) = [summary for summary in read_conditions(fixtures).summaries if summary.status == "approved"]
    file = folder / f"{approved.id}.toml"
    file.write_text(file.read_text("utf-8").replace("0" * 64, approved_digest(approved)), "utf-8")
