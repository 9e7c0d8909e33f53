"""The card of a code as a Composition: what the code set alone says about it."""

from __future__ import annotations

from typing import Any

from icdref.fhir.canonical import DOCUMENT_TYPE_SYSTEM, edition_uri
from icdref.fhir.card_sections import card_sections
from icdref.fhir.composition import AUTHOR, event, identity
from icdref.fhir.datatypes import coding, concept, instant
from icdref.fhir.narrative import element, items, narrative
from icdref.fhir.sections import section_code
from icdref.results import CodeCard


def card_id(card: CodeCard) -> str:
    """Return the id of the Composition of a code, such as code-G82.20 or code-M60-M63."""
    return f"code-{card.lookup.concept.code}"


def to_code(identifier: str) -> str:
    """Return the code that the id of a code's Composition names, '' for any other id.

    >>> to_code("code-G82.20"), to_code("myositis-ossificans-traumatica")
    ('G82.20', '')
    """
    return identifier.removeprefix("code-") if identifier.startswith("code-") else ""


def card_composition(card: CodeCard, fhir_version: str = "4.0", notice: str = "") -> dict[str, Any]:
    """Return the Composition of a code: type `code-card`, its facts, then notes, maps and imported content.

    `notice` is what a reader must know beside the facts, such as that no summary covers the code.
    It is `final`, not preliminary: it repeats the publisher's release, and nobody has to review that.
    """
    lookup = card.lookup
    concept_, release = lookup.concept, lookup.choice.release
    title = f"{concept_.code} {concept_.display}".strip()
    about = coding(lookup.system, concept_.code, concept_.display, release.version)
    return {
        "resourceType": "Composition",
        "id": card_id(card),
        "meta": {
            "versionId": release.version,
            "lastUpdated": instant(release.effective_from),
            "source": edition_uri(lookup.choice.edition),
        },
        "language": "en",
        "text": narrative("generated", *(element("p", sentence) for sentence in _introduction(card, title, notice))),
        **identity(card_id(card), fhir_version),
        "status": "final",
        "type": concept(coding(DOCUMENT_TYPE_SYSTEM, "code-card", "Facts of a code")),
        "date": release.effective_from.isoformat(),
        "author": [dict(AUTHOR)],
        "title": title,
        "custodian": {"reference": AUTHOR["reference"]},
        "event": [event([about], fhir_version)],
        "section": [_section(card), *card_sections(card)],
    }


def _introduction(card: CodeCard, title: str, notice: str) -> list[str]:
    choice = card.lookup.choice
    sentences = (
        f"{title}: facts of the code, from the code set alone. This is not a condition summary.",
        notice,
        card.intended_use,
        f"Codes of {choice.release.title} ({choice.release.version}); edition {choice.edition}.",
    )
    return [sentence for sentence in sentences if sentence]


def _section(card: CodeCard) -> dict[str, Any]:
    shown = []
    if card.facts:
        shown.append(items(card.facts))
    if card.choices:
        shown.append(element("p", "More specific codes:"))
        shown.append(items([f"{code} {title}".strip() for code, title in card.choices]))
    if not shown:
        shown.append(element("p", "The release says nothing more about this code."))
    return {"title": "Coding", "code": section_code("coding", "Coding"), "text": narrative("generated", *shown)}
