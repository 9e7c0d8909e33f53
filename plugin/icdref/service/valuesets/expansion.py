"""`$expand`: a complete expansion, from what is selected to the page that was asked for."""

from __future__ import annotations

import hashlib
import uuid
from typing import Final

from icdref import issues_terminology as texts
from icdref.definitions import PropertyContent, ValueSet
from icdref.expansions import Expansion, ExpansionParameter
from icdref.issues import IcdRefError
from icdref.issues_value_sets import ask_for_pages
from icdref.service.systems.supplemented import is_brought
from icdref.service.valuesets.expand import Selected, Selector
from icdref.service.valuesets.members import Rows, found_by_text
from icdref.service.valuesets.options import Options
from icdref.service.valuesets.scope import Scope
from icdref.service.valuesets.selection import AnySegment, Segment

MOST_MEMBERS: Final = 10_000
"""Members of an answer that does not ask for a page."""

MOST_BROUGHT_MEMBERS: Final = 3_000
"""The same where a code system came with the request."""

LARGEST_PAGE: Final = 10_000
DEFAULT_PAGE: Final = 1_000
_NAMESPACE: Final = uuid.UUID("6f5b8a52-6a0f-5d0e-9d5e-0d5c1f3f9a11")


def expand(scope: Scope, value_set: ValueSet, options: Options, stamp: str, salt: str = "") -> Expansion:
    """Return a value set expanded. `stamp` is its timestamp; `salt` says which edition answers.

    Raises IcdRefError for what cannot be found or understood, and too-costly for more than is produced in one answer.
    """
    selected = Selector(scope).select(value_set, options)
    options = selected.options
    if missing := scope.missing_supplements(selected.systems.values()):
        raise IcdRefError(texts.supplements_not_found(missing))
    rows = Rows(options, with_versions=selected.with_versions)
    if (searched := _searched(selected)) is not None:
        ranked = searched.system.search(
            options.filter, searched.ordinals, options.offset or 0, min(options.count or 0, LARGEST_PAGE)
        )
        parameters = _parameters(selected, options, scope)
        return Expansion(
            value_set=value_set,
            identifier=_identifier(value_set, parameters, salt, options),
            timestamp=stamp,
            total=ranked.total,
            members=tuple(rows.of_page(searched, ranked.ordinals)),
            parameters=parameters,
            properties=tuple(rows.declared.values()),
            offset=options.offset,
            unclosed=tuple(selected.unclosed),
        )
    segments = found_by_text(selected, options.filter) if options.filter else selected.segments
    total = sum(len(segment) for segment in segments)
    tree = _tree_of(selected, segments, options, total)
    if tree is not None:
        _refuse_too_many(value_set, segments, total)
        members = tuple(member for segment in tree for member in rows.tree(segment))
    else:
        members = rows.page(segments, options.offset or 0, _size(value_set, segments, options, total))
    parameters = _parameters(selected, options, scope)
    return Expansion(
        value_set=value_set,
        identifier=_identifier(value_set, parameters, salt, options),
        timestamp=stamp,
        total=total,
        members=members,
        parameters=parameters,
        properties=tuple(rows.declared.values()),
        offset=options.offset,
        unclosed=tuple(selected.unclosed),
    )


def _searched(selected: Selected) -> Segment | None:
    """Return the one segment that a page of a text search comes from: it is asked for that page and no more."""
    options = selected.options
    if not options.filter or options.count is None or len(selected.segments) != 1:
        return None
    segment = selected.segments[0]
    is_simple = isinstance(segment, Segment) and not segment.references and not segment.order
    return segment if is_simple and isinstance(segment, Segment) else None


def _tree_of(selected: Selected, segments: list[AnySegment], options: Options, total: int) -> list[Segment] | None:
    """Return the segments to show as trees, None where the expansion is flat: by wish, by page or by nature.

    Code systems of the edition are shown flat unless a tree is asked for: those who page through them expect rows.
    """
    if options.exclude_nested or not selected.can_nest or options.filter or (options.offset or 0) > 0:
        return None
    if options.count is not None and options.count <= total:
        return None
    trees = [each for each in segments if isinstance(each, Segment) and each.how != "list"]
    if len(trees) != len(segments) or not any(each.system.facts.hierarchical for each in trees):
        return None
    is_wished = options.exclude_nested is False or all(_is_brought(each) for each in trees)
    return trees if is_wished else None


def _is_brought(segment: AnySegment) -> bool:
    return isinstance(segment, Segment) and is_brought(segment.system)


def _size(value_set: ValueSet, segments: list[AnySegment], options: Options, total: int) -> int:
    """Return how many members to answer with."""
    if options.count is not None:
        return min(options.count, LARGEST_PAGE)
    if options.offset is not None:
        return DEFAULT_PAGE
    _refuse_too_many(value_set, segments, total)
    return total


def _refuse_too_many(value_set: ValueSet, segments: list[AnySegment], total: int) -> None:
    brought = any(_is_brought(each) for each in segments)
    most = MOST_BROUGHT_MEMBERS if brought else MOST_MEMBERS
    if total > most:
        refused = texts.value_set_too_large(value_set.header.canonical, f">{most}")
        raise IcdRefError(refused) if brought else IcdRefError(refused, ask_for_pages(total, DEFAULT_PAGE))


def _parameters(selected: Selected, options: Options, scope: Scope) -> tuple[ExpansionParameter, ...]:
    """Return what the expansion says about how it came about: what was asked, what was used, what to be warned of."""
    said: list[tuple[str, str, PropertyContent | None]] = [("filter", "string", options.filter or None)]
    if options.display_languages is not None:
        said.append(("displayLanguage", "code", options.display_languages.parameter))
    elif options.http_languages is not None:
        said.append(("displayLanguage", "code", options.http_languages.parameter))
    said += (("designation", "string", each) for each in options.designations)
    said += (
        ("excludeNested", "boolean", options.exclude_nested),
        ("versionsMatch", "boolean", options.versions_match or None),
        ("activeOnly", "boolean", options.active_only),
        ("includeDesignations", "boolean", options.include_designations),
        ("includeDefinition", "boolean", options.include_definition),
        ("excludeNotForUI", "boolean", options.exclude_not_for_ui),
        ("excludePostCoordinated", "boolean", options.exclude_post_coordinated),
        ("offset", "integer", options.offset),
        ("count", "integer", options.count),
    )
    said += (("exclude-system", "uri", each) for each in options.excluded_systems)
    found: dict[tuple[str, object], ExpansionParameter] = {
        (name, value): ExpansionParameter(name, type_, value) for name, type_, value in said if value is not None
    }
    found |= {key: each for key, each in selected.parameters.items() if key not in found}
    for system in selected.systems.values():
        for supplement in system.facts.supplements:
            if not supplement.is_language_pack:
                canonical = supplement.header.canonical
                found.setdefault(("used-supplement", canonical), ExpansionParameter("used-supplement", "uri", canonical))
    for rule in scope.used_rules:
        if rule.canonical != selected.value_set.header.canonical:
            found.setdefault((rule.parameter, rule.canonical), ExpansionParameter(rule.parameter, "uri", rule.canonical))
    return tuple(found.values())


def _identifier(value_set: ValueSet, parameters: tuple[ExpansionParameter, ...], salt: str, options: Options) -> str:
    """Return a URI that is the same for the same request to the same edition, and for no other."""
    seed = repr((value_set, parameters, salt, options))
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, hashlib.sha256(seed.encode()).hexdigest())}"
