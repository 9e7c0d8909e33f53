"""Feedback on cards, checked and stripped down to what may be kept: what was done, why, when, at which service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from icdref import issues, issues_doors
from icdref.cds.cards import OVERRIDE_REASONS, topic_tag
from icdref.issues import IcdRefError

MOST_ROWS: Final = 500
_LONGEST_COMMENT: Final = 1000


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """One outcome of one card. The card's own id is not kept: with the client's log it would lead to a patient."""

    service: str
    topic: str
    outcome: str
    suggestions: int
    reason: str
    comment: str
    day: date


def read_feedback(
    body: Mapping[str, Any], service: str, topics: Iterable[str], *, keep_comments: bool = False
) -> tuple[FeedbackRow, ...]:
    """Return the rows of a feedback request. Raises IcdRefError naming the field that is wrong."""
    rows = body.get("feedback")
    if not isinstance(rows, list) or not rows:
        raise IcdRefError(issues_doors.bad_field("feedback", "it must be a list with at least one outcome"))
    if len(rows) > MOST_ROWS:
        raise IcdRefError(issues.too_many_values("feedback", MOST_ROWS))
    named = {topic_tag(topic): topic for topic in topics}
    return tuple(_row(row, f"feedback[{index}]", service, named, keep_comments) for index, row in enumerate(rows))


def _row(row: object, where: str, service: str, topics: Mapping[str, str], keep_comments: bool) -> FeedbackRow:  # noqa: FBT001
    fields: Mapping[str, Any] = row if isinstance(row, dict) else {}
    card, outcome = fields.get("card"), fields.get("outcome")
    _expect(isinstance(card, str) and bool(card), f"{where}.card", "it must be the uuid of a card")
    _expect(outcome in ("accepted", "overridden"), f"{where}.outcome", "it must be accepted or overridden")
    accepted = fields.get("acceptedSuggestions")
    if outcome == "accepted":
        listed = accepted if isinstance(accepted, list) else []
        named = all(isinstance(each, dict) and isinstance(each.get("id"), str) for each in listed)
        _expect(bool(listed) and named, f"{where}.acceptedSuggestions", "it must list the id of what was accepted")
    reason, comment = _override(fields.get("overrideReason"), f"{where}.overrideReason")
    return FeedbackRow(
        service=service,
        topic=topics.get(str(card)[:8].lower(), ""),
        outcome=str(outcome),
        suggestions=len(accepted) if isinstance(accepted, list) else 0,
        reason=reason,
        comment=comment[:_LONGEST_COMMENT] if keep_comments else "",
        day=_day(fields.get("outcomeTimestamp"), f"{where}.outcomeTimestamp"),
    )


def _override(given: object, where: str) -> tuple[str, str]:
    """Return (reason code, comment). A reason that is not one that we offer is kept as 'other': it could be any text."""
    if given is None:
        return "", ""
    fields: Mapping[str, Any] = given if isinstance(given, dict) else {}
    reason, comment = fields.get("reason"), fields.get("userComment")
    coded = reason.get("code") if isinstance(reason, dict) else None
    said = comment if isinstance(comment, str) else ""
    _expect(isinstance(coded, str) or bool(said), where, "it must have a reason with a code, or a userComment")
    if not isinstance(coded, str):
        return "", said
    return coded if coded in OVERRIDE_REASONS else "other", said


def _day(text: object, where: str) -> date:
    try:
        return datetime.fromisoformat(text).date() if isinstance(text, str) else _refuse(where)
    except ValueError:
        return _refuse(where)


def _refuse(where: str) -> date:
    raise IcdRefError(issues_doors.bad_field(where, "it must be a time such as 2026-11-22T10:00:00Z"))


def _expect(fits: bool, field: str, right: str) -> None:  # noqa: FBT001
    if not fits:
        raise IcdRefError(issues_doors.bad_field(field, right))
