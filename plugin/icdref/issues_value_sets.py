"""What is said about value sets over ICD-10-CM: every text, once."""

from __future__ import annotations

from collections.abc import Iterable

from icdref.issues import Issue, quoted


def bad_pattern(pattern: str, why: str) -> Issue:
    """Return the issue for a regular expression that cannot be used."""
    return Issue("error", "invalid", "bad-pattern", f"{quoted(pattern)} is no regular expression: {why}", "filter", "vs-invalid")


def titles_missing(number: int, day: str, version: str) -> Issue:
    """Return the information that codes in force on a day are left out of an expansion: their release is not installed."""
    codes = "1 code is" if number == 1 else f"{number} codes are"
    text = (
        f"{codes} in force on {day} that ICD-10-CM {version} does not have; valid, but not listed: their titles are not installed"
    )
    return Issue("information", "incomplete", "titles-missing", text, "", "process-note")


def unknown_property(name: str, known: Iterable[str]) -> Issue:
    """Return the issue for a property that concepts of the code system do not have."""
    text = f"{quoted(name)} is not a property of ICD-10-CM here; known are {', '.join(known)}"
    return Issue("error", "not-supported", "unknown-property", text, "property", "vs-invalid")
