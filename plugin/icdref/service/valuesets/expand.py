"""The expansion of a value set: from its compose to segments, with everything that the answer must say about how.

Source: FHIR R5 ValueSet/$expand; where it leaves room (which version, which warnings), the public terminology servers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cmp_to_key

from icdref import issues_terminology as texts
from icdref.definitions import Compose, ConceptReference, ConceptSet, Filter, Header, PropertyContent, ValueSet
from icdref.expansions import ExpansionParameter
from icdref.issues import IcdRefError, Issue
from icdref.service.systems.ordinals import Ordinals
from icdref.service.systems.protocol import System
from icdref.service.valuesets import versions
from icdref.service.valuesets.options import Options
from icdref.service.valuesets.scope import Scope
from icdref.service.valuesets.selection import AnySegment, Segment, StoredSegment, holds, same_in
from icdref.service.valuesets.status import warnings_about

DEEPEST_IMPORT = 50


@dataclass
class Selected:
    """What a value set selects, and what was met on the way. `can_nest`: the members can be shown as a tree."""

    value_set: ValueSet
    options: Options
    segments: list[AnySegment] = field(default_factory=list)
    parameters: dict[tuple[str, object], ExpansionParameter] = field(default_factory=dict)
    systems: dict[int, System] = field(default_factory=dict)
    unclosed: dict[str, None] = field(default_factory=dict)
    with_versions: bool = False
    versions_match: bool = False
    can_nest: bool = True

    def say(self, name: str, type_: str, value: PropertyContent) -> None:
        """Add a parameter of the expansion, once."""
        self.parameters.setdefault((name, value), ExpansionParameter(name, type_, value))

    @property
    def any_version(self) -> bool:
        """Tell whether codes of different versions of a system are the same member."""
        return self.versions_match or not self.with_versions


class Selector:
    """Evaluates value sets for one request."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._filtered: dict[tuple[int, int], Ordinals] = {}

    def select(self, value_set: ValueSet, options: Options, above: tuple[str, ...] = ()) -> Selected:
        """Return what a value set selects; `above` are the value sets that include it.

        Raises IcdRefError for what cannot be found, understood, or finished.
        """
        self._scope.budget.spend()
        path = entered(value_set, above)
        if changed := changed_meaning(value_set, _NAMES):
            raise IcdRefError(changed)
        if refused := self._scope.refused_value_set(value_set):
            raise IcdRefError(*refused)
        options = options.within(value_set)
        self._scope.require((*options.supplements, *value_set.supplements))
        selected = Selected(value_set, options, versions_match=bool(options.versions_match))
        with self._scope.ruled_by(options.rules):
            self._fill(selected, path)
        return selected

    def _fill(self, selected: Selected, path: tuple[str, ...]) -> None:
        value_set = selected.value_set
        if value_set.expansion is not None:
            selected.segments.append(StoredSegment(value_set.expansion))
            selected.can_nest = False
            return
        if value_set.compose is None:
            raise IcdRefError(texts.value_set_without_definition(value_set.header.canonical))
        if value_set.compose.locked_date:
            raise IcdRefError(texts.locked_date(value_set.header.canonical))
        self._survey(selected, value_set.compose)
        excluded: list[AnySegment] = []
        for index, part in enumerate(value_set.compose.exclude):
            excluded += self._segments(selected, part, path, "exclude", index)
        places = {id(part): index for index, part in enumerate(value_set.compose.include)}
        for part in newest_first(value_set.compose.include):
            for segment in self._segments(selected, part, path, "include", places[id(part)]):
                self._add(selected, segment, excluded)

    # --- before anything is selected -----------------------------------------------------------------------------

    def _survey(self, selected: Selected, compose: Compose) -> None:
        """Look at every part first: what cannot be found stops the expansion, and versions decide what is the same."""
        seen: dict[str, str] = {}
        for place, part in parts_of(compose):
            refuse_without_system(part, place)
            for reference in part.value_sets:
                self._imported(selected.value_set, reference)
            if part.system and seen.setdefault(part.system, part.version) != part.version:
                selected.with_versions = True
            system = self._scope.system(part.system, part.version)
            if system is None:
                continue
            if refused := self._scope.refused(system):
                raise IcdRefError(refused[0])
            facts = system.facts
            if facts.content == "fragment":
                selected.say("used-fragment", "uri", facts.header.canonical)
                selected.unclosed[f"This extension is based on a fragment of the code system {part.system}"] = None
        if compose.exclude and selected.options.versions_match is None and _versions_apart(compose.include, compose.exclude):
            selected.versions_match = True
            selected.say("versionsMatch", "boolean", value=True)

    def _imported(self, value_set: ValueSet, reference: str) -> ValueSet:
        pinned = self._scope.pinned(reference)
        found = self._scope.value_set(pinned, source=value_set)
        if found is None:
            url, _, version = pinned.partition("|")
            raise IcdRefError(texts.included_value_set_not_found(url, version))
        return found

    # --- one include or exclude ----------------------------------------------------------------------------------

    def _segments(self, selected: Selected, part: ConceptSet, path: tuple[str, ...], role: str, index: int) -> list[AnySegment]:
        if part.value_sets or part.concepts or len(part.filters) > 1:
            selected.can_nest = False
        imported = [self._import(selected, reference, path, role) for reference in part.value_sets]
        if not part.system:
            if not imported:
                return []
            first, *others = imported
            if role == "include":
                selected.parameters = {**first.parameters, **selected.parameters}
            selected.unclosed |= first.unclosed
            return [self._also_in(segment, others) for segment in first.segments]
        system = self._system(selected, part, role)
        if system is None:
            return []
        segment = self._own(selected, part, system, f"ValueSet.compose.{role}[{index}]", path)
        if role == "include" or part.concepts or part.filters or imported:
            segment = self._in_use(selected, segment)
        for each in imported:
            segment = segment.kept(same_in(system, each.segments, self._scope.budget, any_version=True))
        return [segment]

    def _import(self, selected: Selected, reference: str, path: tuple[str, ...], role: str) -> Selected:
        value_set = self._imported(selected.value_set, reference)
        found = self.select(value_set, selected.options, path)
        selected.systems |= found.systems
        header = value_set.header
        self._warn(selected, header)
        if not reference.startswith("#"):
            selected.say("used-valueset", "uri", header.canonical)
        if role == "include":
            selected.with_versions = selected.with_versions or found.with_versions
        return found

    def _also_in(self, segment: AnySegment, others: list[Selected]) -> AnySegment:
        for each in others:
            if isinstance(segment, StoredSegment):
                self._scope.budget.spend(len(segment))
                segment = StoredSegment(tuple(m for m in segment.members if holds(each.segments, m.system, m.code)))
            else:
                segment = segment.kept(same_in(segment.system, each.segments, self._scope.budget, any_version=True))
        return segment

    def _system(self, selected: Selected, part: ConceptSet, role: str) -> System | None:
        system = self._scope.system(part.system, part.version)
        if system is None:
            if role == "exclude":
                return None
            version = self._scope.wanted(part.system, part.version)
            known = self._scope.versions(part.system)
            raise IcdRefError(texts.system_not_found(part.system, version, known, "", expanding=True))
        missing = [
            name
            for name in part.supplements
            if all(name not in (each.header.url, each.header.canonical) for each in system.facts.supplements)
        ]
        if missing:
            raise IcdRefError(texts.supplements_not_found(missing))
        selected.systems[id(system)] = system
        self._warn(selected, system.facts.header)
        selected.say("used-codesystem", "uri", system.facts.header.canonical)
        return system

    def _own(self, selected: Selected, part: ConceptSet, system: System, place: str, path: tuple[str, ...]) -> Segment:
        if part.concepts:
            return self._listed(selected.value_set, part, system)
        if part.filters:
            found = self.filtered(part, system, place, path)
            shown = found.below(len(system))
            _say_left_out(selected, len(found) - len(shown))
            return Segment(system, shown, "filter")
        _say_left_out(selected, len(system.unlisted()))
        return Segment(system, system.everything(), "whole")

    def filtered(self, part: ConceptSet, system: System, place: str, above: tuple[str, ...]) -> Ordinals:
        """Return what all filters of a part select; `above` are the value sets that the part is in.

        Raises IcdRefError for a filter that is not understood.
        """
        key = (id(part), id(system))
        if key not in self._filtered:
            self._filtered[key] = self._filter(part, system, place, above)
        return self._filtered[key]

    def _filter(self, part: ConceptSet, system: System, place: str, above: tuple[str, ...]) -> Ordinals:
        found: Ordinals | None = None
        for index, each in enumerate(part.filters):
            where = f"{place}.filter[{index}]"
            if not each.value:
                raise IcdRefError(texts.filter_without_value(system.facts.header.url, each.property, each.op, where))
            selects = None
            self._scope.budget.spend(1)
            if each.op in _LISTED_OPS and _is_canonical(each.value):
                selects = self._by_value_set(system, each.op, each.value, above)
            if selects is None:
                selects = _filtered(system, each, where)
            if selects is None:
                raise IcdRefError(texts.filter_not_understood(each.property, each.op, each.value, where))
            found = selects if found is None else found & selects
        return found if found is not None else Ordinals()

    def _by_value_set(self, system: System, op: str, canonical: str, above: tuple[str, ...]) -> Ordinals | None:
        """Return what a filter selects whose value names a value set, as FHIR R4 allows for `in` and `not-in`."""
        value_set = self._scope.value_set(canonical)
        if value_set is None:
            return None
        segments = self.select(value_set, Options(), above).segments
        inside = same_in(system, segments, self._scope.budget, any_version=True)
        return inside if op == "in" else system.everything() - inside

    def _listed(self, value_set: ValueSet, part: ConceptSet, system: System) -> Segment:
        references: dict[int, ConceptReference] = {}
        for each in part.concepts:
            if located := system.locate(each.code):
                references.setdefault(located.ordinal, each)
        return Segment(system, Ordinals.of(references), "list", tuple(references), references, value_set.header.language)

    def _in_use(self, selected: Selected, segment: Segment) -> Segment:
        compose, options = selected.value_set.compose, selected.options
        if options.active_only or (compose is not None and compose.inactive is False):
            segment = segment.without(segment.system.inactive())
        if options.exclude_not_for_ui and segment.how != "list":
            segment = segment.without(segment.system.abstract())
        return segment

    # --- what is selected ----------------------------------------------------------------------------------------

    def _add(self, selected: Selected, segment: AnySegment, excluded: list[AnySegment]) -> None:
        """Add a segment without what is excluded and what is there already."""
        if isinstance(segment, StoredSegment):
            self._scope.budget.spend(len(segment))
            before = [*excluded, *selected.segments]
            left = tuple(each for each in segment.members if not holds(before, each.system, each.code))
            selected.segments.append(StoredSegment(left))
            return
        url = segment.url
        if any(name in (url, segment.system.facts.header.canonical) for name in selected.options.excluded_systems):
            return
        budget = self._scope.budget
        out = same_in(segment.system, excluded, budget, any_version=selected.any_version)
        there = same_in(segment.system, selected.segments, budget, any_version=selected.any_version)
        if there & segment.ordinals:
            selected.can_nest = False
        left_over = segment.without(out | there)
        if len(left_over):
            selected.segments.append(left_over)

    def _warn(self, selected: Selected, header: Header) -> None:
        for name in warnings_about(header, selected.value_set.header):
            selected.say(f"warning-{name}", "uri", header.canonical)


def _say_left_out(selected: Selected, number: int) -> None:
    """Say how many members are not shown: a code without a place in the system has no title either."""
    if number:
        selected.say("codes-without-title", "integer", number)


_LISTED_OPS = ("in", "not-in")


def _filtered(system: System, rule: Filter, place: str) -> Ordinals | None:
    """Return what a filter selects, None where it is not known. Raises IcdRefError for its value, at its place."""
    try:
        return system.filter(rule.property, rule.op, rule.value)
    except IcdRefError as error:
        raise IcdRefError(*(replace(issue, expression=f"{place}.value") for issue in error.issues)) from None


def _is_canonical(value: str) -> bool:
    return "://" in value or value.startswith("urn:")


def entered(value_set: ValueSet, above: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path of value sets down to one, from those above it.

    Raises IcdRefError when it is among them, or when there are too many.
    """
    key = value_set.header.canonical if value_set.header.url else ""
    if key and key in above:
        raise IcdRefError(texts.value_set_circular(key, above))
    if len(above) > DEEPEST_IMPORT:
        raise IcdRefError(texts.evaluation_too_costly())
    # One without an address counts as a step all the same: it may be contained in another, and name itself.
    return (*above, key)


_NAMES = {
    "ValueSet.compose": "compose",
    "include": "set",
    "exclude": "set",
    "include.concept": "set concept reference",
    "exclude.concept": "set concept reference",
    "include.filter": "filter",
    "exclude.filter": "filter",
}
"""What the public servers call the parts of a value set when they expand it."""

_NO_RULES = "https://hl7.org/fhir/implicit-rules/omitted-mandatory-interversion-code"
"""What HL7's converters write where they moved a code of R5 into an extension: such a filter has no operator, and is refused."""


def changed_meaning(value_set: ValueSet, names: Mapping[str, str] | None = None) -> Issue | None:
    """Return what keeps a value set from being understood: implicit rules or modifier extensions; None: nothing does."""
    canonical = value_set.header.canonical
    if value_set.implicit_rules and value_set.implicit_rules != _NO_RULES:
        return texts.implicit_rules(canonical, value_set.implicit_rules)
    for place, urls in value_set.modified:
        name = (names or {}).get(re.sub(r"\[\d+\]", "", place), place)
        return texts.modifier_extension(canonical, name, urls)
    return None


def parts_of(compose: Compose) -> Iterator[tuple[str, ConceptSet]]:
    """Yield the includes and excludes of a value set, each with its place."""
    for role, parts in (("include", compose.include), ("exclude", compose.exclude)):
        for index, part in enumerate(parts):
            yield f"ValueSet.compose.{role}[{index}]", part


def refuse_without_system(part: ConceptSet, place: str) -> None:
    """Raise IcdRefError where nobody can tell what a part selects. Source: FHIR, ValueSet rules vsd-1 and vsd-2."""
    has_codes = bool(part.concepts or part.filters)
    if not part.system and (has_codes or not part.value_sets):
        raise IcdRefError(texts.concept_set_without_system(place, has_codes=has_codes))


def newest_first(parts: Iterable[ConceptSet]) -> list[ConceptSet]:
    """Return the includes with the versions of one system newest first, everything else as it stands."""

    def order(one: ConceptSet, other: ConceptSet) -> int:
        if one.system == other.system and one.version and other.version:
            return -versions.compare(one.version, other.version)
        return 0

    return sorted(parts, key=cmp_to_key(order))


def _versions_apart(include: Iterable[ConceptSet], exclude: Iterable[ConceptSet]) -> bool:
    """Tell whether a value set takes from some versions of one system what is not in other versions of it."""
    taken, left = list(include), list(exclude)
    urls = {part.system for part in (*taken, *left)}
    if len(urls) != 1 or not all(part.version for part in (*taken, *left)):
        return False
    return not {part.version for part in taken} & {part.version for part in left}
