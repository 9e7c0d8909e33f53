"""CodeSystem/$validate-code over HTTP: the table of cases that clients compare, then the parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from icdref.codes import ICD10CM
from icdref.fhir.operations import VALIDATE_CODE
from icdref.issues import TX_ISSUE_TYPE
from tests.web.client import FHIR, Client, get_and_post
from tests.web.tx import shared_samples

RELEASE = "2026-04-01"
TITLE = "Other ossification of muscle, unspecified lower leg"
VALIDATIONS = "CodeSystem/$validate-code"


@dataclass(frozen=True)
class Case:
    """A row of the table: what is asked, the result, and the one issue (severity, code, tx-issue-type) with its text."""

    name: str
    asked: dict[str, Any]
    result: bool
    issue: tuple[str, str, str] | None = None
    text: str = ""
    expression: str = "code"
    more: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


CASES = (
    Case("right code", {"code": "M61.569"}, True, more={"display": TITLE, "inactive": False}),
    Case("right code and display", {"code": "M61.569", "display": TITLE}, True),
    Case(
        "unknown code",
        {"code": "M61.9X"},
        False,
        ("error", "code-invalid", "invalid-code"),
        f"Unknown code 'M61.9X' in the CodeSystem '{ICD10CM}' version '{RELEASE}'",
    ),
    Case("no code at all", {"code": "heart attack"}, False, ("error", "code-invalid", "invalid-code"), "does not have the shape"),
    Case(
        "wrong display",
        {"code": "M61.569", "display": "Flu"},
        False,
        ("error", "invalid", "invalid-display"),
        f"Wrong Display Name 'Flu' for {ICD10CM}#M61.569. Valid display is '{TITLE}' (en) (for the language(s) 'en')",
        "display",
    ),
    Case(
        "wrong display, lenient",
        {"code": "M61.569", "display": "Flu", "lenient_display_validation": True},
        True,
        ("warning", "invalid", "invalid-display"),
        "Wrong Display Name 'Flu'",
        "display",
    ),
    Case(
        "case differs",
        {"code": "m61.569"},
        True,
        ("information", "business-rule", "code-rule"),
        "The code 'm61.569' differs from the correct code 'M61.569' by case.",
        more={"code": "m61.569", "normalized-code": "M61.569"},
    ),
    Case(
        "dot missing",
        {"code": "M61569"},
        True,
        ("information", "business-rule", "code-rule"),
        "The code 'M61569' is written 'M61.569' in ICD-10-CM",
        more={"normalized-code": "M61.569"},
    ),
    Case(
        "blank at the end",
        {"code": "M61.00 "},
        True,
        ("information", "business-rule", "code-rule"),
        "'M61.00'",
        more={"code": "M61.00", "normalized-code": "M61.00"},
    ),
    Case(
        "header",
        {"code": "M61"},
        True,
        ("information", "business-rule", "code-comment"),
        "'M61' is a header and not billable; it has 154 billable codes below it",
    ),
    Case(
        "retired",
        {"code": "D69.1"},
        True,
        ("warning", "business-rule", "code-comment"),
        "The concept 'D69.1' has a status of retired and its use should be reviewed",
        more={"inactive": True, "status": "retired"},
    ),
    Case(
        "retired, only active ones wanted",
        {"code": "D69.1", "activeOnly": True},
        False,
        ("error", "business-rule", "code-rule"),
        "The concept 'D69.1' is valid but is not active",
        more={"inactive": True, "status": "retired"},
    ),
    Case(
        "retired later",
        {"code": "D69.1", "date": "2026-09-30", "activeOnly": True},
        True,
        more={"inactive": False, "status": None},
    ),
    Case("retired, the release pinned", {"code": "D69.1", "version": RELEASE}, True, more={"inactive": False}),
    Case(
        "chapter",
        {"code": "13"},
        False,
        ("error", "business-rule", "code-rule"),
        f"Code '{ICD10CM}#13' is abstract, and not allowed in this context",
    ),
    Case("block", {"code": "M60-M63"}, False, ("error", "business-rule", "code-rule"), f"Code '{ICD10CM}#M60-M63' is abstract"),
    Case("chapter, allowed", {"code": "13", "abstract": True}, True),
    Case("block, allowed", {"code": "m60-m63", "abstract": True}, True, ("information", "business-rule", "code-rule"), "M60-M63"),
    Case(
        "unknown system",
        {"code": "M61", "url": "http://loinc.org"},
        False,
        ("error", "not-found", "not-found"),
        "A definition for CodeSystem 'http://loinc.org' could not be found, so the code cannot be validated",
        "system",
        {"x-caused-by-unknown-system": "http://loinc.org", "display": None},
    ),
    Case(
        "system that is no URI",
        {"code": "M61", "url": "icd ten"},
        False,
        ("error", "not-found", "not-found"),
        "A definition for CodeSystem 'icd ten' could not be found",
        "system",
        {"system": None, "x-caused-by-unknown-system": None},
    ),
    Case(
        "unknown version",
        {"code": "M61", "version": "1999"},
        False,
        ("error", "not-found", "not-found"),
        f"A definition for CodeSystem '{ICD10CM}' version '1999' could not be found, so the code cannot be validated."
        f" Valid versions: {RELEASE}",
        "version",
    ),
    Case(
        "version with a line end, which must not reach a header",
        {"code": "M61", "version": "1999\r\nX-Evil: 1"},
        False,
        ("error", "not-found", "not-found"),
        r"'1999\r\nX-Evil: 1'",
        "version",
    ),
    Case(
        "next fiscal year",
        {"code": "C78.31"},
        True,
        ("warning", "informational", "code-comment"),
        "'C78.31' is a valid code from 2026-10-01, known from the validity table; its title is not in the installed releases",
        more={"display": None, "inactive": False},
    ),
    Case(
        "next fiscal year, too early",
        {"code": "C78.31", "date": "2026-09-30"},
        False,
        ("error", "code-invalid", "invalid-code"),
        f"'C78.31' is not a code in ICD-10-CM {RELEASE}; it is valid from 2026-10-01",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_of_the_table_gets_its_result_and_its_issue(client: Client, case: Case) -> None:
    reply = get_and_post(client, VALIDATIONS, **case.asked)
    assert reply.value("result") is case.result
    outcome = reply.value("issues")
    if case.issue is None:
        assert outcome is None
        assert reply.value("message") is None
    else:
        issue = outcome["issue"][0]
        codings = {coding["system"]: coding["code"] for coding in issue["details"]["coding"]}
        assert (issue["severity"], issue["code"], codings[TX_ISSUE_TYPE]) == case.issue
        assert case.text in issue["details"]["text"]
        assert issue["expression"] == [case.expression]
    for name, value in case.more.items():
        assert reply.value(name) == value, name


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_message_joins_the_errors_else_the_warnings(client: Client, case: Case) -> None:
    reply = client.validate(**case.asked)
    issues = (reply.value("issues") or {"issue": []})["issue"]
    errors = [issue["details"]["text"] for issue in issues if issue["severity"] == "error"]
    warnings = [issue["details"]["text"] for issue in issues if issue["severity"] == "warning"]
    if case.name == "system that is no URI":  # what cannot be looked at is said first, and alone
        errors = errors[:1]
    assert reply.value("message") == ("; ".join(errors or warnings) or None)
    assert reply.value("result") is not bool(errors)


def test_several_faults_are_all_reported(client: Client) -> None:
    reply = client.validate(code="13", display="Flu")
    assert reply.details() == ["code-abstract", "wrong-display"]
    assert "; " in reply.value("message")


@pytest.mark.parametrize("display", [TITLE.upper(), f"  {TITLE} ", TITLE.replace(", ", ",  ")])
def test_case_and_doubled_blanks_of_a_display_do_not_matter(client: Client, display: str) -> None:
    assert client.validate(code="M61.569", display=display).value("result") is True


def test_a_display_may_be_written_in_ascii(client: Client) -> None:
    assert client.validate(code="H81.0", display="Meniere's disease").value("result") is True


def test_a_coding_is_validated_and_its_issues_say_where(client: Client) -> None:
    coding = {"system": ICD10CM, "code": "M61.569", "display": "Flu"}
    reply = client.operation(VALIDATIONS, method="POST", coding=coding)
    assert reply.value("result") is False
    assert reply.value("issues")["issue"][0]["expression"] == ["Coding.display"]


def test_a_concept_is_valid_when_one_of_its_codings_is(client: Client) -> None:
    concept = {"coding": [{"system": "http://loinc.org", "code": "1-8"}, {"system": ICD10CM, "code": "m61569"}]}
    reply = client.operation(VALIDATIONS, method="POST", codeableConcept=concept)
    assert reply.value("result") is True
    assert reply.value("normalized-code") == "M61.569"
    assert reply.value("issues")["issue"][0]["expression"] == ["CodeableConcept.coding[1].code"]


def test_a_concept_without_a_right_coding_is_not_valid(client: Client) -> None:
    concept = {"coding": [{"system": ICD10CM, "code": "M61.9X"}, {"system": ICD10CM, "code": "13"}]}
    reply = client.operation(VALIDATIONS, method="POST", codeableConcept=concept)
    assert reply.value("result") is False
    assert reply.value("issues")["issue"][0]["expression"] == ["CodeableConcept.coding[0].code"]


@pytest.mark.parametrize("name", ["url", "system"])
def test_the_system_is_named_by_url_or_system(client: Client, name: str) -> None:
    for uri in (ICD10CM, "urn:oid:2.16.840.1.113883.6.90"):
        assert get_and_post(client, VALIDATIONS, code="M61.569", **{name: uri}).value("system") == ICD10CM


def test_a_language_that_icd_10_cm_has_not_is_said_about_the_display(client: Client) -> None:
    wrong = client.validate(code="M61.569", display="Verknöcherung", displayLanguage="de")
    assert wrong.value("result") is False
    assert "no valid display names found for language(s) 'de'" in wrong.texts()
    right = client.validate(code="M61.569", display=TITLE, displayLanguage="de")
    assert right.value("result") is True
    assert f"The display is '{TITLE}' which is a valid display for the default language" in right.texts()
    assert client.validate(code="M61.569", display=TITLE, displayLanguage="en-GB").texts() == ""


def test_an_instance_validates_in_its_release(client: Client) -> None:
    for method in ("GET", "POST"):
        reply = client.operation(VALIDATIONS, at="icd-10-cm-2026-04-01", method=method, code="D69.1")
        assert (reply.value("version"), reply.value("inactive")) == (RELEASE, False)


def test_only_a_right_answer_of_a_named_release_is_kept_for_ever(client: Client) -> None:
    def control(**asked: Any) -> str:
        return client.validate(**asked).headers["cache-control"]

    assert "immutable" in control(code="M61.569", version=RELEASE)
    assert "immutable" not in control(code="M61.569")
    assert "immutable" not in control(code="M61.569", version="1999")
    assert "immutable" not in control(code="M61.9X", version=RELEASE)


SAMPLES: dict[str, Any] = {
    **shared_samples(),
    "url": ICD10CM,
    "code": "M61.569",
    "system": ICD10CM,
    "version": "2026",
    "display": TITLE,
    "date": "2026-05-05",
    "abstract": True,
    "displayLanguage": "en",
    "activeOnly": True,
    "lenient-display-validation": False,
}


def test_every_parameter_of_the_table_is_accepted_by_both_methods(client: Client) -> None:
    simple = [each for each in VALIDATE_CODE.inputs() if each.name in SAMPLES]
    refused = {"useSupplement", "codeSystem", "coding", "codeableConcept", "tx-resource", "profile"}
    assert {each.name for each in VALIDATE_CODE.inputs()} - SAMPLES.keys() == refused
    for parameter in simple:
        reply = get_and_post(client, VALIDATIONS, **{"code": "M61.569", parameter.name: SAMPLES[parameter.name]})
        assert reply.value("result") is True
    assert client.ask(f"{FHIR}/{VALIDATIONS}?code=M61.569&_format=json&_pretty=true").value("result") is True
