"""Complete answers: what the service returns. Values, the release that answered, and any issues inside.

Nobody downstream patches a result or goes back to the store: `fhir/` shapes it, `web/` sends it, `cli/` prints it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from icdref.issues import Issue
from icdref.model import (
    Concept,
    ConceptMapping,
    ConditionSummary,
    Kind,
    Note,
    PatientText,
    Release,
    Source,
    Statement,
    Validity,
)


@dataclass(frozen=True, slots=True)
class ReleaseChoice:
    """The release that answers a question and why: `method` is version, date or today; `day` the day it is laid over."""

    release: Release
    edition: str
    method: str
    day: date
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class InheritedNote:
    """A note with the code, block or chapter it stands on; `inherited_from` is '' where it stands on the code asked."""

    note: Note
    inherited_from: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """Everything a release says about one code.

    `active` is None where validity is not known for the day. `ancestors` are nearest first, blocks and chapter included.
    `edits` are the Medicare Code Editor flags that apply on the day. A code known only by validity has an empty display.
    """

    system: str
    asked: str
    concept: Concept
    choice: ReleaseChoice
    ancestors: tuple[Concept, ...]
    children: tuple[str, ...]
    billable_below: int
    validity: Validity | None
    active: bool | None
    edits: tuple[str, ...] = ()
    replaced_by: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def notes(self) -> tuple[InheritedNote, ...]:
        """Return every note that applies to the code: its own, then those that stand above it, nearest first."""
        own = [InheritedNote(note, "") for note in self.concept.notes]
        return (*own, *(InheritedNote(note, above.code) for above in self.ancestors for note in above.notes))

    @property
    def chapter(self) -> str:
        """Return the chapter number the code stands in, '' where the release has no chapters (it came as an order file)."""
        top = self.ancestors[-1] if self.ancestors else self.concept
        return top.code if top.kind is Kind.CHAPTER else ""

    @property
    def block(self) -> str:
        """Return the block the code stands in, '' for a chapter."""
        if self.concept.own_block:
            return self.concept.code
        nearest = ""
        for above in self.ancestors:
            if above.own_block:
                return above.code
            if not nearest and above.kind is Kind.BLOCK:
                nearest = above.code
        return nearest


@dataclass(frozen=True, slots=True)
class NoSuchCode:
    """The answer for a code that the release does not have: why, and the release that was asked."""

    asked: str
    code: str
    choice: ReleaseChoice
    issue: Issue


@dataclass(frozen=True, slots=True)
class Validation:
    """Whether a code is right, and what is wrong with it where it is not; `display` '' where the title is not installed."""

    result: bool
    system: str
    code: str
    display: str
    version: str
    edition: str
    normalised: str = ""
    inactive: bool | None = None
    billable: bool | None = None
    issues: tuple[Issue, ...] = ()

    @property
    def message(self) -> str:
        """Return the texts of the errors (else of the warnings), joined with '; '."""
        errors = [issue.text for issue in self.issues if issue.severity == "error"]
        return "; ".join(errors or [issue.text for issue in self.issues if issue.severity == "warning"])


@dataclass(frozen=True, slots=True)
class Subsumption:
    """How two codes relate: equivalent, subsumes, subsumed-by or not-subsumed."""

    outcome: str
    choice: ReleaseChoice
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a match: the method, the code (or text) tried, and whether it hit."""

    method: str
    tried_system: str
    tried: str
    hit: bool


@dataclass(frozen=True, slots=True)
class MatchTrace:
    """How one requested code reached its answer.

    `outcome`: found, no-summary, unknown-code, wrong-system. `relation`: exact, inherited, mapped, text, none.
    `summary` is the id of the summary reached and `bound_code` the code it is bound to; `notice` says in one sentence what
    a reader must know (inherited from which level, mapped approximately); `advice` what to do about the code itself
    (billable or not, side missing, retired), from the code set alone; `also` are ids of further summaries that concern it.
    """

    requested_system: str
    requested: str
    normalised: str
    display: str
    release: str
    edition: str
    steps: tuple[Step, ...]
    outcome: str
    relation: str
    summary: str = ""
    summary_version: str = ""
    bound_code: str = ""
    notice: str = ""
    advice: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionView:
    """One section as a caller may see it. `empty_reason` ('' | unavailable | withheld) says why there are no statements.

    `withheld` counts statements that this caller may not see, `withdrawn` those that nobody sees any more.
    """

    code: str
    title: str
    statements: tuple[Statement, ...]
    empty_reason: str = ""
    notice: str = ""
    withheld: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class OtherPosition:
    """The other side of a conflict between sources: a statement, the summary that it stands in, and its sources."""

    summary: str
    statement: Statement
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class SummaryView:
    """A condition summary as one caller sees it: audience, language, sections and grades chosen, policy applied.

    `status` is draft, in-review, approved or stale; `banner` the sentence that must stand in every representation.
    `displays` holds the title of each code the summary is bound to. `subset` is true when the caller asked for a part.
    `opposed` has the statements that conflicts shown here name as the other side, by id, where this caller may see them.
    `version_id` and `changed` (an instant) name the version that this is a view of, '' where only its file does.
    For the audience `patient`, `patient_text` is set and `sections` holds only the safety sections.
    """

    summary: ConditionSummary
    release: Release
    edition: str
    audience: str
    language: str
    status: str
    banner: str
    intended_use: str
    sections: tuple[SectionView, ...]
    displays: dict[str, str] = field(default_factory=dict)
    patient_text: PatientText | None = None
    subset: bool = False
    language_notice: str = ""
    opposed: dict[str, OtherPosition] = field(default_factory=dict)
    version_id: str = ""
    changed: str = ""

    @property
    def version(self) -> str:
        """Return the id of the version: that of the file, unless the text served is another one than was released."""
        return self.version_id or self.summary.version

    @property
    def title(self) -> str:
        """Return the title in the language served, else in English."""
        return self.summary.title.get(self.language) or self.summary.title["en"]

    @property
    def withheld(self) -> int:
        """Return how many statements the policy withholds from this caller."""
        return sum(section.withheld for section in self.sections)


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a summary: its view, the instants from and until which it was served ('' still is), the version now."""

    view: SummaryView
    since: str
    until: str
    current: str


@dataclass(frozen=True, slots=True)
class Stub:
    """A definition that an operator imported: never reviewed by us, never part of a summary.

    `match` says how it reached the code (xref, label, umls, exact); `bound_code` the code it is about and `inherited` whether
    that is a code above the one asked, whose definition it then is. `text` '' is an identifier alone.
    """

    id: str
    name: str
    text: str
    grade: str
    source: str
    release: str
    licence: str
    attribution: str
    match: str
    bound_code: str
    url: str = ""
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class CodeCard:
    """What can be said about a code from the code set alone: `facts` are plain sentences, `choices` sharper codes.

    Each choice is (code, title). Notes, edits and validity are those of the lookup; `mappings` lead to other code systems.
    `stubs` are imported definitions, apart from everything else, with `stub_banner` on top. The card carries the same
    intended-use line as a summary.
    """

    lookup: Lookup
    facts: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]
    intended_use: str
    mappings: tuple[ConceptMapping, ...] = ()
    stubs: tuple[Stub, ...] = ()
    stub_banner: str = ""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The answer to 'what should a clinician know about these codes': a trace per code, the summaries, or a code card.

    `card` is that of the first known code, `cards` those of every known code without a summary.
    """

    traces: tuple[MatchTrace, ...]
    summaries: tuple[SummaryView, ...]
    card: CodeCard | None
    edition: str
    issues: tuple[Issue, ...] = ()
    cards: tuple[CodeCard, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """One side of a comparison: what was asked, and how it was found (None for the id of a summary).

    `summary` is the id of its summary, '' where it has none: then the card of the code is all there is.
    """

    asked: str
    summary: str
    trace: MatchTrace | None = None
    card: CodeCard | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """A statement of one condition that tells it from another; `against` is '' where it names no condition compared here."""

    summary: str
    against: str
    statement: Statement


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One section side by side: a cell for each view, None where the condition has no such section."""

    code: str
    title: str
    cells: tuple[SectionView | None, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two to six codes or conditions side by side. `views` has each condition once, in the order asked."""

    sides: tuple[Compared, ...]
    views: tuple[SummaryView, ...]
    features: tuple[Feature, ...]
    rows: tuple[ComparisonRow, ...]
    release: Release
    edition: str
    intended_use: str
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchReason:
    """Why a code was found for one part of a question.

    `field` is title, term, above (a title or term higher up in the tree), code, seventh-character, or the kind of the phrase
    that led there: lay, abbreviation, eponym, clinical, site, word, spelling, summary, related. `term` is what stands there;
    `corrected` is what was typed where that was read as something else.
    """

    field: str
    term: str
    corrected: str = ""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One code found. `kind` is category or subcategory; `active` is None where validity is not known for the day."""

    code: str
    display: str
    billable: bool
    kind: str
    score: float
    why: tuple[SearchReason, ...] = ()
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of what was found for a question, best first; `total` counts all of it.

    `corrected` are (typed, read as) pairs; `ignored` the words that no code was found with.
    """

    hits: tuple[SearchHit, ...]
    total: int
    choice: ReleaseChoice
    corrected: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundMatch:
    """A code that `$find-matches` found: the (property, value) that it lacks of those asked for, and why words found it."""

    code: str
    display: str
    lacking: tuple[tuple[str, str], ...] = ()
    why: tuple[SearchReason, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundMatches:
    """A page of what `$find-matches` found, best first; `total` counts all of it."""

    matches: tuple[FoundMatch, ...]
    total: int
    choice: ReleaseChoice
    issues: tuple[Issue, ...] = ()
