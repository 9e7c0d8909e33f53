"""The labelled queries keep finding what they should; the score is only raised on purpose."""

import pytest
from bench.search_quality import QUERIES, is_expected, score

HIT_AT_1, HIT_AT_5 = 0.97, 0.99
"""The score when the set was written was 0.992 and 1.000."""


@pytest.mark.slow
def test_the_labelled_queries_score_no_less_than_before(full_service):
    counts = score(full_service, QUERIES)["all"]
    assert counts["queries"] >= 300
    assert counts["hit1"] / counts["queries"] >= HIT_AT_1
    assert counts["hit5"] / counts["queries"] >= HIT_AT_5
    assert counts["wrong_side"] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["", "a", "?", "AND OR NOT", '"', "*", "\x00\x07", "שלום", "💊", "x" * 400, "left right", "-", "not"]
)
def test_odd_questions_get_a_sane_answer(full_service, text):
    found = full_service.search.search(text, count=5)
    assert found.total >= len(found.hits)


@pytest.mark.slow
def test_the_order_is_the_same_whatever_the_page(full_service):
    whole = [hit.code for hit in full_service.search.search("fracture left wrist", count=20).hits]
    pages = [
        hit.code for at in range(0, 20, 5) for hit in full_service.search.search("fracture left wrist", count=5, offset=at).hits
    ]
    assert pages == whole


def test_a_label_with_a_dash_allows_the_codes_below():
    assert is_expected("M61.569", "M61.5-")
    assert not is_expected("M61.569", "M61.4-|M61.5")
