"""Hand-made results for the shaping tests: small, complete, and made of real words of the M61 family."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from icdref.codes import ICD10CM, SNOMED_CT
from icdref.issues import Issue
from icdref.model import (
    CodeBinding,
    Concept,
    ConditionSummary,
    Conflict,
    Kind,
    Note,
    NoteKind,
    PatientText,
    Person,
    Relation,
    Release,
    Review,
    SeedLink,
    SeventhCharacter,
    Source,
    SourceAttributes,
    Staging,
    StagingClass,
    Statement,
    Synonym,
    Validity,
    Window,
)
from icdref.results import (
    CodeCard,
    Knowledge,
    Lookup,
    MatchTrace,
    ReleaseChoice,
    SectionView,
    Step,
    SummaryView,
)

BASE_URL = "http://127.0.0.1:8080/fhir/r4"
EDITION = "3f1c9a7d20be"
ID = "myositis-ossificans-traumatica"
BANNER = "Draft: written by the software's authors, not reviewed by a clinician."
INTENDED_USE = "Reference only: not patient-specific advice, no dosing."

RELEASE = Release(
    ICD10CM,
    "2026-04-01",
    "ICD-10-CM fiscal year 2026, April update",
    "CDC/NCHS",
    date(2026, 4, 1),
    date(2026, 9, 30),
    2026,
    "Public domain (CDC/NCHS and CMS)",
    "https://www.cdc.gov/nchs/icd/icd-10-cm/",
    codes=98186,
    billable=74719,
)

BLOCK_NOTES = (
    Note(NoteKind.EXCLUDES1, "dermatopolymyositis (M33.-), myopathy in amyloidosis (E85.-)", ("M33.-", "E85.-")),
    Note(NoteKind.EXCLUDES2, "muscular dystrophies and myopathies (G71-G72)", ("G71-G72",)),
)
CHAPTER = Concept(
    "13",
    Kind.CHAPTER,
    "Diseases of the musculoskeletal system and connective tissue",
    "",
    False,
    notes=(Note(NoteKind.NOTE, "Use an external cause code following the code, if applicable"),),
)
BLOCK = Concept("M60-M63", Kind.BLOCK, "Disorders of muscles", "13", False, notes=BLOCK_NOTES)
M61 = Concept("M61", Kind.CATEGORY, "Calcification and ossification of muscle", "M60-M63", False)
M61_0 = Concept("M61.0", Kind.SUBCATEGORY, "Myositis ossificans traumatica", "M61", False)
M61_05 = Concept("M61.05", Kind.SUBCATEGORY, "Myositis ossificans traumatica, thigh", "M61.0", False)
M61_051 = Concept(
    "M61.051",
    Kind.SUBCATEGORY,
    "Myositis ossificans traumatica, right thigh",
    "M61.05",
    True,
    laterality="right",
    site="thigh",
)
MENIERE = Concept("H81.0", Kind.SUBCATEGORY, "Ménière's disease", "H81", False)
S52_50 = Concept(
    "S52.5",
    Kind.SUBCATEGORY,
    "Fracture of lower end of radius",
    "S52",
    False,
    seventh_characters=(SeventhCharacter("A", "initial encounter"), SeventhCharacter("D", "subsequent encounter")),
)
S52_501 = Concept("S52.501", Kind.SUBCATEGORY, "Unspecified fracture of the lower end of right radius", "S52.5", False)


def make_choice(**changes) -> ReleaseChoice:
    return replace(ReleaseChoice(RELEASE, EDITION, "today", date(2026, 5, 2)), **changes)


def make_lookup(**changes) -> Lookup:
    lookup = Lookup(
        system=ICD10CM,
        asked="m61051",
        concept=M61_051,
        choice=make_choice(),
        ancestors=(M61_05, M61_0, M61, BLOCK, CHAPTER),
        children=(),
        billable_below=0,
        validity=Validity("M61.051", date(2015, 10, 1), None),
        active=True,
        edits=("unspecified",),
        issues=(Issue("information", "business-rule", "code-normalised", "The code 'm61051' is written 'M61.051'", "code"),),
    )
    return replace(lookup, **changes)


SOURCES = (
    Source("savvidou2021", "Savvidou O, et al. EFORT Open Rev 2021;6:572-583.", "review", "excerpt", doi="10.1302/2058-5241"),
    Source(
        "genereviews-fop", "Fibrodysplasia <ossificans> & GeneReviews", "reference-work", "full", url="https://x.org/a?b=1&c=2"
    ),
    Source("bennett2013", "Bennett DL. Case 87.", "case-series", "excerpt", url="http://x.org/plain", retrieved=date(2026, 1, 2)),
    Source("pmc1", "A review.", "review", "abstract", pmcid="PMC7555688", ceiling="B"),
    Source("pm1", "Another review.", "review", "abstract", pmid="28780628"),
    Source("icd10cm-tabular", "ICD-10-CM Tabular List, FY2026 April 1 update (CDC/NCHS).", "classification", "full"),
    Source("unused2000", "Never cited by a shown statement.", "review", "full", doi="10.1/x"),
)

STATEMENTS = (
    Statement("mot.red.1", "red-flags", "Refer if the mass keeps growing & shows no rim of bone.", "D", ("savvidou2021",)),
    Statement(
        "mot.never.1",
        "never-do",
        "While fibrodysplasia ossificans progressiva is possible: no biopsy, no intramuscular injection and no excision.",
        "B",
        ("genereviews-fop", "pmc1"),
        seeds=(SeedLink("seed-001", "conflicts", ("1.05",), "no warning"),),
    ),
    Statement(
        "mot.def.1", "definition", "A benign mass of bone that forms in soft tissue after an injury.", "B", ("savvidou2021",)
    ),
    Statement(
        "mot.img.2",
        "imaging-timeline",
        "Mineral usually becomes visible on plain films from about 3 to 6 weeks after the injury.",
        "B",
        ("bennett2013", "pm1"),
        window=Window(3, 6),
        conflict=Conflict("first visible mineral", "3 to 6 weeks", ("mot.img.3",), "another source says weeks 4 to 10"),
    ),
    Statement("mot.tx.1", "treatment", "Rest the muscle first, then move it without pain.", "B", ("savvidou2021",)),
    Statement("mot.code.1", "coding", "Code to site and side.", "A", ("icd10cm-tabular",)),
)

PATIENT_BODY = """## What is it?

After a hard knock, bone can grow inside a *bruised* muscle.

## When should I call?

- the lump keeps growing
- it hurts [more](https://example.org/more)
"""

PATIENT_TEXT = PatientText(ID, "en", "draft", 7.0, ("mot.def.1", "mot.red.1"), PATIENT_BODY)

SUMMARY = ConditionSummary(
    id=ID,
    version="0.2.0",
    status="draft",
    language="en",
    title={"en": "Traumatic myositis ossificans"},
    synonyms=(
        Synonym("myositis ossificans traumatica", "official"),
        Synonym("post-traumatic myositis ossificans", "clinical"),
        Synonym("myositis ossificans", "related"),
    ),
    codes=(
        CodeBinding(ICD10CM, "M61.0", "self-and-descendants", "focus", "2026-04-01"),
        CodeBinding(SNOMED_CT, "70917000", "self", "equivalent"),
    ),
    relations=(
        Relation("is-variant-of", "muscle-calcification-ossification", ("M61",)),
        Relation("differential-of", "soft-tissue-sarcoma", ("C49",), "mot.ddx.1"),
    ),
    statements=STATEMENTS,
    stagings=(Staging("Brooker", "hip", (StagingClass("I", "islands of bone"),), ("savvidou2021",)),),
    review=Review((Person("icdref authors", "drafting author (not a clinician)"),), review_interval_months=24),
    attributes=SourceAttributes("this file", "icdref project", "none declared", date(2026, 11, 22), date(2026, 11, 22)),
    licence="CC-BY-4.0",
    code_licence="ICD-10-CM titles and notes: public domain, CDC/NCHS and CMS",
    patient_texts=(PATIENT_TEXT,),
    sources=SOURCES,
)

_TITLES = {
    "red-flags": "Red flags",
    "never-do": "Never do",
    "definition": "Definition",
    "imaging-timeline": "Imaging timeline",
    "treatment": "Treatment",
    "coding": "Coding",
}


def make_sections(*codes: str) -> tuple[SectionView, ...]:
    return tuple(SectionView(code, _TITLES[code], SUMMARY.in_section(code)) for code in codes or _TITLES)


def make_view(**changes) -> SummaryView:
    view = SummaryView(
        summary=SUMMARY,
        release=RELEASE,
        edition=EDITION,
        audience="clinician",
        language="en",
        status="draft",
        banner=BANNER,
        intended_use=INTENDED_USE,
        sections=(
            *make_sections(),
            SectionView("epidemiology", "Epidemiology", (), "unavailable", "No citable fact was found."),
        ),
        displays={"M61.0": "Myositis ossificans traumatica"},
    )
    return replace(view, **changes)


def make_withheld_view() -> SummaryView:
    sections = tuple(
        SectionView("treatment", "Treatment", (), "withheld", "Sign in at https://example.org/access", 4)
        if section.code == "treatment"
        else section
        for section in make_sections()
    )
    return make_view(sections=sections)


def make_patient_view(**changes) -> SummaryView:
    view = make_view(audience="patient", patient_text=PATIENT_TEXT, sections=make_sections("red-flags", "never-do"))
    return replace(view, **changes)


def make_approved_view() -> SummaryView:
    review = replace(
        SUMMARY.review,
        reviewers=(Person("Dr A. Reviewer", "orthopaedic surgeon", date(2026, 12, 1)),),
        last_reviewed=date(2026, 12, 1),
        next_review_due=date(2028, 12, 1),
    )
    summary = replace(SUMMARY, status="approved", version="1.0.0", review=review)
    summary = replace(summary, attributes=replace(SUMMARY.attributes, revision_date=date(2026, 12, 1), uses=("sex",)))
    return make_view(summary=summary, status="approved", banner="Reviewed by Dr A. Reviewer, orthopaedic surgeon, 2026-12-01.")


def make_trace(**changes) -> MatchTrace:
    trace = MatchTrace(
        requested_system=ICD10CM,
        requested="m61051",
        normalised="M61.051",
        display="Myositis ossificans traumatica, right thigh",
        release="2026-04-01",
        edition=EDITION,
        steps=(
            Step("exact", ICD10CM, "M61.051", False),
            Step("ancestor", ICD10CM, "M61.05", False),
            Step("ancestor", ICD10CM, "M61.0", True),
        ),
        outcome="found",
        relation="inherited",
        summary=ID,
        summary_version="0.2.0",
        bound_code="M61.0",
        notice="From M61.0, two levels up.",
        advice=("M61.051 is billable.",),
    )
    return replace(trace, **changes)


UNKNOWN_TRACE = make_trace(
    requested="M61.999",
    normalised="",
    display="",
    steps=(Step("exact", ICD10CM, "M61.999", False),),
    outcome="unknown-code",
    relation="none",
    summary="",
    summary_version="",
    bound_code="",
    notice="",
    advice=(),
    issues=(Issue("error", "code-invalid", "unknown-code", "Unknown code 'M61.999'", "code", "invalid-code"),),
)


NO_SUMMARY_TRACE = make_trace(
    requested="G82.20",
    normalised="G82.20",
    display="Paraplegia, unspecified",
    steps=(Step("exact", ICD10CM, "G82.20", False), Step("ancestor", ICD10CM, "G82.2", False)),
    outcome="no-summary",
    relation="none",
    summary="",
    summary_version="",
    bound_code="",
    notice="There is no condition summary for G82.20.",
)

PARAPLEGIA = Concept("G82.20", Kind.SUBCATEGORY, "Paraplegia, unspecified", "G82.2", True)


def make_card(**changes) -> CodeCard:
    card = CodeCard(
        make_lookup(),
        ("M61.051 is billable in ICD-10-CM 2026-04-01.", "Excludes1 at M60-M63: dermatopolymyositis (M33.-)."),
        (("M61.052", "Myositis ossificans traumatica, left thigh"),),
        INTENDED_USE,
    )
    return replace(card, **changes)


def make_knowledge(**changes) -> Knowledge:
    traces = (make_trace(), NO_SUMMARY_TRACE, UNKNOWN_TRACE)
    card = make_card(lookup=make_lookup(concept=PARAPLEGIA))
    knowledge = Knowledge(traces, (make_view(),), card, EDITION, cards=(card,))
    return replace(knowledge, **changes)
