"""Rules 15, 19 and 20: who reviewed a summary and when, what every summary must hold, and what the calendar says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from icdref.compiler.content.context import Context, fault
from icdref.compiler.content.digest import approved_digest
from icdref.compiler.content.words import folded_words
from icdref.importers.condition_keys import WRITTEN_SECTIONS
from icdref.importers.faults import WARNING, Fault, shown
from icdref.model import ConditionSummary, Person

REQUIRED_SECTIONS = ("red-flags", "never-do", "definition", "coding")

_TITLES = frozenset({"dr", "md", "prof", "phd", "do", "rn", "mr", "mrs", "ms", "dipl", "med", "frcs", "mbbs"})
_NOT_A_PERSON = frozenset(
    {"ai", "assistant", "author", "authors", "bot", "board", "committee", "department", "editor", "editors", "icdref"}
    | {"model", "project", "reviewer", "reviewers", "software", "staff", "system", "team"}
)


def honest_status(context: Context) -> Iterator[Fault]:
    """Yield summaries whose review data does not bear out their status (rule 15)."""
    for summary in context.library.summaries:
        yield from _STATUS_RULES[summary.status](summary, context)
        yield from _people(summary)
        yield from _order_of_dates(summary)


def _approved(summary: ConditionSummary, _: Context) -> Iterator[Fault]:
    review = summary.review
    if not review.reviewers:
        fix = 'name the reviewer, or status = "draft"'
        yield fault(summary, "review.reviewers", "[]", "is approved without a reviewer", fix, rule=15)
    for reviewer in review.reviewers:
        if reviewer.date is None:
            message = f"reviewer {shown(reviewer.name)} has no date"
            yield fault(summary, "review.reviewers", reviewer.name, message, "add date, the day of the review", rule=15)
    for key, value in (("last_reviewed", review.last_reviewed), ("next_review_due", review.next_review_due)):
        if value is None:
            yield fault(summary, f"review.{key}", "", f"is approved without {key}", f"add {key}", rule=15)
    if review.review_interval_months < 1:
        months = review.review_interval_months
        yield fault(summary, "review.review_interval_months", months, f"is {months}", "write the months between reviews", rule=15)
    if review.approved_digest != approved_digest(summary):
        message = "the statements are not those that were approved (approved_digest differs)"
        fix = f'status = "in-review" until they are reviewed again; then approved_digest = "{approved_digest(summary)}"'
        yield fault(summary, "review.approved_digest", review.approved_digest, message, fix, rule=15)


def _draft(summary: ConditionSummary, _: Context) -> Iterator[Fault]:
    review = summary.review
    for key in ("reviewers", "last_reviewed", "next_review_due", "approved_digest"):
        if getattr(review, key):
            message = f"is a draft and has {key}"
            fix = f'take {key} out, or status = "in-review"'
            yield fault(summary, f"review.{key}", getattr(review, key), message, fix, rule=15)
    yield from _check_dates(summary)


def _in_review(summary: ConditionSummary, _: Context) -> Iterator[Fault]:
    if not summary.review.reviewers:
        fix = 'name who has begun the review, or status = "draft"'
        yield fault(summary, "review.reviewers", "[]", "is in review without a reviewer", fix, rule=15)
    yield from _check_dates(summary)


def _check_dates(summary: ConditionSummary) -> Iterator[Fault]:
    for key in ("last_checked", "next_check_due", "expires"):
        if getattr(summary.review, key) is None:
            message = f"is {shown(summary.status)} and has no {key}"
            yield fault(summary, f"review.{key}", "", message, f"add {key}", rule=15)


def _retired(summary: ConditionSummary, context: Context) -> Iterator[Fault]:
    if summary.replaced_by not in {active.id for active in context.active}:
        message = f"is retired, but replaced_by {shown(summary.replaced_by)} is no summary in use"
        yield fault(summary, "replaced_by", summary.replaced_by, message, "name the summary that took its place", rule=15)


_STATUS_RULES = {"approved": _approved, "draft": _draft, "in-review": _in_review, "retired": _retired}


def normalised_name(name: str) -> tuple[str, ...]:
    """Return the parts of a person's name without titles, case, accents and order, for comparing persons.

    >>> normalised_name("Dr. Zoë Quinn, MD") == normalised_name("Quinn, Zoe")
    True
    """
    return tuple(sorted(word for word in folded_words(name) if word not in _TITLES))


def _people(summary: ConditionSummary) -> Iterator[Fault]:
    authors = {normalised_name(author.name) for author in summary.review.authors}
    for reviewer in summary.review.reviewers:
        where = "review.reviewers"
        if normalised_name(reviewer.name) in authors:
            message = f"reviewer {shown(reviewer.name)} is also an author"
            yield fault(summary, where, reviewer.name, message, "name a second person", rule=15)
        if not _names_a_person(reviewer):
            message = f"reviewer {shown(reviewer.name)} is not the full name of a person"
            yield fault(summary, where, reviewer.name, message, "write the first and last name of the reviewer", rule=15)


def _names_a_person(person: Person) -> bool:
    parts = normalised_name(person.name)
    return len(parts) >= 2 and not _NOT_A_PERSON & set(parts)


def _order_of_dates(summary: ConditionSummary) -> Iterator[Fault]:
    review = summary.review
    orders: tuple[tuple[tuple[str, date | None], ...], ...] = (
        (("last_checked", review.last_checked), ("next_check_due", review.next_check_due), ("expires", review.expires)),
        (("last_reviewed", review.last_reviewed), ("next_review_due", review.next_review_due), ("expires", review.expires)),
        (("release_date", summary.attributes.release_date), ("revision_date", summary.attributes.revision_date)),
    )
    for order in orders:
        known = [(key, day) for key, day in order if day is not None]
        for (first, earlier), (second, later) in pairwise(known):
            if later < earlier:
                message = f"{second} {later} is before {first} {earlier}"
                yield fault(summary, second, later, message, "correct one of the two", rule=15)


def complete_sections(context: Context) -> Iterator[Fault]:
    """Yield summaries without a required section, and sections that are silently empty (rule 19)."""
    for summary in context.active:
        written = {statement.section for statement in summary.statements}
        for section in REQUIRED_SECTIONS:
            if section not in written:
                message = f"there is no statement in {section}"
                yield fault(summary, section, section, message, f"add a statement to {section}", rule=19)
        for section in summary.sections_without_source:
            if section in written:
                message = f"{section} has statements and is listed as without a source"
                yield fault(summary, "sections_without_source", section, message, f"take {section} out of the list", rule=19)
        silent = set(WRITTEN_SECTIONS) - written - set(summary.sections_without_source) - set(REQUIRED_SECTIONS)
        if silent:
            names = ", ".join(section for section in WRITTEN_SECTIONS if section in silent)
            message = f"without statements and without a word on it: {names}"
            fix = "write statements, or list them in sections_without_source"
            yield fault(summary, "sections_without_source", names, message, fix, rule=19, severity=WARNING)


def passed_dates(context: Context, as_of: date) -> Iterator[Fault]:
    """Yield what is overdue or expired on a day (rule 20); the day itself is still in time."""
    for summary in context.active:
        review = summary.review
        for key, day, severity in (
            ("next_review_due", review.next_review_due, "error"),
            ("expires", review.expires, "error"),
            ("next_check_due", review.next_check_due, WARNING),
        ):
            if day is not None and day < as_of:
                message = f"{key} {day} has passed on {as_of}"
                yield fault(
                    summary,
                    f"review.{key}",
                    day,
                    message,
                    "check the summary again and set a new day",
                    rule=20,
                    severity=severity,
                )
        for statement in summary.statements:
            if statement.review_by is not None and statement.review_by < as_of:
                message = f"review_by {statement.review_by} has passed on {as_of}"
                fix = "compare the statement with its sources and set a new day"
                yield fault(summary, f"{statement.id} review_by", statement.review_by, message, fix, rule=20)
