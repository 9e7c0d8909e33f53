"""The general equivalence mappings between ICD-9-CM and ICD-10-CM, one map for each direction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby, islice
from typing import Final

from icdref import codes, issues_maps
from icdref.canonicals import canonical
from icdref.issues import Issue
from icdref.model import ConceptMapping
from icdref.service.maps.spelling import spelt
from icdref.service.maps.titles import Titles
from icdref.service.summaries import Summaries
from icdref.store.conditions import ConceptMapStore
from icdref.translations import (
    EQUIVALENT,
    INEXACT,
    UNMATCHED,
    Found,
    MapCard,
    MapElement,
    MapGroup,
    Mapped,
    Product,
    Question,
    Target,
)

_NAMES: Final = {codes.ICD9CM: "ICD-9-CM", codes.ICD10CM: "ICD-10-CM"}
_IDS: Final = {codes.ICD9CM: "icd-9-cm", codes.ICD10CM: "icd-10-cm"}
_NO_TARGET: Final = "the publisher says that there is no counterpart"
_LICENCE: Final = "US Government work, public domain in the USA; WHO owns ICD-10; no endorsement by CDC/NCHS or CMS"


class GemMap:
    """One direction of the general equivalence mappings."""

    def __init__(self, source: str, target: str, store: ConceptMapStore, titles: Titles, summaries: Summaries) -> None:
        self._source, self._target = source, target
        self._store = store
        self._titles = titles
        self._summaries = summaries

    @cached_property
    def card(self) -> MapCard:
        """Return what the map is."""
        first, second = _NAMES[self._source], _NAMES[self._target]
        identifier = f"{_IDS[self._source]}-to-{_IDS[self._target]}"
        year = self._store.origin(self._source)
        stand = "the edition of 2013, not the final one of 2018" if year == "2013" else f"as imported ({year})"
        return MapCard(
            identifier,
            canonical("ConceptMap", identifier),
            year,
            f"{first}To{second}".replace("-", ""),
            f"General equivalence mappings from {first} to {second}, {year}",
            f"The publisher's general equivalence mappings from {first} to {second}: {stand}. Most pairs are approximate."
            " Where several codes together say what one code says, the others are products of the first; those of one"
            " attribute are alternatives.",
            "CMS and CDC/NCHS, shaped by icdref",
            _LICENCE,
            "",
            (f"{self._source}?fhir_vs", f"{self._target}?fhir_vs"),
        )

    def ends(self) -> tuple[tuple[str, str], ...]:
        """Return its code systems."""
        return ((self._source, self._target),)

    def find(self, question: Question) -> Found:
        """Return the targets of a code, scenario by scenario; for a reverse question the codes that lead to it."""
        if question.reverse:
            return self._leading_to(question)
        if question.code.system != self._source:
            return Found(())
        code = spelt(self._source, question.code.code)
        rows = self._store.mappings(self._source, code)
        if not rows:
            return Found(())
        targets = tuple(self._targets(rows, question))
        return Found(targets, tuple(self._remarks(code, targets)))

    def groups(self, most: int) -> Iterator[MapGroup]:
        """Yield its one group."""
        elements = tuple(
            MapElement(
                Mapped(self._source, code, self._titles.of(self._source, code)),
                tuple(self._targets(self._store.mappings(self._source, code), None)),
            )
            for code in islice(self._store.sources(self._source), most)
        )
        yield MapGroup(self._source, "", self._target, "", elements, self._store.count(self._source))

    def _leading_to(self, question: Question) -> Found:
        if question.code.system != self._target:
            return Found(())
        sources = self._inverted.get(spelt(self._target, question.code.code), ())
        return Found(
            tuple(
                Target(EQUIVALENT if exact else INEXACT, self._concept(self._source, code, question)) for code, exact in sources
            )
        )

    @cached_property
    def _inverted(self) -> dict[str, tuple[tuple[str, bool], ...]]:
        """Return target -> (source, exact). Read once, at the first question asked backwards."""
        found: dict[str, list[tuple[str, bool]]] = {}
        for source, target, approximate in self._store.pairs(self._source):
            found.setdefault(target, []).append((source, not approximate))
        return {target: tuple(dict.fromkeys(sources)) for target, sources in found.items()}

    # --- rows to targets ---------------------------------------------------------------------------------------------

    def _targets(self, rows: Sequence[ConceptMapping], question: Question | None) -> Iterator[Target]:
        """Yield single targets, then for each scenario the codes of its first choice list with the others as products."""
        for row in rows:
            if not row.target:
                yield Target(UNMATCHED, None, comment=_NO_TARGET)
            elif not row.combination:
                yield Target(INEXACT if row.approximate else EQUIVALENT, self._concept(self._target, row.target, question))
        combined = sorted((row for row in rows if row.combination and row.target), key=lambda row: (row.scenario, row.choice))
        for scenario, members in groupby(combined, key=lambda row: row.scenario):
            lists = [tuple(options) for _, options in groupby(members, key=lambda row: row.choice)]
            products = tuple(self._products(scenario, lists[1:], question))
            for row in lists[0]:
                comment = f"scenario {scenario}: with one product of each attribute"
                yield Target(INEXACT, self._concept(self._target, row.target, question), products, comment)

    def _products(self, scenario: int, lists: Iterable[Sequence[ConceptMapping]], question: Question | None) -> Iterator[Product]:
        for options in lists:
            for row in options:
                attribute = canonical("ConceptMap", f"gem-scenario-{scenario}-choice-list-{row.choice}")
                yield Product(attribute, self._concept(self._target, row.target, question))

    def _concept(self, system: str, code: str, question: Question | None) -> Mapped:
        return Mapped(system, code, self._titles.of(system, code, question.choice if question else None))

    # --- what a reader must know -------------------------------------------------------------------------------------

    def _remarks(self, code: str, targets: Sequence[Target]) -> Iterator[Issue]:
        if any(target.products for target in targets):
            yield issues_maps.needs_several(code)
        if targets and not any(target.is_match for target in targets):
            yield issues_maps.mapped_to_nothing(code, self.card.title)
        for target in targets:
            if target.concept and target.concept.system == codes.ICD10CM:
                yield from self._misleading(code, target.concept.code)

    def _misleading(self, code: str, target: str) -> Iterator[Issue]:
        """Yield a warning where summaries name the source code, and none of them is about the target: 728.13 to M61.40."""
        named = self._summaries.equivalent_to(self._source, code)
        own = {
            binding.code: binding.match
            for name in named
            for binding in self._summaries.all[name].codes
            if binding.system == codes.ICD10CM and binding.role == "focus"
        }
        if own and not any(
            target == bound or (match == "self-and-descendants" and target.startswith(bound)) for bound, match in own.items()
        ):
            yield issues_maps.map_misleads(code, target, self.card.title, named, own)
