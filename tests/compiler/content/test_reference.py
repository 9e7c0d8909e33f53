"""The reference page and the release data keep up with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from icdref.compiler.content.sourcing import CEILINGS
from icdref.importers import condition_keys as keys
from tests.compiler.content.test_rules import CASES

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "reference" / "content-check.md").read_text("utf-8")


def test_every_rule_is_documented_once_and_tested() -> None:
    documented = [int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)]
    assert documented == list(range(1, 21))
    assert {case.rule for case in CASES} == set(documented)


def test_the_grades_of_source_types_are_documented() -> None:
    for letter, kinds in CEILINGS.items():
        assert f"| {letter} | {', '.join(kinds)} |" in PAGE
    assert {kind for kinds in CEILINGS.values() for kind in kinds} == set(keys.SOURCE_TYPES)


@pytest.mark.parametrize("status", keys.STATUSES)
def test_every_status_is_documented(status: str) -> None:
    assert f"| {status} |" in PAGE


def test_every_file_named_is_there() -> None:
    for name in re.findall(r"^\| `([a-z/-]+\.(?:toml|tsv|txt))` \|", PAGE, re.MULTILINE):
        assert (ROOT / "fixtures" / name).is_file(), name
