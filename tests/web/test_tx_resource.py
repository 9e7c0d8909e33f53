"""Resources that a request brings along: supplements, what is refused, other operations on them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web import tx
from tests.web.client import Client
from tests.web.tx import S, ask, check, code_system, codes, concept, expand, in_system, issues, listed, members, said, value_set

EXTRA = "http://example.org/CodeSystem/extra"
HAND = {"system": S, "code": "hand"}


def supplement(*concepts: dict[str, Any], url: str = EXTRA, **more: Any) -> dict[str, Any]:
    made = code_system(url, *concepts, content="supplement", supplements=S, **more)
    made["property"] = [{"code": "colour", "type": "code"}]
    return made


DUTCH = supplement(
    concept("hand", "Hand (nl)", colour="pink") | {"designation": [{"language": "nl", "value": "Handje"}]}, language="nl"
)


def requiring(url: str = EXTRA) -> dict[str, Any]:
    return value_set(listed("hand")) | {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/valueset-supplement", "valueCanonical": url}]
    }


def test_a_supplement_is_used_where_the_value_set_or_the_request_names_it(client: Client) -> None:
    brought = (code_system(), DUTCH)
    for set_, given in ((requiring(), {}), (value_set(listed("hand")), {"useSupplement": EXTRA})):
        reply = expand(client, set_, *brought, displayLanguage="nl", property="colour", **given)
        assert members(reply)[0]["display"] == "Hand (nl)"
        assert said(reply)["used-supplement"] == [f"{EXTRA}|1.0.0"]
        assert check(client, set_, *brought, coding=HAND | {"display": "Handje"}, **given).value("result") is True
    plain = expand(client, value_set(listed("hand")), *brought, displayLanguage="nl")
    assert members(plain)[0]["display"] == "Hand"
    assert "used-supplement" not in said(plain)


def test_a_supplement_that_is_needed_and_not_there_is_an_error(client: Client) -> None:
    text = f"Required supplement not found: {EXTRA}"
    for reply in (
        expand(client, requiring(), status=422),
        check(client, requiring(), coding=HAND, status=422),
        in_system(client, coding=HAND, useSupplement=EXTRA, status=422),
        ask(client, "CodeSystem/$lookup", code_system(), code="hand", system=S, useSupplement=EXTRA, status=422),
    ):
        assert issues(reply)[0][4] == text


def test_a_language_pack_needs_nobody_to_name_it(client: Client) -> None:
    pack = DUTCH | {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/codesystem-supplement-type", "valueCode": "lang-pack"}]
    }
    reply = expand(client, value_set(listed("hand")), code_system(), pack, displayLanguage="nl")
    assert members(reply)[0]["display"] == "Hand (nl)"


def test_a_supplement_of_another_version_is_not_used(client: Client) -> None:
    other = DUTCH | {"supplements": f"{S}|2.0.0"}
    set_ = value_set(listed("hand", version="1.0.0"))
    assert issues(expand(client, set_, code_system(), other, useSupplement=EXTRA, status=422))


def test_lookup_says_what_a_brought_code_system_says(both: Client) -> None:
    reply = ask(both, "CodeSystem/$lookup", code_system(), coding={"system": S, "code": "arm"})
    assert [reply.value(name) for name in ("name", "version", "display", "code", "system", "abstract")] == [
        *("Sites", "1.0.0", "Arm", "arm"),
        S,
        False,
    ]
    assert reply.properties()["parent"] == ["limb"]
    assert reply.properties()["child"] == ["hand", "elbow"]
    only = ask(both, "CodeSystem/$lookup", code_system(), coding=HAND, property="side")
    assert only.properties() == {"side": ["both"]}
    german = ask(both, "CodeSystem/$lookup", code_system(), code="trunk", system=S, displayLanguage="de")
    assert german.value("display") == "Rumpf"


def test_lookup_of_what_is_not_there_is_404(client: Client) -> None:
    reply = ask(client, "CodeSystem/$lookup", code_system(), code="x", system=S, status=404)
    assert issues(reply)[0][4] == f"Unknown code 'x' in the CodeSystem '{S}' version '1.0.0'"
    reply = ask(client, "CodeSystem/$lookup", code_system(), code="x", system=S, version="9", status=404)
    assert "Valid versions: 1.0.0" in issues(reply)[0][4]


@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [
        ("arm", "arm", "equivalent"),
        ("limb", "hand", "subsumes"),
        ("hand", "limb", "subsumed-by"),
        ("arm", "leg", "not-subsumed"),
    ],
)
def test_subsumption_follows_the_tree(client: Client, a: str, b: str, outcome: str) -> None:
    reply = ask(client, "CodeSystem/$subsumes", code_system(), codeA=a, codeB=b, system=S)
    assert reply.value("outcome") == outcome


def test_a_hierarchy_that_means_something_else_subsumes_nothing(client: Client) -> None:
    made = code_system() | {"hierarchyMeaning": "part-of"}
    reply = ask(client, "CodeSystem/$subsumes", made, codeA="arm", codeB="hand", system=S, status=422)
    assert "hierarchyMeaning = part-of" in issues(reply)[0][4]
    ask(client, "CodeSystem/$subsumes", code_system(), codeA="arm", codeB="x", system=S, status=404)


def test_parents_named_as_properties_make_a_tree_too(client: Client) -> None:
    made = code_system(S, concept("b", "B", parent="a"), concept("a", "A"), concept("c", "C", parent="b"))
    assert codes(expand(client, value_set(tx.is_a("a")), made)) == ["a", "b", "c"]
    made = code_system(S, concept("b", "B", up="a"), concept("a", "A"))
    made["property"] = [{"code": "up", "uri": "http://hl7.org/fhir/concept-properties#parent", "type": "code"}]
    assert codes(expand(client, value_set(tx.is_a("a")), made)) == ["a", "b"]


def test_what_a_request_brings_comes_before_what_is_held(client: Client) -> None:
    from icdref.codes import ICD10CM

    mine = code_system(ICD10CM, concept("M61.051", "Mine"), version="2026-04-01")
    assert (
        check(client, value_set({"system": ICD10CM}), mine, coding={"system": ICD10CM, "code": "M61.051"}).value("display")
        == "Mine"
    )
    again = check(client, value_set({"system": ICD10CM}), coding={"system": ICD10CM, "code": "M61.051"})
    assert again.value("display").startswith("Myositis"), "nothing of a request is kept"


def test_parameters_in_a_profile_hold_unless_the_request_says_otherwise(client: Client) -> None:
    profile = {"resourceType": "Parameters", "parameter": [tx.row("displayLanguage", "de"), tx.row("excludeNested", True)]}
    assert members(expand(client, value_set(listed("trunk")), profile=profile))[0]["display"] == "Rumpf"
    assert members(expand(client, value_set(listed("trunk")), profile=profile, displayLanguage="en"))[0]["display"] == "Trunk"


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ({"resourceType": "Patient"}, "tx-resource[0]"),
        ({"resourceType": "CodeSystem", "url": 5}, "tx-resource[0].url"),
        ({"resourceType": "CodeSystem", "concept": {}}, "tx-resource[0].concept"),
        ({"resourceType": "CodeSystem", "concept": [5]}, "tx-resource[0].concept[0]"),
        ({"resourceType": "CodeSystem", "concept": [{"display": "x"}]}, "tx-resource[0].concept[0].code"),
        (
            {"resourceType": "CodeSystem", "concept": [{"code": "a", "concept": [{"code": ""}]}]},
            "tx-resource[0].concept[0].concept[0].code",
        ),
        ({"resourceType": "CodeSystem", "caseSensitive": "true"}, "tx-resource[0].caseSensitive"),
        (
            {"resourceType": "CodeSystem", "concept": [{"code": "a", "property": [{"code": "p", "valueBoolean": "x"}]}]},
            "tx-resource[0].concept[0].property[0].valueBoolean",
        ),
        (
            {"resourceType": "CodeSystem", "concept": [{"code": "a", "designation": [{"value": ["x"]}]}]},
            "tx-resource[0].concept[0].designation[0].value",
        ),
        ({"resourceType": "ValueSet", "compose": []}, "tx-resource[0].compose"),
        ({"resourceType": "ValueSet", "compose": {"include": [{"valueSet": "x"}]}}, "tx-resource[0].compose.include[0].valueSet"),
        (
            {"resourceType": "ValueSet", "compose": {"include": [{"filter": [{"op": 1}]}]}},
            "tx-resource[0].compose.include[0].filter[0].op",
        ),
        ({"resourceType": "CodeSystem", "name": "a\x00b"}, "tx-resource[0].name"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_malformed_resource_is_refused_with_the_path_of_its_fault(client: Client, resource: dict[str, Any], path: str) -> None:
    reply = ask(client, "ValueSet/$expand", resource, valueSet=value_set(), status=400)
    assert issues(reply)[0][4].startswith(f"{path} ")


def test_a_parameter_that_carries_no_resource_or_another_one_is_refused(client: Client) -> None:
    url = f"{client.base}/ValueSet/$expand"
    for row in (
        {"name": "tx-resource", "valueString": "x"},
        {"name": "tx-resource", "resource": {}},
        {"name": "tx-resource", "resource": []},
        {"name": "valueSet", "resource": code_system()},
    ):
        client.ask(url, "POST", {"resourceType": "Parameters", "parameter": [row]}, status=400)


def test_a_modifier_extension_stops_the_evaluation(client: Client) -> None:
    changed = value_set()
    changed["compose"]["include"][0]["modifierExtension"] = [{"url": "http://example.org/not", "valueBoolean": True}]
    reply = expand(client, changed, status=422)
    assert "modifier extension http://example.org/not" in issues(reply)[0][4]


def test_a_code_system_inside_a_value_set_is_used(client: Client) -> None:
    holding = value_set() | {"contained": [code_system() | {"id": "cs"}]}
    reply = ask(client, "ValueSet/$expand", valueSet=holding)
    assert reply.json["expansion"]["total"] == 8


def test_contents_of_a_request_are_not_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    canary = "canary-7d1f"
    made = code_system(S, concept(canary, canary))
    caplog.set_level("DEBUG")
    expand(client, value_set(), made)
    check(client, value_set(tx.is_a(f"({canary}", op="regex")), made, coding={"system": S, "code": canary}, status=400)
    assert canary not in caplog.text


def test_a_concept_map_that_is_brought_translates(client: Client) -> None:
    brought_map = {
        "resourceType": "ConceptMap",
        "url": "http://example.org/ConceptMap/sites",
        "status": "active",
        "group": [
            {
                "source": S,
                "target": "http://example.org/other",
                "element": [
                    {"code": "hand", "target": [{"code": "H1", "equivalence": "equivalent", "relationship": "equivalent"}]}
                ],
            }
        ],
    }
    for more in ({}, {"url": brought_map["url"]}):
        reply = ask(client, "ConceptMap/$translate", code_system(), brought_map, **more, **_coded(client, S, "hand"))
        assert reply.value("result") is True
        match = next(row["part"] for row in reply.json["parameter"] if row["name"] == "match")
        assert next(part for part in match if part["name"] == "concept")["valueCoding"]["code"] == "H1"
    reply = ask(client, "ConceptMap/$translate", brought_map, **_coded(client, S, "arm"))
    assert reply.value("result") is False


def _coded(client: Client, system: str, code: str) -> dict[str, Any]:
    name = "sourceCoding" if client.base.endswith("r5") else "coding"
    return {name: {"system": system, "code": code}}
