from dataclasses import replace

import pytest

from icdref.codes import ICD10CM
from icdref.fhir.capability import ServedType, capability_statement, terminology_capabilities
from icdref.fhir.operations import OPERATIONS
from icdref.fhir.operations.evaluation import COURTESIES
from tests.fhir.checks import assert_valid
from tests.fhir.factories import BASE_URL, RELEASE

TYPES = {
    "Composition": ServedType(
        search=(("code", "token", "Summaries about a code", "https://icdref.example.org/fhir/SearchParameter/Composition-code"),),
        include=("Composition:subject",),
    ),
    "CodeSystem": ServedType(search=(("url", "uri", "The URL", "http://hl7.org/fhir/SearchParameter/conformance-url"),)),
    "ConceptMap": ServedType(),
    "OperationDefinition": ServedType(("read",)),
    "ValueSet": ServedType(),
}


def statement(version="4.0"):
    return capability_statement(BASE_URL, TYPES, software_version="0.1.0", released="2026-11-22", fhir_version=version)


@pytest.mark.parametrize(("version", "number"), [("4.0", "4.0.1"), ("5.0", "5.0.0")])
def test_the_statement_is_valid_and_complete(version, number):
    made = statement(version)
    assert_valid(made, version)
    assert made["fhirVersion"] == number
    assert made["kind"] == "instance"
    assert made["instantiates"] == ["http://hl7.org/fhir/CapabilityStatement/terminology-server"]
    assert made["software"] == {"name": "icdref", "version": "0.1.0"}
    assert made["implementation"]["url"] == BASE_URL


def features(made):
    """Return definition -> value of the features of a statement."""
    parts = [{part["url"]: part for part in each["extension"]} for each in made["extension"]]
    return {part["definition"]["valueCanonical"]: part["value"] for part in parts}


@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_features_say_that_code_systems_can_be_brought_and_which_tests_were_passed_only_where_they_were(version):
    brought = "http://hl7.org/fhir/uv/tx-ecosystem/FeatureDefinition/CodeSystemAsParameter"
    tests = "http://hl7.org/fhir/uv/tx-tests/FeatureDefinition/test-version"
    assert features(statement(version)) == {brought: {"url": "value", "valueBoolean": True}}
    made = capability_statement(
        BASE_URL, TYPES, software_version="0.1.0", released="2026-11-22", fhir_version=version, tx_tests="1.7.8"
    )
    assert_valid(made, version)
    assert features(made)[tests] == {"url": "value", "valueCode": "1.7.8"}


@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_no_parameter_without_effect_is_listed_for_expansions(version):
    made = terminology_capabilities(BASE_URL, [RELEASE], software_version="0.1.0", released="2026-11-22", fhir_version=version)
    listed = {each["name"] for each in made["expansion"]["parameter"]}
    assert {"tx-resource", "count", "offset", "activeOnly", "system-version"} <= listed
    assert not {each.name for each in COURTESIES if each.documentation.startswith("Accepted, and without effect")} & listed
    assert "cache-id" not in listed


def test_every_operation_of_the_table_is_listed_with_its_definition():
    rest = statement()["rest"][0]
    listed = {
        (resource.get("type", ""), each["name"], each["definition"])
        for resource in (*rest["resource"], rest)
        for each in resource.get("operation", [])
    }
    everywhere = {(kind, op.name, op.definition) for op in OPERATIONS for kind in ("", *TYPES) if op.resource == "Resource"}
    assert listed == everywhere | {(op.resource, op.name, op.definition) for op in OPERATIONS if op.resource != "Resource"}


def test_types_say_what_they_are_searched_by():
    resources = {each["type"]: each for each in statement()["rest"][0]["resource"]}
    assert resources["Composition"]["searchParam"][0]["name"] == "code"
    assert resources["Composition"]["searchInclude"] == ["Composition:subject"]
    assert [each["code"] for each in resources["OperationDefinition"]["interaction"]] == ["read"]
    assert "searchParam" not in resources["OperationDefinition"]


@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_terminology_lists_each_release_newest_first_and_marks_the_default(version):
    older = replace(RELEASE, version="2025-10-01")
    made = terminology_capabilities(
        BASE_URL,
        [older, RELEASE],
        software_version="0.1.0",
        released="2026-11-22",
        default={ICD10CM: "2025-10-01"},
        fhir_version=version,
    )
    assert_valid(made, version)
    (system,) = made["codeSystem"]
    assert system["uri"] == ICD10CM
    assert [(each["code"], each["isDefault"]) for each in system["version"]] == [("2026-04-01", False), ("2025-10-01", True)]
    assert "parent" in system["version"][0]["property"]


def test_without_a_default_no_release_is_marked():
    made = terminology_capabilities(BASE_URL, [RELEASE], software_version="0.1.0", released="2026-11-22")
    assert "isDefault" not in made["codeSystem"][0]["version"][0]
