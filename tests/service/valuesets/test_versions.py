"""What a version pattern means, and which of two versions is newer."""

import doctest
import itertools

import pytest

from icdref.service.valuesets import languages, versions
from icdref.service.valuesets.versions import compare, matches, newest


@pytest.mark.parametrize(
    ("wanted", "version", "fits"),
    [
        ("1.0.0", "1.0.0", True),
        ("1.x.x", "1.2.0", True),
        ("1.X.x", "1.2.0", True),
        ("1.*.0", "1.2.0", True),
        ("1.x", "1.2.0", False),  # one part less than the version has
        ("1.0", "1.0.0", False),
        ("1.0?", "1.0.7", True),
        ("1.x.x", "2.0.0", False),
        ("x.x.x", "1.2.0", False),  # the first part has to be said
        ("1.2.0-b*", "1.2.0-b*", True),
        ("2026", "2026-04-01", True),
        ("2026-04", "2026-04-01", True),
        ("1", "12", False),  # whole numbers are not prefixes of each other
        ("", "1.0.0", False),
        ("1.0.0", "", False),
        ("http://snomed.info/sct/1", "http://snomed.info/sct/1/version/2", True),
    ],
)
def test_a_pattern_fits_a_version(wanted, version, fits):
    assert matches(wanted, version) is fits


def test_the_algorithm_that_a_resource_names_decides():
    assert matches("1.0.0", "1.0.0.1", "alpha")
    assert not matches("1.0", "1.0.1", "semver")


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("1.9.0", "1.10.0"),
        ("1.0.0-draft", "1.0.0"),
        ("2025-10-01", "2026-04-01"),
        ("20251001", "20260401"),
        ("9", "10"),
        ("", "1.0.0"),
        ("a", "b"),
    ],
)
def test_one_version_is_newer_than_another(older, newer):
    assert (compare(older, newer), compare(newer, older), compare(newer, newer)) == (-1, 1, 0)
    assert newest([newer, older]) == newest([older, newer]) == newer


@pytest.mark.parametrize(
    ("versions_", "expected"),
    [
        (("9.0.0", "10.0.0", "2024-01-01"), "2024-01-01"),
        (("v2", "1.0.0", "3"), "1.0.0"),
        (("20250101", "2024-12-31", "2024"), "20250101"),
        (("20240101", "2024-12-31", "2023"), "2024-12-31"),
        (("2.0.0", "b", "10", "2020-05"), "2020-05"),
    ],
)
def test_the_newest_of_versions_that_look_different_does_not_depend_on_their_order(versions_, expected):
    assert {newest(order) for order in itertools.permutations(versions_)} == {expected}


@pytest.mark.parametrize(
    ("algorithm", "older", "newer"),
    [
        ("alpha", "1.10.0", "1.9.0"),
        ("natural", "r9", "r10"),
        ("natural", "2.a", "2.b"),
        ("natural", "1", "1.1"),
        ("", "r10", "r9"),
    ],
)
def test_the_algorithm_that_a_resource_names_orders_its_versions(algorithm, older, newer):
    assert (compare(older, newer, algorithm), compare(newer, older, algorithm)) == (-1, 1)


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(versions).failed == 0
    assert doctest.testmod(languages).failed == 0
