"""Which version answers where several would do: value sets by parameter, systems that are inferred, includes that disagree."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web import tx
from tests.web.client import Client
from tests.web.tx import S, check, code_system, codes, concept, expand, in_system, issues, listed, members, said, value_set

ONE = code_system(S, concept("a", "First"), concept("old", "Old"), version="1.0.0")
TWO = code_system(S, concept("a", "Second"), concept("new", "New"), version="1.2.0")
BOTH = (ONE, TWO)

INNER = "http://example.org/ValueSet/inner"
SETS = tuple(value_set(listed(code), url=INNER, version=version) for code, version in (("old", "1"), ("a", "2")))


def importing(reference: str) -> dict[str, Any]:
    return value_set({"valueSet": [reference]}, url="http://example.org/outer")


def coding(code: str, version: str = "") -> dict[str, str]:
    return {"system": S, "code": code} | ({"version": version} if version else {})


# --- value sets ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", [INNER, f"{INNER}|2", f"{INNER}|9"])
def test_a_forced_version_of_a_value_set_overrules_the_reference(both: Client, reference: str) -> None:
    rule = f"{INNER}|1"
    reply = expand(both, importing(reference), ONE, *SETS, force_valueset_version=rule)
    assert codes(reply) == ["old"]
    assert (said(reply)["used-valueset"], said(reply)["force-valueset-version"]) == ([rule], [rule])
    reply = check(both, importing(reference), ONE, *SETS, coding=coding("old"), force_valueset_version=rule)
    assert reply.value("result") is True


def test_a_default_version_of_a_value_set_gives_way_to_the_reference(both: Client) -> None:
    reply = expand(both, importing(f"{INNER}|2"), ONE, *SETS, default_valueset_version=f"{INNER}|1")
    assert codes(reply) == ["a"]
    assert "default-valueset-version" not in said(reply)


REFUSED = f"The version '2' is not allowed for system '{INNER}': required to be '1' by a version-check parameter"


def test_an_included_value_set_that_fails_the_check_of_the_request_is_an_error(both: Client) -> None:
    reply = expand(both, importing(f"{INNER}|2"), ONE, *SETS, check_valueset_version=f"{INNER}|1", status=400)
    assert issues(reply) == [("error", "exception", "version-error", "", REFUSED)]
    reply = check(both, importing(f"{INNER}|2"), ONE, *SETS, coding=coding("a"), check_valueset_version=f"{INNER}|1")
    assert (reply.value("result"), issues(reply)[0][4]) == (False, REFUSED)


def test_the_value_set_that_is_asked_for_has_to_pass_the_check_too(both: Client) -> None:
    given = {"url": INNER, "valueSetVersion": "2", "check_valueset_version": f"{INNER}|1"}
    assert issues(tx.ask(both, "ValueSet/$expand", ONE, *SETS, status=400, **given))[0][4] == REFUSED
    reply = tx.ask(both, "ValueSet/$validate-code", ONE, *SETS, coding=coding("a"), **given)
    assert (reply.value("result"), issues(reply)[0][4]) == (False, REFUSED)


def test_a_check_chooses_the_version_of_a_value_set_that_is_named_without_one(both: Client) -> None:
    reply = tx.ask(both, "ValueSet/$expand", ONE, *SETS, url=INNER, check_valueset_version=f"{INNER}|1")
    assert codes(reply) == ["old"]


# --- includes that disagree ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["", "1.2.0"])
def test_what_one_include_lacks_does_not_make_a_member_of_another_invalid(both: Client, version: str) -> None:
    set_ = value_set({"system": S, "version": "1.0.0"}, {"system": S})
    assert "new" in codes(expand(both, set_, *BOTH))
    reply = check(both, set_, *BOTH, coding=coding("new", version))
    assert (reply.value("result"), reply.value("version"), issues(reply)) == (True, "1.2.0", [])
    assert reply.value("message") is None


def test_what_an_included_value_set_lacks_does_not_make_a_member_of_another_invalid(both: Client) -> None:
    inner = value_set({"system": S, "version": "1.0.0"}, url=INNER)
    set_ = value_set({"valueSet": [INNER]}, {"system": S, "version": "1.2.0"})
    reply = check(both, set_, *BOTH, inner, coding=coding("new"))
    assert (reply.value("result"), reply.value("version"), issues(reply)) == (True, "1.2.0", [])


@pytest.mark.parametrize("references", [["unknown", "known"], ["known", "unknown"]])
def test_a_code_of_a_system_that_is_not_held_cannot_be_known_whatever_the_order(both: Client, references: list[str]) -> None:
    urls = {name: f"http://example.org/ValueSet/{name}" for name in references}
    sets = [value_set({"system": "http://example.org/x"}, url=urls["unknown"]), value_set({"system": S}, url=urls["known"])]
    set_ = value_set(*({"valueSet": [urls[name]]} for name in references))
    reply = check(both, set_, ONE, *sets, coding={"system": "http://example.org/x", "code": "a"})
    assert (reply.value("result"), reply.value("x-caused-by-unknown-system")) == (False, "http://example.org/x")
    assert [kind for _, _, kind, _, _ in issues(reply)] == ["not-found"]
    reply = check(both, set_, ONE, *sets, coding=coding("a"))
    assert (reply.value("result"), issues(reply)) == (True, [])


def test_a_code_that_no_include_has_is_reported_for_each(both: Client) -> None:
    set_ = value_set({"system": S, "version": "1.0.0"}, {"system": S})
    texts = [text for *_, text in issues(check(both, set_, *BOTH, coding=coding("none")))]
    assert texts[:2] == [f"Unknown code 'none' in the CodeSystem '{S}' version '{held}'" for held in ("1.0.0", "1.2.0")]


def test_a_version_that_fails_a_check_is_an_error_even_where_another_include_has_the_code(both: Client) -> None:
    set_ = value_set({"system": S, "version": "1.0.0"}, {"system": S})
    reply = check(both, set_, *BOTH, coding=coding("new", "1.2.0"), check_system_version=f"{S}|1.2.0")
    assert reply.value("result") is False
    assert [kind for _, _, kind, _, _ in issues(reply)] == ["version-error"]


@pytest.mark.parametrize(
    ("code", "version", "answered"),
    [
        ("a", "", "1.0.0"),
        ("a", "1.0.0", "1.0.0"),
        ("a", "1.0.x", "1.0.0"),
        ("a", "1.2.0", ""),
        ("new", "", "1.2.0"),
        ("new", "1.2.0", "1.2.0"),  # the expansion does not say which version it is of
        ("new", "1.0.0", ""),  # which has no such code
    ],
)
def test_a_coding_is_found_in_an_expansion_that_names_its_version_or_none(
    both: Client, code: str, version: str, answered: str
) -> None:
    rows = [{"system": S, "version": "1.0.0", "code": "a"}, {"system": S, "code": "new"}]
    set_ = {key: value for key, value in value_set().items() if key != "compose"}
    set_["expansion"] = {"timestamp": "2026-01-01", "contains": rows}
    reply = check(both, set_, *BOTH, coding=coding(code, version))
    assert reply.value("result") is bool(answered)
    if answered:
        assert (reply.value("version"), issues(reply)) == (answered, [])


def pinned(*versions: str) -> list[dict[str, Any]]:
    """Return a value set of all codes for each version of the sites."""
    return [value_set({"system": S, "version": each}, url=f"http://example.org/ValueSet/{each}") for each in versions]


@pytest.mark.parametrize("order", [("1.0.0", "1.2.0"), ("1.2.0", "1.0.0")])
@pytest.mark.parametrize(("version", "display"), [("1.0.0", "First"), ("1.2.0", "Second")])
def test_a_coding_is_held_to_the_included_value_set_of_its_version(
    both: Client, order: tuple[str, str], version: str, display: str
) -> None:
    set_ = value_set(*({"valueSet": [f"http://example.org/ValueSet/{each}"]} for each in order))
    reply = check(both, set_, *BOTH, *pinned(*order), coding=coding("a", version))
    assert (reply.value("result"), reply.value("version"), reply.value("display")) == (True, version, display)
    assert issues(reply) == []
    wrong = check(both, set_, *BOTH, *pinned(*order), coding=coding("a", version) | {"display": "Third"})
    assert [kind for _, _, kind, _, _ in issues(wrong)] == ["invalid-display"]
    assert f"Valid display is '{display}'" in issues(wrong)[0][4]


def test_a_coding_of_a_version_that_no_include_has_gets_the_first_answer(both: Client) -> None:
    set_ = value_set(*({"valueSet": [f"http://example.org/ValueSet/{each}"]} for each in ("1.0.0", "1.2.0")))
    third = code_system(S, concept("a", "Third"), version="2.0.0")
    reply = check(both, set_, *BOTH, third, *pinned("1.0.0", "1.2.0"), coding=coding("a", "2.0.0"))
    text = f"The code system '{S}' version '1.0.0' in the ValueSet include is different to the one in the value ('2.0.0')"
    assert issues(reply) == [("error", "invalid", "vs-invalid", "Coding.version", text)]
    assert (reply.value("result"), reply.value("version")) == (False, "1.0.0")


def test_a_wildcard_beside_a_version_is_the_newer_of_the_two(both: Client) -> None:
    set_ = value_set({"system": S, "version": "1.0.0"}, {"system": S, "version": "1.x.x"})
    rows = [(each["version"], each["code"]) for each in members(expand(both, set_, *BOTH))]
    assert rows == [("1.2.0", "a"), ("1.2.0", "new"), ("1.0.0", "a"), ("1.0.0", "old")]
    assert check(both, set_, *BOTH, coding=coding("a")).value("version") == "1.2.0"
    reply = check(both, set_, *BOTH, coding=coding("a", "1.2.0"))
    assert (reply.value("result"), issues(reply)) == (True, [])


# --- systems that are inferred ---------------------------------------------------------------------------------------


def test_a_system_is_inferred_from_the_version_that_is_included(both: Client) -> None:
    for include in ([{"system": S, "version": "1.0.0"}], [{"system": S, "version": each} for each in ("1.0.0", "1.2.0")]):
        reply = check(both, value_set(*include), *BOTH, code="old", inferSystem=True)
        assert (reply.value("result"), reply.value("system"), reply.value("version")) == (True, S, "1.0.0")


def test_a_code_that_the_included_version_lacks_is_reported_in_its_system(both: Client) -> None:
    reply = check(both, value_set({"system": S, "version": "1.0.0"}), *BOTH, code="new", inferSystem=True)
    assert issues(reply)[0][4] == f"Unknown code 'new' in the CodeSystem '{S}' version '1.0.0'"


# --- supplements -----------------------------------------------------------------------------------------------------

SUPPLEMENT = "http://example.org/CodeSystem/supplement"


def supplement(target: str, **more: Any) -> dict[str, Any]:
    """Return a supplement with a German word for a code of both versions."""
    added = {"code": "a", "designation": [{"language": "de", "value": "Erstes"}]}
    return code_system(SUPPLEMENT, added, content="supplement", supplements=target, language="de") | more


@pytest.mark.parametrize("include", ["", "1.2.0", "1.x.x"])
@pytest.mark.parametrize(("target", "fits"), [(S, True), (f"{S}|1.2.0", True), (f"{S}|1.x.x", True), (f"{S}|1.0.0", False)])
def test_a_supplement_is_used_on_the_version_that_it_is_made_for(both: Client, target: str, include: str, fits: bool) -> None:
    set_ = value_set({"system": S} | ({"version": include} if include else {}))
    given = {"useSupplement": SUPPLEMENT, "displayLanguage": "de"}
    reply = expand(both, set_, *BOTH, supplement(target), status=200 if fits else 422, **given)
    if fits:
        assert members(reply)[0]["display"] == "Erstes"
        assert said(reply)["used-supplement"] == [f"{SUPPLEMENT}|1.0.0"]
    else:
        assert issues(reply)[0][4] == f"Required supplement not found: {SUPPLEMENT}"


def test_a_language_pack_for_another_version_is_left_alone(both: Client) -> None:
    kind = {"url": "http://hl7.org/fhir/StructureDefinition/codesystem-supplement-type", "valueCode": "lang-pack"}
    pack = supplement(f"{S}|1.0.0", extension=[kind])
    for version, display in (("1.0.0", "Erstes"), ("1.2.0", "Second"), ("", "Second")):
        set_ = value_set({"system": S} | ({"version": version} if version else {}))
        assert members(expand(both, set_, *BOTH, pack, displayLanguage="de"))[0]["display"] == display


def test_a_supplement_with_a_version_is_used_on_a_code_system_without_one(both: Client) -> None:
    plain = {key: value for key, value in ONE.items() if key != "version"}
    reply = expand(
        both, value_set({"system": S}), plain, supplement(f"{S}|1.0.0"), useSupplement=SUPPLEMENT, displayLanguage="de"
    )
    assert members(reply)[0]["display"] == "Erstes"


def test_a_supplement_with_the_address_of_a_code_system_is_not_taken_for_it(both: Client) -> None:
    other = supplement(S, url=S, version="2.0.0")
    for brought in ((ONE, other), (other, ONE)):
        assert codes(expand(both, value_set({"system": S}), *brought)) == ["a", "old"]
        assert check(both, value_set({"system": S}), *brought, coding=coding("a")).value("version") == "1.0.0"
        assert in_system(both, *brought, coding=coding("a")).value("version") == "1.0.0"
        texts = [text for *_, text in issues(in_system(both, *brought, coding=coding("a", "2.0.0")))]
        assert texts[0].endswith("version '2.0.0' could not be found, so the code cannot be validated. Valid versions: 1.0.0")


def test_a_version_without_content_does_not_hide_an_older_one_that_has_it(both: Client) -> None:
    bare = {key: value for key, value in TWO.items() if key != "concept"} | {"content": "not-present"}
    for brought in ((ONE, bare), (bare, ONE)):
        assert said(expand(both, value_set({"system": S}), *brought))["used-codesystem"] == [f"{S}|1.0.0"]
        assert in_system(both, *brought, coding=coding("a")).value("result") is True
    assert in_system(both, ONE, bare, coding=coding("a", "1.2.0")).value("result") is False


# --- what a value set says itself ------------------------------------------------------------------------------------


def wanting(name: str, canonical: str, *include: dict[str, Any]) -> dict[str, Any]:
    """Return a value set that carries a parameter for its own expansion."""
    parts = [{"url": "name", "valueCode": name}, {"url": "value", "valueUri": canonical}]
    said_itself = {"url": "http://hl7.org/fhir/StructureDefinition/valueset-expansion-parameter", "extension": parts}
    made = value_set(*include, url="http://example.org/outer")
    return made | {"compose": made["compose"] | {"extension": [said_itself]}}


@pytest.mark.parametrize(("name", "include"), [("system-version", {}), ("force-system-version", {"version": "1.2.0"})])
def test_a_value_set_can_say_which_version_it_wants(both: Client, name: str, include: dict[str, str]) -> None:
    set_ = wanting(name, f"{S}|1.0.0", {"system": S, **include})
    reply = expand(both, set_, *BOTH)
    assert (codes(reply), said(reply)[name]) == (["a", "old"], [f"{S}|1.0.0"])
    reply = check(both, set_, *BOTH, coding=coding("old"))
    assert (reply.value("result"), reply.value("version")) == (True, "1.0.0")


def test_the_request_overrules_the_version_that_a_value_set_wants(both: Client) -> None:
    set_ = wanting("system-version", f"{S}|1.0.0", {"system": S})
    assert codes(expand(both, set_, *BOTH, system_version=f"{S}|1.2.0")) == ["a", "new"]


def test_a_value_set_can_say_which_version_of_another_it_wants_and_nobody_else_is_bound(both: Client) -> None:
    set_ = wanting("default-valueset-version", f"{INNER}|1", {"valueSet": [INNER]})
    assert codes(expand(both, set_, ONE, *SETS)) == ["old"]
    assert check(both, set_, ONE, *SETS, coding=coding("old")).value("result") is True
    around = value_set({"valueSet": ["http://example.org/outer"]}, {"valueSet": [INNER]}, url="http://example.org/around")
    assert codes(expand(both, around, ONE, set_, *SETS)) == ["old", "a"]
    assert check(both, around, ONE, set_, *SETS, coding=coding("a")).value("result") is True


# --- the newest ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("algorithm", "newest"),
    [("", "v9"), ("alpha", "v9"), ("natural", "v10")],
)
def test_the_algorithm_that_a_code_system_names_says_which_version_is_newest(both: Client, algorithm: str, newest: str) -> None:
    more = {"versionAlgorithmString": algorithm} if algorithm else {}
    brought = [code_system(S, concept("a", "A"), version=version, **more) for version in ("v10", "v9")]
    for order in (brought, brought[::-1]):
        assert said(expand(both, value_set({"system": S}), *order))["used-codesystem"] == [f"{S}|{newest}"]
