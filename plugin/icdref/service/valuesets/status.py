"""What a resource's status means for those who use it: deprecated, withdrawn, retired, experimental, a draft."""

from __future__ import annotations

from icdref.definitions import Header


def warnings_about(header: Header, source: Header) -> tuple[str, ...]:
    """Return the state of a resource that users of an expansion are warned of, unless the source is in that state too."""
    if header.standards_status in ("deprecated", "withdrawn"):
        return _unless(header.standards_status, source.standards_status == header.standards_status)
    if header.status == "retired":
        return _unless("retired", source.status == "retired")
    if header.experimental:
        return _unless("experimental", source.experimental)
    if "draft" in (header.status, header.standards_status):
        return _unless("draft", "draft" in (source.status, source.standards_status))
    return ()


def remark_about(header: Header, source: Header) -> str:
    """Return the state of a resource that a validation remarks on, '' where there is nothing to say.

    What is deprecated, withdrawn or retired is always said; experiments and drafts only where the source is none itself.
    """
    if header.standards_status in ("deprecated", "withdrawn"):
        return header.standards_status
    if header.status == "retired":
        return "retired"
    if header.experimental and not source.experimental:
        return "experimental"
    is_draft = "draft" in (header.status, header.standards_status)
    return "draft" if is_draft and "draft" not in (source.status, source.standards_status) else ""


def _unless(state: str, shared: bool) -> tuple[str, ...]:  # noqa: FBT001  two words for one thing
    return () if shared else (state,)
