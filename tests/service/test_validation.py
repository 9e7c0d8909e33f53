"""What is said of a code that is validated, and how two codes stand to each other."""

from __future__ import annotations

from datetime import date

import pytest

from icdref.codes import ICD9CM, ICD10CM
from icdref.issues import IcdRefError

LAST_DAY_OF_2026 = date(2026, 9, 30)


def details(answer) -> list[str]:
    return [issue.detail for issue in answer.issues]


# --- validate_code ---------------------------------------------------------------------------------------------------


def test_a_right_code_is_valid(terms, small_service):
    answer = terms.validate_code("M61.569", display="Other ossification of muscle, unspecified lower leg")
    assert (answer.result, answer.issues, answer.message, answer.normalised) == (True, (), "", "")
    assert (answer.code, answer.system, answer.billable, answer.inactive) == ("M61.569", ICD10CM, True, False)
    assert (answer.version, answer.edition) == ("2026-04-01", small_service.edition.id)
    assert answer.display == "Other ossification of muscle, unspecified lower leg"


@pytest.mark.parametrize(
    ("question", "result", "severity", "type_", "tx", "text"),
    [
        (
            ("M61.9X", {}),
            False,
            "error",
            "code-invalid",
            "invalid-code",
            f"Unknown code 'M61.9X' in the CodeSystem '{ICD10CM}' ver",
        ),
        (("M61.", {}), False, "error", "code-invalid", "invalid-code", "'M61.' does not have the shape"),
        (("M61.6", {}), False, "error", "code-invalid", "invalid-code", "'M61.6' is not a code in ICD-10-CM 2026-04-01"),
        (
            ("M61.9", {"display": "Gout"}),
            False,
            "error",
            "invalid",
            "invalid-display",
            f"Wrong Display Name 'Gout' for {ICD10CM}#M6",
        ),
        (("M61.9", {"display": "Gout", "lenient_display": True}), True, "warning", "invalid", "invalid-display", "Wrong Display"),
        (
            ("m61.9", {}),
            True,
            "information",
            "business-rule",
            "code-rule",
            "The code 'm61.9' differs from the correct code 'M61.9'",
        ),
        (("M619", {}), True, "information", "business-rule", "code-rule", "The code 'M619' is written 'M61.9' in ICD-10-CM"),
        (("M61", {}), True, "information", "business-rule", "code-comment", "'M61' is a header and not billable; it has 15 bill"),
        (
            ("M72.2", {}),
            True,
            "warning",
            "business-rule",
            "code-comment",
            "The concept 'M72.2' has a status of retired and its use",
        ),
        (
            ("M72.2", {"active_only": True}),
            False,
            "error",
            "business-rule",
            "code-rule",
            "The concept 'M72.2' is valid but is not",
        ),
        (("13", {}), False, "error", "business-rule", "code-rule", f"Code '{ICD10CM}#13' is abstract, and not allowed"),
        (("M60-M63", {}), False, "error", "business-rule", "code-rule", f"Code '{ICD10CM}#M60-M63' is abstract, and not allowed"),
        (
            ("A", {"system": "http://x.org"}),
            False,
            "error",
            "not-found",
            "not-found",
            "A definition for CodeSystem 'http://x.org'",
        ),
        (
            ("M61", {"version": "1999"}),
            False,
            "error",
            "not-found",
            "not-found",
            f"A definition for CodeSystem '{ICD10CM}' version '1",
        ),
        (("J4B", {}), True, "warning", "informational", "code-comment", "'J4B' is a valid code from 2026-10-01"),
        (("A00.1", {"day": date(2026, 3, 31)}), False, "error", "code-invalid", "invalid-code", "'A00.1' is not a code in"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_every_case_of_validate_code(terms, question, result, severity, type_, tx, text):
    code, arguments = question
    answer = terms.validate_code(code, **arguments)
    assert answer.result is result
    issue = next(issue for issue in answer.issues if issue.detail not in ("no-release-for-date",))
    assert (issue.severity, issue.type, issue.tx) == (severity, type_, tx)
    assert issue.text.startswith(text)
    assert answer.message == ("" if severity == "information" else issue.text)


def test_a_chapter_is_accepted_where_abstract_codes_are(terms):
    for code in ("13", "M60-M63"):
        answer = terms.validate_code(code, abstract=True)
        assert (answer.result, answer.billable, answer.issues) == (True, False, ())


def test_active_only_refuses_what_is_inactive_and_nothing_else(terms):
    assert terms.validate_code("M72.2", active_only=True, day=LAST_DAY_OF_2026).result is True
    refused = terms.validate_code("M72.2", active_only=True)
    assert details(refused) == ["code-inactive"]
    assert terms.validate_code("M72", active_only=True).result is True
    assert terms.validate_code("M61.50", active_only=True, day=date(2030, 1, 1)).result is True


def test_several_problems_are_said_at_once_and_errors_make_the_message(terms):
    answer = terms.validate_code("m72.2", display="Plantar fasciitis", active_only=True)
    assert details(answer) == ["code-normalised", "code-inactive", "wrong-display"]
    assert answer.message == f"{answer.issues[1].text}; {answer.issues[2].text}"
    assert answer.normalised == "M72.2"


@pytest.mark.parametrize(
    "display", ["Sézary disease, unspecified site", "Sezary disease, unspecified site", "SÉZARY DISEASE,  unspecified  site "]
)
def test_a_display_may_differ_in_accents_case_and_blanks(terms, display):
    assert terms.validate_code("C84.10", display=display).issues == ()


@pytest.mark.parametrize("display", ["Sezary disease", "Sézary disease unspecified site", "Gout"])
def test_any_other_display_is_wrong_and_the_right_one_is_named(terms, display):
    (issue,) = terms.validate_code("C84.10", display=display).issues
    assert issue.detail == "wrong-display"
    assert "Valid display is 'Sézary disease, unspecified site'" in issue.text


def test_a_display_is_not_compared_where_the_title_is_not_installed(terms):
    assert details(terms.validate_code("J4B", display="Anything")) == ["title-not-installed"]


# --- subsumes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "outcome"),
    [
        ("M61", "M61", "equivalent"),
        ("m61", "M61", "equivalent"),
        ("M61.569", "M61569", "equivalent"),
        ("M61", "M61.569", "subsumes"),
        ("M61.569", "M61", "subsumed-by"),
        ("13", "M61.569", "subsumes"),
        ("M60-M79", "M61.569", "subsumes"),
        ("M61.569", "M60-M63", "subsumed-by"),
        ("T07", "T07.XXXA", "subsumes"),
        ("T07.XXXA", "T07.XXXD", "not-subsumed"),
        ("C43", "C4A.0", "not-subsumed"),
        ("C43-C44", "C4A.0", "subsumes"),
        ("M05-M14", "M1A.00X0", "subsumes"),
        ("M10", "M1A.00X0", "not-subsumed"),
        ("M61", "M65", "not-subsumed"),
        ("17", "QA0.0101", "subsumes"),
        ("1", "B20", "subsumes"),
        ("T20-T32", "T20.00XA", "subsumes"),
        ("V00-X58", "W08.XXXA", "subsumes"),
        ("V00-V99", "W08.XXXA", "not-subsumed"),
    ],
)
def test_subsumption_follows_the_tree(terms, a, b, outcome):
    answer = terms.subsumes(a, b)
    assert (answer.outcome, answer.choice.release.version) == (outcome, "2026-04-01")


def test_subsumption_is_asked_of_one_release(terms):
    assert terms.subsumes("M61", "M61.8", version="2025-10-01").outcome == "subsumes"
    assert terms.subsumes("M61", "M61.8", day=date(2026, 3, 31)).outcome == "subsumes"
    with pytest.raises(IcdRefError) as caught:
        terms.subsumes("M61", "M61.8")
    assert (caught.value.issue.detail, caught.value.issue.expression) == ("code-not-in-release", "codeB")


@pytest.mark.parametrize(
    ("a", "b", "detail", "expression"),
    [
        ("M61.", "M61", "malformed-code", "codeA"),
        ("M61", "", "malformed-code", "codeB"),
        ("M61.9X", "M61", "unknown-code", "codeA"),
        ("M61", "Q99.9", "unknown-code", "codeB"),
    ],
)
def test_a_code_that_is_none_is_named_by_its_parameter(terms, a, b, detail, expression):
    with pytest.raises(IcdRefError) as caught:
        terms.subsumes(a, b)
    assert (caught.value.issue.detail, caught.value.issue.expression) == (detail, expression)


def test_subsumption_of_another_system_is_refused(terms):
    with pytest.raises(IcdRefError, match="could not be found"):
        terms.subsumes("M61", "M61", ICD9CM)
