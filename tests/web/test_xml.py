"""XML: every answer says in it what it says in JSON, refusals too, and operations read it."""

from __future__ import annotations

from typing import Any

import pytest
from fhir.resources import get_fhir_model_class
from fhir.resources.R4B import get_fhir_model_class as get_fhir_model_class_4
from lxml import etree

from icdref.codes import ICD10CM
from icdref.fhir.xml_writing import to_xml
from tests.web.client import FHIR, FHIR_5, FHIR_XML, Client
from tests.web.tx import S, code_system, is_a, parameters, value_set

MOT = "myositis-ossificans-traumatica"
NS = "{http://hl7.org/fhir}"
XML = {"Accept": FHIR_XML}
PATHS = (
    "/metadata",
    "/metadata?mode=terminology",
    "/CodeSystem/$lookup?code=M61.569",
    "/CodeSystem/$lookup?code=M61.569&property=parent",
    "/CodeSystem/$lookup?code=M61.999",
    "/CodeSystem/$validate-code?code=M61.5",
    "/CodeSystem/$validate-code?code=M61.999",
    "/CodeSystem/$subsumes?codeA=M61&codeB=M61.1",
    "/Composition/$for-code?code=M61.051",
    "/Composition/$for-code?code=M61.051&max=4",
    "/Composition/$for-code?code=M62.81",
    "/Composition/$compare?code=M61.05&code=M61.25",
    f"/Composition/{MOT}/$document?audience=patient&displayLanguage=es",
    f"/Composition/{MOT}",
    "/Composition/code-G82.20",
    f"/Library/{MOT}",
    f"/Provenance?target=Composition/{MOT}",
    "/ValueSet?_count=3",
    "/CodeSystem?_count=3",
    "/Composition?code=M61.051&_include=Composition:subject&color=red",
    "/OperationDefinition/CodeSystem-lookup",
    "/SearchParameter/Composition-code",
    "/Organization/authors",
    "/nothing",
    "/Library/none",
    "/Library?_count=x",
    "/CodeSystem/$lookup?code=%3Cscript%3E%26%22%27",
)


def canonical(element: Any) -> Any:
    """Return an element with its narratives in canonical XML: the order of attributes means nothing."""
    if isinstance(element, dict):
        return {name: etree.canonicalize(each) if name == "div" else canonical(each) for name, each in element.items()}
    return [canonical(each) for each in element] if isinstance(element, list) else element


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_says_the_same_in_xml_and_in_json(both: Client, path: str) -> None:
    plain, written = both.raw(both.base + path), both.raw(both.base + path, headers=XML)
    both.check(written)
    assert written.status == plain.status
    assert written.headers["content-type"] == f"{FHIR_XML}; charset=utf-8"
    if plain.status == 200:
        assert canonical(written.json) == canonical(plain.json)
        assert written.headers["etag"] != plain.headers["etag"]
    else:
        assert written.details() == plain.details()
        assert written.texts() == plain.texts()


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_the_models_of_fhir_resources_read_our_xml(both: Client, path: str) -> None:
    body = both.raw(both.base + path, headers=XML).body
    assert b"<!DOCTYPE" not in body
    root = etree.fromstring(body)
    models = get_fhir_model_class_4 if both.base == FHIR else get_fhir_model_class
    models(root.tag.removeprefix(NS)).model_validate_xml(body)


def test_a_narrative_is_xhtml_inside_the_document(client: Client) -> None:
    root = etree.fromstring(client.raw(f"{FHIR}/Composition/{MOT}", headers=XML).body)
    assert root.findall(f".//{NS}div") == []
    assert len(root.findall(".//{http://www.w3.org/1999/xhtml}div")) >= 5


def test_pretty_xml_is_indented_and_says_the_same(client: Client) -> None:
    plain, pretty = (client.ask(f"{FHIR}/Library/{MOT}?_format=xml{more}") for more in ("", "&_pretty=true"))
    assert b"\n    <" in pretty.body
    assert pretty.json == plain.json


def test_a_refusal_of_the_format_itself_is_json(client: Client) -> None:
    reply = client.ask(f"{FHIR}/metadata?_format=ttl", headers=XML, status=406)
    assert reply.headers["content-type"].startswith("application/fhir+json")


@pytest.mark.parametrize("kind", [FHIR_XML, "application/xml", "text/xml; charset=utf-8", "application/fhir+xml; fhirVersion={}"])
def test_an_operation_reads_xml(both: Client, kind: str) -> None:
    parameters = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "coding", "valueCoding": {"system": ICD10CM, "code": "M61.569", "display": "x & <y>"}},
            {"name": "lenient-display-validation", "valueBoolean": True},
        ],
    }
    path = f"{both.base}/CodeSystem/$validate-code"
    posted = both.ask(path, "POST", to_xml(parameters, both.version), content_type=kind.format(both.version))
    assert posted.json == both.ask(path, "POST", parameters).json
    assert posted.value("result") is True


def test_resources_that_a_request_brings_are_read_from_xml(both: Client) -> None:
    system = code_system() | ({} if both.version < "5.0" else {"versionAlgorithmString": "semver"})
    body = parameters([system], valueSet=value_set(is_a("arm")), coding={"system": S, "code": "hand"}, inferSystem=False)
    for name in ("ValueSet/$validate-code", "ValueSet/$expand"):
        sent = body if name.endswith("code") else parameters([system], valueSet=value_set(is_a("arm")))
        posted = both.ask(f"{both.base}/{name}", "POST", to_xml(sent, both.version), content_type=FHIR_XML)
        asked = both.ask(f"{both.base}/{name}", "POST", sent)
        assert posted.json == asked.json
        assert b"hand" in posted.body


@pytest.mark.parametrize("base", [FHIR, FHIR_5])
def test_every_resource_survives_the_way_to_xml_and_back(client: Client, base: str) -> None:
    for kind in ("CodeSystem", "Composition", "Library", "Provenance", "ValueSet"):
        plain = client.ask(f"{base}/{kind}?_count=1000").json
        assert client.ask(f"{base}/{kind}?_count=1000&_format=xml", headers={}).json["entry"] == plain["entry"]
