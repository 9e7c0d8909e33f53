"""What pages keep of one edition because it takes long to work out: release diffs, coverage, the days on which codes change."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date, timedelta
from functools import cached_property
from threading import Lock
from typing import Final

from icdref.issues import IcdRefError
from icdref.service.coverage import Coverages, coverage_of
from icdref.service.release_diff import ReleaseDiff, compare, resolve, to_side_day
from icdref.service.service import Service

_MOST_DIFFS: Final = 32


class Kept:
    """The slow answers of one edition. Nothing here can change while the edition is served."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._diffs: OrderedDict[tuple[str, str], ReleaseDiff] = OrderedDict()
        self._sides: dict[date, str] = {}
        self._lock = Lock()

    @cached_property
    def coverage(self) -> Coverages:
        """Return the coverage of the release that answers today."""
        return coverage_of(self.service)

    @cached_property
    def changes(self) -> tuple[date, ...]:
        """Return the days on which billable codes began or ended, oldest first, with those on which a release began."""
        horizon = self.service.terminology.horizon
        days = {horizon.first, *(release.effective_from for release in self.service.releases.all)}
        for row in self.service.concepts.all_validity():
            days.add(row.valid_from)
            if row.valid_to and row.valid_to < horizon.last:
                days.add(row.valid_to + timedelta(days=1))
        return tuple(sorted(days))

    def diff(self, first: str, second: str) -> ReleaseDiff:
        """Return what `second` changes against `first`; raises IcdRefError for a side that nothing is known of.

        A side that is no installed release counts from the day on which its codes came into force: whatever dates are asked,
        there are only as many different sides as there were changes. One diff is worked out at a time.
        """
        names = self._canonical(first), self._canonical(second)
        with self._lock:
            if names in self._diffs:
                self._diffs.move_to_end(names)
                return self._diffs[names]
            found = self._diffs[names] = compare(self.service, *names)
            while len(self._diffs) > _MOST_DIFFS:
                self._diffs.popitem(last=False)
            return found

    def _canonical(self, text: str) -> str:
        try:
            return self.service.terminology.choose(text).release.version
        except IcdRefError:
            day = to_side_day(self.service, text)
        begun = [change for change in self.changes if change <= day]
        start = begun[-1] if begun else day
        if start not in self._sides:
            self._sides[start] = resolve(self.service, start.isoformat()).name
        return self._sides[start]
