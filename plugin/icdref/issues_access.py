"""The issues of who may see what, and of what is no longer there: access tokens, versions, editions."""

from __future__ import annotations

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
