"""What a release does to what icdref says: summaries, their value sets, and maps, by the codes they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from icdref import codes
from icdref.compiler import impact_sets
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
VALUE_SET = "value-set-changed"
NOT_MAPPED = "map-leads-to-deleted"
NO_MAP = "new-codes-without-map"

MEANINGS: Mapping[str, str] = {
    UNBOUND: "no code of the summary is in the release: bind it to the successors, or retire it",
    DELETED: "a code of the summary is not valid any more: read its successors and decide",
    NEW_BELOW: "a new code falls under the summary: check that what is said holds for it too",
    RETITLED: "the title of a code under the summary changed: check the wording",
    EXCLUDES: "an Excludes note under or above the summary changed: check to what it applies",
    VALUE_SET: "a value set has other codes than before: check what uses it",
    NOT_MAPPED: "a map leads to or from a code that ended: its answers name the successors",
    NO_MAP: "a map does not have the new codes: its publisher has frozen it",
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
    found += _value_sets(service, diff)
    found += _maps(service, diff)
    order = list(MEANINGS)
    return tuple(sorted(found, key=lambda each: (not each.is_failure, each.subject, order.index(each.kind), each.code)))


def _summary(service: Service, summary: ConditionSummary, diff: ReleaseDiff) -> Iterator[Finding]:
    bindings = _bindings(summary)
    alive = [binding for binding in bindings if _is_alive(service, binding, diff)]
    if bindings and not alive:
        yield Finding(UNBOUND, summary.id, ", ".join(each.code for each in bindings), MEANINGS[UNBOUND])
    for binding in bindings:
        for code in diff.deleted:
            if impact_sets.covers(binding, code) and code not in diff.became_billable:
                newer = ", ".join(diff.successors.get(code, ())) or "none named"
                turned = "; it became a header" if code in diff.became_header else ""
                yield Finding(DELETED, summary.id, code, f"{diff.deleted[code]}; successors: {newer}{turned}")
        for code, title in diff.added.items():
            if impact_sets.covers(binding, code) and code not in diff.became_billable:
                yield Finding(NEW_BELOW, summary.id, code, title or "title not installed")
        for code, (old, new) in {**diff.retitled, **diff.headers_retitled}.items():
            if impact_sets.covers(binding, code):
                yield Finding(RETITLED, summary.id, code, f"{old!r} became {new!r}")
        for code, changes in diff.notes.items():
            lines = [text for each in changes if each.kind in (NoteKind.EXCLUDES1, NoteKind.EXCLUDES2) for text in each.added]
            gone = [text for each in changes if each.kind in (NoteKind.EXCLUDES1, NoteKind.EXCLUDES2) for text in each.removed]
            if (lines or gone) and (impact_sets.covers(binding, code) or binding.code.startswith(code)):
                detail = "; ".join([f"added {text!r}" for text in lines] + [f"removed {text!r}" for text in gone])
                yield Finding(EXCLUDES, summary.id, code, detail)


def _is_alive(service: Service, binding: CodeBinding, diff: ReleaseDiff) -> bool:
    """Tell whether a bound code still names anything in the second release."""
    if diff.second.release is None:
        return binding.code not in diff.deleted or binding.code in diff.became_header
    return service.concepts.concept(binding.code, service.releases.number(diff.second.release)) is not None


def _bindings(summary: ConditionSummary) -> list[CodeBinding]:
    return [each for each in summary.codes if each.system == codes.ICD10CM and each.role in ("focus", "equivalent")]


def _value_sets(service: Service, diff: ReleaseDiff) -> Iterator[Finding]:
    """Yield the value sets that gain or lose codes: one for each summary, and those that the operator imported."""
    summaries = service.knowledge.summaries.all.values()
    own = (impact_sets.of_bindings(f"value set of {summary.id}", _bindings(summary), diff) for summary in summaries)
    for change in (*own, *impact_sets.of_imported(service.resources, diff)):
        if change.detail:
            yield Finding(VALUE_SET, change.name, change.first, change.detail)


def _maps(service: Service, diff: ReleaseDiff) -> Iterator[Finding]:
    """Yield the deleted codes that a map still leads to, and how many new ones the map to ICD-9-CM lacks."""
    led = ConceptMapStore(Index(service.edition.folder / INDEX_NAME)).leading_to(codes.ICD9CM, diff.deleted.keys())
    for code, sources in sorted(led.items()):
        newer = ", ".join(diff.successors.get(code, ())) or "none named"
        yield Finding(NOT_MAPPED, "map ICD-9-CM to ICD-10-CM", code, f"from {', '.join(sources[:6])}; successors: {newer}")
    for name, code, others in impact_sets.maps_to_ended(service.resources, diff):
        newer = ", ".join(diff.successors.get(code, ())) or "none named"
        yield Finding(NOT_MAPPED, name, code, f"mapped with {impact_sets.named(others) or 'nothing'}; successors: {newer}")
    if lacking := impact_sets.unmapped(service, diff):
        yield Finding(NO_MAP, "map ICD-10-CM to ICD-9-CM", lacking[0], f"{len(lacking)} new codes: {impact_sets.named(lacking)}")
