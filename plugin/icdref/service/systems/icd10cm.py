"""One release of ICD-10-CM on one day as the terminology engine sees it: tabular order, every branch one range."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from icdref import codes, issues, issues_value_sets
from icdref.canonicals import DESIGNATION_USE_SYSTEM
from icdref.definitions import Coding, Designation, Extension, Header, PropertyValue
from icdref.expansions import Member
from icdref.issues import Issue
from icdref.language.titles import to_ascii
from icdref.model import Kind
from icdref.results import Lookup, NoSuchCode, ReleaseChoice, SearchResult
from icdref.service.search.code_search import CodeSearch
from icdref.service.systems.icd10cm_filters import Filters
from icdref.service.systems.icd10cm_properties import DECLARED, properties_of
from icdref.service.systems.icd10cm_records import Records
from icdref.service.systems.icd10cm_search import Documents, RankedSearch
from icdref.service.systems.icd10cm_tree import ReleaseTree
from icdref.service.systems.ordinals import Ordinals
from icdref.service.systems.protocol import ConceptFacts, Located, Ranked, SystemFacts
from icdref.service.terminology import Terminology
from icdref.store.trees import Tree

VALUE_SET: Final = f"{codes.ICD10CM}?fhir_vs"
"""The implicit value set of all codes."""

PUBLISHED_TITLE: Final = Coding(DESIGNATION_USE_SYSTEM, "published-title", display="Title as published")
ASCII_TITLE: Final = Coding(DESIGNATION_USE_SYSTEM, "ascii-title", display="Title in ASCII")

_MOST_KEPT: Final = 50_000
_NAMED_INSTEAD: Final = 12
_FEW, _SCATTERED = 16, 4
"""Concepts that are read one by one, and how many places apart others may stand to be read together."""

_OF_THE_RELEASE: Final = frozenset({"notes-not-available", "validity-not-known"})
_SPOKEN_FOR: Final = frozenset({"code-inactive", "wrong-display", "abstract-code"})
"""Details of issues that the engine words itself."""


class Icd10cmSystem:
    """A release with validity laid over it: as such where a version was asked for, else as on a day."""

    def __init__(
        self, terminology: Terminology, search: CodeSearch, tree: Tree, documents: Documents, choice: ReleaseChoice
    ) -> None:
        by_date = choice.method != "version" and terminology.horizon.first <= choice.day <= terminology.horizon.last
        self.choice = choice
        self.sets = ReleaseTree(tree, choice.day if by_date else None)
        self._terminology = terminology
        self._number = terminology.releases.number(choice.release)
        self._filters = Filters(self.sets, Records(terminology, self._number, self.sets, choice.day.toordinal()))
        self._ranked = RankedSearch(search, documents, self.sets, choice)
        self._known: dict[int, ConceptFacts] = {}
        self._rows: dict[int, Member | None] = {}

    @cached_property
    def facts(self) -> SystemFacts:
        """Return what the release says about itself."""
        release = self.choice.release
        header = Header(codes.ICD10CM, release.version, "ICD10CM", release.title, language="en", publisher=release.publisher)
        return SystemFacts(
            header, case_sensitive=False, version_needed=True, hierarchical=True, value_set=VALUE_SET, properties=DECLARED
        )

    def __len__(self) -> int:
        return len(self.sets.tree)

    def locate(self, code: str) -> Located | None:
        """Return where a code stands; any spelling is accepted."""
        right = codes.normalise(code)
        place = None if right is None else self.sets.place(right)
        return None if right is None or place is None else Located(place, right)

    def concepts(self, ordinals: Sequence[int]) -> Sequence[ConceptFacts]:
        """Return the facts of some concepts."""
        if len(ordinals) > _FEW:
            self._read_ahead(ordinals)
        known = self._known
        return [known.get(ordinal) or self._facts(ordinal) for ordinal in ordinals]

    def definition(self, ordinal: int) -> str:
        """Return '': the tabular list defines nothing beyond titles and notes."""
        del ordinal
        return ""

    def designations(self, ordinal: int) -> tuple[Designation, ...]:
        """Return the title as published, and as the publisher's order file has it in ASCII, where that differs."""
        title = self._facts(ordinal).display
        if not title:
            return ()
        published = Designation(title, "en", PUBLISHED_TITLE)
        return (published,) if title.isascii() else (published, Designation(to_ascii(title), "en", ASCII_TITLE))

    def properties(self, ordinal: int) -> tuple[PropertyValue, ...]:
        """Return the properties of a concept as `$lookup` gives them, notes from further up included."""
        found = self._lookup(self.sets.code(ordinal))
        return properties_of(found) if isinstance(found, Lookup) else ()

    def extensions(self, ordinal: int) -> tuple[Extension, ...]:
        """Return (): the publisher's files have none."""
        del ordinal
        return ()

    def parents(self, ordinal: int) -> tuple[int, ...]:
        """Return the concept directly above."""
        above = self.sets.parent(ordinal)
        return () if above is None else (above,)

    def children(self, ordinal: int) -> tuple[int, ...]:
        """Return the concepts directly below."""
        return tuple(self.sets.children(ordinal))

    def subsumes(self, above: int, below: int) -> bool:
        """Tell whether `above` is `below` or stands above it."""
        if above >= len(self.sets.tree):
            return above == below
        if below >= len(self.sets.tree):
            return above in self.sets.ancestors(below)
        return above <= below < self.sets.tree.ends[above]

    def everything(self) -> Ordinals:
        """Return every code of the release; chapters and blocks are none, and codes without title are not listed."""
        return self.sets.listed

    def unlisted(self) -> Ordinals:
        """Return the codes in force whose titles are in a release that is not installed."""
        return self.sets.titleless

    def inactive(self) -> Ordinals:
        """Return the codes that are not in force on the day."""
        return self.sets.inactive

    def abstract(self) -> Ordinals:
        """Return the chapters and blocks."""
        return self.sets.abstract

    def filter(self, property_: str, op: str, value: str) -> Ordinals | None:
        """Return the concepts that a filter selects, None where the property or operator is unknown."""
        return self._filters.find(property_, op, value)

    def search(self, text: str, within: Ordinals, offset: int = 0, count: int | None = None) -> Ranked:
        """Return what the ranked search finds within a set, best first."""
        return self._ranked.search(text, within, offset, count)

    def explained(self, text: str, within: Ordinals, offset: int, count: int) -> SearchResult:
        """Return a page of what `search` finds, with the reasons."""
        return self._ranked.explained(text, within, offset, count)

    def rows(self, ordinals: Sequence[int]) -> Sequence[Member] | None:
        """Return ready-made rows, None where one of them has a status to show."""
        rows = self._rows
        if missing := [ordinal for ordinal in ordinals if ordinal not in rows]:
            if len(rows) > _MOST_KEPT:
                self._rows = rows = {}  # another one, not emptied: other threads read the old one
                missing = list(ordinals)
            rows.update((ordinal, _row(facts)) for ordinal, facts in zip(missing, self.concepts(missing), strict=True))
        found = [rows[ordinal] for ordinal in ordinals]
        return None if None in found else [each for each in found if each is not None]

    def remarks(self, ordinal: int, asked: str) -> tuple[Issue, ...]:
        """Return what is to be said about a code: its spelling, that it is a header or has ended, that it has no title."""
        if self._is_plain(ordinal) and asked == self.sets.code(ordinal):
            return self._always_said  # most codes: looking one up takes ten times the rest of a validation
        found = self._lookup(asked) if self.locate(asked) else self._lookup(self.sets.code(ordinal))
        if not isinstance(found, Lookup):
            return ()
        said = [issue for issue in found.issues if issue.detail not in _SPOKEN_FOR]
        if found.concept.kind not in (Kind.CHAPTER, Kind.BLOCK) and not found.concept.billable:
            said.append(issues.header_code(found.concept.code, found.billable_below))
        return (*said, *self.choice.issues)

    def _is_plain(self, ordinal: int) -> bool:
        """Tell whether there is nothing to say about a code: billable and in force."""
        return ordinal < len(self.sets.tree) and self.sets.tree.is_billable(ordinal) and ordinal not in self.sets.inactive

    @cached_property
    def _always_said(self) -> tuple[Issue, ...]:
        """Return what is said about every code: of the release, and of a day whose validity nobody knows."""
        first = self._lookup(self.sets.code(self.sets.billable.starts[0]))
        said = () if not isinstance(first, Lookup) else tuple(each for each in first.issues if each.detail in _OF_THE_RELEASE)
        return (*said, *self.choice.issues)

    def instead(self, ordinal: int, members: Ordinals) -> Issue | None:
        """Return the members below a header."""
        below = self.sets.branch(ordinal) & members
        if not below or ordinal in below:
            return None
        named = [self.sets.code(at) for at in below.page(0, _NAMED_INSTEAD)]
        return issues_value_sets.members_below(self.sets.code(ordinal), named, len(below))

    def absent(self, code: str) -> Issue | None:
        """Return why a code is not there: malformed, of another release, or unknown with what may be meant."""
        found = self._lookup(code)
        return None if isinstance(found, Lookup) else found.issue

    def _lookup(self, code: str) -> Lookup | NoSuchCode:
        choice = self.choice
        if choice.method == "version":
            return self._terminology.lookup(code, codes.ICD10CM, choice.release.version)
        return self._terminology.lookup(code, codes.ICD10CM, "", choice.day)

    def _facts(self, ordinal: int) -> ConceptFacts:
        found = self._known.get(ordinal)
        if found is None:
            found = self._keep(ordinal, "")
        return found

    def _read_ahead(self, ordinals: Sequence[int]) -> None:
        """Read what is missing in one go where it stands close together: a row alone takes four times as long."""
        tree = self.sets.tree
        missing = [ordinal for ordinal in ordinals if ordinal < len(tree) and ordinal not in self._known]
        if len(missing) <= _FEW or max(missing) - min(missing) > _SCATTERED * len(missing):
            return
        between = tree.positions[min(missing)], tree.positions[max(missing)]
        titles = self._terminology.concepts.titles(between, self._number)
        for ordinal in missing:
            self._keep(ordinal, titles.get(tree.codes[ordinal], ""))

    def _keep(self, ordinal: int, title: str) -> ConceptFacts:
        if len(self._known) > _MOST_KEPT:
            self._known = {}
        found = self._known[ordinal] = self._read_facts(ordinal, title)
        return found

    def _read_facts(self, ordinal: int, title: str) -> ConceptFacts:
        sets = self.sets
        code = sets.code(ordinal)
        if ordinal >= len(sets.tree):
            return ConceptFacts(code, "")
        if not title and (stored := self._terminology.concepts.concept(code, self._number)):
            title = stored.concept.display
        inactive = ordinal in sets.inactive
        return ConceptFacts(
            code,
            title,
            abstract=sets.tree.kind(ordinal) in (Kind.CHAPTER, Kind.BLOCK),
            inactive=inactive,
            status="retired" if inactive and sets.has_ended(ordinal) else "",
        )


def _row(facts: ConceptFacts) -> Member | None:
    if facts.status:
        return None
    return Member(codes.ICD10CM, "", facts.code, facts.display, facts.abstract, facts.inactive)
