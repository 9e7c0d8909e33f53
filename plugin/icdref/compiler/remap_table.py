"""What each code ever valid means for one target release: the table that a whole record system is joined with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from icdref import codes
from icdref.compiler import parquet
from icdref.model import Kind
from icdref.service.matching import Asked, Matcher
from icdref.service.release_diff import Side, valid_on
from icdref.service.service import Service
from icdref.store.conditions import ConceptMapStore
from icdref.store.index import INDEX_NAME, Index
from icdref.store.records import StoredConcept

UNCHANGED = "unchanged"
REPLACED = "replaced"
SPLIT = "split"
HEADER = "header"
NOT_YET = "not-yet-valid"
DELETED = "deleted"
RELATIONS = {
    UNCHANGED: "billable in the target release",
    REPLACED: "not in it; the conversion table names one code",
    SPLIT: "not in it, or a header in it; several codes are named and none is picked",
    HEADER: "a header in the target release; a code below it is needed",
    NOT_YET: "comes into force only after the target release",
    DELETED: "not in it, and no successor is named",
}

COLUMNS: parquet.Columns = (
    ("key", "VARCHAR"), ("code", "VARCHAR"), ("title", "VARCHAR"), ("valid_from", "DATE"), ("valid_to", "DATE"),
    ("billable", "BOOLEAN"), ("relation", "VARCHAR"), ("replacements", "VARCHAR"), ("summary", "VARCHAR"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One code: `key` without dot, `billable` in the target release, `replacements` codes of the target release."""

    key: str
    code: str
    title: str
    valid_from: date | None
    valid_to: date | None
    billable: bool
    relation: str
    replacements: tuple[str, ...]
    summary: str


def rows(service: Service, side: Side) -> Iterator[Row]:
    """Yield a row for every code of any release and of the validity table, each once."""
    life = {each.code: each for each in service.concepts.all_validity()}
    in_force = _billable(service, side)
    titles, last_of = _titles(service, side)
    summaries = _Summaries(service, side)
    for code in sorted(life.keys() | titles.keys()):
        own = life.get(code)
        relation, newer = _relation(
            service, code, side, in_force, starts=own.valid_from if own else None, known=last_of.get(code)
        )
        yield Row(
            codes.without_dot(code),
            code,
            titles.get(code, ""),
            own.valid_from if own else None,
            own.valid_to if own else None,
            code in in_force,
            relation,
            newer,
            summaries.of(code, newer),
        )


def write(service: Service, side: Side, path: Path) -> int:
    """Write the table as Parquet and return its rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = (
        (
            *(row.key, row.code, row.title or None, row.valid_from, row.valid_to, row.billable, row.relation),
            *(row.replacements or None, row.summary or None),
        )
        for row in rows(service, side)
    )
    return parquet.write(path, COLUMNS, cells)


def _billable(service: Service, side: Side) -> set[str]:
    if side.release:
        return set(service.concepts.billable_codes(service.releases.number(side.release)))
    return valid_on(service.concepts.all_validity(), side.day)


def _titles(service: Service, side: Side) -> tuple[dict[str, str], dict[str, StoredConcept]]:
    """Return the title of every code, of the target release where it has it; and the target's concept."""
    titles: dict[str, str] = {}
    target: dict[str, StoredConcept] = {}
    wanted = service.releases.number(side.release) if side.release else len(service.releases.all) - 1
    for number in (wanted, *(each for each in range(len(service.releases.all) - 1, -1, -1) if each != wanted)):
        for stored in service.concepts.all(number) if number == wanted else service.concepts.only_in(number, wanted):
            if stored.concept.kind not in (Kind.CHAPTER, Kind.BLOCK):
                titles.setdefault(stored.concept.code, stored.concept.display)
                if number == wanted:
                    target[stored.concept.code] = stored
    return titles, target


def _relation(
    service: Service, code: str, side: Side, in_force: set[str], *, starts: date | None, known: StoredConcept | None
) -> tuple[str, tuple[str, ...]]:
    if code in in_force:
        return UNCHANGED, ()
    newer = tuple(each for each in service.terminology.successors(code) if each in in_force)
    if len(newer) > 1 or (newer and known):
        return SPLIT, newer
    if known and not known.concept.billable:
        return HEADER, ()
    if newer:
        return REPLACED, newer
    return (NOT_YET if starts and starts > side.day else DELETED), ()


class _Summaries:
    """Finds the summary of a code. Only codes at or below a bound code, or whose successor is, are matched in full."""

    def __init__(self, service: Service, side: Side) -> None:
        maps = ConceptMapStore(Index(service.edition.folder / INDEX_NAME))
        self._matcher = Matcher(service.terminology, service.knowledge.summaries, maps)
        self._version = side.release.version if side.release else ""
        self._choice = service.terminology.choose(self._version, None if side.release else side.day)
        self._bound = tuple(
            codes.without_dot(binding.code)
            for summary in service.knowledge.summaries.all.values()
            for binding in summary.codes
            if binding.system == codes.ICD10CM and binding.role in ("focus", "equivalent")
        )

    def of(self, code: str, newer: tuple[str, ...]) -> str:
        """Return the id of the summary that answers a code, '' where none does."""
        if not any(codes.without_dot(each).startswith(self._bound) for each in (code, *newer)):
            return ""
        return self._matcher.match(Asked(code), self._choice, self._version, "hierarchy").trace.summary
