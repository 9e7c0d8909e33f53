"""Every concept map of an edition, in the order in which they are asked and listed."""

from __future__ import annotations

from icdref import codes
from icdref.service.maps.equivalents import EquivalentMap
from icdref.service.maps.gem import GemMap
from icdref.service.maps.mesh import MeshMap
from icdref.service.maps.stored import stored_maps
from icdref.service.maps.succession import SuccessorMap
from icdref.service.maps.titles import Titles
from icdref.service.maps.translator import Translator
from icdref.service.summaries import Summaries
from icdref.service.terminology import Terminology
from icdref.store.conditions import ConceptMapStore
from icdref.store.resources import ResourceStore


def translator(terminology: Terminology, summaries: Summaries, store: ConceptMapStore, resources: ResourceStore) -> Translator:
    """Return the translator over the maps of an edition: ours first, then what the operator imported."""
    titles = Titles(terminology)
    return Translator(
        terminology,
        (
            SuccessorMap(terminology, titles),
            EquivalentMap(summaries, terminology, titles),
            GemMap(codes.ICD9CM, codes.ICD10CM, store, titles, summaries),
            GemMap(codes.ICD10CM, codes.ICD9CM, store, titles, summaries),
            MeshMap(),
            *stored_maps(resources),
        ),
    )
