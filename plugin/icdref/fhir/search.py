"""Search over a small collection of resources held in memory: query in, one page of matches out.

`parse_query` reads the request and `search` answers it; the web layer makes the Bundle and its links. The order is that of
the collection unless `_sort` says otherwise, and ties keep it, so equal requests have equal answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from icdref.fhir.search_collection import Collection, Key, Resource, TerminologyForSearch, elements_at, key_of
from icdref.fhir.search_match import references_of, spans_of, to_test
from icdref.fhir.search_query import Include, SearchQuery, SortKey, parse_query
from icdref.fhir.search_scope import Scope, coded_at
from icdref.fhir.search_subset import apply_elements, apply_summary
from icdref.fhir.search_values import fold
from icdref.issues import Issue

__all__ = [
    "Collection",
    "SearchPage",
    "SearchQuery",
    "TerminologyForSearch",
    "apply_elements",
    "apply_summary",
    "parse_query",
    "search",
]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of a search: complete, with the resources already cut to `_elements` and `_summary`.

    `total` counts all matches, never what was included. Offsets are None where there is no such page. The links have
    nothing but what was honoured; `issues` warn about what was ignored.
    """

    query: SearchQuery
    matches: tuple[Resource, ...]
    included: tuple[Resource, ...]
    total: int
    offset: int
    count: int
    next_offset: int | None
    previous_offset: int | None
    issues: tuple[Issue, ...] = field(default=())

    def links(self, edition: str) -> dict[str, str]:
        """Return the query strings of this page and of those around it, by relation.

        The neighbours are pinned to the edition: pages of two editions would repeat or leave out resources.
        """
        found = {"self": self.query.query_string(self.offset, self.query.edition)}
        if self.count:
            found["first"] = self.query.query_string(0)
        if self.previous_offset is not None:
            found["previous"] = self.query.query_string(self.previous_offset, edition)
        if self.next_offset is not None:
            found["next"] = self.query.query_string(self.next_offset, edition)
        return found


def search(query: SearchQuery, collection: Collection, terminology: TerminologyForSearch) -> SearchPage:
    """Return the page of matches that a query asks for.

    With `_count=0` or `_summary=count` there is only the total. Included resources come in the order in which they are
    reached, each once, and never repeat a match of the page.
    Raises IcdRefError when a value names something that the collection lacks, such as the value set of `:in`.
    """
    scope = Scope(collection, terminology, query.base)
    tests = [to_test(condition, scope) for condition in query.conditions]
    found = [resource for resource in collection.of_type(query.resource_type) if all(test(resource) for test in tests)]
    ordered = _ordered(found, query.sort)
    count = 0 if query.summary == "count" else query.count
    page = ordered[query.offset : query.offset + count]
    included = _included(page, query.includes, scope)
    more = count > 0 and query.offset + count < len(ordered)
    return SearchPage(
        query=query,
        matches=tuple(_cut(resource, query) for resource in page),
        included=tuple(apply_summary(resource, query.summary) for resource in included),
        total=len(ordered),
        offset=query.offset,
        count=count,
        next_offset=query.offset + count if more else None,
        previous_offset=max(0, min(query.offset, len(ordered)) - count) if query.offset and count else None,
        issues=query.issues,
    )


def _cut(resource: Resource, query: SearchQuery) -> Resource:
    """Return a match as the query wants it; `_elements` speaks about matches only, since it names their elements."""
    if query.elements:
        return apply_elements(resource, query.elements, query.fhir_version)
    return apply_summary(resource, query.summary, query.fhir_version)


# --- order -----------------------------------------------------------------------------------------------------------


def _ordered(resources: Iterable[Resource], keys: Sequence[SortKey]) -> list[Resource]:
    """Return the resources in the order asked for; those without a value come last in either direction."""
    ordered = list(resources)
    for key in reversed(keys):
        values = {key_of(resource): _sort_values(resource, key) for resource in ordered}
        present = [resource for resource in ordered if values[key_of(resource)]]
        absent = [resource for resource in ordered if not values[key_of(resource)]]
        best = max if key.descending else min
        present.sort(key=lambda resource: best(values[key_of(resource)]), reverse=key.descending)
        ordered = present + absent
    return ordered


def _sort_values(resource: Resource, key: SortKey) -> list[tuple[int, str]]:
    """Return what a resource is sorted by: dates by where they begin (descending: end), everything else as folded text."""
    parameter = key.parameter
    if parameter.type == "date":
        return [(span.high if key.descending else span.low, "") for span in spans_of(resource, parameter)]
    if parameter.type == "token":
        return [(0, fold(found.code or " ".join(found.texts))) for found in coded_at(resource, parameter.path)]
    found = elements_at(resource, parameter.path)
    texts = [element.get("reference", "") if isinstance(element, dict) else element for element in found]
    return [(0, fold(text)) for text in texts]


# --- includes --------------------------------------------------------------------------------------------------------


def _included(matches: Sequence[Resource], includes: Sequence[Include], scope: Scope) -> list[Resource]:
    """Return what the includes bring along; with `:iterate` they are followed from what they brought as well."""
    seen = {key_of(resource) for resource in matches}
    included: list[Resource] = []
    front: Sequence[Resource] = matches
    steps = includes
    while front and steps:
        reached = [found for step in steps for found in _follow(step, front, scope)]
        front = list({key_of(found): found for found in reached if key_of(found) not in seen}.values())
        seen.update(key_of(found) for found in front)
        included += front
        steps = [step for step in includes if step.iterate]
    return included


def _follow(include: Include, front: Sequence[Resource], scope: Scope) -> list[Resource]:
    """Return the resources that one include reaches from some others in one step."""
    parameter = include.parameter
    if include.reverse:
        keys = {key_of(resource) for resource in front if include.target in {"", resource["resourceType"]}}
        sources = scope.collection.of_type(parameter.resource_type)
        return [source for source in sources if keys & _targets(source, include, scope).keys()]
    sources = [resource for resource in front if resource["resourceType"] == parameter.resource_type]
    keys_found = (key for source in sources for key in _targets(source, include, scope))
    return [found for key in keys_found if (found := scope.collection.get(key)) is not None]


def _targets(source: Resource, include: Include, scope: Scope) -> dict[Key, None]:
    """Return what a resource refers to by the include's parameter, in order, of the type asked for."""
    located = references_of(source, include.parameter, scope)
    return {key: None for key, _ in located if include.target in {"", key.type}}
