"""What the condition summaries name as the same in other code systems: SNOMED CT, MONDO, WHO ICD-10 and others, ids only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from icdref import codes, issues_maps
from icdref.canonicals import canonical
from icdref.model import CodeBinding, ConditionSummary, Kind
from icdref.results import Lookup
from icdref.service.maps.spelling import spelt
from icdref.service.maps.titles import Titles
from icdref.service.summaries import Summaries
from icdref.service.terminology import Terminology
from icdref.translations import RELATED, WIDER, Found, MapCard, MapElement, MapGroup, Mapped, Question, Target

EQUIVALENTS: Final = "condition-summary-equivalents"
_COMMENT: Final = "named as an equivalent, exact or approximate, by the condition summary "


class EquivalentMap:
    """From the codes that summaries are about to the codes that they name as equivalents. Only summaries served today."""

    def __init__(self, summaries: Summaries, terminology: Terminology, titles: Titles) -> None:
        self._summaries = summaries
        self._terminology = terminology
        self._titles = titles

    @property
    def card(self) -> MapCard:
        """Return what the map is."""
        return MapCard(
            EQUIVALENTS,
            canonical("ConceptMap", EQUIVALENTS),
            self._terminology.releases.newest.version,
            "ConditionSummaryEquivalents",
            "Codes of other code systems that the condition summaries name as equivalents",
            "What each condition summary is about in ICD-10-CM, and the identifiers that it names for the same condition in"
            " other code systems. The relation may be exact or approximate. No text of those code systems is held. Asked"
            " about a code below, the map answers for the nearest code above, with the relationship `wider`.",
            "icdref",
            "CC BY 4.0 for the selection; the identifiers belong to the publishers of their code systems",
            max((each.attributes.revision_date.isoformat() for each in self._served()), default=""),
            (f"{codes.ICD10CM}?fhir_vs", ""),
        )

    def ends(self) -> tuple[tuple[str, str], ...]:
        """Return its code systems."""
        return tuple((codes.ICD10CM, system) for system in self._summaries.systems())

    def find(self, question: Question) -> Found:
        """Return the equivalents of a code or of the nearest code above; for a reverse question the codes that have it."""
        system = question.code.system
        if question.reverse:
            return Found(tuple(self._named(system, spelt(system, question.code.code), question)))
        if system != codes.ICD10CM:
            return Found(())
        day = question.choice.day if question.choice.method == "date" else None
        version = question.choice.release.version if question.choice.method == "version" else ""
        found = self._terminology.lookup(question.code.code, codes.ICD10CM, version, day)
        return self._near(found) if isinstance(found, Lookup) else Found(())

    def groups(self, most: int) -> Iterator[MapGroup]:
        """Yield a group for each code system."""
        for system in self._summaries.systems():
            pairs: dict[str, list[Target]] = {}
            for summary in self._served():
                for code in self._focus(summary):
                    for each in _equivalents(summary, system):
                        pairs.setdefault(code, []).append(_target(summary, each, RELATED))
            elements = tuple(
                MapElement(Mapped(codes.ICD10CM, code, self._titles.of(codes.ICD10CM, code)), tuple(targets))
                for code, targets in islice(sorted(pairs.items()), most)
            )
            if pairs:
                yield MapGroup(codes.ICD10CM, "", system, "", elements, len(pairs))

    def _near(self, found: Lookup) -> Found:
        for level, concept in enumerate((found.concept, *found.ancestors)):
            if concept.kind in (Kind.BLOCK, Kind.CHAPTER):
                break
            named = self._summaries.bound_to(concept.code, exact=level == 0)
            targets = [
                _target(self._summaries.all[name], each, WIDER if level else RELATED)
                for name in named
                for each in _equivalents(self._summaries.all[name])
            ]
            if targets:
                above = issues_maps.named_above(found.concept.code, concept.code, concept.display)
                return Found(tuple(targets), (above,) if level else ())
            if named:
                break
        return Found(())

    def _named(self, system: str, code: str, question: Question) -> Iterator[Target]:
        for name in self._summaries.equivalent_to(system, code):
            summary = self._summaries.all[name]
            for own in self._focus(summary):
                title = self._titles.of(codes.ICD10CM, own, question.choice)
                yield Target(RELATED, Mapped(codes.ICD10CM, own, title), comment=_COMMENT + name)

    def _served(self) -> Iterator[ConditionSummary]:
        return (summary for summary in self._summaries.all.values() if self._summaries.is_served(summary))

    @staticmethod
    def _focus(summary: ConditionSummary) -> list[str]:
        return [each.code for each in summary.codes if each.system == codes.ICD10CM and each.role == "focus"]


def _equivalents(summary: ConditionSummary, system: str = "") -> Iterable[CodeBinding]:
    others = (each for each in summary.codes if each.system != codes.ICD10CM)
    return [each for each in others if not system or each.system == system]


def _target(summary: ConditionSummary, binding: CodeBinding, relationship: str) -> Target:
    return Target(relationship, Mapped(binding.system, binding.code), comment=_COMMENT + summary.id)
