"""A second validator, that of @medplum/core with HL7's definitions and invariants, over every kind of R4 resource served."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

MOT = "myositis-ossificans-traumatica"
SYSTEM = "http://hl7.org/fhir/sid/icd-10-cm"
PATHS = (
    "metadata",
    "metadata?mode=terminology",
    "CodeSystem/$lookup?code=M61.051",
    "CodeSystem/$lookup?code=M61.0&date=2026-05-01",
    "CodeSystem/$lookup?code=X99.999X",
    "CodeSystem/$validate-code?code=M61.9X",
    "CodeSystem/$validate-code?code=M61.051",
    "CodeSystem/$subsumes?codeA=M61.0&codeB=M61.051",
    f"ValueSet/$expand?url={SYSTEM}?fhir_vs=isa/M61&includeDesignations=true&property=billable",
    f"ValueSet/$expand?url={SYSTEM}?fhir_vs&filter=myositis&count=20",
    f"ValueSet/$validate-code?url={SYSTEM}?fhir_vs=isa/M61&code=M61.051&system={SYSTEM}",
    f"ConceptMap/$translate?code=728.12&system=http://hl7.org/fhir/sid/icd-9-cm&targetsystem={SYSTEM}",
    "$versions",
    f"Composition/{MOT}/$document",
    f"Composition/{MOT}/$document?audience=patient&displayLanguage=es",
    "Composition/$for-code?code=M61.051",
    "Composition/$for-code?code=G82.20",
    "Composition/$for-code?code=M61.051&code=G82.20&code=E11.9&max=5",
    "Composition/$compare?code=M61.051&code=M61.251",
    "Composition/code-G82.20",
    "Composition/code-M60-M63",
    "Composition?code=M61.051&_include=Composition:subject&_revinclude=Provenance:target",
    "Composition?colour=red",
    f"Composition/{MOT}/_history",
    f"Composition/{MOT}/_history/0.1.0",
    "Library/_history",
    "Composition/nobody",
    "nothing/here",
    "Composition?_summary=true",
    "ValueSet?_elements=url",
)
BATCH = {
    "resourceType": "Bundle",
    "type": "batch",
    "entry": [{"request": {"method": "GET", "url": url}} for url in ("metadata", "Composition/nobody", f"Library/{MOT}")],
}
FAULTY: tuple[tuple[str, dict[str, Any]], ...] = (
    ("a number for a code", {"resourceType": "ValueSet", "status": 7}),
    ("an unknown element", {"resourceType": "ValueSet", "status": "active", "colour": "red"}),
    ("a missing element", {"resourceType": "ValueSet"}),
    ("a date in words", {"resourceType": "ValueSet", "status": "active", "date": "yesterday"}),
    ("a document without identifier", {"resourceType": "Bundle", "type": "document"}),
)


def ask(base_url: str, path: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    url = f"{base_url}/{path}".rstrip("/")
    request = urllib.request.Request(url, data, {"Accept": "application/fhir+json", "Content-Type": "application/fhir+json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return json.load(error)


def faults(node: Callable[..., str], resources: dict[str, Any]) -> dict[str, list[str]]:
    printed = node("validate.mjs", given="\n".join(json.dumps(each) for each in resources.values()))
    found = [json.loads(line) for line in printed.splitlines()]
    assert len(found) == len(resources)
    return {name: each for name, each in zip(resources, found, strict=True) if each}


def test_the_validator_finds_planted_faults(node: Callable[..., str]) -> None:
    assert set(faults(node, dict(FAULTY))) == {name for name, _ in FAULTY}


def test_every_kind_of_resource_served_passes(node: Callable[..., str], base_url: str) -> None:
    served: dict[str, Any] = {path: ask(base_url, path) for path in PATHS}
    served["batch"] = ask(base_url, "", BATCH)
    rows = served["metadata"]["rest"][0]["resource"]
    for kind in (row["type"] for row in rows if any(each["code"] == "search-type" for each in row["interaction"])):
        bundle = ask(base_url, f"{kind}?_count=1000")
        for entry in bundle["entry"]:
            served[f"{kind}/{entry['resource']['id']}"] = entry["resource"]
    kinds = {each["resourceType"] for each in served.values()}
    assert kinds >= {row["type"] for row in rows if row["type"] not in ("Organization", "Resource")}
    assert kinds >= {"Bundle", "Parameters", "OperationOutcome", "TerminologyCapabilities"}
    assert {each["type"] for each in served.values() if each["resourceType"] == "Bundle"} == {
        "searchset",
        "document",
        "history",
        "batch-response",
    }
    assert faults(node, served) == {}
