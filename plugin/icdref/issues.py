"""Issues and the error that carries them: every message that a client can see is written here, once.

An `Issue` is what FHIR calls an OperationOutcome issue, without HTTP and without FHIR JSON. `web/errors.py` turns the
`detail` of the first issue into a status; `fhir/outcome.py` turns issues into a resource.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

TX_ISSUE_TYPE: Final = "http://hl7.org/fhir/tools/CodeSystem/tx-issue-type"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing a caller should know.

    `severity` and `type` are FHIR's IssueSeverity and IssueType; `detail` is our own stable key, `tx` the code from
    HL7's tx-issue-type where one exists, `expression` the part of the request that it is about. `message_id` is the name of
    the text in HL7's message catalogue, for texts that come from there word for word.
    """

    severity: str
    type: str
    detail: str
    text: str
    expression: str = ""
    tx: str = ""
    message_id: str = ""


class IcdRefError(Exception):
    """A question that cannot be answered, with the issues that say why and what would be right."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__("; ".join(issue.text for issue in issues))
        self.issues = issues

    @property
    def issue(self) -> Issue:
        """Return the first issue, which decides the status."""
        return self.issues[0]


def quoted(value: str, limit: int = 80) -> str:
    r"""Return a client's value fit for a message: quoted, control characters escaped, cut to `limit` characters.

    >>> quoted("M61\n")
    "'M61\\n'"
    """
    shown = value if len(value) <= limit else value[: limit - 1] + "…"
    return repr(shown)


def _among(values: Iterable[str]) -> str:
    return ", ".join(values)


# --- codes -----------------------------------------------------------------------------------------------------------


def malformed_code(text: str, expression: str = "code") -> Issue:
    """Return the issue for text that cannot be an ICD-10-CM code whatever the release."""
    return Issue(
        "error",
        "code-invalid",
        "malformed-code",
        f"{quoted(text)} does not have the shape of an ICD-10-CM code: a letter, two letters or digits, then up to four"
        " more after a dot, such as M61.569",
        expression,
        "invalid-code",
    )


def unknown_code(code: str, system: str, version: str, suggestions: Iterable[str] = (), expression: str = "code") -> Issue:
    """Return the issue for a well-formed code that the release does not have (HL7's text, then what may be meant)."""
    text = f"Unknown code '{code}' in the CodeSystem '{system}' version '{version}'"
    if names := _among(suggestions):
        text += f"; did you mean {names}?"
    return Issue("error", "code-invalid", "unknown-code", text, expression, "invalid-code")


def code_not_in_release(
    code: str, version: str, first: str, last: str, successors: Iterable[str], expression: str = "code"
) -> Issue:
    """Return the issue for a code that other releases have: when it is valid, and what the publisher names in its place."""
    when = f"it was valid from {first} to {last}" if last else f"it is valid from {first}"
    text = f"'{code}' is not a code in ICD-10-CM {version}; {when}"
    if names := _among(successors):
        text += f"; the conversion table names {names}"
    return Issue("error", "code-invalid", "code-not-in-release", text, expression, "invalid-code")


def unknown_system(system: str, known: Iterable[str], expression: str = "system") -> Issue:
    """Return the issue for a code system that this edition does not hold."""
    return Issue(
        "error",
        "not-found",
        "unknown-system",
        f"A definition for CodeSystem {quoted(system)} could not be found, so the code cannot be validated."
        f" This server holds {_among(known)}",
        expression,
        "not-found",
    )


def unknown_version(system: str, version: str, known: Iterable[str], expression: str = "version") -> Issue:
    """Return the issue for a release that is not installed; the text lists those that are."""
    return Issue(
        "error",
        "not-found",
        "unknown-version",
        f"A definition for CodeSystem '{system}' version {quoted(version)} could not be found, so the code cannot be"
        f" validated. Valid versions: {_among(known)}",
        expression,
        "not-found",
    )


def wrong_system(code: str, system: str, expression: str = "system") -> Issue:
    """Return the issue for a question about conditions asked with the codes of something else."""
    return Issue(
        "error",
        "not-found",
        "wrong-system",
        f"{quoted(code)} is a code of {quoted(system)}, a code system that icdref has no conditions for; send an"
        " ICD-10-CM code (http://hl7.org/fhir/sid/icd-10-cm)",
        expression,
        "not-found",
    )


def unmapped_code(code: str, system: str, expression: str = "code") -> Issue:
    """Return the issue for a code of another code system that no map and no summary leads on from."""
    text = f"{quoted(code)} of {quoted(system)} leads to no ICD-10-CM code: no loaded map has it and no summary names it"
    return Issue("error", "not-found", "unknown-code", text, expression, "invalid-code")


def normalised_code(asked: str, code: str) -> Issue:
    """Return the information that a code was found under its canonical spelling."""
    if asked.strip().upper() == code and asked.strip() != code:
        text = f"The code '{asked}' differs from the correct code '{code}' by case. Although the code system is not case"
        text += " sensitive, the correct case should be used"
    else:
        text = f"The code {quoted(asked)} is written '{code}' in ICD-10-CM"
    return Issue("information", "business-rule", "code-normalised", text, "code", "code-rule")


def header_code(code: str, billable_below: int) -> Issue:
    """Return the information that a code is a header: right as a concept, not accepted on a claim."""
    return Issue(
        "information",
        "business-rule",
        "code-not-billable",
        f"'{code}' is a header and not billable; it has {billable_below} billable codes below it",
        "code",
        "code-comment",
    )


def abstract_code(code: str, system: str) -> Issue:
    """Return the issue for a chapter or block used as a code."""
    return Issue(
        "error",
        "business-rule",
        "code-abstract",
        f"Code '{system}#{code}' is abstract, and not allowed in this context",
        "code",
        "code-rule",
    )


def wrong_display(display: str, system: str, code: str, right: str, severity: str = "error") -> Issue:
    """Return the issue for a display that is not the publisher's title of the code."""
    return Issue(
        severity,
        "invalid",
        "wrong-display",
        f"Wrong Display Name '{display}' for {system}#{code}. Valid display is '{right}' (en) (for the language(s) 'en')",
        "display",
        "invalid-display",
    )


def retired_code(code: str, last_day: str, successors: Iterable[str]) -> Issue:
    """Return the warning that a code has ended, with what the publisher names in its place; none is picked."""
    text = f"The concept '{code}' has a status of retired and its use should be reviewed; its last valid day was {last_day}"
    if names := _among(successors):
        text += f"; the conversion table names {names}"
    return Issue("warning", "business-rule", "code-retired", text, "code", "code-comment")


def not_yet_valid_code(code: str, first_day: str, day: str) -> Issue:
    """Return the warning that a code comes into force only after the day in question."""
    return Issue(
        "warning",
        "business-rule",
        "code-not-yet-valid",
        f"'{code}' comes into force on {first_day} and is not valid on {day}",
        "code",
        "code-comment",
    )


def became_header(code: str, last_day: str) -> Issue:
    """Return the information that a header was a billable code in earlier releases."""
    text = f"'{code}' was billable until {last_day}; since then it is a header, and the codes below it are used"
    return Issue("information", "business-rule", "code-became-header", text, "code", "code-comment")


def no_valid_code_below(code: str, day: str) -> Issue:
    """Return the warning that every billable code under a header has ended."""
    text = f"The concept '{code}' has a status of retired and its use should be reviewed; no code below it is valid on {day}"
    return Issue("warning", "business-rule", "code-retired", text, "code", "code-comment")


def inactive_code(code: str) -> Issue:
    """Return the error that a known code is not active on the day in question, asked with activeOnly."""
    return Issue(
        "error", "business-rule", "code-inactive", f"The concept '{code}' is valid but is not active", "code", "code-rule"
    )


def notes_not_available(version: str) -> Issue:
    """Return the information that a release came without a tabular list: its notes, blocks and chapters are not known."""
    return Issue(
        "information",
        "informational",
        "notes-not-available",
        f"Notes, blocks and chapters are not available for release {version}: it was imported from an order file, which has"
        " none; import the tabular list of the same release to add them",
        "version",
    )


def title_unknown(code: str, since: str, release: str) -> Issue:
    """Return the warning that a code is known to be valid but its title is in a release not installed."""
    return Issue(
        "warning",
        "informational",
        "title-not-installed",
        f"'{code}' is a valid code from {since}, known from the validity table; its title is not in the installed releases"
        f" (the newest is {release})",
        "code",
        "code-comment",
    )


def validity_not_known(day: str, first: str, last: str) -> Issue:
    """Return the information that the validity table says nothing about a day."""
    return Issue(
        "information",
        "informational",
        "validity-not-known",
        f"Validity by date is known from {first} to {last}; for {day} it is not known",
        "date",
    )


# --- releases --------------------------------------------------------------------------------------------------------


def release_before_first(day: str, used: str) -> Issue:
    """Return the warning that no installed release began by a day, so the oldest answered."""
    return Issue(
        "warning",
        "business-rule",
        "no-release-for-date",
        f"No installed release of ICD-10-CM was in force on {day}; the oldest installed, {used}, answered",
        "date",
    )


def release_stale(day: str, used: str, newer: str) -> Issue:
    """Return the information that a newer release is in force than any installed."""
    return Issue(
        "information",
        "informational",
        "release-stale",
        f"On {day} the release of {newer} is in force; it is not installed, and {used} answered with validity by date",
        "date",
    )


def malformed_date(text: str, expression: str = "date") -> Issue:
    """Return the issue for a date that is not a FHIR date or dateTime."""
    return Issue(
        "error",
        "value",
        "malformed-date",
        f"{quoted(text)} is not a date; write YYYY-MM-DD, such as 2026-11-22 (a time after it is allowed)",
        expression,
    )


# --- requests --------------------------------------------------------------------------------------------------------


def missing_parameter(name: str, example: str) -> Issue:
    """Return the issue for a parameter that the operation cannot do without."""
    return Issue("error", "required", "missing-parameter", f"Parameter '{name}' is missing; for example {example}", name)


def repeated_parameter(name: str) -> Issue:
    """Return the issue for a parameter given more often than it may be."""
    return Issue("error", "invalid", "repeated-parameter", f"Parameter '{name}' is given more than once; send it once", name)


def bad_parameter(name: str, value: str, right: str) -> Issue:
    """Return the issue for a parameter value outside its type or its list of values."""
    return Issue("error", "value", "bad-parameter", f"Parameter '{name}' has the value {quoted(value)}; {right}", name)


def unsupported_parameter(name: str, operation: str, known: Iterable[str]) -> Issue:
    """Return the issue for a parameter that would change the meaning and is not supported."""
    return Issue(
        "error",
        "not-supported",
        "unsupported-parameter",
        f"Parameter {quoted(name)} is not supported by {operation}; it knows {_among(known)}",
        name[:80],
    )


def conflicting_parameters(names: Iterable[str], right: str) -> Issue:
    """Return the issue for parameters that may not stand together."""
    return Issue("error", "invalid", "conflicting-parameters", f"{_among(names)} were sent together; {right}")


def unknown_search_parameter(name: str, resource_type: str, known: Iterable[str]) -> Issue:
    """Return the issue for a search parameter that the CapabilityStatement does not list."""
    return Issue(
        "error",
        "not-supported",
        "unknown-search-parameter",
        f"{resource_type} has no search parameter {quoted(name)}; it has {_among(known)}",
        name[:80],
    )


def unknown_resource(resource_type: str, resource_id: str) -> Issue:
    """Return the issue for a resource id that this edition does not hold."""
    return Issue("error", "not-found", "unknown-resource", f"There is no {resource_type} with the id {quoted(resource_id)}", "id")


def nothing_found(asked: str, why: str) -> Issue:
    """Return the issue for a question that reached neither a summary nor a code card."""
    text = f"Nothing is known about {quoted(asked)}" + (f": {why}" if why else "; send an ICD-10-CM code such as M61.569")
    return Issue("error", "not-found", "unknown-code", text, "code", "not-found")


def withdrawn_resource(resource_type: str, resource_id: str, successor: str) -> Issue:
    """Return the issue for a summary that is retired or no longer served."""
    text = f"{resource_type} {quoted(resource_id)} is no longer served"
    return Issue("error", "deleted", "withdrawn-resource", text + (f"; see {successor}" if successor else ""), "id")


def malformed_body(what: str, right: str, expression: str = "") -> Issue:
    """Return the issue for a request body that cannot be read as what it should be."""
    return Issue("error", "structure", "malformed-body", f"The body {what}; {right}", expression)


def body_too_large(limit: int) -> Issue:
    """Return the issue for a body over the configured cap, in bytes."""
    return Issue("error", "too-long", "body-too-large", f"The body is larger than the {limit} bytes that this server accepts")


def body_too_slow(seconds: float) -> Issue:
    """Return the issue for a body that did not arrive in time."""
    return Issue("error", "timeout", "body-too-slow", f"The body did not arrive within {seconds:g} seconds")


def body_too_deep(limit: int) -> Issue:
    """Return the issue for JSON nested deeper than any FHIR resource needs."""
    return Issue("error", "structure", "body-too-deep", f"The body is nested deeper than {limit} levels")


def url_too_long(limit: int) -> Issue:
    """Return the issue for a URL longer than the server looks at."""
    text = f"The URL is longer than the {limit} characters that this server accepts"
    return Issue("error", "too-long", "url-too-long", text)


def unsupported_media_type(sent: str, accepted: Iterable[str]) -> Issue:
    """Return the issue for a body of a type that the server does not read."""
    text = f"The body has the media type {quoted(sent)}; this server reads {_among(accepted)}"
    return Issue("error", "not-supported", "unsupported-media-type", text, "Content-Type")


def not_acceptable(asked: str, offered: Iterable[str]) -> Issue:
    """Return the issue for a representation that the server does not write."""
    text = f"Nothing in {quoted(asked)} can be served here; this server writes {_among(offered)}"
    return Issue("error", "not-supported", "not-acceptable", text, "Accept")


def unknown_path(path: str, hint: str) -> Issue:
    """Return the issue for a path that names nothing."""
    return Issue("error", "not-found", "unknown-path", f"Nothing is served at {quoted(path)}; {hint}")


def wrong_method(method: str, path: str, allowed: Iterable[str]) -> Issue:
    """Return the issue for a method that the path does not answer."""
    text = f"{quoted(method)} is not answered at {quoted(path)}; it answers {_among(allowed)}"
    return Issue("error", "not-supported", "wrong-method", text)


def too_many_values(name: str, limit: int) -> Issue:
    """Return the issue for more values of a parameter than one request may carry."""
    return Issue("error", "too-costly", "too-many-values", f"'{name}' is given more than {limit} times; split the request", name)


def query_too_long(length: int, limit: int) -> Issue:
    """Return the issue for a question to the search that no person would ask."""
    text = f"The question has {length} characters; at most {limit} are read. Send the few words that name the condition"
    return Issue("error", "too-long", "query-too-long", text, "filter")


def nothing_matches(text: str) -> Issue:
    """Return the information that no code was found for a question."""
    words = f"No code was found for {quoted(text.strip())}" if text.strip() else "Nothing was asked"
    return Issue(
        "information", "informational", "nothing-matches", f"{words}; send a few words, an abbreviation or a code", "filter"
    )


def words_ignored(words: Iterable[str]) -> Issue:
    """Return the information that no code has all words of a question, and which were left out."""
    text = f"No code has every word; left out: {_among(quoted(word, 40) for word in words)}"
    return Issue("information", "informational", "words-ignored", text, "filter")


def edition_damaged(what: str) -> Issue:
    """Return the issue for a record whose checksum does not match: nothing is served from it."""
    return Issue(
        "fatal", "exception", "edition-damaged", f"{what} failed its checksum and is not served; the operator has been told"
    )


def withdrawals_damaged(what: str) -> Issue:
    """Return the issue for a list of withdrawn statements that cannot be trusted: no text is served until it can."""
    text = f"{what}; bring it back from a backup, because nobody can tell any more which statements are withdrawn"
    return Issue("fatal", "exception", "withdrawals-damaged", text)


def withdrawal_not_possible(statement: str, action: str) -> Issue:
    """Return the issue for withdrawing what is withdrawn already, or restoring what is not."""
    state = "is withdrawn already" if action == "withdraw" else "is not withdrawn"
    return Issue("error", "business-rule", "withdrawal-not-possible", f"{quoted(statement)} {state}", "statement")


def unknown_statement(statement: str, near: Iterable[str]) -> Issue:
    """Return the issue for a statement id that the current edition does not hold."""
    text = f"{quoted(statement)} is no statement of the current edition"
    if names := _among(near):
        text += f"; did you mean {names}?"
    return Issue("error", "not-found", "unknown-statement", text, "statement")


def no_edition(directory: str) -> Issue:
    """Return the issue for a data directory without any edition that can be served."""
    return Issue(
        "fatal",
        "not-found",
        "no-edition",
        f"There is no edition to serve in {directory}; run 'icdref build' to compile the embedded default",
    )


def internal_fault() -> Issue:
    """Return the issue for a bug of ours; the log has the details under the request id."""
    return Issue("fatal", "exception", "internal-fault", "The server failed to answer; the fault is logged under the request id")
