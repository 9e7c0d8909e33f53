"""The issues of who may see what, and of what is no longer there: access tokens, versions, editions."""

from __future__ import annotations

from collections.abc import Iterable

from icdref.issues import Issue, quoted


def edition_gone(asked: str, now: str) -> Issue:
    """Return the issue for a link that names an edition which is not served any more."""
    return Issue(
        "error",
        "deleted",
        "edition-gone",
        f"The edition {quoted(asked)} is not served any more; the edition is {now} now: repeat the search from its first page",
        "_edition",
    )


def version_gone(resource_type: str, identifier: str, version: str) -> Issue:
    """Return the issue for a version of a resource that was served once and must not be any more."""
    text = (
        f"The version {quoted(version)} of {resource_type}/{identifier} is not served any more: it holds a statement that is"
        f" withdrawn for safety, or its text is out of date; read {resource_type}/{identifier} for the text of today"
    )
    return Issue("error", "deleted", "version-gone", text)


def version_not_known(resource_type: str, identifier: str, version: str, known: Iterable[str]) -> Issue:
    """Return the issue for a version that a resource never had."""
    text = f"{resource_type}/{identifier} has no version {quoted(version)}; its versions are {', '.join(known)}"
    return Issue("error", "not-found", "version-not-known", text)


def insufficient_scope(section: str, scope: str) -> Issue:
    """Return the issue for a gated section that was asked for by name with a token that does not open it."""
    text = f"The section {quoted(section)} is gated and the token does not open it: ask for the scope {scope}"
    return Issue("error", "forbidden", "insufficient-scope", text, "section")


def keys_not_at_hand() -> Issue:
    """Return the issue for a token that cannot be verified yet, because the issuer's keys have not been read."""
    text = "The token cannot be verified: the keys of its issuer could not be read yet. Ask again, or ask without a token."
    return Issue("error", "transient", "keys-not-at-hand", text)
