from __future__ import annotations

from datetime import date

import pytest

from icdref.model import Kind
from icdref.store.concepts import ConceptStore

NEWEST, OCTOBER, OLDEST = 2, 1, 0


@pytest.fixture(scope="module")
def store(small_service) -> ConceptStore:
    return small_service.concepts


def concept(store, code, release=NEWEST):
    found = store.concept(code, release)
    assert found is not None, code
    return found


def test_releases_come_oldest_first_with_their_counts_and_files(store):
    releases = store.releases()
    assert [release.version for release in releases] == ["2024-10-01", "2025-10-01", "2026-04-01"]
    assert [(release.codes, release.billable) for release in releases] == [(21, 12), (14, 8), (231, 130)]
    assert releases[NEWEST].effective_to == date(2026, 9, 30)
    assert len(releases[NEWEST].files[0].sha256) == 64


def test_a_concept_is_found_by_its_canonical_code_only(store):
    assert concept(store, "M61.569").concept.display == "Other ossification of muscle, unspecified lower leg"
    for spelling in ("M61569", "m61.569", "M61.569 ", "M61.56X", ""):
        assert store.concept(spelling, NEWEST) is None


def test_each_release_has_its_own_codes_and_titles(store):
    assert concept(store, "A00.0", OLDEST).concept.display == "Cholera  due to the vibrio of 1883"
    assert concept(store, "A00.0", OCTOBER).concept.display == concept(store, "A00.0").concept.display
    assert [store.concept("M61.8", release) is not None for release in (OLDEST, OCTOBER, NEWEST)] == [False, True, False]
    assert [concept(store, "B88.0", release).concept.billable for release in (OLDEST, OCTOBER, NEWEST)] == [True, False, False]
    assert store.concept("A00.0", 3) is None


def test_children_are_in_book_order_and_billable_codes_are_counted(store):
    assert concept(store, "M61").children == ("M61.0", "M61.1", "M61.2", "M61.3", "M61.4", "M61.5", "M61.9")
    assert concept(store, "S06.0X").children == ("S06.0X0", "S06.0XA", "S06.0X9")
    assert (concept(store, "S06").billable_below, concept(store, "13").billable_below) == (14, 29)
    assert (concept(store, "B20").children, concept(store, "B20").billable_below) == ((), 0)


def test_ancestors_are_nearest_first_and_end_at_the_chapter(store):
    found = store.ancestors(concept(store, "V01.00XA").concept, NEWEST)
    assert [above.code for above in found] == ["V01.00", "V01.0", "V01", "V00-V09", "V00-V99", "V00-X58", "20"]
    assert found[-1].kind is Kind.CHAPTER
    assert store.ancestors(concept(store, "20").concept, NEWEST) == ()


def test_what_stands_below_is_in_book_order_with_the_concept_itself(store):
    found = [each.concept.code for each in store.below(concept(store, "M61.5"), NEWEST)]
    assert found == ["M61.5", "M61.50", "M61.56", "M61.561", "M61.562", "M61.569", "M61.59"]
    billable = [each.concept.code for each in store.below(concept(store, "C43-C44"), NEWEST, billable=True)]
    assert billable == ["C43.0", "C4A.0", "C44.1021", "C44.1022", "C44.1091", "C44.1092"]
    assert [each.concept.code for each in store.below(concept(store, "M61.5", OLDEST), OLDEST)] == ["M61.5", "M61.50"]


def test_every_code_of_a_release_comes_in_book_order(store):
    codes = list(store.codes(NEWEST))
    assert len(codes) == 231 + 42
    assert codes.index("C4A") < codes.index("C44")
    assert codes.index("Z71.85") < codes.index("U07")
    billable = list(store.billable_codes(NEWEST))
    assert len(billable) == 130
    assert [code for code in codes if code in set(billable)] == billable


def test_validity_is_known_for_codes_of_no_installed_release(store):
    assert store.validity("J4B").valid_from == date(2026, 10, 1)
    assert store.validity("M72.2").valid_to == date(2026, 9, 30)
    assert store.validity("M61") is None
    assert [edit.flags for edit in store.validity("M61.50").edits] == [("unspecified",)]


@pytest.mark.parametrize(
    ("code", "day", "below"),
    [
        ("M72.2", date(2026, 10, 1), ("M72.20", "M72.21")),
        ("M72.2", date(2026, 9, 30), ()),
        ("M72", date(2026, 9, 30), ("M72.0", "M72.2")),
        ("M61.56", date(2026, 9, 30), ("M61.561", "M61.562", "M61.569")),
        ("B20", date(2026, 9, 30), ()),
    ],
)
def test_valid_codes_below_are_known_from_the_validity_table_alone(store, code, day, below):
    assert store.valid_below(code, day) == below
    assert store.valid_below(code, day, limit=1) == below[:1]


def test_succession_says_both_ways_whether_the_old_code_ended_with_it(store):
    assert store.succession("M61.6") == ((("2025-10-01", "M61.00", True),), ())
    assert store.succession("M61.8") == ((("2026-04-01", "M61.50", True),), (("2025-10-01", "M61.7", True),))
    assert store.succession("M61.50")[0] == (("2025-10-01", "M61.59", False),)
    assert store.succession("A00.0") == ((), ())


@pytest.mark.parametrize(
    ("wrong", "first"),
    [
        ("M61.9X", "M61.9"),
        ("M6I.569", "M61.569"),
        ("M6L.569", "M61.569"),
        ("SO6.0X", "S06.0X"),
        ("M61.56B", "M61.56"),
        ("M61.5O", "M61.50"),
        ("T07.XXXB", "T07"),
        ("M61.568", "M61.56"),
        ("M61.012X", "M61.012"),
        ("S12.8XX", "S12.8"),
    ],
)
def test_a_wrong_code_leads_to_what_may_have_been_meant(store, wrong, first):
    assert store.suggestions(wrong, NEWEST)[0] == first


def test_suggestions_are_codes_of_the_release_few_and_never_the_code_itself(store):
    for wrong in ("M61.561Z", "M61.56B", "T07.XXXB", "C44.109Z", "S06.0X"):
        found = store.suggestions(wrong, NEWEST)
        assert 0 < len(found) <= 4
        assert all(store.concept(code, NEWEST) for code in found)


@pytest.mark.parametrize("wrong", ["Q99", "Q99.9", "F32", "ZZZ"])
def test_where_nothing_is_near_nothing_is_suggested(store, wrong):
    assert store.suggestions(wrong, NEWEST) == ()
