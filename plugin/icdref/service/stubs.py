"""Imported definitions for a code: its own, or that of the code above it, said as such; never for a residual code."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Final

from icdref.model import Concept, Kind
from icdref.results import Lookup, Stub
from icdref.store.stubs import StubStore

BANNER: Final = "Imported definition, not reviewed."


class Stubs:
    """Chooses among the imported definitions of an edition; those withdrawn for safety are never seen."""

    def __init__(self, store: StubStore, withdrawn: Set[str] = frozenset()) -> None:
        self.store = store
        self._withdrawn = withdrawn

    def of(self, lookup: Lookup) -> tuple[Stub, ...]:
        """Return the definitions of a code, else those of its nearest ancestor up to the category, marked as inherited.

        Identifiers alone come only with the code's own.
        """
        concept = lookup.concept
        if concept.kind in (Kind.CHAPTER, Kind.BLOCK) or not concept.display:
            return ()
        own = self._at(concept)
        if concept.residual:
            return tuple(stub for stub in own if not stub.text)
        if any(stub.text for stub in own):
            return own
        for above in lookup.ancestors:
            if above.kind in (Kind.CHAPTER, Kind.BLOCK):
                break
            defined = tuple(replace(stub, inherited=True) for stub in self._at(above) if stub.text)
            if defined:
                return (*defined, *own)
        return own

    def _at(self, concept: Concept) -> tuple[Stub, ...]:
        found = self.store.stubs(concept.code, concept.display)
        return tuple(stub for stub in found if stub.id not in self._withdrawn)
