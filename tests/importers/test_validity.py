from __future__ import annotations

from datetime import date

import pytest

from icdref.importers.errors import ImportFault
from icdref.importers.validity import HORIZON, read_validity
from icdref.model import EditFlags, Validity
from tests.cut import CODESETS
from tests.vendored import table

HEADER = "code,valid_from,valid_to,mce_flags\n"


def read(*rows: str) -> tuple[Validity, ...]:
    return read_validity((HEADER + "".join(f"{row}\n" for row in rows)).encode(), "validity.csv")


@pytest.fixture(scope="module")
def vendored() -> dict[str, Validity]:
    return {row.code: row for row in read_validity(*table("validity"))}


def test_rows_of_one_code_are_joined_and_codes_get_their_dot():
    found = read("M6150,20151001,20220331,", "M6150,20220401,,unspecified", "B20,20151001,,")
    assert found == (
        Validity("B20", date(2015, 10, 1), None),
        Validity("M61.50", date(2015, 10, 1), None, (EditFlags(date(2022, 4, 1), None, ("unspecified",)),)),
    )


def test_rows_of_one_code_may_come_in_any_order():
    assert read("A000,20200101,,", "A000,20151001,20191231,") == read("A000,20151001,20191231,", "A000,20200101,,")


def test_flags_of_the_package_are_left_out_and_those_of_the_publisher_kept_by_interval():
    (row,) = read_validity(
        b"".join(
            line + b"\n"
            for line in (CODESETS / "validity/validity.csv").read_bytes().splitlines()
            if line.startswith((b"code", b"Z3A00"))
        ),
        "validity.csv",
    )
    assert row.edits == (
        EditFlags(date(2015, 10, 1), date(2019, 9, 30), ("female", "maternity")),
        EditFlags(date(2019, 10, 1), date(2024, 9, 30), ("female", "maternity")),
        EditFlags(date(2024, 10, 1), None, ("maternity", "unacceptable")),
    )


@pytest.mark.parametrize(
    ("rows", "line", "reason"),
    [
        (["A000,20151001,20191231,", "A000,20200102,,"], 0, "the rows of A00.0 overlap or leave a gap before 2020-01-02"),
        (["A000,20151001,20191231,", "A000,20191231,,"], 0, "the rows of A00.0 overlap or leave a gap"),
        (["A000,20151001,,", "A000,20200101,,"], 0, "the rows of A00.0 overlap"),
        (["A000,20151001,,", "A000,20151001,,"], 0, "the rows of A00.0 overlap"),
        (["A000,20200101,20191231,"], 2, "A000 ends on 2019-12-31 before it begins on 2020-01-01"),
        (["A000,20151001,,", "A001,20151001,,old"], 3, "unknown flag 'old'"),
        (["A00.0,20151001,,"], 2, "'A00.0' is not an ICD-10-CM code without dot"),
        (["a000,20151001,,"], 2, "'a000' is not an ICD-10-CM code without dot"),
        (["1,20151001,,"], 2, "'1' is not an ICD-10-CM code without dot"),
        (["A000,2015-10,,"], 2, "'2015-10' is not a date"),
        (["A000,20151301,,"], 2, "'20151301' is not a date"),
        (["A000,,,"], 2, "'' is not a date"),
        (["A000,20151001,"], 2, "3 columns, not 4"),
        (["A000,20151001,,,"], 2, "5 columns, not 4"),
        (['A000,"20151001,,'], 2, "not readable as CSV"),
        (["A000,20151001,,é"], 2, "a byte outside ASCII"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_its_line(rows, line, reason):
    with pytest.raises(ImportFault) as caught:
        read(*rows)
    assert (caught.value.file, caught.value.line) == ("validity.csv", line)
    assert reason in caught.value.reason


@pytest.mark.parametrize("content", [b"", b"code,valid_from,valid_to\n", b"code;valid_from;valid_to;mce_flags\n"])
def test_a_table_with_another_header_is_refused(content):
    with pytest.raises(ImportFault, match="the header is not code,valid_from,valid_to,mce_flags"):
        read_validity(content, "validity.csv")


@pytest.mark.slow
def test_the_vendored_table_has_75909_codes(vendored):
    assert len(vendored) == 75_909
    assert min(row.valid_from for row in vendored.values()) == HORIZON.first
    assert {row.valid_to for row in vendored.values() if row.valid_to and row.valid_to > date(2026, 9, 30)} == set()
    known = {flag for row in vendored.values() for edit in row.edits for flag in edit.flags}
    assert known == {
        *("female", "male", "newborn", "pediatric", "maternity", "adult"),
        *("manifestation", "unacceptable", "ecodepdx", "unspecified"),
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("day", "billable"),
    [
        (date(2015, 10, 1), 69_823),
        (date(2016, 10, 1), 71_486),
        (date(2020, 4, 1), 72_186),
        (date(2020, 10, 1), 72_616),
        (date(2021, 1, 1), 72_621),
        (date(2023, 4, 1), 73_674),
        (date(2025, 4, 1), 74_260),
        (date(2026, 4, 1), 74_719),
        (date(2026, 9, 30), 74_719),
        (date(2026, 10, 1), 74_879),
        (date(2027, 3, 31), 74_879),
    ],
)
def test_the_vendored_table_has_the_billable_codes_of_every_release(vendored, day, billable):
    assert sum(row.valid_from <= day and (row.valid_to is None or day <= row.valid_to) for row in vendored.values()) == billable


@pytest.mark.slow
def test_fiscal_year_2027_adds_190_codes_and_ends_30(vendored):
    added = {code for code, row in vendored.items() if row.valid_from == date(2026, 10, 1)}
    ended = {code for code, row in vendored.items() if row.valid_to == date(2026, 9, 30)}
    assert (len(added), len(ended)) == (190, 30)
    assert {"J4B", "K6A.01", "QA1.71", "M72.20"} <= added
    assert {"D69.1", "M72.2", "Z68.1", "S23.420A", "T52.8X4S"} <= ended
