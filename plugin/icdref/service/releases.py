"""Which release answers: an explicit version, else the date, else today. Never a silent guess."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

from icdref import issues
from icdref.issues import IcdRefError
from icdref.model import Release
from icdref.results import ReleaseChoice

_DATE = re.compile(r"\A\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_DATE_TIME = re.compile(r"\A\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?\Z", re.ASCII)
_YEAR = re.compile(r"\A(?:FY)?(\d{4})\Z", re.ASCII | re.IGNORECASE)


def to_day(text: str, expression: str = "date") -> date:
    """Return the day of a FHIR date or dateTime, as written in its own time zone.

    A year or a month alone is refused: fiscal years change on 1 October, so either could mean two releases.
    Raises IcdRefError (malformed-date).
    """
    try:
        if _DATE.match(text):
            return date.fromisoformat(text)
        if _DATE_TIME.match(text):
            return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    raise IcdRefError(issues.malformed_date(text, expression))


class Releases:
    """The releases of ICD-10-CM in an edition, oldest first; a release's number is its place."""

    def __init__(self, releases: Sequence[Release], edition: str) -> None:
        self.all = tuple(releases)
        self.edition = edition
        self._numbers = {release.version: number for number, release in enumerate(self.all)}
        # Nearly all questions are about today or about a handful of versions and days.
        self.choose = lru_cache(maxsize=1024)(self._choose)

    @property
    def newest(self) -> Release:
        """Return the newest installed release."""
        return self.all[-1]

    def number(self, release: Release) -> int:
        """Return the number that the store knows a release by."""
        return self._numbers[release.version]

    def holds(self, version: str) -> bool:
        """Tell whether a release of exactly this version is installed."""
        return version in self._numbers

    def _choose(self, version: str, day: date | None, today: date) -> ReleaseChoice:
        """Return the release for a question.

        A version wins over a day. `2026` and `FY2026` mean the newest release of that fiscal year, `2026-04` the release
        that began in that month. With a version, validity is laid over the release's own first day, so that the answer
        never changes. Raises IcdRefError (unknown-version) listing the known ones.
        """
        if version:
            release = self._named(version)
            return ReleaseChoice(release, self.edition, "version", release.effective_from)
        on = day or today
        method = "date" if day else "today"
        begun = [release for release in self.all if release.effective_from <= on]
        if begun:
            return ReleaseChoice(begun[-1], self.edition, method, on)
        oldest = self.all[0]
        return ReleaseChoice(oldest, self.edition, method, on, (issues.release_before_first(on.isoformat(), oldest.version),))

    def _named(self, version: str) -> Release:
        wanted = version.strip()
        if wanted in self._numbers:
            return self.all[self._numbers[wanted]]
        if match := _YEAR.match(wanted):
            of_year = [release for release in self.all if release.fiscal_year == int(match[1])]
        else:
            of_year = [release for release in self.all if len(wanted) == 7 and release.version.startswith(wanted)]
        if of_year:
            return of_year[-1]
        raise IcdRefError(issues.unknown_version(self.newest.system, version, [release.version for release in self.all]))

    def is_stale(self, today: date) -> bool:
        """Tell whether a newer release is in force than any installed: the newest one's last day has passed."""
        return self.newest.effective_to is not None and self.newest.effective_to < today
