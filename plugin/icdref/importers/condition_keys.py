"""The keys and vocabularies of the files that people write: condition summaries, sources and patient texts.

One declaration serves the reader, its messages and the JSON Schema for editors.
"""

from __future__ import annotations

from typing import Final

from icdref.importers.tables import LANGUAGE, Form, Key
from icdref.model import SECTIONS

SUMMARY_SCHEMA: Final = "condition-summary/1"
SOURCES_SCHEMA: Final = "sources/1"

STATUSES: Final = ("draft", "in-review", "approved", "retired")
SYNONYM_KINDS: Final = ("official", "clinical", "lay", "eponym", "abbreviation", "related")
MATCHES: Final = ("self", "self-and-descendants")
ROLES: Final = ("focus", "equivalent", "context")
RELATION_KINDS: Final = ("is-variant-of", "differential-of", "complication-of", "caused-by", "coded-with")
SEED_RELATIONS: Final = ("origin", "agrees", "conflicts")
GRADES: Final = ("A", "B", "C", "D")
WITHHELD: Final = "X"
"""The grade of a statement that is never served; such a statement stands in the quarantine, never in a summary."""

WRITTEN_SECTIONS: Final = tuple(code for code, _ in SECTIONS if code != "references")
"""The sections that statements may stand in; the references are generated from the sources."""

SOURCE_TYPES: Final = (
    *("classification", "guideline", "systematic-review", "trial", "label", "review", "cohort", "case-control", "textbook"),
    *("case-series", "narrative", "reference-work", "case-report", "secondary-web", "unattributed-web"),
)
READS: Final = ("full", "abstract", "excerpt", "metadata")
PERSONAL_DATA: Final = (
    *("race", "ethnicity", "language", "sexual-orientation", "gender-identity", "sex", "date-of-birth", "sdoh"),
    "health-status",
)

SLUG: Final = "[a-z0-9]+(-[a-z0-9]+)*"
STATEMENT_ID: Final = r"[a-z][a-z0-9]*\.[a-z][a-z0-9-]*\.[0-9]+"
VERSION: Final = r"[0-9]+\.[0-9]+\.[0-9]+"
CLAIM_ID: Final = r"[0-9]+\.[0-9]+"


def _text(
    name: str, meaning: str, *, required: bool = True, among: tuple[str, ...] = (), pattern: str = "", hint: str = ""
) -> Key:
    return Key(name, Form.TEXT, meaning, required, among, pattern, hint=hint)


_SEED_LINK = (
    _text("id", "the id of the seed page in sources.toml", pattern=SLUG),
    _text("relation", "how the statement stands to the page: origin, agrees or conflicts", among=SEED_RELATIONS),
    Key("claims", Form.TEXTS, "the ids of the page's claims in the claim register", required=True),
    _text("note", "what the page says differently, in our own words", required=False),
)

_WINDOW = (
    Key("from_weeks", Form.WHOLE, "first week after onset in which the statement holds", required=True),
    Key("to_weeks", Form.WHOLE, "last week after onset in which the statement holds", required=True),
)

_CONFLICT = (
    _text("topic", "what the sources disagree about; the same words on both sides"),
    _text("position", "the position of this statement, in a few words"),
    Key("other", Form.TEXTS, "the statement ids of the other positions", required=True),
    _text("note", "why the positions differ: populations, methods, dates", required=False),
)

FORM_STATUSES: Final = ("current", "historical")

_FORM = (
    _text("name", "the name of the form"),
    _text("status", "current, or historical for a form that only older texts tell apart", among=FORM_STATUSES),
    _text("cause", "the cause that sets it apart, in a few words that the text says too", required=False),
    Key("codes", Form.TEXTS, "the ICD-10-CM codes it has today; empty where it has none of its own", required=True),
)

STATEMENT: Final = (
    _text("id", "a statement id such as mot.tx.1, never used before", pattern=STATEMENT_ID),
    _text("section", "the section the statement stands in", among=WRITTEN_SECTIONS),
    _text("text", "one claim in one sentence of at most 40 words"),
    _text("grade", "the grade A, B, C or D", among=GRADES, hint="; withheld claims (X) stand in quarantine/"),
    Key("sources", Form.TEXTS, "the ids of the sources in sources.toml that support the statement", required=True),
    Key("seeds", Form.TABLES, "how the statement stands to the seed pages", keys=_SEED_LINK),
    Key("window", Form.TABLE, "the weeks after onset during which the statement holds", keys=_WINDOW),
    Key("conflict", Form.TABLE, "one position of a disagreement between sources", keys=_CONFLICT),
    Key("form", Form.TABLE, "the form of the condition that the statement describes", keys=_FORM),
    _text("needs", "what the statement still lacks", required=False),
    Key("review_by", Form.DATE, "the last day on which the statement may stand unchecked"),
)

_SYNONYM = (
    _text("text", "a name of the condition"),
    _text("kind", "the kind of the name", among=SYNONYM_KINDS),
    _text("lang", "the two-letter language of the name", required=False, pattern=LANGUAGE),
)

_CODE = (
    _text("system", "the URI of the code system", pattern=r"https?://\S+"),
    _text("code", "the code as its code system writes it", pattern=r"\S+"),
    _text("match", "whether the codes below are meant too", among=MATCHES),
    _text("role", "how the summary stands to the code", among=ROLES),
    _text(
        "release", "the release of the code system that the code was read in", required=False, pattern=r"[0-9]{4}(-[0-9]{2}){2}"
    ),
)

_RELATION = (
    _text("kind", "the kind of relation", among=RELATION_KINDS),
    _text("target", "the id of the other condition", pattern=SLUG),
    Key("codes", Form.TEXTS, "the ICD-10-CM codes of the other condition"),
    _text("why", "the id of the statement that gives the reason", required=False, pattern=STATEMENT_ID),
)

_STAGE = (_text("name", "the name of the class"), _text("meaning", "what the class means"))

_STAGING = (
    _text("name", "the name of the staging"),
    _text("applies_to", "what the staging was made for"),
    Key("classes", Form.TABLES, "the classes, in order", required=True, keys=_STAGE),
    Key("sources", Form.TEXTS, "the ids of the sources in sources.toml", required=True),
)

_AUTHOR = (_text("name", "the name of the author"), _text("role", "the role of the author"))

_REVIEWER = (
    _text("name", "the name of a person"),
    _text("role", "the clinical role of the reviewer"),
    Key("date", Form.DATE, "the day of the review"),
)

_REVIEW = (
    Key("authors", Form.TABLES, "who wrote the summary", required=True, keys=_AUTHOR),
    Key("reviewers", Form.TABLES, "who reviewed it: named persons, none of them an author", required=True, keys=_REVIEWER),
    Key("review_interval_months", Form.WHOLE, "the months between two reviews", required=True),
    Key("last_reviewed", Form.DATE, "the day of the last clinical review"),
    Key("next_review_due", Form.DATE, "the last day before the review is overdue"),
    _text("approved_digest", "the SHA-256 of the approved statements", required=False, pattern="[0-9a-f]{64}"),
    Key("last_checked", Form.DATE, "the day the authors last compared the text with its sources"),
    Key("next_check_due", Form.DATE, "the day by which they must do so again"),
    Key("expires", Form.DATE, "the last day on which the text is served"),
)

_DSI = (
    _text("citation", "how to cite the summary"),
    _text("developer", "who developed it"),
    _text("funding", "who paid for it"),
    Key("release_date", Form.DATE, "the day of the first release", required=True),
    Key("revision_date", Form.DATE, "the day of the last revision", required=True),
    Key("uses", Form.TEXTS, "which personal data the selection of the summary reads", required=True, among=PERSONAL_DATA),
)

_LICENCE = (
    _text("text", "the licence of our text"),
    _text("code_text", "the licence of the code titles and notes"),
)

_RETIRED = (
    _text("id", "the id of the statement taken out", pattern=STATEMENT_ID),
    _text("reason", "why it was taken out"),
    _text("replaced_by", "the id of the statement that took its place", required=False, pattern=STATEMENT_ID),
)

SUMMARY: Final = (
    _text("schema", f'"{SUMMARY_SCHEMA}"', among=(SUMMARY_SCHEMA,)),
    _text("id", "the id of the summary: small letters, digits and hyphens, the same as the file name", pattern=SLUG),
    _text("version", "the version of the summary, such as 0.1.0", pattern=VERSION),
    _text("status", "the review status", among=STATUSES),
    _text("language", "the two-letter language of the statements", pattern=LANGUAGE),
    _text("replaced_by", "the id of the summary that replaces a retired one", required=False, pattern=SLUG),
    Key("sections_without_source", Form.TEXTS, "sections for which no citable fact was found", among=WRITTEN_SECTIONS),
    Key("title", Form.BY_LANGUAGE, "the title by language", required=True),
    Key("synonym", Form.TABLES, "the names of the condition", required=True, keys=_SYNONYM),
    Key("code", Form.TABLES, "the codes that the summary speaks about", required=True, keys=_CODE),
    Key("relation", Form.TABLES, "typed links to other conditions", keys=_RELATION),
    Key("statement", Form.TABLES, "the claims, one table each", required=True, keys=STATEMENT),
    Key("staging", Form.TABLES, "published staging schemes", keys=_STAGING),
    Key("retired", Form.TABLES, "released statements that were taken out; their ids are never used again", keys=_RETIRED),
    Key("review", Form.TABLE, "who wrote and reviewed the summary, and when", required=True, keys=_REVIEW),
    Key("dsi", Form.TABLE, "the decision-support source attributes of 45 CFR 170.315(b)(11)", required=True, keys=_DSI),
    Key("licence", Form.TABLE, "the licences", required=True, keys=_LICENCE),
)

SOURCE: Final = (
    _text("id", "a short id such as walczak2015", pattern=SLUG),
    _text("citation", "the citation"),
    _text("type", "the kind of source, which limits the grade", among=SOURCE_TYPES),
    _text("read", "what of it was read", among=READS),
    _text("doi", "the DOI without an address in front, such as 10.5435/JAAOS-D-14-00269", required=False),
    _text("pmid", "the PubMed number", required=False),
    _text("pmcid", "the PubMed Central number, such as PMC10688266", required=False),
    _text("url", "the web address", required=False),
    Key("retrieved", Form.DATE, "the day the web address was read"),
    _text("file", "the name of the file that was read", required=False),
    _text("ceiling", "a lower limit for the grade than the type gives", required=False, among=(*GRADES, WITHHELD)),
    _text("licence", 'the licence; without it "cite-only"', required=False),
    Key("last_update", Form.STAMP, "when the page says it was last changed"),
    _text("quarantine", "why nothing may rest on this source", required=False),
    _text("needs", "what is missing in this entry", required=False),
)

SOURCES: Final = (
    _text("schema", f'"{SOURCES_SCHEMA}"', among=(SOURCES_SCHEMA,)),
    Key("source", Form.TABLES, "the sources, one table each", required=True, keys=SOURCE),
)

_PART = (
    _text("heading", "a heading of the text, without ##"),
    Key("based_on", Form.TEXTS, "the ids of the statements that the text under it rests on", required=True),
)

PATIENT_TEXT: Final = (
    _text("summary", "the id of the summary", pattern=SLUG),
    _text("language", "the two-letter language of the text", pattern=LANGUAGE),
    _text("status", "the review status of the text", among=STATUSES),
    Key("target_grade", Form.NUMBER, "the reading grade that the text must not exceed", required=True),
    Key("based_on", Form.TEXTS, "the ids of the statements that the text rests on", required=True),
    Key("part", Form.TABLES, "which statements each heading rests on, in the order of the text", keys=_PART),
)
