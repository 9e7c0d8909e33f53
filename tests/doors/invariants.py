"""The invariants that HL7 puts on CDS Hooks answers, and ours: nothing empty, nothing over its limit, absolute links."""

from __future__ import annotations

import re
from typing import Any

from tests.doors.calling import Reply

UUID = re.compile(r"\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


def cards_of(reply: Reply) -> list[dict[str, Any]]:
    """Return the cards of an answer, every one of them checked."""
    assert reply.status == 200, reply.body
    cards = reply.json["cards"]
    assert len(cards) <= 3
    for card in cards:
        check_card(card)
    assert len({card["uuid"] for card in cards}) == len(cards)
    return cards


def check_card(card: dict[str, Any]) -> None:
    assert_nothing_empty({key: value for key, value in card.items() if key != "suggestions"})
    assert UUID.match(card["uuid"])
    assert 0 < len(card["summary"]) < 140
    assert card["indicator"] in ("info", "warning")
    assert card["source"]["label"] == "icdref"
    assert card["source"]["url"].startswith("https://")
    assert card["source"]["topic"]["code"]
    for link in card.get("links", []):
        assert link["type"] == "absolute"
        assert link["url"].startswith("https://icdref.example.org/")
        assert "appContext" not in link  # resp-3: only with smart
    assert len(card.get("links", [])) <= 3
    assert all(reason["display"] and reason["code"] for reason in card["overrideReasons"])  # resp-4
    assert "edition" in card["detail"]
    check_suggestions(card)


def check_suggestions(card: dict[str, Any]) -> None:
    if "suggestions" not in card:
        assert "selectionBehavior" not in card
        return
    assert card["selectionBehavior"] == "at-most-one"  # resp-6
    assert sum(each.get("isRecommended", False) for each in card["suggestions"]) <= 1  # resp-1
    assert len(card["suggestions"]) <= 6
    for suggestion in card["suggestions"]:
        assert suggestion["label"]
        assert UUID.match(suggestion["uuid"])
        assert suggestion.get("actionSelectionBehavior", "all") in ("all", "any", "at-most-one")  # resp-7
        (action,) = suggestion["actions"]  # resp-1
        assert action["type"] == "update"  # so that resp-2, on delete, cannot be broken
        assert action["description"]  # resp-5
        assert "resourceId" not in action
        assert action["resource"]["resourceType"] == "Condition"


def assert_nothing_empty(value: Any) -> None:
    assert value not in (None, "", [], {})
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        assert_nothing_empty(inner)
