"""What a release does to what icdref says: summaries, their value sets, and maps, by the codes they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from icdref import codes
from icdref.model import CodeBinding, ConditionSummary, NoteKind
from icdref.service.release_diff import ReleaseDiff
from icdref.service.service import Service
from icdref.store.conditions import ConceptMapStore
from icdref.store.index import INDEX_NAME, Index

UNBOUND = "bound-to-nothing"
DELETED = "bound-code-deleted"
NEW_BELOW = "new-code-below"
RETITLED = "title-changed"
EXCLUDES = "excludes-changed"
NOT_MAPPED = "map-leads-to-deleted"

MEANINGS: Mapping[str, str] = {
    UNBOUND: "no code of the summary is in the release: bind it to the successors, or retire it",
    DELETED: "a code of the summary is not valid any more: read its successors and decide",
    NEW_BELOW: "a new code falls under the summary: check that what is said holds for it too",
    RETITLED: "the title of a code under the summary changed: check the wording",
    EXCLUDES: "an Excludes note under or above the summary changed: check to what it applies",
    NOT_MAPPED: "a map leads to a code that ended: its answers name the successors",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: what happened, to which summary or map, through which code, in which words."""

    kind: str
    subject: str
    code: str
    detail: str

    @property
    def is_failure(self) -> bool:
        """Tell whether the release must not go live like this."""
        return self.kind == UNBOUND


def impact(service: Service, diff: ReleaseDiff) -> tuple[Finding, ...]:
    """Return every finding, failures first, then by summary."""
    found = [finding for summary in service.knowledge.summaries.all.values() for finding in _summary(service, summary, diff)]
    found += _maps(service, diff)
    order = list(MEANINGS)
    return tuple(sorted(found, key=lambda each: (not each.is_failure, each.subject, order.index(each.kind), each.code)))


def _summary(service: Service, summary: ConditionSummary, diff: ReleaseDiff) -> Iterator[Finding]:
    bindings = [each for each in summary.codes if each.system == codes.ICD10CM and each.role in ("focus", "equivalent")]
    alive = [binding for binding in bindings if _is_alive(service, binding, diff)]
    if bindings and not alive:
        yield Finding(UNBOUND, summary.id, ", ".join(each.code for each in bindings), MEANINGS[UNBOUND])
    for binding in bindings:
        for code in diff.deleted:
            if _covers(binding, code) and code not in diff.became_billable:
                newer = ", ".join(diff.successors.get(code, ())) or "none named"
                turned = "; it became a header" if code in diff.became_header else ""
                yield Finding(DELETED, summary.id, code, f"{diff.deleted[code]}; successors: {newer}{turned}")
        for code, title in diff.added.items():
            if _covers(binding, code) and code not in diff.became_billable:
                yield Finding(NEW_BELOW, summary.id, code, title or "title not installed")
        for code, (old, new) in {**diff.retitled, **diff.headers_retitled}.items():
            if _covers(binding, code):
                yield Finding(RETITLED, summary.id, code, f"{old!r} became {new!r}")
        for code, changes in diff.notes.items():
            lines = [text for each in changes if each.kind in (NoteKind.EXCLUDES1, NoteKind.EXCLUDES2) for text in each.added]
            gone = [text for each in changes if each.kind in (NoteKind.EXCLUDES1, NoteKind.EXCLUDES2) for text in each.removed]
            if (lines or gone) and (_covers(binding, code) or binding.code.startswith(code)):
                detail = "; ".join([f"added {text!r}" for text in lines] + [f"removed {text!r}" for text in gone])
                yield Finding(EXCLUDES, summary.id, code, detail)


def _is_alive(service: Service, binding: CodeBinding, diff: ReleaseDiff) -> bool:
    """Tell whether a bound code still names anything in the second release."""
    if diff.second.release is None:
        return binding.code not in diff.deleted or binding.code in diff.became_header
    return service.concepts.concept(binding.code, service.releases.number(diff.second.release)) is not None


def _covers(binding: CodeBinding, code: str) -> bool:
    """Tell whether a binding speaks about a code: itself, or below it. A code of the tree begins with every code above it."""
    if binding.code == code:
        return True
    return binding.match == "self-and-descendants" and codes.without_dot(code).startswith(codes.without_dot(binding.code))


def _maps(service: Service, diff: ReleaseDiff) -> Iterator[Finding]:
    """Yield the deleted codes that a map from another code system still leads to."""
    led = ConceptMapStore(Index(service.edition.folder / INDEX_NAME)).leading_to(codes.ICD9CM, diff.deleted.keys())
    for code, sources in sorted(led.items()):
        newer = ", ".join(diff.successors.get(code, ())) or "none named"
        yield Finding(NOT_MAPPED, "map ICD-9-CM to ICD-10-CM", code, f"from {', '.join(sources[:6])}; successors: {newer}")
