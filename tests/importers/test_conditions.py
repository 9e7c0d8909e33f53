from __future__ import annotations

import random
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from icdref.importers.conditions import ContentError, from_record, inspect_conditions, read_conditions, to_record
from icdref.importers.toml_files import LARGEST_FILE
from icdref.model import Conflict, Person, RetiredStatement, SeedLink, StagingClass, Synonym, Window
from tests.compiler.content.good import BRUISE, Directory

BRU = "conditions/bruise-bone.toml"
EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "examples"


@pytest.fixture
def content(tmp_path: Path) -> Directory:
    return Directory(tmp_path)


def test_a_directory_is_read_whole(content: Directory) -> None:
    library = read_conditions(content.path)
    assert [summary.id for summary in library.summaries] == ["bruise-bone", "muscle-bone"]
    assert [source.id for source in library.sources][:2] == ["tabular", "review2020"]
    with pytest.raises(FrozenInstanceError):
        library.summaries = ()  # type: ignore[misc]


def test_every_key_reaches_its_field(content: Directory) -> None:
    content.edit(BRU, "[[staging]]", '[[retired]]\nid = "bru.tx.7"\nreason = "was wrong"\nreplaced_by = "bru.tx.1"\n[[staging]]')
    summary = read_conditions(content.path).summaries[0]
    by_id = {statement.id: statement for statement in summary.statements}
    assert summary.title == {"en": "Bone after a bruise", "es": "Hueso tras un golpe"}
    assert summary.synonyms[0] == Synonym("bruise bone", "lay", "en")
    assert (summary.codes[0].release, summary.codes[0].match, summary.codes[1].release) == (
        "2026-04-01",
        "self-and-descendants",
        "",
    )
    assert by_id["bru.img.1"].window == Window(0, 3)
    assert by_id["bru.tx.1"].conflict == Conflict("length of rest", "6 weeks", ("mus.tx.1",), "")
    assert by_id["bru.never.1"].seeds == (SeedLink("seed-001", "conflicts", ("1.01",), "wants it kneaded"),)
    assert by_id["bru.code.1"].review_by == date(2027, 10, 1)
    assert summary.stagings[0].classes == (StagingClass("I", "a little bone"), StagingClass("II", "much bone"))
    assert summary.review.authors == (Person("icdref authors", "author"),)
    assert summary.review.expires == date(2028, 11, 22)
    assert summary.retired == (RetiredStatement("bru.tx.7", "was wrong", "bru.tx.1"),)
    assert summary.sections_without_source[:2] == ("forms", "pathophysiology")
    assert (summary.licence, summary.code_licence, summary.replaced_by) == ("CC-BY-4.0", "public domain", "")


def test_patient_texts_come_with_their_summary(content: Directory) -> None:
    texts = read_conditions(content.path).summaries[0].patient_texts
    assert [(text.language, text.target_grade, text.status) for text in texts] == [("en", 7.0, "draft"), ("es", 7.0, "draft")]
    assert texts[0].body.startswith("## What is it?\n")
    assert texts[0].body.endswith("more).\n")


def test_a_summary_carries_the_sources_it_cites_in_display_order(content: Directory) -> None:
    summary = read_conditions(content.path).summaries[0]
    assert [source.id for source in summary.sources] == ["review2020", "case2019", "seed-000", "trial2021", "tabular"]


def test_the_day_and_time_of_a_page_are_kept_as_text(content: Directory) -> None:
    assert {source.id: source.last_update for source in read_conditions(content.path).sources}["seed-000"] == "2024-06-07 02:49"


def test_all_faults_are_reported_at_once(content: Directory) -> None:
    content.edit(BRU, 'kind = "lay"', 'knid = "lay"').edit(BRU, 'grade = "B"', 'grade = "F"')
    content.edit("sources.toml", 'type = "trial"', 'type = "tryal"')
    library, faults = inspect_conditions(content.path)
    assert library is None
    assert [(fault.file, fault.rule) for fault in faults] == [("sources.toml", 4), (BRU, 1), (BRU, 3), (BRU, 4)]
    with pytest.raises(ContentError) as error:
        read_conditions(content.path)
    assert error.value.faults == faults
    assert str(error.value).count("\n") == 3


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("conditions/notes.txt", "neither a summary nor a patient text"),
        ("conditions/bruise-bone.patient.md", "neither a summary nor a patient text"),
        ("conditions/other.patient.en.md", "has no front matter"),
    ],
)
def test_a_stray_file_is_a_fault(content: Directory, name: str, says: str) -> None:
    content.write(name, "words")
    assert [
        (fault.file, fault.message.startswith(("is", "has")), says in fault.message)
        for fault in inspect_conditions(content.path)[1]
    ] == [(name, True, True)]


def test_a_patient_text_needs_its_summary(content: Directory) -> None:
    text = (content.path / "conditions/bruise-bone.patient.es.md").read_text("utf-8")
    content.write("conditions/lost.patient.es.md", text.replace('"bruise-bone"', '"lost"'))
    (fault,) = inspect_conditions(content.path)[1]
    assert (fault.message, fault.fix) == ("there is no summary for this text", "add conditions/lost.toml")


def test_hidden_files_are_left_alone(content: Directory) -> None:
    content.write("conditions/.bruise-bone.toml.swp", "\0")
    assert inspect_conditions(content.path)[1] == ()


def test_missing_files_are_named(tmp_path: Path) -> None:
    library, faults = inspect_conditions(tmp_path)
    assert library is None
    assert {fault.file for fault in faults} == {"sources.toml", "conditions"}


def test_line_ends_of_any_system_are_read_alike(content: Directory) -> None:
    before = read_conditions(content.path)
    for file in (content.path / "conditions").iterdir():
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert read_conditions(content.path) == before


@pytest.mark.parametrize(
    ("content_bytes", "says"),
    [
        (b"id = \xff", "is not UTF-8"),
        (b"\xef\xbb\xbfid = 1", "is not valid TOML"),
        (b"a = " + b"[" * 100_000, "is not valid TOML"),
        (b"a = " + b"9" * 10_000, "is not valid TOML"),
        (b"#" * (LARGEST_FILE + 1), "is larger than"),
        (b"", 'required key "schema" is missing'),
    ],
)
def test_hostile_bytes_are_a_fault(content: Directory, content_bytes: bytes, says: str) -> None:
    (content.path / BRU).write_bytes(content_bytes)
    faults = [fault for fault in inspect_conditions(content.path)[1] if fault.file == BRU]
    assert says in faults[0].message


def test_a_folder_in_place_of_a_file_is_a_fault(content: Directory) -> None:
    (content.path / "conditions" / "folder.toml").mkdir()
    assert "not a regular file" in inspect_conditions(content.path)[1][0].message


def test_a_fault_of_hidden_characters_shows_them_escaped(content: Directory) -> None:
    content.edit(BRU, 'kind = "lay"', 'kind = "lay\\u202e"')
    assert '"lay\\u202e"' in str(inspect_conditions(content.path)[1][0])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(
    st.integers(0, BRUISE.count("\n") - 1),
    st.sampled_from(["delete", "double", "cut", "swap"]),
    st.randoms(use_true_random=False),
)
def test_no_one_line_fault_breaks_the_reader(content: Directory, number: int, how: str, chance: random.Random) -> None:
    lines = BRUISE.split("\n")
    line = lines[number]
    position = chance.randint(0, len(line))
    lines[number : number + 1] = {
        "delete": [],
        "double": [line, line],
        "cut": [line[:position]],
        "swap": [line[:position] + chance.choice("[]{}\"'=,.#0x\u202e") + line[position + 1 :]],
    }[how]
    content.write(BRU, "\n".join(lines))
    library, faults = inspect_conditions(content.path)
    assert (library is None) == bool(faults)
    if library is None:
        assert all(fault.message and fault.fix and fault.file for fault in faults)
    else:
        content.faults()


def test_every_deleted_line_of_a_statement_is_noticed(content: Directory) -> None:
    lines = BRUISE.split("\n")
    keys = ("id = ", "section = ", "text = ", "grade = ", "sources = ")
    required = [number for number, line in enumerate(lines) if line.startswith(keys)]
    assert len(required) > 40
    for number in required:
        content.write(BRU, "\n".join(lines[:number] + lines[number + 1 :]))
        assert [fault for fault in content.faults() if fault.severity == "error"], lines[number]


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the worked example is not at hand")
def test_the_worked_example_is_read(tmp_path: Path) -> None:
    name = "myositis-ossificans-traumatica"
    text = (EXAMPLES / f"{name}.toml").read_text("utf-8")
    head, _, rest = text.partition("# ---------------------------------------------------------------- sources")
    sources, _, tail = rest.partition("# ---------------------------------------------------------------- review")
    withheld = head.index('[[statement]]\nid      = "mot.tx.90"')
    (tmp_path / "conditions").mkdir()
    (tmp_path / "conditions" / f"{name}.toml").write_text(head[:withheld] + "#" + tail, "utf-8")
    (tmp_path / "conditions" / f"{name}.patient.en.md").write_bytes((EXAMPLES / f"{name}.patient.en.md").read_bytes())
    (tmp_path / "sources.toml").write_text('schema = "sources/1"\n#' + sources, "utf-8")
    (summary,) = read_conditions(tmp_path).summaries
    assert (len(summary.statements), len(summary.patient_texts), len(summary.codes)) == (28, 1, 5)
    assert from_record(to_record(summary)) == summary
