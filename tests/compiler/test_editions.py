from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from icdref.compiler.editions import activate, locked, roll_back, write_edition
from icdref.issues import IcdRefError
from icdref.store.editions import CURRENT, EDITIONS, MANIFEST, PREVIOUS, Edition, manifest_id, pointer, read, verify
from icdref.store.records import SCHEMA_VERSION


def write(data: Path, content: bytes = b"one") -> Edition:
    """Write an edition of one file."""

    def describe(folder: Path):
        (folder / "index.sqlite").write_bytes(content)
        return {"schema": SCHEMA_VERSION, "releases": []}

    return write_edition(data, describe)


def damage(edition: Edition) -> None:
    path = edition.folder / "index.sqlite"
    path.chmod(0o644)
    path.write_bytes(b"0ne")


def pointers(data: Path) -> tuple[str, str]:
    return pointer(data, CURRENT), pointer(data, PREVIOUS)


# --- writing ---------------------------------------------------------------------------------------------------------


def test_an_edition_is_named_by_the_hash_of_its_manifest(tmp_path):
    edition = write(tmp_path)
    assert edition.id == manifest_id(edition.manifest) == edition.folder.name
    assert edition.folder == tmp_path / EDITIONS / edition.id
    assert edition.manifest["files"]["index.sqlite"]["bytes"] == 3
    assert write(tmp_path / "elsewhere").id == edition.id
    assert write(tmp_path, b"two").id != edition.id


def test_the_files_of_an_edition_cannot_be_written(tmp_path):
    edition = write(tmp_path)
    assert {path.stat().st_mode & 0o777 for path in edition.folder.iterdir()} == {0o444}
    assert {path.name for path in edition.folder.iterdir()} == {"index.sqlite", MANIFEST}


def test_an_error_while_writing_leaves_nothing(tmp_path):
    def describe(folder: Path):
        (folder / "index.sqlite").write_bytes(b"half")
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError):
        write_edition(tmp_path, describe)
    assert list((tmp_path / EDITIONS).iterdir()) == []


def test_what_a_killed_build_left_is_removed_by_the_next(tmp_path):
    left = tmp_path / EDITIONS / ".tmp-left"
    left.mkdir(parents=True)
    (left / "index.sqlite").write_bytes(b"half")
    edition = write(tmp_path)
    assert [path.name for path in (tmp_path / EDITIONS).iterdir()] == [edition.id]


def test_writing_what_is_there_keeps_it_and_replaces_it_only_when_damaged(tmp_path):
    edition = write(tmp_path)
    kept = edition.folder.stat().st_ino
    assert write(tmp_path) == edition
    assert edition.folder.stat().st_ino == kept
    damage(edition)
    assert write(tmp_path) == edition
    verify(edition)
    assert [path.name for path in (tmp_path / EDITIONS).iterdir()] == [edition.id]


def test_the_lock_lets_one_command_write_at_a_time(tmp_path):
    with locked(tmp_path), (tmp_path / ".lock").open("w") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (tmp_path / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


# --- activating and rolling back -------------------------------------------------------------------------------------


def test_activation_makes_current_and_keeps_the_one_before(tmp_path):
    one, two, three = (write(tmp_path, content) for content in (b"one", b"two", b"three"))
    seen = []
    for edition in (one, two, three):
        activate(tmp_path, edition.id)
        seen.append(pointers(tmp_path))
    assert seen == [(one.id, ""), (two.id, one.id), (three.id, two.id)]
    assert (tmp_path / CURRENT).read_text("ascii") == f"{three.id}\n"


def test_activating_what_is_current_keeps_previous(tmp_path):
    one, two = write(tmp_path, b"one"), write(tmp_path, b"two")
    for edition in (one, two, two):
        activate(tmp_path, edition.id)
    assert pointers(tmp_path) == (two.id, one.id)


def test_a_damaged_edition_is_not_activated(tmp_path):
    one, two = write(tmp_path, b"one"), write(tmp_path, b"two")
    activate(tmp_path, one.id)
    damage(two)
    with pytest.raises(IcdRefError, match=r"The file index.sqlite of edition"):
        activate(tmp_path, two.id)
    assert pointers(tmp_path) == (one.id, "")


@pytest.mark.parametrize("identifier", ["0123456789ab", "", "..", "../..", "/", "CURRENT", "0123456789AB"])
def test_what_is_no_edition_is_not_activated(tmp_path, identifier):
    one = write(tmp_path)
    activate(tmp_path, one.id)
    with pytest.raises(IcdRefError) as caught:
        activate(tmp_path, identifier)
    assert caught.value.issue.detail == "edition-damaged"
    assert pointers(tmp_path) == (one.id, "")


def test_an_edition_of_another_schema_is_not_activated(tmp_path):
    def describe(folder: Path):
        (folder / "index.sqlite").write_bytes(b"old")
        return {"schema": SCHEMA_VERSION + 1}

    edition = write_edition(tmp_path, describe)
    with pytest.raises(IcdRefError, match=r"of another index schema; run 'icdref build'"):
        activate(tmp_path, edition.id)


def test_rolling_back_swaps_current_and_previous(tmp_path):
    one, two = write(tmp_path, b"one"), write(tmp_path, b"two")
    for edition in (one, two):
        activate(tmp_path, edition.id)
    assert roll_back(tmp_path) == one.id
    assert pointers(tmp_path) == (one.id, two.id)
    assert roll_back(tmp_path) == two.id
    assert pointers(tmp_path) == (two.id, one.id)


def test_without_a_previous_edition_nothing_is_rolled_back(tmp_path):
    one = write(tmp_path)
    activate(tmp_path, one.id)
    with pytest.raises(IcdRefError) as caught:
        roll_back(tmp_path)
    assert caught.value.issue.detail == "no-edition"
    assert pointers(tmp_path) == (one.id, "")


def test_a_damaged_previous_edition_is_not_rolled_back_to(tmp_path):
    one, two = write(tmp_path, b"one"), write(tmp_path, b"two")
    for edition in (one, two):
        activate(tmp_path, edition.id)
    damage(one)
    with pytest.raises(IcdRefError):
        roll_back(tmp_path)
    assert pointers(tmp_path) == (two.id, one.id)


def test_rolling_back_saves_a_data_directory_with_a_broken_current(tmp_path):
    one, two = write(tmp_path, b"one"), write(tmp_path, b"two")
    for edition in (one, two):
        activate(tmp_path, edition.id)
    (tmp_path / CURRENT).write_bytes(b"\xff\x00")
    assert roll_back(tmp_path) == one.id
    assert pointer(tmp_path, CURRENT) == one.id


def test_reading_an_edition_needs_the_manifest_that_its_name_is_the_hash_of(tmp_path):
    one, two = write(tmp_path, b"one"), write(tmp_path, b"two")
    manifest = one.folder / MANIFEST
    manifest.chmod(0o644)
    manifest.write_bytes((two.folder / MANIFEST).read_bytes())
    with pytest.raises(IcdRefError, match=f"The manifest of edition {one.id}"):
        read(tmp_path, one.id)
