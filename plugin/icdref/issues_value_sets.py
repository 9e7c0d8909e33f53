"""What is said about value sets over ICD-10-CM: every text, once."""

from __future__ import annotations

from collections.abc import Iterable

from icdref.issues import Issue, quoted


def bad_pattern(pattern: str, why: str) -> Issue:
    """Return the issue for a regular expression that cannot be used."""
    return Issue("error", "invalid", "bad-pattern", f"{quoted(pattern)} is no regular expression: {why}", "filter", "vs-invalid")


def ask_for_pages(total: int, count: int) -> Issue:
    """Return the information how a value set that is too large for one answer is read."""
    text = (
        f"It has {total:,} codes. Ask for pages: count={count}&offset=0, then offset={count} and so on; or narrow it by `filter`"
    )
    return Issue("information", "informational", "ask-for-pages", text, "", "process-note")


def unsupported_mode(name: str, mode: str, instead: str) -> Issue:
    """Return the issue for a mode of an operation that would change the meaning and is not supported."""
    text = f"Parameter '{name}' has the value {quoted(mode)}, which is not supported here; {instead}"
    return Issue("error", "not-supported", "unsupported-parameter", text, name)


def unknown_property(name: str, known: Iterable[str]) -> Issue:
    """Return the issue for a property that concepts of the code system do not have."""
    text = f"{quoted(name)} is not a property of ICD-10-CM here; known are {', '.join(known)}"
    return Issue("error", "not-supported", "unknown-property", text, "property", "vs-invalid")


def members_below(code: str, named: Iterable[str], total: int) -> Issue:
    """Return the information which members of a value set stand below a code that is none itself."""
    listed = tuple(named)
    members = "1 member is" if total == 1 else f"{total} members are"
    text = f"'{code}' is not in the value set, but {members} below it: {', '.join(listed)}{' …' if total > len(listed) else ''}"
    return Issue("information", "business-rule", "members-below", text, "code", "code-comment")
