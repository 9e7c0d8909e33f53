"""A release that came as an order file alone, on the cut: codes, tree and titles are there, and what is not is said."""

from __future__ import annotations

from datetime import date

import pytest

from icdref.compiler.importing import Options, import_path
from icdref.compiler.imports import imported
from icdref.compiler.intake import Wanted
from icdref.config import Settings
from icdref.results import Lookup
from icdref.service.matching import Asked
from icdref.service.service import Service
from icdref.store.editions import CURRENT, pointer, read
from tests.conftest import TODAY
from tests.cut import Cut
from tests.order_files import FY2027, fiscal_year_2027, order_file

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """The cut with a release of 2026-10-01 from an order file beside its three from tabular lists."""
    folder = tmp_path_factory.mktemp("order")
    cut = Cut(folder)
    before = Service(cut.compile(folder / "data"), Settings(data=str(folder / "data"), scrub_seconds=0), lambda: TODAY)
    (folder / "order.txt").write_bytes(order_file(fiscal_year_2027(before)))
    import_path(folder / "data", folder / "order.txt", Wanted(FY2027, complete=False), Options(), base=cut.sources)
    data = folder / "data"
    return Service(read(data, pointer(data, CURRENT)), Settings(data=str(data), scrub_seconds=0), lambda: TODAY)


def test_the_newest_release_is_the_imported_one_and_has_no_notes(service):
    assert (service.releases.newest.version, service.releases.newest.has_notes) == ("2026-10-01", False)
    assert len(imported(service.settings.directory)) == 1


def test_a_lookup_says_that_notes_blocks_and_chapters_are_not_known(service):
    found = service.terminology.lookup("M61.00", day=DAY)
    assert isinstance(found, Lookup)
    assert "notes-not-available" in [issue.detail for issue in found.issues]
    assert (found.chapter, found.block, found.notes) == ("", "", ())
    assert found.ancestors[-1].code == "M61"


def test_the_same_code_in_a_tabular_release_has_its_chapter(service):
    found = service.terminology.lookup("M61.00", version="2026-04-01")
    assert (found.chapter, found.block) == ("13", "M60-M63")


def test_a_summary_is_still_inherited_in_a_release_without_notes(service):
    trace = service.knowledge.for_codes([Asked("M61.00")], day=DAY).traces[0]
    assert (trace.summary, trace.relation, trace.release) == ("bone-after-a-blow", "inherited", "2026-10-01")


def test_what_an_excludes1_note_rules_out_stays_ruled_out_without_notes(service):
    newest = service.terminology.lookup("M61.00", day=DAY)
    noted = service.terminology.noted_above(newest)
    same = service.terminology.lookup("M61.00", version="2026-04-01")
    assert [each.code for each in noted] == [each.code for each in same.ancestors]
    assert any(each.notes for each in noted)
