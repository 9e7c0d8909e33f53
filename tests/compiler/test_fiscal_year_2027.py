"""Fiscal year 2027 at full size: known by validity alone until its file is imported, and then complete with no other step.

The file is made here in the publisher's format from the validity table; the real one is not at hand.
"""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from icdref.compiler import intake
from icdref.compiler.importing import Options, import_path
from icdref.compiler.sources import Sources
from icdref.importers.errors import ImportFault
from tests.compiler.serving import client_of
from tests.conftest import TODAY
from tests.order_files import FY2027, fiscal_year_2027, order_file, rows_of

pytestmark = pytest.mark.slow

WITHOUT_ANCESTOR = ("J4B", "K6A01", "K6A09", "K6A8", "QA171", "QA1790", "QA1791", "QA1792", "QA1798")
"""New codes with no code of fiscal year 2026 above them."""
LAST_DAY = date(2026, 9, 30)


def dotted(bare):
    return bare if len(bare) == 3 else f"{bare[:3]}.{bare[3:]}"


def details(client, code, day):
    return [issue.detail for issue in client.service.terminology.lookup(code, day=day).issues]


@pytest.fixture(scope="module")
def before(full):
    return client_of(full.data)


@pytest.fixture(scope="module")
def after(full, full_service, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fy2027")
    data = shutil.copytree(full.data, folder / "data")
    (folder / "order.txt").write_bytes(order_file(fiscal_year_2027(full_service)))
    import_path(data, folder / "order.txt", intake.Wanted(FY2027), Options())
    return client_of(data)


@pytest.fixture(scope="module")
def new_codes(full_service):
    validity = {row.code: row for row in full_service.concepts.all_validity()}
    return [code for code, row in validity.items() if row.valid_from == FY2027]


@pytest.fixture(scope="module")
def ended_codes(full_service):
    return [row.code for row in full_service.concepts.all_validity() if row.valid_to == LAST_DAY]


def test_there_are_190_new_codes_and_30_ended_ones(new_codes, ended_codes):
    assert (len(new_codes), len(ended_codes)) == (190, 30)
    assert set(map(dotted, WITHOUT_ANCESTOR)) <= set(new_codes)


def test_before_the_import_every_new_code_is_valid_and_has_no_title(before, new_codes):
    for code in new_codes:
        found = before.validate(code=code, date=str(FY2027))
        assert found.value("result") is True, code
        assert found.value("display") is None, code
        assert "title-not-installed" in found.details(), code
        assert before.validate(code=code, date=str(LAST_DAY)).value("result") is False, code


def test_before_the_import_every_ended_code_is_inactive_and_keeps_its_title(before, ended_codes):
    for code in ended_codes:
        found = before.lookup(code, date=str(FY2027))
        assert found.properties()["inactive"] == [True], code
        assert found.value("display"), code
        assert before.validate(code=code, date=str(LAST_DAY)).value("result") is True, code


@pytest.mark.parametrize("bare", WITHOUT_ANCESTOR)
def test_a_new_code_without_any_code_above_it_is_known_before_and_has_its_tree_after(before, after, bare):
    code = dotted(bare)
    assert before.for_code(code=code, date=str(FY2027)).status == 200
    assert before.service.terminology.lookup(code, day=FY2027).ancestors == ()
    found = after.service.terminology.lookup(code, day=FY2027)
    assert [above.code for above in found.ancestors][-1:] == ([code[:3]] if len(bare) > 3 else [])
    assert found.concept.display == f"Title made up for the test of {code}"
    if len(bare) > 3:
        answer = after.operation("CodeSystem/$subsumes", codeA=code[:3], codeB=code, version=str(FY2027))
        assert answer.value("outcome") == "subsumes"


def test_after_the_import_every_code_of_that_day_has_a_title_and_nothing_else_had_to_be_done(after, new_codes, ended_codes):
    service = after.service
    newest = service.releases.newest
    assert (newest.version, newest.billable, service.state) == ("2026-10-01", 74_879, "fresh")
    for code in new_codes:
        found = after.validate(code=code, date=str(FY2027))
        assert (found.value("result"), found.value("display")) == (True, f"Title made up for the test of {code}")
        assert "title-not-installed" not in found.details()
    headers = [code for code in ended_codes if any(new.startswith(code) for new in new_codes)]
    assert len(headers) == 15
    for code in ended_codes:
        answer = after.validate(code=code, date=str(FY2027))
        assert answer.value("result") is (code in headers), code
        assert ("not billable" in answer.texts()) is (code in headers), code
        assert after.validate(code=code, date=str(LAST_DAY)).value("result") is True, code


def test_after_the_import_a_release_without_notes_says_so_and_the_older_one_keeps_them(after):
    assert "notes-not-available" in details(after, "M61.569", FY2027)
    assert "notes-not-available" not in details(after, "M61.569", LAST_DAY)


def test_the_release_is_a_version_of_its_own_in_the_search(before, after):
    found = [client.ask("/fhir/r4/CodeSystem?url=http://hl7.org/fhir/sid/icd-10-cm") for client in (before, after)]
    assert [sorted(each["version"] for each in answer.resources("CodeSystem")) for answer in found] == [
        ["2026-04-01"],
        ["2026-04-01", "2026-10-01"],
    ]


def test_without_a_date_the_operator_is_asked_and_a_wrong_one_is_told_the_right_one(full_service, tmp_path):
    path = tmp_path / "order.txt"
    path.write_bytes(order_file(rows_of(full_service)))
    sources = Sources.embedded()
    known = intake.Known(sources.validity(), sources.listed())

    def read(wanted):
        return intake.read_path(path, wanted, known, lambda *_: None)

    with pytest.raises(ImportFault, match="in force on 2025-10-01, 2026-04-01; say --effective-date"):
        read(intake.Wanted())
    with pytest.raises(ImportFault, match="the codes are those of 2025-10-01, 2026-04-01"):
        read(intake.Wanted(date(2024, 10, 1)))


def test_today_lies_in_fiscal_year_2027(before):
    assert TODAY > FY2027
    assert before.service.state == "stale"
