"""The table of elements is current, and says what HL7's definitions say."""

import importlib.util

import pytest

from icdref.fhir.elements import elements_of, mandatory_elements, resource_types, summary_elements
from tests.checkout import ROOT

_SPEC = importlib.util.spec_from_file_location("fhir_elements", ROOT / "tools" / "fhir_elements.py")
tool = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(tool)


@pytest.mark.slow
def test_the_table_is_what_the_tool_writes():
    assert tool.main(["--check"]) == 0, "run python tools/fhir_elements.py"


@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_every_type_in_the_table_has_its_own_elements(version):
    assert resource_types(version) == set(tool.RESOURCES)
    for name in tool.RESOURCES:
        waiting, seen = [name], set()
        while waiting:
            held = waiting.pop()
            if held not in seen:
                seen.add(held)
                assert elements_of(held, version), held
                inner = elements_of(held, version).values()
                waiting += [each.type for each in inner if not each.is_primitive and each.type != "Resource"]


def test_mandatory_and_summary_are_those_of_the_definitions():
    assert mandatory_elements("Composition") == {"status", "type", "date", "author", "title"}
    assert mandatory_elements("Library") == {"status", "type"}
    assert "event" in summary_elements("Composition")
    assert not {"section", "text"} & summary_elements("Composition")
    assert "url" in summary_elements("Composition", "5.0") - summary_elements("Composition", "4.0")
    assert elements_of("Nothing") == {} == elements_of("Nothing", "5.0")
