from dataclasses import replace
from datetime import date

import pytest

from icdref.codes import ICD10CM
from icdref.fhir.terminology import code_system, code_system_id
from tests.fhir.checks import assert_valid
from tests.fhir.factories import EDITION, RELEASE


@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_a_release_is_a_code_system_without_its_concepts(version):
    made = code_system(RELEASE, EDITION, version)
    assert_valid(made, version)
    assert made["id"] == "icd-10-cm-2026-04-01"
    assert (made["url"], made["version"]) == (ICD10CM, "2026-04-01")
    assert made["content"] == "not-present"
    assert made["count"] == 98186
    assert made["versionNeeded"] is True
    assert made["hierarchyMeaning"] == "is-a"
    assert made["identifier"][0]["value"] == "urn:oid:2.16.840.1.113883.6.90"
    assert "98,186 codes, 74,719 of them billable." in made["text"]["div"]
    assert ("effectivePeriod" in made) is (version == "5.0")


def test_an_open_ended_release_has_no_last_day():
    made = code_system(replace(RELEASE, effective_to=None), EDITION, "5.0")
    assert made["effectivePeriod"] == {"start": "2026-04-01"}


def test_another_system_is_named_after_its_url():
    other = replace(RELEASE, system="http://hl7.org/fhir/sid/icd-9-cm", version="2013", effective_from=date(2012, 10, 1))
    assert code_system_id(other) == "icd-9-cm-2013"
    assert_valid(code_system(other, EDITION))
