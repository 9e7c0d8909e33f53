r"""The values of search parameters: escapes, tokens, dates with prefixes and partial precision.

A value is read once, when the query is parsed; everything malformed is refused here, with what would be right.
Source: HL7 FHIR R4, section 3.1.1 (Search); escapes `\,` `\|` `\$` `\\` from 3.1.1.6.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

from icdref.issues import IcdRefError, bad_parameter

PREFIXES: Final = ("eq", "ne", "gt", "ge", "lt", "le", "sa", "eb", "ap")
_APPROXIMATE: Final = 10
"""`ap` reaches as far as a tenth of the time between the date and today, as R4 recommends."""

_ESCAPED: Final = re.compile(r"\\([\\,|$])")
_PIECES: Final = re.compile(r"\\.|[^\\]+|\\", re.DOTALL)
_WHOLE: Final = re.compile(r"\A[0-9]{1,9}\Z")
_DATE: Final = re.compile(
    r"\A([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(?:Z|([+-])([0-9]{2}):([0-9]{2}))?)?)?)?\Z"
)
_SECOND: Final = 1_000_000
_MINUTE: Final = 60 * _SECOND
_DAY: Final = 24 * 60 * _MINUTE


@dataclass(frozen=True, slots=True)
class Token:
    """A code with or without its system: None any system, '' explicitly none; an empty code means any of the system."""

    system: str | None
    code: str


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time in microseconds, as wide as the precision of the date it was written as."""

    low: int
    high: int

    def covers(self, other: Span) -> bool:
        """Tell whether the other span lies within this one."""
        return self.low <= other.low and other.high <= self.high


@dataclass(frozen=True, slots=True)
class Moment:
    """A date of a search with its prefix."""

    prefix: str
    span: Span

    def accepts(self, found: Span, today: date) -> bool:
        """Tell whether a date in a resource meets the prefix; `today` is what `ap` measures by.

        Source: the table of prefixes in R4, section 3.1.1.4.7.
        """
        span = self.span
        match self.prefix:
            case "ap":
                reach = abs(today.toordinal() * _DAY - span.low) // _APPROXIMATE
                return found.low < span.high + reach and span.low - reach < found.high
            case "ne":
                return not span.covers(found)
            case "gt":
                return found.high > span.high
            case "ge":
                return found.high > span.high or span.covers(found)
            case "lt":
                return found.low < span.low
            case "le":
                return found.low < span.low or span.covers(found)
            case "sa":
                return found.low >= span.high
            case "eb":
                return found.high <= span.low
            case _:
                return span.covers(found)


def split(text: str, separator: str) -> list[str]:
    r"""Return the parts of a text between separators that are not escaped; escapes stay in the parts.

    >>> split(r"a\,b,c", ",")
    ['a\\,b', 'c']
    """
    if "\\" not in text:
        return text.split(separator)
    parts = [""]
    for piece in _PIECES.findall(text):
        first, *rest = [piece] if piece.startswith("\\") else piece.split(separator)
        parts[-1] += first
        parts.extend(rest)
    return parts


def unescape(text: str) -> str:
    r"""Return the text with its escapes resolved; a backslash before any other character stands for itself.

    >>> unescape(r"a\,b\|c\\d\e")
    'a,b|c\\d\\e'
    """
    return _ESCAPED.sub(r"\1", text)


def fold(text: str) -> str:
    """Return a text as string searches compare it: without case, accents and surplus blanks.

    >>> fold("  Myosite  OSSIFIANTE héréditaire ")
    'myosite ossifiante hereditaire'
    """
    # Decomposed before and after case folding, because each step can produce what the other one changes (℡, ᴬ).
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = (letter for letter in plain if not unicodedata.combining(letter))
    return " ".join("".join(letters).split())


def whole_number(name: str, text: str) -> int:
    """Return a count or an offset; refuse anything but ASCII digits."""
    if not _WHOLE.match(text):
        raise IcdRefError(bad_parameter(name, text, "write a whole number from 0 to 999999999"))
    return int(text)


def token(name: str, text: str) -> Token:
    """Return `system|code`, `|code`, `system|` or `code` as a token."""
    parts = [unescape(part).strip() for part in split(text, "|")]
    if len(parts) > 2:
        raise IcdRefError(bad_parameter(name, text, "write system|code, and a bar within the code as \\|"))
    if not any(parts):
        raise IcdRefError(bad_parameter(name, text, "write code, system|code, |code or system|"))
    return Token(None, parts[0]) if len(parts) == 1 else Token(parts[0], parts[1])


def code_token(name: str, text: str) -> Token:
    """Return a token that must have a code, because it is looked up in a value set or a hierarchy."""
    found = token(name, text)
    if not found.code:
        raise IcdRefError(bad_parameter(name, text, "write a code with or without its system, such as M61.051"))
    return found


def moment(name: str, text: str) -> Moment:
    """Return a date with its prefix; no prefix means eq."""
    prefix, rest = (text[:2], text[2:]) if text[:2].isalpha() else ("eq", text)
    if prefix not in PREFIXES:
        raise IcdRefError(bad_parameter(name, text, f"the prefixes are {', '.join(PREFIXES)}"))
    if (span := date_span(rest)) is None:
        right = "write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ, such as ge2026-04-01"
        raise IcdRefError(bad_parameter(name, text, right))
    return Moment(prefix, span)


def date_span(text: str) -> Span | None:
    """Return the stretch of time that a FHIR date, dateTime or instant stands for, None when it is none.

    A time without a zone is taken as UTC. Counted in microseconds from the first day of year 1, so that no date and no
    zone can overflow.

    >>> date_span("2026-04") == Span(date_span("2026-04-01").low, date_span("2026-04-30").high)
    True
    """
    if not (parts := _DATE.match(text)):
        return None
    year, month, day, hour, minute, second, fraction, sign, off_hour, off_minute = parts.groups()
    days = _days(int(year), None if month is None else int(month), None if day is None else int(day))
    if days is None:
        return None
    if hour is None:
        return Span(days[0] * _DAY, days[1] * _DAY)
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 60 or int(off_hour or 0) > 14 or int(off_minute or 0) > 59:
        return None
    low = days[0] * _DAY + (int(hour) * 60 + int(minute)) * _MINUTE + int(second or 0) * _SECOND
    width = _MINUTE if second is None else _SECOND
    if fraction:
        low += int(fraction[:6].ljust(6, "0"))
        width = 10 ** max(0, 6 - len(fraction))
    offset = (int(off_hour or 0) * 60 + int(off_minute or 0)) * _MINUTE
    low += offset if sign == "-" else -offset
    return Span(low, low + width)


def _days(year: int, month: int | None, day: int | None) -> tuple[int, int] | None:
    """Return the ordinals of the first day and of the day after the last one of a year, month or day."""
    last_month = 12 if month is None else month
    try:
        first = date(year, 1 if month is None else month, 1 if day is None else day)
        last = first if day is not None else date(year, last_month, calendar.monthrange(year, last_month)[1])
    except ValueError:
        return None
    return first.toordinal(), last.toordinal() + 1
