"""Whatever is typed: a sane answer or a clear refusal, and never a slow one."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icdref.issues import IcdRefError
from icdref.language.titles import NEGATORS
from icdref.service.search.code_search import Only

BAD = [
    "",
    " ",
    "\t\n",
    "a",
    "-",
    ".",
    "'",
    '"',
    "%",
    "*",
    "a*",
    "\x00",
    "\x00\x01\x02heart\x1b[31m attack\x7f",
    "NEAR(heart attack)",
    'heart AND "attack" OR NOT title:x',
    "{heart} ^attack~2",
    "'; DROP TABLE concept; --",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "مرض القلب",
    "心臓発作",
    "שבץ מוחי",
    "\u202eattack heart\u202c",
    "💔 attack",
    "❤️‍🩹",
    "ﬁbrosis",
    "ｈｅａｒｔ",
    "h e a r t",
    "not",
    "not not not",
    "without",
    "left right left right",
    "r",
    "l l l",
    "both",
    "of the and",
    "1",
    "1 2 3 4 5 6 7 8 9",
    "999999999999",
    "m",
    "m6",
    "z99999",
    "M61.-",
    "M60-M6",
    "A00-Z99",
    "QQQ",
    "x" * 400,
    "pain " * 79,
    "fracture of the left right upper lower inner outer " * 7,
    "zqxj " * 60,
    "not pain " * 40,
    "/" * 200,
    "1/2/3/a/b/c" * 20,
    "é" * 300,
    "\U0001f600" * 100,
    "\ud800",
]


@pytest.mark.parametrize("text", BAD, ids=[repr(text)[:30] for text in BAD])
@pytest.mark.parametrize("only", [Only(), Only(billable=True)], ids=["all", "billable"])
def test_odd_input_gets_a_sane_and_quick_answer(full_service, text, only):
    begun = time.process_time()
    found = full_service.search.search(text, count=20, only=only)
    assert time.process_time() - begun < 0.5
    assert 0 <= len(found.hits) <= 20
    assert found.total >= len(found.hits)
    for issue in found.issues:
        assert issue.severity == "information"


@pytest.mark.parametrize("text", ["a" * 401, "heart attack " * 1000, "\x00" * 10_000, "💔" * 5_000])
def test_ten_thousand_letters_are_refused_before_anything_is_read(full_service, text):
    begun = time.process_time()
    with pytest.raises(IcdRefError) as caught:
        full_service.search.search(text)
    assert time.process_time() - begun < 0.05
    assert caught.value.issue.detail == "query-too-long"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_answered(full_service, text):
    found = full_service.search.search(text, count=5)
    assert found.total >= len(found.hits)


_WORDS = st.lists(
    st.sampled_from(
        [
            "right",
            "left",
            "both",
            "not",
            "without",
            "no",
            "pain",
            "fracture",
            "femur",
            "knee",
            "ankle",
            "open",
            "initial",
            "stage",
            "3",
            "type",
            "2",
            "diabetes",
            "diab",
            "fx",
            "R",
            "L",
            "acute",
            "kidney",
            "stone",
            "bone",
            "growing",
            "muscle",
            "heart",
            "attack",
            "broken",
            "arm",
            "sprianed",
            "hemorrhage",
            "tumour",
            ",",
            "s/p",
            "T4",
            "m61",
            "i10",
            "of",
            "the",
            "unspecified",
        ]
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=120, deadline=None)
@given(_WORDS, st.integers(0, 40), st.integers(1, 15))
def test_pages_of_any_question_fit_together(full_service, words, offset, count):
    text = " ".join(words)
    whole = full_service.search.search(text, count=offset + count)
    page = full_service.search.search(text, count=count, offset=offset)
    assert page.hits == whole.hits[offset:]
    assert page.total == whole.total
    sides = {"R": "right", "right": "right", "L": "left", "left": "left"}
    named = {sides[word] for before, word in pairwise(["", *words]) if word in sides and before not in NEGATORS}
    if len(named) == 1 and "both" not in words and len(words) > 1:
        other = ({"right", "left"} - named).pop()
        wrong = [
            hit.code
            for hit in whole.hits
            if other in hit.display.lower().replace(",", " ").split() and hit.why[0].field != "code"
        ]
        assert not [
            code for code in wrong if not named & set(full_service.concepts.concept(code, 0).concept.display.lower().split())
        ]
