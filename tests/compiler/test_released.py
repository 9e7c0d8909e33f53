"""Released versions: kept as they were, never changed, and part of an edition."""

from __future__ import annotations

import doctest
import shutil

import pytest

from icdref.compiler import released
from icdref.compiler.content import check_directory
from icdref.compiler.publish import ReleaseTree
from icdref.compiler.released import read_released, release
from icdref.importers.conditions import read_conditions
from icdref.importers.errors import ImportFault
from icdref.service.service import Service
from tests.cut import Cut
from tests.revised import NAME, RESTS, keep, revise


def fixtures(cut: Cut):
    return cut.folder / "fixtures"


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(released).failed == 0


def test_a_released_version_is_read_back_as_it_was(cut: Cut):
    before = next(each for each in read_conditions(fixtures(cut)).summaries if each.id == NAME)
    keep(cut)
    revise(cut, "0.1.0", "0.2.0")
    assert read_released(fixtures(cut)) == (before,)
    keep(cut)
    versions = read_released(fixtures(cut))
    assert [each.version for each in versions] == ["0.1.0", "0.2.0"]
    assert [RESTS[each.version] in {statement.text for statement in each.statements} for each in versions] == [True, True]


def test_a_release_keeps_the_sources_that_are_cited_and_no_others(cut: Cut):
    keep(cut)
    folder = fixtures(cut) / "released" / NAME / "0.1.0"
    cut.edit("fixtures/sources.toml", "A review of lumps. 2020.", "Another title.")
    (kept,) = read_released(fixtures(cut))
    assert {each.id: each.citation for each in kept.sources}["review2020"] == "A review of lumps. 2020."
    assert (folder / "sources.toml").read_text().count("[[source]]") == len(kept.sources)


def test_releasing_twice_changes_nothing_and_a_changed_text_is_refused(cut: Cut):
    keep(cut)
    summary = next(each for each in read_conditions(fixtures(cut)).summaries if each.id == NAME)
    assert release(fixtures(cut), summary) is None
    cut.edit(f"fixtures/conditions/{NAME}.toml", RESTS["0.1.0"], "Rest for 6 weeks comes before all.")
    changed = next(each for each in read_conditions(fixtures(cut)).summaries if each.id == NAME)
    with pytest.raises(ImportFault, match=r"differs from its released version 0\.1\.0: raise the version"):
        release(fixtures(cut), changed)


def test_the_statements_of_a_release_are_listed_once(cut: Cut):
    keep(cut)
    revise(cut, "0.1.0", "0.2.0")
    keep(cut)
    head, *rows = (fixtures(cut) / "released-statements.tsv").read_text().splitlines()
    assert head == "id\tversion"
    assert "bab.tx.1\t0.1.0" in rows
    assert len(rows) == len({row.split("\t")[0] for row in rows})
    assert rows == sorted(rows)


def test_a_folder_that_does_not_hold_its_version_is_refused(cut: Cut):
    keep(cut)
    folder = fixtures(cut) / "released" / NAME
    shutil.copytree(folder / "0.1.0", folder / "0.3.0")
    with pytest.raises(ImportFault, match=r"released/bone-after-a-blow/0\.3\.0.*holds bone-after-a-blow 0\.1\.0"):
        read_released(fixtures(cut))


def test_an_edition_holds_the_released_versions_and_another_release_makes_another_edition(cut: Cut, tmp_path):
    before = cut.compile(tmp_path / "data")
    keep(cut)
    after = cut.compile(tmp_path / "data")
    assert after.id != before.id
    assert after.manifest["fingerprint"] != before.manifest["fingerprint"]


def test_the_content_check_reports_versions_that_must_not_be_served(cut: Cut, small_service: Service):
    keep(cut)
    tree = ReleaseTree(small_service)
    sound = check_directory(fixtures(cut), tree)
    assert not [fault for fault in sound if fault.file.startswith("released")]
    cut.edit(f"fixtures/conditions/{NAME}.toml", RESTS["0.1.0"], "Rest for 6 weeks comes before all.")
    (changed,) = [fault for fault in check_directory(fixtures(cut), tree) if "was released" in fault.message]
    assert (changed.severity, changed.fix) == ("information", "raise version")
    quarantine = fixtures(cut) / "quarantine"
    quarantine.mkdir()
    (quarantine / "claims.toml").write_text(
        'schema = "quarantine/1"\n[[statement]]\nid = "bab.tx.1"\nsection = "treatment"\ntext = "Rest."\ngrade = "X"\n'
        'sources = ["review2020"]\nneeds = "a source"\n'
    )
    faults = [fault for fault in check_directory(fixtures(cut), tree) if fault.file == f"released/{NAME}/0.1.0"]
    assert [(fault.severity, fault.value) for fault in faults] == [("error", "bab.tx.1")]
