"""A release diff as sections a person reads: by consequence, each with what to do; as CSV, HTML and JSON too."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from icdref.compiler.diff import NoteChange, ReleaseDiff
from icdref.compiler.impact import MEANINGS, Finding


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


def to_json(diff: ReleaseDiff, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return everything as JSON types."""
    return {
        "from": diff.first.name,
        "to": diff.second.name,
        "remarks": list(remarks(diff)),
        "counts": diff.counts(),
        **{name: getattr(diff, name) for name in ("added", "deleted", "headers_added", "headers_removed")},
        **{name: list(getattr(diff, name)) for name in ("became_header", "became_billable", "blanks_only")},
        **{
            name: {code: list(pair) for code, pair in getattr(diff, name).items()}
            for name in ("retitled", "headers_retitled", "moved", "successors", "predecessors")
        },
        "notes": {
            code: [{"kind": each.kind, "added": list(each.added), "removed": list(each.removed)} for each in changes]
            for code, changes in diff.notes.items()
        },
        "impact": [
            {"kind": each.kind, "subject": each.subject, "code": each.code, "detail": each.detail, "fails": each.is_failure}
            for each in findings
        ],
    }


def to_csv(diff: ReleaseDiff) -> str:
    """Return one row per change: consequence, code, before, after, related codes."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("consequence", "code", "before", "after", "related"))
    for section in sections(diff):
        writer.writerows((section.key, *row) for row in section.rows)
    return stream.getvalue()


def to_html(diff: ReleaseDiff, findings: Sequence[Finding]) -> str:
    """Return one self-contained page without scripts."""
    title = f"ICD-10-CM {diff.first.name} to {diff.second.name}"
    parts = [f"<h1>{html.escape(title)}</h1>", *(f"<p>{html.escape(each)}</p>" for each in remarks(diff))]
    for section in sections(diff):
        parts.append(f"<h2>{html.escape(section.title)} ({len(section.rows)})</h2><p>{html.escape(section.advice)}</p>")
        parts.append(_table(("code", "before", "after", "related"), section.rows))
    if findings:
        parts.append("<h2>What icdref says that is concerned</h2>")
        parts.append(
            _table(("what", "summary or map", "code", "detail"), [(f.kind, f.subject, f.code, f.detail) for f in findings])
        )
    style = "body{font:1rem/1.4 sans-serif;margin:2rem}table{border-collapse:collapse}td,th{padding:.2rem .6rem;text-align:left;"
    style += "border-bottom:1px solid #ccc;vertical-align:top}"
    head = f'<head><meta charset="utf-8"><title>{html.escape(title)}</title><style>{style}</style></head>'
    return f'<!DOCTYPE html>\n<html lang="en">{head}<body>{"".join(parts)}</body></html>\n'


def meaning(kind: str) -> str:
    """Return what a kind of finding asks for."""
    return MEANINGS[kind]


def _ended(diff: ReleaseDiff, codes: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    for code in codes:
        yield code, diff.deleted.get(code, ""), "", ", ".join(diff.successors.get(code, ())) or "no successor named"


def _pairs(pairs: Mapping[str, tuple[str, str]]) -> tuple[tuple[str, str, str, str], ...]:
    return tuple((code, *pair, "") for code, pair in pairs.items())


def _note_rows(notes: Mapping[str, tuple[NoteChange, ...]]) -> Iterator[tuple[str, str, str, str]]:
    for code, changes in notes.items():
        for change in changes:
            yield code, "; ".join(change.removed), "; ".join(change.added), change.kind


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(each)}</th>" for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
