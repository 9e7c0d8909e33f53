from __future__ import annotations

import copy
import json

import pytest

from tests.doors.conftest import BASE, caller
from tests.doors.invariants import cards_of
from tests.doors.records import CM, INSTANCE, at, bundle, call, condition, create, order, view

CALLS = {
    "condition-reference": view(condition("M61.011")),
    "problem-code-check": create(condition("M61.011")),
    "encounter-start-reference": at("encounter-start", condition("M61.011")),
    "discharge-leaflet": at("encounter-discharge", condition("M61.011")),
    "order-reason-check": order("M61.011"),
}


def summaries(door, service, body) -> list[str]:
    return [card["summary"] for card in cards_of(door.hook(service, body))]


# --- discovery --------------------------------------------------------------------------------------------------------


def test_discovery_offers_a_service_for_each_of_six_hooks(door):
    reply = door.ask("/cds-services")
    assert reply.headers["content-type"] == "application/json"
    services = reply.json["services"]
    assert {(each["hook"], each["id"]) for each in services} == {
        ("patient-view", "condition-reference"),
        ("problem-list-item-create", "problem-code-check"),
        ("encounter-start", "encounter-start-reference"),
        ("encounter-discharge", "discharge-leaflet"),
        ("order-select", "order-reason-check"),
        ("order-sign", "order-reason-check"),
    }
    for each in services:
        assert each["description"]
        assert each["title"]
        assert all("{{context." in template for template in each["prefetch"].values())
        assert each["prefetch"]["conditions"].startswith("Condition?patient={{context.patientId}}&category=problem-list-item")
    assert door.ask("/cds-services/").json == reply.json


@pytest.mark.parametrize("service", sorted(CALLS))
def test_every_service_answers_its_hook_with_cards_that_hold_the_invariants(door, service):
    cards = cards_of(door.hook(service, CALLS[service]))
    assert any("Bone after a blow" in card["summary"] for card in cards)
    assert all(card["indicator"] == "info" for card in cards)


# --- knowledge cards --------------------------------------------------------------------------------------------------


def test_the_problem_list_becomes_one_card_per_summary_most_specific_first(door):
    body = view(condition("M61.011"), condition("M61.012"), condition("M61.1"), condition("D72.8"), condition("A00.0"))
    assert summaries(door, "condition-reference", body) == [
        "Other bone: red flags and key points",
        "Too many white cells: red flags and key points",
        "Bone after a blow: red flags and key points",
    ]


def test_red_flags_and_never_do_come_first_and_the_standing_last(door):
    (card,) = cards_of(door.hook("condition-reference", view(condition("M61.011"))))
    detail = card["detail"]
    places = [
        detail.index(part) for part in ("**Draft:", "**Red flags**", "**Never do**", "**Definition**", "No summary is written")
    ]
    assert places == sorted(places)
    for words in ("Reference for health professionals", "Last reviewed: never", "Content version 0.1.0", "2026-04-01"):
        assert words in detail
    assert card["links"][0]["url"] == f"{BASE}/conditions/bone-after-a-blow"
    assert card["links"][1]["url"] == f"{BASE}/fhir/r4/Composition/bone-after-a-blow/$document"


@pytest.mark.slow
def test_the_fourth_card_becomes_a_link_to_what_is_left_out(full_door):
    body = view(*(condition(code) for code in ("M61.0", "M61.1", "M61.3", "M61.9", "M61.4")))
    cards = cards_of(full_door.hook("condition-reference", body))
    assert len(cards) == 3
    assert cards[2]["links"][-1]["label"] == "2 more"
    assert "**2 more**" in cards[2]["detail"]
    box = full_door.service.knowledge.summaries.statements["fop.never.1"][1].text
    assert all(box in card["detail"] for card in cards)


def test_inactive_refuted_and_uncoded_problems_are_passed_over(door):
    body = view(
        condition("M61.011", clinicalStatus={"coding": [{"code": "resolved"}]}),
        condition("M61.012", verificationStatus={"coding": [{"code": "entered-in-error"}]}),
        condition("", "some words"),
        {"resourceType": "Patient"},
    )
    assert cards_of(door.hook("condition-reference", body)) == []


def test_a_problem_with_words_alone_is_found_by_its_name_and_the_words_are_not_repeated(door):
    (card,) = cards_of(door.hook("condition-reference", view(condition("", "BAB"))))
    assert card["source"]["topic"]["code"] == "bone-after-a-blow"
    assert "no code that leads further" in card["detail"]


def test_codes_of_other_systems_lead_to_a_card(door):
    body = view(condition("111000", system="http://snomed.info/sct"))
    assert summaries(door, "condition-reference", body) == ["Bone after a blow: red flags and key points"]


def test_the_start_of_an_encounter_shows_red_flags_and_no_key_points(door):
    (card,) = cards_of(door.hook("encounter-start-reference", CALLS["encounter-start-reference"]))
    assert "**Red flags**" in card["detail"]
    assert "**Definition**" not in card["detail"]


def test_the_leaflet_is_linked_in_the_language_of_the_patient(door):
    preferred = {"language": {"coding": [{"code": "es-MX"}]}, "preferred": True}
    spoken = {"resourceType": "Patient", "communication": [{"language": {"coding": [{"code": "en"}]}}, preferred]}
    (card,) = cards_of(door.hook("discharge-leaflet", at("encounter-discharge", condition("M61.011"), patient=spoken)))
    assert card["summary"] == "Bone after a blow: text for patients (es)"
    url = card["links"][0]["url"]
    assert "Es hueso que crece" in door.ask(url.removeprefix(BASE)).text
    spoken["communication"][1]["language"]["coding"][0]["code"] = "de"
    (card,) = cards_of(door.hook("discharge-leaflet", at("encounter-discharge", condition("M61.011"), patient=spoken)))
    assert "not available in de" in card["detail"]


def test_a_part_of_a_problem_list_is_said_to_be_one(door):
    body = call("patient-view", {"conditions": bundle(condition("M61.0"), link=[{"relation": "next", "url": "x"}])})
    (card,) = cards_of(door.hook("condition-reference", body))
    assert "only a part of it" in card["detail"]


# --- coding cards -----------------------------------------------------------------------------------------------------


def coding(door, body, service="problem-code-check"):
    kinds = ("code", "side", "site", "excludes1")
    return [card for card in cards_of(door.hook(service, body)) if card["source"]["topic"]["code"].endswith(kinds)]


def test_an_unspecified_side_is_offered_both_sides_and_the_record_decides_what_is_recommended(door):
    record = condition("M61.019", "bone in the right shoulder", note=[{"text": "keep me"}])
    record["code"]["coding"].append({"system": "http://snomed.info/sct", "code": "111000"})
    sent = copy.deepcopy(record)
    (card,) = coding(door, create(record))
    assert card["summary"] == "M61.019 leaves the side unspecified"
    right, left = card["suggestions"]
    assert (right.get("isRecommended"), left.get("isRecommended")) == (True, None)
    changed = right["actions"][0]["resource"]
    assert changed["code"]["coding"][0]["code"] == "M61.011"
    changed["code"]["coding"][0] = sent["code"]["coding"][0]
    assert changed == sent  # nothing else was touched


@pytest.mark.parametrize("text", ["", "bone in the shoulder", "right or left shoulder", "other shoulder"])
def test_nothing_is_recommended_that_the_record_does_not_say(door, text):
    (card,) = coding(door, create(condition("M61.019", text)))
    assert not any("isRecommended" in each for each in card["suggestions"])


@pytest.mark.parametrize(
    ("code", "recorded", "kind", "indicator"),
    [
        ("M61.7", "", "deleted-code", "warning"),
        ("B88.0", "2026-11-01", "header-code", "info"),
        ("M61.01", "", "header-code", "info"),
        ("M61.0", "", "header-code", "info"),
        ("M61.99", "", "unknown-code", "info"),
        ("D72.829", "", "residual-code", "info"),
        ("D72.818", "2026-11-01", "deleted-code", "warning"),
    ],
)
def test_each_kind_of_remark_on_a_code(door, code, recorded, kind, indicator):
    given = condition(code, **({"recordedDate": recorded} if recorded else {}))
    card = next(card for card in coding(door, create(given)) if card["source"]["topic"]["code"] != "excludes1")
    assert (card["source"]["topic"]["code"], card["indicator"]) == (kind, indicator)


@pytest.mark.slow
def test_a_class_of_others_asks_whether_the_record_says_more_and_changes_nothing(full_door):
    card = next(each for each in cards_of(full_door.hook("problem-code-check", create(condition("M61.561", "after trauma")))))
    assert (card["source"]["topic"]["code"], card["indicator"]) == ("residual-class", "info")
    assert "M61.061 Myositis ossificans traumatica, right lower leg" in card["detail"]
    assert "left" not in card["detail"]
    assert "suggestions" not in card
    sharp = cards_of(full_door.hook("problem-code-check", create(condition("M61.061"))))
    assert "residual-class" not in {each["source"]["topic"]["code"] for each in sharp}


def test_the_day_is_that_of_the_encounter_else_of_the_record_else_today(door):
    def kinds(body, service="problem-code-check"):
        return [card["source"]["topic"]["code"] for card in coding(door, body, service)]

    assert kinds(create(condition("D72.818", recordedDate="2026-05-01"))) != ["deleted-code"]
    assert "deleted-code" in kinds(create(condition("D72.818")))
    body = create(condition("D72.818", recordedDate="2026-05-01"))
    body["prefetch"]["encounter"] = {"resourceType": "Encounter", "period": {"start": "2026-11-01T08:00:00Z"}}
    assert "deleted-code" in kinds(body)


def test_a_header_with_many_codes_below_gets_a_link_to_choose_from(door):
    (card,) = coding(door, create(condition("H34.81")))
    assert card["source"]["topic"]["code"] == "header-code"
    assert card["links"][0] == {"label": "Choose below H34.81", "url": f"{BASE}/codes/H34.81", "type": "absolute"}


def test_excludes1_is_found_within_the_problem_list(door):
    cards = coding(door, create(condition("M61.40"), known=(condition("M65.20"), condition("A00.0"))))
    card = next(card for card in cards if card["source"]["topic"]["code"] == "excludes1")
    assert card["summary"] == "M61.40 and M65.20 exclude each other, unless unrelated (Excludes1)"
    assert (card["indicator"], "suggestions" in card) == ("info", False)
    assert "I.A.12.a" in card["detail"]
    unrelated = create(condition("A00.0"), known=(condition("M61.40"), condition("M65.20")))
    assert "excludes1" not in [card["source"]["topic"]["code"] for card in coding(door, unrelated)]


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_reasons_of_orders_are_checked_and_never_changed(door, hook):
    cards = coding(door, order("M61.019", hook), "order-reason-check")
    assert [card["source"]["topic"]["code"] for card in cards] == ["unspecified-side"]
    assert "suggestions" not in cards[0]


def test_a_local_code_without_the_shape_of_one_is_no_remark_and_is_not_repeated(door):
    reply = door.hook("problem-code-check", create(condition("<b>LOCAL-77</b>")))
    assert "LOCAL-77" not in reply.text


# --- the same card ----------------------------------------------------------------------------------------------------


def test_a_card_has_one_id_per_hook_instance(door):
    body = view(condition("M61.011"))
    first, again = (cards_of(door.hook("condition-reference", body))[0]["uuid"] for _ in range(2))
    body["hookInstance"] = INSTANCE.replace("d1", "e2")
    other = cards_of(door.hook("condition-reference", body))[0]["uuid"]
    assert first == again != other


# --- errors -----------------------------------------------------------------------------------------------------------


def without(name):
    return {key: value for key, value in CALLS["condition-reference"].items() if key != name}


@pytest.mark.parametrize(
    ("body", "status", "expression"),
    [
        (without("hook"), 400, "hook"),
        (without("hookInstance"), 400, "hookInstance"),
        (without("context"), 400, "context"),
        (without("prefetch"), 412, "prefetch.conditions"),
        (view() | {"hook": "order-sign"}, 400, "hook"),
        (view() | {"hookInstance": "not-a-uuid"}, 400, "hookInstance"),
        (view() | {"context": {}}, 400, "context.patientId"),
        (view() | {"prefetch": []}, 400, "prefetch"),
        (view() | {"prefetch": {}}, 412, "prefetch.conditions"),
        (view() | {"prefetch": {"conditions": {"resourceType": "OperationOutcome", "issue": []}}}, 412, "prefetch.conditions"),
        ({**without("fhirServer"), "fhirAuthorization": {"access_token": "t"}}, 400, "fhirServer"),  # r-1
        (view() | {"fhirAuthorization": {"scope": "patient/*.read"}}, 400, "fhirAuthorization.patient"),  # r-2
        (view() | {"fhirAuthorization": "t"}, 400, "fhirAuthorization"),
    ],
)
def test_what_is_wrong_is_named_and_never_repeated(door, body, status, expression):
    reply = door.hook("condition-reference", body)
    assert reply.status == status
    assert reply.json["resourceType"] == "OperationOutcome"
    assert reply.json["issue"][0]["expression"] == [expression]
    assert "not-a-uuid" not in reply.text


@pytest.mark.parametrize(
    "conditions", [None, {"resourceType": "Bundle"}, bundle(), "text", [], {"entry": "x"}, {"entry": [None, 1]}]
)
def test_no_data_is_an_answer_without_cards(door, conditions):
    assert cards_of(door.hook("condition-reference", call("patient-view", {"conditions": conditions}))) == []


def test_the_hook_of_new_problems_needs_them(door):
    reply = door.hook("problem-code-check", call("problem-list-item-create", {}))
    assert (reply.status, reply.json["issue"][0]["expression"]) == (400, ["context.conditions"])
    malformed = condition("M61.019", category=[{"coding": "problem-list-item"}])
    assert coding(door, create(malformed))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"\xff", b'{"a":' * 100 + b"1" + b"}" * 100])
def test_bodies_that_are_no_request_are_typed_errors(door, body):
    for path in ("condition-reference", "condition-reference/feedback"):
        reply = door.hook(path, body)
        assert (reply.status, reply.json["resourceType"]) == (400, "OperationOutcome")


def test_unknown_service_wrong_method_and_wrong_type(door):
    assert door.hook("nothing", view()).status == 404
    assert door.ask("/cds-services/condition-reference").status == 405
    reply = door.ask("/cds-services", "POST", b"{}", {"Content-Type": "application/json"})
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert door.ask("/cds-services/condition-reference", "POST", b"{}", {"Content-Type": "text/plain"}).status == 415


# --- the public sandbox -----------------------------------------------------------------------------------------------


def test_a_browser_on_an_allowed_site_passes_the_preflight_and_others_do_not(small):
    site = "https://sandbox.cds-hooks.example"
    door = caller(small.data, cds_origins=(site,))
    for path, method, headers in (
        ("/cds-services", "GET", "authorization"),
        ("/cds-services/condition-reference", "POST", "authorization,content-type"),
    ):
        asked = {"Origin": site, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
        reply = door.ask(path, "OPTIONS", headers=asked)
        assert reply.status == 204
        assert reply.headers["access-control-allow-origin"] == site
        assert set(headers.split(",")) <= set(reply.headers["access-control-allow-headers"].replace(" ", "").split(","))
        assert "Origin" in reply.headers["vary"]
        asked["Origin"] = "https://evil.example"
        assert "access-control-allow-origin" not in door.ask(path, "OPTIONS", headers=asked).headers
    reply = door.hook("condition-reference", view(condition("M61.0")), {"Origin": site, "Authorization": "Bearer x.y.z"})
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (200, site)
    assert reply.headers["cache-control"] == "no-store"
    assert door.hook("condition-reference", b"{", {"Origin": site}).headers["access-control-allow-origin"] == site


def test_the_resource_of_a_suggestion_survives_the_wire(door):
    record = condition("M61.019", "ünïcode ✓ right", extension=[{"url": "https://x.example", "valueString": CM}])
    (card,) = coding(door, create(record))
    changed = json.loads(json.dumps(card))["suggestions"][0]["actions"][0]["resource"]
    assert changed["extension"] == record["extension"]
    assert changed["code"]["text"] == "ünïcode ✓ right"
