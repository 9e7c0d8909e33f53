"""fhirclient, the SMART client for Python: strict R4 models, metadata before everything else."""

from __future__ import annotations

from typing import Any

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.capabilitystatement import CapabilityStatement
from fhirclient.models.codesystem import CodeSystem
from fhirclient.models.composition import Composition
from fhirclient.models.library import Library
from fhirclient.models.operationoutcome import OperationOutcome
from fhirclient.models.parameters import Parameters
from fhirclient.models.provenance import Provenance
from fhirclient.models.valueset import ValueSet
from fhirclient.server import FHIRNotFoundException

from icdref.codes import ICD10CM

pytestmark = pytest.mark.slow

NAME = "myositis-ossificans-traumatica"


@pytest.fixture(scope="module")
def smart(base_url: str) -> Any:
    client = FHIRClient(settings={"app_id": "icdref-tests", "api_base": base_url})
    assert client.prepare(), "the server wants no authorization"
    yield client.server
    client.server.session.close()


def value(parameters: Parameters, name: str) -> Any:
    (row,) = [each for each in parameters.parameter if each.name == name]
    return next(each for key, each in vars(row).items() if key.startswith("value") and each is not None)


def test_metadata(smart: Any) -> None:
    assert isinstance(smart.capabilityStatement, CapabilityStatement)
    assert smart.capabilityStatement.fhirVersion == "4.0.1"


def test_search_by_code(smart: Any) -> None:
    found = Composition.where({"code": f"{ICD10CM}|M61.051"}).perform_resources_iter(smart)
    assert NAME in {each.id for each in found}


@pytest.mark.parametrize(
    ("model", "identifier"),
    [
        (Composition, NAME),
        (Library, NAME),
        (ValueSet, f"{NAME}-codes"),
        (CodeSystem, "icd-10-cm-2026-04-01"),
    ],
)
def test_read_fits_the_strict_models(smart: Any, model: Any, identifier: str) -> None:
    found = model.read(identifier, smart)
    assert found.id == identifier
    assert found.as_json()["resourceType"] == model.resource_type


def test_lookup(smart: Any) -> None:
    found = Parameters(smart.request_json(f"CodeSystem/$lookup?system={ICD10CM}&code=M61.051"))
    assert value(found, "display") == "Myositis ossificans traumatica, right thigh"


def test_expand(smart: Any) -> None:
    found = ValueSet(smart.request_json(f"ValueSet/$expand?url={ICD10CM}?fhir_vs=isa/M61&count=203"))
    assert (found.expansion.total, len(found.expansion.contains)) == (203, 203)


def test_validate_code(smart: Any) -> None:
    asked = {
        "resourceType": "Parameters",
        "parameter": [{"name": "coding", "valueCoding": {"system": ICD10CM, "code": "M61.9X"}}],
    }
    answer = smart.post_json("CodeSystem/$validate-code", asked)
    assert value(Parameters(answer.json()), "result") is False


def test_paging_follows_next(smart: Any) -> None:
    found = [each.id for each in Provenance.where({"_count": "2", "_sort": "_id"}).perform_resources_iter(smart)]
    assert found == sorted(set(found))
    counted = next(iter(Provenance.where({"_summary": "count"}).perform_iter(smart)))
    assert len(found) == counted.total > 2


def test_errors_carry_an_outcome(smart: Any) -> None:
    with pytest.raises(FHIRNotFoundException) as caught:
        Composition.read("nobody", smart)
    outcome = OperationOutcome(caught.value.response.json())
    assert outcome.issue[0].details.text
