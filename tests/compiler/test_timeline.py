from __future__ import annotations

from collections.abc import Sequence

import orjson
import pytest

from icdref.compiler.timeline import Row, entries, rows
from icdref.importers.icd10cm_tabular import read_tabular
from icdref.model import Concept, Kind
from tests.cut import CODESETS

CHAPTER = Concept("1", Kind.CHAPTER, "One", "", billable=False)


def release(*codes: str, **displays: str) -> list[Concept]:
    """Return a chapter with billable categories in this order."""
    leaves = [Concept(code, Kind.CATEGORY, displays.get(code, code), "1", billable=True) for code in codes]
    return [CHAPTER, *leaves]


def compiled(*releases: Sequence[Concept]) -> list[Row]:
    return list(rows([entries(each) for each in releases]))


def alive(found: Sequence[Row], number: int) -> list[Row]:
    return sorted((row for row in found if row.since <= number <= row.until), key=lambda row: row.position)


def codes_of(found: Sequence[Row], number: int) -> list[str]:
    return [row.code for row in alive(found, number)]


def test_an_entry_knows_its_children_its_last_descendant_and_the_billable_codes_below():
    concepts = [
        CHAPTER,
        Concept("A00", Kind.CATEGORY, "A", "1", billable=False),
        Concept("A00.0", Kind.SUBCATEGORY, "A0", "A00", billable=True),
        Concept("A00.1", Kind.SUBCATEGORY, "A1", "A00", billable=True),
        Concept("B20", Kind.CATEGORY, "B", "1", billable=True),
    ]
    found = entries(concepts)
    assert [(entry.code, entry.last, entry.billable) for entry in found] == [
        ("1", 4, False),
        ("A00", 3, False),
        ("A00.0", 2, True),
        ("A00.1", 3, True),
        ("B20", 4, True),
    ]
    records = {entry.code: orjson.loads(entry.record) for entry in found}
    assert (records["1"]["c"], records["1"]["bb"]) == (["A00", "B20"], 3)
    assert (records["A00"]["c"], records["A00"]["bb"]) == (["A00.0", "A00.1"], 2)
    assert "c" not in records["B20"]


def test_a_code_that_never_changes_has_one_row():
    same = release("A00", "B20")
    assert [(row.code, row.since, row.until) for row in compiled(same, same, same)] == [("1", 0, 2), ("A00", 0, 2), ("B20", 0, 2)]


def test_a_new_title_begins_a_new_row_at_the_same_place():
    found = compiled(release("A00", "B20"), release("A00", "B20", A00="new"), release("A00", "B20", A00="new"))
    assert [(row.since, row.until) for row in found if row.code == "A00"] == [(0, 0), (1, 2)]
    assert len({row.position for row in found if row.code == "A00"}) == 1


def test_a_code_that_goes_and_comes_back_has_two_rows():
    found = compiled(release("A00", "B20"), release("B20"), release("A00", "B20"))
    assert [(row.since, row.until) for row in found if row.code == "A00"] == [(0, 0), (2, 2)]
    assert [codes_of(found, number) for number in range(3)] == [["1", "A00", "B20"], ["1", "B20"], ["1", "A00", "B20"]]


def test_a_code_that_moves_in_the_book_gets_a_second_place():
    found = compiled(release("A00", "A01", "A02"), release("A01", "A02", "A00"))
    assert [codes_of(found, number) for number in range(2)] == [["1", "A00", "A01", "A02"], ["1", "A01", "A02", "A00"]]
    assert len([row for row in found if row.code == "A00"]) == 2
    assert len([row for row in found if row.code == "A01"]) == 1


def test_a_deleted_code_stands_where_it_stood_among_its_neighbours():
    found = compiled(release("A00", "A01", "A02"), release("A00", "A02", "A03"))
    placed = {row.code: row.position for row in found}
    assert sorted(placed, key=placed.__getitem__) == ["1", "A00", "A01", "A02", "A03"]


def test_no_two_rows_of_one_code_begin_together_and_no_place_is_taken_twice():
    found = compiled(release("A00", "A01"), release("A01", "A00"), release("A00"), release("A01", "A00", A00="x"))
    assert len({(row.code, row.since) for row in found}) == len(found)
    for number in range(4):
        places = [row.position for row in alive(found, number)]
        assert len(set(places)) == len(places)


def test_nothing_and_one_release_are_timelines_too():
    assert compiled() == []
    assert [row.position for row in compiled(release("A00"))] == [0, 1]


@pytest.mark.parametrize("number", range(3))
def test_every_release_of_the_cut_is_reproduced(number):
    folders = sorted((CODESETS / "icd-10-cm").iterdir())
    lists = [read_tabular((folder / "tabular.xml").read_bytes(), folder.name).concepts for folder in folders]
    found = compiled(*lists)
    assert codes_of(found, number) == [concept.code for concept in lists[number]]
    kept = {row.code: orjson.loads(row.record) for row in alive(found, number)}
    for concept in lists[number]:
        assert (kept[concept.code]["d"], kept[concept.code]["p"]) == (concept.display, concept.parent)
