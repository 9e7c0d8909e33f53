from icdref import issues
from icdref.fhir.canonical import ISSUE_SYSTEM
from icdref.fhir.outcome import operation_outcome
from icdref.issues import TX_ISSUE_TYPE
from tests.fhir.checks import assert_valid

UNKNOWN = issues.unknown_code("M61.999", "http://hl7.org/fhir/sid/icd-10-cm", "2026-04-01", ["M61.9"])


def test_an_issue_carries_both_codings_text_and_expression():
    outcome = operation_outcome([UNKNOWN])
    (issue,) = outcome["issue"]
    assert issue["severity"] == "error"
    assert issue["code"] == "code-invalid"
    assert issue["details"]["coding"] == [
        {"system": TX_ISSUE_TYPE, "code": "invalid-code"},
        {"system": ISSUE_SYSTEM, "code": "unknown-code"},
    ]
    assert issue["details"]["text"].endswith("did you mean M61.9?")
    assert issue["expression"] == ["code"]
    assert_valid(outcome)


def test_an_issue_without_a_terminology_type_has_our_coding_only():
    (issue,) = operation_outcome([issues.body_too_large(10)])["issue"]
    assert [each["system"] for each in issue["details"]["coding"]] == [ISSUE_SYSTEM]
    assert "expression" not in issue


def test_diagnostics_hold_the_request_id_and_nothing_else():
    outcome = operation_outcome([UNKNOWN, issues.internal_fault()], "req-1")
    assert [each.get("diagnostics") for each in outcome["issue"]] == ["req-1", None]
    assert "diagnostics" not in operation_outcome([UNKNOWN])["issue"][0]
    assert_valid(outcome)


def test_an_outcome_without_issues_says_so():
    assert operation_outcome([])["issue"][0]["severity"] == "information"
    assert_valid(operation_outcome([]))


def test_every_message_becomes_a_valid_outcome():
    system = "http://hl7.org/fhir/sid/icd-10-cm"
    made = [
        issues.malformed_code("M61\x00"),
        issues.unknown_system("urn:x", [system]),
        issues.wrong_system("728.12", "http://hl7.org/fhir/sid/icd-9-cm"),
        issues.unknown_version(system, "1999", ["2026-04-01"]),
        issues.normalised_code("m61", "M61"),
        issues.header_code("M61", 154),
        issues.abstract_code("13", system),
        issues.wrong_display("x", system, "M61", "y", "warning"),
        issues.retired_code("M61", "2026-09-30", ["M62"]),
        issues.not_acceptable("text/x", ["application/fhir+json"]),
        issues.no_edition("/data"),
    ]
    outcome = operation_outcome(made)
    assert [each["details"]["text"] for each in outcome["issue"]] == [each.text for each in made]
    assert_valid(outcome)
