"""What a release does to value sets and maps: those of our summaries, those that the operator imported, and the equivalence maps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from icdref import codes
from icdref.model import CodeBinding
from icdref.service.release_diff import ReleaseDiff
from icdref.service.service import Service
from icdref.store.conditions import ConceptMapStore
from icdref.store.index import INDEX_NAME, Index
from icdref.store.resources import ResourceStore

_NAMED: Final = 6
_BELOW: Final = ("is-a", "descendent-of", "descendant-of")


@dataclass(frozen=True, slots=True)
class SetChange:
    """The codes that a value set gains and loses; `ended` are codes that it lists by name and that are not valid any more."""

    name: str
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()

    @property
    def detail(self) -> str:
        """Return the change in words."""
        parts = [(self.gained, "gains"), (self.lost, "loses"), (self.ended, "lists by name, though ended,")]
        return "; ".join(f"{verb} {named(found)}" for found, verb in parts if found)

    @property
    def first(self) -> str:
        """Return the first code of it."""
        return next(iter((*self.ended, *self.lost, *self.gained)), "")


def named(found: Iterable[str]) -> str:
    """Return a few codes of many, and how many there are.

    >>> named(["A00", "A01"]), named(map(str, range(9)))
    ('A00, A01', '0, 1, 2, 3, 4, 5 and 3 more')
    """
    listed = list(found)
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return ", ".join(listed[:_NAMED]) + more


def of_bindings(name: str, bindings: Iterable[CodeBinding], diff: ReleaseDiff) -> SetChange:
    """Return what the value set of a summary gains and loses."""
    own = list(bindings)
    gained = [code for code in (*diff.added, *diff.headers_added) if any(covers(each, code) for each in own)]
    lost = [code for code in (*diff.deleted, *diff.headers_removed) if any(covers(each, code) for each in own)]
    turned = {*diff.became_header, *diff.became_billable}
    return SetChange(
        name, tuple(code for code in gained if code not in turned), tuple(code for code in lost if code not in turned)
    )


def covers(binding: CodeBinding, code: str) -> bool:
    """Tell whether a binding speaks about a code: itself, or below it. A code of the tree begins with every code above it."""
    return binding.code == code or (binding.match == "self-and-descendants" and _is_below(code, binding.code))


def of_imported(resources: ResourceStore, diff: ReleaseDiff) -> Iterator[SetChange]:
    """Yield the imported value sets that the release touches."""
    for resource in resources.of_type("ValueSet"):
        found = _of_compose(str(resource.get("title") or resource["url"]), resource.get("compose") or {}, diff)
        if found.detail:
            yield found


def _of_compose(name: str, compose: Mapping[str, Any], diff: ReleaseDiff) -> SetChange:
    gained: dict[str, None] = {}
    lost: dict[str, None] = {}
    ended: dict[str, None] = {}
    for include in compose.get("include") or ():
        if include.get("system") != codes.ICD10CM or include.get("version"):  # one that is pinned to a release stays as it is
            continue
        listed = [str(each.get("code")) for each in include.get("concept") or ()]
        ended |= dict.fromkeys(code for code in listed if code in diff.deleted)
        if listed:
            continue
        roots = [each.get("value") for each in include.get("filter") or () if each.get("op") in _BELOW]
        if include.get("filter") and not roots:
            continue  # what a filter by another property selects, only an expansion can say
        inside = [str(root) for root in roots]
        turned = {*diff.became_header, *diff.became_billable}
        for into, changed in ((gained, (*diff.added, *diff.headers_added)), (lost, (*diff.deleted, *diff.headers_removed))):
            within = (code for code in changed if not inside or any(_is_below(code, root) for root in inside))
            into.update(dict.fromkeys(code for code in within if code not in turned))
    return SetChange(name, tuple(gained), tuple(lost), tuple(ended))


def _is_below(code: str, root: str) -> bool:
    return codes.without_dot(code).startswith(codes.without_dot(root))


def maps_to_ended(resources: ResourceStore, diff: ReleaseDiff) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield (map, ended code, the codes that it is mapped from or to) of the imported maps."""
    for resource in resources.of_type("ConceptMap"):
        name = str(resource.get("title") or resource["url"])
        for number, group in enumerate(resource.get("group") or ()):
            ends = [str(group.get(end) or "").partition("|")[0] == codes.ICD10CM for end in ("source", "target")]
            found: dict[str, dict[str, None]] = {}
            for source, targets in resources.rows(resource["id"], number) if any(ends) else ():
                if ends[0] and source in diff.deleted:
                    found.setdefault(source, {}).update(dict.fromkeys(each.code for each in targets if each.code))
                for target in targets if ends[1] else ():
                    if target.code in diff.deleted:
                        found.setdefault(target.code, {})[source] = None
            yield from ((name, code, tuple(others)) for code, others in sorted(found.items()))


def unmapped(service: Service, diff: ReleaseDiff) -> tuple[str, ...]:
    """Return the new billable codes that the map to ICD-9-CM does not have."""
    maps = ConceptMapStore(Index(service.edition.folder / INDEX_NAME))
    return tuple(code for code in diff.added if not maps.mappings(codes.ICD10CM, code))
