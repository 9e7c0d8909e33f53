"""A release diff as sections a person reads: by consequence, the most urgent first, each with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from icdref.service.release_diff import NoteChange, ReleaseDiff


@dataclass(frozen=True, slots=True)
class Section:
    """One consequence: `rows` are (code, before, after, related codes)."""

    key: str
    title: str
    advice: str
    rows: tuple[tuple[str, str, str, str], ...]


def sections(diff: ReleaseDiff) -> tuple[Section, ...]:
    """Return the sections of a diff that are not empty, the most urgent first."""
    deleted = [code for code in diff.deleted if code not in diff.became_header]
    fresh = [code for code in diff.added if code not in diff.became_billable]
    found = (
        Section(
            "deleted",
            "Codes that ended",
            "Stop offering them; records keep them. Map problem lists with the successors, by hand where there are several.",
            tuple(_ended(diff, deleted)),
        ),
        Section(
            "became_header",
            "Codes that became headers",
            "Not accepted on claims any more; ask for one of the codes below.",
            tuple(_ended(diff, diff.became_header)),
        ),
        Section(
            "became_billable",
            "Headers that became billable",
            "May be used now; the codes below them ended.",
            tuple((code, "", diff.added.get(code, ""), "") for code in diff.became_billable),
        ),
        Section(
            "added",
            "New billable codes",
            "Offer them from the first day of the release; the last column is what they were coded as before.",
            tuple((code, "", diff.added[code], ", ".join(diff.predecessors.get(code, ()))) for code in fresh),
        ),
        Section(
            "retitled",
            "Billable codes with a new title",
            "Refresh what is shown; a record keeps the title it was written with.",
            tuple((code, *pair, "blanks only" if code in diff.blanks_only else "") for code, pair in diff.retitled.items()),
        ),
        Section(
            "notes",
            "Notes that changed",
            "Check pick lists and coding advice that rest on them.",
            tuple(_note_rows(diff.notes)),
        ),
        Section("moved", "Codes with another parent", "Check value sets by hierarchy.", _pairs(diff.moved)),
        Section(
            "headers_added", "New headers", "Only for browsing.", tuple((c, "", t, "") for c, t in diff.headers_added.items())
        ),
        Section(
            "headers_removed",
            "Headers removed",
            "Only for browsing.",
            tuple((c, t, "", "") for c, t in diff.headers_removed.items()),
        ),
        Section("headers_retitled", "Headers with a new title", "Only for browsing.", _pairs(diff.headers_retitled)),
    )
    return tuple(section for section in found if section.rows)


def remarks(diff: ReleaseDiff) -> tuple[str, ...]:
    """Return what the comparison could not look at, in sentences."""
    said = []
    if not diff.has_titles:
        missing = next(side.name for side in (diff.first, diff.second) if side.release is None)
        said.append(
            f"The release of {missing} is not installed: compared by the validity table, without headers, titles and notes."
        )
    elif not diff.has_notes:
        without = [side.name for side in (diff.first, diff.second) if side.release and not side.release.has_notes]
        said.append(f"Notes and blocks were not compared: {', '.join(without)} came as an order file, which has none.")
    return tuple(said)


def _ended(diff: ReleaseDiff, codes: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    for code in codes:
        yield code, diff.deleted.get(code, ""), "", ", ".join(diff.successors.get(code, ())) or "no successor named"


def _pairs(pairs: Mapping[str, tuple[str, str]]) -> tuple[tuple[str, str, str, str], ...]:
    return tuple((code, *pair, "") for code, pair in pairs.items())


def _note_rows(notes: Mapping[str, tuple[NoteChange, ...]]) -> Iterator[tuple[str, str, str, str]]:
    for code, changes in notes.items():
        for change in changes:
            yield code, "; ".join(change.removed), "; ".join(change.added), change.kind
