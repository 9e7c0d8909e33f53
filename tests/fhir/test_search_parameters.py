"""The table of search parameters, and what the server declares from it."""

import importlib

import pytest
from fhir.resources.R4B.searchparameter import SearchParameter as SearchParameterR4B
from fhir.resources.searchparameter import SearchParameter as SearchParameterR5

from icdref.fhir.canonical import FHIR_VERSIONS
from icdref.fhir.search_parameters import (
    capability_rows,
    include_rows,
    parameters_of,
    reverse_include_rows,
    search_parameter_resources,
    searchable_types,
)

OWN = "https://icdref.example.org/fhir/SearchParameter"
HL7 = "http://hl7.org/fhir/SearchParameter"
EVERY = [
    parameter for version in FHIR_VERSIONS for type_ in searchable_types() for parameter in parameters_of(type_, version).values()
]
ANY = "_id _lastUpdated _profile _security _source _tag _text _content"
CANONICAL = "url version name status date publisher description jurisdiction context context-type context-type-value"
R4_NAMES = {
    "Library": f"{CANONICAL} title identifier topic composed-of depends-on type content-type",
    "Composition": "title status date type category section subject entry identifier context url version author"
    " related-ref related-id code",
    "ValueSet": f"{CANONICAL} title identifier code reference",
    "CodeSystem": f"{CANONICAL} title identifier system content-mode code supplements",
    "ConceptMap": f"{CANONICAL} title identifier source source-uri source-system source-code target target-uri target-system"
    " target-code other",
    "Provenance": "target recorded agent agent-type entity",
    "OperationDefinition": f"{CANONICAL} title code kind base system type instance input-profile output-profile",
    "SearchParameter": f"{CANONICAL} code base type target component derived-from",
    "StructureDefinition": f"{CANONICAL} title identifier abstract base base-path derivation experimental ext-context keyword kind"
    " path type valueset",
    "CapabilityStatement": f"{CANONICAL} title fhirversion format guide mode resource resource-profile supported-profile"
    " security-service software",
}


@pytest.mark.parametrize("resource_type", R4_NAMES)
def test_each_type_has_the_parameters_of_r4(resource_type):
    assert set(parameters_of(resource_type, "4.0")) == {*ANY.split(), *R4_NAMES[resource_type].split()}


def test_every_type_that_can_be_searched_is_listed_here():
    assert set(searchable_types()) == set(R4_NAMES)


def test_r5_names_what_r4_names_otherwise():
    fourth, fifth = (set(parameters_of("Composition", version)) for version in FHIR_VERSIONS)
    assert fourth - fifth == {"context", "related-ref", "related-id"}
    assert fifth - fourth == {"event-code", "related", "section-text"}


@pytest.mark.parametrize(
    ("resource_type", "name", "fourth", "fifth"),
    [
        ("ValueSet", "_id", f"{HL7}/Resource-id", f"{HL7}/Resource-id"),
        ("ValueSet", "url", f"{HL7}/conformance-url", f"{HL7}/CanonicalResource-url"),
        ("ValueSet", "code", f"{HL7}/ValueSet-code", f"{HL7}/ValueSet-code"),
        ("Library", "url", f"{HL7}/Library-url", f"{HL7}/CanonicalResource-url"),
        ("Library", "topic", f"{HL7}/Library-topic", f"{HL7}/MetadataResource-topic"),
        ("Composition", "date", f"{HL7}/clinical-date", f"{HL7}/clinical-date"),
        ("Composition", "subject", f"{HL7}/Composition-subject", f"{HL7}/Composition-subject"),
        ("Composition", "url", f"{OWN}/Composition-url", f"{HL7}/Composition-url"),
        ("Composition", "code", f"{OWN}/Composition-code", f"{OWN}/Composition-code"),
    ],
)
def test_definitions_are_the_ids_that_hl7_publishes(resource_type, name, fourth, fifth):
    assert [parameters_of(resource_type, version)[name].definition for version in FHIR_VERSIONS] == [fourth, fifth]


def test_every_row_is_complete():
    for parameter in EVERY:
        culprit = f"{parameter.resource_type}.{parameter.name}"
        assert parameter.type in {"token", "string", "uri", "date", "reference", "composite", "special"}, culprit
        assert parameter.documentation.endswith((".", "…")), culprit
        assert parameter.path or parameter.rule == "content", culprit
        assert bool(parameter.components) is (parameter.type == "composite"), culprit
        assert set(parameter.targets) <= set(searchable_types()), culprit
        assert parameter.definition.startswith((HL7, OWN)), culprit


@pytest.mark.parametrize("version", FHIR_VERSIONS)
def test_paths_exist_in_the_models(version):
    package = "fhir.resources.R4B" if version == "4.0" else "fhir.resources"
    for resource_type in searchable_types():
        model = getattr(importlib.import_module(f"{package}.{resource_type.lower()}"), resource_type)
        names = {field.alias or name for name, field in model.model_fields.items()}
        for parameter in parameters_of(resource_type, version).values():
            for path in filter(None, parameter.path.split(" | ")):
                # `_text` looks into sections where a type has them.
                first = path.split(".")[0].split("[")[0]
                assert first in names or parameter.name == "_text", f"{resource_type}.{parameter.name}: {path}"


def test_capability_rows_carry_name_type_documentation_and_definition():
    rows = capability_rows("Composition", "4.0")
    assert ("code", "token", parameters_of("Composition")["code"].documentation, f"{OWN}/Composition-code") in rows
    assert len(rows) == len(parameters_of("Composition"))


def test_includes_are_declared_both_ways():
    assert include_rows("Composition", "4.0") == ["Composition:subject", "Composition:entry"]
    assert {"Composition:subject", "Composition:entry"} <= set(reverse_include_rows("ValueSet", "4.0"))
    assert "Provenance:target" in reverse_include_rows("Composition", "5.0")


@pytest.mark.parametrize(
    ("version", "ids", "model"),
    [
        ("4.0", ["Composition-url", "Composition-version", "Composition-code"], SearchParameterR4B),
        ("5.0", ["Composition-code"], SearchParameterR5),
    ],
)
def test_our_own_parameters_are_published_as_resources(version, ids, model):
    resources = search_parameter_resources(version)
    assert [resource["id"] for resource in resources] == ids
    for resource in resources:
        model.model_validate(resource)
        assert resource["url"] == f"{OWN}/{resource['id']}"
        assert ("xpath" in resource) is (version == "4.0")
        assert ("processingMode" in resource) is (version == "5.0")
