"""Releases side by side, on the cut: every operation answers for each by version and by date, on both sides of a first day."""

from __future__ import annotations

import pytest

from icdref.codes import ICD10CM
from tests.compiler.serving import client_of

IMPLICIT = f"{ICD10CM}?fhir_vs=isa/B88"
BEFORE = ("2024-10-01", ("2024-10-01", "2025-09-30"), {"B88", "B88.0"})
AFTER = ("2025-10-01", ("2025-10-01", "2026-03-31"), {"B88", "B88.0", "B88.01", "B88.09"})
"""Version, the first and last day on which it answers, and what stands at and below B88."""


@pytest.fixture(scope="module")
def client(small):
    return client_of(small.data)


def expanded(client, **parameters):
    found = client.operation("ValueSet/$expand", url=IMPLICIT, **parameters).json["expansion"]
    return {each["code"] for each in found["contains"]}, found


@pytest.mark.parametrize(("version", "days", "codes"), [BEFORE, AFTER], ids=["before", "after"])
def test_an_expansion_has_the_codes_of_the_release_by_version_and_by_date(client, version, days, codes):
    by_version, expansion = expanded(client, system_version=f"{ICD10CM}|{version}")
    assert by_version == codes
    assert f"{ICD10CM}|{version}" in [each.get("valueUri") for each in expansion["parameter"]]
    for day in days:
        assert expanded(client, date=day)[0] == codes, day


@pytest.mark.parametrize(("version", "days", "codes"), [BEFORE, AFTER], ids=["before", "after"])
def test_the_other_operations_agree_with_it(client, version, days, codes):
    for asked in ({"version": version}, *({"date": day} for day in days)):
        for code in ("B88.0", "B88.01"):
            status = 200 if code in codes else 404
            assert client.validate(code=code, **asked).value("result") is (code in codes)
            looked_up = client.lookup(code, status=status, **asked)
            assert client.for_code(code=code, status=status, **asked).traces()[0]["release"] == version
            if status == 200:
                assert looked_up.headers["icdref-release"] == version
        below = client.operation("CodeSystem/$subsumes", codeA="B88", codeB="B88.0", version=version)
        assert below.value("outcome") == "subsumes"
