"""`_summary` and `_elements` on reads and on answers of operations: what stays is what FHIR says, and is marked."""

from __future__ import annotations

import pytest

from icdref.fhir.elements import mandatory_elements, summary_elements
from tests.web.client import Client

MOT = "myositis-ossificans-traumatica"
READS = (f"Composition/{MOT}", f"Library/{MOT}", f"ValueSet/{MOT}-codes", "metadata", "OperationDefinition/CodeSystem-lookup")
ALWAYS = {"resourceType", "id", "meta"}


def tags(resource: dict) -> list[str]:
    return [each["code"] for each in resource.get("meta", {}).get("tag", [])]


@pytest.mark.parametrize("path", READS)
def test_a_summary_has_the_elements_of_the_definition(both: Client, path: str) -> None:
    whole = both.ask(f"{both.base}/{path}").json
    summary = both.ask(f"{both.base}/{path}?_summary=true").json
    kept = summary_elements(whole["resourceType"], both.version) | ALWAYS
    assert set(summary) == set(whole) & kept | {"meta"}
    assert tags(summary).count("SUBSETTED") == 1
    assert all(summary[name] == whole[name] for name in summary if name != "meta")


@pytest.mark.parametrize("path", READS)
def test_text_and_data_are_the_two_halves(both: Client, path: str) -> None:
    whole = both.ask(f"{both.base}/{path}").json
    text, data = (both.ask(f"{both.base}/{path}?_summary={half}").json for half in ("text", "data"))
    assert set(text) == set(whole) & (mandatory_elements(whole["resourceType"], both.version) | ALWAYS | {"text"}) | {"meta"}
    assert "text" not in data
    assert set(whole) - {"text"} <= set(data)
    assert "SUBSETTED" in tags(text)
    assert ("SUBSETTED" in tags(data)) is ("text" in whole)


@pytest.mark.parametrize("path", READS)
def test_false_is_the_whole_resource(both: Client, path: str) -> None:
    assert both.ask(f"{both.base}/{path}?_summary=false").body == both.ask(f"{both.base}/{path}").body


@pytest.mark.parametrize("elements", ["title", "title,nothing", " title , resourceType"])
def test_elements_are_kept_with_the_mandatory_ones(both: Client, elements: str) -> None:
    found = both.ask(f"{both.base}/Composition/{MOT}?_elements={elements.replace(' ', '%20')}").json
    assert set(found) == ALWAYS | {"status", "type", "date", "author", "title"}
    assert "SUBSETTED" in tags(found)


def test_what_an_operation_answers_is_never_cut(both: Client) -> None:
    for path in ("CodeSystem/$lookup?code=M61", f"Composition/{MOT}/$document?", "Composition/$for-code?code=M61.051"):
        whole = both.ask(f"{both.base}/{path}").json
        for more in ("_summary=true", "_summary=data", "_elements=id"):
            assert both.ask(f"{both.base}/{path}&{more}").json == whole


def test_a_part_in_xml_is_the_same_part(both: Client) -> None:
    path = f"{both.base}/Library/{MOT}?_elements=title"
    assert both.ask(f"{path}&_format=xml").json == both.ask(path).json
