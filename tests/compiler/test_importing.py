"""Imports of whole releases, from the file to the answer: what they add, what they refuse, what they leave untouched."""

from __future__ import annotations

import shutil
import zipfile
from datetime import date

import pytest

from icdref.compiler import audit, editions, importing, imports
from icdref.compiler.importing import Options, import_path
from icdref.compiler.intake import Wanted
from icdref.config import Settings
from icdref.importers.errors import ImportFault
from icdref.service.service import Service
from icdref.setup import ensure_edition
from icdref.store.editions import CURRENT, PREVIOUS, pointer, read
from tests.conftest import TODAY
from tests.order_files import FY2027, codes_file, fiscal_year_2027, order_file, rows_of

pytestmark = pytest.mark.slow


def served(data):
    return Service(read(data, pointer(data, CURRENT)), Settings(data=str(data), scrub_seconds=0), lambda: TODAY)


@pytest.fixture
def data(full, tmp_path):
    """A data directory of its own with the vendored edition current."""
    shutil.copytree(full.data, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture(scope="session")
def release_2027(full_service):
    return fiscal_year_2027(full_service)


def test_before_the_import_fiscal_year_2027_is_valid_without_titles_and_after_it_complete(data, tmp_path, release_2027):
    before = served(data).terminology.lookup("J4B", day=TODAY)
    assert (before.active, before.concept.display, [issue.detail for issue in before.issues]) == (
        True,
        "",
        ["title-not-installed"],
    )
    assert served(data).state == "stale"

    path = tmp_path / "order.txt"
    path.write_bytes(order_file(release_2027))
    report = import_path(data, path, Wanted(date(2026, 10, 1)), Options())

    service = served(data)
    after = service.terminology.lookup("J4B", day=TODAY)
    assert after.concept.display == "Title made up for the test of J4B"
    assert [issue.detail for issue in after.issues] == ["notes-not-available"]
    assert service.state == "fresh"
    assert service.releases.newest.billable == 74_879
    assert report.edition == pointer(data, CURRENT)
    header = service.terminology.lookup("I42.0", day=TODAY)
    assert header.concept.billable is False
    assert not service.terminology.validate_code("S23.420A", day=TODAY).result
    assert service.terminology.validate_code("S23.420A", day=date(2026, 9, 30)).result


def test_an_import_of_something_known_changes_nothing(data, tmp_path, release_2027):
    path = tmp_path / "order.txt"
    path.write_bytes(order_file(release_2027))
    first = import_path(data, path, Wanted(FY2027), Options())
    again = import_path(data, path, Wanted(FY2027), Options())
    assert (again.edition, again.kept) == (first.edition, ())
    assert len(again.known) == 1


def test_no_activate_leaves_the_current_edition_and_rollback_returns_to_it(data, tmp_path, release_2027, full):
    path = tmp_path / "order.txt"
    path.write_bytes(order_file(release_2027))
    report = import_path(data, path, Wanted(FY2027), Options(activate=False))
    assert pointer(data, CURRENT) == full.edition.id
    importing.activate(data, report.edition)
    assert (pointer(data, CURRENT), pointer(data, PREVIOUS)) == (report.edition, full.edition.id)
    editions.roll_back(data)
    assert pointer(data, CURRENT) == full.edition.id
    assert [line.action for line in audit.lines(data)] == ["import", "activate"]


def test_another_file_for_an_installed_release_is_refused_unless_it_replaces(data, tmp_path, release_2027):
    path = tmp_path / "order.txt"
    path.write_bytes(order_file(release_2027))
    import_path(data, path, Wanted(FY2027), Options())
    retitled = [(code, billable, title.replace("Title made up", "Name made up")) for code, billable, title in release_2027]
    path.write_bytes(order_file(retitled))
    with pytest.raises(ImportFault, match="released content never changes"):
        import_path(data, path, Wanted(FY2027), Options())
    import_path(data, path, Wanted(FY2027), Options(replace=True))
    assert served(data).terminology.lookup("J4B", day=TODAY).concept.display == "Name made up for the test of J4B"
    assert len(imports.imported(data)) == 1


def test_a_new_icdref_compiles_the_imports_again(data, tmp_path, release_2027):
    path = tmp_path / "order.txt"
    path.write_bytes(order_file(release_2027))
    report = import_path(data, path, Wanted(FY2027), Options())
    shutil.rmtree(data / "editions")
    (data / CURRENT).unlink()
    (data / PREVIOUS).unlink()
    assert ensure_edition(data).id == report.edition


def test_a_removed_import_is_gone_from_the_next_edition(data, tmp_path, release_2027, full):
    path = tmp_path / "order.txt"
    path.write_bytes(order_file(release_2027))
    import_path(data, path, Wanted(FY2027), Options())
    importing.remove(data, imports.imported(data)[0].id)
    assert [each.version for each in served(data).releases.all] == [full.edition.manifest["releases"][0]["version"]]
    assert imports.imported(data) == ()


def test_a_zip_whose_codes_file_contradicts_its_order_file_is_refused_and_nothing_changes(data, tmp_path, release_2027, full):
    path = tmp_path / "release.zip"
    other = [
        (code, billable, title + "!") if code == "A00.0" else (code, billable, title) for code, billable, title in release_2027
    ]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("order.txt", order_file(release_2027))
        archive.writestr("codes.txt", codes_file(other))
    before = sorted(each.relative_to(data).as_posix() for each in data.rglob("*"))
    with pytest.raises(ImportFault, match=r"release\.zip/codes\.txt: contradicts .* in A00\.0"):
        import_path(data, path, Wanted(FY2027), Options())
    after = sorted(each.relative_to(data).as_posix() for each in data.rglob("*") if not each.name.startswith(".lock"))
    assert [name for name in after if name not in before] == ["imports"]
    assert pointer(data, CURRENT) == full.edition.id


def test_an_ambiguous_release_asks_for_its_date_and_takes_the_fiscal_year(full_service, data, tmp_path):
    path = tmp_path / "order.txt"
    path.write_bytes(order_file(rows_of(full_service)))
    with pytest.raises(ImportFault, match="in force on 2025-10-01, 2026-04-01"):
        import_path(data, path, Wanted(), Options())
    report = import_path(data, path, Wanted(fiscal_year=2026), Options())
    assert [parcel.slot for parcel in report.kept] == ["2025-10-01"]


def test_a_release_with_the_wrong_date_is_refused_and_told_the_right_one(full_service, data, tmp_path):
    path = tmp_path / "order.txt"
    path.write_bytes(order_file(rows_of(full_service)))
    with pytest.raises(ImportFault, match="the codes are those of 2025-10-01, 2026-04-01"):
        import_path(data, path, Wanted(date(2024, 10, 1)), Options())


def test_prune_keeps_current_and_previous(data, tmp_path, release_2027, full):
    path = tmp_path / "order.txt"
    path.write_bytes(order_file(release_2027))
    second = import_path(data, path, Wanted(FY2027), Options()).edition
    shutil.copytree(data / "editions" / second, data / "editions" / ("0" * 12))
    assert [name for name, _ in editions.prune(data, dry_run=True)] == ["0" * 12]
    editions.prune(data)
    assert sorted(path.name for path in (data / "editions").iterdir()) == sorted([full.edition.id, second])
