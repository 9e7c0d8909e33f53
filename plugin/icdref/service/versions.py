"""The versions of a summary that can be read: what was released, and what is served now.

The served text is a version of its own where it is not what was released under its number: withdrawal takes statements out
of it, and an edition may hold a text that was changed and not released again. Its id then says so. A released version
that holds a withdrawn statement is gone until the statement is restored: it is never served in part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import orjson

from icdref.model import ConditionSummary
from icdref.records import from_record, to_record
from icdref.service.summaries import Summaries
from icdref.store.conditions import ConditionStore
from icdref.store.withdrawals import Withdrawals


@dataclass(frozen=True, slots=True)
class SummaryVersion:
    """One version that can be read. `id` is FHIR's version id, `changed` the instant since which it is served.

    `current` is the id of the version that is served now; `until` the instant at which the next one took its place, ''
    for the one that is served now.
    """

    id: str
    changed: str
    summary: ConditionSummary
    current: str = ""
    until: str = ""

    @property
    def is_current(self) -> bool:
        """Tell whether this is the version that is served now."""
        return self.id == self.current


class Versions:
    """Finds the versions of the summaries of an edition."""

    def __init__(self, store: ConditionStore, summaries: Summaries, withdrawals: Withdrawals) -> None:
        self._summaries = summaries
        self._withdrawals = withdrawals
        self._released: dict[str, list[ConditionSummary]] = {}
        for record in store.released():
            summary = from_record(record)
            self._released.setdefault(summary.id, []).append(summary)
        self._current = {identifier: self._of_now(summary) for identifier, summary in summaries.all.items()}

    def current(self, identifier: str) -> SummaryVersion:
        """Return the version of a summary that is served now. Raises KeyError for an unknown summary."""
        return self._current[identifier]

    def of(self, identifier: str) -> tuple[SummaryVersion, ...]:
        """Return the versions of a summary that can be read today, newest first; none where its text is not served."""
        now = self._current.get(identifier)
        if now is None or not self._summaries.is_served(now.summary):
            return ()
        found, until = [now], now.changed
        for summary in reversed(self._released.get(identifier, ())):
            if summary.version == now.id:
                continue
            if self._is_readable(summary):
                found.append(SummaryVersion(summary.version, _revised(summary), summary, now.id, until))
            until = _revised(summary)
        return tuple(found)

    def named(self, identifier: str, version: str) -> SummaryVersion | None:
        """Return the version with this id, None where it cannot be read."""
        return next((each for each in self.of(identifier) if each.id == version), None)

    def existed(self, identifier: str, version: str) -> bool:
        """Tell whether a version was released, whether or not it can be read today."""
        known = {each.version for each in self._released.get(identifier, ())}
        now = self._current.get(identifier)
        # The id of a text in part begins with that of the whole: one that was served before another withdrawal.
        whole = version.partition("-w")[0]
        return version in known or (now is not None and whole in {now.summary.version, *known})

    def _is_readable(self, summary: ConditionSummary) -> bool:
        return self._summaries.is_served(summary) and self._withdrawals.statements.isdisjoint(_statement_ids(summary))

    def _of_now(self, summary: ConditionSummary) -> SummaryVersion:
        """Return the version that a summary as served is: released, changed since, or in part."""
        events = [
            (serial, event)
            for serial, event in enumerate(self._withdrawals.events, 1)
            if event.statement in self._summaries.named_in[summary.id]
        ]
        gaps = self._summaries.gaps[summary.id]
        if events and (gaps.sections or gaps.patient_texts):
            serial, event = events[-1]
            return _as_current(SummaryVersion(f"{summary.version}-w{serial}", event.at, summary))
        released = next((each for each in self._released.get(summary.id, ()) if each.version == summary.version), None)
        if released is not None and released != summary:
            return _as_current(SummaryVersion(f"{summary.version}-{_digest(summary)}", _revised(summary), summary))
        changed = max([_revised(summary), *(event.at for _, event in events)])
        return _as_current(SummaryVersion(summary.version, changed, summary))


def _as_current(version: SummaryVersion) -> SummaryVersion:
    return replace(version, current=version.id)


def _revised(summary: ConditionSummary) -> str:
    return f"{summary.attributes.revision_date.isoformat()}T00:00:00Z"


def _statement_ids(summary: ConditionSummary) -> Iterable[str]:
    yield from (statement.id for statement in summary.statements)
    for text in summary.patient_texts:
        yield from text.based_on


def _digest(summary: ConditionSummary) -> str:
    return hashlib.sha256(orjson.dumps(to_record(summary), option=orjson.OPT_SORT_KEYS)).hexdigest()[:8]
