"""Bulk remapping: rows out are rows in, every relation, and no shard is done twice."""

from __future__ import annotations

import csv
import json

import pytest

from icdref.compiler import parquet, remap_table
from icdref.compiler.editions import activate
from icdref.compiler.remap import Job, remap
from icdref.config import Settings
from icdref.importers.errors import ImportFault
from icdref.service.release_diff import resolve
from icdref.service.service import Service
from tests.conftest import TODAY
from tests.cut import Cut

duckdb = pytest.importorskip("duckdb")

RECORDS = [
    ("1", "B88.0", "2025-09-30"),
    ("2", "B880", "2025-10-01"),
    ("3", " m61.6 ", "2024-12-01"),
    ("4", "A00.9", ""),
    ("5", "A00.9", "not a day"),
    ("6", "ſ61", "2025-01-01"),
    ("7", "", "2025-01-01"),
    ("8", "A00.9", "2025-01-01"),
    ("9", "A00", "2025-01-01"),
]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("remap")
    edition = Cut(folder).compile(folder / "data")
    activate(folder / "data", edition.id)
    return Service(edition, Settings(data=str(folder / "data"), scrub_seconds=0), lambda: TODAY)


def write_csv(path, records=RECORDS):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("id", "dx", "on"), *records])
    return path


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row for row in csv.DictReader(stream)}


JOB = Job("2026-04-01", "dx", "on")


def test_every_row_comes_out_once_with_what_became_of_its_code(service, tmp_path):
    remap(service, write_csv(tmp_path / "in.csv"), tmp_path / "out.csv", JOB)
    rows = read_csv(tmp_path / "out.csv")
    assert list(rows) == [record[0] for record in RECORDS]
    assert [rows[each]["icdref_relation"] for each in "123"] == ["split", "split", "replaced"]
    assert rows["1"]["icdref_replacements"] == "B88.01;B88.09"
    assert [rows[each]["icdref_valid_on_date"] for each in "1245689"] == ["true", "false", "", "", "", "true", "false"]
    assert (rows["6"]["icdref_relation"], rows["7"]["icdref_relation"]) == ("unknown", "unknown")
    assert rows["8"]["icdref_title"] == "Cholera, unspecified"
    assert (rows["9"]["icdref_relation"], rows["9"]["icdref_billable"]) == ("header", "false")
    assert {row["icdref_release"] for row in rows.values()} == {"2026-04-01"}


def test_the_summary_is_the_one_that_the_service_names(service, tmp_path):
    table = {row.code: row.summary for row in remap_table.rows(service, resolve(service, "2026-04-01"))}
    assert table["M61.00"] == "bone-after-a-blow"
    from icdref.service.matching import Asked

    for code, summary in table.items():
        trace = service.knowledge.for_codes([Asked(code)], version="2026-04-01", mode="hierarchy").traces[0]
        assert summary == trace.summary, code


def test_parquet_and_csv_say_the_same(service, tmp_path):
    source = write_csv(tmp_path / "in.csv")
    remap(service, source, tmp_path / "out.csv", JOB)
    remap(service, source, tmp_path / "out.parquet", JOB)
    with parquet.connect() as engine:
        rows = engine.execute("SELECT id, icdref_relation FROM read_parquet(?)", [str(tmp_path / "out.parquet")]).fetchall()
    assert dict(rows) == {each: row["icdref_relation"] for each, row in read_csv(tmp_path / "out.csv").items()}


def test_no_code_stands_twice_in_the_table(service):
    keys = [row.key for row in remap_table.rows(service, resolve(service, "2026-04-01"))]
    assert len(keys) == len(set(keys)) > 100


def test_conditions_keep_everything_and_gain_one_extension_per_coding(service, tmp_path):
    condition = {
        "resourceType": "Condition",
        "id": "a",
        "onsetDateTime": "2025-09-30T10:00:00Z",
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "B88.0"}, {"system": "x", "code": "B88.0"}]},
    }
    source = tmp_path / "in.ndjson"
    source.write_text(json.dumps(condition) + "\n" + json.dumps({"resourceType": "Condition", "id": "b"}) + "\n")
    (shard,) = remap(service, source, tmp_path / "out.ndjson", Job("2026-04-01"))
    lines = [json.loads(line) for line in (tmp_path / "out.ndjson").read_text().splitlines()]
    assert shard.rows == len(lines) == 2
    first, second = lines[0]["code"]["coding"]
    said = {part["url"]: part for part in first["extension"][0]["extension"]}
    assert (said["relation"]["valueCode"], said["validOnDate"]["valueBoolean"]) == ("split", True)
    assert "extension" not in second
    del first["extension"]
    assert lines[0] == condition


def test_a_finished_shard_is_not_done_again_and_a_changed_one_is(service, tmp_path):
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in ("a.csv", "b.csv"):
        write_csv(source / name)
    assert [shard.skipped for shard in remap(service, source, target, JOB)] == [False, False]
    write_csv(source / "b.csv", RECORDS[:3])
    again = remap(service, source, target, JOB)
    assert [(shard.skipped, shard.rows) for shard in again] == [(True, 9), (False, 3)]
    (target / "a.csv").unlink()
    assert [shard.skipped for shard in remap(service, source, target, JOB)] == [False, True]


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        (Job("2026-04-01", "code"), "has no column 'code'; it has id, dx, on"),
        (Job("2026-04-01", "dx", "day"), "has no column 'day'"),
    ],
)
def test_a_wrong_column_is_refused_and_nothing_is_written(service, tmp_path, job, reason):
    with pytest.raises(ImportFault, match=reason):
        remap(service, write_csv(tmp_path / "in.csv"), tmp_path / "out.csv", job)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("id,code\n", 0),
        ("code\nA00.0\n\nB88.0\n", 3),
        ("id,code\n#1,A00.0\n2,B88.0\n", 2),
        ('id,code,said\n1,A00.0,"two\nlines"\n2,B88.0,x\n', 2),
        ("id;code\r\n1;A00.0\r\n2;B88.0", 2),
        ("\ufeffCODE\tid\nA00.0\t1\n", 1),
    ],
)
def test_no_row_of_a_csv_file_is_taken_for_something_else(service, tmp_path, text, rows):
    (tmp_path / "in.csv").write_text(text, "utf-8", newline="")
    (shard,) = remap(service, tmp_path / "in.csv", tmp_path / "out.csv", Job("2026-04-01"))
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        assert shard.rows == rows == sum(1 for _ in csv.DictReader(stream))


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"id,code\n1,A00.0\n2\n", 3, "Expected Number of Columns: 2 Found: 1"),
        (b"id,code\n1,M\xe9ni\xe8re\n", 2, "cannot be remapped"),
        (b"code,Code\nA00.0,1\n", 1, "two columns are named"),
        (b"code,\nA00.0,1\n", 1, "name every column"),
    ],
)
def test_a_csv_file_that_is_no_table_is_refused_with_its_line(service, tmp_path, content, line, reason):
    (tmp_path / "in.csv").write_bytes(content)
    with pytest.raises(ImportFault, match=reason) as refused:
        remap(service, tmp_path / "in.csv", tmp_path / "out.csv", Job("2026-04-01"))
    assert refused.value.line == line
    assert not (tmp_path / "out.csv").exists()


def test_a_day_is_read_in_either_form_and_one_that_may_mean_two_is_none(service, tmp_path):
    records = [(day, "B88.0", day) for day in ("2025-09-30", "20250930", "20251001", "09/30/2025")]
    remap(service, write_csv(tmp_path / "in.csv", records), tmp_path / "out.csv", JOB)
    valid = {key: row["icdref_valid_on_date"] for key, row in read_csv(tmp_path / "out.csv").items()}
    assert valid == {"2025-09-30": "true", "20250930": "true", "20251001": "false", "09/30/2025": ""}


def test_progress_only_grows_and_ends_at_one(service, tmp_path):
    line = json.dumps({"resourceType": "Condition"})
    (tmp_path / "in.ndjson").write_text(f"{line}\n" * 45_000)
    shares = []
    remap(service, tmp_path / "in.ndjson", tmp_path / "out.ndjson", Job("2026-04-01"), lambda _, share: shares.append(share))
    assert shares == sorted(shares)
    assert (len([share for share in shares if 0 < share < 1]), shares[-1]) == (2, 1.0)


def test_a_broken_line_is_named(service, tmp_path):
    source = tmp_path / "in.ndjson"
    source.write_text('{"resourceType": "Condition"}\n{"resourceType"\n')
    with pytest.raises(ImportFault, match=r"in\.ndjson:2: is no FHIR resource"):
        remap(service, source, tmp_path / "out.ndjson", Job("2026-04-01"))


def test_the_exported_tables_have_every_row(service, tmp_path):
    written = dict(parquet.export(service, tmp_path))
    assert written["releases.parquet"] == 3
    expected = sum(len(list(service.concepts.all(number))) for number in range(3))
    assert written["concepts.parquet"] == expected
    with parquet.connect() as engine:
        (number,) = engine.execute("SELECT count(*) FROM read_parquet(?)", [str(tmp_path / "concepts.parquet")]).fetchone()
    assert number == expected
