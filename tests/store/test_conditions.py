from __future__ import annotations

from icdref.codes import ICD9CM, ICD10CM
from icdref.store.conditions import ConceptMapStore, ConditionStore
from icdref.store.index import INDEX_NAME, Index


def test_every_summary_is_kept_whole_by_id(small):
    records = list(ConditionStore(Index(small.edition.folder / INDEX_NAME)).records())
    assert [record["id"] for record in records] == sorted(small.edition.manifest["summaries"])
    assert all(record["statements"] and record["codes"] for record in records)


def test_all_rows_of_a_source_code_come_in_the_publishers_order(small):
    maps = ConceptMapStore(Index(small.edition.folder / INDEX_NAME))
    rows = maps.mappings(ICD9CM, "806.00")
    assert [(row.target, row.combination, row.scenario, row.choice) for row in rows] == [
        ("S12.000A", True, 1, 1),
        ("S06.1X0A", True, 1, 2),
    ]
    assert [row.target for row in maps.mappings(ICD10CM, "V01.00XA")] == ["E812.0"]
    assert [row.target for row in maps.mappings(ICD9CM, "305.1")] == [""]
    assert maps.mappings(ICD9CM, "999.99") == ()
    assert maps.mappings(ICD10CM, "728.12") == ()
