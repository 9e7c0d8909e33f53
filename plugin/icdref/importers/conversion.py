"""Successors of codes, and the general equivalence mappings between ICD-9-CM and ICD-10-CM, as vendored CSV tables."""

from __future__ import annotations

from icdref import codes
from icdref.importers import csv_tables as tables
from icdref.importers.errors import ImportFault
from icdref.model import ConceptMapping, Successor

SUCCESSOR_HEADER = ("release", "code_new", "code_old")
GEM_HEADER = ("direction", "source", "target", "approximate", "no_map", "combination", "scenario", "choice")


def read_successors(content: bytes, file: str) -> tuple[Successor, ...]:
    """Return the pairs of the conversion table, in file order."""
    return tuple(
        Successor(
            tables.day(release, file, line).isoformat(),
            tables.icd10cm_code(new, file, line),
            tables.icd10cm_code(old, file, line),
        )
        for line, (release, new, old) in tables.rows(content, file, SUCCESSOR_HEADER)
    )


def read_gem(content: bytes, file: str) -> tuple[ConceptMapping, ...]:
    """Return the rows of both directions, in the publisher's order; `target` is '' where the publisher says no map."""
    found = []
    for line, (direction, source, target, approximate, no_map, combination, scenario, choice) in tables.rows(
        content, file, GEM_HEADER
    ):
        if direction not in ("icd9to10", "icd10to9"):
            raise ImportFault(file, line, f"{direction!r} is not icd9to10 or icd10to9")
        none = tables.flag(no_map, file, line)
        if none != (target == "NoDx"):
            raise ImportFault(file, line, f"target {target!r} and no_map {no_map} contradict each other")
        from_nine = direction == "icd9to10"
        found.append(
            ConceptMapping(
                codes.ICD9CM if from_nine else codes.ICD10CM,
                icd9cm_code(source) if from_nine else tables.icd10cm_code(source, file, line),
                codes.ICD10CM if from_nine else codes.ICD9CM,
                "" if none else tables.icd10cm_code(target, file, line) if from_nine else icd9cm_code(target),
                tables.flag(approximate, file, line),
                tables.flag(combination, file, line),
                int(scenario) if scenario.isdecimal() else 0,
                int(choice) if choice.isdecimal() else 0,
            )
        )
    return tuple(found)


def icd9cm_code(text: str) -> str:
    """Return an ICD-9-CM diagnosis code with its dot: after the third character, in E codes after the fourth.

    >>> icd9cm_code("72812"), icd9cm_code("E8120"), icd9cm_code("V270"), icd9cm_code("042")
    ('728.12', 'E812.0', 'V27.0', '042')
    """
    bare = text.strip().upper().replace(".", "")
    head = 4 if bare.startswith("E") else 3
    return bare if len(bare) <= head else f"{bare[:head]}.{bare[head:]}"
