"""From the concept lists of many releases to rows with since and until, and one book order that holds in all of them.

A code that does not change has one row however many releases there are. Positions come from the newest release; what only
older releases have is put where it stood among its neighbours; what moved within the book gets a second place.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from icdref.model import Concept
from icdref.store.records import concept_record


@dataclass(frozen=True, slots=True)
class Entry:
    """One concept of one release, compact: `record` as the index keeps it, `last` the index of its last descendant."""

    code: str
    billable: bool
    last: int
    record: bytes


@dataclass(slots=True)
class Row:
    """One row of the concept table."""

    code: str
    since: int
    until: int
    position: int
    last: int
    billable: bool
    record: bytes


@dataclass(slots=True)
class _Slot:
    """A place in the common order; `order` is final only after all releases are merged."""

    code: str
    order: int = 0


def entries(concepts: Sequence[Concept], known: dict[bytes, bytes] | None = None) -> list[Entry]:
    """Return the entries of a release: each concept with its children, its last descendant and the billable codes below.

    `known` holds the records of the releases before: an equal record is kept once, however many releases have it.
    """
    known = {} if known is None else known
    place = {concept.code: index for index, concept in enumerate(concepts)}
    last = list(range(len(concepts)))
    below = [0] * len(concepts)
    children: dict[str, list[str]] = {}
    for index in range(len(concepts) - 1, -1, -1):
        concept = concepts[index]
        if concept.parent:
            parent = place[concept.parent]
            last[parent] = max(last[parent], last[index])
            below[parent] += below[index] + concept.billable
    for concept in concepts:
        children.setdefault(concept.parent, []).append(concept.code)
    records = (
        concept_record(concept, tuple(children.get(concept.code, ())), below[index]) for index, concept in enumerate(concepts)
    )
    return [
        Entry(sys.intern(concept.code), concept.billable, last[index], known.setdefault(record, record))
        for index, (concept, record) in enumerate(zip(concepts, records, strict=True))
    ]


def rows(releases: Sequence[Sequence[Entry]]) -> Iterator[Row]:
    """Yield the rows of all releases, by position and first release. `releases` are oldest first."""
    placed = _places(releases)
    found: list[Row] = []
    open_rows: dict[int, Row] = {}
    for number, listed in enumerate(releases):
        positions = [slot.order for slot in placed[number]]
        for index, entry in enumerate(listed):
            position, end = positions[index], positions[entry.last]
            row = open_rows.get(position)
            if row and row.until == number - 1 and (row.code, row.record, row.last) == (entry.code, entry.record, end):
                row.until = number
                continue
            open_rows[position] = row = Row(entry.code, number, number, position, end, entry.billable, entry.record)
            found.append(row)
    found.sort(key=lambda row: (row.position, row.since))
    yield from found


def _places(releases: Sequence[Sequence[Entry]]) -> list[list[_Slot]]:
    """Return for each release the slot of each of its concepts; slots are numbered in the common order."""
    merged: list[_Slot] = []
    placed: list[list[_Slot]] = [[] for _ in releases]
    for number in range(len(releases) - 1, -1, -1):
        index = {slot.code: place for place, slot in enumerate(merged)}
        known = [(at, index[entry.code]) for at, entry in enumerate(releases[number]) if entry.code in index]
        kept = {known[i][0]: known[i][1] for i in _increasing([place for _, place in known])}
        inserts: dict[int, list[_Slot]] = {}
        behind = -1
        for at, entry in enumerate(releases[number]):
            if at in kept:
                behind = kept[at]
                placed[number].append(merged[behind])
            else:
                slot = _Slot(entry.code)
                inserts.setdefault(behind, []).append(slot)
                placed[number].append(slot)
        merged = inserts.get(-1, []) + [slot for place, old in enumerate(merged) for slot in (old, *inserts.get(place, ()))]
    for place, slot in enumerate(merged):
        slot.order = place
    return placed


def _increasing(values: Sequence[int]) -> list[int]:
    """Return the indexes of a longest increasing run of values (patience sorting)."""
    tails: list[int] = []
    tail_at: list[int] = []
    before = [-1] * len(values)
    for index, value in enumerate(values):
        pile = bisect_left(tails, value)
        before[index] = tail_at[pile - 1] if pile else -1
        tails[pile : pile + 1] = [value]
        tail_at[pile : pile + 1] = [index]
    run: list[int] = []
    at = tail_at[-1] if tail_at else -1
    while at >= 0:
        run.append(at)
        at = before[at]
    return run[::-1]
