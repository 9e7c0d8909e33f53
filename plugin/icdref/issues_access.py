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
