"""Writes the FHIR resources that the operator imported into an edition, under ids of their own."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from icdref.compiler.imports import Imported
from icdref.compiler.sources import FHIR_SYSTEM
from icdref.fhir.reading.code_systems import code_system
from icdref.fhir.reading.concept_maps import read_concept_map
from icdref.fhir.reading.value_sets import value_set
from icdref.importers.errors import ImportFault
from icdref.importers.fhir_files import TYPES, parse_json
from icdref.importers.release_files import read_content
from icdref.issues import IcdRefError
from icdref.records import definition_record
from icdref.store.records import checksum, dump
from icdref.store.resources import element_key, resource_key, to_row

_ID = re.compile(r"\A[A-Za-z0-9\-.]{1,64}\Z")
_DIGEST = 8


def fhir_of(found: Iterable[Imported]) -> tuple[Imported, ...]:
    """Return the FHIR resources among what was imported."""
    return tuple(each for each in found if each.system == FHIR_SYSTEM)


def write_resources(connection: sqlite3.Connection, found: Iterable[Imported]) -> dict[str, str]:
    """Fill the tables of imported resources and return `Type/id` -> canonical. Raises ImportFault for an unusable one."""
    written: dict[str, str] = {}
    for resource, file in sorted(_resources(found), key=lambda pair: (pair[0]["url"], str(pair[0].get("version", "")))):
        type_ = resource["resourceType"]
        resource["id"] = _id(resource, written)
        if type_ == "ConceptMap":
            _write_elements(connection, resource, file)
        record = dump([resource, _definition(resource, file)])
        key = resource_key(type_, resource["id"])
        connection.execute(
            "INSERT INTO fhir_resource VALUES (?, ?, ?, ?)", (type_, resource["id"], record, checksum(record, key))
        )
        written[key] = "|".join(part for part in (resource["url"], resource.get("version", "")) if part)
    return written


def _resources(found: Iterable[Imported]) -> Iterator[tuple[dict[str, Any], str]]:
    for each in found:
        for file in each.files:
            if file.content.removeprefix("fhir-") in TYPES:
                yield parse_json(read_content(each.folder, file), file.name), f"{each.slot}/{file.name}"


def _id(resource: dict[str, Any], taken: dict[str, str]) -> str:
    """Return the id to serve a resource under: its own where that is an id and free, else one made from its canonical."""
    own = resource.get("id")
    if isinstance(own, str) and _ID.match(own) and resource_key(resource["resourceType"], own) not in taken:
        return own
    named = f"{resource['url']}|{resource.get('version', '')}"
    return f"imported-{hashlib.sha256(named.encode()).hexdigest()[:_DIGEST]}"


def _definition(resource: dict[str, Any], file: str) -> dict[str, Any] | None:
    """Return the record that the service reads a code system or value set from; a concept map has none."""
    try:
        if resource["resourceType"] == "CodeSystem":
            return definition_record(code_system(resource))
        if resource["resourceType"] == "ValueSet":
            return definition_record(replace(value_set(resource), content=None))
    except IcdRefError as error:
        raise ImportFault(file, 0, error.issue.text) from None
    return None


def _write_elements(connection: sqlite3.Connection, resource: dict[str, Any], file: str) -> None:
    """Move the elements of a map into their own table: a map may have a hundred thousand, and a question is about one."""
    try:
        read = read_concept_map(resource)
    except IcdRefError as error:
        raise ImportFault(file, 0, error.issue.text) from None
    for number, (group, found) in enumerate(zip(resource["group"], read.groups, strict=True)):
        for place, (element, (code, targets)) in enumerate(zip(group.pop("element", []), found.elements, strict=True)):
            # As it came, to be read again; and as the service reads it.
            record = dump([element, [to_row(target) for target in targets]])
            key = element_key(resource["id"], number, place, code)
            row = (resource["id"], number, place, code, record, checksum(record, key))
            connection.execute("INSERT INTO map_element VALUES (?, ?, ?, ?, ?, ?)", row)
