"""ValueSet/$validate-code and CodeSystem/$validate-code over what a request brings: results, issues and their words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web import tx
from tests.web.client import Client, Reply
from tests.web.tx import S, V, check, concept, in_system, is_a, issues, listed, value_set

HAND = {"system": S, "code": "hand"}
NOT_IN = "The provided code '{}' was not found in the value set '" + V + "|5'"
UNKNOWN = f"Unknown code '{{}}' in the CodeSystem '{S}' version '1.0.0'"


def result(reply: Reply) -> bool:
    found = reply.value("result")
    assert isinstance(found, bool)
    return found


def test_a_member_is_valid_however_it_is_sent(both: Client) -> None:
    for given in ({"code": "hand", "system": S}, {"coding": HAND}, {"codeableConcept": {"coding": [HAND]}}):
        reply = check(both, value_set(), **given)
        assert result(reply)
        assert [reply.value(name) for name in ("code", "system", "version", "display")] == ["hand", S, "1.0.0", "Hand"]
        assert reply.value("issues") is None
        assert reply.value("message") is None


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"code": "x", "system": S}, ""),
        ({"coding": {"system": S, "code": "x"}}, "Coding."),
        ({"codeableConcept": {"coding": [{"system": S, "code": "x"}]}}, "CodeableConcept.coding[0]."),
    ],
    ids=["code", "coding", "codeableConcept"],
)
def test_an_unknown_code_is_unknown_and_not_in_the_value_set(client: Client, given: dict[str, Any], path: str) -> None:
    reply = check(client, value_set(), **given)
    assert not result(reply)
    found = issues(reply)
    assert ("error", "code-invalid", "invalid-code", f"{path}code", UNKNOWN.format("x")) in found
    if path.startswith("CodeableConcept"):
        assert ("error", "code-invalid", "not-in-vs", "", f"No valid coding was found for the value set '{V}|5'") in found
        assert ("information", "code-invalid", "this-code-not-in-vs", f"{path}code", NOT_IN.format(f"{S}#x")) in found
        assert reply.value("codeableConcept") == given["codeableConcept"]
        assert reply.value("code") is None
    else:
        assert ("error", "code-invalid", "not-in-vs", f"{path}code", NOT_IN.format(f"{S}#x")) in found
        assert reply.value("code") == "x"
    errors = sorted(text for severity, *_, text in found if severity == "error")
    assert reply.value("message") == "; ".join(errors)


def test_issues_carry_the_id_of_their_message_and_no_key_of_ours(client: Client) -> None:
    for issue in check(client, value_set(), coding={"system": S, "code": "x"}).value("issues")["issue"]:
        assert issue["extension"][0]["url"] == "http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id"
        assert [each["system"] for each in issue["details"]["coding"]] == ["http://hl7.org/fhir/tools/CodeSystem/tx-issue-type"]


def test_a_known_code_outside_the_value_set_is_only_that(client: Client) -> None:
    reply = check(client, value_set(is_a("arm")), coding={"system": S, "code": "hip", "display": "Hip"})
    text = f"The provided code '{S}#hip ('Hip')' was not found in the value set '{V}|5'"
    assert issues(reply) == [("error", "code-invalid", "not-in-vs", "Coding.code", text)]


def test_one_right_coding_makes_a_concept_valid_and_the_others_are_remarked_on(client: Client) -> None:
    value = {"coding": [{"system": S, "code": "hip"}, HAND], "text": "the hand"}
    reply = check(client, value_set(is_a("arm")), codeableConcept=value)
    assert result(reply)
    assert reply.value("code") == "hand"
    assert ("information", "code-invalid", "this-code-not-in-vs", "CodeableConcept.coding[0].code") in [
        i[:4] for i in issues(reply)
    ]
    assert reply.value("codeableConcept")["text"] == "the hand"


@pytest.mark.parametrize("count", [1, 2])
def test_a_wrong_display_is_an_error_and_lenient_a_warning(client: Client, count: int) -> None:
    code = "elbow" if count == 1 else "hand"
    valid = "'Elbow' (en)" if count == 1 else "one of 2 choices: 'Hand' (en) or 'Hand (de)' (de)"
    text = f"Wrong Display Name 'Foot' for {S}#{code}. Valid display is {valid} (for the language(s) '--')"
    coding = {"system": S, "code": code, "display": "Foot"}
    reply = check(client, value_set(), coding=coding)
    assert issues(reply) == [("error", "invalid", "invalid-display", "Coding.display", text)]
    assert (result(reply), reply.value("message")) == (False, text)
    reply = check(client, value_set(), coding=coding, lenient_display_validation=True)
    assert issues(reply) == [("warning", "invalid", "invalid-display", "Coding.display", text)]
    assert (result(reply), reply.value("message")) == (True, text)


@pytest.mark.parametrize(
    ("display", "language", "severity", "text"),
    [
        ("Hand", "en", "", ""),
        ("HAND", "en", "", ""),
        ("Hand (de)", "de", "", ""),
        (
            "Hand",
            "de",
            "error",
            "Wrong Display Name 'Hand' for {}#hand. Valid display is 'Hand (de)' (de) (for the language(s) 'de')",
        ),
        (
            "Hand",
            "fr",
            "information",
            "There are no valid display names found for the code {}#hand for language(s) 'fr'. The display is 'Hand' which is a"
            " valid display for the default language",
        ),
        (
            "Main",
            "fr",
            "error",
            "Wrong Display Name 'Main' for {}#hand. There are no valid display names found for language(s) 'fr'. Default display"
            " is 'Hand'",
        ),
        ("Hand (de)", "de, en", "", ""),
    ],
)
def test_a_display_is_held_to_the_languages_asked_for(
    client: Client, display: str, language: str, severity: str, text: str
) -> None:
    reply = check(client, value_set(), coding=HAND | {"display": display}, displayLanguage=language)
    assert [(each[0], each[4]) for each in issues(reply)] == ([(severity, text.format(S))] if severity else [])
    assert result(reply) is (severity != "error")


def test_blanks_in_a_display_are_named_as_such(client: Client) -> None:
    reply = check(client, value_set(), coding={"system": S, "code": "elbow", "display": " Elbow "})
    assert issues(reply)[0][4].startswith(
        f"Wrong whitespace in Display Name ' Elbow ' for {S}#elbow. Valid display is 'Elbow' (en)"
    )


def test_a_concept_without_any_display_cannot_be_checked(client: Client) -> None:
    made = tx.code_system(S, concept("a"))
    reply = check(client, value_set(), made, coding={"system": S, "code": "a", "display": "A"})
    assert result(reply)


def test_the_display_of_the_answer_is_in_the_language_asked_for(client: Client) -> None:
    assert check(client, value_set(), code="trunk", system=S, displayLanguage="de").value("display") == "Rumpf"
    assert check(client, value_set(), code="trunk", system=S, displayLanguage="fr").value("display") == "Trunk"


def test_an_inactive_code_is_a_member_with_a_warning_unless_it_is_ruled_out(client: Client) -> None:
    warning = "The concept 'knee' has a status of retired and inactive and its use should be reviewed"
    reply = check(client, value_set(), coding={"system": S, "code": "knee"})
    assert (result(reply), reply.value("inactive"), reply.value("status")) == (True, True, "retired")
    assert issues(reply) == [("warning", "business-rule", "code-comment", "Coding", warning)]
    for given in ({"activeOnly": True}, {}):
        set_ = value_set() if given else value_set(inactive=False)
        reply = check(client, set_, coding={"system": S, "code": "knee"}, **given)
        assert not result(reply)
        assert ("error", "business-rule", "code-rule", "Coding.code", "The concept 'knee' is valid but is not active") in issues(
            reply
        )


def test_a_deprecated_code_is_warned_of(client: Client) -> None:
    reply = check(client, value_set(), code="hip", system=S)
    assert (result(reply), reply.value("status"), reply.value("inactive")) == (True, "deprecated", None)
    assert issues(reply)[0][4] == "The concept 'hip' is deprecated and its use should be reviewed"


def test_a_grouper_is_refused_only_where_the_request_says_so(client: Client) -> None:
    limb = {"system": S, "code": "limb"}
    assert result(check(client, value_set(), coding=limb))
    assert result(check(client, value_set(), coding=limb, abstract=True))
    reply = check(client, value_set(), coding=limb, abstract=False)
    assert not result(reply)
    assert issues(reply)[0] == (
        *("error", "business-rule", "code-rule", "Coding.code"),
        f"Code '{S}#limb' is abstract, and not allowed in this context",
    )


@pytest.mark.parametrize("code", ["abstract", "not-selectable", "grouper"])
def test_a_grouper_is_known_by_what_its_property_means(client: Client, code: str) -> None:
    uri = "http://hl7.org/fhir/concept-properties#notSelectable" if code == "grouper" else "http://example.org/x"
    made = tx.code_system(S, concept("a", "A", **{code: True}), concept("b", "B", **{code: False}))
    made["property"] = [{"code": code, "uri": uri, "type": "boolean"}]
    assert not result(check(client, value_set(), made, code="a", system=S, abstract=False))
    assert result(check(client, value_set(), made, code="b", system=S, abstract=False))


def test_an_unknown_system_is_named(client: Client) -> None:
    text = "A definition for CodeSystem 'http://example.org/x' could not be found, so the code cannot be validated"
    reply = check(client, value_set(), coding={"system": "http://example.org/x", "code": "1"})
    assert ("error", "not-found", "not-found", "Coding.system", text) in issues(reply)
    assert reply.value("x-unknown-system") == "http://example.org/x"
    included = value_set({"system": "http://example.org/x"})
    reply = check(client, included, coding={"system": "http://example.org/x", "code": "1"})
    assert issues(reply) == [("error", "not-found", "not-found", "Coding.system", text)]
    assert (result(reply), reply.value("x-caused-by-unknown-system")) == (False, "http://example.org/x")


def test_a_coding_that_cannot_be_checked_does_not_spoil_a_valid_concept(client: Client) -> None:
    value = {"coding": [{"system": "http://example.org/x", "code": "1"}, HAND]}
    reply = check(client, value_set(), codeableConcept=value)
    assert result(reply)
    (severity, _, tx_type, path, text) = issues(reply)[1]
    assert (severity, tx_type, path) == ("warning", "not-found", "CodeableConcept.coding[0].system")
    assert text.startswith("A definition for the code system 'http://example.org/x' could not be found, so this coding was not")


@pytest.mark.parametrize(
    ("coding", "tx_type", "path", "text"),
    [
        ({"code": "hand"}, "invalid-data", "Coding", "Coding has no system. A code with no system has no defined meaning"),
        ({"system": S}, "invalid-data", "Coding", f"Coding has no code for system {S} and cannot be validated"),
        ({"display": "x"}, "invalid-data", "Coding", "Coding has neither a system nor a code, so it cannot be validated."),
        ({"system": "sites", "code": "x"}, "invalid-data", "Coding.system", "Coding.system must be an absolute reference"),
        (
            {"system": V, "code": "x"},
            "invalid-data",
            "Coding.system",
            f"The Coding references a value set, not a code system ('{V}')",
        ),
    ],
)
def test_a_coding_that_makes_no_sense_is_told_why(
    client: Client, coding: dict[str, str], tx_type: str, path: str, text: str
) -> None:
    reply = check(client, value_set(), coding=coding)
    assert not result(reply)
    assert [each for each in issues(reply) if each[2] == tx_type and each[3] == path and each[4].startswith(text)]


def test_a_supplement_is_no_system(client: Client) -> None:
    extra = tx.code_system("http://example.org/extra", concept("hand", "Paw"), content="supplement", supplements=S)
    reply = check(client, value_set(), tx.code_system(), extra, coding={"system": "http://example.org/extra", "code": "hand"})
    text = "CodeSystem http://example.org/extra|1.0.0 is a supplement, so can't be used as a value in Coding.system"
    assert text in [each[4] for each in issues(reply)]


def test_the_system_of_a_bare_code_is_inferred(client: Client) -> None:
    for include in ({"system": S}, is_a("arm"), listed("hand")):
        reply = check(client, value_set(include), code="hand", inferSystem=True)
        assert (result(reply), reply.value("system")) == (True, S)
    nested = value_set({"valueSet": [V]}, url="http://example.org/outer")
    assert result(check(client, nested, tx.code_system(), value_set(), code="hand", inferSystem=True))


def test_a_system_that_cannot_be_inferred_is_an_error(client: Client) -> None:
    reply = check(client, value_set(), code="x", inferSystem=True)
    text = f"The System URI could not be determined for the code 'x' in the ValueSet '{V}|5'"
    assert ("error", "not-found", "cannot-infer", "code", text) in issues(reply)
    flat = tx.code_system(tx.FLAT, concept("hand", "Hand of cards"))
    two = value_set({"system": S}, {"system": tx.FLAT})
    reply = check(client, two, tx.code_system(), flat, code="hand", inferSystem=True)
    assert issues(reply)[0][4].endswith(f"value set expansion has multiple matches: {S},{tx.FLAT}")


def test_membership_alone_says_nothing_about_the_code(client: Client) -> None:
    for code in ("hip", "x"):
        reply = check(client, value_set(is_a("arm")), coding={"system": S, "code": code}, valueset_membership_only=True)
        assert [each[2] for each in issues(reply)] == ["not-in-vs"]


def test_case_matters_only_where_the_code_system_says_so(client: Client) -> None:
    reply = check(client, value_set(), coding={"system": S, "code": "HAND"})
    assert not result(reply)
    for made in (
        tx.code_system() | {"caseSensitive": False},
        {k: v for k, v in tx.code_system().items() if k != "caseSensitive"},
    ):
        reply = check(client, value_set(), made, coding={"system": S, "code": "HAND"})
        assert (result(reply), reply.value("normalized-code"), reply.value("code")) == (True, "hand", "HAND")
        assert issues(reply) == [
            (
                *("information", "business-rule", "code-rule", "Coding.code"),
                f"The code 'HAND' differs from the correct code 'hand' by case. Although the code system '{S}|1.0.0' is case"
                " insensitive, implementers are strongly encouraged to use the correct case anyway",
            )
        ]


def test_a_code_that_a_fragment_lacks_may_be_right(client: Client) -> None:
    made = tx.code_system() | {"content": "fragment"}
    reply = check(client, value_set(), made, coding={"system": S, "code": "x"})
    assert result(reply)
    assert issues(reply) == [
        (
            *("warning", "code-invalid", "invalid-code", "Coding.code"),
            f"Unknown Code 'x' in the CodeSystem '{S}' version '1.0.0' - note that the code system is labeled as a fragment, so"
            " the code may be valid in some other fragment",
        )
    ]
    assert not result(check(client, value_set(listed("hand")), made, coding={"system": S, "code": "x"}))


def test_a_code_system_without_content_is_not_held(client: Client) -> None:
    for content in ("not-present", "example"):
        reply = check(client, value_set(), tx.code_system() | {"content": content}, coding=HAND)
        assert issues(reply)[0][2] == "not-found"


def test_excluded_codes_are_not_in(client: Client) -> None:
    set_ = value_set(exclude=[is_a("arm")])
    assert not result(check(client, set_, coding=HAND))
    assert result(check(client, set_, coding={"system": S, "code": "hip"}))


def test_included_value_sets_are_asked(client: Client) -> None:
    arm = value_set(is_a("arm"), url="http://example.org/ValueSet/arm")
    outer = value_set({"valueSet": [arm["url"]]}, url="http://example.org/outer")
    assert result(check(client, outer, tx.code_system(), arm, coding=HAND))
    assert not result(check(client, outer, tx.code_system(), arm, coding={"system": S, "code": "hip"}))
    both = value_set({"system": S, "valueSet": [arm["url"]]}, url="http://example.org/outer")
    assert result(check(client, both, tx.code_system(), arm, coding=HAND))
    assert not result(check(client, both, tx.code_system(), arm, coding={"system": S, "code": "hip"}))


def test_an_included_value_set_that_is_not_held_is_an_answer(client: Client) -> None:
    reply = check(client, value_set({"valueSet": ["http://example.org/no"]}), coding=HAND)
    text = "A definition for the value Set 'http://example.org/no' could not be found"
    assert (result(reply), reply.value("message")) == (False, text)
    assert issues(reply) == [("error", "not-found", "not-found", "", text)]
    assert (reply.value("code"), reply.value("system"), reply.value("version")) == ("hand", S, "1.0.0")


def test_a_value_set_marks_codes_of_its_own(client: Client) -> None:
    include = {"system": S, "concept": [{"code": "hand", "extension": [tx.standards("deprecated")]}]}
    reply = check(client, value_set(include), coding=HAND)
    assert issues(reply)[0][4] == (
        f"The presence of the concept 'hand' in the system '{S}' in the value set {V}|5 is marked with a status of deprecated and"
        " its use should be reviewed"
    )


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ({"status": "draft"}, f"Reference to draft CodeSystem {S}|1.0.0 from active ValueSet {V}|5"),
        ({"status": "retired"}, f"Reference to retired CodeSystem {S}|1.0.0"),
        ({"experimental": True}, f"Reference to experimental CodeSystem {S}|1.0.0"),
        ({"extension": [tx.standards("deprecated")]}, f"Reference to deprecated CodeSystem {S}|1.0.0"),
        ({"extension": [tx.standards("withdrawn")]}, f"Reference to withdrawn CodeSystem {S}|1.0.0"),
    ],
    ids=str,
)
def test_the_state_of_what_is_used_is_remarked_on(client: Client, header: dict[str, Any], text: str) -> None:
    reply = check(client, value_set(), tx.code_system() | header, coding=HAND)
    assert result(reply)
    assert issues(reply) == [("information", "business-rule", "status-check", "", text)]


def test_a_display_out_of_use_is_told(client: Client) -> None:
    made = tx.code_system(S, concept("a", "A"))
    made["concept"][0]["designation"] = [{"language": "en", "value": "Old A", "extension": [tx.standards("withdrawn")]}]
    reply = check(client, value_set(), made, coding={"system": S, "code": "a", "display": "Old A"})
    assert issues(reply)[0][4] == (
        "'Old A' is no longer considered a correct display for code 'a' (status = withdrawn). The correct display is 'A'"
    )


def test_a_code_system_validates_by_itself(both: Client) -> None:
    reply = in_system(both, coding=HAND)
    assert (result(reply), reply.value("display"), reply.value("version")) == (True, "Hand", "1.0.0")
    reply = in_system(both, code="x", url=S)
    assert issues(reply) == [("error", "code-invalid", "invalid-code", "code", UNKNOWN.format("x"))]
    assert reply.value("message") == UNKNOWN.format("x")
    reply = in_system(both, coding={"system": "http://example.org/x", "code": "1"})
    assert (result(reply), reply.value("x-caused-by-unknown-system")) == (False, "http://example.org/x")
    reply = in_system(both, codeSystem=tx.code_system(), code="hand")
    assert result(reply)


def test_a_code_system_of_a_version_that_is_not_held_names_those_that_are(client: Client) -> None:
    reply = in_system(client, coding=HAND | {"version": "3"})
    text = f"A definition for CodeSystem '{S}' version '3' could not be found, so the code cannot be validated. Valid versions: 1.0.0"
    assert issues(reply) == [("error", "not-found", "not-found", "Coding.system", text)]
    assert reply.value("x-caused-by-unknown-system") == f"{S}|3"


@pytest.mark.parametrize("given", [{}, {"code": "hand"}, {"system": S}], ids=str)
def test_a_request_without_anything_to_validate_is_refused(client: Client, given: dict[str, str]) -> None:
    reply = check(client, value_set(), status=400, **given)
    assert issues(reply)[0][4].startswith("Unable to find code to validate")


def test_a_value_set_that_is_not_held_is_404(client: Client) -> None:
    reply = tx.ask(client, "ValueSet/$validate-code", status=404, url="http://example.org/no", coding=HAND)
    assert issues(reply)[0][4] == "A definition for the value Set 'http://example.org/no' could not be found"


def test_a_circle_is_refused(client: Client) -> None:
    one = value_set({"valueSet": ["http://example.org/two"]}, url="http://example.org/one")
    two = value_set({"valueSet": ["http://example.org/one"]}, url="http://example.org/two")
    reply = check(client, one, one, two, coding=HAND, status=400)
    assert issues(reply)[0][4].startswith("Found a circularity pointing to http://example.org/one|5")


@pytest.mark.parametrize("language", ["xx", "en-US, zz", "!!"])
def test_a_language_that_there_is_none_of_is_refused(client: Client, language: str) -> None:
    reply = check(client, value_set(), coding=HAND, displayLanguage=language, status=400)
    assert issues(reply)[0][4] == f"Invalid displayLanguage: '{language}'"


def test_a_version_that_a_check_asks_for_and_nobody_holds_is_said_once(client: Client) -> None:
    reply = check(client, value_set(), coding=HAND, **{"check-system-version": f"{S}|2.0"})
    assert not result(reply)
    text = f"A definition for CodeSystem '{S}' version '2.0' could not be found, so the code cannot be validated."
    assert [issue[4] for issue in issues(reply)] == [f"{text} Valid versions: 1.0.0"]


def test_older_clients_ask_for_leniency_and_membership_as_modes(client: Client) -> None:
    reply = check(client, value_set(), coding=HAND | {"display": "Foot"}, mode="lenient-display-validation")
    assert result(reply)
    assert issues(reply)[0][0] == "warning"
    icd = {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M61.561", "display": "Foot"}
    assert in_system(client, coding=icd, mode="lenient-display-validation").value("result") is True
    assert in_system(client, coding=icd).value("result") is False
    for mode in ("CHECK_MEMBERSHIP_ONLY", "CHECK_MEMERSHIP_ONLY"):
        reply = check(client, value_set(listed("hand")), coding=HAND | {"code": "nope"}, valueSetMode=mode)
        assert [issue[2] for issue in issues(reply)] == ["not-in-vs"]


def test_a_validation_that_is_to_ignore_the_value_set_is_refused(client: Client) -> None:
    reply = check(client, value_set(listed("hand")), coding=HAND, valueSetMode="NO_MEMBERSHIP_CHECK", status=400)
    assert (reply.status, reply.json["issue"][0]["code"]) == (400, "not-supported")
    assert "'valueSetMode'" in reply.texts()
    assert check(client, value_set(listed("hand")), coding=HAND, valueSetMode="ALL_CHECKS").value("result") is True
