from __future__ import annotations

import ast
import importlib
import inspect

import pytest

from icdref import issues
from icdref.codes import ICD10CM
from icdref.issues import IcdRefError, Issue, quoted
from tests.checkout import ROOT, files

SEVERITIES = {"fatal", "error", "warning", "information"}
TYPES = {  # http://hl7.org/fhir/issue-type, R4 4.0.1
    *("invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired", "forbidden"),
    *("suppressed", "processing", "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long"),
    *("code-invalid", "extension", "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store"),
    *("exception", "timeout", "incomplete", "throttled", "informational"),
}
TX_TYPES = {  # http://hl7.org/fhir/tools/CodeSystem/tx-issue-type
    *("not-found", "not-in-vs", "this-code-not-in-vs", "invalid-code", "invalid-display", "code-rule", "code-comment"),
    *("cannot-infer", "status-check", "display-comment", "invalid-data", "process-note", "vs-invalid", "version-error"),
    # What the public servers say beside the code system, for issues that it has no code for.
    *("too-costly", "not-supported", "business-rule"),
}

NAMED = {"severity": "error", "expression": "code", "state": "draft", "type_": "ValueSet", "why": "include"}
"""Arguments that are words of a vocabulary."""

VALUES = {
    bool: True,
    int: 7,
    float: 2.5,
    str: "it's <b>\n\x00",
    "Iterable[str]": ("one", "two"),
    "Sequence[str]": ("one", "two"),
}


def functions():
    modules = sorted(path.stem for path in (ROOT / "plugin" / "icdref").glob("issues*.py"))
    return [
        function
        for module in (importlib.import_module(f"icdref.{stem}") for stem in modules)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(function).return_annotation == "Issue"
    ]


def sample(function) -> Issue:
    """Return the issue of a function, every argument filled by its type."""
    kinds = {"str": str, "int": int, "float": float, "bool": bool}
    arguments = {
        name: NAMED.get(name) or VALUES[kinds.get(parameter.annotation, parameter.annotation)]
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in ("severity", "expression") or parameter.default is parameter.empty
    }
    return function(**arguments)


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.__name__)
def test_every_issue_uses_the_vocabularies_of_fhir_and_says_something(function):
    issue = sample(function)
    assert issue.severity in SEVERITIES
    assert issue.type in TYPES
    assert issue.tx in TX_TYPES | {""}
    assert issue.detail == issue.detail.lower()
    assert len(issue.text) > 10


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.__name__)
def test_every_issue_says_in_its_docstring_when_it_is_returned(function):
    assert (function.__doc__ or "").startswith("Return the ")


def test_details_are_stable_keys_that_mean_one_severity_and_type_family():
    details = {f.__name__: sample(f) for f in functions() if f.__module__ == issues.__name__}
    by_detail: dict[str, set[str]] = {}
    for issue in details.values():
        by_detail.setdefault(issue.detail, set()).add(issue.severity)
    assert {detail: kinds for detail, kinds in by_detail.items() if len(kinds) > 1} == {}


WRITTEN_ELSEWHERE = {"plugin/icdref/server/front.py"}
"""Modules that still word an issue of their own; the list may only get shorter."""


def test_every_issue_is_worded_in_a_module_of_issues():
    worded = {
        path.as_posix()
        for path in files()
        if path.suffix == ".py" and path.parts[:2] == ("plugin", "icdref") and not path.name.startswith("issues")
        for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Issue"
        if isinstance(node.args[3], ast.Constant | ast.JoinedStr)
    }
    assert worded <= WRITTEN_ELSEWHERE


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("M61", "'M61'"),
        ("a" * 80, repr("a" * 80)),
        ("a" * 81, repr("a" * 79 + "…")),
        ("a\r\nSet-Cookie: b", "'a\\r\\nSet-Cookie: b'"),
        ("\x1b[31m\u202e\x00", "'\\x1b[31m\\u202e\\x00'"),
    ],
)
def test_a_value_of_a_client_is_shown_quoted_cut_and_without_control_characters(value, shown):
    assert quoted(value) == shown


def test_an_error_carries_its_issues_and_the_first_decides():
    first, second = issues.repeated_parameter("code"), issues.malformed_date("x")
    error = IcdRefError(first, second)
    assert (error.issue, error.issues) == (first, (first, second))
    assert str(error) == f"{first.text}; {second.text}"


@pytest.mark.parametrize(
    ("issue", "text"),
    [
        (issues.unknown_code("X", ICD10CM, "V"), f"Unknown code 'X' in the CodeSystem '{ICD10CM}' version 'V'"),
        (
            issues.wrong_display("d", ICD10CM, "X", "D"),
            f"Wrong Display Name 'd' for {ICD10CM}#X. Valid display is 'D' (en) (for the language(s) 'en')",
        ),
        (issues.normalised_code("m61", "M61"), "The code 'm61' differs from the correct code 'M61' by case."),
        (issues.retired_code("X", "2026-09-30", ()), "The concept 'X' has a status of retired and its use should be reviewed"),
        (issues.no_valid_code_below("X", "2026-10-01"), "The concept 'X' has a status of retired and its use should be reviewed"),
        (issues.inactive_code("X"), "The concept 'X' is valid but is not active"),
        (issues.abstract_code("X", "S"), "Code 'S#X' is abstract, and not allowed in this context"),
        (
            issues.unknown_system("S", [ICD10CM]),
            "A definition for CodeSystem 'S' could not be found, so the code cannot be validated",
        ),
        (
            issues.unknown_version("S", "V", ["2025-10-01", "2026-04-01"]),
            "A definition for CodeSystem 'S' version 'V' could not be found, so the code cannot be validated."
            " Valid versions: 2025-10-01, 2026-04-01",
        ),
    ],
)
def test_the_texts_that_clients_compare_are_those_of_the_hl7_java_core(issue, text):
    assert issue.text.startswith(text)


def test_suggestions_and_successors_are_named_and_left_out_when_there_are_none():
    assert issues.unknown_code("M61.9X", ICD10CM, "V", ["M61.9", "M61"]).text.endswith("; did you mean M61.9, M61?")
    assert "did you mean" not in issues.unknown_code("X", ICD10CM, "V").text
    assert issues.code_not_in_release("X", "V", "2015-10-01", "2025-09-30", ["Y"]).text == (
        "'X' is not a code in ICD-10-CM V; it was valid from 2015-10-01 to 2025-09-30; the conversion table names Y"
    )
    assert issues.code_not_in_release("X", "V", "2026-10-01", "", ()).text.endswith("; it is valid from 2026-10-01")


def test_a_missing_dot_has_a_text_of_its_own():
    assert issues.normalised_code("M6100", "M61.00").text == "The code 'M6100' is written 'M61.00' in ICD-10-CM"
