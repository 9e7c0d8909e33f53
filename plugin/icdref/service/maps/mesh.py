"""MeSH ids that EHRs send as sub-topic, mapped to the sections of a condition summary: Infobutton's table as a map."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from icdref.canonicals import MESH_SYSTEM, SECTION_SYSTEM, canonical
from icdref.model import MESH_OF_SECTION, SECTIONS
from icdref.service.sections import MESH_SECTIONS
from icdref.translations import EQUIVALENT, RELATED, Found, MapCard, MapElement, MapGroup, Mapped, Question, Target

MESH_MAP: Final = "mesh-to-section"
_TITLES: Final = dict(SECTIONS)
_OWN: Final = dict(MESH_OF_SECTION.values())
"""The ids that sections carry as their own code, with the words of MeSH for them."""


class MeshMap:
    """The map from MeSH qualifiers and descriptors to sections."""

    card = MapCard(
        MESH_MAP,
        canonical("ConceptMap", MESH_MAP),
        "1.0.0",
        "MeshToSection",
        "MeSH sub-topics and the sections of a condition summary",
        "The MeSH ids that an Infobutton request names as sub-topic, and the section of a condition summary that answers each.",
        "icdref",
        "MeSH ids are of the U.S. National Library of Medicine",
        "",
        ("", ""),
    )
    """What the map is."""

    def ends(self) -> tuple[tuple[str, str], ...]:
        """Return its code systems."""
        return ((MESH_SYSTEM, SECTION_SYSTEM),)

    def find(self, question: Question) -> Found:
        """Return the section of a MeSH id, or for a reverse question the ids of a section."""
        code = question.code.code.strip()
        if question.reverse and question.code.system == SECTION_SYSTEM:
            found = [mesh for mesh, section in MESH_SECTIONS.items() if section == code]
            return Found(tuple(Target(_relationship(mesh), _mesh(mesh)) for mesh in found))
        if question.reverse or question.code.system != MESH_SYSTEM or code not in MESH_SECTIONS:
            return Found(())
        return Found((_target(code),))

    def groups(self, most: int) -> Iterator[MapGroup]:
        """Yield its one group."""
        elements = tuple(MapElement(_mesh(mesh), (_target(mesh),)) for mesh in islice(MESH_SECTIONS, most))
        yield MapGroup(MESH_SYSTEM, "", SECTION_SYSTEM, "", elements, len(MESH_SECTIONS))


def _target(mesh: str) -> Target:
    section = MESH_SECTIONS[mesh]
    return Target(_relationship(mesh), Mapped(SECTION_SYSTEM, section, _TITLES[section]))


def _relationship(mesh: str) -> str:
    """Return `equivalent` for the id that a section carries as its own code, else that the two are related."""
    return EQUIVALENT if mesh in _OWN else RELATED


def _mesh(mesh: str) -> Mapped:
    return Mapped(MESH_SYSTEM, mesh, _OWN.get(mesh, ""))
