"""The hazard log is sound: every hazard has controls, and every control a test that exists."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.checkout import ROOT

LOG = tomllib.loads((ROOT / "docs" / "hazard-log.toml").read_text("utf-8"))
HAZARDS = LOG["hazard"]
SEVERITIES = ("catastrophic", "major", "considerable", "significant")


@cache
def _tests(file: str) -> frozenset[str]:
    """Return the names of the test functions of a file that are not always skipped."""
    path = Path(ROOT / file)
    assert path.is_file(), f"{file} does not exist"
    functions = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)]
    return frozenset(
        each.name for each in functions if not re.search(r"mark\.(skip|xfail)\b", " ".join(map(ast.unparse, each.decorator_list)))
    )


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard["id"])
def test_hazard_is_complete_and_its_controls_are_tested(hazard):
    assert {"id", "hazard", "cause", "harm", "severity", "control"} == set(hazard)
    assert all(hazard[key].strip() for key in ("hazard", "cause", "harm"))
    assert hazard["severity"] in SEVERITIES
    assert hazard["control"], "a hazard without a control"
    for control in hazard["control"]:
        assert set(control) == {"what", "tests"}
        assert control["tests"], f"{control['what']!r} names no test"
        for name in control["tests"]:
            file, _, function = name.partition("::")
            assert function in _tests(file), f"{name} does not exist or is always skipped"


def test_ids_are_unique_and_in_order():
    ids = [hazard["id"] for hazard in HAZARDS]
    assert ids == [f"H{number:02}" for number in range(1, len(ids) + 1)]


def test_severities_are_explained():
    page = (ROOT / "docs" / "explanation" / "safety.md").read_text("utf-8")
    assert all(f"| {severity} |" in page for severity in SEVERITIES)


def test_log_says_who_has_reviewed_it():
    assert LOG["status"] == "draft"
    assert LOG["reviewed_by"] == []
