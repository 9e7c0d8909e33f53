"""CodeSystem/$lookup over HTTP: both methods, both levels, every parameter, every spelling."""

from __future__ import annotations

import pytest

from icdref.codes import ICD10CM
from icdref.concept_properties import PROPERTIES
from icdref.fhir.operations import LOOKUP
from tests.web.client import FHIR, FORM, Client, get_and_post
from tests.web.tx import shared_samples

RELEASE = "2026-04-01"
INSTANCE = "icd-10-cm-2026-04-01"
OID = "urn:oid:2.16.840.1.113883.6.90"
LOOKUPS = "CodeSystem/$lookup"


def test_an_answer_names_release_edition_title_and_code(client: Client) -> None:
    reply = get_and_post(client, LOOKUPS, code="M61.569")
    assert reply.value("name") == "ICD-10-CM, fiscal year 2026, April 1 update"
    assert reply.value("version") == RELEASE == reply.headers["icdref-release"]
    assert reply.value("display") == "Other ossification of muscle, unspecified lower leg"
    assert (reply.value("code"), reply.value("system"), reply.value("abstract")) == ("M61.569", ICD10CM, False)
    assert reply.json["meta"]["source"].endswith(f"/editions/{client.service.edition.id}")
    assert reply.values("message") == []


@pytest.mark.parametrize("spelling", ["M61.569", "m61.569", "M61569", "m61569", " M61.569 ", "M61.569\t", "\tm61569"])
def test_every_spelling_leads_to_the_code_and_never_silently(client: Client, spelling: str) -> None:
    reply = get_and_post(client, LOOKUPS, code=spelling)
    assert reply.value("code") == "M61.569"
    assert (reply.values("message") == []) is (spelling == "M61.569")
    assert all("M61.569" in text for text in reply.values("message"))


@pytest.mark.parametrize("system", [ICD10CM, OID, OID.removeprefix("urn:oid:")])
def test_the_system_may_be_a_uri_or_an_oid_and_the_answer_has_the_uri(client: Client, system: str) -> None:
    assert get_and_post(client, LOOKUPS, code="M61", system=system).value("system") == ICD10CM


@pytest.mark.parametrize("version", [RELEASE, "2026", "FY2026", "fy2026", "2026-04"])
def test_a_version_may_be_a_date_a_month_or_a_fiscal_year(client: Client, version: str) -> None:
    reply = get_and_post(client, LOOKUPS, code="M61.569", version=version)
    assert reply.value("version") == RELEASE
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_an_instance_answers_for_its_release_only(client: Client) -> None:
    at_type = client.lookup("M61.569", version=RELEASE)
    for method in ("GET", "POST"):
        assert client.operation(LOOKUPS, at=INSTANCE, method=method, code="M61.569").json == at_type.json
        assert client.operation(LOOKUPS, at=INSTANCE, method=method, code="M61.569", version=RELEASE).json == at_type.json


def test_a_coding_carries_code_system_and_release(client: Client) -> None:
    coding = {"system": ICD10CM, "code": "M61.569", "version": "2026"}
    posted = client.operation(LOOKUPS, method="POST", coding=coding)
    assert posted.json == client.lookup("M61.569", version="2026").json
    assert client.operation(LOOKUPS, method="POST", coding={"code": "m61569"}).value("code") == "M61.569"


def test_a_form_is_read_like_a_query(client: Client) -> None:
    sent = client.ask(f"{FHIR}/{LOOKUPS}", "POST", "code=M61.569&version=2026", content_type=FORM)
    assert sent.json == client.lookup("M61.569", version="2026").json
    split = client.ask(f"{FHIR}/{LOOKUPS}?version=2026", "POST", "code=M61.569", content_type=f"{FORM}; charset=utf-8")
    assert split.json == sent.json


@pytest.mark.parametrize(
    "content_type", ["application/fhir+json", "application/json; charset=utf-8", "application/json+fhir", "text/json"]
)
def test_a_body_of_any_json_type_is_read(client: Client, content_type: str) -> None:
    body = '{"resourceType": "Parameters", "parameter": [{"name": "code", "valueString": "M61"}]}'
    assert client.ask(f"{FHIR}/{LOOKUPS}", "POST", body, content_type=content_type).value("code") == "M61"


def test_url_and_body_of_a_post_are_merged(client: Client) -> None:
    body = {"resourceType": "Parameters", "parameter": [{"name": "property", "valueCode": "billable"}]}
    reply = client.ask(f"{FHIR}/{LOOKUPS}?code=M61&property=kind", "POST", body)
    assert reply.properties() == {"kind": ["category"], "billable": [False]}


# --- validity ----------------------------------------------------------------------------------------------------------


def test_a_retired_code_says_when_it_ended_and_what_took_its_place(client: Client) -> None:
    reply = get_and_post(client, LOOKUPS, code="D69.1")
    found = reply.properties()
    assert (found["inactive"], found["status"], found["retirementDate"]) == ([True], ["retired"], ["2026-10-01"])
    assert "D69.11, D69.19" in reply.values("message")[0]


@pytest.mark.parametrize(("day", "inactive"), [("2026-09-30", False), ("2026-10-01", True), ("2026-09-30T23:59:59-05:00", False)])
def test_the_date_of_service_decides_whether_a_code_is_active(client: Client, day: str, inactive: bool) -> None:
    assert get_and_post(client, LOOKUPS, code="D69.1", date=day).properties()["inactive"] == [inactive]


def test_a_named_version_wins_over_the_date(client: Client) -> None:
    assert client.lookup("D69.1", version="2026", date="2026-11-22").properties()["inactive"] == [False]


def test_a_code_of_the_next_fiscal_year_is_valid_without_a_title_and_says_so(client: Client) -> None:
    reply = get_and_post(client, LOOKUPS, code="C78.31")
    found = reply.properties()
    assert reply.value("display") is None
    assert (found["billable"], found["inactive"], found["effectiveDate"]) == ([True], [False], ["2026-10-01"])
    assert "title is not in the installed releases" in reply.values("message")[0]


def test_a_date_before_every_release_is_answered_by_the_oldest_and_says_so(client: Client) -> None:
    reply = get_and_post(client, LOOKUPS, code="M61.569", date="2019-05-05")
    assert reply.value("version") == RELEASE
    assert "No installed release of ICD-10-CM was in force on 2019-05-05" in reply.values("message")[0]


# --- properties --------------------------------------------------------------------------------------------------------


def test_property_limits_the_answer_and_unknown_names_are_ignored(client: Client) -> None:
    reply = get_and_post(client, LOOKUPS, code="M61.569", property=["billable", "parent", "color"])
    assert reply.properties() == {"billable": [True], "parent": ["M61.56"]}
    assert reply.values("designation") == []
    assert reply.value("display")
    assert client.lookup("M61.569", property="designation").values("designation")


def test_every_property_of_an_answer_is_declared_by_the_code_system_with_its_type(client: Client) -> None:
    declared = {each.name: each.type for each in PROPERTIES}
    seen = set()
    for code in ("M61.051", "M61.4", "D69.1", "B20", "T07", "S52.5", "13", "M60-M63", "O80", "C61"):
        for part in client.lookup(code).values("property"):
            value = next(row for row in part if row["name"] == "value")
            name = part[0]["valueCode"]
            seen.add(name)
            assert f"value{declared[name][:1].upper()}{declared[name][1:]}" in value, (code, name)
    assert {"parent", "child", "excludes1", "seventhCharacter", "laterality", "mceAge", "retirementDate"} <= seen


def test_notes_of_the_code_and_of_everything_above_it_are_there(client: Client) -> None:
    own = client.lookup("M61.4").values("property")
    cited = {
        each["part"][1]["valueCode"]
        for part in own
        if part[0]["valueCode"] == "excludes1"
        for each in part
        if each["name"] == "subproperty" and each["part"][0]["valueCode"] == "code"
    }
    assert {"M65.2-", "M75.3"} <= cited
    inherited = {
        each["part"][1]["valueCode"]
        for part in client.lookup("M61.051").values("property")
        for each in part
        if each["name"] == "subproperty" and each["part"][0]["valueCode"] == "inheritedFrom"
    }
    assert {"M60-M63", "13"} <= inherited


@pytest.mark.parametrize(
    ("code", "kind", "parent"),
    [
        ("13", "chapter", None),
        ("M60-M63", "block", "M60-M79"),
        ("M61", "category", "M60-M63"),
        ("M61.0", "subcategory", "M61"),
        ("T07.XXXA", "subcategory", "T07"),
        ("B20", "category", "1"),
        ("C4A.0", "subcategory", "C4A"),
        ("M1A.9XX0", "subcategory", "M1A.9"),
    ],
)
def test_the_tree_is_that_of_the_tabular_list(client: Client, code: str, kind: str, parent: str | None) -> None:
    reply = client.lookup(code)
    found = reply.properties()
    assert found["kind"] == [kind]
    assert found.get("parent") == ([parent] if parent else None)
    assert reply.value("abstract") is found["notSelectable"][0] is (kind in ("chapter", "block"))


@pytest.mark.parametrize(
    ("code", "billable"), [("M61", False), ("M61.05", False), ("M61.051", True), ("13", False), ("B20", True)]
)
def test_only_codes_that_are_valid_on_a_claim_are_billable(client: Client, code: str, billable: bool) -> None:
    assert client.lookup(code).properties()["billable"] == [billable]


def test_an_accented_title_has_an_ascii_designation_beside_it(client: Client) -> None:
    reply = client.lookup("H81.0")
    uses = {
        next(row["valueCoding"]["code"] for row in part if row["name"] == "use"): next(
            row["valueString"] for row in part if row["name"] == "value"
        )
        for part in reply.values("designation")
    }
    assert uses["published-title"] == reply.value("display") == "Ménière's disease"
    assert uses["ascii-title"] == "Meniere's disease"


SAMPLES = {
    **{name: value for name, value in shared_samples().items() if LOOKUP.parameter(name)},
    "code": "M61.569",
    "system": ICD10CM,
    "version": "2026",
    "date": "2026-05-05",
    "displayLanguage": "en",
    "property": "parent",
}


def test_every_parameter_of_the_table_is_accepted_by_both_methods(client: Client) -> None:
    for parameter in LOOKUP.inputs():
        if parameter.name in SAMPLES:
            get_and_post(client, LOOKUPS, **{"code": "M61.569", parameter.name: SAMPLES[parameter.name]})
