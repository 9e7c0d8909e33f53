"""The CapabilityStatement tells the truth: what it claims answers, and what answers is claimed."""

from __future__ import annotations

from typing import Any

import pytest

from icdref.codes import ICD10CM
from icdref.fhir.operations import OPERATIONS
from tests.web.client import BASE_URL, FHIR, Client

HISTORY = {"vread", "history-instance", "history-type"}
STRICT = {"Prefer": "handling=strict"}
OURS = "https://icdref.example.org/fhir/"
SAMPLES = {
    "token": "x",
    "string": "x",
    "uri": "urn:x",
    "date": "2026",
    "reference": "ValueSet/x",
    "composite": "focus$x",
    "special": "x",
}
RESOURCE_TYPES = (
    *("Account", "ActivityDefinition", "AllergyIntolerance", "Basic", "Binary", "Bundle", "CapabilityStatement", "CarePlan"),
    *("Citation", "CodeSystem", "Composition", "ConceptMap", "Condition", "Consent", "DocumentReference", "Encounter"),
    *("Evidence", "ImplementationGuide", "Library", "List", "Measure", "Medication", "MessageHeader", "NamingSystem"),
    *("Observation", "OperationDefinition", "OperationOutcome", "Organization", "Parameters", "Patient", "PlanDefinition"),
    *("Practitioner", "Provenance", "Questionnaire", "SearchParameter", "StructureDefinition", "Subscription", "Task"),
    *("TerminologyCapabilities", "ValueSet"),
)
OPERATION_NAMES = (
    *("lookup", "validate-code", "subsumes", "find-matches", "expand", "translate", "closure", "batch-validate-code", "document"),
    *("for-code", "everything", "validate", "meta", "graphql", "versions", "cache-control", "diff", "history", "export"),
)
EXAMPLES = {
    "CodeSystem": "icd-10-cm-2026-04-01",
    "Composition": "myositis-ossificans-traumatica",
    "Library": "myositis-ossificans-traumatica",
    "ValueSet": "myositis-ossificans-traumatica-codes",
    "Organization": "authors",
    "OperationDefinition": "CodeSystem-lookup",
    "SearchParameter": "Composition-code",
    "ConceptMap": "mesh-to-section",
}


@pytest.fixture(scope="module")
def statement(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.ask(f"{FHIR}/metadata").json
    return found


@pytest.fixture(scope="module")
def served(statement: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["type"]: each for each in statement["rest"][0]["resource"]}


def interactions(row: dict[str, Any]) -> set[str]:
    return {each["code"] for each in row["interaction"]}


def claims_history(row: dict[str, Any]) -> bool:
    """Tell whether former versions of a type can be read; all three interactions come together."""
    found = interactions(row) & HISTORY
    assert found in (set(), HISTORY)
    assert row["readHistory"] is bool(found)
    assert row["versioning"] == ("versioned" if found else "no-version")
    return bool(found)


def example(client: Client, kind: str) -> str:
    return EXAMPLES.get(kind) or str(client.search(f"{kind}?_count=1").ids()[0])


def test_the_statement_says_what_server_this_is(client: Client, statement: dict[str, Any]) -> None:
    assert (statement["fhirVersion"], statement["kind"], statement["status"]) == ("4.0.1", "instance", "active")
    assert statement["implementation"]["url"] == BASE_URL + FHIR
    assert statement["instantiates"] == ["http://hl7.org/fhir/CapabilityStatement/terminology-server"]
    assert statement["software"]["version"]
    assert statement["rest"][0]["security"]["cors"] is True
    for mode in ("full", "normative", ""):
        assert client.ask(f"{FHIR}/metadata?mode={mode}").json == statement


def test_every_claimed_interaction_answers(client: Client, served: dict[str, dict[str, Any]]) -> None:
    assert len(served) >= 7
    for kind, row in served.items():
        assert interactions(row) <= {"read", "search-type", *HISTORY}
        path = f"{FHIR}/{kind}/{example(client, kind)}"
        resource = client.ask(path).json
        assert resource["resourceType"] == kind
        if claims_history(row):
            assert client.ask(f"{path}/_history/{resource['meta']['versionId']}").json == resource
            for history in (f"{path}/_history", f"{FHIR}/{kind}/_history"):
                assert client.ask(history, headers=STRICT).json["total"] > 0
        if "search-type" in interactions(row):
            assert client.search(kind, headers=STRICT).json["total"] > 0


def test_every_claimed_search_parameter_is_known_to_a_strict_search(client: Client, served: dict[str, dict[str, Any]]) -> None:
    tried = 0
    for kind, row in served.items():
        for parameter in row.get("searchParam", []):
            client.search(f"{kind}?{parameter['name']}={SAMPLES[parameter['type']]}", headers=STRICT)
            tried += 1
    assert tried > 50


def test_every_claimed_include_is_known_to_a_strict_search(client: Client, served: dict[str, dict[str, Any]]) -> None:
    for kind, row in served.items():
        for name, key in (("_include", "searchInclude"), ("_revinclude", "searchRevInclude")):
            for include in row.get(key, []):
                client.search(f"{kind}?{name}={include}&_count=1", headers=STRICT)


def test_every_claimed_operation_answers_and_its_definition_can_be_read(
    client: Client, served: dict[str, dict[str, Any]]
) -> None:
    claimed = {(kind, each["name"]): each["definition"] for kind, row in served.items() for each in row.get("operation", [])}
    assert claimed.keys() == {(operation.resource, operation.name) for operation in OPERATIONS if operation.resource}
    for (kind, name), definition in claimed.items():
        resource = client.ask(f"{FHIR}/{definition.removeprefix(OURS)}").json
        assert (resource["url"], resource["code"], resource["resource"]) == (definition, name, [kind])
        assert resource["system"] is False
        levels = {f"{FHIR}/{kind}/${name}": resource["type"], f"{FHIR}/{kind}/{EXAMPLES[kind]}/${name}": resource["instance"]}
        for path, there in levels.items():
            for method in ("GET", "POST"):
                reply = client.raw(path, method, headers={"Content-Type": "application/fhir+json"})
                unknown = reply.status == 404 and reply.details() == ["unknown-path"]
                assert unknown is not there, (path, method)


def test_every_claimed_operation_of_the_system_answers_and_its_definition_can_be_read(
    client: Client, statement: dict[str, Any]
) -> None:
    claimed = {each["name"]: each["definition"] for each in statement["rest"][0]["operation"]}
    assert claimed.keys() == {operation.name for operation in OPERATIONS if operation.system_level}
    for name, definition in claimed.items():
        resource = client.ask(f"{FHIR}/{definition.removeprefix(OURS)}").json
        assert (resource["url"], resource["code"], resource["system"]) == (definition, name, True)
        for method in ("GET", "POST"):
            client.ask(f"{FHIR}/${name}", method, content_type="application/fhir+json")


def test_definitions_of_our_own_search_parameters_can_be_read(client: Client, served: dict[str, dict[str, Any]]) -> None:
    own = [
        (kind, parameter["name"], parameter["definition"])
        for kind, row in served.items()
        for parameter in row.get("searchParam", [])
        if parameter["definition"].startswith(OURS)
    ]
    assert ("Composition", "code", f"{OURS}SearchParameter/Composition-code") in own
    for kind, name, definition in own:
        resource = client.ask(f"{FHIR}/{definition.removeprefix(OURS)}").json
        assert (resource["url"], resource["code"], resource["base"]) == (definition, name, [kind])


def test_every_type_that_answers_is_claimed(client: Client, served: dict[str, dict[str, Any]]) -> None:
    for kind in RESOURCE_TYPES:
        searched = client.raw(f"{FHIR}/{kind}").status == 200
        posted = client.raw(f"{FHIR}/{kind}/_search", "POST").status == 200
        claimed = interactions(served[kind]) if kind in served else set()
        assert searched is posted is ("search-type" in claimed), kind
        unread = client.raw(f"{FHIR}/{kind}/no-such-thing").details()
        assert unread == (["unknown-resource"] if "read" in claimed else ["unknown-path"]), kind
    assert set(served) <= set(RESOURCE_TYPES)


def test_every_operation_that_answers_is_claimed(client: Client, served: dict[str, dict[str, Any]]) -> None:
    claimed = {(kind, each["name"]) for kind, row in served.items() for each in row.get("operation", [])}
    of_the_system = {operation.name for operation in OPERATIONS if operation.system_level}
    for name in OPERATION_NAMES:
        answered = client.raw(f"{FHIR}/${name}")
        assert (answered.status != 404 or answered.details() != ["unknown-path"]) is (name in of_the_system), name
        for kind in RESOURCE_TYPES:
            answers = [
                client.raw(path).status != 404 or client.raw(path).details() != ["unknown-path"]
                for path in (f"{FHIR}/{kind}/${name}", f"{FHIR}/{kind}/{EXAMPLES.get(kind, 'x')}/${name}")
                if (kind, name) != ("Composition", "document") or "myositis" not in path
            ]
            assert any(answers) is ((kind, name) in claimed and (kind, name) != ("Composition", "document")), (kind, name)


def test_no_interaction_answers_that_is_not_claimed(client: Client, served: dict[str, dict[str, Any]]) -> None:
    for kind, row in served.items():
        path = f"{FHIR}/{kind}/{example(client, kind)}"
        for method in ("PUT", "PATCH", "DELETE"):
            assert client.raw(path, method).status == 405
        assert client.raw(f"{FHIR}/{kind}", "POST", b"{}").status in (404, 405)
        if not claims_history(row):
            for rest in ("_history", "_history/1"):
                assert client.raw(f"{path}/{rest}").status == 404
            assert client.raw(f"{FHIR}/{kind}/_history").status == 404


def test_conditional_reads_are_what_is_claimed(client: Client, served: dict[str, dict[str, Any]]) -> None:
    for kind, row in served.items():
        path = f"{FHIR}/{kind}/{example(client, kind)}"
        first = client.ask(path)
        by_tag = client.raw(path, headers={"If-None-Match": first.headers["etag"]}).status == 304
        by_date = client.raw(path, headers={"If-Modified-Since": "Fri, 31 Dec 2100 00:00:00 GMT"}).status == 304
        claim = {(True, True): "full-support", (True, False): "not-match", (False, True): "modified-since"}
        assert row["conditionalRead"] == claim[by_tag, by_date]


def test_every_claimed_format_is_written(client: Client, statement: dict[str, Any]) -> None:
    for name in statement["format"]:
        assert client.ask(f"{FHIR}/metadata?_format={name.replace('+', '%2B')}").json == statement


# --- TerminologyCapabilities -------------------------------------------------------------------------------------------


def test_every_release_that_is_listed_answers_and_the_default_is_the_default(client: Client) -> None:
    terminology = client.ask(f"{FHIR}/metadata?mode=terminology").json
    assert terminology["resourceType"] == "TerminologyCapabilities"
    (system,) = terminology["codeSystem"]
    assert system["uri"] == ICD10CM
    assert [each["code"] for each in system["version"]] == [each.version for each in reversed(client.service.releases.all)]
    for version in system["version"]:
        reply = client.lookup("M61.051", version=version["code"], system=system["uri"])
        assert reply.value("version") == version["code"]
        assert set(reply.properties()) <= set(version["property"])
        assert client.ask(f"{FHIR}/CodeSystem/icd-10-cm-{version['code']}").json["version"] == version["code"]
    default = [each["code"] for each in system["version"] if each["isDefault"]]
    assert default == [client.lookup("M61.051").value("version")]
    assert system["subsumption"] is True
