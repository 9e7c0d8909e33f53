"""The publishers' text formats, in small files written by hand: what is read, and what is refused with its line."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import pytest

from icdref.importers import addenda, conversion_table, gem, index_xml, order, poa, recognise
from icdref.importers.errors import ImportFault
from tests.order_files import codes_file, order_file

ROWS = [
    ("A00", False, "Cholera"),
    ("A00.0", True, "Cholera due to Vibrio cholerae 01, biovar cholerae"),
    ("T07", False, "Unspecified multiple injuries"),
    ("T07.XXXA", True, "Unspecified multiple injuries, initial encounter"),
    ("C4A", True, "Merkel cell carcinoma"),
]


def parents(rows):
    return [each.parent for each in order.to_concepts(order.read_order(order_file(rows), "order"), "order")]


def test_the_parent_is_the_longest_code_that_begins_a_code():
    assert parents(ROWS) == ["", "A00", "", "T07", ""]


def test_an_order_file_keeps_its_own_order():
    found = order.to_concepts(order.read_order(order_file(ROWS), "order"), "order")
    assert [each.code for each in found] == [code for code, _, _ in ROWS]
    assert [each.billable for each in found] == [billable for _, billable, _ in ROWS]


def test_a_codes_file_is_code_and_title():
    assert order.read_codes(codes_file(ROWS), "codes") == {code: title for code, billable, title in ROWS if billable}


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (lambda text: text.replace("00002", "00003", 1), 2, "numbered '00003', not 00002"),
        (lambda text: text.replace("A000 ", "A00- ", 1), 2, "not an ICD-10-CM code"),
        (lambda text: text.replace(" 0 Cholera", " 2 Cholera", 1), 1, "columns are not those"),
        (lambda text: text[:-1], 5, "no line end"),
        (lambda text: text.replace("\r\n", "\n", 2), 3, "line ends are mixed"),
        (lambda text: text.replace("Merkel", "M\x00rkel", 1), 5, "control character"),
    ],
)
def test_a_faulty_order_file_is_refused_with_its_line(change, line, reason):
    content = change(order_file(ROWS).decode()).encode()
    with pytest.raises(ImportFault, match=reason) as refused:
        order.check_tree(order.read_order(content, "order"), "order")
    assert (refused.value.file, refused.value.line) == ("order", line)


def test_a_code_away_from_its_parent_is_refused():
    with pytest.raises(ImportFault, match=r"A00\.0 does not stand below A00"):
        order.check_tree(order.read_order(order_file([ROWS[0], ("A00.1", True, "x"), ROWS[4], ROWS[1]]), "order"), "order")


ORDER_ADDENDA = (
    "Delete:      1 B880    Other acariasis                                              Other acariasis\r\n"
    "Add:         0 B880    Other acariasis                                              Other acariasis\r\n"
    "Add:         1 B8801   Demodex                                                      Infestation by Demodex mites\r\n"
    "Revise from: 1 C4A     Old                                                          Old title\r\n"
    "Revise to:   1 C4A     New                                                          Merkel cell carcinoma\r\n"
    "\r\nHeaders\r\n      0 headers in icd10cm_order_2025.txt\r\n      1 headers in icd10cm_order_2026.txt\r\n"
    "      1 additions\r\n      0 deletions\r\n      0 revisions\r\nof which\r\n      0 revisions to long title only\r\n"
    "\r\nCodes\r\n      2 codes in icd10cm_order_2025.txt\r\n      2 codes in icd10cm_order_2026.txt\r\n"
    "      1 additions\r\n      1 deletions\r\n      1 revisions\r\n"
)
RELEASE = [
    ("B88.0", False, "Other acariasis"),
    ("B88.01", True, "Infestation by Demodex mites"),
    ("C4A", True, "Merkel cell carcinoma"),
]


def test_an_addenda_is_read_with_the_year_of_its_trailer_and_agrees_with_its_release():
    found = addenda.read_addenda(ORDER_ADDENDA.encode(), "addenda")
    assert (found.year, found.codes("Add:", billable=True), found.codes("Delete:", billable=True)) == (
        2026,
        ["B88.01"],
        ["B88.0"],
    )
    addenda.check_against(found, RELEASE, "addenda")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("      1 deletions", "      2 deletions", "the trailer counts 2 deletions of codes, the rows are 1"),
        ("Revise to:   1 C4A ", "Revise to:   1 C4B ", "no pair"),
        ("Add:         1 B8801", "Put:         1 B8801", "neither a row"),
        ("\r\nHeaders", "\r\nHeadings", "neither a row"),
    ],
)
def test_an_addenda_that_contradicts_itself_is_refused(old, new, reason):
    assert old in ORDER_ADDENDA
    with pytest.raises(ImportFault, match=reason):
        addenda.read_addenda(ORDER_ADDENDA.replace(old, new, 1).encode(), "addenda")


def test_an_addenda_without_trailer_is_cut():
    with pytest.raises(ImportFault, match="trailer"):
        addenda.read_addenda(ORDER_ADDENDA.partition("\r\n\r\n")[0].encode() + b"\r\n", "addenda")


@pytest.mark.parametrize(
    "release", [RELEASE[:2], [*RELEASE[:2], ("C4A", True, "Other")], [("B88.0", True, "Other acariasis"), *RELEASE[1:]]]
)
def test_an_addenda_that_its_release_contradicts_is_refused(release):
    with pytest.raises(ImportFault):
        addenda.check_against(addenda.read_addenda(ORDER_ADDENDA.encode(), "addenda"), release, "addenda")


def conversion(*rows):
    stream = io.StringIO()
    csv.writer(stream).writerows(
        [("A text of the publisher.", "", ""), ("Current code assignment", "Effective", "Previous Code(s) Assignment"), *rows]
    )
    return stream.getvalue().encode()


@pytest.mark.parametrize(
    ("effective", "day"),
    [
        ("2025", date(2025, 10, 1)),
        ("04/01/23", date(2023, 4, 1)),
        ("2021-01-01", date(2021, 1, 1)),
        ("October 1, 2017", date(2017, 10, 1)),
    ],
)
def test_an_effective_year_is_its_first_of_october(effective, day):
    (row,) = conversion_table.read_conversion_table(conversion(("A00.0", effective, "A00.1")), "table")
    assert row.effective == day


@pytest.mark.parametrize(
    ("text", "old"),
    [
        ("H02.231, H02.232 and H02.234", ["H02.231", "H02.232", "H02.234"]),
        ("H02.101-H02.103; H02.109 ", ["H02.101", "H02.102", "H02.103", "H02.109"]),
        ("M93.011 & M93.012", ["M93.011", "M93.012"]),
        ("None", []),
        ("Codes in Categories T15-T19", []),
    ],
)
def test_previous_codes_are_read_as_the_publisher_writes_them(text, old):
    rows = conversion_table.read_conversion_table(conversion(("A00.0 ", "2025", text), ("", "", "")), "table")
    valid = ["H02.100", "H02.101", "H02.102", "H02.103", "H02.104"]
    assert [pair.old for pair in conversion_table.to_successors(rows, lambda _: valid)] == old


@pytest.mark.parametrize(
    ("rows", "line", "reason"),
    [
        ([("A00.0", "soon", "A00.1")], 3, "neither a year nor a date"),
        ([("A00.0", "2025", "")], 3, "previous code is empty"),
        ([("A", "2025", "A00.1")], 3, "not an ICD-10-CM code"),
        ([("A00.0", "2025", "A00.9-A00.1")], 3, "ends before it begins"),
        ([], 0, "the table is cut"),
    ],
)
def test_a_faulty_conversion_table_is_refused_with_its_line(rows, line, reason):
    with pytest.raises(ImportFault, match=reason) as refused:
        conversion_table.read_conversion_table(conversion(*rows), "table")
    assert refused.value.line == line


def test_a_workbook_is_read_like_its_csv():
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for cells in (
        ["A text"],
        ["Current code assignment", "Effective", "Previous"],
        ["A00.0", 2025, "A00.1"],
        ["A00.2", datetime(2023, 4, 1), "None"],
    ):
        book.active.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    rows = conversion_table.read_conversion_table(stream.getvalue(), "table.xlsx")
    assert [(row.code, row.effective) for row in rows] == [("A00.0", date(2025, 10, 1)), ("A00.2", date(2023, 4, 1))]
    assert recognise.recognise(stream.getvalue(), "table.xlsx") == recognise.CONVERSION


GEM = "A000    0010  00000\r\nA001    NoDx  11000\r\nT07XXXA 9598  10111\r\nT07XXXA E9289 10112\r\n"


def test_a_gem_file_keeps_flags_scenarios_and_no_map():
    rows = gem.read_gem_file(GEM.encode(), "gem", from_ten=True)
    assert [(row.source, row.target, row.approximate) for row in rows[:2]] == [("A00.0", "001.0", False), ("A00.1", "", True)]
    assert [(row.target, row.combination, row.scenario, row.choice) for row in rows[2:]] == [
        ("959.8", True, 1, 1),
        ("E928.9", True, 1, 2),
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("0010  00000", "0010  01000", "contradict"),
        ("T07XXXA E9289 10112\r\n", "", "choice list is missing"),
        ("A001    NoDx  11000\r\n", "A000    0010  00000\r\n", "twice"),
        ("A000    0010 ", "A000   0010  ", "columns"),
    ],
)
def test_a_faulty_gem_file_is_refused(old, new, reason):
    with pytest.raises(ImportFault, match=reason):
        gem.read_gem_file(GEM.replace(old, new, 1).encode(), "gem", from_ten=True)


POA = 'Order26\tPOAexemptCode\tDescription\r\n01238\tB90.0\tSequelae of tuberculosis\r\n01240\tS30.1XXD\t"Contusion, later"\r\n'


def test_an_exempt_list_names_its_fiscal_year():
    found = poa.read_poa_exempt(POA.encode(), "poa")
    assert (found.year, found.titles["S30.1XXD"]) == (2026, "Contusion, later")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("01240", "01230", "does not follow"),
        ("B90.0", "S30.1XXD", "twice"),
        ("\tB90.0\t", "\t", "columns"),
        ("POAexempt", "POA", "header"),
    ],
)
def test_a_faulty_exempt_list_is_refused(old, new, reason):
    with pytest.raises(ImportFault, match=reason):
        poa.read_poa_exempt(POA.replace(old, new, 1).encode(), "poa")


INDEX = """<?xml version="1.0"?><ICD10CM.index><version>2025</version><title>ICD-10-CM INDEX TO DISEASES and INJURIES</title>
<letter><title>A</title><mainTerm><title>Abdomen<nemod>(wall)</nemod></title><seeAlso>condition</seeAlso>
<term level="1"><title>acute</title><code>R10.0</code></term></mainTerm></letter></ICD10CM.index>"""


def test_an_index_line_has_its_words_from_the_main_term_down():
    found = index_xml.read_index(INDEX.encode(), "index")
    assert (found.kind, found.year) == ("diseases", 2025)
    assert [(term.words, term.codes, term.see) for term in found.terms] == [
        (("Abdomen",), (), "condition"),
        (("Abdomen", "acute"), ((0, "R10.0"),), ""),
    ]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (order_file(ROWS), recognise.ORDER),
        (codes_file(ROWS), recognise.CODES),
        (ORDER_ADDENDA.encode(), recognise.ADDENDA),
        (conversion(("A00.0", "2025", "A00.1")), recognise.CONVERSION),
        (GEM.encode(), recognise.GEM_FROM_TEN),
        (b"0010  A000    00000\r\n0011  A001    00000\r\n", recognise.GEM_FROM_NINE),
        (POA.encode(), recognise.POA_EXEMPT),
        (INDEX.encode(), recognise.INDEX),
        (b"<?xml version='1.0'?>\n<!-- c --><ICD10CM.tabular/>", recognise.TABULAR),
        (b'{"resourceType": "CodeSystem"}', recognise.FHIR),
        (b'{"resourceType": "Patient"}', recognise.NOT_USED),
        (b"%PDF-1.6", recognise.NOT_USED),
        (b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        ", recognise.NOT_USED),
        (b"Description of the files.\r\nThank you.\r\n", recognise.NOT_USED),
    ],
)
def test_a_file_is_recognised_by_its_content_whatever_its_name(content, kind):
    assert recognise.recognise(content, "unhelpful.bin") == kind


PROSE = "Chapter 1\r\n\r\nRevise from Cholera to Cholera due to vibrio (see A00.0)\r\n" * 3000
"""The publisher's addenda of the tabular list, in words, as some zips have it."""


def test_a_long_text_to_read_beside_the_data_is_no_data_and_a_long_table_is_not_taken_for_one():
    assert recognise.recognise(PROSE.encode(), "tabular_addenda.txt") == recognise.NOT_USED
    for row in ("A00.0,2025,A00.1\r\n", "A000\tCholera\r\n", "00001,A00,0\r\n"):
        with pytest.raises(ImportFault, match="not recognised"):
            recognise.recognise(row.encode() * 8000, "table.txt")


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_a_last_line_without_an_end_is_read_when_it_can_be_seen_to_be_whole(line_end):
    content = order_file(ROWS).decode().replace("\r\n", line_end).removesuffix(line_end)
    assert [row.title for row in order.read_order(content.encode(), "order")] == [title for _, _, title in ROWS]
    with pytest.raises(ImportFault, match="cut"):
        order.read_order(content[:-1].encode(), "order")
    trailer = ORDER_ADDENDA.rstrip()
    assert addenda.read_addenda(trailer.encode(), "addenda") == addenda.read_addenda(ORDER_ADDENDA.encode(), "addenda")


def test_a_title_that_is_not_the_short_title_although_it_would_fit_is_refused():
    content = order_file(ROWS).decode()
    (*_, title) = ROWS[-1]
    with pytest.raises(ImportFault, match="is not too long for it"):
        order.read_order(content.replace(f" {title}\r\n", " Something else\r\n").encode(), "order")


@pytest.mark.parametrize(
    "head",
    ["Order26\tPOAexemptCode\tDescription", "Order 26\tPOA exempt Code\tDescription", "ORDER26\tPOAEXEMPTCODE\tDESCRIPTION"],
)
def test_the_head_of_an_exempt_list_may_change_its_capitals_and_blanks(head):
    content = POA.replace(POA.splitlines()[0], head).encode()
    assert recognise.recognise(content, "poa") == recognise.POA_EXEMPT
    assert poa.read_poa_exempt(content, "poa").year == 2026


@pytest.mark.parametrize("head", ["Current Code Assignment", " CURRENT  CODE ASSIGNMENT "])
def test_the_head_of_a_conversion_table_may_change_its_capitals_and_blanks(head):
    content = conversion(("A00.0", "2025", "A00.1")).replace(b"Current code assignment", head.encode())
    assert recognise.recognise(content, "table") == recognise.CONVERSION
    assert len(conversion_table.read_conversion_table(content, "table")) == 1


def test_empty_rows_in_a_conversion_table_are_nothing():
    rows = conversion_table.read_conversion_table(
        conversion(("A00.0", "2025", "A00.1"), ("", "", ""), ("A00.2", "2025", "None")), "t"
    )
    assert [row.code for row in rows] == ["A00.0", "A00.2"]


@pytest.mark.parametrize("content", [b"", b"  \r\n", b"<html2/>", b"\x01" * 100_000, b"<!DOCTYPE x><ICD10CM.tabular/>"])
def test_what_is_nothing_known_is_refused(content):
    with pytest.raises(ImportFault):
        recognise.recognise(content, "file")
