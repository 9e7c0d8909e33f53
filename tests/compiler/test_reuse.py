"""An edition that takes releases over from another is the same byte for byte as one that reads them all."""

from __future__ import annotations

import pytest

from icdref.compiler import reuse
from icdref.compiler.compile import compile_edition
from icdref.compiler.timeline import entries
from icdref.importers.errors import ImportFault
from icdref.model import Concept
from tests.cut import Cut


@pytest.fixture
def without_oldest(tmp_path):
    """A data directory with an edition of the two newer releases of the cut."""
    Cut(tmp_path / "newer").drop("2024-10-01").compile(tmp_path / "data")
    return tmp_path / "data"


def test_taking_over_gives_the_same_bytes_as_reading(without_oldest, cut, tmp_path):
    assert cut.compile(without_oldest).id == cut.compile(tmp_path / "fresh").id


def test_a_release_that_the_edition_has_is_not_read_again(without_oldest, cut, monkeypatch):
    read = []

    def reading(concepts, known=None):
        read.append(len(concepts))
        return entries(concepts, known)

    monkeypatch.setattr("icdref.compiler.timeline.entries", reading)
    cut.compile(without_oldest)
    assert len(read) == 1


def test_a_release_whose_file_changed_is_read_again(without_oldest, cut):
    cut.edit("codesets/icd-10-cm/2025-10-01/tabular.xml", "Classical cholera", "Classical cholera of old")
    listed = {each.release.version: each for each in cut.sources.listed()}
    already = reuse.Reuse.of(without_oldest)
    assert already.find(listed["2025-10-01"], {}) is None
    assert already.find(listed["2026-04-01"], {}) is not None


def test_nothing_is_taken_from_an_edition_that_other_code_made_or_that_is_damaged(without_oldest, cut, monkeypatch):
    listed = cut.sources.listed()[-1]
    monkeypatch.setattr(reuse, "made_by", lambda: "other code")
    assert reuse.Reuse.of(without_oldest).find(listed, {}) is None
    monkeypatch.undo()
    (index,) = without_oldest.glob("editions/*/index.sqlite")
    index.chmod(0o644)
    content = bytearray(index.read_bytes())
    content[len(content) // 2] ^= 1
    index.write_bytes(content)
    assert reuse.Reuse.of(without_oldest).find(listed, {}) is None


def test_a_fault_in_the_new_release_is_still_found(without_oldest, cut):
    cut.edit("codesets/icd-10-cm/2024-10-01/release.toml", "fiscal_year    = 2025", "fiscal_year    = 2024")
    with pytest.raises(ImportFault, match="prints the year"):
        compile_edition(without_oldest, cut.sources, complete=False)


def test_entries_from_the_index_are_those_from_the_files(without_oldest, cut):
    for files in cut.sources.listed()[1:]:
        release, concepts = files.read()
        found = reuse.Reuse.of(without_oldest).find(files, {})
        assert found == (release, entries(concepts))
        assert isinstance(concepts[0], Concept)
