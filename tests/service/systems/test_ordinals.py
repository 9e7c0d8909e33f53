"""Sets of positions behave as sets, whatever ranges they are made of."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from icdref.service.systems import ordinals
from icdref.service.systems.ordinals import Ordinals

SETS = st.frozensets(st.integers(0, 60))


def same(found, expected):
    assert list(found) == sorted(expected)
    assert len(found) == len(expected)
    assert bool(found) == bool(expected)
    assert all(start < end for start, end in zip(found.starts, found.ends, strict=True))
    assert all(end < start for end, start in zip(found.ends, found.starts[1:], strict=False)), "ranges touch"


@given(SETS, SETS)
def test_union_intersection_and_difference_are_those_of_sets(a, b):
    one, other = Ordinals.of(a), Ordinals.of(b)
    same(one | other, a | b)
    same(one & other, a & b)
    same(one - other, a - b)


@given(SETS, st.integers(0, 70), st.integers(0, 70))
def test_a_page_is_a_slice(positions, offset, count):
    assert Ordinals.of(positions).page(offset, count) == tuple(sorted(positions)[offset : offset + count])


@given(SETS)
def test_membership_and_complement(positions):
    found = Ordinals.of(positions)
    assert [each for each in range(70) if each in found] == sorted(positions)
    same(found.outside(0, 61), set(range(61)) - positions)


def test_a_branch_of_any_size_is_one_range():
    assert Ordinals.span(5, 98_186).starts == (5,)
    assert not Ordinals.span(5, 5)


def test_the_example_in_the_docstring():
    assert doctest.testmod(ordinals).failed == 0
