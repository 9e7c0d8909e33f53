"""Pages as JSON: what the page shows and nothing that it does not show. Programs that can should ask in FHIR."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from icdref.fhir.summary_parts import attributes_line, cited_sources
from icdref.model import Release, Source, Statement
from icdref.results import CodeCard, Comparison, Lookup, MatchTrace, SearchResult, SectionView, SummaryView
from icdref.service.diff_sections import Section, remarks
from icdref.service.release_diff import ReleaseDiff
from icdref.service.safety_box import SafetyBox
from icdref.web.pages import parts


def code(
    lookup: Lookup, card: CodeCard, trace: MatchTrace, view: SummaryView | None, boxes: Iterable[SafetyBox]
) -> dict[str, Any]:
    """Return the page of a code."""
    concept, validity = lookup.concept, lookup.validity
    return {
        "system": lookup.system,
        "code": concept.code,
        "display": concept.display,
        "release": lookup.choice.release.version,
        "edition": lookup.choice.edition,
        "kind": concept.kind,
        "billable": concept.billable,
        "active": lookup.active,
        "validFrom": validity.valid_from if validity else None,
        "validTo": validity.valid_to if validity else None,
        "ancestors": [{"code": each.code, "display": each.display} for each in lookup.ancestors],
        "children": lookup.children,
        "facts": card.facts,
        "choices": [{"code": each, "display": title} for each, title in card.choices],
        "notes": [{"kind": each.note.kind, "text": each.note.text, "from": each.inherited_from} for each in lookup.notes],
        "replacedBy": lookup.replaced_by,
        "replaces": lookup.replaces,
        "issues": [{"severity": each.severity, "text": each.text} for each in lookup.issues],
        "match": {
            "outcome": trace.outcome,
            "relation": trace.relation,
            "boundCode": trace.bound_code,
            "notice": trace.notice,
            "also": trace.also,
        },
        "warnings": _boxes(boxes),
        "summary": summary(view) if view else None,
        "intendedUse": card.intended_use,
    }


def summary(view: SummaryView, boxes: Iterable[SafetyBox] = ()) -> dict[str, Any]:
    """Return a summary as this reader sees it."""
    review = view.summary.review
    return {
        "id": view.summary.id,
        "title": view.title,
        "version": view.summary.version,
        "status": view.status,
        "banner": view.banner,
        "intendedUse": view.intended_use,
        "audience": view.audience,
        "language": view.language,
        "languageNotice": view.language_notice,
        "release": view.release.version,
        "edition": view.edition,
        "lastReviewed": review.last_reviewed,
        "nextReviewDue": review.next_review_due or review.next_check_due,
        "expires": review.expires,
        "sourceAttributes": attributes_line(view),
        "codes": [{"system": each.system, "code": each.code, "match": each.match} for each in view.summary.codes],
        "warnings": _boxes(boxes),
        "sections": [_section(each, view) for each in view.sections],
        "patientText": view.patient_text.body if view.patient_text else None,
        "basedOn": view.patient_text.based_on if view.patient_text else (),
        "relations": [{"kind": each.kind, "target": each.target, "codes": each.codes} for each in view.summary.relations],
        "sources": [_source(each) for each in cited_sources(view)],
    }


def _section(section: SectionView, view: SummaryView) -> dict[str, Any]:
    return {
        "code": section.code,
        "title": section.title,
        "notice": section.notice,
        "withheld": section.withheld,
        "statements": [_statement(each, view) for each in section.statements],
    }


def _statement(statement: Statement, view: SummaryView) -> dict[str, Any]:
    found: dict[str, Any] = _claim(statement)
    if statement.window:
        found["weeks"] = [statement.window.from_weeks, statement.window.to_weeks]
    if form := statement.form:
        found["form"] = {"name": form.name, "status": form.status, "cause": form.cause, "codes": form.codes}
    if conflict := statement.conflict:
        others = [view.opposed[each] for each in conflict.other if each in view.opposed]
        found["conflict"] = {
            "topic": conflict.topic,
            "position": conflict.position,
            "note": conflict.note,
            "others": [{"summary": each.summary} | _claim(each.statement) for each in others],
        }
    return found


def _claim(statement: Statement) -> dict[str, Any]:
    return {"id": statement.id, "text": statement.text, "grade": statement.grade, "sources": statement.sources}


def _source(source: Source) -> dict[str, Any]:
    found = {"id": source.id, "citation": source.citation, "url": parts.source_link(source), "read": source.read}
    return found | {name: value for name in ("doi", "pmid", "pmcid") if (value := getattr(source, name))}


def _boxes(boxes: Iterable[SafetyBox]) -> list[dict[str, Any]]:
    return [{"summary": each.summary, "title": each.title} | _claim(each.statement) for each in boxes]


def about(view: SummaryView, rows: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the source attributes of a summary."""
    review = view.summary.review
    return {
        "id": view.summary.id,
        "title": view.title,
        "banner": view.banner,
        "attributes": dict(rows),
        "authors": [{"name": each.name, "role": each.role} for each in review.authors],
        "reviewers": [{"name": each.name, "role": each.role, "date": each.date} for each in review.reviewers],
        "sources": [_source(each) for each in cited_sources(view)],
    }


def search(query: str, found: SearchResult | None) -> dict[str, Any]:
    """Return what a search found."""
    if found is None:
        return {"query": query, "total": 0, "hits": []}
    hits = [
        {"code": hit.code, "display": hit.display, "billable": hit.billable, "active": hit.active, "why": parts.why_found(hit)}
        for hit in found.hits
    ]
    corrected = [{"typed": typed, "readAs": read_as} for typed, read_as in found.corrected]
    return {
        "query": query,
        "release": found.choice.release.version,
        "edition": found.choice.edition,
        "total": found.total,
        "corrected": corrected,
        "ignored": found.ignored,
        "hits": hits,
    }


def comparison(found: Comparison | None, problem: str, boxes: Iterable[SafetyBox]) -> dict[str, Any]:
    """Return conditions side by side."""
    if found is None:
        return {"problem": problem}
    return {
        "release": found.release.version,
        "edition": found.edition,
        "intendedUse": found.intended_use,
        "warnings": _boxes(boxes),
        "sides": [{"asked": each.asked, "summary": each.summary} for each in found.sides],
        "features": [{"summary": each.summary, "against": each.against} | _claim(each.statement) for each in found.features],
        "summaries": [summary(each) for each in found.views],
    }


def conditions(views: Iterable[SummaryView]) -> list[dict[str, Any]]:
    """Return the list of summaries."""
    return [
        {
            "id": each.summary.id,
            "title": each.title,
            "codes": parts.bound_codes(each),
            "status": each.status,
            "version": each.summary.version,
            "statements": len(each.summary.statements),
            "sources": len(each.summary.sources),
            "patientTexts": [text.language for text in each.summary.patient_texts],
        }
        for each in views
    ]


def releases(installed: Iterable[Release], changes: Iterable[date]) -> dict[str, Any]:
    """Return the installed releases and the days on which codes changed."""
    found = [
        {
            "version": each.version,
            "title": each.title,
            "from": each.effective_from,
            "to": each.effective_to,
            "codes": each.codes,
            "billable": each.billable,
        }
        for each in installed
    ]
    return {"installed": found, "changes": list(changes)}


def changes(diff: ReleaseDiff, found: Iterable[Section]) -> dict[str, Any]:
    """Return what one release changes against another."""
    names = ("code", "before", "after", "related")
    return {
        "from": diff.first.name,
        "to": diff.second.name,
        "remarks": remarks(diff),
        "sections": [
            {
                "key": each.key,
                "title": each.title,
                "advice": each.advice,
                "rows": [dict(zip(names, row, strict=True)) for row in each.rows],
            }
            for each in found
        ],
    }
