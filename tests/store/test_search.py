"""The search tables: sets, words, damage."""

from __future__ import annotations

import shutil
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.issues import IcdRefError
from icdref.store.bits import decode, encode, from_numbers, members
from icdref.store.index import INDEX_NAME, Index
from icdref.store.search import NOWHERE, SearchStore, Stands, pack, unpack

_NUMBERS = st.sets(st.integers(0, 60_000), max_size=400)


@given(_NUMBERS)
def test_a_set_comes_back_as_it_was_stored(numbers):
    for size in (100, 70_000):
        assert set(members(decode(encode(numbers, size)))) == numbers
    assert list(members(from_numbers(numbers))) == sorted(numbers)


def test_a_dense_set_is_stored_as_bits_and_a_sparse_one_as_numbers():
    assert len(encode(range(48_000), 48_000)) <= 6_001
    assert len(encode([47_999], 48_000)) == 5
    assert decode(encode([], 48_000)) == 0


@given(st.lists(st.binary(max_size=20), max_size=5))
def test_packed_records_come_apart_again(parts):
    assert list(unpack(pack(parts))) == parts


def test_where_words_stand_joins():
    assert Stands(1, 2, 4) | Stands(8, 0, 1) == Stands(9, 2, 5)
    assert Stands(1, 2, 4).anywhere == 7
    assert NOWHERE.anywhere == 0


@pytest.fixture
def index(small, tmp_path):
    path = tmp_path / INDEX_NAME
    shutil.copy(small.edition.folder / INDEX_NAME, path)
    path.chmod(0o644)
    return path


def change(path, sql):
    connection = sqlite3.connect(path)
    connection.execute(sql)
    connection.commit()
    connection.close()
    return SearchStore(Index(path))


def test_words_documents_and_sets_are_read(index):
    store = SearchStore(Index(index))
    newest = 2
    number = store.number("M61.00", newest)
    assert store.code(number) == "M61.00"
    assert store.stands("ossifican").anywhere if store.stands("ossifican") else store.stands("ossificans").title >> number & 1
    assert store.stands("nonsense") is None
    assert store.number("Z99.9", newest) is None
    assert store.alive(newest) >> number & 1
    assert "side right" in store.set_names()
    assert "gout" in store.vocabulary().words
    assert store.words_beginning("gou") == ("gout", "gouty")


@pytest.mark.parametrize(
    ("sql", "read"),
    [
        ("UPDATE search_word SET record = record || x'00' WHERE word = 'gout'", lambda store: store.stands("gout")),
        ("UPDATE search_word SET crc = crc + 1", lambda store: store.stands("gout")),
        ("UPDATE search_prefix SET record = record || x'00'", lambda store: store.stands_beginning("c")),
        ("UPDATE search_set SET record = record || x'00'", lambda store: store.named("side right")),
        ("UPDATE search_column SET record = x'01'", lambda store: store.column("prior")),
        ("UPDATE search_column SET record = x'01'", lambda store: store.vocabulary()),
        ("DELETE FROM search_column", lambda store: store.column("prior")),
        ("UPDATE search_document SET code = 'Z99.9' WHERE id = 3", lambda store: store.code(3)),
        ("DELETE FROM search_document WHERE id = 3", lambda store: store.code(3)),
        ("UPDATE search_phrase SET record = '{}'", lambda store: list(store.phrases())),
    ],
)
def test_what_is_damaged_is_not_served(index, sql, read):
    store = change(index, sql)
    with pytest.raises(IcdRefError) as caught:
        read(store)
    assert caught.value.issue.detail == "edition-damaged"
