from __future__ import annotations

import doctest
import sys

import pytest

from icdref import codes
from icdref.codes import normalise


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(codes).failed == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("M61.051", "M61.051"),
        ("M61051", "M61.051"),
        ("m61.051", "M61.051"),
        ("\t M6100 ", "M61.00"),
        ("M61.", None),
        ("B20", "B20"),
        ("T07XXXA", "T07.XXXA"),
        ("t07.xxxa", "T07.XXXA"),
        ("S060XAS", "S06.0XAS"),
        ("C4A", "C4A"),
        ("c4a0", "C4A.0"),
        ("M1A00X0", "M1A.00X0"),
        ("Z3A00", "Z3A.00"),
        ("J4B", "J4B"),
        ("C7B.00", "C7B.00"),
        ("QA0", "QA0"),
        ("qa00101", "QA0.0101"),
        ("U071", "U07.1"),
    ],
)
def test_every_spelling_leads_to_the_one_with_the_dot(text, code):
    assert normalise(text) == code


@pytest.mark.parametrize("text", ["M60-M63", "m60-m63", " C00-D49 ", "O00-O9A", "Q00-QA0", "1", "13", "22"])
def test_blocks_and_chapters_are_codes_of_their_own(text):
    code = normalise(text)
    assert code == text.strip().upper()
    assert codes.is_block(code) != codes.is_chapter(code)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            ".",
            "M",
            "M6",
            "M.61",
            "6M1",
            "061",
            "M61.00X12",
            "M6100X12",
            "M61..0",
            "M61.0.0",
            "M61 .0",
            "M61-0",
            "M61.0-",
        ),
        *("0", "23", "99", "013", "+1", "M60-", "-M63", "M60-M63-M65", "M60.0-M63.0", "M60–M63", "\nM61", "M61\n", "M61\x00"),
        *("М61.0", "M61.0\u200b", "\ufeffM61.0", "M６1.0", "ſ06.0", "M61.0\u0661", "M61.0\u212a", "\u212a35.8"),
        *("DROP TABLE concept", "M61.0' OR '1", "M61%", "M61_", "../M61", "M61/0"),
    ],
)
def test_what_has_no_shape_of_a_code_is_refused(text):
    assert normalise(text) is None


def test_a_code_that_is_only_long_is_refused_before_it_is_looked_at():
    assert normalise(" " * (codes.LONGEST_INPUT - 3) + "M61") == "M61"
    assert normalise(" " * (codes.LONGEST_INPUT - 2) + "M61") is None
    assert normalise("M" * 10_000_000) is None


def test_no_foreign_letter_or_digit_becomes_part_of_a_code():
    accepted = [hex(point) for point in range(128, sys.maxunicode + 1) if normalise(f"S06.{chr(point)}") is not None]
    assert accepted == []


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("2.16.840.1.113883.6.90", codes.ICD10CM),
        ("urn:oid:2.16.840.1.113883.6.90", codes.ICD10CM),
        (" http://hl7.org/fhir/sid/icd-10-cm ", codes.ICD10CM),
        ("urn:oid:2.16.840.1.113883.6.103", codes.ICD9CM),
        ("urn:oid:2.16.840.1.113883.6.3", codes.ICD10_WHO),
        ("urn:oid:2.16.840.1.113883.6.96", codes.SNOMED_CT),
        ("http://hl7.org/fhir/sid/icd-10-cm/", "http://hl7.org/fhir/sid/icd-10-cm/"),
        ("urn:oid:1.2.3", "urn:oid:1.2.3"),
        ("", ""),
    ],
)
def test_a_code_system_is_known_by_uri_and_by_oid(text, system):
    assert codes.to_system(text) == system


@pytest.mark.parametrize(
    ("leaf", "character", "code"),
    [
        ("T07", "A", "T07.XXXA"),
        ("W08", "S", "W08.XXXS"),
        ("S12.8", "D", "S12.8XXD"),
        ("M1A.00", "0", "M1A.00X0"),
        ("S52.501", "B", "S52.501B"),
    ],
)
def test_a_leaf_is_filled_with_x_up_to_its_seventh_character(leaf, character, code):
    assert codes.pad_seventh(leaf, character) == code
    assert codes.without_dot(code) == code.replace(".", "")
    assert codes.with_dot(codes.without_dot(code)) == code
