"""Issues as an OperationOutcome: the one shape in which FHIR clients are told what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from icdref.fhir.canonical import ISSUE_SYSTEM
from icdref.issues import TX_ISSUE_TYPE, Issue

MESSAGE_ID: Final = "http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id"


def operation_outcome(issues: Iterable[Issue], request_id: str = "") -> dict[str, Any]:
    """Return the issues as an OperationOutcome, in their order.

    `request_id` goes into `diagnostics` of the first issue, and nothing else ever does: it is what an operator needs to
    find the log line. Without any issue the outcome says that all is well, because FHIR requires at least one.
    """
    shaped = [outcome_issue(issue) for issue in issues]
    if not shaped:
        shaped = [{"severity": "information", "code": "informational", "details": {"text": "No issues"}}]
    if request_id:
        shaped[0]["diagnostics"] = request_id
    return {"resourceType": "OperationOutcome", "issue": shaped}


def outcome_issue(issue: Issue) -> dict[str, Any]:
    """Return one issue as OperationOutcome.issue; HL7's tx-issue-type comes before our own key, as clients expect.

    An issue from HL7's message catalogue is shaped as the public terminology servers shape it, for clients that compare:
    with the id of the message and no key of ours. Their texts without an id there (`business-rule`) get none either.
    """
    coding = [{"system": TX_ISSUE_TYPE, "code": issue.tx}] if issue.tx else []
    if issue.detail and not issue.message_id and issue.tx != "business-rule":
        coding.append({"system": ISSUE_SYSTEM, "code": issue.detail})
    shaped: dict[str, Any] = {}
    if issue.message_id:
        shaped["extension"] = [{"url": MESSAGE_ID, "valueString": issue.message_id}]
    details: dict[str, Any] = {"coding": coding} if coding else {}
    shaped |= {"severity": issue.severity, "code": issue.type, "details": details | {"text": issue.text}}
    if issue.expression:
        shaped["expression"] = [issue.expression]
    return shaped
