"""`_elements` and `_summary`: what stays, what is marked."""

import pytest

from icdref.fhir.search import apply_elements, apply_summary
from icdref.fhir.search_subset import SUBSETTED

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
