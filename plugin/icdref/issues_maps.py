"""What `$translate` says to a client: every text about maps, once."""

from __future__ import annotations

from collections.abc import Iterable

from icdref.issues import Issue, quoted


def no_translation(code: str, system: str, target: str) -> Issue:
    """Return the information that no map leads on from a code; `target` '' where any code system was welcome."""
    to = f" to {quoted(target)}" if target else ""
    return Issue(
        "information", "not-found", "no-translation", f"No map leads from {quoted(code)} of {quoted(system)}{to}", "code"
    )


def mapped_to_nothing(code: str, title: str) -> Issue:
    """Return the information that a map has a code and says that there is no target for it."""
    return Issue("information", "not-found", "mapped-to-nothing", f"{title}: {quoted(code)} has no counterpart", "code")


def map_misleads(source: str, target: str, title: str, names: Iterable[str], codes: Iterable[str]) -> Issue:
    """Return the warning that a map leads to another kind of condition than the summaries that name the source code."""
    text = f"{title}: the way from {source} to {target} misleads; {source} is named by the condition summary {', '.join(names)}"
    return Issue(
        "warning", "business-rule", "map-misleads", f"{text}, whose codes are {', '.join(codes)}", "code", "code-comment"
    )


def target_ended(code: str, version: str, successors: Iterable[str]) -> Issue:
    """Return the warning that a map leads to a code that the release has not; it was written for an older one."""
    text = f"The map leads to {code}, which is not a code in ICD-10-CM {version}"
    if names := ", ".join(successors):
        text += f"; the conversion table names {names}"
    return Issue("warning", "business-rule", "target-ended", text, "code", "code-comment")


def needs_several(code: str) -> Issue:
    """Return the information that a code is translated by several codes together."""
    text = f"{quoted(code)} is said by several codes together: a match counts with one of its products of each attribute"
    return Issue("information", "informational", "needs-several-codes", text, "code")


def named_above(code: str, above: str, display: str) -> Issue:
    """Return the information that equivalents are those of a code further up, so they are wider."""
    title = f" '{display}'" if display else ""
    text = f"What answers is named for {above}{title}, a code above {code}: it is wider"
    return Issue("information", "informational", "named-above", text, "code", "code-comment")


def several_successors(code: str) -> Issue:
    """Return the information that a code was split: which successor is right, the record of the patient decides."""
    text = f"{code} was replaced by several codes, none of which is preferred"
    return Issue("information", "informational", "several-successors", text, "code", "code-comment")


def unknown_map(url: str, known: Iterable[str], expression: str = "url") -> Issue:
    """Return the issue for a concept map that this server does not hold."""
    text = f"A definition for the concept map {quoted(url, 200)} could not be found. This server holds {', '.join(known)}"
    return Issue("error", "not-found", "unknown-map", text, expression, "not-found")


def unusable_map(why: str) -> Issue:
    """Return the issue for a ConceptMap that was sent and cannot be read."""
    return Issue("error", "invalid", "unusable-map", f"The ConceptMap cannot be used: {why}", "conceptMap", "invalid-data")


def other_map(code: str, title: str, url: str) -> Issue:
    """Return the information that a map leaves a code to another one."""
    text = f"{title} does not list {quoted(code)} and refers to {quoted(url, 200)}; ask that map by its url"
    return Issue("information", "informational", "other-map", text, "code")
