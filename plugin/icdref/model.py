"""The words of icdref: what a release, a concept and a condition summary consist of. Data only, no behaviour.

Everything here is frozen: an edition never changes after it is compiled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """The level of a concept in the tabular list."""

    CHAPTER = "chapter"
    BLOCK = "block"
    CATEGORY = "category"
    SUBCATEGORY = "subcategory"


class NoteKind(StrEnum):
    """The instructional notes of the tabular list, by the names of the FHIR properties that carry them."""

    INCLUDES = "includes"
    INCLUSION_TERM = "inclusionTerm"
    EXCLUDES1 = "excludes1"
    EXCLUDES2 = "excludes2"
    CODE_FIRST = "codeFirst"
    USE_ADDITIONAL_CODE = "useAdditionalCode"
    CODE_ALSO = "codeAlso"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Note:
    """One printed line of a note; `codes` are the codes it cites, as written (`M65.2-`)."""

    kind: NoteKind
    text: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeventhCharacter:
    """One seventh-character extension of the codes below a header."""

    character: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Concept:
    """One row of a release: a chapter, a block or a code, with the notes that stand on it and on nothing else.

    `parent` is the next concept up ('' for a chapter). `own_block` is true for the 39 categories that are a block of their
    own (B20, T07): the block's notes are theirs. `laterality` and `site` are read from titles; `residual` is true where
    "other" or "unspecified" qualifies the condition itself.
    """

    code: str
    kind: Kind
    display: str
    parent: str
    billable: bool
    notes: tuple[Note, ...] = ()
    seventh_characters: tuple[SeventhCharacter, ...] = ()
    laterality: str = ""
    site: str = ""
    own_block: bool = False
    residual: bool = False


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a publisher, with the SHA-256 of its bytes as stored."""

    name: str
    sha256: str
    content: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """One publisher's dated release of one code system; `version` is the effective date in ISO form."""

    system: str
    version: str
    title: str
    publisher: str
    effective_from: date
    effective_to: date | None
    fiscal_year: int
    licence: str
    source: str
    files: tuple[SourceFile, ...] = ()
    codes: int = 0
    billable: int = 0

    @property
    def has_notes(self) -> bool:
        """Tell whether it was read from a tabular list: an order file has no notes, blocks and chapters."""
        return not self.files or any(file.content == "tabular-xml" for file in self.files)


@dataclass(frozen=True, slots=True)
class EditFlags:
    """The Medicare Code Editor flags of a code over one interval; `until` None means to the table's end."""

    since: date
    until: date | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Validity:
    """When a billable code may be used: first and last valid day. `valid_to` None means beyond the table's end."""

    code: str
    valid_from: date
    valid_to: date | None
    edits: tuple[EditFlags, ...] = ()


@dataclass(frozen=True, slots=True)
class ValidityHorizon:
    """The first and last day that the validity table speaks about; outside it validity is not known."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Successor:
    """One row of the publisher's conversion table: `new` came into force with `release` in place of (part of) `old`."""

    release: str
    new: str
    old: str


@dataclass(frozen=True, slots=True)
class ConceptMapping:
    """One row of a general equivalence mapping; `target` '' means the publisher says there is none."""

    source_system: str
    source: str
    target_system: str
    target: str
    approximate: bool
    combination: bool
    scenario: int
    choice: int


@dataclass(frozen=True, slots=True)
class Synonym:
    """A name of a condition; `related` names are never used for exact matching."""

    text: str
    kind: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class CodeBinding:
    """A code that a summary speaks about: `match` self or self-and-descendants, `role` focus, equivalent or context."""

    system: str
    code: str
    match: str
    role: str
    release: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """A typed link from a summary to another condition, by summary id or by codes."""

    kind: str
    target: str
    codes: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class SeedLink:
    """How a statement stands to one of the pages the product started from."""

    id: str
    relation: str
    claims: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One position of a disagreement between sources; `other` names the statements of the other positions."""

    topic: str
    position: str
    other: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The weeks after onset during which a statement holds."""

    from_weeks: int
    to_weeks: int


@dataclass(frozen=True, slots=True)
class ConditionForm:
    """A form of a condition that a statement describes, as data: its name, its cause and the codes it has today.

    `status` is current or historical: a historical form is an older author's, and `codes` are what it would be today.
    """

    name: str
    status: str
    cause: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One clinical claim with its sources and grade: the unit of content."""

    id: str
    section: str
    text: str
    grade: str
    sources: tuple[str, ...]
    seeds: tuple[SeedLink, ...] = ()
    window: Window | None = None
    conflict: Conflict | None = None
    form: ConditionForm | None = None
    needs: str = ""
    review_by: date | None = None


@dataclass(frozen=True, slots=True)
class RetiredStatement:
    """A released statement that was taken out: its id is never used again; `replaced_by` is a statement id or ''."""

    id: str
    reason: str
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from. `ceiling` only lowers the grade that the type allows."""

    id: str
    citation: str
    type: str
    read: str
    doi: str = ""
    pmid: str = ""
    pmcid: str = ""
    url: str = ""
    retrieved: date | None = None
    file: str = ""
    ceiling: str = ""
    licence: str = "cite-only"
    last_update: str = ""
    quarantine: str = ""
    needs: str = ""


@dataclass(frozen=True, slots=True)
class StagingClass:
    """One class of a staging scheme."""

    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Staging:
    """A published staging or classification scheme."""

    name: str
    applies_to: str
    classes: tuple[StagingClass, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """An author or reviewer; `date` only for reviewers."""

    name: str
    role: str
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """Who wrote and who reviewed a summary, and when that must happen again."""

    authors: tuple[Person, ...]
    reviewers: tuple[Person, ...] = ()
    review_interval_months: int = 0
    last_reviewed: date | None = None
    next_review_due: date | None = None
    approved_digest: str = ""
    last_checked: date | None = None
    next_check_due: date | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class SourceAttributes:
    """The decision-support source attributes of 45 CFR 170.315(b)(11); `uses` lists what selection really reads."""

    citation: str
    developer: str
    funding: str
    release_date: date
    revision_date: date
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PatientPart:
    """What stands under one heading of a patient text, and the statements that it retells."""

    heading: str
    based_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatientText:
    """The plain-language text of a summary in one language; `body` is Markdown with headings of the second level.

    `based_on` names every statement it rests on, `parts` which of them each heading rests on.
    """

    summary: str
    language: str
    status: str
    target_grade: float
    based_on: tuple[str, ...]
    body: str
    parts: tuple[PatientPart, ...] = ()

    def under_headings(self) -> tuple[tuple[str, str], ...]:
        """Return (heading, Markdown with its heading) in their order; text before the first heading has the heading ''."""
        found: list[tuple[str, list[str]]] = [("", [])]
        for line in self.body.splitlines(keepends=True):
            if line.startswith("## "):
                found.append((line[3:].strip(), []))
            found[-1][1].append(line)
        return tuple((heading, text) for heading, lines in found if (text := "".join(lines)).strip())


@dataclass(frozen=True, slots=True)
class ConditionSummary:
    """What icdref says about a condition: statements with sources and grades, bound to codes.

    `replaced_by` is the id of the summary that took the place of a retired one.
    """

    id: str
    version: str
    status: str
    language: str
    title: dict[str, str]
    synonyms: tuple[Synonym, ...]
    codes: tuple[CodeBinding, ...]
    relations: tuple[Relation, ...]
    statements: tuple[Statement, ...]
    stagings: tuple[Staging, ...]
    review: Review
    attributes: SourceAttributes
    licence: str
    code_licence: str
    sections_without_source: tuple[str, ...] = ()
    patient_texts: tuple[PatientText, ...] = ()
    sources: tuple[Source, ...] = field(default=())
    retired: tuple[RetiredStatement, ...] = ()
    replaced_by: str = ""

    def in_section(self, section: str) -> tuple[Statement, ...]:
        """Return the statements of one section, in the order of the file."""
        return tuple(statement for statement in self.statements if statement.section == section)


SECTIONS: tuple[tuple[str, str], ...] = (
    ("red-flags", "Red flags"),
    ("never-do", "Never do"),
    ("definition", "Definition"),
    ("forms", "Forms"),
    ("cause", "Cause"),
    ("pathophysiology", "Pathophysiology"),
    ("epidemiology", "Epidemiology"),
    ("symptoms", "Symptoms"),
    ("imaging-timeline", "Imaging timeline"),
    ("diagnosis", "Diagnosis"),
    ("differential", "Differential diagnosis"),
    ("treatment", "Treatment"),
    ("complications", "Complications"),
    ("prognosis", "Prognosis"),
    ("prevention", "Prevention"),
    ("follow-up", "Follow-up"),
    ("coding", "Coding"),
    ("references", "References"),
)
"""Section codes and titles in display order; red flags and never-do come first in every representation."""

MESH_OF_SECTION: dict[str, tuple[str, str]] = {
    "cause": ("Q000209", "etiology"),
    "complications": ("Q000150", "complications"),
    "diagnosis": ("Q000175", "diagnosis"),
    "differential": ("D003937", "Diagnosis, Differential"),
    "epidemiology": ("Q000453", "epidemiology"),
    "imaging-timeline": ("Q000000981", "diagnostic imaging"),
    "pathophysiology": ("Q000503", "physiopathology"),
    "prevention": ("Q000517", "prevention & control"),
    "prognosis": ("D011379", "Prognosis"),
    "symptoms": ("D012816", "Signs and Symptoms"),
    "treatment": ("Q000628", "therapy"),
}
"""The MeSH heading or subheading that each section carries beside its own code, where MeSH has one."""

SAFETY_SECTIONS = frozenset({"red-flags", "never-do", "coding"})
"""Sections that no policy and no filter may remove."""


@dataclass(frozen=True, slots=True)
class LayTerm:
    """How people name a condition, a site or an encounter: `means` are codes (`I21-` with all below it) or words."""

    text: str
    kind: str
    means: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Commonness:
    """How often clinicians meet what a code stands for: `level` 1 (once in a career) to 9 (every day)."""

    code: str
    level: int
