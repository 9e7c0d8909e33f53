"""The issues of the doors that EHRs use beside FHIR: Infobutton and CDS Hooks. Every text, once."""

from __future__ import annotations

from collections.abc import Iterable

from icdref.issues import Issue


def nothing_asked() -> Issue:
    """Return the issue for a knowledge request with neither a code nor a text."""
    text = "There is no code and no text; send mainSearchCriteria.v.c=M61.051 and mainSearchCriteria.v.cs=2.16.840.1.113883.6.90"
    return Issue("error", "required", "nothing-asked", text, "mainSearchCriteria.v.c")


def password_sent(name: str) -> Issue:
    """Return the issue for a password in a URL, which is in logs by now. Its value is never repeated."""
    text = f"Parameter '{name}' would carry a password, which is never read here; leave it out and change that password"
    return Issue("error", "security", "password-sent", text, name)


def bad_callback(name: str) -> Issue:
    """Return the issue for a callback that is not the name of a function. Its value is not repeated."""
    text = f"Parameter '{name}' must be the name of a function: a letter, _ or $, then up to 63 letters, digits, _ or $"
    return Issue("error", "value", "bad-callback", text, name)


def unknown_response_type(accepted: Iterable[str]) -> Issue:
    """Return the issue for a knowledgeResponseType that is not written here."""
    text = f"knowledgeResponseType names no type that is written here; it can be {', '.join(accepted)}"
    return Issue("error", "not-supported", "unknown-response-type", text, "knowledgeResponseType")


def prefetch_missing(key: str) -> Issue:
    """Return the issue for prefetched data that a CDS service cannot do without; no server is ever called for it."""
    text = f"The prefetch '{key}' is missing or could not be read by the client; send it, because no server is called for it here"
    return Issue("error", "required", "prefetch-missing", text, f"prefetch.{key}")


def bad_field(field: str, right: str) -> Issue:
    """Return the issue for a field of a CDS Hooks request. Its value is never repeated: it may be about a patient."""
    return Issue("error", "value", "bad-field", f"'{field}' is missing or wrong; {right}", field)


def unknown_service(known: Iterable[str]) -> Issue:
    """Return the issue for a CDS service that is not offered."""
    return Issue("error", "not-found", "unknown-service", f"There is no such CDS service; there are {', '.join(known)}", "id")


def token_refused(why: str) -> Issue:
    """Return the issue for a token that is missing or not accepted. Nothing of the token is repeated."""
    return Issue("error", "login", "token-refused", f"The bearer token is not accepted: {why}", "Authorization")


def state_unavailable() -> Issue:
    """Return the issue for something that must be remembered while the data directory cannot be written."""
    text = "This cannot be remembered now, because the data directory cannot be written; nothing was stored"
    return Issue("error", "no-store", "state-unavailable", text)
