"""Whatever releases follow each other, each of them is in the timeline exactly: its order, its records, its tree by ranges."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from icdref.compiler.timeline import Row, entries, rows
from icdref.model import Concept, Kind

POOL = [f"{letter}{number:02d}" for letter in "AB" for number in range(12)]


def tree(seed: int) -> list[Concept]:
    """Return a random tree over some of POOL, in an order of its own; every second change is small."""
    chance = random.Random(seed)
    chosen = chance.sample(POOL, chance.randint(1, len(POOL)))
    if chance.random() < 0.7:
        chosen.sort()
    parents: dict[str, str] = {"1": ""}
    line = ["1"]
    for code in chosen:
        del line[chance.randint(1, len(line)) :]  # climb up some levels, then add below
        parents[code] = line[-1]
        line.append(code)
    above = set(parents.values())
    return [
        Concept(
            code, Kind.CATEGORY if parent else Kind.CHAPTER, f"{code} {chance.choice('xy')}", parent, billable=code not in above
        )
        for code, parent in parents.items()
    ]


def below(concepts: list[Concept], code: str) -> set[str]:
    parents = {concept.code: concept.parent for concept in concepts}
    found = set()
    for each in parents:
        above = each
        while above and above != code:
            above = parents[above]
        if above:
            found.add(each)
    return found


@settings(deadline=None, max_examples=120)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_the_timeline_reproduces_every_release(seeds: list[int]) -> None:
    releases = [tree(seed) for seed in seeds]
    listed = [entries(concepts) for concepts in releases]
    found = list(rows(listed))
    assert [(row.position, row.since) for row in found] == sorted((row.position, row.since) for row in found)
    for number, concepts in enumerate(releases):
        alive = [row for row in found if row.since <= number <= row.until]
        assert [row.code for row in alive] == [concept.code for concept in concepts]
        assert [row.record for row in alive] == [entry.record for entry in listed[number]]
        assert [row.billable for row in alive] == [concept.billable for concept in concepts]
        for row in alive:
            assert in_range(row, alive) == below(concepts, row.code)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1000), st.integers(1, 5))
def test_an_unchanged_release_adds_no_row(seed: int, times: int) -> None:
    listed = entries(tree(seed))
    found = list(rows([listed] * times))
    assert len(found) == len(listed)
    assert {(row.since, row.until) for row in found} == {(0, times - 1)}


def in_range(row: Row, alive: list[Row]) -> set[str]:
    return {other.code for other in alive if row.position <= other.position <= row.last}
