"""The review status of a summary on a day, and the sentence that every representation of it must carry.

Pure functions of the summary and the day: whoever serves decides what "today" is.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from icdref.model import ConditionSummary


class Status(StrEnum):
    """The status as served: that of the file, or what the calendar has made of it."""

    DRAFT = "draft"
    IN_REVIEW = "in-review"
    APPROVED = "approved"
    STALE = "stale"
    RETIRED = "retired"
    EXPIRED = "expired"


_DRAFT_BANNER = "Draft: written by the software's authors, not reviewed by a clinician."


def served_status(summary: ConditionSummary, day: date) -> Status:
    """Return the status of a summary on a day.

    The last day named still counts: a text expires, and a review is overdue, on the day after. A retired summary stays
    retired; an expired one is expired whatever its review says, because then its text is not served at all.
    """
    status = Status(summary.status)
    review = summary.review
    if status is Status.RETIRED:
        return status
    if review.expires is not None and day > review.expires:
        return Status.EXPIRED
    if status is Status.APPROVED and review.next_review_due is not None and day > review.next_review_due:
        return Status.STALE
    return status


def banner(summary: ConditionSummary, day: date) -> str:
    """Return the sentence that must stand with the text on a day; '' for approved, retired and expired summaries.

    A retired summary is not shown, and of an expired one only the facts of the code are.
    """
    match served_status(summary, day):
        case Status.DRAFT:
            return _DRAFT_BANNER
        case Status.IN_REVIEW:
            return f"{_DRAFT_BANNER} Review in progress."
        case Status.STALE:
            return f"Review overdue since {summary.review.next_review_due}."
        case _:
            return ""


def text_is_served(summary: ConditionSummary, day: date) -> bool:
    """Tell whether the statements of a summary may be served on a day: not when it is retired or expired."""
    return served_status(summary, day) not in {Status.RETIRED, Status.EXPIRED}
