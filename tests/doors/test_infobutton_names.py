"""What an EHR gets that sends only a name: the ranked search finds its code, and the entry says so."""

from __future__ import annotations

import pytest

from tests.doors.test_infobutton import SNOMED, entries, titles

pytestmark = pytest.mark.slow  # the ranking is that of the whole code set


def named(full_door, name, **fields):
    return full_door.as_json(mainSearchCriteria__v__dn=name, **fields)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("heart attack", "I21.9 "),
        ("DM2", "E11.9 "),
        ("fractured neck of femur, right", "S72.001 "),
        ("haemorrhoids", "K64.9 "),
        ("neumonia", "J18.9 "),
        ("ossification of muscle after trauma, right thigh", "Traumatic myositis ossificans"),
    ],
)
def test_a_name_leads_to_its_code_and_what_is_known_of_it(full_door, name, title):
    answer = named(full_door, name)
    assert titles(answer)[0].startswith(title)
    assert "Found by the words of the name that was sent, not by a code" in entries(answer)[0]["summary"]["_value"]


def test_a_name_that_is_known_only_in_part_is_not_answered(full_door):
    answer = named(full_door, "grobian pneumonia of Xanthippe")
    assert titles(answer) == []
    assert "No condition summary has the name that was sent" in answer["feed"]["subtitle"]["_value"]


def test_the_trace_says_which_code_and_why(full_door):
    (trace,) = named(full_door, "heart attack", explain="true")["trace"]
    assert (trace["relation"], trace["outcome"]) == ("text", "no-summary")
    assert "lay: heart attack" in trace["context"]
    assert ("search", "I21.9") in [(step["method"], step["tried"]) for step in trace["steps"]]


def test_a_snomed_code_that_no_summary_names_is_answered_by_the_name_beside_it(full_door):
    answer = full_door.service_(
        "195967001", SNOMED, mainSearchCriteria__v__dn="Asthma", knowledgeResponseType="application/json"
    ).json
    assert titles(answer)[0].startswith("J45.909 ")
    without = full_door.service_("195967001", SNOMED, knowledgeResponseType="application/json").json
    assert titles(without) == []


def test_a_name_that_is_too_long_to_be_one_is_no_error(full_door):
    assert full_door.service_(mainSearchCriteria__v__dn="asthma " * 800).status == 200


def test_the_same_name_as_fhir_is_the_card_of_the_code(full_door):
    bundle = full_door.service_(mainSearchCriteria__v__dn="heart attack", knowledgeResponseType="application/fhir+json").json
    assert "I21.9" in str(bundle)
