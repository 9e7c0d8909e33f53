"""The columns of a release say what its rows say."""

from __future__ import annotations

import pytest

from icdref.issues import IcdRefError
from icdref.model import Kind
from icdref.store.index import INDEX_NAME, Index
from icdref.store.trees import NO_PARENT, TreeStore, packed, unpacked


@pytest.fixture(scope="module")
def store(small):
    return TreeStore(Index(small.edition.folder / INDEX_NAME))


def test_every_column_of_every_release_agrees_with_the_rows(store, small_service):
    for number, _ in enumerate(small_service.releases.all):
        tree = store.tree(number)
        rows = list(small_service.concepts.all(number))
        assert tree.codes == [row.concept.code for row in rows]
        for ordinal, row in enumerate(rows):
            concept = row.concept
            assert tree.positions[ordinal] == row.position
            assert tree.at_position(row.position) == ordinal
            below = [each.concept.code for each in small_service.concepts.below(row, number)]
            assert tree.codes[ordinal : tree.ends[ordinal]] == below
            assert [tree.codes[child] for child in tree.children(ordinal)] == list(row.children)
            parent = tree.parents[ordinal]
            assert ("" if parent == NO_PARENT else tree.codes[parent]) == concept.parent
            assert (tree.kind(ordinal), tree.is_billable(ordinal)) == (concept.kind, concept.billable)
            assert tree.site_names[tree.sites[ordinal]] == concept.site
            validity = small_service.concepts.validity(concept.code)
            assert tree.valid_from[ordinal] == (validity.valid_from.toordinal() if validity else 0)


def test_codes_that_only_the_validity_table_has_stand_beyond_the_tree(store, small_service):
    newest = len(small_service.releases.all) - 1
    tree = store.tree(newest)
    known = {row.code for row in small_service.concepts.all_validity()}
    assert set(tree.beyond) == known - set(tree.codes)
    assert {tree.places[code] for code in tree.beyond} == set(range(len(tree), len(tree) + len(tree.beyond)))


def test_a_record_is_an_exact_round_trip(store):
    tree = store.tree(0)
    again = unpacked(packed(tree))
    assert again.codes == tree.codes
    assert list(again.ends) == list(tree.ends)
    assert again.kind(0) is Kind.CHAPTER or again.kind(0) is tree.kind(0)
    assert packed(again) == packed(tree)


def test_a_release_that_is_not_there_is_damage(store):
    with pytest.raises(IcdRefError) as error:
        store.tree(99)
    assert error.value.issue.detail == "edition-damaged"
