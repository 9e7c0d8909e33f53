"""The summaries that icdref carries, against the release that it carries."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from icdref.compiler.content import check_directory, inspect_background
from icdref.compiler.content.tree import ConceptTree
from icdref.compiler.sources import Sources
from icdref.importers.conditions import from_record, read_conditions, to_record
from tests.compiler.content.good import PARENTS, SmallTree

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "fixtures"


@pytest.fixture(scope="module")
def tree() -> ConceptTree:
    *_, (_, concepts) = Sources(ROOT / "codesets", FIXTURES).releases()
    return ConceptTree(concepts)


@pytest.mark.slow
def test_the_content_is_sound_and_checked_within_five_seconds(tree: ConceptTree) -> None:
    start = time.perf_counter()
    faults = check_directory(FIXTURES, tree)
    assert time.perf_counter() - start < 5
    assert [str(fault) for fault in faults if fault.severity != "information"] == []


@pytest.mark.slow
def test_the_tree_of_a_release_answers_as_the_tabular_list_does(tree: ConceptTree) -> None:
    assert tree.ancestors("M61.051") == ["M61.05", "M61.0", "M61", "M60-M63", "M60-M79", "13"]
    assert len(tree.billable_codes_of("M61")) == 154
    assert tree.billable_below("M61.051") == ["M61.051"]
    assert (tree.exists("M61.0"), tree.exists("M61.08X"), list(tree.billable_below("nothing"))) == (True, False, [])


def test_every_summary_comes_back_from_its_record() -> None:
    library = read_conditions(FIXTURES)
    assert library.summaries
    for summary in library.summaries:
        assert from_record(to_record(summary)) == summary


def test_no_withheld_statement_or_quarantined_source_is_in_a_summary() -> None:
    background, faults = inspect_background(FIXTURES)
    assert faults == ()
    library = read_conditions(FIXTURES)
    served = {statement.id for summary in library.summaries for statement in summary.statements}
    assert not served & {statement.id for statement in background.quarantine.statements}
    assert not [source.id for summary in library.summaries for source in summary.sources if source.quarantine]


def test_a_small_tree_answers_as_the_protocol_says() -> None:
    tree = SmallTree()
    assert tree.ancestors("M61.011") == ["M61.01", "M61.0", "M61", "M60-M63", "13"]
    assert set(tree.billable_below("M61.0")) == {"M61.00", "M61.011", "M61.012"}
    assert all(tree.exists(code) for code in PARENTS)
