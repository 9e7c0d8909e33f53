"""The filters of value sets over ICD-10-CM: a property, an operator and a value in; the set of concepts out.

Filters that name a place in the tree, a code or a level find chapters and blocks too, as `$subsumes` counts them; every
other filter finds codes alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from icdref import codes
from icdref.model import Kind, NoteKind
from icdref.service.systems.icd10cm_records import Records
from icdref.service.systems.icd10cm_tree import ReleaseTree
from icdref.service.systems.ordinals import Ordinals
from icdref.service.systems.patterns import whole_match

_TREE: Final = frozenset({"is-a", "descendent-of", "child-of", "descendent-leaf", "is-not-a", "generalizes"})
_CODE: Final = frozenset({"concept", "code"})
_NOTES: Final = frozenset(str(kind) for kind in NoteKind) | {"seventhCharacter"}
_LISTS: Final = frozenset({"in", "not-in"})

PLACES: Final = frozenset({"concept", "code", "parent", "child"})
"""Properties whose value is the place of a concept."""


class Filters:
    """Evaluates filters over one release on one day. What a filter found is kept: value sets repeat theirs."""

    def __init__(self, sets: ReleaseTree, records: Records) -> None:
        self._sets = sets
        self._records = records
        self.find = lru_cache(maxsize=256)(self._find)

    def _find(self, property_: str, op: str, value: str) -> Ordinals | None:
        """Return the concepts that a filter selects, None where the property or operator is unknown."""
        if property_ in _CODE and op in _TREE:
            return self._in_tree(op, value)
        wanted = self._wanted(op, value, is_code=property_ in PLACES)
        if wanted is None:
            return None
        test, negative, given = wanted
        if property_ in _CODE:
            return self._by_code(op, test, given, negative=negative)
        found = self._having(property_, test, given)
        if found is None:
            return None
        return self._sets.everything - found if negative else found

    def _wanted(self, op: str, value: str, *, is_code: bool) -> tuple[Callable[[str], bool], bool, frozenset[str]] | None:
        """Return (test of a value, whether it is turned round, the values named) for an operator, None for another one."""
        if op == "exists":
            return (lambda _: True), value.strip().lower() == "false", frozenset()
        if op == "regex":
            return whole_match(value), False, frozenset()
        if op not in ("=", *_LISTS):
            return None
        listed = [each.strip() for each in value.split(",")] if op in _LISTS else [value.strip()]
        given = frozenset((codes.normalise(each) or each) if is_code else each for each in listed)
        return given.__contains__, op == "not-in", given

    # --- places in the tree ------------------------------------------------------------------------------------------

    def _in_tree(self, op: str, value: str) -> Ordinals:
        place = self._sets.place(codes.normalise(value) or "")
        if place is None:
            return self._sets.everything if op == "is-not-a" else Ordinals()
        own = Ordinals.of((place,))
        if op == "generalizes":
            return Ordinals.of((place, *self._sets.ancestors(place)))
        if op == "child-of":
            return Ordinals.of(self._sets.children(place))
        branch = self._sets.branch(place)
        if op == "is-not-a":
            return self._sets.everything - branch
        if op == "descendent-leaf":
            return (branch - own) & self._sets.leaves
        return branch if op == "is-a" else branch - own

    def _by_code(self, op: str, test: Callable[[str], bool], given: frozenset[str], *, negative: bool) -> Ordinals:
        if op in ("=", *_LISTS):
            listed = self._sets.places(given)
            return self._sets.everything - listed if negative else listed
        if op == "exists":
            return Ordinals() if negative else self._sets.everything
        return Ordinals.of(at for at in self._sets.everything if test(self._sets.code(at)))

    # --- properties --------------------------------------------------------------------------------------------------

    def _having(self, property_: str, test: Callable[[str], bool], given: frozenset[str]) -> Ordinals | None:
        """Return the concepts with a value of the property that passes the test, None where there is no such property."""
        sets = self._sets
        if property_ in ("parent", "child"):
            return self._related(property_, test, given)
        if property_ in ("chapter", "block"):
            return self._inside(property_, test)
        if property_ == "site":
            return sets.at_sites(test)
        if property_ == "laterality":
            return self._among({side: sets.on_side(side) for side in ("left", "right", "bilateral", "unspecified")}, test)
        if property_ == "kind":
            return self._among({str(kind): sets.of_kind(kind) for kind in Kind}, test)
        if property_ == "status":
            retired = Ordinals.of(at for at in sets.inactive if sets.has_ended(at))
            return self._among({"retired": retired, "active": sets.everything - sets.inactive}, test)
        flags = {"billable": sets.billable, "notSelectable": sets.abstract, "inactive": sets.inactive}
        if property_ in flags:
            every = sets.everything | sets.abstract if property_ == "notSelectable" else sets.everything
            return self._among({"true": flags[property_], "false": every - flags[property_]}, test)
        if property_ in ("effectiveDate", "retirementDate"):
            return Ordinals.of(at for at, day in self._days(property_) if test(day))
        if property_ == "display":
            return self._records.titled(test) & sets.everything
        if property_ in _NOTES:
            return self._records.noted(property_, test) & sets.everything
        return self._records.having(property_, test)

    @staticmethod
    def _among(by_value: dict[str, Ordinals], test: Callable[[str], bool]) -> Ordinals:
        found = Ordinals()
        for value, concepts in by_value.items():
            if test(value):
                found |= concepts
        return found

    def _related(self, property_: str, test: Callable[[str], bool], given: frozenset[str]) -> Ordinals:
        sets = self._sets
        if given:
            places = [at for code in given if (at := sets.place(code)) is not None]
            if property_ == "parent":
                return self._among({str(at): Ordinals.of(sets.children(at)) for at in places}, lambda _: True)
            return Ordinals.of(above for at in places if (above := sets.parent(at)) is not None)
        every = range(len(sets.tree))
        if property_ == "parent":
            return Ordinals.of(at for at in every if (above := sets.parent(at)) is not None and test(sets.code(above)))
        return Ordinals.of({above for at in every if (above := sets.parent(at)) is not None and test(sets.code(at))})

    def _inside(self, property_: str, test: Callable[[str], bool]) -> Ordinals:
        """Return the codes inside the chapters or blocks whose name passes; what stands in a block of a block is in both."""
        sets, found = self._sets, Ordinals()
        for at in self._containers(property_):
            if test(sets.code(at)):
                found |= sets.branch(at)
        return found & sets.everything

    def _containers(self, property_: str) -> Iterator[int]:
        tree = self._sets.tree
        kind = Kind.CHAPTER if property_ == "chapter" else Kind.BLOCK
        own = self._sets.own_blocks if property_ == "block" else Ordinals()
        return (at for at in (self._sets.abstract | own) if at in own or tree.kind(at) == kind)

    def _days(self, property_: str) -> Iterator[tuple[int, str]]:
        tree = self._sets.tree
        column, more = (tree.valid_from, 0) if property_ == "effectiveDate" else (tree.valid_to, 1)
        for at, number in enumerate(column):
            if number and tree.is_billable(at):
                yield at, (date.fromordinal(number) + timedelta(days=more)).isoformat()
