from __future__ import annotations

from collections import Counter

import pytest

from icdref.codes import ICD9CM, ICD10CM
from icdref.importers.conversion import icd9cm_code, read_gem, read_successors
from icdref.importers.errors import ImportFault
from icdref.importers.validity import read_validity
from icdref.model import ConceptMapping, Successor
from tests.vendored import table

SUCCESSORS = "release,code_new,code_old\n"
GEM = "direction,source,target,approximate,no_map,combination,scenario,choice\n"


def test_a_row_of_the_conversion_table_becomes_a_pair_with_dots():
    content = f"{SUCCESSORS}2017-10-01,T07XXXA,T07\n2016-10-01,A925,A928\n".encode()
    assert read_successors(content, "x.csv") == (
        Successor("2017-10-01", "T07.XXXA", "T07"),
        Successor("2016-10-01", "A92.5", "A92.8"),
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2016-10,A925,A928", "'2016-10' is not a date"),
        ("2016-10-01,A92.5,A928", "'A92.5' is not an ICD-10-CM code without dot"),
        ("2016-10-01,A925,", "'' is not an ICD-10-CM code"),
        ("2016-10-01,A925,A92-A99", "'A92-A99' is not"),
        ("2016-10-01,A925", "2 columns, not 3"),
    ],
)
def test_a_conversion_table_that_is_wrong_is_refused_with_its_line(row, reason):
    with pytest.raises(ImportFault) as caught:
        read_successors(f"{SUCCESSORS}2016-10-01,A925,A928\n{row}\n".encode(), "x.csv")
    assert (caught.value.line, reason in caught.value.reason) == (3, True)


def test_both_directions_of_the_mappings_are_read_with_their_flags():
    content = f"{GEM}icd9to10,80600,S12000A,1,0,1,2,1\nicd9to10,3051,NoDx,0,1,0,0,0\nicd10to9,V0100XA,E8120,1,0,0,0,0\n".encode()
    assert read_gem(content, "gem.csv") == (
        ConceptMapping(ICD9CM, "806.00", ICD10CM, "S12.000A", approximate=True, combination=True, scenario=2, choice=1),
        ConceptMapping(ICD9CM, "305.1", ICD10CM, "", approximate=False, combination=False, scenario=0, choice=0),
        ConceptMapping(ICD10CM, "V01.00XA", ICD9CM, "E812.0", approximate=True, combination=False, scenario=0, choice=0),
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("9to10,0010,A000,0,0,0,0,0", "'9to10' is not icd9to10 or icd10to9"),
        ("icd9to10,0010,NoDx,0,0,0,0,0", "target 'NoDx' and no_map 0 contradict each other"),
        ("icd9to10,0010,A000,0,1,0,0,0", "target 'A000' and no_map 1 contradict each other"),
        ("icd9to10,0010,A000,2,0,0,0,0", "'2' is not 0 or 1"),
        ("icd9to10,0010,A00.0,0,0,0,0,0", "'A00.0' is not an ICD-10-CM code"),
        ("icd10to9,A00.0,0010,0,0,0,0,0", "'A00.0' is not an ICD-10-CM code"),
        ("icd9to10,0010,A000,0,0,0,0", "7 columns, not 8"),
    ],
)
def test_mappings_that_are_wrong_are_refused_with_their_line(row, reason):
    with pytest.raises(ImportFault) as caught:
        read_gem(f"{GEM}{row}\n".encode(), "gem.csv")
    assert (caught.value.line, reason in caught.value.reason) == (2, True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("72812", "728.12"),
        ("728.12", "728.12"),
        ("042", "042"),
        ("V270", "V27.0"),
        ("E8120", "E812.0"),
        ("E812", "E812"),
        (" e8120 ", "E812.0"),
    ],
)
def test_an_icd9_code_has_its_dot_after_three_characters_or_after_four_in_e_codes(text, code):
    assert icd9cm_code(text) == code


@pytest.mark.slow
def test_the_vendored_conversion_table_has_6119_pairs_of_14_releases():
    pairs = read_successors(*table("successors"))
    assert len(pairs) == len(set(pairs)) == 6_119
    releases = sorted({pair.release for pair in pairs})
    assert (len(releases), releases[0], releases[-1]) == (14, "2016-10-01", "2025-10-01")


@pytest.mark.slow
def test_the_vendored_mappings_have_102750_rows_and_lead_from_both_systems():
    rows = read_gem(*table("gem"))
    assert len(rows) == 102_750
    assert Counter(row.source_system for row in rows) == {ICD9CM: 23_912, ICD10CM: 78_838}
    assert Counter(row.source_system for row in rows if not row.target) == {ICD9CM: 425, ICD10CM: 669}
    assert len({row.source for row in rows if row.source_system == ICD9CM}) == 14_567
    of_muscle = {row.source: row.target for row in rows if row.source_system == ICD9CM and row.target.startswith("M61")}
    assert of_muscle == {"728.10": "M61.9", "728.11": "M61.10", "728.12": "M61.00", "728.13": "M61.40", "728.19": "M61.59"}


@pytest.mark.slow
def test_every_new_code_of_the_conversion_table_stands_in_the_validity_table():
    valid = {row.code for row in read_validity(*table("validity"))}
    strangers = {pair.new for pair in read_successors(*table("successors"))} - valid
    assert strangers == set()
