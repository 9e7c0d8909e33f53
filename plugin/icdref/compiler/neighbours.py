"""What is installed near a release that is being imported: the titles that its own are held against."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from icdref import codes
from icdref.compiler.sources import Sources
from icdref.issues import IcdRefError
from icdref.language.titles import to_ascii
from icdref.model import Concept, Kind
from icdref.store import editions
from icdref.store.concepts import EVERYWHERE, ConceptStore
from icdref.store.index import INDEX_NAME, Index

Neighbour = tuple[str, dict[str, str], frozenset[str]]
"""(version of the nearest release, code -> title in any installed release, the codes of the nearest)."""


def neighbour(data: Path, sources: Sources, day: date) -> Neighbour:
    """Return what is installed near a day; codes that the nearest release lacks have their title from the next nearest.

    Where no edition is served yet, the nearest release is read from its files.
    """
    try:
        concepts = ConceptStore(Index(editions.served(data).edition.folder / INDEX_NAME))
    except IcdRefError:
        return _from_files(sources, day)
    releases = concepts.releases()
    nearest, *others = sorted(range(len(releases)), key=lambda at: abs((releases[at].effective_from - day).days))
    titles = {
        code: to_ascii(title)
        for code, title in concepts.titles(EVERYWHERE, nearest).items()
        if not (codes.is_block(code) or codes.is_chapter(code))
    }
    own = frozenset(titles)
    for number in others:
        for stored in concepts.only_in(number, nearest):
            if _is_code(stored.concept):
                titles.setdefault(stored.concept.code, _title(stored.concept))
    return releases[nearest].version, titles, own


def _from_files(sources: Sources, day: date) -> Neighbour:
    nearest = min(sources.listed(), key=lambda each: abs((each.release.effective_from - day).days))
    release, concepts = nearest.read()
    titles = {concept.code: _title(concept) for concept in concepts if _is_code(concept)}
    return release.version, titles, frozenset(titles)


def _is_code(concept: Concept) -> bool:
    return concept.kind in (Kind.CATEGORY, Kind.SUBCATEGORY)


def _title(concept: Concept) -> str:
    return to_ascii(concept.display)
