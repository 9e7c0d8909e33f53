"""Every official release at hand, imported: counts, differences and addenda are those of the publisher."""

from __future__ import annotations

import fcntl
import lzma
import os
from datetime import date

import pytest

from icdref.codes import ICD10CM
from icdref.config import Settings
from icdref.importers import addenda, archives
from icdref.service.release_diff import compare
from icdref.service.service import Service
from icdref.store.editions import CURRENT, pointer, read
from tests import official
from tests.compiler.serving import client_of
from tests.conftest import TODAY

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not official.FILES.is_dir(), reason="the official files are not here"),
]

PAIRS = [
    "2016->2017",
    "2017->2019",
    "2019->2020",
    "2020->2021-01",
    "2021-01->2023",
    "2023->2023-04",
    "2023-04->2024",
    "2024->2026",
]
ADDENDA = {"2017": "2016", "2020": "2019", "2021-01": "2020", "2023-04": "2023", "2024": "2023-04", "2026": "2025-04"}
"""Releases whose addenda and whose neighbour before are both at hand; fiscal year 2025 has the codes of its April."""
PUBLISHED = {
    "2016->2017": (1974, 311, 425),
    "2017->2019": (639, 193, 362),
    "2019->2020": (273, 21, 30),
    "2020->2021-01": (496, 59, 47),
    "2021-01->2023": (1338, 320, 50),
    "2023->2023-04": (42, 7, 1),
    "2023-04->2024": (395, 25, 14),
    "2024->2026": (739, 64, 51),
}
"""Billable codes that are new, deleted and retitled."""
BLANKS_ONLY = {"2024": ["Y07.45"]}
"""Retitlings that touch blanks alone and that the publisher's own trailer leaves out; that of fiscal year 2019 counts its 43."""


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    base = tmp_path_factory.getbasetemp()
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    data = common / "official"
    with (common / "official.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not pointer(data, CURRENT):
            official.install_all(data)
    return Service(read(data, pointer(data, CURRENT)), Settings(data=str(data), scrub_seconds=0), lambda: TODAY)


def version(name):
    return official.RELEASES[name][0]


def undotted(codes):
    return sorted(code.replace(".", "") for code in codes)


@pytest.mark.parametrize("name", [name for name in official.RELEASES if name != "2025-04"])
def test_a_release_has_the_official_number_of_codes(service, name):
    release = next(each for each in service.releases.all if each.version == version(name))
    counts = official.expected("counts.json")["releases"][name]
    assert (release.codes, release.billable) == (counts["rows"], counts["billable"])


@pytest.mark.parametrize("pair", PAIRS)
def test_a_difference_is_the_one_computed_from_the_order_files(service, pair):
    first, second = pair.split("->")
    found = compare(service, version(first), version(second))
    wanted = official.expected("diffs.json.xz")[pair]
    lists = {
        "billable_added": found.added,
        "billable_deleted": found.deleted,
        "billable_retitled": found.retitled,
        "billable_retitled_blanks_only": found.blanks_only,
        "header_added": list(found.headers_added),
        "header_removed": list(found.headers_removed),
        "header_retitled": found.headers_retitled,
        "billable_to_header": found.became_header,
        "header_to_billable": found.became_billable,
    }
    for name, codes in lists.items():
        assert undotted(codes) == sorted(wanted[name]), name


def test_fiscal_year_2027_differs_as_the_validity_table_says(service):
    found = compare(service, "2026-04-01", "2027")
    wanted = official.expected("diffs.json.xz")["2026->2027"]
    assert undotted(found.added) == sorted(wanted["billable_added"])
    assert undotted(found.deleted) == sorted(wanted["billable_deleted"])
    assert not found.has_titles


@pytest.mark.parametrize("pair", PUBLISHED)
def test_the_totals_are_those_published(service, pair):
    found = compare(service, *map(version, pair.split("->")))
    assert (len(found.added), len(found.deleted), len(found.retitled)) == PUBLISHED[pair]


def addenda_of(name):
    path = official.FILES / f"order/icd10cm_order_addenda_{name}.txt.xz"
    if path.is_file():
        return addenda.read_addenda(lzma.decompress(path.read_bytes()), name)
    (packed,) = (each for each in official.RELEASES[name][1] if each.endswith(".zip"))
    members = archives.members(official.FILES / packed)
    return addenda.read_addenda(next(each.content for each in members if "order_addenda" in each.name), name)


@pytest.mark.parametrize("name", ADDENDA)
def test_a_difference_is_the_publishers_own_addenda(service, name):
    rows = addenda_of(name)
    found = compare(service, version(ADDENDA[name]), version(name))
    assert undotted(found.added) == undotted(rows.codes("Add:", billable=True))
    assert undotted(found.deleted) == undotted(rows.codes("Delete:", billable=True))
    # A code that turned is a deletion there and an addition here.
    assert undotted([*found.headers_added, *found.became_header]) == undotted(rows.codes("Add:", billable=False))
    assert undotted([*found.headers_removed, *found.became_billable]) == undotted(rows.codes("Delete:", billable=False))
    retitled = len(found.retitled) - len(BLANKS_ONLY.get(name, ()))
    short_only = sum(
        row.action == "Revise to:" and row.billable is True and row.code not in found.retitled for row in rows.changes
    )
    assert rows.counts["Codes", "revisions"] == (retitled + short_only,)
    assert [code for code in found.blanks_only if name in BLANKS_ONLY] == BLANKS_ONLY.get(name, [])
    old = {row.code: row.title for row in rows.changes if row.action == "Revise from:" and row.billable}
    new = {row.code: row.title for row in rows.changes if row.action == "Revise to:" and row.billable}
    # A revision of the short title alone is no retitling; one of blanks alone is left out by the trailer of FY2024.
    revised = {code: (old[code], new[code]) for code in new if old[code] != new[code]}
    counted = {code: pair for code, pair in found.retitled.items() if code in revised or code not in found.blanks_only}
    assert counted.keys() == revised.keys()


def test_ten_more_releases_make_an_edition_less_than_twice_as_large(service, full):
    assert len(service.releases.all) == 11
    one, many = (each.manifest["files"]["index.sqlite"]["bytes"] for each in (full.edition, service.edition))
    assert many <= 2 * one


@pytest.mark.parametrize(
    ("code", "day", "active"),
    [
        ("B88.0", "2025-09-30", True),
        ("B88.01", "2025-10-01", True),
        ("T74.A1XA", "2023-04-01", True),
    ],
)
def test_a_date_picks_the_release_in_force_on_both_sides_of_a_change(service, code, day, active):
    found = service.terminology.lookup(code, day=date.fromisoformat(day))
    assert found.choice.release.effective_from <= date.fromisoformat(day)
    assert found.active is active


@pytest.mark.parametrize(("code", "day"), [("T74.A1XA", "2023-03-31"), ("B88.01", "2025-09-30")])
def test_a_code_is_unknown_the_day_before_its_release(service, code, day):
    result = service.terminology.validate_code(code, day=date.fromisoformat(day))
    assert not result.result


def test_an_order_file_release_says_that_it_has_no_notes(service):
    found = service.terminology.lookup("M61.569", version="2023-10-01")
    assert [issue.detail for issue in found.issues] == ["notes-not-available"]
    assert (found.notes, found.chapter, found.block) == ((), "", "")
    assert [above.code for above in found.ancestors] == ["M61.56", "M61.5", "M61"]


@pytest.fixture(scope="module")
def client(service):
    return client_of(service.settings.directory)


def test_each_release_is_a_version_of_its_own_in_the_search(client):
    found = client.ask("/fhir/r4/CodeSystem?url=http://hl7.org/fhir/sid/icd-10-cm&_count=50").resources("CodeSystem")
    assert sorted(each["version"] for each in found) == sorted([version(name) for name in official.RELEASES] + ["2026-04-01"])
    counts = official.expected("counts.json")["releases"]
    of = {each["version"]: each["count"] for each in found}
    assert all(of[version(name)] >= counts[name]["rows"] for name in official.RELEASES if name in counts)


BOUNDARIES = [
    # code, last day of one release, whether it is valid then, first day of the next, whether it is valid then
    ("A92.5", "2016-09-30", False, "2016-10-01", True),
    ("T74.A1XA", "2023-03-31", False, "2023-04-01", True),
    ("B88.0", "2025-09-30", True, "2025-10-01", True),
    ("B88.01", "2025-09-30", False, "2025-10-01", True),
    ("D13.9", "2023-09-30", True, "2023-10-01", True),
]
"""B88.0 and D13.9 become headers, which `$validate-code` accepts and names as not billable."""


@pytest.mark.parametrize(("code", "last", "then", "first", "now"), BOUNDARIES)
def test_every_operation_answers_on_both_sides_of_a_change(client, code, last, then, first, now):
    for day, valid in ((last, then), (first, now)):
        answer = client.validate(code=code, date=day)
        assert answer.value("result") is valid
        release = answer.headers["icdref-release"]
        assert release <= day
        assert client.validate(code=code, version=release).headers["icdref-release"] == release
        status = 200 if valid else 404
        looked_up = client.lookup(code, date=day, status=status)
        assert looked_up.headers.get("icdref-release", release) == release
        assert client.for_code(code=code, date=day, status=status).traces()[0]["release"] == release
        if valid:
            below = client.operation("CodeSystem/$subsumes", codeA=code[:3], codeB=code, version=release)
            assert below.value("outcome") == "subsumes"


@pytest.mark.parametrize("name", official.RELEASES)
def test_an_operation_answers_for_each_release_by_its_version(client, name):
    wanted = version(name)
    assert client.lookup("M61.569", version=wanted).headers["icdref-release"] == wanted
    assert client.validate(code="M61.569", version=wanted).value("result") is True
    assert client.for_code(code="M61.569", version=wanted).traces()[0]["release"] == wanted
    title = client.lookup("M61.569", version=wanted).value("display")
    assert title == service_title(client, wanted)


@pytest.mark.parametrize("name", official.RELEASES)
def test_an_expansion_is_that_of_its_release(client, name):
    wanted = version(name)
    number = next(at for at, each in enumerate(client.service.releases.all) if each.version == wanted)
    above = client.service.concepts.concept("B88", number)
    below = {each.concept.code for each in client.service.concepts.below(above, number)}
    answer = client.operation("ValueSet/$expand", url=f"{ICD10CM}?fhir_vs=isa/B88", system_version=f"{ICD10CM}|{wanted}")
    assert {each["code"] for each in answer.json["expansion"]["contains"]} == below | {"B88"}


def service_title(client, wanted):
    return client.service.terminology.lookup("M61.569", version=wanted).concept.display


@pytest.mark.parametrize("name", official.RELEASES)
def test_what_is_above_and_below_agrees_in_every_release(service, name):
    assert service.terminology.subsumes("M61", "M61.569", version=version(name)).outcome == "subsumes"
    assert service.terminology.subsumes("S52.501A", "S52.501", version=version(name)).outcome == "subsumed-by"
