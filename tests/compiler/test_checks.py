from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from icdref.compiler.checks import check_release, check_validity
from icdref.model import Concept, Kind, Release, Validity

RELEASE = Release("s", "2026-04-01", "t", "p", date(2026, 4, 1), date(2026, 9, 30), 2026, "l", "s", codes=90_000)

CONCEPTS = (
    Concept("1", Kind.CHAPTER, "One", "", billable=False),
    Concept("A00-A09", Kind.BLOCK, "Block", "1", billable=False),
    Concept("A00", Kind.CATEGORY, "Cholera", "A00-A09", billable=False),
    Concept("A00.0", Kind.SUBCATEGORY, "Old", "A00", billable=True),
    Concept("A00.9", Kind.SUBCATEGORY, "Unspecified", "A00", billable=True),
)


def faults(*concepts: Concept) -> list[str]:
    return check_release(RELEASE, concepts, complete=False)


def test_a_sound_release_has_no_faults():
    assert faults(*CONCEPTS) == []


def test_a_code_that_stands_twice_is_counted():
    assert "ICD-10-CM 2026-04-01: 1 codes stand twice" in faults(*CONCEPTS, CONCEPTS[-1])


def test_an_orphan_is_named_with_its_missing_parent():
    orphan = Concept("B99.9", Kind.SUBCATEGORY, "Orphan", "B99", billable=True)
    assert faults(*CONCEPTS, orphan) == [
        "ICD-10-CM 2026-04-01: B99.9 has the parent 'B99', which is not in the release",
        "ICD-10-CM 2026-04-01: B99.9 has no way up to a chapter",
    ]


def test_a_billable_header_and_a_barren_header_are_named():
    found = faults(*CONCEPTS[:2], replace(CONCEPTS[2], billable=True), CONCEPTS[3], replace(CONCEPTS[4], billable=False))
    assert found == [
        "ICD-10-CM 2026-04-01: A00 is billable and has codes below it",
        "ICD-10-CM 2026-04-01: A00.9 is not billable and has no codes below it",
    ]


def test_a_circle_has_no_way_up():
    found = faults(
        *CONCEPTS,
        replace(CONCEPTS[2], code="B00", parent="B00.0"),
        replace(CONCEPTS[3], code="B00.0", parent="B00", billable=False),
    )
    assert found == [f"ICD-10-CM 2026-04-01: {code} has no way up to a chapter" for code in ("B00", "B00.0")]


def test_an_empty_block_is_a_fault():
    assert faults(*CONCEPTS, replace(CONCEPTS[1], code="A15-A19")) == [
        "ICD-10-CM 2026-04-01: A15-A19 is not billable and has no codes below it"
    ]


def test_a_cut_file_is_known_by_its_chapters_and_its_number_of_codes():
    cut = check_release(replace(RELEASE, codes=231), CONCEPTS)
    assert cut == [
        "ICD-10-CM 2026-04-01: 1 chapters, not 22: the file is cut",
        "ICD-10-CM 2026-04-01: only 231 codes; every official release has more than 80000",
    ]


ROWS = (
    Validity("A00.0", date(2015, 10, 1), None),
    Validity("A00.8", date(2015, 10, 1), date(2026, 3, 31)),
    Validity("A00.9", date(2026, 4, 1), date(2026, 9, 30)),
    Validity("A00.A", date(2026, 10, 1), None),
)


def test_the_billable_codes_of_a_release_are_those_valid_on_its_first_day():
    assert check_validity(RELEASE, {"A00.0", "A00.9"}, ROWS) == []


@pytest.mark.parametrize(("billable", "named"), [({"A00.0"}, "A00.9"), ({"A00.0", "A00.8", "A00.9"}, "A00.8"), (set(), "A00.0")])
def test_a_release_that_differs_from_the_validity_table_is_refused_with_an_example(billable, named):
    (fault,) = check_validity(RELEASE, billable, ROWS)
    assert "billable codes differ from the validity table" in fault
    assert fault.endswith(f"such as {named}")


def test_a_release_outside_the_table_is_not_compared_with_it():
    assert check_validity(replace(RELEASE, effective_from=date(2014, 10, 1)), {"X"}, ROWS) == []
