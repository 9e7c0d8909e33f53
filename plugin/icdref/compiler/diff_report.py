"""A release diff as files: CSV, HTML and JSON."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from typing import Any

from icdref.compiler.impact import MEANINGS, Finding
from icdref.service.diff_sections import remarks, sections
from icdref.service.release_diff import ReleaseDiff


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


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(each)}</th>" for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
