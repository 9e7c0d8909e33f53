"""The issues of batches and of validating a resource."""

from __future__ import annotations

from icdref.issues import Issue, quoted


def unsupported_bundle_type(sent: str) -> Issue:
    """Return the issue for a Bundle that is no batch; this server changes nothing, so it has no transactions."""
    text = f"A Bundle of type {quoted(sent)} cannot be processed here; this server is read-only: send a batch of reads"
    return Issue("error", "not-supported", "unsupported-bundle-type", text, "Bundle.type")


def foreign_entry(url: str) -> Issue:
    """Return the issue for a batch entry whose URL is not below the FHIR base that the batch was sent to."""
    text = f"The entry asks for {quoted(url)}; it must be relative to the FHIR base, such as CodeSystem/$lookup?code=M61"
    return Issue("error", "value", "foreign-entry", text, "Bundle.entry.request.url")


def wrong_entry_method(method: str) -> Issue:
    """Return the issue for a batch entry that would change something."""
    text = f"The entry has the method {quoted(method)}; this server is read-only: GET, or POST for an operation"
    return Issue("error", "not-supported", "wrong-method", text, "Bundle.entry.request.method")


def batch_too_costly(limit: str) -> Issue:
    """Return the issue for the entries of a batch that are left when its bounds are reached."""
    text = f"The entries before this one used up what a batch may cost ({limit}); send this one in another batch"
    return Issue("error", "too-costly", "too-costly", text)


def invalid_resource(text: str, expression: str = "", severity: str = "error") -> Issue:
    """Return the issue for a fault in a resource that was sent to be validated; `text` names what has it."""
    return Issue(severity, "invalid", "invalid-resource", f"Not valid: {text}", expression)


def other_resource(sent: str, wanted: str) -> Issue:
    """Return the issue for a resource of another type than the one whose operation was called."""
    text = f"The resource is a {quoted(sent)}; it was sent to be validated as {quoted(wanted)}"
    return Issue("error", "invalid", "other-resource", text)


def unknown_profile(profile: str) -> Issue:
    """Return the issue for a profile that is not held here."""
    text = f"The profile {quoted(profile)} is not held here; only what FHIR itself demands was checked"
    return Issue("error", "not-found", "unknown-profile", text, "profile")


def not_stored(mode: str) -> Issue:
    """Return the issue for a check of a change that this server never makes."""
    text = f"The mode is {quoted(mode)}, but this server is read-only and would refuse to store or delete any resource"
    return Issue("error", "not-supported", "read-only", text, "mode")
