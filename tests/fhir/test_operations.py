from pathlib import Path

import pytest

from icdref.fhir.operation_definition import operation_definition
from icdref.fhir.operations import DOCUMENT, EXPAND, FOR_CODE, LOOKUP, OPERATIONS, SUBSUMES, operation
from icdref.fhir.primitives import PRIMITIVES
from tests.fhir.checks import assert_valid, paths

_OF_EXPANSION = {
    *("url", "valueSet", "valueSetVersion", "context", "contextDirection", "filter", "date", "offset", "count"),
    *("includeDesignations", "designation", "includeDefinition", "activeOnly", "excludeNested", "excludeNotForUI"),
    *("excludePostCoordinated", "displayLanguage", "exclude-system", "system-version", "check-system-version"),
    "force-system-version",
}
STANDARD_INPUTS = {
    "ValueSet-expand": _OF_EXPANSION,
    "ValueSet-validate-code": {
        *("url", "context", "valueSet", "valueSetVersion", "code", "system", "systemVersion", "display", "coding"),
        *("codeableConcept", "date", "abstract", "displayLanguage"),
    },
    "lookup": {"code", "system", "version", "coding", "date", "displayLanguage", "property"},
    "validate-code": {
        *("url", "codeSystem", "code", "version", "display", "coding", "codeableConcept", "date", "abstract"),
        "displayLanguage",
    },
    "subsumes": {"codeA", "codeB", "system", "version", "codingA", "codingB"},
    "document": {"id", "persist", "graph"},
    "find-matches": {"system", "version", "property", "exact", "compositional"},
    "translate": {
        *("url", "conceptMap", "conceptMapVersion", "code", "system", "version", "source", "coding", "codeableConcept"),
        *("target", "targetsystem", "dependency", "reverse"),
    },
    "validate": {"resource", "mode", "profile"},
}
"""The input parameters that HL7 FHIR R4 defines."""


@pytest.mark.parametrize("version", ["4.0", "5.0"])
@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.id)
def test_every_operation_has_a_valid_definition(op, version):
    assert_valid(operation_definition(op, version), version)


@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.id)
def test_every_standard_parameter_is_in_the_table_and_marked_as_such(op):
    standard = {each.name for each in op.inputs() if not each.own}
    assert standard == STANDARD_INPUTS.get(op.id, STANDARD_INPUTS.get(op.name, set()))


@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.id)
def test_the_table_holds_what_parsing_needs(op):
    names = [each.name for each in op.inputs("5.0")]
    assert len(names) == len(set(names))
    assert op.methods == (("POST",) if op.name in ("batch-validate-code", "validate") else ("GET", "POST"))
    assert not op.affects_state
    for each in op.inputs("5.0"):
        assert each.max in ("1", "*")
        assert each.supported or each.reason, f"{op.id} {each.name}: an unsupported parameter needs a reason"
        assert each.type in PRIMITIVES or each.must_be_posted
        assert each.documentation.endswith((".", ").")), f"{op.id} {each.name}"


def test_patient_context_is_never_in_a_url():
    assert [each.name for each in FOR_CODE.inputs() if each.must_be_posted] == [
        "coding",
        "codeableConcept",
        "patientAge",
        "patientSex",
    ]


def test_unsupported_parameters_are_left_out_of_the_definition():
    names = {each["name"] for each in operation_definition(EXPAND)["parameter"]}
    assert "context" not in names
    assert EXPAND.parameter("context").supported is False


def test_a_parameter_belongs_to_the_versions_that_have_it():
    assert "definition" in {each["name"] for each in operation_definition(LOOKUP, "5.0")["parameter"]}
    assert "definition" not in {each["name"] for each in operation_definition(LOOKUP)["parameter"]}


def test_allowed_values_stand_in_the_documentation():
    documented = {each["name"]: each["documentation"] for each in operation_definition(FOR_CODE)["parameter"]}
    assert documented["match"].startswith("exact | hierarchy | any.")
    assert FOR_CODE.parameter("grade").allowed == ("A", "B", "C", "D")


def test_standard_operations_name_their_base_and_keep_their_own_url():
    definition = operation_definition(SUBSUMES)
    assert definition["base"] == "http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes"
    assert definition["url"] == "https://icdref.example.org/fhir/OperationDefinition/CodeSystem-subsumes"
    assert "base" not in operation_definition(FOR_CODE)


def test_levels_are_as_served():
    assert (DOCUMENT.type_level, DOCUMENT.instance_level) == (False, True)
    assert (FOR_CODE.type_level, FOR_CODE.instance_level) == (True, False)
    assert operation("CodeSystem", "subsumes") is SUBSUMES
    assert operation("CodeSystem", "closure") is None


def test_the_definition_has_the_shape_of_the_worked_example():
    shape = (Path(__file__).parent / "shapes" / "operationdefinition-for-code.txt").read_text(encoding="utf-8").split()
    assert set(shape) <= set(paths(operation_definition(FOR_CODE)))
