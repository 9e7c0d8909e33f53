"""Trees keep branches together, whatever order and however many parents; circles end."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from icdref.service.systems import hierarchy as module
from icdref.service.systems.hierarchy import hierarchy


def test_a_branch_stands_together_in_order_of_definition():
    tree = hierarchy([(), (0,), (), (1,), (0,)])
    assert tree.order == (0, 1, 3, 4, 2)
    assert list(tree.descendants(0)) == [1, 2, 3]
    assert tree.descendants(0).starts == (1,), "one range"
    assert list(tree.ancestors(2)) == [0, 1]


def test_a_concept_with_two_parents_is_below_both():
    tree = hierarchy([(), (), (0, 1)])
    assert [tree.subsumes(above, tree.order.index(2)) for above in (tree.order.index(0), tree.order.index(1))] == [True, True]


def test_a_circle_does_not_end_the_world():
    tree = hierarchy([(1,), (0,), ()])
    assert sorted(tree.order) == [0, 1, 2]
    assert tree.subsumes(tree.order.index(0), tree.order.index(1))
    assert list(tree.descendants(tree.order.index(0))) == [tree.order.index(1)]


LINKS = st.integers(1, 12).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, size - 1), max_size=3), min_size=size, max_size=size)
)


@given(LINKS)
def test_every_concept_stands_once_and_subsumption_agrees_with_descendants(links):
    tree = hierarchy(links)
    assert sorted(tree.order) == list(range(len(links)))
    for above in range(len(links)):
        below = tree.descendants(above)
        for each in range(len(links)):
            assert tree.subsumes(above, each) is (each == above or each in below)


def test_a_deep_tree_does_not_recurse():
    deep = hierarchy([(), *((position,) for position in range(50_000))])
    assert len(deep.descendants(0)) == 50_000


def test_the_example_in_the_docstring():
    assert doctest.testmod(module).failed == 0
