"""What expansions repeat of brought resources: properties once, the definition without id, filters at their place."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.client import Client
from tests.web.tx import S, ask, check, code_system, codes, concept, expand, issues, members, value_set

WHOLE = value_set({"system": S})
SD = "http://hl7.org/fhir/StructureDefinition"


def chosen(property_: str, op: str, value: str) -> dict[str, Any]:
    return value_set({"system": S, "filter": [{"property": property_, "op": op, "value": value}]})


def properties(client: Client, system: dict[str, Any], *names: str) -> list[tuple[str, Any]]:
    """Return (code, value) of the properties of the first member, as R5 shows them."""
    at_r5 = Client(client.app, client.service, base="/fhir/r5")
    row = members(expand(at_r5, WHOLE, system, property=list(names)))[0]
    return [(each["code"], next(each[key] for key in each if key != "code")) for each in row["property"]]


@pytest.mark.parametrize("asked", ["status", "*"])
def test_a_status_that_is_asked_for_is_said_once(client: Client, asked: str) -> None:
    system = code_system(S, concept("knee", "Knee", status="retired"))
    assert properties(client, system, asked) == [("status", "retired")]


def test_a_property_goes_by_the_code_that_the_expansion_has_for_its_meaning(client: Client) -> None:
    heavy = {"url": f"{SD}/itemWeight", "valueDecimal": 2.5}
    system = code_system(S, concept("knee", "Knee", score=7, extension=[heavy]))
    system["property"].append({"code": "score", "uri": "http://hl7.org/fhir/concept-properties#itemWeight", "type": "integer"})
    assert properties(client, system, "score") == [("weight", 2.5), ("weight", 7)]


def test_values_of_one_property_are_all_shown(client: Client) -> None:
    knee = concept("knee", "Knee") | {"property": [{"code": "side", "valueCode": side} for side in ("left", "right", "left")]}
    assert properties(client, code_system(S, knee), "side") == [("side", "left"), ("side", "right")]


@pytest.mark.parametrize("whole", [True, False])
def test_an_expansion_has_no_id(both: Client, whole: bool) -> None:
    reply = expand(both, WHOLE | {"id": "sites"}, includeDefinition=whole)
    assert "id" not in reply.json
    assert ("compose" in reply.json) is whole


def test_a_filter_finds_what_has_a_parent_and_what_has_none(client: Client) -> None:
    assert codes(expand(client, chosen("parent", "exists", "false"))) == ["limb", "trunk"]
    assert codes(expand(client, chosen("parent", "exists", "true"))) == ["arm", "hand", "elbow", "leg", "knee", "hip"]


def test_what_is_wrong_with_a_filter_is_said_at_its_place(client: Client) -> None:
    second = chosen("colour", "=", "red")
    second["compose"]["include"].insert(0, {"system": S, "concept": [{"code": "hand"}]})
    assert issues(expand(client, second, status=422))[0][3] == "ValueSet.compose.include[1].filter[0]"
    (issue,) = issues(expand(client, chosen("code", "regex", "(["), status=400))
    assert issue[3] == "ValueSet.compose.include[0].filter[0].value"
    assert issue[4] == "'([' is no regular expression: RE2 says: missing ]: ["


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"concept": [{"code": "hand"}]}, "concepts or filters without a system"),
        ({"filter": [{"property": "concept", "op": "is-a", "value": "limb"}]}, "concepts or filters without a system"),
        ({}, "neither a system nor a value set"),
    ],
)
def test_what_selects_nothing_in_particular_is_refused_and_does_not_let_every_code_in(
    client: Client, part: dict[str, Any], said: str
) -> None:
    for set_, place in ((value_set({"system": S}, part), "include[1]"), (value_set({"system": S}, exclude=[part]), "exclude[0]")):
        for reply in (expand(client, set_, status=422), check(client, set_, code="hand", system=S, status=422)):
            (issue,) = issues(reply)
            assert issue[:4] == ("error", "invalid", "vs-invalid", f"ValueSet.compose.{place}")
            assert said in issue[4]


def test_a_listed_concept_needs_a_code(client: Client) -> None:
    reply = expand(client, value_set({"system": S, "concept": [{"display": "Hand"}]}), status=400)
    assert issues(reply)[0][3] == "valueSet.compose.include[0].concept[0].code"


def test_subsumption_is_not_told_from_a_part_of_a_code_system(client: Client) -> None:
    given = {"codeA": "limb", "codeB": "hand", "system": S, "status": 422}
    for more, name in (
        ({"content": "fragment"}, "content = fragment"),
        ({"hierarchyMeaning": "part-of"}, "hierarchyMeaning = part-of"),
    ):
        refused = ask(client, "CodeSystem/$subsumes", code_system() | more, **given)
        assert name in issues(refused)[0][4]


@pytest.mark.parametrize("name", ["codeA", "codeB"])
def test_an_unknown_code_of_a_subsumption_is_named_by_its_parameter(client: Client, name: str) -> None:
    given = {"codeA": "limb", "codeB": "hand"} | {name: "wing"}
    reply = ask(client, "CodeSystem/$subsumes", code_system(), system=S, status=404, **given)
    assert issues(reply)[0][3] == name


MODIFIER = {"modifierExtension": [{"url": "http://example.org/not", "valueBoolean": True}]}


@pytest.mark.parametrize(
    ("set_", "expanding", "validating"),
    [
        (value_set({"system": S}) | MODIFIER, "ValueSet", "ValueSet"),
        (value_set({"system": S}) | {"compose": {"include": [{"system": S}]} | MODIFIER}, "compose", "ValueSet.compose"),
        (value_set({"system": S} | MODIFIER), "set", "include[0]"),
        (value_set({"system": S}, exclude=[{"system": S, "concept": [{"code": "hip"}]} | MODIFIER]), "set", "exclude[0]"),
        (value_set({"system": S, "concept": [{"code": "hip"} | MODIFIER]}), "set concept reference", "include[0].concept"),
    ],
)
def test_what_a_modifier_extension_changes_is_not_evaluated(
    client: Client, set_: dict[str, Any], expanding: str, validating: str
) -> None:
    text = 'Cannot process resource http://example.org/ValueSet/sites|5 at "{}" due to the presence of the modifier extension '
    text += "http://example.org/not"
    refused = expand(client, set_, status=422)
    assert issues(refused) == [("error", "business-rule", "business-rule", "", text.format(expanding))]
    assert len(refused.json["issue"][0]["details"]["coding"]) == 1
    checked = check(client, set_, code="hip", system=S)
    assert (checked.value("result"), checked.value("message")) == (False, text.format(validating))


def test_a_changed_value_set_that_nobody_asks_about_does_no_harm(client: Client) -> None:
    other = value_set(url="http://example.org/ValueSet/other") | MODIFIER
    assert expand(client, value_set({"system": S}), code_system(), other).json["expansion"]["total"] == 8


def test_implicit_rules_that_are_not_known_stop_the_evaluation(client: Client) -> None:
    text = "Cannot process resource \"http://example.org/ValueSet/sites|5\" due to the presence of implicit rules 'urn:rules'"
    ruled = value_set({"system": S}) | {"implicitRules": "urn:rules"}
    assert issues(expand(client, ruled, status=422))[0][4] == text
    assert check(client, ruled, code="hip", system=S).value("message") == text
    known = {"implicitRules": "https://hl7.org/fhir/implicit-rules/omitted-mandatory-interversion-code"}
    assert expand(client, value_set({"system": S}) | known).json["expansion"]["total"] == 8
