"""The answer of `$validate-code` from the terminology engine, as a Parameters resource."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from icdref.definitions import Coding
from icdref.expansions import CodedValidation
from icdref.fhir.expansion import shaped_coding
from icdref.fhir.outcome import operation_outcome
from icdref.fhir.primitives import is_canonical, is_uri


def coded_validation_parameters(found: CodedValidation) -> dict[str, Any]:
    """Return a validation as Parameters; what is not known is left out."""
    parameters: list[dict[str, Any]] = [{"name": "result", "valueBoolean": found.result}]
    if found.message:
        parameters.append({"name": "message", "valueString": found.message})
    for name, key, value in (
        ("code", "valueCode", _plain(found.code)),
        ("system", "valueUri", found.system if is_uri(found.system) else ""),
        ("version", "valueString", found.version),
        ("display", "valueString", found.display),
        ("normalized-code", "valueCode", found.normalised),
    ):
        if value:
            parameters.append({"name": name, key: value})
    if found.inactive is not None:
        parameters.append({"name": "inactive", "valueBoolean": found.inactive})
    if found.status:
        parameters.append({"name": "status", "valueCode": _plain(found.status)})
    parameters += ({"name": "x-unknown-system", "valueCanonical": each} for each in found.unknown_systems if is_canonical(each))
    parameters += (
        {"name": "x-caused-by-unknown-system", "valueCanonical": each} for each in found.caused_by if is_canonical(each)
    )
    if found.codings is not None and (concept := _concept(found.codings, found.text)):
        parameters.append({"name": "codeableConcept", "valueCodeableConcept": concept})
    if found.issues:
        parameters.append({"name": "issues", "resource": operation_outcome(found.issues)})
    return {"resourceType": "Parameters", "parameter": parameters}


def batch_parameters(answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the answers of a batch, each a Parameters or an OperationOutcome, in their order."""
    rows = [{"name": "validation", "resource": each} for each in answers]
    return {"resourceType": "Parameters"} | ({"parameter": rows} if rows else {})


def _concept(codings: tuple[Coding, ...], text: str) -> dict[str, Any]:
    shaped: dict[str, Any] = {}
    if listed := [each for coding in codings if (each := shaped_coding(coding))]:
        shaped["coding"] = listed
    if text:
        shaped["text"] = text
    return shaped


def _plain(text: str) -> str:
    """Return a client's text as a code can carry it: single blanks within, none around."""
    return " ".join(text.split())
