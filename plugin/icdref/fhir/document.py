"""A condition summary, or the card of a code, as a document: one Bundle in which every reference resolves."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from icdref.fhir.bundle import full_url
from icdref.fhir.canonical import BASE, canonical, edition_uri
from icdref.fhir.code_card import card_composition, card_id
from icdref.fhir.comparison import comparison_resources
from icdref.fhir.composition import composition
from icdref.fhir.datatypes import instant
from icdref.fhir.library import library
from icdref.fhir.provenance import organization, provenance
from icdref.fhir.summary_parts import revised
from icdref.fhir.value_set import value_set
from icdref.results import CodeCard, Comparison, SummaryView

_NAMESPACE: Final = uuid5(NAMESPACE_URL, BASE)


def document(view: SummaryView, base_url: str, fhir_version: str = "4.0") -> dict[str, Any]:
    """Return the document of a summary, without a trace: see `match_trace.with_traces`.

    The Composition comes first, as bdl-11 demands. Nothing in it depends on the clock or on the request beyond the view,
    so it can be rendered once per edition and base URL.
    """
    resources = (
        composition(view, fhir_version),
        organization(),
        value_set(view),
        library(view, base_url, fhir_version),
        provenance(view),
    )
    return _bundle(resources, base_url, _summary_uuid(view, fhir_version), revised(view), view.edition)


def card_document(card: CodeCard, base_url: str, fhir_version: str = "4.0", notice: str = "") -> dict[str, Any]:
    """Return the document of a code: its facts, and who says so. `notice` says why there is no summary in its place."""
    resources = (card_composition(card, fhir_version, notice), organization())
    choice = card.lookup.choice
    version = choice.release.version
    identity = _uuid(
        canonical("Composition", card_id(card), version),
        fhir_version,
        choice.edition,
        notice,
        *card.facts,
        *map(str, card.choices),
        *map(repr, card.mappings),
        *map(repr, card.stubs),
    )
    return _bundle(resources, base_url, identity, choice.release.effective_from, choice.edition)


def comparison_document(comparison: Comparison, base_url: str, fhir_version: str = "4.0") -> dict[str, Any]:
    """Return the document of a comparison, without traces; equal comparisons have equal identities."""
    resources = comparison_resources(comparison, base_url, fhir_version)
    views = (str(_summary_uuid(view, fhir_version)) for view in comparison.views)
    facts = (fact for side in comparison.sides if side.card for fact in side.card.facts)
    notices = (side.trace.notice for side in comparison.sides if side.trace)
    asked = (side.asked for side in comparison.sides)
    identity = _uuid("comparison", fhir_version, comparison.release.version, comparison.edition, *asked, *views, *facts, *notices)
    day = max((revised(view) for view in comparison.views), default=comparison.release.effective_from)
    return _bundle(resources, base_url, identity, day, comparison.edition)


def _bundle(resources: tuple[dict[str, Any], ...], base_url: str, identity: UUID, day: date, edition: str) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "id": str(identity),
        "meta": {"source": edition_uri(edition)},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": identity.urn},
        "type": "document",
        "timestamp": instant(day),
        "entry": [{"fullUrl": full_url(base_url, resource), "resource": resource} for resource in resources],
    }


def _summary_uuid(view: SummaryView, fhir_version: str) -> UUID:
    """Return the identity of a document: equal for equal documents, another for every other view of the summary.

    Status and banner are part of it because a summary becomes stale without a new version, the edition and the note on
    the language because the text names them.
    """
    sections = (
        f"{section.code}:{','.join(statement.id for statement in section.statements)}:{section.withheld}:{section.withdrawn}"
        for section in view.sections
    )
    return _uuid(
        canonical("Composition", view.summary.id, view.version),
        fhir_version,
        view.release.version,
        view.edition,
        view.language,
        view.language_notice,
        view.audience,
        view.status,
        view.banner,
        "public" if view.withheld else "full",
        "part" if view.subset else "whole",
        *sections,
        *sorted(view.opposed),
    )


def _uuid(*parts: str) -> UUID:
    return uuid5(_NAMESPACE, "\n".join(parts))
