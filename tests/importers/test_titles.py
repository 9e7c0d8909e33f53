from __future__ import annotations

import doctest

import pytest

from icdref.importers import titles
from icdref.importers.titles import is_residual, laterality, site

BOOK = {
    "pain, right hip",
    "pain, left hip",
    "pain, unspecified hip",
    "malignant neoplasm of right ovary",
    "malignant neoplasm of left ovary",
    "malignant neoplasm of bilateral ovaries",
    "malignant neoplasm of unspecified ovary",
    "left ventricular failure, unspecified",
    "unspecified injury of right wrist",
    "unspecified injury of left wrist",
    "unspecified injury of unspecified wrist",
    "right lower quadrant pain",
    "left lower quadrant pain",
    "displaced fracture of right ulna with left shoe",
    "displaced fracture of left ulna with left shoe",
}


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(titles).failed == 0


@pytest.mark.parametrize(
    ("title", "side"),
    [
        ("Pain, right hip", "right"),
        ("Pain, Left hip", "left"),
        ("Pain, unspecified hip", "unspecified"),
        ("Malignant neoplasm of bilateral ovaries", "bilateral"),
        ("Fracture of both wrists", "bilateral"),
        ("Malignant neoplasm of unspecified ovary", "unspecified"),
        ("Left ventricular failure, unspecified", ""),
        ("Pain, unspecified", ""),
        ("Cholera, unspecified", ""),
        ("Unspecified injury of right wrist", "right"),
        ("Unspecified injury of unspecified wrist", "unspecified"),
        ("Displaced fracture of right ulna with left shoe", "right"),
        ("Bright light", ""),
        ("", ""),
    ],
)
def test_a_side_is_one_only_where_the_book_offers_the_other_too(title, side):
    assert laterality(title, BOOK) == side


@pytest.mark.parametrize(
    ("title", "side", "body_site"),
    [
        ("Pain, right hip", "right", "hip"),
        ("Malignant neoplasm of left ovary", "left", "ovary"),
        ("Unspecified injury of right wrist", "right", "wrist"),
        ("Right lower quadrant pain", "right", ""),
        ("Displaced fracture of right ulna with left shoe", "right", "ulna"),
        ("Left ventricular failure, unspecified", "left", ""),
    ],
)
def test_a_site_follows_its_side_where_it_is_anatomical(title, side, body_site):
    assert site(title, side, BOOK) == body_site


@pytest.mark.parametrize(
    "title",
    [
        "Other ossification of muscle, right thigh",
        "Cholera, unspecified",
        "Unspecified multiple injuries, initial encounter",
        "Other and unspecified malignant neoplasm of skin",
        "Fracture, other specified",
        "Fracture, other",
        "Pneumonia, not elsewhere classified",
        "Injury NOS",
        "Anemia NEC",
        "Elevated white blood cell count, unspecified",
    ],
)
def test_other_and_unspecified_conditions_are_residual(title):
    assert is_residual(title)


@pytest.mark.parametrize(
    "title",
    [
        "Myositis ossificans traumatica, unspecified site",
        "Myositis ossificans traumatica, other site",
        "Myositis ossificans traumatica, unspecified shoulder",
        "Burn of unspecified degree of head, face, and neck",
        "Concussion with loss of consciousness of unspecified duration",
        "Cholera due to Vibrio cholerae 01, biovar cholerae",
        "Another disease",
        "Nosebleed",
        "",
    ],
)
def test_an_open_site_side_or_degree_is_not_residual(title):
    assert not is_residual(title)
