"""What every resource of a condition summary says alike: what it is about, its status, its standing, where sources are."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from urllib.parse import quote

from icdref.fhir.canonical import AUDIENCE_SYSTEM, edition_uri
from icdref.fhir.datatypes import coding, instant, usage_context
from icdref.model import CodeBinding, ConditionForm, Source
from icdref.results import SummaryView

PUBLISHER: Final = "icdref"
AUTHORS: Final = "icdref authors"

USES: Final = (
    "race",
    "ethnicity",
    "language",
    "sexual-orientation",
    "gender-identity",
    "sex",
    "date-of-birth",
    "sdoh",
    "health-status",
)
"""The patient attributes whose use a decision-support intervention must declare, 45 CFR 170.315(b)(11)."""

_PUBLISHED: Final = frozenset({"approved", "stale"})
_VALUE_FLAGS: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"


def is_published(view: SummaryView) -> bool:
    """Tell whether a clinician has approved the text; stale text was approved and is overdue for review."""
    return view.status in _PUBLISHED


def publication_status(view: SummaryView) -> dict[str, Any]:
    """Return `status` and `experimental` as Library and ValueSet carry them."""
    return {"status": "active" if is_published(view) else "draft", "experimental": not is_published(view)}


def bindings(view: SummaryView) -> tuple[CodeBinding, ...]:
    """Return the codes that the summary is about, in the code system of the release: focus, else context."""
    own = [each for each in view.summary.codes if each.system == view.release.system]
    return tuple([each for each in own if each.role == "focus"] or [each for each in own if each.role == "context"])


def binding_coding(view: SummaryView, binding: CodeBinding, *, versioned: bool = True) -> dict[str, Any]:
    """Return a code that the summary is about, with its title and, where asked, the release."""
    version = view.release.version if versioned else ""
    return coding(binding.system, binding.code, view.displays.get(binding.code, ""), version)


def audience_coding(view: SummaryView) -> dict[str, Any]:
    """Return the audience as a Coding: clinician or patient."""
    return coding(AUDIENCE_SYSTEM, view.audience, view.audience.capitalize())


def use_contexts(view: SummaryView) -> list[dict[str, Any]]:
    """Return `useContext`: one focus for each code, and the audience."""
    focus = [
        usage_context("focus", "Clinical Focus", binding_coding(view, binding, versioned=False)) for binding in bindings(view)
    ]
    return [*focus, usage_context("user", "User Type", audience_coding(view))]


def meta(view: SummaryView) -> dict[str, Any]:
    """Return `meta` of a resource of the summary: version, last change, edition; never the clock."""
    return {
        "versionId": view.version,
        "lastUpdated": view.changed or instant(revised(view)),
        "source": edition_uri(view.edition),
    }


def flags(view: SummaryView) -> dict[str, Any]:
    """Return `security` and `tag` of the text: REDACTED where a policy withholds, SUBSETTED where only a part was asked."""
    shaped: dict[str, Any] = {}
    if view.withheld:
        shaped["security"] = [coding(_VALUE_FLAGS, "REDACTED", "redacted")]
    if view.subset:
        shaped["tag"] = [coding(_VALUE_FLAGS, "SUBSETTED", "subsetted")]
    return shaped


def revised(view: SummaryView) -> date:
    """Return the day of the last change to the text."""
    return view.summary.attributes.revision_date


def standing(view: SummaryView) -> list[str]:
    """Return the sentences that say how far the text may be trusted; every narrative of a summary carries them."""
    review = view.summary.review
    if is_published(view) and review.last_reviewed:
        people = "; ".join(f"{person.name}, {person.role}" for person in review.reviewers)
        last_reviewed = f"Last reviewed: {review.last_reviewed.isoformat()} by {people}."
    else:
        last_reviewed = "Last reviewed: never."
    sentences = [
        view.banner,
        view.intended_use,
        last_reviewed,
        _next_look(view),
        f"Content version {view.summary.version}, revised {revised(view).isoformat()};"
        f" codes of {view.release.title} ({view.release.version}); edition {view.edition}.",
        attributes_line(view),
        view.language_notice,
    ]
    return [sentence for sentence in sentences if sentence]


def attributes_line(view: SummaryView) -> str:
    """Return the 13 decision-support source attributes in one sentence; the release and revision dates are one of them."""
    given = view.summary.attributes
    used = [use for use in USES if use in given.uses]
    unused = [use for use in USES if use not in given.uses]
    parts = [f"citation: {given.citation.rstrip('.')}", f"developer: {given.developer}", f"funding: {given.funding}"]
    parts.append(f"released {given.release_date.isoformat()}, revised {given.revision_date.isoformat()}")
    parts += [f"selection uses {', '.join(used)}"] if used else []
    parts += [f"selection does not use {', '.join(unused)}"] if unused else []
    return f"Source attributes: {'; '.join(parts)}."


def _next_look(view: SummaryView) -> str:
    review = view.summary.review
    due = review.next_review_due or review.next_check_due
    what = "review" if review.next_review_due else "check"
    parts = [f"Next {what} due {due.isoformat()}"] if due else []
    parts += [f"{'expires' if due else 'Expires'} {review.expires.isoformat()}"] if review.expires else []
    return "; ".join(parts) + "." if parts else ""


def cited_sources(view: SummaryView) -> tuple[Source, ...]:
    """Return the sources of every statement and staging of the summary, by id, whether or not the statement is shown.

    Sources are never withheld: they are what lets a reader check the text. Those of the other side of a conflict are with
    them.
    """
    summary = view.summary
    cited = {label for statement in summary.statements for label in statement.sources}
    cited |= {label for staging in summary.stagings for label in staging.sources}
    found = {source.id: source for source in summary.sources if source.id in cited}
    found |= {source.id: source for other in view.opposed.values() for source in other.sources}
    return tuple(found[identifier] for identifier in sorted(found))


def source_url(source: Source) -> str:
    """Return where a source can be read: DOI before PubMed before PubMed Central before its URL; '' where none is known.

    >>> source_url(Source("x", "", "review", "full", doi="10.1302/2058-5241.6.210002", pmid="1"))
    'https://doi.org/10.1302/2058-5241.6.210002'
    """
    if source.doi:
        return "https://doi.org/" + quote(source.doi, safe="/:;().-_")
    if source.pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{source.pmid}/"
    if source.pmcid:
        return f"https://pmc.ncbi.nlm.nih.gov/articles/{source.pmcid}/"
    return quote(source.url, safe="/:;().-_~?#[]@!$&'*+,=%")


def identifiers(source: Source) -> str:
    """Return every identifier of a source in one line, '' where it has none.

    >>> identifiers(Source("x", "", "review", "full", doi="10.1/x", pmid="38037601", pmcid="PMC10688266"))
    'DOI 10.1/x, PMID 38037601, PMC10688266'
    """
    found = [f"DOI {source.doi}"] if source.doi else []
    found += [f"PMID {source.pmid}"] if source.pmid else []
    return ", ".join([*found, source.pmcid] if source.pmcid else found)


def form_line(form: ConditionForm) -> str:
    """Return what a form is in one line: its name, whether only older texts tell it apart, its cause and its codes today.

    >>> form_line(ConditionForm("multiple muscular form", "historical", codes=("M61.29",)))
    'Form: multiple muscular form (historical); today: M61.29'
    """
    where = "today" if form.status == "historical" else "codes"
    parts = [f"Form: {form.name}" + (" (historical)" if form.status == "historical" else "")]
    parts += [f"cause: {form.cause}"] if form.cause else []
    parts.append(f"{where}: {', '.join(form.codes) if form.codes else 'no code of its own'}")
    return "; ".join(parts)


def seed_line(view: SummaryView) -> str:
    """Return how far the summary rests on the web pages that the work began from; '' for patients, who see none of it."""
    statements = view.summary.statements
    touched = sum(bool(statement.seeds) for statement in statements)
    if view.audience == "patient" or not touched:
        return ""
    alone = [each for each in statements if all(source.startswith("seed-") for source in each.sources)]
    above = sum(each.grade != "D" for each in alone)
    verb = "is" if touched == 1 else "are"
    return (
        f"{touched} of {len(statements)} statements {verb} touched by seed pages, the web pages that this work began from;"
        f" {above or 'none'} rests on a seed page alone above grade D."
    )
