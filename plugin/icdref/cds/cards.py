"""Cards: what a card may say, how long it may be, and its shape on the wire."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from icdref.fhir.canonical import BASE

MOST_CARDS: Final = 3
MOST_LINKS: Final = 3
LONGEST_SUMMARY: Final = 139

_NAMESPACE: Final = uuid5(NAMESPACE_URL, f"{BASE}/cds-services")
_TOPICS: Final = f"{BASE}/CodeSystem/card-topic"
_REASONS: Final = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"

OVERRIDE_REASONS: Final = {
    "cds-not-applicable": "PC CDS does not apply to patient",
    "cds-suboptimal-context": "PC CDS delivered in suboptimal context",
    "recipient-disagrees-evidence": "Recipient disagrees with recommendation because of issues with the evidence",
    "recipient-concerns-outcomes": "Recipient has concerns about outcomes",
    "does-not-align-preferences": "Does not align with preferences",
    "not-convenient-feasible": "Not convenient or feasible",
}
"""Codes of HL7's non-adherence reasons with what a client shows for them."""


@dataclass(frozen=True, slots=True)
class Link:
    """An absolute link of a card."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One change that a clinician may accept: the whole resource, changed."""

    label: str
    description: str
    resource: dict[str, Any]
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One card. `topic` is the id of a summary or a kind of coding remark; `key` tells cards of one topic apart."""

    topic: str
    summary: str
    detail: str
    key: str = ""
    indicator: str = "info"
    links: tuple[Link, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


def to_cards(cards: Sequence[Card], instance: str, source_url: str) -> list[dict[str, Any]]:
    """Return at most three cards as they are sent, each offered once; the third one names what is left out."""
    offered = list({(card.topic, card.key): card for card in cards}.values())
    shown, left = offered[:MOST_CARDS], offered[MOST_CARDS:]
    if left:
        shown[-1] = _with_more(shown[-1], left)
    return [_card(card, instance, source_url) for card in shown]


def card_uuid(instance: str, topic: str, key: str = "") -> str:
    """Return the id of a card: the same for the same call and topic; its first half is that of `topic_tag`."""
    made = uuid5(_NAMESPACE, f"{instance}\n{topic}\n{key}")
    return str(UUID(bytes=bytes.fromhex(topic_tag(topic)) + made.bytes[4:]))


def topic_tag(topic: str) -> str:
    """Return eight hexadecimal digits that every card on a topic begins with, so that feedback can be counted by topic."""
    return hashlib.sha256(topic.encode()).hexdigest()[:8]


def markdown(text: str) -> str:
    r"""Return text that shows exactly itself where Markdown is rendered, raw HTML allowed or not.

    >>> markdown("a <b> *c* [d](e)")
    'a &lt;b&gt; \\*c\\* \\[d\\](e)'
    """
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join("\\" + letter if letter in "\\`*_[]#|~" else letter for letter in plain)


def bullets(texts: Iterable[str]) -> str:
    """Return texts as a list in Markdown."""
    return "\n".join(f"- {markdown(text)}" for text in texts)


def shortened(text: str) -> str:
    """Return a summary line that is short enough, cut at a word."""
    if len(text) <= LONGEST_SUMMARY:
        return text
    return text[: LONGEST_SUMMARY - 1].rsplit(" ", 1)[0] + "…"


def _with_more(card: Card, left: Sequence[Card]) -> Card:
    """Return the last card with the others named in it, and a link to the first of them."""
    number = f"{len(left)} more"
    detail = f"{card.detail}\n\n**{number}**\n\n{bullets(other.summary for other in left)}"
    first = next((link for other in left for link in other.links), None)
    links = (*card.links[: MOST_LINKS - 1], Link(number, first.url)) if first else card.links
    return replace(card, detail=detail, links=links)


def _card(card: Card, instance: str, source_url: str) -> dict[str, Any]:
    shaped: dict[str, Any] = {
        "uuid": card_uuid(instance, card.topic, card.key),
        "summary": shortened(card.summary),
        "indicator": card.indicator,
        "detail": card.detail,
        "source": {"label": "icdref", "url": source_url, "topic": {"system": _TOPICS, "code": card.topic}},
        "overrideReasons": [{"code": code, "system": _REASONS, "display": text} for code, text in OVERRIDE_REASONS.items()],
    }
    if card.links:
        shaped["links"] = [{"label": link.label, "url": link.url, "type": "absolute"} for link in card.links[:MOST_LINKS]]
    if card.suggestions:
        shaped["suggestions"] = [_suggestion(each, card, instance) for each in card.suggestions]
        shaped["selectionBehavior"] = "at-most-one"
    return shaped


def _suggestion(suggestion: Suggestion, card: Card, instance: str) -> dict[str, Any]:
    shaped: dict[str, Any] = {
        "label": suggestion.label,
        "uuid": str(uuid5(_NAMESPACE, f"{instance}\n{card.topic}\n{card.key}\n{suggestion.label}")),
        "actions": [{"type": "update", "description": suggestion.description, "resource": suggestion.resource}],
    }
    if suggestion.recommended:
        shaped["isRecommended"] = True
    return shaped
