"""Several versions of code systems and value sets side by side: which one answers, and what is said where they differ."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web import tx
from tests.web.client import Client
from tests.web.tx import S, check, code_system, codes, concept, expand, in_system, issues, listed, members, said, value_set

ONE = code_system(S, concept("a", "First"), concept("old", "Old"), version="1.0.0")
TWO = code_system(S, concept("a", "Second"), concept("new", "New"), version="1.2.0")
BOTH = (ONE, TWO)


def including(version: str) -> dict[str, Any]:
    return value_set({"system": S} | ({"version": version} if version else {}))


def a(version: str = "") -> dict[str, str]:
    return {"system": S, "code": "a"} | ({"version": version} if version else {})


@pytest.mark.parametrize(
    ("include", "coded", "answered"),
    [
        ("", "", "1.2.0"),
        ("", "1.0.0", "1.0.0"),
        ("", "1.x.x", "1.2.0"),
        ("1.0.0", "", "1.0.0"),
        ("1.0.0", "1.0.0", "1.0.0"),
        ("1.0.0", "1.x.x", "1.0.0"),
        ("1.x.x", "", "1.2.0"),
        ("1.x.x", "1.0.0", "1.0.0"),
        ("1.0.x", "", "1.0.0"),
    ],
)
def test_a_version_is_chosen_silently_where_nothing_contradicts(client: Client, include: str, coded: str, answered: str) -> None:
    reply = check(client, including(include), *BOTH, coding=a(coded))
    assert reply.value("result") is True
    assert reply.value("version") == answered
    assert reply.value("display") == ("First" if answered == "1.0.0" else "Second")
    assert issues(reply) == []


def test_the_versions_of_value_set_and_coding_may_not_contradict(client: Client) -> None:
    reply = check(client, including("1.0.0"), *BOTH, coding=a("1.2.0"))
    text = f"The code system '{S}' version '1.0.0' in the ValueSet include is different to the one in the value ('1.2.0')"
    assert issues(reply) == [("error", "invalid", "vs-invalid", "Coding.version", text)]
    assert (reply.value("result"), reply.value("message"), reply.value("version")) == (False, text, "1.0.0")


@pytest.mark.parametrize("needed", [True, False])
def test_a_coding_of_a_version_that_is_not_held_is_held_to_the_one_that_is(client: Client, needed: bool) -> None:
    brought = [each | {"versionNeeded": needed} for each in BOTH]
    reply = check(client, including(""), *brought, coding=a("2.0.0"))
    differs = (
        f"The code system '{S}' version '1.2.0' for the versionless include in the ValueSet include is different to the one in"
        " the value ('2.0.0')"
    )
    unknown = (
        f"A definition for CodeSystem '{S}' version '2.0.0' could not be found, so the code cannot be validated. Valid versions:"
        " 1.0.0 or 1.2.0"
    )
    assert issues(reply) == [
        ("error" if needed else "warning", "invalid", "vs-invalid", "Coding.version", differs),
        ("error", "not-found", "not-found", "Coding.system", unknown),
    ]
    assert reply.value("result") is False
    assert reply.value("x-caused-by-unknown-system") == f"{S}|2.0.0"


def test_three_versions_are_listed_with_commas(client: Client) -> None:
    third = code_system(S, concept("a", "Third"), version="2.0.0")
    reply = check(client, including("9.9.9"), *BOTH, third, coding=a())
    assert issues(reply)[0][4].endswith("Valid versions: 1.0.0, 1.2.0 and 2.0.0")


def test_a_system_without_any_version_is_said_to_have_none(client: Client) -> None:
    reply = check(
        client,
        value_set({"system": "http://example.org/x", "version": "1"}),
        coding={"system": "http://example.org/x", "code": "a"},
    )
    assert issues(reply)[0][4].endswith("No versions of this code system are known")


@pytest.mark.parametrize(
    ("include", "parameter", "wanted", "answered"),
    [
        ("", "system_version", "1.0.0", "1.0.0"),
        ("1.2.0", "system_version", "1.0.0", "1.2.0"),
        ("", "force_system_version", "1.0.0", "1.0.0"),
        ("1.2.0", "force_system_version", "1.0.0", "1.0.0"),
        ("", "check_system_version", "1.0.0", "1.0.0"),
        ("1.2.0", "check_system_version", "1.x.x", "1.2.0"),
        ("", "system_version", "1.x.x", "1.2.0"),
    ],
)
def test_a_request_decides_about_versions(client: Client, include: str, parameter: str, wanted: str, answered: str) -> None:
    rule = {parameter: f"{S}|{wanted}"}
    reply = check(client, including(include), *BOTH, coding=a(), **rule)
    assert (reply.value("result"), reply.value("version")) == (True, answered)
    reply = expand(client, including(include), *BOTH, **rule)
    assert said(reply)["used-codesystem"] == [f"{S}|{answered}"]
    name = parameter.replace("_", "-")
    decided = parameter.startswith("force") or not include
    assert said(reply).get(name, []) == ([f"{S}|{wanted}"] if decided else [])


def test_a_version_that_fails_the_check_of_the_request_is_an_error(client: Client) -> None:
    text = f"The version '1.2.0' is not allowed for system '{S}': required to be '1.0.0' by a version-check parameter"
    reply = check(client, including("1.2.0"), *BOTH, coding=a(), check_system_version=f"{S}|1.0.0")
    assert issues(reply) == [("error", "exception", "version-error", "", text)]
    assert reply.value("result") is False
    reply = expand(client, including("1.2.0"), *BOTH, check_system_version=f"{S}|1.0.0", status=400)
    assert issues(reply)[0][4] == text


def test_a_forced_version_that_differs_from_the_coding_says_so(client: Client) -> None:
    reply = check(client, including("1.2.0"), *BOTH, coding=a("1.2.0"), force_system_version=f"{S}|1.0.0")
    assert issues(reply)[0][4] == (
        f"The code system '{S}' version '1.0.0' resulting from the version '1.2.0' in the ValueSet include is different to the"
        " one in the value ('1.2.0')"
    )


def test_a_request_that_contradicts_itself_is_refused(client: Client) -> None:
    reply = expand(client, including(""), *BOTH, force_system_version=[f"{S}|1.0.0", f"{S}|1.2.0"], status=400)
    assert issues(reply)[0][4] == f"Multiple version overrides found for system {S}: '1.0.0', '1.2.0');"


def test_a_value_set_of_two_versions_tells_its_members_apart(client: Client) -> None:
    set_ = value_set({"system": S, "version": "1.0.0"}, {"system": S, "version": "1.2.0"})
    rows = [(each["version"], each["code"]) for each in members(expand(client, set_, *BOTH))]
    assert rows == [("1.2.0", "a"), ("1.2.0", "new"), ("1.0.0", "a"), ("1.0.0", "old")]
    assert check(client, set_, *BOTH, coding={"system": S, "code": "old"}).value("version") == "1.0.0"
    assert check(client, set_, *BOTH, coding={"system": S, "code": "new"}).value("version") == "1.2.0"
    assert check(client, set_, *BOTH, coding=a()).value("version") == "1.2.0"
    assert check(client, set_, *BOTH, coding=a("1.0.0")).value("display") == "First"


def test_another_version_can_be_excluded(client: Client) -> None:
    set_ = value_set({"system": S, "version": "1.2.0"}, exclude=[{"system": S, "version": "1.0.0"}])
    reply = expand(client, set_, *BOTH)
    assert (codes(reply), said(reply)["versionsMatch"]) == (["new"], [True])
    same = value_set({"system": S, "version": "1.2.0"}, exclude=[listed("a", version="1.2.0")])
    assert codes(expand(client, same, *BOTH)) == ["new"]


def test_a_code_system_is_validated_in_the_version_named(client: Client) -> None:
    assert in_system(client, *BOTH, coding=a()).value("version") == "1.2.0"
    assert in_system(client, *BOTH, coding=a("1.0.0")).value("display") == "First"
    assert in_system(client, *BOTH, code="a", url=S, version="1.0.x").value("display") == "First"
    assert in_system(client, *BOTH, code="a", url=S, system_version=f"{S}|1.0.0").value("display") == "First"
    reply = in_system(client, *BOTH, code="a", url=S, version="1.2.0", check_system_version=f"{S}|1.0.0")
    assert issues(reply)[0][2] == "version-error"


SETS = tuple(
    value_set(listed(code), url="http://example.org/ValueSet/inner", version=version)
    for code, version in (("old", "1"), ("a", "2"))
)
OUTER = value_set({"valueSet": ["http://example.org/ValueSet/inner"]}, url="http://example.org/outer")


def test_the_newest_value_set_is_included_unless_a_version_is_asked_for(client: Client) -> None:
    brought = (ONE, *SETS)
    assert codes(expand(client, OUTER, *brought)) == ["a"]
    rule = "http://example.org/ValueSet/inner|1"
    reply = expand(client, OUTER, *brought, default_valueset_version=rule)
    assert codes(reply) == ["old"]
    assert said(reply)["used-valueset"] == [rule]
    assert said(reply)["default-valueset-version"] == [rule]
    assert (
        check(client, OUTER, *brought, coding={"system": S, "code": "old"}, default_valueset_version=rule).value("result") is True
    )
    pinned = value_set({"valueSet": ["http://example.org/ValueSet/inner|2"]}, url="http://example.org/outer")
    assert codes(expand(client, pinned, *brought, default_valueset_version=rule)) == ["a"]


def test_a_value_set_is_named_with_its_version(client: Client) -> None:
    for given in (
        {"url": "http://example.org/ValueSet/inner|1"},
        {"url": "http://example.org/ValueSet/inner", "valueSetVersion": "1"},
        {"url": "http://example.org/ValueSet/inner", "default_valueset_version": "http://example.org/ValueSet/inner|1"},
    ):
        assert codes(tx.ask(client, "ValueSet/$expand", ONE, *SETS, **given)) == ["old"]


def test_icd10cm_is_one_of_the_systems(client: Client) -> None:
    from icdref.codes import ICD10CM

    set_ = value_set({"system": ICD10CM, "version": "2026", "concept": [{"code": "M61.051"}]})
    reply = check(client, set_, coding={"system": "urn:oid:2.16.840.1.113883.6.90", "code": "m61051"})
    assert (reply.value("result"), reply.value("normalized-code"), reply.value("version")) == (True, "M61.051", "2026-04-01")
