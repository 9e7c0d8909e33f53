"""What one release changes against another, by consequence for a record system that holds diagnoses.

Titles are compared as the order file prints them (ASCII); a retitling that touches only blanks is listed apart, because the
publisher's own trailers count it in one year and not in the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from icdref import issues
from icdref.issues import IcdRefError
from icdref.language.titles import to_ascii
from icdref.model import Concept, Kind, Release, Validity
from icdref.service.releases import to_day
from icdref.service.service import Service

_REAL = (Kind.CATEGORY, Kind.SUBCATEGORY)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: an installed release, or only a day that the validity table knows (`release` None)."""

    name: str
    day: date
    release: Release | None


@dataclass(frozen=True, slots=True)
class NoteChange:
    """The lines of one kind of note that a code gained and lost."""

    kind: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleaseDiff:
    """Everything that differs between two releases; codes in book order, new before old.

    `added` and `deleted` are billable codes, those that turned into headers or out of them included; their titles are ''
    where the release is known by validity alone. `notes` and `moved` are empty where `has_notes` is false: one of the two
    releases has no notes and no blocks.
    """

    first: Side
    second: Side
    has_titles: bool
    has_notes: bool
    added: Mapping[str, str]
    deleted: Mapping[str, str]
    became_header: tuple[str, ...] = ()
    became_billable: tuple[str, ...] = ()
    retitled: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    blanks_only: tuple[str, ...] = ()
    headers_added: Mapping[str, str] = field(default_factory=dict)
    headers_removed: Mapping[str, str] = field(default_factory=dict)
    headers_retitled: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    notes: Mapping[str, tuple[NoteChange, ...]] = field(default_factory=dict)
    moved: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    successors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    predecessors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Return the size of every list, by its name."""
        names: tuple[str, ...] = (
            "added",
            "deleted",
            "became_header",
            "became_billable",
            "retitled",
            "blanks_only",
            "headers_added",
        )
        names += ("headers_removed", "headers_retitled", "notes", "moved", "successors")
        return {name: len(getattr(self, name)) for name in names}


def compare(service: Service, first: str, second: str) -> ReleaseDiff:
    """Return what release `second` changes against release `first`; both by version, alias or date.

    A side that is not installed is compared by the validity table: which billable codes there are, and nothing else.
    Raises IcdRefError for a side that is neither installed nor within the table.
    """
    sides = (resolve(service, first), resolve(service, second))
    if all(side.release for side in sides):
        return _by_concepts(service, *sides)
    return _by_validity(service, *sides)


def resolve(service: Service, text: str) -> Side:
    """Return the side that a version, an alias (`2024`) or a date means. Raises IcdRefError (unknown-version)."""
    try:
        release = service.terminology.choose(text).release
    except IcdRefError:
        release = None
    if release:
        return Side(release.version, release.effective_from, release)
    day = to_side_day(service, text)
    inside = service.terminology.horizon.first <= day <= service.terminology.horizon.last
    begun = [each for each in service.releases.all if each.effective_from <= day]
    if begun and (not inside or service.concepts.valid_codes(day) == set(service.concepts.billable_codes(len(begun) - 1))):
        return Side(begun[-1].version, day, begun[-1])
    if not inside:
        raise _unknown(service, text)
    return Side(day.isoformat(), day, None)


def to_side_day(service: Service, text: str) -> date:
    """Return the day that a fiscal year or a date means. Raises IcdRefError (unknown-version)."""
    year = text.strip().upper().removeprefix("FY")
    if year.isascii() and year.isdecimal() and len(year) == 4 and int(year) > 1:
        return date(int(year) - 1, 10, 1)
    try:
        return to_day(text.strip())
    except IcdRefError:
        raise _unknown(service, text) from None


def valid_on(validity: Iterable[Validity], day: date) -> set[str]:
    """Return the billable codes that the validity table has on a day."""
    return {row.code for row in validity if row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)}


def _unknown(service: Service, text: str) -> IcdRefError:
    newest = service.releases.newest
    return IcdRefError(issues.unknown_version(newest.system, text, [each.version for each in service.releases.all]))


def _by_validity(service: Service, first: Side, second: Side) -> ReleaseDiff:
    before, after = (_billable(service, side) for side in (first, second))
    deleted = {code: _title(service, code, first) for code in sorted(before - after)}
    added = {code: _title(service, code, second) for code in sorted(after - before)}
    turned = tuple(code for code in deleted if any(other.startswith(code) for other in added))
    successors, predecessors = _succession(service, deleted, added)
    return ReleaseDiff(
        first,
        second,
        has_titles=False,
        has_notes=False,
        added=added,
        deleted=deleted,
        became_header=turned,
        successors=successors,
        predecessors=predecessors,
    )


def _billable(service: Service, side: Side) -> set[str]:
    if side.release:
        return set(service.concepts.billable_codes(service.releases.number(side.release)))
    return service.concepts.valid_codes(side.day)


def _title(service: Service, code: str, side: Side) -> str:
    """Return the title of a code in a side's release, else in the newest older one that has it, else ''."""
    last = service.releases.number(side.release) if side.release else len(service.releases.all) - 1
    found = (service.concepts.concept(code, number) for number in range(last, -1, -1))
    return next((stored.concept.display for stored in found if stored), "")


def _by_concepts(service: Service, first: Side, second: Side) -> ReleaseDiff:
    numbers = [service.releases.number(side.release) for side in (first, second) if side.release]
    before = {each.concept.code: each.concept for each in service.concepts.only_in(numbers[0], numbers[1])}
    after = {each.concept.code: each.concept for each in service.concepts.only_in(numbers[1], numbers[0])}
    before = {code: concept for code, concept in before.items() if concept.kind in _REAL}
    after = {code: concept for code, concept in after.items() if concept.kind in _REAL}
    has_notes = bool(first.release and second.release and first.release.has_notes and second.release.has_notes)
    both = [(before[code], concept) for code, concept in after.items() if code in before]
    added = _displays(new for code, new in after.items() if new.billable and not (code in before and before[code].billable))
    deleted = _displays(old for code, old in before.items() if old.billable and not (code in after and after[code].billable))
    retitled = {new.code: (old.display, new.display) for old, new in both if _is_retitled(old, new)}
    successors, predecessors = _succession(service, deleted, added)
    return ReleaseDiff(
        first,
        second,
        has_titles=True,
        has_notes=has_notes,
        added=added,
        deleted=deleted,
        became_header=tuple(new.code for old, new in both if old.billable and not new.billable),
        became_billable=tuple(new.code for old, new in both if new.billable and not old.billable),
        retitled={code: pair for code, pair in retitled.items() if after[code].billable},
        blanks_only=tuple(code for code, pair in retitled.items() if after[code].billable and _same_but_blanks(*pair)),
        headers_added=_displays(new for code, new in after.items() if not new.billable and code not in before),
        headers_removed=_displays(old for code, old in before.items() if not old.billable and code not in after),
        headers_retitled={code: pair for code, pair in retitled.items() if not after[code].billable},
        notes={new.code: changes for old, new in both if has_notes and (changes := _note_changes(old, new))},
        moved={new.code: (old.parent, new.parent) for old, new in both if _is_moved(old, new, has_blocks=has_notes)},
        successors=successors,
        predecessors=predecessors,
    )


def _displays(concepts: Iterable[Concept]) -> dict[str, str]:
    return {concept.code: concept.display for concept in concepts}


def _is_retitled(old: Concept, new: Concept) -> bool:
    return old.billable == new.billable and to_ascii(old.display) != to_ascii(new.display)


def _same_but_blanks(old: str, new: str) -> bool:
    return "".join(to_ascii(old).split()) == "".join(to_ascii(new).split())


def _is_moved(old: Concept, new: Concept, *, has_blocks: bool) -> bool:
    return old.parent != new.parent and (has_blocks or new.kind is not Kind.CATEGORY)


def _note_changes(old: Concept, new: Concept) -> tuple[NoteChange, ...]:
    changes = []
    for kind in dict.fromkeys(note.kind for note in (*old.notes, *new.notes)):
        was = [note.text for note in old.notes if note.kind == kind]
        now = [note.text for note in new.notes if note.kind == kind]
        gained = tuple(text for text in now if text not in was)
        lost = tuple(text for text in was if text not in now)
        if gained or lost:
            changes.append(NoteChange(str(kind), gained, lost))
    return tuple(changes)


_Links = dict[str, tuple[str, ...]]


def _succession(service: Service, deleted: Iterable[str], added: Iterable[str]) -> tuple[_Links, _Links]:
    """Return the successors of what was deleted and the predecessors of what was added, from the conversion table."""
    replaced = {code: service.terminology.successors(code) for code in deleted}
    before = {code: tuple(dict.fromkeys(old for _, old, _ in service.concepts.succession(code)[1])) for code in added}
    return {code: found for code, found in replaced.items() if found}, {code: found for code, found in before.items() if found}
