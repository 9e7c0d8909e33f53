"""A search request, read and checked: conditions, order, page, and what comes with the matches.

Names and values arrive decoded, in the order of the URL and then of the body. A parameter that nobody knows is ignored,
or refused when the client asked for strict handling; a value that is malformed is always refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlencode

from icdref.fhir.search_conditions import UNKNOWN, Asked, Condition, condition, unknown
from icdref.fhir.search_parameters import SearchParameter, include_rows, parameters_of, reverse_include_rows, searchable_types
from icdref.fhir.search_values import split, whole_number
from icdref.issues import IcdRefError, Issue, bad_parameter, conflicting_parameters, too_many_values

DEFAULT_COUNT: Final = 100
MAX_COUNT: Final = 1_000
MAX_VALUES: Final = 500
"""Values in one request over all parameters: about ten resources are tested against each."""

SUMMARIES: Final = ("true", "text", "data", "count", "false")
TOTALS: Final = ("none", "estimate", "accurate")

_INCLUDES: Final = ("_include", "_revinclude")
_LAST_WINS: Final = ("_count", "_offset", "_summary", "_total", "_edition")
_NOT_OURS: Final = frozenset({"_format", "_pretty"})


@dataclass(frozen=True, slots=True)
class SortKey:
    """A parameter to order by."""

    parameter: SearchParameter
    descending: bool


@dataclass(frozen=True, slots=True)
class Include:
    """A reference to follow from the matches (`_include`) or back to them (`_revinclude`); `target` '' any type."""

    parameter: SearchParameter
    reverse: bool
    target: str = ""
    iterate: bool = False


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search, checked. `honoured` are the parameters as sent that have an effect, without the page.

    `issues` are warnings about parameters that were ignored. `base` is the absolute URL below which references are ours.
    `edition` is the edition that a link of ours was made in, '' where the client asks anew.
    """

    resource_type: str
    fhir_version: str
    base: str
    conditions: tuple[Condition, ...]
    sort: tuple[SortKey, ...]
    includes: tuple[Include, ...]
    elements: tuple[str, ...]
    summary: str
    total: str
    count: int
    offset: int
    honoured: tuple[tuple[str, str], ...]
    issues: tuple[Issue, ...]
    edition: str = ""

    def query_string(self, offset: int, edition: str = "") -> str:
        """Return the query of this search at an offset, pinned to an edition where one is given.

        The page stands last, so that a `_count` that a client appends replaces ours and the offset stays true.
        """
        pin = [("_edition", edition)] if edition else []
        pairs = [*self.honoured, *pin, ("_count", str(self.count)), ("_offset", str(offset))]
        return urlencode(pairs, quote_via=quote, safe="/:,", errors="replace")


def parse_query(
    resource_type: str, pairs: Sequence[tuple[str, str]], *, strict: bool, fhir_version: str = "4.0", base: str = ""
) -> SearchQuery:
    """Return the search that the pairs ask for.

    `strict` refuses unknown parameters instead of ignoring them. An empty value means that the parameter was not sent.
    When `_count`, `_offset`, `_summary`, `_total` or `_edition` come twice, the last one wins.
    Raises IcdRefError for malformed values, unsupported modifiers and, when strict, for all that is unknown.
    """
    reader = _Reader(resource_type, fhir_version)
    for name, text in pairs:
        if name not in _NOT_OURS and text.strip():
            reader.read(name, text)
    if strict and reader.ignored:
        raise IcdRefError(*reader.ignored)
    return reader.query(base)


class _Reader:
    """The parts of a query while its pairs are read."""

    def __init__(self, resource_type: str, fhir_version: str) -> None:
        self.resource_type = resource_type
        self.fhir_version = fhir_version
        self.conditions: list[Condition] = []
        self.sort: list[SortKey] = []
        self.includes: list[Include] = []
        self.elements: list[str] = []
        self.last: dict[str, str] = {}
        self.honoured: list[tuple[str, str]] = []
        self.ignored: list[Issue] = []
        self.values = 0

    def read(self, name: str, text: str) -> None:
        """Take in one parameter."""
        self.values += text.count(",") + 1
        if self.values > MAX_VALUES:
            raise IcdRefError(too_many_values(name[:80], MAX_VALUES))
        plain, _, modifier = name.partition(":")
        try:
            if name in _LAST_WINS:
                self.last[name] = text
            elif name == "_sort":
                self._sort(text)
            elif name == "_elements":
                self._elements(text)
            elif plain in _INCLUDES and modifier in {"", "iterate", "recurse"}:
                self._include(name, text)
            elif found := condition(self.resource_type, name, Asked(name, text, self.fhir_version)):
                self.conditions.append(found)
                self.honoured.append((name, text))
        except IcdRefError as error:
            if error.issue.detail != UNKNOWN:
                raise
            self.ignored.append(error.issue)

    def _sort(self, text: str) -> None:
        known = {name: row for name, row in parameters_of(self.resource_type, self.fhir_version).items() if _is_sortable(row)}
        kept: list[str] = []
        for key in filter(None, (piece.strip() for piece in text.split(","))):
            if (parameter := known.get(key.removeprefix("-"))) is None:
                self.ignored.append(unknown(f"_sort={key}", self.resource_type, known).issue)
                continue
            self.sort.append(SortKey(parameter, key.startswith("-")))
            kept.append(key)
        if kept:
            self.honoured.append(("_sort", ",".join(kept)))

    def _elements(self, text: str) -> None:
        names = [piece.strip() for piece in text.split(",") if piece.strip()]
        self.elements += names
        self.honoured.append(("_elements", ",".join(names)))

    def _include(self, name: str, text: str) -> None:
        plain, _, modifier = name.partition(":")
        reverse = plain == "_revinclude"
        for piece in filter(None, (part.strip() for part in split(text, ","))):
            source, _, rest = (f"{self.resource_type}:*" if piece == "*" and not reverse else piece).partition(":")
            wanted, _, target = rest.partition(":")
            known = parameters_of(source, self.fhir_version) if source in searchable_types() else {}
            found = [row for row in known.values() if row.type == "reference" and wanted in {row.name, "*"}]
            if not found:
                accepted = (reverse_include_rows if reverse else include_rows)(self.resource_type, self.fhir_version)
                self.ignored.append(unknown(f"{plain}={piece}", self.resource_type, accepted).issue)
                continue
            self.includes += (Include(row, reverse, target, bool(modifier)) for row in found)
            self.honoured.append((name, piece))

    def query(self, base: str) -> SearchQuery:
        """Return what was read as a query."""
        summary = self._one_of("_summary", SUMMARIES, "false")
        total = self._one_of("_total", TOTALS, "accurate")
        if summary == "text" and self.includes:
            raise IcdRefError(
                conflicting_parameters(["_summary=text", "_include"], "a text summary cannot carry other resources")
            )
        if summary in {"true", "text", "data"} and self.elements:
            raise IcdRefError(conflicting_parameters(["_summary", "_elements"], "send one of them"))
        return SearchQuery(
            resource_type=self.resource_type,
            fhir_version=self.fhir_version,
            base=base,
            conditions=tuple(self.conditions),
            sort=tuple(self.sort),
            includes=tuple(self.includes),
            elements=tuple(self.elements),
            summary=summary,
            total=total,
            count=min(whole_number("_count", self.last.get("_count", str(DEFAULT_COUNT))), MAX_COUNT),
            offset=whole_number("_offset", self.last.get("_offset", "0")),
            honoured=(*self.honoured, *((name, self.last[name]) for name in ("_summary", "_total") if name in self.last)),
            issues=tuple(replace(issue, severity="warning") for issue in self.ignored),
            edition=self.last.get("_edition", ""),
        )

    def _one_of(self, name: str, allowed: Sequence[str], default: str) -> str:
        value = self.last.get(name, default)
        if value not in allowed:
            raise IcdRefError(bad_parameter(name, value, f"the values are {', '.join(allowed)}"))
        return value


def _is_sortable(parameter: SearchParameter) -> bool:
    return not parameter.rule and parameter.type != "composite"
