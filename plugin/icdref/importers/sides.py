"""Side and site of every code of a release, read from its titles; see `titles` for what a title says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from icdref.importers import titles
from icdref.model import Concept, Kind


def with_sides_and_sites(concepts: Sequence[Concept], extended: set[str]) -> tuple[Concept, ...]:
    """Return the concepts with laterality and site read from titles; extended codes take those of their leaf."""
    known = {concept.display.lower() for concept in concepts}
    sided: dict[str, tuple[str, str]] = {}
    for concept in concepts:
        if concept.kind in (Kind.CATEGORY, Kind.SUBCATEGORY) and concept.code not in extended:
            side = titles.laterality(concept.display, known)
            sided[concept.code] = (side, titles.site(concept.display, side, known) if side and side != "bilateral" else "")
    sites = _common_sites(concepts, sided)

    def completed(concept: Concept) -> Concept:
        bearer = concept.parent if concept.code in extended else concept.code
        if bearer not in sided:
            return concept
        side, site = sided[bearer]
        site = site or sites.get(bearer, "")
        return replace(concept, laterality=side, site=site) if side or site else concept

    return tuple(map(completed, concepts))


def _common_sites(concepts: Sequence[Concept], sided: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Return a site for each header whose children all name one site, and for each bilateral code from its siblings."""
    below: dict[str, set[str]] = {}
    for concept in concepts:
        if found := sided.get(concept.code, ("", ""))[1]:
            below.setdefault(concept.parent, set()).add(found)
    common = {parent: next(iter(found)) for parent, found in below.items() if len(found) == 1}
    bilateral = {
        concept.code: common[concept.parent]
        for concept in concepts
        if concept.parent in common and sided.get(concept.code, ("",))[0] == "bilateral"
    }
    return common | bilateral
