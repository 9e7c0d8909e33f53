"""Data-quality checks that every edition must pass before it is written; none of them reads the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import date

from icdref.model import Concept, Kind, Release, Validity

_DEEPEST = 10
_CHAPTERS = 22
_CHAPTER_22_SINCE = date(2020, 10, 1)
"""Chapter 22 (U00-U85) came with the codes of 2020; older lists end with chapter 21."""
# The smallest release ever published (FY2014 to FY2016) has 91,737 codes; far fewer means that the file was cut.
_FEWEST_CODES = 80_000


def check_release(release: Release, concepts: Sequence[Concept], *, complete: bool = True) -> list[str]:
    """Return the faults of one release: orphans, cycles, doubled codes, billable headers, a cut file.

    `complete=False` leaves out what only a whole code set can satisfy, so that tests can compile a small cut.
    """
    name = f"ICD-10-CM {release.version}"
    faults: list[str] = []
    by_code = {concept.code: concept for concept in concepts}
    if len(by_code) != len(concepts):
        faults.append(f"{name}: {len(concepts) - len(by_code)} codes stand twice")
    parents = {concept.parent for concept in concepts}
    top = Kind.CHAPTER if release.has_notes else Kind.CATEGORY
    for concept in concepts:
        if concept.kind is top and not concept.parent:
            if concept.kind is Kind.CATEGORY and concept.billable == (concept.code in parents):
                faults.append(f"{name}: the billable flag of {concept.code} contradicts the codes below it")
            continue
        if concept.parent not in by_code:
            faults.append(f"{name}: {concept.code} has the parent {concept.parent!r}, which is not in the release")
        if concept.billable == (concept.code in parents):
            what = "billable and has" if concept.billable else "not billable and has no"
            faults.append(f"{name}: {concept.code} is {what} codes below it")
    faults += [f"{name}: {code} has no way up to a {top}" for code in _lost(by_code, top)]
    if complete:
        chapters = sum(concept.kind is Kind.CHAPTER for concept in concepts)
        fewest = _CHAPTERS if release.effective_from >= _CHAPTER_22_SINCE else _CHAPTERS - 1
        if release.has_notes and not fewest <= chapters <= _CHAPTERS:
            faults.append(f"{name}: {chapters} chapters, not {_CHAPTERS}: the file is cut")
        if release.codes < _FEWEST_CODES:
            faults.append(f"{name}: only {release.codes} codes; every official release has more than {_FEWEST_CODES}")
    return faults


def _lost(by_code: dict[str, Concept], top: Kind) -> list[str]:
    lost = []
    for concept in by_code.values():
        above, steps = concept, 0
        while above.parent in by_code and steps < _DEEPEST:
            above, steps = by_code[above.parent], steps + 1
        if above.kind is not top:
            lost.append(concept.code)
    return lost


def check_validity(release: Release, billable: Set[str], validity: Iterable[Validity]) -> list[str]:
    """Return a fault where the billable codes of a release are not those that the validity table has on its first day."""
    day = release.effective_from
    table = {row.code for row in validity if row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)}
    if not table or table == billable:
        return []
    example = sorted(table ^ billable)[0]
    return [
        f"ICD-10-CM {release.version}: {len(table ^ billable)} billable codes differ from the validity table, such as {example}"
    ]
