"""Documents: what every one of them must be, however it was asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.web.client import BASE_URL, FHIR, Client, Reply, get_and_post

BASE = f"{BASE_URL}{FHIR}"
DOCUMENT = "Composition/$document"
SUMMARIES = (
    "fibrodysplasia-ossificans-progressiva",
    "muscle-calcification-ossification",
    "muscle-calcification-ossification-unspecified",
    "myositis-ossificans-traumatica",
    "neurogenic-heterotopic-ossification",
    "other-calcification-of-muscle",
    "other-ossification-of-muscle",
    "ossified-intramuscular-hematoma",
)
VIEWS: tuple[dict[str, Any], ...] = (
    {},
    {"audience": "patient"},
    {"audience": "patient", "displayLanguage": "es"},
    {"audience": "patient", "section": "treatment"},
    {"displayLanguage": "de"},
    {"section": "treatment"},
    {"grade": ["A", "B"]},
)


def references(value: Any) -> list[str]:
    """Return every literal reference in a value."""
    if isinstance(value, list):
        return [found for each in value for found in references(each)]
    if not isinstance(value, dict):
        return []
    own = [value["reference"]] if isinstance(value.get("reference"), str) else []
    return own + [found for each in value.values() for found in references(each)]


@pytest.mark.parametrize("identifier", SUMMARIES)
def test_a_document_is_whole_and_every_reference_resolves_in_it(client: Client, identifier: str) -> None:
    bundle = get_and_post(client, DOCUMENT, at=identifier).json
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds == ["Composition", "Organization", "ValueSet", "Library", "Provenance"]
    assert (bundle["type"], bundle["identifier"]["value"]) == ("document", f"urn:uuid:{bundle['id']}")
    assert bundle["meta"]["source"].endswith(client.service.edition.id)
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(set(urls)) == len(urls)
    for entry in bundle["entry"]:
        assert entry["fullUrl"] == f"{BASE}/{entry['resource']['resourceType']}/{entry['resource']['id']}"
        for reference in references(entry["resource"]):
            target = reference.split("/_history/")[0]
            assert f"{BASE}/{target}" in urls, reference
            client.ask(f"{FHIR}/{target}")


@pytest.mark.parametrize("identifier", SUMMARIES)
def test_every_section_has_a_text_and_every_statement_stands_in_it(client: Client, identifier: str) -> None:
    composition = client.operation(DOCUMENT, at=identifier).json["entry"][0]["resource"]
    ids = [
        part["valueString"]
        for section in composition["section"]
        for extension in section.get("extension", [])
        for part in extension.get("extension", [])
        if part["url"] == "id"
    ]
    assert len(ids) == len(set(ids)) > 3
    narrative = "".join(section["text"]["div"] for section in composition["section"])
    assert all(f'id="{each}"' in narrative for each in ids)


@pytest.mark.parametrize("identifier", SUMMARIES)
def test_a_draft_says_in_every_view_that_nobody_reviewed_it(client: Client, identifier: str) -> None:
    for view in VIEWS:
        composition = client.operation(DOCUMENT, at=identifier, **view).json["entry"][0]["resource"]
        assert composition["status"] == "preliminary"
        assert "not reviewed by a clinician" in composition["text"]["div"]
        assert "no dosing" in composition["text"]["div"]


def test_equal_identifiers_mean_equal_documents_and_other_views_are_others(client: Client) -> None:
    seen: dict[str, str] = {}
    for identifier in SUMMARIES:
        for view in VIEWS:
            bundle = client.operation(DOCUMENT, at=identifier, **view).json
            body = json.dumps(bundle, sort_keys=True)
            assert seen.setdefault(bundle["identifier"]["value"], body) == body, (identifier, view)
    assert len(seen) > 4 * len(SUMMARIES)


def test_the_question_returns_the_same_document_with_the_trace_outside_of_it(client: Client) -> None:
    asked = client.for_code("M61.1").json
    plain = client.operation(DOCUMENT, at="fibrodysplasia-ossificans-progressiva").json
    assert asked["meta"].pop("extension")
    assert asked == plain


def test_the_same_document_is_the_same_bytes(client: Client) -> None:
    def ask() -> Reply:
        return client.operation(DOCUMENT, at="myositis-ossificans-traumatica")

    assert ask().body == ask().body
    assert ask().headers["etag"] == ask().headers["etag"]


def test_persist_false_is_accepted(client: Client) -> None:
    get_and_post(client, DOCUMENT, at="myositis-ossificans-traumatica", persist=False)
