"""ValueSet/$expand over what a request brings along, at both FHIR bases where they differ."""

from __future__ import annotations

import pytest

from tests.web import tx
from tests.web.client import Client
from tests.web.tx import S, V, codes, concept, expand, is_a, issues, listed, members, said, value_set

ALL = ["limb", "arm", "hand", "elbow", "leg", "knee", "hip", "trunk"]


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        ({"system": S}, ALL),
        (listed("hip", "arm", "nowhere"), ["hip", "arm"]),
        (is_a("arm"), ["arm", "hand", "elbow"]),
        (is_a("arm", op="descendent-of"), ["hand", "elbow"]),
        (is_a("arm", op="is-not-a"), ["limb", "leg", "knee", "hip", "trunk"]),
        (is_a("limb", op="child-of"), ["arm", "leg"]),
        (is_a("limb", op="descendent-leaf"), ["hand", "elbow", "knee", "hip"]),
        (is_a("hand", op="generalizes"), ["limb", "arm", "hand"]),
        (is_a("hand,hip", op="in"), ["hand", "hip"]),
        (is_a("hand,hip,limb,leg,trunk", op="not-in"), ["arm", "elbow", "knee"]),
        (is_a("hand", op="="), ["hand"]),
        (is_a("h.*", op="regex"), ["hand", "hip"]),
        (is_a("h", op="regex"), []),  # the whole code has to match
        (is_a("left", op="=", property_="side"), ["elbow"]),
        (is_a("left,both", op="in", property_="side"), ["hand", "elbow"]),
        (is_a("true", op="exists", property_="side"), ["hand", "elbow"]),
        (is_a("l.*", op="regex", property_="side"), ["elbow"]),
        (is_a("true", op="=", property_="notSelectable"), ["limb"]),
        (is_a("retired", op="=", property_="status"), ["knee"]),
        (is_a("true", op="=", property_="inactive"), ["knee"]),
        (is_a("true", op="=", property_="deprecated"), ["knee", "hip"]),
        (is_a("arm", op="=", property_="parent"), ["hand", "elbow"]),
        (is_a("false", op="exists", property_="child"), ["hand", "elbow", "knee", "hip", "trunk"]),
        (is_a("A.*", op="regex", property_="display"), ["arm"]),
        (is_a("nowhere"), []),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_include_selects(client: Client, include: dict, expected: list[str]) -> None:
    reply = expand(client, value_set(include))
    assert codes(reply) == expected
    assert reply.json["expansion"]["total"] == len(expected)


def test_filters_of_one_include_must_all_hold(client: Client) -> None:
    include = is_a("limb") | {
        "filter": [
            {"property": "concept", "op": "is-a", "value": "limb"},
            {"property": "status", "op": "=", "value": "deprecated"},
        ]
    }
    assert codes(expand(client, value_set(include))) == ["hip"]


def test_includes_are_joined_and_excludes_taken_away(client: Client) -> None:
    assert codes(expand(client, value_set(is_a("arm"), listed("hand", "hip")))) == ["arm", "hand", "elbow", "hip"]
    assert codes(expand(client, value_set(is_a("limb"), exclude=[is_a("arm")]))) == ["limb", "leg", "knee", "hip"]
    assert codes(expand(client, value_set(exclude=[{"system": S}]))) == []


def test_value_sets_of_one_include_are_intersected_and_of_several_joined(client: Client) -> None:
    arm = value_set(is_a("arm"), url="http://example.org/ValueSet/arm")
    h = value_set(is_a("h.*", op="regex"), url="http://example.org/ValueSet/h")
    both = {"valueSet": [arm["url"], h["url"]]}
    brought = (tx.code_system(), arm, h)
    assert codes(expand(client, value_set(both), *brought)) == ["hand"]
    assert codes(expand(client, value_set({"valueSet": [arm["url"]]}, {"valueSet": [h["url"]]}), *brought)) == [
        *("arm", "hand", "elbow"),
        "hip",
    ]
    assert codes(expand(client, value_set({"system": S, "valueSet": [h["url"]]}), *brought)) == ["hand", "hip"]
    assert codes(expand(client, value_set(exclude=[{"valueSet": [arm["url"]]}]), *brought)) == ["limb", *ALL[4:]]
    reply = expand(client, value_set(both), *brought)
    assert said(reply)["used-valueset"] == [f"{arm['url']}|5", f"{h['url']}|5"]
    assert said(reply)["used-codesystem"] == [f"{S}|1.0.0"]


def test_a_contained_value_set_is_found_by_its_id(client: Client) -> None:
    inside = value_set(is_a("leg"), url="http://example.org/ValueSet/inside") | {"id": "inside"}
    outer = value_set({"valueSet": ["#inside"]}) | {"contained": [inside]}
    reply = expand(client, outer)
    assert codes(reply) == ["leg", "knee", "hip"]
    assert "used-valueset" not in said(reply)


def test_a_tree_is_a_tree_and_flat_when_asked(client: Client) -> None:
    nested = expand(client, value_set()).json["expansion"]
    assert [each["code"] for each in nested["contains"]] == ["limb", "trunk"]
    assert [each["code"] for each in nested["contains"][0]["contains"]] == ["arm", "leg"]
    assert nested["total"] == 8
    flat = expand(client, value_set(), excludeNested=True).json["expansion"]
    assert [each["code"] for each in flat["contains"]] == ALL
    assert flat["total"] == 8


def test_what_is_left_out_of_a_tree_leaves_its_children_to_those_above(client: Client) -> None:
    made = tx.code_system(S, concept("a", "A", concept("b", "B", concept("c", "C"), status="retired")))
    rows = expand(client, value_set(), made, activeOnly=True).json["expansion"]["contains"]
    assert rows == [{"system": S, "code": "a", "display": "A", "contains": [{"system": S, "code": "c", "display": "C"}]}]


@pytest.mark.parametrize(("offset", "count"), [(0, 3), (2, 3), (7, 3), (8, 3), (100, 3), (0, 0), (0, 100)])
def test_pages_are_slices_and_the_total_is_that_of_the_whole(client: Client, offset: int, count: int) -> None:
    reply = expand(client, value_set(), offset=offset, count=count, excludeNested=True)
    assert codes(reply) == ALL[offset : offset + count]
    expansion = reply.json["expansion"]
    assert (expansion["total"], expansion["offset"]) == (8, offset)
    assert (said(reply)["offset"], said(reply)["count"]) == ([offset], [count])


def test_inactive_codes_are_marked_and_left_out_when_asked(client: Client) -> None:
    rows = {each["code"]: each for each in members(expand(client, value_set()))}
    assert (rows["knee"]["inactive"], rows["limb"]["abstract"]) == (True, True)
    assert "inactive" not in rows["hip"]
    active = [code for code in ALL if code != "knee"]
    assert codes(expand(client, value_set(), activeOnly=True)) == active
    assert codes(expand(client, value_set(inactive=False))) == active
    assert codes(expand(client, value_set(inactive=True))) == ALL
    assert codes(expand(client, value_set(), excludeNotForUI=True)) == ALL[1:]


def test_properties_are_elements_in_r5_and_extensions_in_r4(both: Client) -> None:
    reply = expand(both, value_set(listed("elbow", "knee")), property=["side", "definition"])
    knee = next(each for each in members(reply) if each["code"] == "knee")
    expansion = reply.json["expansion"]
    if both.version >= "5.0":
        assert knee["property"] == [{"code": "status", "valueCode": "retired"}]
        assert {each["code"]: each.get("uri") for each in expansion["property"]} == {
            "side": None,
            "status": "http://hl7.org/fhir/concept-properties#status",
        }
    else:
        at = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion"
        assert knee["extension"] == [
            {
                "url": f"{at}.contains.property",
                "extension": [{"url": "code", "valueCode": "status"}, {"url": "value", "valueCode": "retired"}],
            }
        ]
        assert [each["url"] for each in expansion["extension"]] == [f"{at}.property"] * 2


def test_displays_follow_the_language_and_designations_are_given_when_asked(client: Client) -> None:
    german = {each["code"]: each for each in members(expand(client, value_set(), displayLanguage="de"))}
    assert (german["trunk"]["display"], german["elbow"]["display"]) == ("Rumpf", "Elbow")
    full = expand(client, value_set(listed("trunk")), includeDesignations=True)
    assert members(full)[0]["designation"] == [{"language": "de", "value": "Rumpf"}]
    only = expand(client, value_set(listed("trunk")), includeDesignations=True, designation="urn:ietf:bcp:47|fr")
    assert "designation" not in members(only)[0]
    reply = expand(client, value_set(listed("trunk")), includeDesignations=True, displayLanguage="de")
    assert said(reply)["displayLanguage"] == ["de"]
    assert members(reply)[0]["designation"] == [
        {
            "language": "en",
            "use": {
                "system": "http://terminology.hl7.org/CodeSystem/hl7TermMaintInfra",
                "code": "preferredForLanguage",
                "display": "Preferred For Language",
            },
            "value": "Trunk",
        }
    ]


def test_accept_language_decides_where_no_parameter_does(client: Client) -> None:
    body = tx.parameters([tx.code_system()], valueSet=value_set(listed("trunk")))
    url = f"{client.base}/ValueSet/$expand"
    reply = client.ask(url, "POST", body, headers={"Accept-Language": "de, en;q=0.5"})
    assert members(reply)[0]["display"] == "Rumpf"
    body = tx.parameters([tx.code_system()], valueSet=value_set(listed("trunk")), displayLanguage="en")
    reply = client.ask(url, "POST", body, headers={"Accept-Language": "de"})
    assert members(reply)[0]["display"] == "Trunk"


def test_a_text_filter_finds_displays_codes_and_designations(client: Client) -> None:
    assert codes(expand(client, value_set(), filter="arm")) == ["arm"]
    assert codes(expand(client, value_set(), filter="rumpf")) == ["trunk"]
    assert codes(expand(client, value_set(), filter="h")) == ["hand", "hip"]
    reply = expand(client, value_set(), filter="h", count=1)
    assert (codes(reply), reply.json["expansion"]["total"]) == (["hand"], 2)
    assert codes(expand(client, value_set(listed("hip", "hand")), filter="h")) == ["hip", "hand"], "a list keeps its order"


def test_equal_requests_get_equal_bytes_and_others_other_identifiers(client: Client) -> None:
    one, other = expand(client, value_set()), expand(client, value_set())
    assert one.body == other.body
    assert expand(client, value_set(), count=100).json["expansion"]["identifier"] != one.json["expansion"]["identifier"]


def test_the_definition_is_repeated_only_when_asked(client: Client) -> None:
    described = value_set() | {"description": "All sites", "date": "2026-01-01"}
    short = expand(client, described).json
    assert (short["url"], short["version"], short["date"]) == (V, "5", "2026-01-01")
    assert not {"compose", "description", "id"} & short.keys()
    whole = expand(client, described, includeDefinition=True)
    assert {"compose", "description"} <= whole.json.keys()
    assert said(whole)["includeDefinition"] == [True]


def test_a_value_set_as_body_needs_no_parameters_around_it(both: Client) -> None:
    from icdref.codes import ICD10CM

    bare = value_set(is_a("M61.0", ICD10CM))
    reply = both.ask(f"{both.base}/ValueSet/$expand?count=2", "POST", bare)
    assert codes(reply) == ["M61.0", "M61.00"]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ({"status": "draft"}, ["warning-draft"]),
        ({"status": "retired"}, ["warning-retired"]),
        ({"experimental": True}, ["warning-experimental"]),
        ({"extension": [tx.standards("deprecated")]}, ["warning-deprecated"]),
        ({"extension": [tx.standards("withdrawn")]}, ["warning-withdrawn"]),
        ({}, []),
    ],
    ids=str,
)
def test_the_state_of_a_code_system_is_warned_of(client: Client, header: dict, names: list[str]) -> None:
    reply = expand(client, value_set(), tx.code_system() | header)
    assert [name for name in said(reply) if name.startswith("warning-")] == names
    for name in names:
        assert said(reply)[name] == [f"{S}|1.0.0"]


def test_a_fragment_says_that_there_may_be_more(client: Client) -> None:
    reply = expand(client, value_set(), tx.code_system() | {"content": "fragment"})
    assert said(reply)["used-fragment"] == [f"{S}|1.0.0"]
    urls = {each["url"].rpartition("/")[2] for each in reply.json["expansion"]["extension"]}
    assert {"valueset-unclosed", "valueset-unclosed-reason"} <= urls


def test_extensions_become_properties_or_stay(client: Client) -> None:
    order = {"url": "http://hl7.org/fhir/StructureDefinition/codesystem-conceptOrder", "valueInteger": 3}
    style = {"url": "http://hl7.org/fhir/StructureDefinition/rendering-style", "valueString": "color: red"}
    made = tx.code_system(S, concept("a", "A", extension=[order, style]))
    (row,) = members(expand(client, value_set(), made))
    assert row["extension"][0] == style
    assert row["extension"][1]["extension"][0] == {"url": "code", "valueCode": "order"}


@pytest.mark.parametrize(
    ("set_", "brought", "status", "text"),
    [
        (
            value_set({"system": "http://example.org/none"}),
            (),
            422,
            "A definition for CodeSystem 'http://example.org/none' could",
        ),
        (
            value_set({"system": S, "version": "9"}),
            (tx.code_system(),),
            422,
            f"A definition for CodeSystem '{S}' version '9' could not be found, so the value set cannot be expanded."
            " Valid versions: 1.0.0",
        ),
        (
            value_set({"valueSet": ["http://example.org/no"]}),
            (),
            422,
            "Unable to find included value set 'http://example.org/no'",
        ),
        (
            value_set({"valueSet": ["http://example.org/no|2"]}),
            (),
            422,
            "Unable to find included value set 'http://example.org/no' version '2'",
        ),
        (value_set(is_a("x", op="=", property_="colour")), (), 422, 'The filter "colour = x" is not understood or supported'),
        (value_set(is_a("x", op="magic")), (), 422, 'The filter "concept magic x" is not understood or supported'),
        (value_set(is_a("", op="=")), (), 400, f"The system {S} filter with property = concept, op = = has no value"),
        (value_set(is_a("(", op="regex")), (), 400, "is no regular expression"),
        (value_set(is_a("a" * 201, op="regex")), (), 400, "at most 200 characters"),
        ({"resourceType": "ValueSet", "url": V, "status": "active"}, (), 422, "has no compose and no expansion"),
        (value_set() | {"compose": {"lockedDate": "2026-01-01", "include": []}}, (), 422, "lockedDate"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_what_cannot_be_expanded_says_why(client: Client, set_: dict, brought: tuple, status: int, text: str) -> None:
    reply = expand(client, set_, *brought, status=status)
    assert text in issues(reply)[0][4]


def test_a_value_set_that_includes_itself_by_way_of_another_is_refused(client: Client) -> None:
    one = value_set({"valueSet": ["http://example.org/ValueSet/two"]}, url="http://example.org/ValueSet/one")
    two = value_set({"valueSet": ["http://example.org/ValueSet/one"]}, url="http://example.org/ValueSet/two")
    reply = expand(client, one, one, two, status=400)
    text = issues(reply)[0][4]
    assert text.startswith("Found a circularity pointing to http://example.org/ValueSet/one|5 processing ValueSet with pathway [")


def test_a_diamond_is_no_circle(client: Client) -> None:
    base = value_set(is_a("arm"), url="http://example.org/ValueSet/base")
    left, right = (
        value_set({"valueSet": [base["url"]]}, url=f"http://example.org/ValueSet/{side}") for side in ("left", "right")
    )
    top = value_set({"valueSet": [left["url"]]}, {"valueSet": [right["url"]]})
    assert codes(expand(client, top, tx.code_system(), base, left, right)) == ["arm", "hand", "elbow"]


def test_a_ready_made_expansion_is_taken_as_it_is(client: Client) -> None:
    ready = {
        "resourceType": "ValueSet",
        "url": V,
        "status": "active",
        "expansion": {
            "timestamp": "2026-01-01T00:00:00Z",
            "contains": [{"system": S, "code": "x", "display": "X", "contains": [{"system": S, "code": "y"}]}],
        },
    }
    assert codes(expand(client, ready)) == ["x", "y"]
    assert codes(expand(client, value_set({"valueSet": [V]}, url="http://example.org/o"), tx.code_system(), ready)) == ["x", "y"]


def test_parameters_that_a_value_set_carries_hold_unless_the_request_says_otherwise(client: Client) -> None:
    carried = value_set(listed("trunk"))
    carried["compose"]["extension"] = [
        {
            "url": "http://hl7.org/fhir/tools/StructureDefinition/valueset-expansion-parameter",
            "extension": [{"url": "name", "valueCode": "displayLanguage"}, {"url": "value", "valueCode": "de"}],
        }
    ]
    assert members(expand(client, carried))[0]["display"] == "Rumpf"
    assert members(expand(client, carried, displayLanguage="en"))[0]["display"] == "Trunk"


def test_the_language_of_a_value_set_is_the_one_of_its_displays(client: Client) -> None:
    reply = expand(client, value_set(listed("trunk")) | {"language": "de"})
    assert (members(reply)[0]["display"], said(reply)["displayLanguage"]) == ("Rumpf", ["de"])


def test_a_code_system_can_be_left_out(client: Client) -> None:
    flat = tx.code_system(tx.FLAT, concept("x", "X"))
    set_ = value_set({"system": S, "concept": [{"code": "arm"}]}, {"system": tx.FLAT})
    reply = expand(client, set_, tx.code_system(), flat, exclude_system=S)
    assert codes(reply) == ["x"]
    assert said(reply)["exclude-system"] == [S]


@pytest.mark.parametrize(
    ("given", "status", "text"),
    [
        ({}, 400, "Must provide either a ValueSet resource or a url parameter"),
        ({"url": "http://example.org/none"}, 404, "A definition for the value Set 'http://example.org/none' could not be found"),
        ({"url": "http://example.org/none", "valueSetVersion": "3"}, 404, "'http://example.org/none|3'"),
        ({"url": V, "context": "Patient.gender"}, 400, "name the value set itself"),
        ({"url": V, "count": -1}, 400, "whole number"),
        ({"url": V, "system_version": "http://example.org/x"}, 400, "canonical with a version"),
        ({"url": V, "displayLanguage": "not a language"}, 400, "Invalid displayLanguage: 'not a language'"),
        ({"url": V, "colour": "red"}, 400, "colour"),
    ],
    ids=str,
)
def test_a_request_that_cannot_be_answered_is_told_why(client: Client, given: dict, status: int, text: str) -> None:
    reply = tx.ask(client, "ValueSet/$expand", status=status, **given)
    assert text in issues(reply)[0][4]


def test_an_instance_that_is_not_held_is_404(client: Client) -> None:
    client.ask(f"{client.base}/ValueSet/none-at-all/$expand", status=404)
