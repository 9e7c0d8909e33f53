"""FHIR resources that the operator imported, as they stand in an edition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from icdref.definitions import Coding, MappingTarget, PropertyValue
from icdref.store.index import Index
from icdref.store.records import verified


def resource_key(type_: str, id_: str) -> str:
    """Return the key of a resource, over which its checksum is taken."""
    return f"{type_}/{id_}"


def element_key(map_: str, group: int, place: int, code: str) -> str:
    """Return the key of an element of a concept map."""
    return f"{map_} {group} {place} {code}"


class ResourceStore:
    """Imported resources: CodeSystem and ValueSet whole, ConceptMap without its elements, which are read one by one."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def of_type(self, type_: str) -> Iterator[dict[str, Any]]:
        """Yield the resources of a type as they came, by id."""
        return (resource for resource, _ in self.definitions(type_))

    def definitions(self, type_: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield (resource, record of its definition) of the resources of a type, by id; a concept map has no such record."""
        sql = "SELECT id, record, crc FROM fhir_resource WHERE type = ? ORDER BY id"
        for id_, record, crc in self._index.rows(sql, (type_,)):
            resource, definition = verified(record, crc, resource_key(type_, id_))
            yield resource, definition

    def targets(self, map_: str, group: int, code: str) -> tuple[MappingTarget, ...] | None:
        """Return what a group of a concept map says to a source code, None where it does not have it."""
        sql = "SELECT place, record, crc FROM map_element WHERE map = ? AND code = ? AND grp = ? ORDER BY place"
        row = self._index.one(sql, (map_, code, group))
        if row is None:
            return None
        _, targets = verified(row[1], row[2], element_key(map_, group, row[0], code))
        return tuple(map(from_row, targets))

    def rows(self, map_: str, group: int) -> Iterator[tuple[str, tuple[MappingTarget, ...]]]:
        """Yield (source code, targets) of a group of a concept map, in the order of the resource."""
        for element, targets in self._elements(map_, group):
            yield element["code"], tuple(map(from_row, targets))

    def elements(self, map_: str, group: int) -> Iterator[dict[str, Any]]:
        """Yield the elements of a group of a concept map as they came."""
        return (element for element, _ in self._elements(map_, group))

    def _elements(self, map_: str, group: int) -> Iterator[tuple[dict[str, Any], list[Any]]]:
        sql = "SELECT place, code, record, crc FROM map_element WHERE map = ? AND grp = ? ORDER BY place"
        for place, code, record, crc in self._index.rows(sql, (map_, group)):
            element, targets = verified(record, crc, element_key(map_, group, place, code))
            yield element, targets

    def sizes(self, map_: str) -> dict[int, int]:
        """Return the number of elements of each group of a concept map."""
        return dict(self._index.rows("SELECT grp, count(*) FROM map_element WHERE map = ? GROUP BY grp", (map_,)))


def to_row(target: MappingTarget) -> list[Any]:
    """Return a target as the index keeps it."""
    depends, products = (
        [[each.code, each.type, each.value if isinstance(each.value, str) else _coding(each.value)] for each in parts]
        for parts in (target.depends_on, target.product)
    )
    return [target.code, target.display, target.relationship, target.equivalence, target.comment, depends, products]


def from_row(row: list[Any]) -> MappingTarget:
    """Return the target of a row."""
    code, display, relationship, equivalence, comment, depends, products = row
    parts = (
        tuple(PropertyValue(name, type_, value if isinstance(value, str) else Coding(*value)) for name, type_, value in each)
        for each in (depends, products)
    )
    return MappingTarget(code, display, relationship, equivalence, comment, *parts)


def _coding(value: object) -> list[str]:
    return [value.system, value.code, value.version, value.display] if isinstance(value, Coding) else ["", str(value), "", ""]
