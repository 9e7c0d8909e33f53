"""What a release does to summaries, value sets and maps, imported ones too, and the check that fails."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from icdref.cli import cli
from icdref.codes import ICD9CM, ICD10CM
from icdref.compiler import editions, impact_sets
from icdref.compiler.impact import NO_MAP, NOT_MAPPED, UNBOUND, VALUE_SET, impact
from icdref.compiler.importing import Options, import_path
from icdref.compiler.intake import Wanted
from icdref.config import Settings
from icdref.service.release_diff import compare
from icdref.service.service import Service
from icdref.store.editions import CURRENT, pointer, read
from tests.conftest import TODAY
from tests.cut import Cut
from tests.order_files import FY2027, fiscal_year_2027, order_file

OLD, NEW = "2024-10-01", "2025-10-01"

LISTED = {"system": ICD10CM, "concept": [{"code": "B88.0"}, {"code": "A00.0"}]}
BELOW = {"system": ICD10CM, "filter": [{"property": "concept", "op": "is-a", "value": "B88"}]}
PINNED = {"system": ICD10CM, "version": OLD, "concept": [{"code": "B88.0"}]}


def value_set(name, include):
    url = f"urn:{name}"
    return {
        "resourceType": "ValueSet",
        "id": name,
        "url": url,
        "title": name,
        "status": "active",
        "compose": {"include": [include]},
    }


MAP = {
    "resourceType": "ConceptMap",
    "id": "local",
    "url": "urn:local",
    "title": "local map",
    "status": "active",
    "group": [
        {
            "source": ICD9CM,
            "target": ICD10CM,
            "element": [{"code": "133.8", "target": [{"code": "B88.0", "equivalence": "equivalent"}]}],
        }
    ],
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What fiscal year 2026 of the cut does, with three value sets and a map imported."""
    folder = tmp_path_factory.mktemp("impact")
    cut = Cut(folder)
    (folder / "in").mkdir()
    for resource in (value_set("listed", LISTED), value_set("below", BELOW), value_set("pinned", PINNED), MAP):
        (folder / "in" / f"{resource['id']}.json").write_text(json.dumps(resource))
    data = folder / "data"
    import_path(data, folder / "in", Wanted(complete=False), Options(), base=cut.sources)
    service = Service(read(data, pointer(data, CURRENT)), Settings(data=str(data), scrub_seconds=0), lambda: TODAY)
    return impact(service, compare(service, OLD, NEW))


def details(found, kind):
    return {each.subject: each.detail for each in found if each.kind == kind}


def test_an_imported_value_set_names_what_it_lists_and_what_falls_under_it(found):
    changed = details(found, VALUE_SET)
    assert changed["listed"] == "lists by name, though ended, B88.0"
    assert changed["below"] == "gains B88.01, B88.09"
    assert "pinned" not in changed


def test_the_value_set_of_a_summary_gains_and_loses(small_service):
    diff = compare(small_service, OLD, NEW)
    focus = next(each for each in small_service.knowledge.summaries.all["bone-in-muscle"].codes if each.role == "focus")
    wide = impact_sets.of_bindings("wide", [replace(focus, code="M61", match="self-and-descendants")], diff)
    assert wide.detail == "gains M61.8; loses M61.6, M61.7"
    assert impact_sets.of_bindings("narrow", [replace(focus, code="M61", match="self")], diff).detail == ""


def test_an_imported_map_to_an_ended_code_is_named_with_its_source_and_the_successors(found):
    assert details(found, NOT_MAPPED)["local map"] == "mapped with 133.8; successors: B88.01, B88.09"


def test_new_codes_that_the_frozen_map_lacks_are_counted(found):
    assert "B88.01" in details(found, NO_MAP)["map ICD-10-CM to ICD-9-CM"]


def test_the_command_fails_when_a_summary_is_left_bound_to_nothing(tmp_path):
    """All codes below D72 end with fiscal year 2026, and the release of 2026-10-01 has no D72."""
    cut = Cut(tmp_path)
    for line in (cut.folder / "codesets" / "validity" / "validity.csv").read_text("ascii").splitlines():
        if line.startswith("D72"):
            code, since, _, flags = line.split(",")
            cut.edit("codesets/validity/validity.csv", line, f"{code},{since},20260930,{flags}")
    data = tmp_path / "data"
    edition = cut.compile(data)
    editions.activate(data, edition.id)
    service = Service(edition, Settings(data=str(data), scrub_seconds=0), lambda: TODAY)
    (tmp_path / "order.txt").write_bytes(order_file(fiscal_year_2027(service)))
    new = import_path(data, tmp_path / "order.txt", Wanted(FY2027, complete=False), Options(), base=cut.sources).edition

    def diff(first, second):
        return CliRunner(env={"ICDREF_DATA": str(data)}).invoke(
            cli, ["codeset", "diff", first, second, "--json", "--edition", new]
        )

    assert diff("2025-10-01", "2026-04-01").exit_code == 0
    failed = diff("2026-04-01", "2026-10-01")
    assert failed.exit_code == 1
    assert failed.stderr == "icdref: a summary is bound to nothing in this release\n"
    assert [each["subject"] for each in json.loads(failed.stdout)["impact"] if each["kind"] == UNBOUND] == ["white-cells"]
