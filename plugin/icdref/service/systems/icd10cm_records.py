"""What stands in the records of the concepts of a release, for questions about all of them: titles, notes, edits, successors.

Reading every record of a release takes half a second, so only filters on these properties do it, and their answers are kept;
the notes of a release are kept whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from icdref.concept_properties import EDIT_PROPERTIES
from icdref.service.systems.icd10cm_tree import ReleaseTree
from icdref.service.systems.ordinals import Ordinals
from icdref.service.terminology import Terminology
from icdref.store.records import StoredConcept

_EDITS: Final = frozenset(name for name, _ in EDIT_PROPERTIES.values())


class Records:
    """Reads the records of one release. `day` is the proleptic ordinal that edits are laid over, as `$lookup` does."""

    def __init__(self, terminology: Terminology, release: int, sets: ReleaseTree, day: int) -> None:
        self._terminology = terminology
        self._release = release
        self._sets = sets
        self._day = day

    def titled(self, test: Callable[[str], bool]) -> Ordinals:
        """Return the concepts whose title passes a test."""
        return Ordinals.of(at for at, stored in self._all() if test(stored.concept.display))

    def noted(self, property_: str, test: Callable[[str], bool]) -> Ordinals:
        """Return the concepts that carry a note of a kind whose text passes; what stands further up is not theirs."""
        return Ordinals.of(at for at, text in self._terminology.concepts.notes(self._release).get(property_, ()) if test(text))

    def having(self, property_: str, test: Callable[[str], bool]) -> Ordinals | None:
        """Return the codes with an edit, a successor or a predecessor that passes; None where there is no such property."""
        if property_ in ("replacedBy", "replaces"):
            return Ordinals.of(self._replaced(property_, test))
        if property_ in _EDITS:
            return Ordinals.of(self._edited(property_, test))
        return None

    def _replaced(self, property_: str, test: Callable[[str], bool]) -> Iterator[int]:
        for code in self._terminology.concepts.succession_codes():
            place = self._sets.place(code)
            if place is not None and (place >= len(self._sets.tree) or self._sets.tree.is_billable(place)):
                replaced_by, replaces = self._terminology.succession(code)
                if any(map(test, replaced_by if property_ == "replacedBy" else replaces)):
                    yield place

    def _edited(self, property_: str, test: Callable[[str], bool]) -> Iterator[int]:
        wanted = {flag for flag, (name, value) in EDIT_PROPERTIES.items() if name == property_ and test(str(value).lower())}
        for row in self._terminology.concepts.all_validity():
            if not row.edits or (place := self._sets.place(row.code)) is None:
                continue
            in_force = (
                edit.flags
                for edit in row.edits
                if edit.since.toordinal() <= self._day and (edit.until is None or self._day <= edit.until.toordinal())
            )
            if wanted.intersection(next(in_force, ())) and (place >= len(self._sets.tree) or self._sets.tree.is_billable(place)):
                yield place

    def _all(self) -> Iterator[tuple[int, StoredConcept]]:
        return enumerate(self._terminology.concepts.all(self._release))
