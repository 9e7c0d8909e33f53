from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from icdref.compiler.editions import activate
from icdref.issues import IcdRefError
from icdref.store.editions import CURRENT, EDITIONS, MANIFEST, PREVIOUS, Edition, installed, pointer, read, served, sha256, verify
from icdref.store.index import INDEX_NAME
from tests.cut import Cut


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> Path:
    """A data directory with two editions, the second one current."""
    folder = tmp_path_factory.mktemp("pair")
    cut = Cut(folder)
    first = cut.compile(folder / "data")
    second = cut.edit("codesets/maps/gem.csv", "72812,M6100,1", "72812,M6100,0").compile(folder / "data")
    for edition in (first, second):
        activate(folder / "data", edition.id)
    return folder / "data"


@pytest.fixture
def data(pair, tmp_path) -> Path:
    """A copy of the pair to make faults in."""
    copy = Path(shutil.copytree(pair, tmp_path / "data"))
    for path in copy.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return copy


def current(data: Path) -> Edition:
    return read(data, pointer(data, CURRENT))


def flip(path: Path, position: int, bit: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 1 << bit
    path.write_bytes(content)


def test_the_current_edition_is_served(data):
    found = served(data)
    assert (found.edition.id, found.degraded) == (pointer(data, CURRENT), "")


def test_every_edition_is_installed_until_its_manifest_breaks(data):
    assert {edition.id for edition in installed(data)} == {pointer(data, CURRENT), pointer(data, PREVIOUS)}
    flip(data / EDITIONS / pointer(data, PREVIOUS) / MANIFEST, 10)
    (data / EDITIONS / ".tmp-left").mkdir()
    (data / EDITIONS / "0123456789ab").mkdir()
    assert [edition.id for edition in installed(data)] == [pointer(data, CURRENT)]
    assert installed(data / "nowhere") == ()


@pytest.mark.parametrize("seed", range(40))
def test_one_flipped_bit_anywhere_in_the_index_makes_previous_be_served_and_said(data, seed):
    edition = current(data)
    path = edition.folder / INDEX_NAME
    chance = random.Random(seed)
    flip(path, chance.randrange(path.stat().st_size), chance.randrange(8))
    with pytest.raises(IcdRefError, match=f"The file {INDEX_NAME} of edition {edition.id}"):
        verify(edition)
    found = served(data)
    assert found.edition.id == pointer(data, PREVIOUS)
    assert edition.id in found.degraded


def test_one_flipped_bit_anywhere_in_the_manifest_is_caught(data):
    edition = current(data)
    path = edition.folder / MANIFEST
    chance = random.Random(0)
    sound = path.read_bytes()
    for position in range(len(sound)):
        flip(path, position, chance.randrange(8))
        with pytest.raises(IcdRefError, match=f"The manifest of edition {edition.id}"):
            read(data, edition.id)
        path.write_bytes(sound)
    assert read(data, edition.id) == edition
    flip(path, len(sound) // 2)
    assert served(data).edition.id == pointer(data, PREVIOUS)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{}", b"\xff", b'{"schema": 1}'])
def test_a_manifest_of_another_shape_is_caught(data, content):
    identifier = pointer(data, CURRENT)
    (data / EDITIONS / identifier / MANIFEST).write_bytes(content)
    with pytest.raises(IcdRefError):
        read(data, identifier)
    assert served(data).edition.id == pointer(data, PREVIOUS)


@pytest.mark.parametrize("name", [INDEX_NAME, MANIFEST])
def test_a_missing_file_makes_previous_be_served(data, name):
    (data / EDITIONS / pointer(data, CURRENT) / name).unlink()
    found = served(data)
    assert found.edition.id == pointer(data, PREVIOUS)
    assert found.degraded


def test_a_truncated_or_lengthened_index_makes_previous_be_served(data):
    path = current(data).folder / INDEX_NAME
    sound = path.read_bytes()
    for content in (sound[:-1], sound[: len(sound) // 2], b"", sound + b"\0"):
        path.write_bytes(content)
        assert served(data).edition.id == pointer(data, PREVIOUS)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"0123456789ab\n", b"../../etc\n", b"0123456789abc", b"0" * 5000])
def test_a_current_that_names_nothing_makes_previous_be_served(data, content):
    (data / CURRENT).write_bytes(content)
    found = served(data)
    assert found.edition.id == pointer(data, PREVIOUS)
    assert found.degraded


def test_a_missing_current_makes_previous_be_served(data):
    (data / CURRENT).unlink()
    found = served(data)
    assert (found.edition.id, found.degraded) == (pointer(data, PREVIOUS), "CURRENT is missing or unreadable")


def test_when_both_are_damaged_nothing_is_served(data):
    for name in (CURRENT, PREVIOUS):
        flip(data / EDITIONS / pointer(data, name) / INDEX_NAME, 5000)
    with pytest.raises(IcdRefError) as caught:
        served(data)
    assert caught.value.issue.detail == "edition-damaged"


def test_without_an_edition_the_operator_is_told_what_to_run(tmp_path):
    with pytest.raises(IcdRefError, match="run 'icdref build'") as caught:
        served(tmp_path)
    assert caught.value.issue.detail == "no-edition"


def test_a_pointer_is_twelve_hex_digits_or_nothing(data):
    assert len(pointer(data, CURRENT)) == 12
    for content in ("0123456789AB", "0123456789ab extra", "0123456789abcdef"):
        (data / CURRENT).write_text(content, "ascii")
        assert pointer(data, CURRENT) == ""


def test_a_file_is_hashed_whole_however_large(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(b"a" * 3_000_001)
    before = sha256(path)
    flip(path, 2_999_999)
    assert sha256(path) != before
