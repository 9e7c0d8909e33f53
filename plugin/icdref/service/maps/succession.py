"""Ended codes of ICD-10-CM and the codes that replaced them, as a map."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Final

from icdref import codes, issues_maps
from icdref.canonicals import canonical
from icdref.service.maps.titles import Titles
from icdref.service.terminology import Terminology
from icdref.translations import NARROWER, RELATED, REVERSED, Found, MapCard, MapElement, MapGroup, Mapped, Question, Target

SUCCESSORS: Final = "icd-10-cm-successors"
_SCOPE: Final = f"{codes.ICD10CM}?fhir_vs"
_LICENCE: Final = "US Government work, public domain in the USA; WHO owns ICD-10; no endorsement by CDC/NCHS or CMS"


class SuccessorMap:
    """The conversion table: chains are followed to their end, and several successors stay side by side."""

    def __init__(self, terminology: Terminology, titles: Titles) -> None:
        self._terminology = terminology
        self._titles = titles

    @cached_property
    def card(self) -> MapCard:
        """Return what the map is."""
        newest = self._terminology.releases.newest
        return MapCard(
            SUCCESSORS,
            canonical("ConceptMap", SUCCESSORS),
            newest.version,
            "ICD10CMSuccessors",
            "ICD-10-CM: codes that ended and the codes that replaced them",
            "The publisher's conversion table: each code that ended, with the codes that replaced it, chains followed to"
            " their end. The publisher states a relation, not an equality; a code that was split is wider than its parts.",
            "CDC/NCHS conversion table, shaped by icdref",
            _LICENCE,
            newest.effective_from.isoformat(),
            (_SCOPE, _SCOPE),
        )

    def ends(self) -> tuple[tuple[str, str], ...]:
        """Return its code systems: one and the same."""
        return ((codes.ICD10CM, codes.ICD10CM),)

    def find(self, question: Question) -> Found:
        """Return what replaced an ended code, or for a reverse question what a code replaced."""
        if question.code.system != codes.ICD10CM:
            return Found(())
        code = codes.normalise(question.code.code)
        if code is None:
            return Found(())
        if question.reverse:
            _, old = self._terminology.succession(code)
            return Found(
                tuple(
                    Target(
                        REVERSED.get(said := _relationship(each, code), said), Mapped(codes.ICD10CM, each, self._any_title(each))
                    )
                    for each in old
                )
            )
        new = self._terminology.successors(code)
        targets = tuple(
            Target(_relationship(code, each), Mapped(codes.ICD10CM, each, self._titles.of(codes.ICD10CM, each, question.choice)))
            for each in new
        )
        return Found(targets, (issues_maps.several_successors(code),) if len(new) > 1 else ())

    def groups(self, most: int) -> Iterator[MapGroup]:
        """Yield its one group, in code order."""
        pairs = self._pairs
        elements = tuple(
            MapElement(
                Mapped(codes.ICD10CM, old, self._any_title(old)),
                tuple(
                    Target(_relationship(old, each), Mapped(codes.ICD10CM, each, self._titles.of(codes.ICD10CM, each)))
                    for each in new
                ),
            )
            for old, new in islice(pairs.items(), most)
        )
        yield MapGroup(codes.ICD10CM, "", codes.ICD10CM, "", elements, len(pairs))

    @cached_property
    def _pairs(self) -> dict[str, tuple[str, ...]]:
        """Return each ended code with what replaced it."""
        succession = ((code, self._terminology.successors(code)) for code in self._terminology.concepts.succession_codes())
        return {code: new for code, new in succession if new}

    def _any_title(self, code: str) -> str:
        return self._titles.of_any_release(code)


def _relationship(old: str, new: str) -> str:
    """Return how a successor stands to the code before: a part of it where the old code became its header."""
    return NARROWER if codes.without_dot(new).startswith(codes.without_dot(old)) else RELATED
