"""The warning that matters most: with fibrodysplasia ossificans progressiva, what is never done is on every M61 answer."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.client import Client

BILLABLE = 154


def billable_codes(client: Client) -> list[str]:
    """Return every billable code below M61, by walking the tree as a client would."""
    found, waiting = [], ["M61"]
    while waiting:
        properties = client.lookup(waiting.pop(), property=["child", "billable"]).properties()
        for child in properties.get("child", []):
            waiting.append(child)
            if client.lookup(child, property="billable").properties()["billable"] == [True]:
                found.append(child)
    return sorted(set(found))


def never_do(composition: dict[str, Any]) -> str:
    """Return the text of the never-do section, without markup."""
    sections = [each for each in composition["section"] if "code" in each and each["code"]["coding"][0]["code"] == "never-do"]
    assert len(sections) == 1, composition["id"]
    assert "emptyReason" not in sections[0]
    return re.sub(r"<[^>]+>", " ", sections[0]["text"]["div"]).lower()


def assert_warns(composition: dict[str, Any]) -> None:
    """Assert that a text names the disease (that of the disease itself does so in its title) and what is never done."""
    text = never_do(composition)
    assert "fibrodysplasia ossificans progressiva" in text or composition["id"].startswith("fibrodysplasia"), text
    assert "biops" in text
    assert "intramuscular" in text
    assert re.search(r"excis|remov|surg", text)


@pytest.mark.parametrize("audience", ["clinician", "patient"])
def test_every_billable_m61_code_carries_the_warning(client: Client, audience: str) -> None:
    codes = billable_codes(client)
    assert len(codes) == BILLABLE
    reached: dict[str, int] = {}
    for code in codes:
        path = f"/fhir/r4/Composition/$for-code?code={code}&audience={audience}&section=definition&grade=A"
        reply = client.raw(path)  # every document is checked once below; 308 times would only take longer
        assert reply.status == 200
        composition = reply.json["entry"][0]["resource"]
        assert composition["type"]["coding"][0]["code"] == "condition-summary", code
        assert_warns(composition)
        (trace,) = reply.traces()
        assert (trace["outcome"], trace["relation"]) == ("found", "exact" if code == "M61.9" else "inherited"), code
        reached[composition["id"]] = reached.get(composition["id"], 0) + 1
    assert sum(reached.values()) == BILLABLE
    assert len(reached) >= 6


@pytest.mark.parametrize("audience", ["clinician", "patient"])
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("code", ["M61", "M61.0", "M61.1", "M61.2", "M61.3", "M61.4", "M61.5", "M61.9"])
def test_headers_carry_the_warning_too_in_every_language(client: Client, code: str, language: str, audience: str) -> None:
    reply = client.for_code(code, audience=audience, displayLanguage=language)
    assert_warns(reply.json["entry"][0]["resource"])


def test_a_searchset_of_several_codes_carries_the_warning_in_every_summary(client: Client) -> None:
    for composition in client.for_code(["M61.051", "M61.569", "M61.30", "M61.40"], max=20).resources("Composition", "match"):
        assert_warns(composition)


def test_what_a_search_finds_carries_the_warning(client: Client) -> None:
    found = client.search("Composition?code=M61.051").resources(mode="match")
    assert found
    for composition in found:
        assert_warns(composition)
