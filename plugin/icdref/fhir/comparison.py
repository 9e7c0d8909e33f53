"""Conditions side by side as a document: one Composition whose sections hold the same section of each condition."""

from __future__ import annotations

from typing import Any, Final

from icdref.fhir.canonical import DOCUMENT_TYPE_SYSTEM, SECTION_SYSTEM, edition_uri, extension_url
from icdref.fhir.composition import AUTHOR
from icdref.fhir.datatypes import coding, concept, extension, instant
from icdref.fhir.library import library
from icdref.fhir.narrative import element, items, join, link, narrative
from icdref.fhir.provenance import organization
from icdref.fhir.sections import references_section, section_code, section_of
from icdref.fhir.summary_parts import cited_sources, flags, is_published, revised, standing
from icdref.model import Source
from icdref.results import Comparison, ComparisonRow, Feature, SummaryView

SAFETY: Final = ("red-flags", "never-do")
_ID: Final = "comparison"


def comparison_resources(comparison: Comparison, base_url: str, fhir_version: str = "4.0") -> tuple[dict[str, Any], ...]:
    """Return the resources of a comparison: the Composition first, then who says so, then the catalogue cards."""
    cards = (library(view, base_url, fhir_version) for view in comparison.views)
    return (_composition(comparison), organization(), *cards)


def _composition(comparison: Comparison) -> dict[str, Any]:
    views = comparison.views
    title = " | ".join(_names(comparison))
    published = bool(views) and all(is_published(view) for view in views)
    marked: dict[str, Any] = {}
    for view in views:
        marked |= flags(view)
    return {
        "resourceType": "Composition",
        "id": _ID,
        "meta": {"lastUpdated": instant(_day(comparison)), "source": edition_uri(comparison.edition)} | marked,
        "language": "en",
        "text": narrative("generated", *_introduction(comparison, title)),
        "status": "final" if published else "preliminary",
        "type": concept(coding(DOCUMENT_TYPE_SYSTEM, "comparison", "Comparison of conditions")),
        "date": _day(comparison).isoformat(),
        "author": [dict(AUTHOR)],
        "title": f"Comparison: {title}",
        "custodian": {"reference": AUTHOR["reference"]},
        "section": _sections(comparison),
    }


def _day(comparison: Comparison) -> Any:
    return max((revised(view) for view in comparison.views), default=comparison.release.effective_from)


def _names(comparison: Comparison) -> list[str]:
    titles = {view.summary.id: view.title for view in comparison.views}
    return [
        f"{side.trace.normalised} {side.trace.display}" if side.trace else titles.get(side.summary, side.asked)
        for side in comparison.sides
    ]


def _introduction(comparison: Comparison, title: str) -> list[str]:
    shown: list[str] = [element("p", f"Side by side: {title}."), element("p", comparison.intended_use)]
    notices = [(side.asked, side.trace.notice) for side in comparison.sides if side.trace and side.trace.notice]
    shown += [element("p", f"{asked}: {notice}") for asked, notice in notices]
    for view in comparison.views:
        shown += [element("p", element("b", view.title)), items(standing(view))]
    if not comparison.views:
        release = comparison.release
        shown.append(element("p", f"Codes of {release.title} ({release.version}); edition {comparison.edition}."))
    return shown


def _sections(comparison: Comparison) -> list[dict[str, Any]]:
    views = comparison.views
    safety = [_row(views, row) for row in comparison.rows if row.code in SAFETY]
    others = [_row(views, row) for row in comparison.rows if row.code not in SAFETY]
    sources: dict[str, Source] = {source.id: source for view in views for source in cited_sources(view)}
    found = [*safety, *_features(comparison), *others, *_cards(comparison)]
    if views:
        found.append(references_section([sources[identifier] for identifier in sorted(sources)], views))
    return found


def _row(views: tuple[SummaryView, ...], row: ComparisonRow) -> dict[str, Any]:
    cells = [section_of(view, cell) | {"title": view.title} for view, cell in zip(views, row.cells, strict=True) if cell]
    return {"title": row.title, "code": section_code(row.code, row.title), "section": cells}


def _features(comparison: Comparison) -> list[dict[str, Any]]:
    if not comparison.features:
        return []
    titles = {view.summary.id: view.title for view in comparison.views}
    return [
        {
            "extension": [_feature(each) for each in comparison.features],
            "title": "What tells them apart",
            "code": concept(coding(SECTION_SYSTEM, "discriminating", "What tells them apart")),
            "text": narrative("generated", items([_feature_text(each, titles) for each in comparison.features])),
        }
    ]


def _feature_text(feature: Feature, titles: dict[str, str]) -> str:
    against = f", against {titles[feature.against]}" if feature.against else ""
    statement = feature.statement
    mark = join(" (Grade ", statement.grade, "; ", link(f"#{statement.id}", statement.id), ")")
    return join(f"{titles[feature.summary]}{against}: ", statement.text, mark)


def _feature(feature: Feature) -> dict[str, Any]:
    parts = [extension("statement", valueString=feature.statement.id), extension("of", valueString=feature.summary)]
    if feature.against:
        parts.append(extension("against", valueString=feature.against))
    return extension(extension_url("discriminating-feature"), *parts)


def _cards(comparison: Comparison) -> list[dict[str, Any]]:
    """Return the facts of each code that was asked: for codes of one condition they are all that differs."""
    cards = [(side.card.lookup.concept, side.card.facts) for side in comparison.sides if side.card]
    if not cards:
        return []
    cells = [
        {
            "title": f"{code.code} {code.display}".strip(),
            "code": concept(coding(SECTION_SYSTEM, "code-facts", "Facts of the code")),
            "text": narrative("generated", items(facts)),
        }
        for code, facts in cards
    ]
    return [{"title": "The codes", "code": concept(coding(SECTION_SYSTEM, "code-facts", "The codes")), "section": cells}]
