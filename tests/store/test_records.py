from __future__ import annotations

from datetime import date

import pytest

from icdref.issues import IcdRefError
from icdref.model import Concept, EditFlags, Kind, Note, NoteKind, Release, SeventhCharacter, SourceFile, Validity
from icdref.store import records

BARE = Concept("B20", Kind.CATEGORY, "HIV disease", "1", billable=True)
RICH = Concept(
    "S06",
    Kind.CATEGORY,
    "Intracranial injury – é",
    "S00-S09",
    billable=False,
    notes=(Note(NoteKind.EXCLUDES1, "head injury NOS (S09.90)", ("S09.90",)), Note(NoteKind.NOTE, "x", ("A", "B"))),
    seventh_characters=(SeventhCharacter("A", "initial encounter"), SeventhCharacter("S", "sequela")),
    laterality="right",
    site="head",
    own_block=True,
    residual=True,
)


@pytest.mark.parametrize(("concept", "children", "below"), [(BARE, (), 0), (RICH, ("S06.0", "S06.1"), 12)])
def test_a_concept_comes_back_from_its_record(concept, children, below):
    record = records.concept_record(concept, children, below)
    stored = records.to_concept(concept.code, records.orjson.loads(record), 3, 7)
    assert stored.concept == concept
    assert (stored.children, stored.billable_below, stored.position, stored.last) == (children, below, 3, 7)


@pytest.mark.parametrize("until", [date(2026, 9, 30), None])
def test_a_release_comes_back_from_its_record(until):
    files = (SourceFile("a.xml", "0" * 64, "tabular-xml"),)
    release = Release("s", "2026-04-01", "t", "p", date(2026, 4, 1), until, 2026, "l", "s", files, 5, 3)
    assert records.to_release(records.orjson.loads(records.release_record(release))) == release


@pytest.mark.parametrize(
    "validity",
    [
        Validity("A00.0", date(2015, 10, 1), None),
        Validity("A00.0", date(2015, 10, 1), date(2020, 9, 30)),
        Validity(
            "A00.0",
            date(2015, 10, 1),
            None,
            (
                EditFlags(date(2015, 10, 1), date(2019, 9, 30), ("female", "maternity")),
                EditFlags(date(2020, 1, 1), None, ("adult",)),
            ),
        ),
    ],
)
def test_validity_comes_back_from_its_record(validity):
    assert records.to_validity("A00.0", records.orjson.loads(records.validity_record(validity))) == validity


def test_equal_values_give_equal_records():
    assert records.dump({"b": 1, "a": 2}) == records.dump({"a": 2, "b": 1}) == b'{"a":2,"b":1}'


@pytest.mark.parametrize("position", range(13))
@pytest.mark.parametrize("bit", [0, 3, 7])
def test_a_record_with_one_flipped_bit_is_refused(position, bit):
    record = b'{"d":"title"}'
    crc = records.checksum(record, "M61.0")
    assert records.verified(record, crc, "M61.0") == {"d": "title"}
    flipped = bytearray(record)
    flipped[position] ^= 1 << bit
    with pytest.raises(IcdRefError) as caught:
        records.verified(bytes(flipped), crc, "M61.0")
    assert caught.value.issue.detail == "edition-damaged"


def test_a_record_under_another_key_or_with_another_checksum_is_refused():
    crc = records.checksum(b"{}", "M61.0")
    for key, given in (("M61.1", crc), ("M61.0", crc ^ 1), ("", crc)):
        with pytest.raises(IcdRefError, match="failed its checksum"):
            records.verified(b"{}", given, key)


def test_everything_an_answer_depends_on_is_in_the_key_of_a_place():
    one = records.place_key("M61.0", 0, 1, 2, 3)
    others = [("M61.1", 0, 1, 2, 3), ("M61.0", 1, 1, 2, 3), ("M61.0", 0, 2, 2, 3), ("M61.0", 0, 1, 3, 3), ("M61.0", 0, 1, 2, 4)]
    assert one not in {records.place_key(*other) for other in others}
    assert len({records.place_key(*other) for other in others}) == len(others)
