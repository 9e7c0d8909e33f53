"""Imports, from the file to the answer, on the cut: what they add, what they refuse, what they leave untouched."""

from __future__ import annotations

import fcntl
import json
import shutil
import zipfile
from dataclasses import replace
from datetime import date

import pytest

from icdref.compiler import audit, editions, importing, imports
from icdref.compiler.compile import compile_edition
from icdref.compiler.importing import Options, import_path
from icdref.compiler.intake import Wanted
from icdref.config import Settings
from icdref.importers.errors import ImportFault
from icdref.service.service import Service
from icdref.store.editions import CURRENT, PREVIOUS, pointer, read
from tests.conftest import TODAY
from tests.cut import Cut
from tests.order_files import FY2027, codes_file, fiscal_year_2027, order_file


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The cut, its sources, and the rows of a release of 2026-10-01 that fits its validity table."""
    cut = Cut(tmp_path_factory.mktemp("importing"))
    data = cut.folder / "data"
    editions.activate(data, cut.compile(data).id)
    return cut, fiscal_year_2027(served(data))


@pytest.fixture
def data(base, tmp_path):
    """A data directory of its own with the edition of the cut current."""
    shutil.copytree(base[0].folder / "data", tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def rows(base):
    return base[1]


@pytest.fixture
def sources(base):
    return base[0].sources


@pytest.fixture
def import_rows(data, sources, tmp_path):
    """Return a function that writes rows as an order file and imports it."""

    def run(rows, day=FY2027, *, name="order.txt", **options):
        (tmp_path / name).write_bytes(order_file(rows))
        wanted = Wanted(day, complete=False) if isinstance(day, date) else Wanted(fiscal_year=day, complete=False)
        return import_path(data, tmp_path / name, wanted, Options(**options), base=sources)

    return run


def served(data):
    return Service(read(data, pointer(data, CURRENT)), Settings(data=str(data), scrub_seconds=0), lambda: TODAY)


def test_a_release_that_is_imported_answers_and_the_others_still_do(data, rows, import_rows):
    before = served(data).terminology.lookup("A00.0", version="2025-10-01")
    report = import_rows(rows)
    service = served(data)
    assert report.edition == pointer(data, CURRENT)
    assert [each.version for each in service.releases.all] == ["2024-10-01", "2025-10-01", "2026-04-01", "2026-10-01"]
    assert service.terminology.lookup("A00.0", version="2025-10-01").concept == before.concept
    assert (service.state, service.releases.newest.version) == ("fresh", "2026-10-01")


def test_an_import_of_something_known_changes_nothing(rows, import_rows):
    first = import_rows(rows)
    again = import_rows(rows)
    assert (again.edition, again.kept) == (first.edition, ())
    assert len(again.known) == 1


def test_no_activate_leaves_the_current_edition_and_rollback_returns_to_it(data, rows, import_rows):
    before = pointer(data, CURRENT)
    report = import_rows(rows, activate=False)
    assert pointer(data, CURRENT) == before
    importing.activate(data, report.edition)
    assert (pointer(data, CURRENT), pointer(data, PREVIOUS)) == (report.edition, before)
    editions.roll_back(data)
    assert pointer(data, CURRENT) == before
    assert [line.action for line in audit.lines(data)] == ["import", "activate"]


def test_another_file_for_an_installed_release_is_refused_unless_it_replaces(data, rows, import_rows):
    import_rows(rows)
    retitled = [(code, billable, f"{title}, renamed" if code == "A00.0" else title) for code, billable, title in rows]
    with pytest.raises(ImportFault, match="released content never changes"):
        import_rows(retitled)
    import_rows(retitled, replace=True)
    assert served(data).terminology.lookup("A00.0", day=TODAY).concept.display.endswith(", renamed")
    assert len(imports.imported(data)) == 1


def test_the_imports_alone_are_enough_to_compile_the_edition_again(data, rows, import_rows, sources):
    report = import_rows(rows)
    shutil.rmtree(data / "editions")
    again = replace(sources, imports=imports.imported(data))
    assert compile_edition(data, again, complete=False).id == report.edition


def test_a_removed_import_is_gone_from_the_next_edition(data, rows, import_rows, sources):
    before = pointer(data, CURRENT)
    import_rows(rows)
    importing.remove(data, imports.imported(data)[0].id, base=sources, complete=False)
    assert pointer(data, CURRENT) == before
    assert imports.imported(data) == ()
    assert [line.action for line in audit.lines(data)] == ["import", "activate", "remove-import", "activate"]


def test_several_paths_are_compiled_once_and_all_or_none_is_kept(data, rows, sources, tmp_path):
    (tmp_path / "order.txt").write_bytes(order_file(rows))
    (tmp_path / "codes.txt").write_bytes(codes_file(rows))
    system = {"resourceType": "CodeSystem", "url": "urn:x", "status": "active", "content": "complete", "concept": [{"code": "a"}]}
    (tmp_path / "local.json").write_text(json.dumps(system))
    wanted = Wanted(FY2027, complete=False)
    paths = [
        (tmp_path / "order.txt", wanted),
        (tmp_path / "codes.txt", wanted),
        (tmp_path / "local.json", Wanted(complete=False)),
    ]
    report = importing.import_paths(data, paths, Options(), base=sources)
    assert [[part.content for part in parcel.parts] for parcel in report.kept] == [["order"], ["codes"], ["fhir-CodeSystem"]]
    assert len(list((data / "editions").iterdir())) == 2

    before = pointer(data, CURRENT), len(imports.imported(data))
    (tmp_path / "other.json").write_text(json.dumps(system | {"url": "urn:y"}))
    (tmp_path / "broken.json").write_text(json.dumps(system | {"url": "urn:z", "count": 7}))
    with pytest.raises(ImportFault, match="count is 7"):
        importing.import_paths(
            data, [(tmp_path / name, wanted) for name in ("other.json", "broken.json")], Options(), base=sources
        )
    assert (pointer(data, CURRENT), len(imports.imported(data))) == before
    assert not list((data / "imports").glob(".tmp-*"))


def test_a_release_toml_beside_the_files_says_the_day_that_they_do_not(data, rows, sources, tmp_path):
    folder = tmp_path / "in" / "FY2027"
    folder.mkdir(parents=True)
    (folder / "order.txt").write_bytes(order_file(rows))
    (folder / "release.toml").write_text("effective_from = 2026-10-01\n")
    report = import_path(data, tmp_path / "in", Wanted(complete=False), Options(), base=sources)
    assert [parcel.slot for parcel in report.kept] == ["2026-10-01"]


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("effective_from = '2026-10-01'", "needs effective_from"),
        ("effective_from = 2026-10-01\n[[file]]\nname = 'order.txt'\nsha256 = '00'", "is not the one that release.toml states"),
        ("effective_from = 2026-10-01\n[[file]]\nname = 'codes.txt'", "lists codes.txt, which is not there"),
        ("effective_from = 2025-10-01", "codes differ from those in force on 2025-10-01"),
        ("effective_from = ", "not readable as TOML"),
    ],
)
def test_a_release_toml_that_its_files_contradict_is_refused(data, rows, sources, tmp_path, toml, reason):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "order.txt").write_bytes(order_file(rows))
    (tmp_path / "in" / "release.toml").write_text(toml)
    with pytest.raises(ImportFault, match=reason):
        import_path(data, tmp_path / "in", Wanted(complete=False), Options(), base=sources)


def test_a_zip_whose_codes_file_contradicts_its_order_file_is_refused_and_nothing_changes(data, rows, sources, tmp_path):
    path = tmp_path / "release.zip"
    other = [(code, billable, title + "!") if code == "A00.0" else (code, billable, title) for code, billable, title in rows]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("order.txt", order_file(rows))
        archive.writestr("codes.txt", codes_file(other))
    before = sorted(each.relative_to(data).as_posix() for each in data.rglob("*")), pointer(data, CURRENT)
    with pytest.raises(ImportFault, match=r"release\.zip/codes\.txt: contradicts .* in A00\.0"):
        import_path(data, path, Wanted(FY2027, complete=False), Options(), base=sources)
    after = sorted(each.relative_to(data).as_posix() for each in data.rglob("*") if not each.name.startswith(".lock"))
    assert [name for name in after if name not in before[0]] == ["imports"]
    assert pointer(data, CURRENT) == before[1]


def test_a_second_import_is_told_that_one_is_running(data, rows, import_rows):
    (data / "imports").mkdir()
    with (data / "imports" / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        with pytest.raises(ImportFault, match="another import is running"):
            import_rows(rows)


def test_prune_keeps_current_and_previous_and_removes_what_was_exported_of_the_others(data, rows, import_rows):
    first = pointer(data, CURRENT)
    second = import_rows(rows).edition
    other = "0" * 12
    shutil.copytree(data / "editions" / second, data / "editions" / other)
    for edition in (other, second):
        (data / "exports" / edition).mkdir(parents=True)
        (data / "exports" / edition / "remap-2026-10-01.parquet").write_bytes(b"rows")
    assert [name for name, _ in editions.prune(data, dry_run=True)] == [other]
    assert (data / "exports" / other).exists()
    editions.prune(data)
    assert sorted(path.name for path in (data / "editions").iterdir()) == sorted([first, second])
    assert [path.name for path in (data / "exports").iterdir()] == [second]
