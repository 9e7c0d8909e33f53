from __future__ import annotations

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from icdref.issues import IcdRefError
from icdref.store.index import INDEX_NAME, Index
from icdref.store.records import APPLICATION_ID, SCHEMA_VERSION


@pytest.fixture
def path(small) -> Path:
    return small.edition.folder / INDEX_NAME


def test_an_index_says_how_far_validity_is_known(path):
    index = Index(path)
    assert (index.meta("validity_first"), index.meta("validity_last")) == ("2015-10-01", "2027-03-31")
    assert index.meta("nothing") == ""


def test_an_index_is_opened_for_reading_only(path):
    index = Index(path)
    with pytest.raises(IcdRefError):
        list(index.rows("DELETE FROM concept"))
    assert index.one("SELECT count(*) FROM release") == (3,)


def test_an_index_is_read_from_a_directory_that_nothing_can_be_written_to(path, tmp_path):
    folder = tmp_path / "read only"
    folder.mkdir()
    shutil.copy(path, folder)
    folder.chmod(0o555)
    try:
        assert Index(folder / INDEX_NAME).one("SELECT count(*) FROM release") == (3,)
        assert [each.name for each in folder.iterdir()] == [INDEX_NAME]
    finally:
        folder.chmod(0o755)


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("application_id", 0), ("application_id", APPLICATION_ID + 1), ("user_version", 0), ("user_version", SCHEMA_VERSION + 1)],
)
def test_a_foreign_index_is_refused(tmp_path, pragma, value):
    path = tmp_path / INDEX_NAME
    connection = sqlite3.connect(path)
    for name, number in {"application_id": APPLICATION_ID, "user_version": SCHEMA_VERSION, pragma: value}.items():
        connection.execute(f"PRAGMA {name} = {number}")
    connection.execute("CREATE TABLE meta (key, value)")
    connection.close()
    with pytest.raises(IcdRefError, match=f"which is no index of schema {SCHEMA_VERSION}"):
        Index(path)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"not a database at all" * 100, bytes(4096)])
def test_what_is_no_database_is_refused(tmp_path, content):
    (tmp_path / INDEX_NAME).write_bytes(content)
    with pytest.raises(IcdRefError) as caught:
        Index(tmp_path / INDEX_NAME)
    assert caught.value.issue.detail == "edition-damaged"


def test_a_missing_index_is_refused(tmp_path):
    with pytest.raises(IcdRefError):
        Index(tmp_path / INDEX_NAME)
    assert list(tmp_path.iterdir()) == []


def test_threads_read_side_by_side(path):
    index = Index(path)
    expected = list(index.rows("SELECT code FROM concept ORDER BY id"))
    found: list[list[tuple]] = []

    def read():
        found.extend(list(index.rows("SELECT code FROM concept ORDER BY id")) for _ in range(20))
        index.close()

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 80


def test_a_closed_index_opens_again(path):
    index = Index(path)
    index.close()
    index.close()
    assert index.meta("validity_first")
