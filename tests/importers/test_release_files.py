from __future__ import annotations

import hashlib
import lzma
from datetime import date
from pathlib import Path

import pytest

from icdref.importers import release_files
from icdref.importers.errors import ImportFault
from icdref.importers.release_files import read_content, read_files, read_release
from icdref.model import SourceFile
from tests.checkout import ROOT

GOOD = """
schema = "release/1"
system = "http://hl7.org/fhir/sid/icd-10-cm"
version = "2026-04-01"
title = "A release"
publisher = "CDC/NCHS"
fiscal_year = 2026
effective_from = 2026-04-01
effective_to = 2026-09-30
licence = "public domain"
source = "somewhere"
[[file]]
name = "list.txt"
content = "tabular-xml"
sha256 = "SUM"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "list.txt").write_bytes(b"the list")
    (tmp_path / "release.toml").write_text(GOOD.replace("SUM", hashlib.sha256(b"the list").hexdigest()), "utf-8")
    return tmp_path


def test_a_release_is_what_its_toml_says(folder):
    release = read_release(folder)
    assert (release.version, release.fiscal_year) == ("2026-04-01", 2026)
    assert (release.effective_from, release.effective_to) == (date(2026, 4, 1), date(2026, 9, 30))
    assert (release.codes, release.billable) == (0, 0)
    (file,) = release.files
    assert (file.name, file.content) == ("list.txt", "tabular-xml")
    assert read_content(folder, file) == b"the list"


def test_a_release_may_be_without_an_end(folder):
    path = folder / "release.toml"
    path.write_text(path.read_text("utf-8").replace("effective_to = 2026-09-30\n", ""), "utf-8")
    assert read_release(folder).effective_to is None


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('schema = "release/1"', "", "key 'schema' is missing or not a str"),
        ('schema = "release/1"', 'schema = "release/2"', "schema is 'release/2', not 'release/1'"),
        ("fiscal_year = 2026", 'fiscal_year = "2026"', "key 'fiscal_year' is missing or not a int"),
        ("effective_from = 2026-04-01", 'effective_from = "2026-04-01"', "key 'effective_from' is missing or not a date"),
        ('version = "2026-04-01"', 'version = "2026"', "version '2026' is not the effective date 2026-04-01"),
        ('licence = "public domain"', "", "key 'licence' is missing"),
        ("[[file]]", "[file]", "key 'file' is missing or not a list"),
        ('content = "tabular-xml"', "", "each [[file]] needs name, sha256 and content"),
        ("title = ", "title ", "not readable as TOML"),
    ],
)
def test_a_release_toml_is_refused_by_the_key_that_is_wrong(folder, old, new, reason):
    path = folder / "release.toml"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(ImportFault) as caught:
        read_release(folder)
    assert caught.value.file == str(path)
    assert reason in caught.value.reason


def test_a_missing_or_unreadable_toml_is_refused(tmp_path):
    with pytest.raises(ImportFault, match="cannot be read: No such file"):
        read_release(tmp_path)
    (tmp_path / "release.toml").write_bytes(b"schema = '\xff'")
    with pytest.raises(ImportFault, match="not readable as TOML"):
        read_release(tmp_path)


def test_files_of_no_single_release_are_listed_in_files_toml(folder):
    (folder / "files.toml").write_text('[[file]]\nname = "list.txt"\ncontent = "gem"\nsha256 = "0"\n', "utf-8")
    assert read_files(folder) == (SourceFile("list.txt", "0", "gem"),)


@pytest.mark.parametrize("position", range(8))
def test_one_changed_byte_is_refused_before_anything_is_read(folder, position):
    (file,) = read_release(folder).files
    content = bytearray((folder / "list.txt").read_bytes())
    content[position] ^= 1
    (folder / "list.txt").write_bytes(content)
    with pytest.raises(ImportFault, match="the file is damaged or was replaced"):
        read_content(folder, file)


def test_a_file_that_is_not_there_is_refused(folder):
    with pytest.raises(ImportFault, match="cannot be read: No such file"):
        read_content(folder, SourceFile("gone.txt", "0"))


@pytest.mark.parametrize("name", ["../list.txt", "sub/list.txt", "/etc/passwd", "sub/../../list.txt"])
def test_a_file_outside_its_folder_is_refused(folder, name):
    (folder / "sub").mkdir()
    with pytest.raises(ImportFault, match=r"lies outside its folder|cannot be read"):
        read_content(folder / "sub", SourceFile(name, hashlib.sha256(b"the list").hexdigest()))


def test_a_compressed_file_is_unpacked_in_memory(folder):
    packed = lzma.compress(b"the list" * 1000)
    (folder / "list.xz").write_bytes(packed)
    assert read_content(folder, SourceFile("list.xz", hashlib.sha256(packed).hexdigest())) == b"the list" * 1000
    assert sorted(path.name for path in folder.iterdir()) == ["list.txt", "list.xz", "release.toml"]


def test_a_compressed_file_that_is_cut_or_broken_or_no_archive_is_refused():
    packed = lzma.compress(b"the list" * 1000)
    with pytest.raises(ImportFault, match="cut short"):
        release_files.unpack(packed[:-20], "list.xz")
    with pytest.raises(ImportFault, match="not readable as xz"):
        release_files.unpack(packed[:40] + b"\0\0\0\0" + packed[44:], "list.xz")
    with pytest.raises(ImportFault, match="not readable as xz"):
        release_files.unpack(b"the list", "list.xz")


def test_what_unpacks_to_more_than_the_cap_is_refused(monkeypatch):
    monkeypatch.setattr(release_files, "LARGEST_CONTENT", 1000)
    assert len(release_files.unpack(lzma.compress(bytes(1000)), "list.xz")) == 1000
    with pytest.raises(ImportFault, match="more than 1000 bytes when unpacked"):
        release_files.unpack(lzma.compress(bytes(1001)), "bomb.xz")


def test_every_vendored_file_is_what_its_toml_says():
    folders = [path.parent for path in (ROOT / "codesets").rglob("release.toml")]
    tables = [path.parent for path in (ROOT / "codesets").rglob("files.toml")]
    assert folders
    assert tables
    for folder in folders:
        for file in read_release(folder).files:
            assert read_content(folder, file)
    for folder in tables:
        for file in read_files(folder):
            assert read_content(folder, file)
