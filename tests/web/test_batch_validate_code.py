"""$batch-validate-code: every validation with its own outcome, in the order of the request."""

from __future__ import annotations

from typing import Any

import pytest

from icdref.codes import ICD10CM
from tests.web import tx
from tests.web.client import Client, Reply
from tests.web.tx import S, code_system, row, value_set


def batch(client: Client, operation: str, validations: list[dict[str, Any]], *shared: dict[str, Any], status: int = 200) -> Reply:
    rows = [*shared, *({"name": "validation", "resource": parameters(**each)} for each in validations)]
    body = {"resourceType": "Parameters", "parameter": rows}
    return client.ask(f"{client.base}/{operation}/$batch-validate-code", "POST", body, status=status)


def parameters(**given: Any) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": [row(name, value) for name, value in given.items()]}


def answers(reply: Reply) -> list[Any]:
    """Return True or False for each validation, the type of the resource where it is an outcome."""
    found = []
    for each in reply.json.get("parameter", []):
        assert each["name"] == "validation"
        resource = each["resource"]
        if resource["resourceType"] == "Parameters":
            found.append(next(p["valueBoolean"] for p in resource["parameter"] if p["name"] == "result"))
        else:
            found.append(resource["resourceType"])
    return found


def test_each_validation_has_its_own_outcome(both: Client) -> None:
    shared = (row("tx-resource", code_system()), row("valueSet", value_set(tx.is_a("arm"))))
    validations = [
        {"coding": {"system": S, "code": "hand"}},
        {"coding": {"system": S, "code": "hip"}},
        {"code": "hand"},
        {"coding": {"system": S, "code": "hip"}, "valueSet": value_set()},
        {"url": "http://example.org/none", "coding": {"system": S, "code": "hip"}},
    ]
    reply = batch(both, "ValueSet", validations, *shared)
    assert answers(reply) == [True, False, "OperationOutcome", True, False]


def test_a_validation_without_a_value_set_is_one_of_its_code_system(client: Client) -> None:
    reply = batch(client, "ValueSet", [{"coding": {"system": S, "code": "hand"}}], row("tx-resource", code_system()))
    assert answers(reply) == [True]


def test_code_systems_are_validated_in_batches_too(client: Client) -> None:
    validations = [{"code": "M61.051"}, {"code": "M61.05X"}, {"code": "hand", "url": S}, {"code": "x", "url": S}, {}]
    reply = batch(client, "CodeSystem", validations, row("tx-resource", code_system()))
    assert answers(reply) == [True, False, True, False, "OperationOutcome"]
    reply = batch(client, "CodeSystem", [{"code": "M61.051"}, {"code": "A00", "display": "Flu"}, {}])
    assert answers(reply) == [True, False, "OperationOutcome"]


def test_what_is_said_for_all_holds_unless_one_says_otherwise(client: Client) -> None:
    shared = (row("tx-resource", code_system()), row("valueSet", value_set()), row("lenient-display-validation", True))
    wrong = {"system": S, "code": "elbow", "display": "Foot"}
    validations = [{"coding": wrong}, {"coding": wrong, "lenient-display-validation": False}]
    assert answers(batch(client, "ValueSet", validations, *shared)) == [True, False]


def test_many_codes_of_icd10cm_in_one_call(client: Client) -> None:
    codes = ["M61.051", "A00.0", "M61.05X"] * 300
    shared = row("valueSet", value_set(tx.is_a("M61", ICD10CM)))
    reply = batch(client, "ValueSet", [{"coding": {"system": ICD10CM, "code": code}} for code in codes], shared)
    assert answers(reply) == [True, False, False] * 300


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_batch_is_posted(client: Client, method: str) -> None:
    client.ask(f"{client.base}/ValueSet/$batch-validate-code", method, status=405)


def test_a_batch_is_bounded_and_may_be_empty(client: Client) -> None:
    assert answers(batch(client, "ValueSet", [])) == []
    batch(client, "CodeSystem", [{"code": "A00"}] * 2001, status=413)


def test_a_malformed_validation_spoils_only_itself(client: Client) -> None:
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {
                "name": "validation",
                "resource": {"resourceType": "Parameters", "parameter": [{"name": "code", "valueInteger": 1}]},
            },
            {"name": "validation", "resource": {"resourceType": "Parameters", "parameter": [row("code", "A00")]}},
        ],
    }
    reply = client.ask(f"{client.base}/CodeSystem/$batch-validate-code", "POST", body)
    assert answers(reply) == ["OperationOutcome", True]
