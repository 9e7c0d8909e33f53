"""What the search understands and how it ranks, point by point, on the vendored release."""

from __future__ import annotations

from datetime import date

import pytest

from icdref.issues import IcdRefError
from icdref.service.search.code_search import Only
from tests.conftest import TODAY


@pytest.fixture(scope="module")
def find(full_service):
    def find(text, count=10, **more):
        return full_service.search.search(text, count=count, **more)

    return find


@pytest.fixture(scope="module")
def codes(find):
    def codes(text, count=10, **more):
        return [hit.code for hit in find(text, count, **more).hits]

    return codes


# --- what is understood ------------------------------------------------------------------------------------------------


def test_beginnings_of_words_are_enough(codes):
    assert codes("diab 2 neu")[0] in ("E11.4", "E11.40")
    assert codes("fract fem")[0].startswith("S72")
    assert codes("pneu")[0] == "J18.9"


def test_a_beginning_never_matches_inside_words(find):
    for hit in find("mi", 50).hits:
        assert any(each.field != "title" or each.term.startswith(("mi", "MI")) for each in hit.why), hit


@pytest.mark.parametrize("text", ["left knee pain", "pain knee left", "knee, left, pain", "PAIN IN LEFT KNEE"])
def test_word_order_case_and_punctuation_do_not_matter(codes, text):
    assert codes(text)[0] == "M25.562"


@pytest.mark.parametrize(
    ("text", "code", "typed", "read_as"),
    [
        ("astma", "J45.909", "astma", "asthma"),
        ("neumonia", "J18.9", "neumonia", "pneumonia"),
        ("fibromyalga", "M79.7", "fibromyalga", "fibromyalgia"),
        ("hemmorage subarachnoid", "I60.9", "hemmorage", "hemorrhage"),
    ],
)
def test_slips_are_forgiven_and_said(find, text, code, typed, read_as):
    found = find(text)
    assert found.hits[0].code == code
    assert (typed, read_as) in found.corrected
    assert typed in {each.corrected for each in found.hits[0].why}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("HTN", "I10"),
        ("DM2", "E11.9"),
        ("CKD 3", "N18.30"),
        ("ckd3b", "N18.32"),
        ("MI", "I21.9"),
        ("COPD", "J44.9"),
        ("s/p CABG", "Z95.1"),
        ("w/o", ""),
    ],
)
def test_abbreviations(codes, text, code):
    assert (codes(text) or [""])[0] == code


@pytest.mark.parametrize(("text", "code"), [("heart attack", "I21.9"), ("pink eye left", "H10.022"), ("shingles", "B02.9")])
def test_lay_words(codes, text, code):
    assert codes(text)[0] == code


@pytest.mark.parametrize(
    ("text", "code"), [("haemorrhoids", "K64.9"), ("oedema", "R60.9"), ("anaemia", "D64.9"), ("diarrhoea", "R19.7")]
)
def test_british_spelling(codes, text, code):
    assert codes(text)[0] == code


def test_british_spelling_is_reported_as_read(find):
    assert ("oesophagitis", "esophagitis") in find("oesophagitis").corrected


@pytest.mark.parametrize("text", ["Sjögren", "sjogren", "Sjogren's", "sjogrens syndrome"])
def test_accents_possessives_and_plurals(codes, text):
    assert codes(text)[0].startswith("M35.0")


@pytest.mark.parametrize(
    "text", ["stage 3 pressure ulcer sacrum", "pressure ulcer sacrum stage three", "bedsore sacral stage III"]
)
def test_numbers_as_words_and_roman(codes, text):
    assert codes(text)[0] == "L89.153"


def test_vertebrae_in_a_range_are_found_one_by_one(codes):
    assert codes("complete lesion T4 thoracic spinal cord")[0] == "S24.112"


@pytest.mark.parametrize(
    ("text", "first"),
    [("m610", "M61.0"), ("M61.0", "M61.0"), ("E11.2", "E11.2"), ("e112", "E11.2"), ("qa0.01", "QA0.01"), ("M61.05-", "M61.05")],
)
def test_the_beginning_of_a_code_lists_it_and_all_below_in_book_order(find, full_service, text, first):
    found = find(text, 400)
    stored = full_service.concepts.concept(first, 0)
    assert [hit.code for hit in found.hits] == [each.concept.code for each in full_service.concepts.below(stored, 0)]
    assert found.total == len(found.hits)
    assert {each.field for hit in found.hits for each in hit.why} == {"code"}


def test_a_code_prefix_marks_headers_as_not_billable(find):
    assert [(hit.code, hit.billable) for hit in find("M61.05").hits] == [
        ("M61.05", False),
        ("M61.051", True),
        ("M61.052", True),
        ("M61.059", True),
    ]


def test_a_code_with_its_seventh_character(codes):
    assert codes("s93401a") == ["S93.401A"]
    assert codes("T07.XX") == ["T07.XXXA", "T07.XXXD", "T07.XXXS"]


def test_a_block_lists_what_is_in_it(find):
    found = find("M60-M63", 1)
    assert (found.hits[0].code, found.total) == ("M60", sum(1 for _ in ("",)) and found.total)
    assert found.total > 400


def test_a_code_beside_words(codes):
    assert codes("m61 right thigh")[0] in ("M61.051", "M61.551")


def test_a_mistyped_code_is_read_as_the_one_that_looks_like_it(find):
    found = find("M61.O5")
    assert found.hits[0].code == "M61.05"
    assert found.corrected == (("M61.O5", "M61.05"),)


def test_what_is_ruled_out_is_not_returned(find):
    assert not [hit for hit in find("calcification of muscle not burns", 100).hits if "burn" in hit.display]
    assert find("type 1 diabetes with ketoacidosis no coma").hits[0].code == "E10.10"
    assert find("concussion without LOC").hits[0].code == "S06.0X0"


def test_an_encounter_refines_a_code_that_takes_one(codes):
    assert codes("ankle sprain right initial encounter")[0] == "S93.401A"
    assert codes("concussion sequela")[0].endswith("S")
    assert codes("distal radius fracture right open")[0] in ("S52.501B", "S52.501C")
    assert (
        codes("Unspecified fracture of shaft of right femur, subsequent encounter for closed fracture with malunion")[0]
        == "S72.301P"
    )


# --- sides -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["R shoulder pain", "right shoulder pain", "rt shoulder pain", "shoulder pain R"])
def test_a_side_is_a_constraint(find, text):
    found = find(text, 200)
    assert found.hits[0].code == "M25.511"
    assert not [hit for hit in found.hits if "left" in hit.display.lower().split() or "bilateral" in hit.display.lower()]


def test_both_sides_prefer_bilateral_codes_and_accept_each_side_where_there_is_none(codes):
    assert codes("carpal tunnel both hands")[0] == "G56.03"
    assert set(codes("pain in both knees")[:2]) == {"M25.561", "M25.562"}


def test_a_side_in_the_name_of_a_condition(codes):
    assert codes("right heart failure")[0].startswith("I50.81")
    assert codes("left bundle branch block")[0] in ("I44.7", "I44.60", "I44.69")


# --- ranking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [("hypertension", "I10"), ("uti", "N39.0"), ("stroke", "I63.9"), ("diabetes", "E11.9"), ("asthma", "J45.909")],
)
def test_the_common_comes_before_the_rare(codes, text, code):
    assert codes(text)[0] == code


def test_a_whole_title_comes_first(codes):
    assert codes("other ossification of muscle unspecified lower leg")[0] == "M61.569"
    assert codes("Secondary hypertension, unspecified")[0] == "I15.9"


def test_a_whole_term_comes_before_loose_words(codes):
    assert codes("Cardiac asthma")[0] == "I50.1"


def test_pregnancy_is_not_meant_unless_it_is_said(codes):
    assert codes("hypertension kidney disease")[0].startswith("I1")
    assert codes("hypertension pregnancy")[0].startswith(("O1", "I1")) and codes("chronic hypertension in pregnancy")[
        0
    ].startswith("O10")


def test_every_hit_says_why(find):
    for text in (
        "heart attack",
        "sprianed R ankle first visit",
        "m61.05",
        "kidney stones left",
        "type 2 diabetes no complications",
    ):
        for hit in find(text).hits:
            assert hit.why, f"{text}: {hit.code}"
            assert all(each.field and each.term for each in hit.why)


def test_scores_fall(find):
    for text in ("pain", "left knee", "fracture of femur open", "bone growing in thigh muscle after football kick"):
        scores = [hit.score for hit in find(text, 600).hits]
        assert scores == sorted(scores, reverse=True)


# --- pages and filters -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["d", "ankle sprain", "fracture femur", "open fracture tibia", "hypertension", "m61", "xyzzy"])
@pytest.mark.parametrize(
    "only", [Only(), Only(billable=True), Only(every_encounter=True), Only(within="13"), Only(True, "S80-S89")]
)
def test_the_order_is_the_same_whatever_the_page(find, text, only):
    whole = find(text, 700, only=only)
    assert len(whole.hits) == min(700, whole.total)
    assert len({hit.code for hit in whole.hits}) == len(whole.hits)
    for offset, count in ((0, 1), (3, 4), (95, 10), (whole.total - 2, 5), (whole.total, 5)):
        if 0 <= offset <= 690:
            page = find(text, count, offset=offset, only=only)
            assert page.hits == whole.hits[offset : offset + count]
            assert page.total == whole.total


@pytest.mark.parametrize("only", [Only(), Only(billable=True), Only(every_encounter=True)])
def test_the_total_is_the_number_of_codes(find, only):
    for text in ("ankle fracture", "open wound thigh", "subsequent encounter burn hand", "migraine without aura"):
        found = find(text, 10_000, only=only)
        assert found.total == len(found.hits) == len({hit.code for hit in found.hits})


def test_count_zero_gives_the_total(find):
    assert find("fracture", 0).hits == ()
    assert find("fracture", 0).total == find("fracture", 1).total > 1000


def test_billable_gives_only_billable_codes_the_first_encounter_of_each_first(find):
    found = find("ankle sprain right", 60, only=Only(billable=True))
    assert all(hit.billable for hit in found.hits)
    assert found.hits[0].code == "S93.401A"
    assert [hit.code[-1] for hit in found.hits[:5]] == ["A"] * 5


def test_every_encounter_adds_the_codes_with_a_seventh_character(find):
    plain, every = find("ankle sprain"), find("ankle sprain", only=Only(every_encounter=True))
    assert every.total > 2 * plain.total
    assert [hit.code for hit in every.hits] == [hit.code for hit in plain.hits]


def test_within_a_chapter_a_block_or_a_code(find, full_service):
    for within in ("13", "M60-M63", "M61.0"):
        stored = full_service.concepts.concept(within, 0)
        inside = {each.concept.code for each in full_service.concepts.below(stored, 0)}
        hits = find("muscle", 300, only=Only(within=within)).hits
        assert hits
        assert {hit.code for hit in hits} <= inside


def test_a_code_that_ended_is_marked_and_not_billable(find):
    hit = next(hit for hit in find("I42.0", day=TODAY).hits if hit.code == "I42.0")
    assert (hit.active, hit.billable) == (False, False)
    assert "I42.0" not in [each.code for each in find("dilated cardiomyopathy", day=TODAY, only=Only(billable=True)).hits]
    assert "I42.0" in [each.code for each in find("dilated cardiomyopathy", day=date(2026, 9, 30), only=Only(billable=True)).hits]


def test_outside_the_validity_table_nothing_is_said_to_be_ended(find):
    assert {hit.active for hit in find("hypertension", day=date(2031, 1, 1)).hits if hit.billable} == {None}


def test_every_answer_names_its_release(find):
    assert find("asthma").choice.release.version == "2026-04-01"
    assert find("asthma", version="2026").choice.method == "version"


# --- what goes wrong ---------------------------------------------------------------------------------------------------


def test_a_question_nobody_would_ask_is_refused(find):
    with pytest.raises(IcdRefError) as caught:
        find("a" * 10_000)
    assert caught.value.issue.detail == "query-too-long"


@pytest.mark.parametrize(("count", "offset"), [(-1, 0), (10_001, 0), (5, -1)])
def test_a_page_that_cannot_be_is_refused(find, count, offset):
    with pytest.raises(IcdRefError) as caught:
        find("asthma", count, offset=offset)
    assert caught.value.issue.detail == "bad-parameter"


@pytest.mark.parametrize(
    ("within", "detail"), [("nonsense", "malformed-code"), ("M99.Z", "unknown-code"), ("99", "malformed-code")]
)
def test_a_place_that_the_release_does_not_have_is_refused(find, within, detail):
    with pytest.raises(IcdRefError) as caught:
        find("asthma", only=Only(within=within))
    assert caught.value.issue.detail == detail


def test_an_unknown_release_is_refused(find):
    with pytest.raises(IcdRefError) as caught:
        find("asthma", version="1999")
    assert caught.value.issue.detail == "unknown-version"


def test_words_that_no_code_has_are_named(find):
    found = find("pneumonia xqzvw")
    assert found.hits[0].code == "J18.9"
    assert "xqzvw" in found.ignored
    assert "words-ignored" in [issue.detail for issue in found.issues]


def test_nothing_found_says_so(find):
    found = find("xqzvw")
    assert (found.total, [issue.detail for issue in found.issues]) == (0, ["nothing-matches"])


def test_a_long_question_that_no_code_has_whole_still_finds_something(find):
    text = "bent bone of left ulna from a fall at home yesterday initial visit for open fracture type iiia iiib or iiic with pain"
    assert find(text).total > 0
