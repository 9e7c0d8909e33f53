"""The extensions that we define, one row each with its parts: from here come their StructureDefinitions. Data only.

A test walks everything that is served and fails on an extension, a part or a type that does not stand here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an extension: its types ('' where it has parts of its own), how often it may stand, and its meaning."""

    name: str
    types: tuple[str, ...]
    meaning: str
    min: int = 0
    max: str = "1"
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class ExtensionRow:
    """One extension: where it may stand (element paths), and its value type or its parts."""

    name: str
    title: str
    meaning: str
    contexts: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    type: str = ""


_S: Final = ("string",)
_C: Final = ("code",)
_B: Final = ("boolean",)
_D: Final = ("date",)
_SECTION: Final = ("Composition.section",)


def _one(name: str, types: tuple[str, ...], meaning: str) -> Part:
    return Part(name, types, meaning, 1)


def _many(name: str, types: tuple[str, ...], meaning: str) -> Part:
    return Part(name, types, meaning, 0, "*")


_TRACE: Final = (
    _one("requested", ("Coding",), "The code as the caller sent it."),
    Part("normalized", ("Coding",), "The code as it was understood, with title and release."),
    Part("release", _S, "The release that answered."),
    _one("edition", ("uri",), "The edition that answered."),
    Part(
        "step",
        (),
        "One try, in order.",
        0,
        "*",
        (
            _one("method", _C, "exact, ancestor, map, successor, index-term, synonym or title."),
            _one("tried", ("Coding", "string"), "What was looked for."),
            _one("result", _C, "hit or miss."),
        ),
    ),
    _many("context", _S, "What changed the order."),
    _one("outcome", _C, "found, no-summary, unknown-code or wrong-system."),
    _one("relation", _C, "How the summary's code relates to the one asked: exact, inherited, mapped, text or none."),
    Part("summary", ("canonical",), "The summary that answers."),
    _many("also", ("canonical",), "Another summary bound to the same code."),
    Part("bound-code", ("Coding",), "The code that the summary is bound to."),
    Part("notice", _S, "What a reader must be told about the relation."),
    _many("advice", _S, "What to do about the code."),
    Part(
        "issue",
        (),
        "A remark about the question.",
        0,
        "*",
        (
            _one("severity", _C, "As in OperationOutcome."),
            _one("detail", _C, "The kind of remark."),
            _one("text", _S, "The remark."),
        ),
    ),
)

_STATEMENT: Final = (
    _one("id", _S, "Id of the statement; the paragraph of the narrative with this id is its text."),
    _one("grade", _C, "A, B, C or D."),
    Part("source", _S, "Label of a source in the catalogue card.", 1, "*"),
    _many("seed", _S, "The public text that suggested it, and how the two relate."),
    Part(
        "window",
        (),
        "When it applies after the onset.",
        parts=(_one("from-weeks", ("integer",), "From this week."), _one("to-weeks", ("integer",), "To this week.")),
    ),
    Part(
        "form",
        (),
        "The statement describes one form of the condition.",
        parts=(
            _one("name", _S, "Name of the form."),
            _one("status", _C, "How well the form is established."),
            Part("cause", _S, "Its cause."),
            _many("code", _S, "A code of the form."),
        ),
    ),
    Part(
        "conflict",
        (),
        "Sources disagree: both positions are served.",
        parts=(
            _one("topic", _S, "What they disagree about."),
            _one("position", _S, "The position of this statement."),
            _many("other", _S, "Id of a statement with another position."),
            Part("note", _S, "What explains the difference."),
            Part(
                "other-position",
                (),
                "The other statement in full.",
                0,
                "*",
                (
                    _one("id", _S, "Id of the statement."),
                    _one("text", _S, "Its text."),
                    Part("position", _S, "Its position."),
                    _one("grade", _C, "Its grade."),
                    _many("source", _S, "Its sources."),
                    _one("summary", ("canonical",), "The summary that it stands in."),
                ),
            ),
        ),
    ),
    Part("review-by", _D, "It has to be reviewed by this day."),
)

EXTENSIONS: Final = (
    ExtensionRow(
        "match-trace",
        "Match trace",
        "How a requested code reached its answer: one for each requested code.",
        ("Meta",),
        _TRACE,
    ),
    ExtensionRow(
        "statement",
        "Statement",
        "One statement of a section as data: its id, grade, sources and the position in a conflict of sources.",
        _SECTION,
        _STATEMENT,
    ),
    ExtensionRow(
        "withheld-statements",
        "Withheld statements",
        "How many statements of the section are withheld from this reader.",
        _SECTION,
        type="unsignedInt",
    ),
    ExtensionRow(
        "withdrawn-statements",
        "Withdrawn statements",
        "How many statements of the section have been withdrawn for safety.",
        _SECTION,
        type="unsignedInt",
    ),
    ExtensionRow(
        "patient-text-based-on",
        "What a patient text is based on",
        "The statements of the summary for clinicians that a text for patients rests on.",
        ("Composition", "Composition.section"),
        (
            _one("summary", ("canonical",), "The summary for clinicians."),
            _many("statement", _S, "Id of a statement."),
            _one("status", _C, "Review status of the text."),
        ),
    ),
    ExtensionRow(
        "staging",
        "Staging scheme",
        "A published staging or classification scheme with its classes.",
        _SECTION,
        (
            _one("name", _S, "Name of the scheme."),
            _one("applies-to", _S, "What it is for."),
            Part(
                "class",
                (),
                "One class of the scheme.",
                1,
                "*",
                (_one("name", _S, "Name of the class."), _one("meaning", _S, "What it means.")),
            ),
            _many("source", _S, "Label of a source in the catalogue card."),
        ),
    ),
    ExtensionRow(
        "discriminating-feature",
        "Discriminating feature",
        "A statement that tells conditions apart when they are compared.",
        _SECTION,
        (
            _one("statement", _S, "Id of the statement."),
            _one("of", _S, "Id of the summary that it is about."),
            Part("against", _S, "Id of the summary that it tells it apart from."),
        ),
    ),
    ExtensionRow(
        "code-note",
        "Note of the tabular list",
        "One printed line below a code, block or chapter of the tabular list.",
        _SECTION,
        (
            _one("kind", _C, "The kind of note, such as excludes1."),
            _one("text", _S, "The line as printed."),
            _many("code", _S, "A code that the line cites, as written."),
            Part("inherited-from", _S, "The code, block or chapter that the line stands on, where that is above."),
        ),
    ),
    ExtensionRow(
        "code-validity",
        "Validity and edits of a code",
        "When the code is valid, and what the Medicare Code Editor checks.",
        _SECTION,
        (
            Part("valid-from", _D, "First valid day."),
            Part("valid-to", _D, "Last valid day."),
            _many("edit", _C, "An edit of the Medicare Code Editor."),
        ),
    ),
    ExtensionRow(
        "code-mapping",
        "Map of a code",
        "A row of a published map to another code system, with its quality.",
        _SECTION,
        (
            Part("target", ("Coding",), "The code in the other system."),
            _one("approximate", _B, "The two codes do not mean the same."),
            _one("no-map", _B, "The publisher says that there is no equivalent."),
            _one("combination", _B, "Only together with others is the target what the code means."),
        ),
    ),
    ExtensionRow(
        "imported-definition",
        "Imported definition",
        "A definition from an open source, as published and not reviewed.",
        _SECTION,
        (
            _one("id", _S, "Id in the source."),
            _one("name", _S, "Name in the source."),
            _one("source", _S, "The source."),
            Part("release", _S, "Its release."),
            Part("licence", _S, "Its licence."),
            Part("attribution", _S, "How it has to be named."),
            Part("bound-code", _S, "The code that the definition is of."),
            _one("match", _C, "How the source's own map relates the two."),
            _one("inherited", _B, "The definition is of a code above the one asked for."),
            Part("grade", _C, "Grade of the text."),
            Part("anchor", _S, "Id of its paragraph in the narrative."),
            Part("url", ("uri",), "Where it can be read."),
        ),
    ),
    ExtensionRow(
        "dsi-source-attributes",
        "Decision-support source attributes",
        "The source attributes of an evidence-based decision support intervention.",
        ("Library",),
        (
            _one("citation", _S, "Bibliographic citation."),
            _one("developer", _S, "Who made it."),
            _one("funding", _S, "Who paid for it."),
            _one("release-date", _D, "Day of its release."),
            _one("revision-date", _D, "Day of its last revision."),
            *(
                _one(use, _B, f"Whether {meaning} is used in it.")
                for use, meaning in (
                    ("race", "race"),
                    ("ethnicity", "ethnicity"),
                    ("language", "language"),
                    ("sexual-orientation", "sexual orientation"),
                    ("gender-identity", "gender identity"),
                    ("sex", "sex"),
                    ("date-of-birth", "date of birth"),
                    ("sdoh", "a social determinant of health"),
                    ("health-status", "a health status assessment"),
                )
            ),
        ),
    ),
    ExtensionRow(
        "condition-relation",
        "Relation to another condition",
        "A typed link from the condition of the card to another one.",
        ("Library",),
        (
            _one("kind", _C, "The kind of relation."),
            _one("target", _S, "The other condition."),
            _many("code", ("Coding",), "A code of the other condition."),
            Part("why", _S, "Why they are related."),
        ),
    ),
    ExtensionRow(
        "source-read",
        "How a source was read",
        "What kind of source it is, and how much of it the authors read.",
        ("RelatedArtifact",),
        (
            _one("type", _C, "The kind of source."),
            _one("read", _C, "How much of it was read."),
            Part("retrieved", _D, "When it was retrieved."),
            Part("doi", _S, "Its DOI."),
            Part("pmid", _S, "Its PubMed id."),
            Part("pmcid", _S, "Its PubMed Central id."),
        ),
    ),
    ExtensionRow(
        "remapped-code",
        "Code in another release",
        "What became of a coding in another release, written by `icdref remap` into resources of an EHR.",
        ("Coding", "CodeableConcept"),
        (
            _one("release", _S, "The release that was mapped to."),
            _one("relation", _C, "unchanged, replaced, split, header, not-yet-valid, deleted or unknown."),
            Part("billable", _B, "Whether the code is valid on a claim."),
            Part("validOnDate", _B, "Whether the code was valid on the day of the resource."),
            Part("title", _S, "Title of the code."),
            _many("replacement", ("Coding",), "A code in its place."),
            Part("summary", _S, "Id of the condition summary that applies."),
            Part("code", _C, "The code in its canonical spelling."),
        ),
    ),
)
