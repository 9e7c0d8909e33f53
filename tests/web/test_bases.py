"""Two FHIR versions from one store: each base answers in its own shapes, and both say the same."""

from __future__ import annotations

import re

import pytest

from icdref.codes import ICD10CM
from tests.web.client import BASE_URL, FHIR, FHIR_5, Client

MOT = "myositis-ossificans-traumatica"
SEARCHED = ("CodeSystem", "Composition", "Library", "Provenance", "ValueSet")


def test_each_base_names_its_version_and_its_address(both: Client) -> None:
    statement = both.ask(f"{both.base}/metadata").json
    assert statement["fhirVersion"] == {FHIR: "4.0.1", FHIR_5: "5.0.0"}[both.base]
    assert statement["implementation"]["url"] == BASE_URL + both.base
    both.ask(f"{both.base}/metadata?mode=terminology")


@pytest.mark.parametrize("kind", SEARCHED)
def test_every_resource_of_a_base_is_valid_in_its_version_and_is_found_where_its_url_says(both: Client, kind: str) -> None:
    found = both.search(f"{kind}?_count=100")
    assert found.json["total"] == len(found.ids()) > 0
    for entry in found.json["entry"]:
        assert entry["fullUrl"] == f"{BASE_URL}{both.base}/{kind}/{entry['resource']['id']}"
        assert both.ask(entry["fullUrl"].removeprefix(BASE_URL)).json == entry["resource"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_operation_answers_on_each_base(both: Client, method: str) -> None:
    assert both.operation("CodeSystem/$lookup", code="M61.569", method=method).value("code") == "M61.569"
    assert both.operation("CodeSystem/$validate-code", url=ICD10CM, code="M61.569", method=method).value("result") is True
    assert both.operation("CodeSystem/$subsumes", codeA="M61", codeB="M61.5", method=method).value("outcome") == "subsumes"
    for name, at, code in (
        ("Composition/$for-code", "", "M61.051"),
        ("Composition/$document", MOT, None),
        ("Composition/$compare", "", ["M61.05", "M61.25"]),
        ("Composition/$for-code", "", "M62.81"),
    ):
        more = {} if code is None else {"code": code}
        assert both.operation(name, at=at, method=method, **more).json["type"] == "document"
    assert both.for_code("M61.051", max=3).json["type"] == "searchset"


def test_a_refusal_of_each_base_is_an_outcome(both: Client) -> None:
    assert both.ask(f"{both.base}/CodeSystem/$lookup?code=M61.999", status=404).details() == ["unknown-code"]
    assert both.ask(f"{both.base}/Library/none", status=404).details() == ["unknown-resource"]


def texts(element: object) -> list[str]:
    """Return the words of all narratives in an element, in order."""
    inner = element.values() if isinstance(element, dict) else element if isinstance(element, list) else ()
    own = [re.sub("<[^>]+>", " ", element["div"])] if isinstance(element, dict) and "div" in element else []
    return own + [text for each in inner for text in texts(each)]


def test_the_words_of_a_document_are_the_same_in_both_versions(client: Client) -> None:
    documents = [client.ask(f"{base}/Composition/{MOT}/$document").json for base in (FHIR, FHIR_5)]
    assert texts(documents[0]) == texts(documents[1]) != []
    assert documents[0]["identifier"] != documents[1]["identifier"]


def test_a_version_asked_for_at_the_wrong_base_is_refused(both: Client) -> None:
    own, other = ("4.0", "5.0") if both.base == FHIR else ("5.0", "4.0")
    for accepted in (own, f"{own}.1" if own == "4.0" else f"{own}.0"):
        both.ask(f"{both.base}/metadata", headers={"Accept": f"application/fhir+json; fhirVersion={accepted}"})
    refused = both.ask(f"{both.base}/metadata", headers={"Accept": f"application/fhir+json; fhirVersion={other}"}, status=406)
    assert f"fhirVersion={own}" in refused.texts()
