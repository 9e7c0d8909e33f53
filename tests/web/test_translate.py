"""`ConceptMap/$translate` and the concept maps as resources, over HTTP, on both bases."""

from __future__ import annotations

import pytest

from icdref.codes import ICD9CM, ICD10CM, SNOMED_CT
from tests.web.client import FHIR_5, Client

OWN_MAPS = {
    "icd-10-cm-successors",
    "condition-summary-equivalents",
    "icd-9-cm-to-icd-10-cm",
    "icd-10-cm-to-icd-9-cm",
    "mesh-to-section",
}
SENT = {
    "resourceType": "ConceptMap",
    "url": "urn:map",
    "status": "active",
    "group": [
        {"source": "urn:a", "target": "urn:b", "element": [{"code": "1", "target": [{"code": "2", "equivalence": "equal"}]}]}
    ],
}


def matches(reply):
    found = []
    for part in reply.values("match"):
        row = {each["name"]: next(each[key] for key in each if key.startswith("value") or key == "part") for each in part}
        found.append((row.get("equivalence") or row["relationship"], row.get("concept", {}).get("code")))
    return found


def test_get_and_post_give_the_same_answer_in_the_names_of_each_version(both: Client):
    is_5 = both.base == FHIR_5
    names = {"sourceCode": "728.12", "system": ICD9CM} if is_5 else {"code": "728.12", "system": ICD9CM}
    got = both.operation("ConceptMap/$translate", **names)
    posted = both.operation("ConceptMap/$translate", method="POST", **names)
    assert got.body == posted.body
    assert got.value("result") is True
    assert matches(got) == [("related-to" if is_5 else "inexact", "M61.00")]
    (match,) = got.values("match")
    assert match[-1] == {
        "name": "originMap" if is_5 else "source",
        "valueUri": "https://icdref.example.org/fhir/ConceptMap/icd-9-cm-to-icd-10-cm",
    }


def test_names_of_the_other_version_are_refused(both: Client):
    name = "code" if both.base == FHIR_5 else "sourceCode"
    refused = both.ask(f"{both.base}/ConceptMap/$translate?{name}=M61.0", status=400)
    assert refused.details() == ["unsupported-parameter"]


def test_codings_and_concepts_are_translated_each_in_its_system(both: Client):
    is_5 = both.base == FHIR_5
    codings = [{"system": ICD9CM, "code": "728.12"}, {"system": SNOMED_CT, "code": "1"}, {"system": ICD10CM, "code": "B88.0"}]
    concept = "sourceCodeableConcept" if is_5 else "codeableConcept"
    found = both.operation("ConceptMap/$translate", method="POST", **{concept: {"coding": codings}})
    assert [code for _, code in matches(found)][:3] == ["M61.00", "B88.01", "B88.09"]
    one = both.operation("ConceptMap/$translate", method="POST", **{"sourceCoding" if is_5 else "coding": codings[0]})
    assert [code for _, code in matches(one)] == ["M61.00"]


def test_no_match_is_an_answer_with_a_message(both: Client):
    found = both.operation("ConceptMap/$translate", **{"sourceCode" if both.base == FHIR_5 else "code": "zzz"})
    assert found.value("result") is False
    assert found.value("message") == f"No map leads from 'zzz' of '{ICD10CM}'."


def test_backwards_is_reverse_in_r4_and_a_target_in_r5(both: Client):
    asked = {"targetCode": "M61.40"} if both.base == FHIR_5 else {"code": "M61.40", "reverse": True}
    found = both.operation("ConceptMap/$translate", **asked)
    assert ("related-to" if both.base == FHIR_5 else "inexact", "728.13") in matches(found)


def test_a_misleading_map_says_so_in_the_message(client: Client):
    found = client.operation("ConceptMap/$translate", code="728.13", system=ICD9CM)
    assert matches(found) == [("inexact", "M61.40")]
    assert "misleads" in found.value("message")


def test_products_carry_the_other_codes(both: Client):
    is_5 = both.base == FHIR_5
    asked = {"sourceCode": "K72.11", "targetSystem": ICD9CM} if is_5 else {"code": "K72.11", "targetsystem": ICD9CM}
    (match,) = both.operation("ConceptMap/$translate", **asked).values("match")
    (product,) = [part["part"] for part in match if part["name"] == "product"]
    assert [part["name"] for part in product] == (["attribute", "value"] if is_5 else ["element", "concept"])
    assert product[1]["valueCoding"] == {"system": ICD9CM, "code": "572.2"}


def test_a_call_on_an_instance_asks_that_map_alone(client: Client):
    found = client.operation("ConceptMap/$translate", at="icd-10-cm-to-icd-9-cm", code="M61.051")
    assert matches(found) == [("inexact", "728.12")]
    assert client.ask("/fhir/r4/ConceptMap/no-such/$translate?code=M61.0", status=404).details() == ["unknown-resource"]
    conflict = client.ask("/fhir/r4/ConceptMap/mesh-to-section/$translate?code=M61.0&url=urn:x", status=400)
    assert conflict.details() == ["conflicting-parameters"]


def test_a_map_sent_with_the_request_answers(client: Client):
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "code", "valueCode": "1"},
            {"name": "system", "valueUri": "urn:a"},
            {"name": "conceptMap", "resource": SENT},
        ],
    }
    assert matches(client.ask("/fhir/r4/ConceptMap/$translate", "POST", body)) == [("equal", "2")]
    body["parameter"][2]["resource"] = {"resourceType": "ValueSet"}
    assert client.ask("/fhir/r4/ConceptMap/$translate", "POST", body, status=400).details() == ["bad-parameter"]
    body["parameter"][2]["resource"] = SENT | {"group": [{"element": "x"}]}
    assert client.ask("/fhir/r4/ConceptMap/$translate", "POST", body, status=400).details() == ["malformed-resource"]


@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ("", 400, "missing-parameter"),
        ("code=a&conceptMap=x", 400, "bad-parameter"),
        ("code=M61.0&url=urn:nothing", 404, "unknown-map"),
        ("code=M61.0&version=1999", 404, "unknown-version"),
        ("code=M61.0&date=2026", 400, "malformed-date"),
        ("code=M61.0&code=M61.1", 400, "repeated-parameter"),
        ("code=M61.0&dependency=x", 400, "bad-parameter"),
    ],
)
def test_bad_questions_are_refused_with_what_is_wrong(client: Client, query, status, detail):
    assert client.ask(f"/fhir/r4/ConceptMap/$translate?{query}", status=status).details() == [detail]


def test_every_map_is_served_as_a_valid_resource_and_found_by_what_it_maps(both: Client):
    assert set(both.search("ConceptMap").ids()) >= OWN_MAPS
    for identifier in OWN_MAPS:
        resource = both.ask(f"{both.base}/ConceptMap/{identifier}").json
        assert resource["url"].endswith(f"/ConceptMap/{identifier}")
        subsetted = "tag" in resource["meta"]
        assert subsetted is (identifier in ("icd-9-cm-to-icd-10-cm", "icd-10-cm-to-icd-9-cm"))
        assert ("$translate" in resource["text"]["div"]) is subsetted
    assert both.search("ConceptMap?source-code=B88.0").ids() == ["icd-10-cm-successors"]


def test_versions_says_which_version_the_base_speaks(both: Client):
    found = both.ask(f"{both.base}/$versions")
    assert (found.values("version"), found.value("default")) == ([both.version], both.version)
    plain = both.ask(f"{both.base}/$versions", headers={"Accept": "application/json"})
    assert plain.json == {"versions": [both.version], "default": both.version}
