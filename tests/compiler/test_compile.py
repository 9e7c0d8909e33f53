from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from icdref.compiler import editions
from icdref.compiler.compile import compile_edition
from icdref.compiler.sources import Sources
from icdref.importers.errors import ImportFault
from icdref.importers.faults import ContentError
from icdref.store.editions import CURRENT, EDITIONS, installed, pointer, verify
from icdref.store.records import SCHEMA_VERSION
from tests.checkout import ROOT
from tests.conftest import Compiled
from tests.cut import Cut

PYTHON = """
import os, signal, sys
from pathlib import Path
from icdref.compiler.compile import compile_edition
from icdref.compiler.sources import Sources

folder, data, die_at, whole = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4] == "whole"

def progress(what, share):
    if die_at and what.startswith(die_at):
        os.kill(os.getpid(), signal.SIGKILL)

print(compile_edition(data, Sources(folder / "codesets", folder / "fixtures"), progress, complete=whole).id)
"""


def compiled_elsewhere(folder: Path, data: Path, *, die_at: str = "", whole: bool = False, seed: int = 1):
    """Compile in a process of its own, with another order of sets; `die_at` is the step at which it is killed."""
    command = [sys.executable, "-c", PYTHON, str(folder), str(data), die_at, "whole" if whole else "cut"]
    environment = os.environ | {"PYTHONHASHSEED": str(seed)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def left(data: Path) -> list[str]:
    return sorted(path.name for path in (data / EDITIONS).glob("*")) if (data / EDITIONS).exists() else []


def test_the_same_inputs_give_the_same_bytes_wherever_and_whenever(cut, small, tmp_path):
    again = cut.compile(tmp_path / "data")
    assert again.id == small.edition.id
    for name in again.manifest["files"]:
        assert (again.folder / name).read_bytes() == (small.edition.folder / name).read_bytes()
    ended = compiled_elsewhere(cut.folder, tmp_path / "elsewhere", seed=1)
    assert (ended.stdout.strip(), ended.stderr) == (small.edition.id, "")


@pytest.mark.slow
def test_the_vendored_data_give_the_same_hash_on_a_second_build(full, tmp_path):
    if Sources(ROOT / "codesets", ROOT / "fixtures").fingerprint() != full.edition.manifest["fingerprint"]:
        pytest.skip("somebody edited the vendored data while the tests ran")
    ended = compiled_elsewhere(ROOT, tmp_path / "data", whole=True, seed=3)
    assert (ended.stdout.strip(), ended.stderr) == (full.edition.id, "")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("codesets/icd-10-cm/2026-04-01/tabular.xml", "<desc>Cholera</desc>", "<desc>Kholera</desc>"),
        ("codesets/validity/validity.csv", "M722,20151001,20260930,", "M722,20151001,20250930,"),
        ("codesets/maps/gem.csv", "72812,M6100,1", "72812,M6100,0"),
        ("codesets/maps/successors.csv", "M6100,M616", "M6150,M616"),
        ("fixtures/conditions/other-bone.toml", "Do not knead the lump.", "Do not press the lump."),
        ("codesets/icd-10-cm/2026-04-01/release.toml", "licence  ", "licence "),
    ],
)
def test_any_change_of_an_input_gives_another_edition(cut, small, tmp_path, name, old, new):
    assert cut.edit(name, old, new).compile(tmp_path / "data").id != small.edition.id


def test_the_manifest_says_what_is_in_the_edition(small: Compiled):
    manifest = small.edition.manifest
    assert manifest["schema"] == SCHEMA_VERSION
    assert [(each["version"], each["codes"], each["billable"]) for each in manifest["releases"]] == [
        ("2024-10-01", 21, 12),
        ("2025-10-01", 14, 8),
        ("2026-04-01", 231, 130),
    ]
    assert "bone-after-a-blow" in manifest["summaries"]
    assert set(manifest["files"]) == {path.name for path in small.edition.folder.iterdir()} - {"manifest.json"}
    json.dumps(manifest)
    verify(small.edition)


def test_the_vendored_edition_holds_the_vendored_release(full: Compiled):
    (release,) = full.edition.manifest["releases"]
    assert (release["version"], release["codes"], release["billable"]) == ("2026-04-01", 98_186, 74_719)
    assert len(full.edition.manifest["summaries"]) >= 9


def test_progress_only_grows_and_ends_at_one(cut, tmp_path):
    shares = []
    compile_edition(tmp_path / "data", cut.sources, lambda _, share: shares.append(share), complete=False)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("codesets/icd-10-cm/2026-04-01/tabular.xml", "<version>2026", "<version>2027", "prints the year '2027', but"),
        ("codesets/icd-10-cm/2026-04-01/tabular.xml", "<name>A00.1</name>", "<name>A00.0</name>", "A00.0 stands twice"),
        ("codesets/icd-10-cm/2026-04-01/tabular.xml", "</ICD10CM.tabular>", "", "not well-formed XML"),
        ("codesets/icd-10-cm/2026-04-01/release.toml", '"tabular-xml"', '"leaflet"', "tabular list"),
        ("codesets/validity/validity.csv", "M722,20151001", "M722,20161001,20170101,\nM722,20151001", "overlap or leave a gap"),
        ("codesets/validity/files.toml", '"validity"', '"other"', "no file with content = 'validity'"),
        ("codesets/maps/gem.csv", "icd9to10,0010", "icd8to10,0010", "'icd8to10' is not icd9to10 or icd10to9"),
        ("fixtures/conditions/other-bone.toml", 'code = "M61.5"', 'code = "M61.6"', "M61.6"),
        ("fixtures/conditions/other-bone.toml", 'grade = "A"', 'grade = "X"', "grade"),
        ("fixtures/sources.toml", 'id = "review2020"', 'id = "review2021"', "review2020"),
    ],
)
def test_nothing_is_written_when_an_input_is_wrong(cut, tmp_path, name, old, new, reason):
    cut.edit(name, old, new)
    with pytest.raises((ImportFault, ContentError)) as caught:
        cut.compile(tmp_path / "data")
    assert reason in str(caught.value)
    assert left(tmp_path / "data") == []


def test_nothing_is_written_when_a_file_is_not_the_one_listed(cut, tmp_path):
    path = cut.newest / "tabular.xml"
    path.write_bytes(path.read_bytes().replace(b"Cholera", b"cholera", 1))
    with pytest.raises(ImportFault, match="the file is damaged or was replaced"):
        cut.compile(tmp_path / "data")
    assert left(tmp_path / "data") == []


def test_two_folders_of_one_release_must_agree(cut, tmp_path):
    copy = cut.newest.parent / "copy"
    copy.mkdir()
    for path in cut.newest.iterdir():
        (copy / path.name).write_bytes(path.read_bytes().replace(b"fiscal_year    = 2026", b"fiscal_year    = 2027"))
    with pytest.raises(ImportFault, match="fiscal year 2027"):
        cut.compile(tmp_path / "data")


def test_without_a_release_there_is_nothing_to_compile(cut, tmp_path):
    with pytest.raises(ImportFault, match=r"release.toml was found"):
        cut.drop("2024-10-01", "2025-10-01", "2026-04-01").compile(tmp_path / "data")


def test_a_cut_code_set_is_refused_outside_tests(cut, tmp_path):
    with pytest.raises(ImportFault, match="chapters, not 22: the file is cut"):
        compile_edition(tmp_path / "data", cut.sources)
    assert left(tmp_path / "data") == []


def test_the_fingerprint_is_of_what_is_compiled_and_of_nothing_else(cut, small):
    before = cut.sources.fingerprint()
    assert before == small.edition.manifest["fingerprint"]
    (cut.folder / "fixtures" / "quarantine").mkdir()
    (cut.folder / "fixtures" / "quarantine" / "claims.toml").write_text("x", "utf-8")
    assert cut.sources.fingerprint() == before
    (cut.folder / "fixtures" / "conditions" / "new.toml").write_text("x", "utf-8")
    assert cut.sources.fingerprint() != before


@pytest.mark.parametrize("step", ["Reading", "Writing concepts", "Writing condition", "Checking"])
def test_a_build_killed_at_any_step_leaves_nothing_that_could_be_served(cut, tmp_path, step):
    data = tmp_path / "data"
    ended = compiled_elsewhere(cut.folder, data, die_at=step)
    assert ended.returncode == -signal.SIGKILL
    assert installed(data) == ()
    assert pointer(data, CURRENT) == ""
    assert all(name.startswith(".tmp-") for name in left(data))
    edition = cut.compile(data)
    assert left(data) == [edition.id]


def test_a_build_killed_beside_a_current_edition_changes_nothing(cut, tmp_path):
    data = tmp_path / "data"
    edition = cut.compile(data)
    editions.activate(data, edition.id)
    cut.edit("codesets/maps/gem.csv", "72812,M6100,1", "72812,M6100,0")
    assert compiled_elsewhere(cut.folder, data, die_at="Checking").returncode == -signal.SIGKILL
    assert pointer(data, CURRENT) == edition.id
    assert [each.id for each in installed(data)] == [edition.id]
    verify(edition)


def test_a_second_compile_of_the_same_inputs_keeps_the_edition_as_it_is(cut: Cut, tmp_path):
    data = tmp_path / "data"
    first = cut.compile(data)
    stamp = (first.folder / "index.sqlite").stat().st_ino
    assert cut.compile(data) == first
    assert (first.folder / "index.sqlite").stat().st_ino == stamp
    assert left(data) == [first.id]
