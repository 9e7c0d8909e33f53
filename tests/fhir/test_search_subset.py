"""`_elements` and `_summary`: what stays, what is marked."""

import importlib

import pytest

from icdref.fhir.search import apply_elements, apply_summary
from icdref.fhir.search_subset import ALWAYS, MANDATORY, SUBSETTED, SUMMARY

CARD = {
    "resourceType": "Library",
    "id": "x",
    "meta": {"versionId": "2", "tag": [{"code": "other"}]},
    "language": "en",
    "text": {"status": "generated", "div": "<div>x</div>"},
    "title": "X",
    "_title": {"extension": [{"url": "u", "valueCode": "en"}]},
    "status": "draft",
    "type": {"text": "library"},
    "topic": [{"text": "x"}],
    "content": [{"contentType": "text/html"}],
}


def model(package, resource_type):
    return getattr(importlib.import_module(f"{package}.{resource_type.lower()}"), resource_type)


@pytest.mark.parametrize("resource_type", SUMMARY)
def test_the_summary_elements_are_those_of_r4_and_r5(resource_type):
    published = set()
    for package in ("fhir.resources.R4B", "fhir.resources"):
        published |= set(model(package, resource_type).summary_elements_sequence())
    assert SUMMARY[resource_type] == published - ALWAYS


@pytest.mark.parametrize("resource_type", MANDATORY)
def test_the_mandatory_elements_are_those_of_r4_and_r5(resource_type):
    published = set()
    for package in ("fhir.resources.R4B", "fhir.resources"):
        for name, field in model(package, resource_type).model_fields.items():
            extra = field.json_schema_extra or {}
            if field.is_required() or extra.get("element_required"):
                published.add(field.alias or name)
    assert MANDATORY[resource_type] == published


def test_elements_keep_the_mandatory_ones_and_companions():
    kept = apply_elements(CARD, ["title", "resourceType", "nothing"])
    assert set(kept) == {"resourceType", "id", "meta", "title", "_title", "status", "type"}
    assert kept["meta"]["tag"] == [{"code": "other"}, SUBSETTED]
    assert CARD["meta"]["tag"] == [{"code": "other"}]


def test_elements_may_carry_the_type_and_reach_deeper():
    assert "topic" in apply_elements(CARD, ["Library.topic"])
    assert "content" in apply_elements(CARD, ["content.contentType"])


@pytest.mark.parametrize(
    ("summary", "kept"),
    [
        ("true", {"resourceType", "id", "meta", "title", "_title", "status", "type", "content"}),
        ("text", {"resourceType", "id", "meta", "text", "status", "type"}),
        ("data", set(CARD) - {"text"}),
        ("false", set(CARD)),
        ("count", set(CARD)),
    ],
)
def test_summaries_keep_their_part(summary, kept):
    reduced = apply_summary(CARD, summary)
    assert set(reduced) == kept
    assert (SUBSETTED in reduced["meta"]["tag"]) is (kept != set(CARD))


def test_what_lost_nothing_is_not_marked():
    whole = {"resourceType": "Library", "id": "x", "status": "draft", "type": {"text": "x"}}
    assert apply_elements(whole, ["title"]) is whole
    assert apply_summary(whole, "data") is whole
    assert apply_summary({"resourceType": "Organization", "id": "o", "name": "O"}, "true")["name"] == "O"


def test_the_mark_is_set_once_and_meta_keeps_its_place():
    reduced = apply_elements(apply_summary({**CARD, "meta": {}}, "data"), ["title"])
    assert reduced["meta"]["tag"] == [SUBSETTED]
    assert list(reduced)[:3] == ["resourceType", "id", "meta"]
