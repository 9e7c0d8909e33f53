"""fhirpy: a scenario of its synchronous client, and of the parts that it does its own way."""

from __future__ import annotations

import pytest
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

from icdref.codes import ICD10CM

pytestmark = pytest.mark.slow

NAME = "myositis-ossificans-traumatica"


@pytest.fixture(scope="module")
def client(base_url: str) -> SyncFHIRClient:
    return SyncFHIRClient(base_url)


def values(parameters: dict, name: str) -> list:
    rows = [row for row in parameters["parameter"] if row["name"] == name]
    return [value for row in rows for key, value in row.items() if key.startswith("value")]


def test_metadata(client: SyncFHIRClient) -> None:
    found = client.execute("metadata", method="get")
    assert (found["resourceType"], found["fhirVersion"]) == ("CapabilityStatement", "4.0.1")


def test_search_by_code_counts_and_cuts_as_it_asks(client: SyncFHIRClient) -> None:
    found = client.resources("Composition").search(code=f"{ICD10CM}|M61.051")
    assert NAME in {each["id"] for each in found.fetch()}
    assert found.count() == len(found.fetch_all())
    cut = found.elements("title").fetch()
    assert all("title" in each and "section" not in each for each in cut)
    assert client.resources("Library").search(_id=NAME).get()["id"] == NAME
    assert client.resources("Library").search(_id="nobody").first() is None


def test_read_and_follow_references(client: SyncFHIRClient) -> None:
    composition = client.reference("Composition", NAME).to_resource()
    assert composition["title"] == "Traumatic myositis ossificans"
    assert composition["subject"].to_resource()["id"] == f"{NAME}-codes"


def test_lookup(client: SyncFHIRClient) -> None:
    found = client.execute("CodeSystem/$lookup", method="get", params={"system": ICD10CM, "code": "M61.051"})
    assert values(found, "display") == ["Myositis ossificans traumatica, right thigh"]


def test_expand(client: SyncFHIRClient) -> None:
    found = client.execute("ValueSet/$expand", method="get", params={"url": f"{ICD10CM}?fhir_vs=isa/M61", "count": 7})
    assert (found["expansion"]["total"], len(found["expansion"]["contains"])) == (203, 7)


def test_validate_code(client: SyncFHIRClient) -> None:
    data = {
        "resourceType": "Parameters",
        "parameter": [{"name": "coding", "valueCoding": {"system": ICD10CM, "code": "M61.9X"}}],
    }
    assert values(client.execute("CodeSystem/$validate-code", method="post", data=data), "result") == [False]


def test_what_it_would_send_is_validated(client: SyncFHIRClient) -> None:
    good = client.resource("ValueSet", id="x", status="active")
    assert good.is_valid(raise_exception=True)
    with pytest.raises(OperationOutcome):
        client.resource("ValueSet", id="x", status="bogus").is_valid(raise_exception=True)


@pytest.mark.parametrize("size", [1, 4])
def test_paging_visits_everything_once(client: SyncFHIRClient, size: int) -> None:
    found = client.resources("Library").sort("_id").limit(size).fetch_all()
    identifiers = [each["id"] for each in found]
    assert identifiers == sorted(set(identifiers))
    assert len(identifiers) == client.resources("Library").count()


def test_errors_are_told_apart(client: SyncFHIRClient) -> None:
    with pytest.raises(ResourceNotFound):
        client.reference("Composition", "nobody").to_resource()
    with pytest.raises(OperationOutcome) as caught:
        client.resources("Composition").search(date="yesterday").fetch()
    assert caught.value.resource["issue"][0]["details"]["text"]
