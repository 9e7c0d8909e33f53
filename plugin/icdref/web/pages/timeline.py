"""When a code may be used, as a picture: a line of years with the days on which it is valid, and the day that was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from icdref.model import Validity, ValidityHorizon

WIDTH: Final = 336.0
_MARGIN: Final = 6.0
_LABEL_EVERY: Final = 2


@dataclass(frozen=True, slots=True)
class Timeline:
    """The picture in numbers: `bar` is (x, width); `years` are (x, label, whether the label is shown); `mark` is x or None.

    `opens` and `closes` tell whether the bar runs on beyond what the table knows. `words` says the same for those who do
    not see it.
    """

    bar: tuple[float, float]
    years: tuple[tuple[float, str, bool], ...]
    mark: float | None
    mark_label: str
    mark_anchor: str
    opens: bool
    closes: bool
    words: str


def timeline(validity: Validity | None, horizon: ValidityHorizon, day: date, *, is_today: bool) -> Timeline | None:
    """Return the picture of a code's validity, None where the table does not have the code."""
    if validity is None:
        return None
    first, last = horizon.first, horizon.last
    begins, ends = max(validity.valid_from, first), min(validity.valid_to or last, last)
    years = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1)]
    start, stop = _place(begins, horizon), _place(ends + timedelta(days=1), horizon)
    mark = _place(day, horizon) if first <= day <= last else None
    anchor = "middle"
    if mark is not None and not WIDTH * 0.1 < mark < WIDTH * 0.9:
        anchor = "start" if mark < WIDTH / 2 else "end"
    return Timeline(
        bar=(start, round(max(stop - start, 2), 1)),
        years=tuple((_place(each, horizon), str(each.year), each.year % _LABEL_EVERY == 0) for each in years),
        mark=mark,
        mark_label="today" if is_today else day.isoformat(),
        mark_anchor=anchor,
        opens=validity.valid_from <= first,
        closes=validity.valid_to is None,
        words=_words(validity, horizon, day, is_today=is_today),
    )


def _place(day: date, horizon: ValidityHorizon) -> float:
    whole = (horizon.last - horizon.first).days + 1
    return round(_MARGIN + (day - horizon.first).days * (WIDTH - 2 * _MARGIN) / whole, 1)


def _words(validity: Validity, horizon: ValidityHorizon, day: date, *, is_today: bool) -> str:
    since = "or earlier " if validity.valid_from <= horizon.first else ""
    until = f"to {validity.valid_to}" if validity.valid_to else f"with no end known by {horizon.last}"
    valid = validity.valid_from <= day and (validity.valid_to is None or day <= validity.valid_to)
    on = "today" if is_today else f"on {day}"
    return f"Valid from {validity.valid_from} {since}{until}; {'valid' if valid else 'not valid'} {on}."
