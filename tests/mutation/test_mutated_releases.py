"""Two hundred mutated releases, imported as an operator would: none is accepted, each is refused with its file and reason.

The edition that is served, and everything else in the data directory, is left as it was. With `-s` the table of
docs/explanation/refused-releases.md is printed.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from icdref.compiler.compile import compile_edition
from icdref.compiler.editions import activate
from icdref.compiler.importing import Options, import_path
from icdref.compiler.intake import Wanted
from icdref.importers.errors import ImportFault
from icdref.model import Kind
from icdref.store.editions import CURRENT, installed, pointer, verify
from tests.cut import Cut
from tests.mutation.mutations import MUTATIONS, fhir_system, write_mutated
from tests.order_files import addenda_file, order_file

DAY = date(2025, 10, 1)
"""The first day of the release that is mutated: the newest of the cut, as if its codes had come half a year earlier."""
PER_KIND = 8


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return Cut(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    made = Cut(tmp_path_factory.mktemp("mutation")).drop(str(DAY))
    table = made.folder / "codesets" / "validity" / "validity.csv"
    for line in table.read_text("ascii").splitlines():
        if line.startswith(("A001,", "S060X0A,", "M618,")):
            code = line.partition(",")[0]
            life = "20250401,20250930" if code == "M618" else "20251001,"
            made.edit("codesets/validity/validity.csv", line, f"{code},{life},")
    return made


@pytest.fixture(scope="module")
def rows(whole):
    concepts = whole.sources.listed()[-1].read()[1]
    return [(each.code, each.billable, each.display) for each in concepts if each.kind not in (Kind.CHAPTER, Kind.BLOCK)]


@pytest.fixture(scope="module")
def tabular(whole):
    return (whole.newest / "tabular.xml").read_bytes()


@pytest.fixture(scope="module")
def data(cut):
    """A data directory that serves the cut without the release that is imported."""
    edition = compile_edition(cut.folder / "data", cut.sources, complete=False)
    activate(cut.folder / "data", edition.id)
    return cut.folder / "data"


def import_into(data, path, cut):
    """Import as `icdref codeset import` does."""
    return import_path(data, path, Wanted(DAY, complete=False), Options(), base=cut.sources)


def state_of(data: Path):
    """Return everything that an import could have changed."""
    return pointer(data, CURRENT), {
        path.relative_to(data).as_posix(): path.read_bytes()
        for path in sorted(data.rglob("*"))
        if path.is_file() and path.name not in (".lock",)
    }


@pytest.mark.parametrize("name", ["order.txt", "tabular.xml"])
def test_the_release_that_is_mutated_is_accepted_as_it_is(rows, tabular, cut, tmp_path, name):
    data = tmp_path / "data"
    (tmp_path / name).write_bytes(order_file(rows) if name == "order.txt" else tabular)
    done = import_into(data, tmp_path / name, cut)
    assert [parcel.is_release for parcel in done.kept] == [True]


def test_the_addenda_and_the_code_system_that_are_mutated_are_accepted_as_they_are(rows, cut, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "order.txt").write_bytes(order_file(rows))
    (tmp_path / "in" / "addenda.txt").write_bytes(addenda_file(rows, [row for row in rows if row[1]][:4]))
    (tmp_path / "in" / "system.json").write_bytes(fhir_system([{"code": code} for code, _, _ in rows], count=len(rows)))
    done = import_into(tmp_path / "data", tmp_path / "in", cut)
    assert [len(parcel.parts) for parcel in done.kept] == [2, 1]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.__name__)
def test_no_mutated_release_is_accepted(mutation, rows, tabular, cut, data, tmp_path):
    before = state_of(data)
    reasons: Counter[str] = Counter()
    for number in range(PER_KIND):
        path = write_mutated(mutation, number, rows, tabular, tmp_path)
        with pytest.raises(ImportFault) as refused:
            import_into(data, path, cut)
        assert mutation.__name__ in refused.value.file, f"the reason names no file: {refused.value}"
        reasons[re.sub(r"'[^']*'|\b[A-Z]\d[\w.]*|\d[\d-]*", "…", refused.value.reason)] += 1
    assert sum(reasons.values()) == PER_KIND
    assert state_of(data) == before
    for edition in installed(data):
        verify(edition)
    for reason, count in reasons.most_common():
        print(f"| {mutation.__name__.replace('_', ' ')} | {count} | {reason.replace('|', '/')} |")


def test_there_are_two_hundred_mutations():
    assert len(MUTATIONS) * PER_KIND >= 200
