from __future__ import annotations

import json
import lzma
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from icdref import codes
from icdref.importers.errors import ImportFault
from icdref.importers.icd10cm_tabular import TabularList, read_tabular
from icdref.model import Kind, Note, NoteKind
from tests.checkout import ROOT
from tests.cut import CODESETS, NEWEST

VENDORED = ROOT / "codesets" / NEWEST / "icd10cm_tabular_2026-04.xml.xz"
REAL = (Kind.CATEGORY, Kind.SUBCATEGORY)


class Book:
    """A tabular list by code."""

    def __init__(self, tabular: TabularList) -> None:
        self.concepts = tabular.concepts
        self.by_code = {concept.code: concept for concept in tabular.concepts}
        self.place = {concept.code: number for number, concept in enumerate(tabular.concepts)}
        self.real = [concept for concept in tabular.concepts if concept.kind in REAL]

    def __getitem__(self, code: str):
        return self.by_code[code]

    def __contains__(self, code: str) -> bool:
        return code in self.by_code

    def path(self, code: str) -> list[str]:
        found = []
        while code := self.by_code[code].parent:
            found.append(code)
        return found

    def notes(self, code: str, kind: NoteKind) -> list[str]:
        return [note.text for note in self.by_code[code].notes if note.kind is kind]


@pytest.fixture(scope="module")
def brief() -> Book:
    return Book(read_tabular((CODESETS / NEWEST / "tabular.xml").read_bytes(), "tabular.xml"))


@pytest.fixture(scope="module")
def whole() -> Book:
    return Book(read_tabular(lzma.decompress(VENDORED.read_bytes()), VENDORED.name))


# --- codes and the tree, on the cut ----------------------------------------------------------------------------------


def test_what_is_not_in_the_file_is_made_from_seventh_characters(brief):
    made = [code for code in brief.by_code if code.startswith("S12.000") and code != "S12.000"]
    assert made == [f"S12.000{character}" for character in "ABDGKS"]
    assert brief["S12.000K"].display == (
        "Unspecified displaced fracture of first cervical vertebra, subsequent encounter for fracture with nonunion"
    )


def test_the_nearest_seventh_characters_override_those_above(brief):
    assert [code for code in brief.by_code if brief[code].parent == "S12.8"] == ["S12.8XXA", "S12.8XXD", "S12.8XXS"]
    assert [each.character for each in brief["S12.8"].seventh_characters] == ["A", "D", "S"]
    assert [each.character for each in brief["S12"].seventh_characters] == ["A", "B", "D", "G", "K", "S"]
    assert brief["S12.000"].seventh_characters == ()


@pytest.mark.parametrize(
    ("code", "parent"),
    [("T07.XXXA", "T07"), ("W08.XXXD", "W08"), ("W09.0XXS", "W09.0"), ("M1A.00X0", "M1A.00"), ("M1A.9XX1", "M1A.9")],
)
def test_a_code_filled_with_x_stands_below_its_leaf_not_below_its_text(brief, code, parent):
    assert brief[code].parent == parent
    assert brief[code].billable
    assert not brief[parent].billable
    assert codes.with_dot(codes.without_dot(code)[:-1]) not in brief


def test_seventh_characters_that_a_note_excludes_are_not_made(brief):
    for leaf in ("S06.1X7", "S06.1X8"):
        assert [code for code in brief.by_code if brief[code].parent == leaf] == [f"{leaf}A"]
    assert [code for code in brief.by_code if brief[code].parent == "S06.1X0"] == ["S06.1X0A", "S06.1X0D", "S06.1X0S"]


def test_without_the_note_the_same_codes_are_made():
    older = Book(read_tabular((CODESETS / "icd-10-cm/2024-10-01/tabular.xml").read_bytes(), "tabular.xml"))
    assert [code for code in older.by_code if older[code].parent == "S06.1X7"] == ["S06.1X7A", "S06.1X7D", "S06.1X7S"]


def test_a_placeholder_header_is_a_code_that_ends_in_x(brief):
    assert brief["S06.0X"].display == "Concussion"
    assert brief.path("S06.0XAS") == ["S06.0XA", "S06.0X", "S06.0", "S06", "S00-S09", "19"]


def test_codes_of_seven_characters_may_be_plain_leaves(brief):
    assert brief["C44.1021"].billable
    assert brief.path("C44.1021")[:3] == ["C44.102", "C44.10", "C44.1"]
    assert [each for each in brief.by_code if brief[each].parent == "QA0.010"] == ["QA0.0101", "QA0.0102"]


def test_letters_may_stand_second_third_and_last(brief):
    for code in ("QA0", "QA0.8", "C4A.0", "M1A.0110", "Z3A.01", "S06.0XAS"):
        assert code in brief


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("C43.0", "C4A"), ("C4A.0", "C44"), ("M1A.9XX1", "M10"), ("Z30.011", "Z3A"), ("S06.0XAS", "S06.0X9"), ("Z71.85", "U07")],
)
def test_the_order_is_that_of_the_book_not_of_the_letters(brief, earlier, later):
    assert brief.place[earlier] < brief.place[later]


def test_a_block_that_is_one_category_is_no_concept_of_its_own(brief):
    assert (brief["B20"].kind, brief["B20"].parent, brief["B20"].own_block) == (Kind.CATEGORY, "1", True)
    assert brief["B20"].billable
    assert brief["QA0"].own_block
    assert not brief["A00"].own_block


def test_the_notes_of_such_a_block_are_those_of_its_category(brief):
    assert brief.path("T07.XXXA") == ["T07", "T07-T88", "19"]
    assert brief.notes("T07", NoteKind.EXCLUDES1) == [
        "burns and corrosions (T20-T32)",
        "frostbite (T33-T34)",
        "insect bite or sting, venomous (T63.4)",
        "sunburn (L55.-)",
        "injury NOS (T14.90)",
    ]


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("M05.011", ["M05.01", "M05.0", "M05", "M05-M14", "M00-M25", "13"]),
        ("M61.011", ["M61.01", "M61.0", "M61", "M60-M63", "M60-M79", "13"]),
        ("T20.00XA", ["T20.00", "T20.0", "T20", "T20-T25", "T20-T32", "T07-T88", "19"]),
        ("V01.00XA", ["V01.00", "V01.0", "V01", "V00-V09", "V00-V99", "V00-X58", "20"]),
        ("W08.XXXA", ["W08", "W00-W19", "W00-X58", "V00-X58", "20"]),
        ("C43.0", ["C43", "C43-C44", "C00-C75", "C00-C96", "2"]),
        ("A00.0", ["A00", "A00-A09", "1"]),
    ],
)
def test_blocks_stand_in_the_blocks_that_hold_no_category(brief, code, path):
    assert brief.path(code) == path


def test_a_leaf_with_seventh_characters_is_a_header(brief):
    for concept in brief.real:
        assert concept.billable == (concept.code not in {each.parent for each in brief.real})
    assert not brief["T07"].billable
    assert not brief["M1A.011"].billable


# --- notes, on the cut -----------------------------------------------------------------------------------------------


def test_every_kind_of_note_is_read_where_it_stands(brief):
    assert brief.notes("M61.4", NoteKind.EXCLUDES1) == [
        "calcific tendinitis NOS (M65.2-)",
        "calcific tendinitis of shoulder (M75.3)",
    ]
    assert brief.notes("M60-M63", NoteKind.EXCLUDES2) == ["muscular dystrophies and myopathies (G71-G72)"]
    assert brief.notes("M61.1", NoteKind.INCLUSION_TERM) == ["Fibrodysplasia ossificans progressiva"]
    assert brief.notes("M00-M25", NoteKind.INCLUDES) == ["Disorders affecting predominantly peripheral (limb) joints"]
    assert brief.notes("H54", NoteKind.CODE_FIRST) == ["any associated underlying cause of the blindness"]
    assert brief.notes("B20", NoteKind.USE_ADDITIONAL_CODE) == ["code(s) to identify all manifestations of HIV infection"]
    assert brief.notes("S06", NoteKind.CODE_ALSO)[0] == "any associated:"
    assert brief.notes("13", NoteKind.NOTE)[0].startswith("Use an external cause code")
    assert "The appropriate 7th character is to be added to each code from category M1A" in brief.notes("M1A", NoteKind.NOTE)
    assert brief.notes("W00-W19", NoteKind.INCLUSION_TERM) == ["Fall NOS"]


def test_an_element_that_stands_twice_is_read_twice(brief):
    assert len(brief.notes("U07.1", NoteKind.USE_ADDITIONAL_CODE)) == 7
    assert len(brief.notes("Z71.85", NoteKind.CODE_ALSO)) == 2
    assert len(brief.notes("19", NoteKind.NOTE)) == 2


def test_an_empty_note_is_no_note(brief):
    assert brief.notes("R11.16", NoteKind.CODE_ALSO) == ["cannabis abuse (F12.1-)"]


def test_a_note_among_seventh_characters_belongs_to_the_one_before_it(brief):
    assert "Seventh character 2: Old central retinal vein occlusion" in brief.notes("H34.81", NoteKind.NOTE)
    assert "Seventh character B: initial encounter for open fracture NOS" in brief.notes("S52", NoteKind.NOTE)


def test_only_in_w08_such_a_note_is_an_inclusion_term(brief):
    assert brief.notes("W08", NoteKind.INCLUSION_TERM) == ["Fall from stool"]
    assert not [text for text in brief.notes("W08", NoteKind.NOTE) if "stool" in text]


def test_the_table_of_visual_impairment_is_read_line_by_line(brief):
    lines = [text for text in brief.notes("H54.8", NoteKind.NOTE) if text.startswith("Category")]
    assert lines[0] == (
        "Category 1 of visual impairment: less than 6/18 and equal to or better than 6/60 or less than 3/10(0.3) and equal to"
        " or better than 1/10(0.1) or less than 20/70 and equal to or better than 20/200"
    )
    assert lines[4:] == [
        "Category 5 of visual impairment: No light perception",
        "Category 9 of visual impairment: Undetermined or unspecified",
    ]


@pytest.mark.parametrize(
    ("start", "cited"),
    [
        ("chronic crepitant", ()),  # M70.0- is not in the cut
        ("contracture", ("M72.0",)),
        ("lack of", ()),
        ("tendinitis of shoulder", ("M75.3",)),
        ("ossification", ("M61.5-", "M61.9")),
        ("lumps of the sole", ("M72.2", "M1A.-", "M05-M10")),
    ],
)
def test_the_codes_that_a_note_cites_are_found_however_they_are_mistyped(brief, start, cited):
    (note,) = (note for note in brief["M65"].notes if note.text.startswith(start))
    assert note.codes == cited


def test_notes_stand_on_their_own_concept_and_on_nothing_below(brief):
    assert brief["M61.411"].notes == ()
    assert brief["T07.XXXA"].notes == ()


# --- titles, on the cut ----------------------------------------------------------------------------------------------


def test_a_title_keeps_its_accents_and_every_blank_inside(brief):
    assert brief["C84.10"].display == "Sézary disease, unspecified site"
    older = Book(read_tabular((CODESETS / "icd-10-cm/2024-10-01/tabular.xml").read_bytes(), "tabular.xml"))
    assert older["A00.0"].display == "Cholera  due to the vibrio of 1883"


@pytest.mark.parametrize(
    ("code", "laterality", "site"),
    [
        ("M61.561", "right", "lower leg"),
        ("M61.562", "left", "lower leg"),
        ("M61.569", "unspecified", "lower leg"),
        ("M61.56", "", "lower leg"),
        ("M61.50", "", ""),
        ("S52.509B", "unspecified", "radius"),
        ("H34.8120", "left", "eye"),
        ("C44.1021", "right", "upper eyelid"),
        ("M1A.0110", "", ""),  # the cut has no left shoulder, so "right" is no side here
    ],
)
def test_side_and_site_are_read_from_the_title_and_passed_on_to_extended_codes(brief, code, laterality, site):
    assert (brief[code].laterality, brief[code].site) == (laterality, site)


@pytest.mark.parametrize(
    ("code", "residual"),
    [
        ("M61.569", True),
        ("M61.9", True),
        ("A00.9", True),
        ("B88.09", True),
        ("T07.XXXA", True),
        ("M61.00", False),
        ("M61.019", False),
        ("T20.00XA", False),
    ],
)
def test_residual_is_about_the_condition_not_about_site_or_side(brief, code, residual):
    assert brief[code].residual is residual


# --- what is refused -------------------------------------------------------------------------------------------------


CHAPTER = "<chapter><name>1</name><desc>One (A00-B99)</desc>"
BLOCK = '<section id="A00-A09"><desc>Block (A00-A09)</desc>'
A00 = "<diag><name>A00</name><desc>Cholera</desc></diag>"


def book(body: str) -> bytes:
    return f"<ICD10CM.tabular>\n<version>2026</version>\n{body}\n</ICD10CM.tabular>".encode()


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"<ICD10CM.index/>", 1, "the root element is <ICD10CM.index>, not <ICD10CM.tabular>"),
        (book(""), 1, "no chapter was found"),
        (book("<chapter>\n<name>23</name><desc>x</desc></chapter>"), 3, "chapter name '23' is not a number from 1 to 22"),
        (book("<chapter><name>I</name><desc>x</desc></chapter>"), 3, "chapter name 'I'"),
        (book(f"{CHAPTER}</chapter>\n{CHAPTER}</chapter>"), 4, "1 stands twice; it was first in line 3"),
        (book("<chapter><name>1</name></chapter>"), 3, "<chapter> has no <desc>, so no title"),
        (book(f'{CHAPTER}\n<section id="A00"><desc>x</desc></section></chapter>'), 4, "section id 'A00' is not a block"),
        (book(f"{CHAPTER}\n<section><desc>x</desc></section></chapter>"), 4, "section id '' is not a block"),
        (book(f"{CHAPTER}{BLOCK}{A00}\n{A00}</section></chapter>"), 4, "A00 stands twice; it was first in line 3"),
        (book(f"{CHAPTER}{BLOCK}\n<diag><name>A00</name></diag></section></chapter>"), 4, "<diag> has no <desc>"),
        (book(f"{CHAPTER}{BLOCK}\n<diag><desc>x</desc></diag></section></chapter>"), 4, "'' is not an ICD-10-CM code"),
        (book(f"{CHAPTER}{BLOCK}\n<diag><name>a00</name><desc>x</desc></diag></section></chapter>"), 4, "'a00' is not an ICD"),
        (book(f"{CHAPTER}{BLOCK}\n<diag><name>A000</name><desc>x</desc></diag></section></chapter>"), 4, "'A000' is not an ICD"),
        (book(f"{CHAPTER}{BLOCK}\n<diag><name>A00-A09</name><desc>x</desc></diag></section></chapter>"), 4, "'A00-A09' is not"),
        (
            book(f"{CHAPTER}{BLOCK}<diag><name>A00</name><desc>x</desc>\n<excludes3/></diag></section></chapter>"),
            4,
            "unknown element <excludes3> in a diagnosis",
        ),
        (
            book(
                f"{CHAPTER}{BLOCK}<diag><name>A00</name><desc>x</desc>\n"
                '<sevenChrDef><extension char="AB">x</extension></sevenChrDef></diag></section></chapter>'
            ),
            4,
            "seventh character 'AB' has no single letter or no text",
        ),
        (
            book(
                f"{CHAPTER}{BLOCK}<diag><name>A00</name><desc>x</desc>\n"
                '<sevenChrDef><extension char="A"> </extension></sevenChrDef></diag></section></chapter>'
            ),
            4,
            "seventh character 'A' has no single letter or no text",
        ),
        (
            book(
                f"{CHAPTER}{BLOCK}<diag><name>A00</name><desc>x</desc>\n<sevenChrDef>"
                '<extension char="A">x</extension><extension char="A">y</extension></sevenChrDef></diag></section></chapter>'
            ),
            3,
            "A00.XXXA stands twice",
        ),
        (b"", 1, "not well-formed XML"),
        (b"PK\x03\x04", 1, "not well-formed XML"),
        (book(f"{CHAPTER}")[:-5], 4, "not well-formed XML"),
    ],
)
def test_a_file_that_is_no_tabular_list_is_refused_with_its_line(content, line, reason):
    with pytest.raises(ImportFault) as caught:
        read_tabular(content, "list.xml")
    assert (caught.value.file, caught.value.line) == ("list.xml", line)
    assert reason in caught.value.reason


# --- the vendored release --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_vendored_release_has_98186_codes_of_which_74719_are_billable(whole):
    assert len(whole.real) == 98_186
    assert sum(concept.billable for concept in whole.real) == 74_719
    assert Counter(concept.kind for concept in whole.concepts) == {
        Kind.CHAPTER: 22,
        Kind.BLOCK: 258,  # 297 sections, 39 of which are one category
        Kind.CATEGORY: 1_918,
        Kind.SUBCATEGORY: 96_268,
    }
    assert len(whole.by_code) == len(whole.concepts)


@pytest.mark.slow
def test_the_vendored_release_has_every_oddity_as_often_as_the_book(whole):
    bare = [codes.without_dot(concept.code) for concept in whole.real if len(concept.code) > 3]
    assert sum(codes.with_dot(code[:-1]) not in whole for code in bare) == 11_125
    assert sum(concept.code.endswith("X") and not concept.billable for concept in whole.real) == 246
    assert sum(concept.billable and concept.kind is Kind.CATEGORY for concept in whole.real) == 214
    assert sum(concept.own_block for concept in whole.concepts) == 39
    assert sum(not concept.display.isascii() for concept in whole.real) == 109 + 42
    seven = [concept for concept in whole.real if concept.billable and len(concept.code) == 8]
    plain = [each for each in seven if not any(whole[above].seventh_characters for above in whole.path(each.code))]
    assert len(plain) == 180
    assert {"C44.1021", "QA0.0101", "T86.8409"} <= {concept.code for concept in plain}
    assert sum(code[1].isalpha() for code in whole.by_code if whole[code].kind in REAL) == 20
    assert not [concept.code for concept in whole.real if not concept.display or "\n" in concept.display]


@pytest.mark.slow
def test_hand_picked_traps_of_the_vendored_release(whole):
    assert {"S06.1X7A", "S06.0XAS", "S06.2X7A"} <= whole.by_code.keys()
    assert not {"S06.1X7D", "S06.1X7S", "S06.1X8D", "S06.1X8S", "S06.2X7D"} & whole.by_code.keys()
    assert [code for code in whole.by_code if whole[code].parent == "T07"] == ["T07.XXXA", "T07.XXXD", "T07.XXXS"]
    assert whole.place["C43"] < whole.place["C4A"] < whole.place["C44"]
    assert whole["M1A"].parent == "M05-M14"
    assert whole.place["M08"] < whole.place["M1A"] < whole.place["M10"]
    assert whole["Z3A"].parent == "Z30-Z39"
    assert whole["QA0"].parent == "17"
    assert whole["17"].display.endswith("(Q00-QA0)")
    assert whole["B20"].billable
    assert whole["S12.8"].seventh_characters != whole["S12"].seventh_characters
    assert whole["A81.82"].display == "Gerstmann-Sträussler-Scheinker syndrome"
    assert whole.notes("W08", NoteKind.INCLUSION_TERM) == ["Fall from stool"]
    assert "Seventh character 2: Old central retinal vein occlusion" in whole.notes("H34.81", NoteKind.NOTE)
    assert [concept.code for concept in whole.real if concept.kind is Kind.CATEGORY][-2:] == ["U07", "U09"]
    assert Note(NoteKind.EXCLUDES1, "calcific tendinitis of shoulder (M75.3)", ("M75.3",)) in whole["M61.4"].notes


@pytest.mark.slow
def test_the_m61_family_has_154_billable_codes_in_203(whole):
    family = [code for code in whole.by_code if code == "M61" or "M61" in whole.path(code)]
    assert len(family) == 203
    assert sum(whole[code].billable for code in family) == 154


@pytest.mark.slow
def test_super_blocks_hold_blocks_and_carry_notes(whole):
    above = {concept.parent for concept in whole.concepts if concept.kind is Kind.BLOCK}
    supers = {concept.code for concept in whole.concepts if concept.kind is Kind.BLOCK and concept.code in above}
    assert {"C00-C75", "M00-M25", "M60-M79", "T20-T32", "V00-V99"} <= supers
    assert len(supers) == 12
    assert [len(whole[code].notes) for code in ("M00-M25", "T20-T32", "V00-V99", "M60-M79")] == [1, 13, 38, 0]
    assert whole.path("M61.051") == ["M61.05", "M61.0", "M61", "M60-M63", "M60-M79", "13"]


# --- the official order files ----------------------------------------------------------------------------------------


def ordered(text: str) -> list[tuple[str, bool, str]]:
    """Return (code, billable, long title) of an official order file."""
    return [(codes.with_dot(line[6:13].strip()), line[14] == "1", line[77:].strip()) for line in text.splitlines()]


def in_ascii(title: str) -> str:
    return unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()


def compare(ours: Book, official: bytes, counts: dict[str, int]) -> None:
    """Assert that codes, billable flags, long titles and order are those of an official order file."""
    rows = [(each.code, each.billable, in_ascii(each.display)) for each in ours.real]
    assert [pair for pair in zip(rows, ordered(official.decode("ascii")), strict=True) if pair[0] != pair[1]] == []
    assert (len(rows), sum(billable for _, billable, _ in rows)) == (counts["rows"], counts["billable"])


def expected(shared_data: Path, release: str) -> dict[str, int]:
    counts: dict[str, dict[str, int]] = json.loads((shared_data / "expected" / "counts.json").read_text("utf-8"))["releases"]
    return counts[release]


@pytest.mark.slow
@pytest.mark.parametrize("release", ["2016", "2017", "2021-01"])
def test_codes_flags_titles_and_order_equal_the_official_order_file(shared_data, release):
    folder = shared_data / "icd10cm"
    official = lzma.decompress((folder / "order" / f"icd10cm_order_{release}.txt.xz").read_bytes())
    content = lzma.decompress((folder / "tabular" / f"icd10cm_tabular_{release}.xml.xz").read_bytes())
    compare(Book(read_tabular(content, release)), official, expected(shared_data, release))


@pytest.mark.slow
def test_the_vendored_release_equals_the_official_order_file(shared_data, whole):
    """The order file is that of October 2025: April 2026 has the same codes and titles."""
    with zipfile.ZipFile(shared_data / "icd10cm" / "zips" / "cms_2026_dx.zip") as archive:
        compare(whole, archive.read("icd10cm_order_2026.txt"), expected(shared_data, "2026"))


@pytest.mark.slow
def test_the_vendored_file_is_the_official_one(shared_data):
    assert (shared_data / "icd10cm" / "tabular" / "icd10cm_tabular_2026-04.xml.xz").read_bytes() == VENDORED.read_bytes()
