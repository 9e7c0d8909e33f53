"""The general equivalence mappings as CMS publishes them: fixed columns, one file per direction.

I10gem: 1-7 ICD-10-CM code, 9-13 target. I9gem: 1-5 ICD-9-CM code, 7-13 target. 15-19: approximate, no map, combination,
scenario, choice list.
"""

from __future__ import annotations

import re
from itertools import groupby

from icdref import codes
from icdref.importers import texts
from icdref.importers.conversion import icd9cm_code
from icdref.importers.errors import ImportFault
from icdref.model import ConceptMapping

NO_MAP = "NoDx"
_WIDTH = 19
# GEM 2018 has one target in lower case, v5889.
_FROM_TEN = re.compile(
    r"\A([A-Z][0-9A-Z]{2,6}) {1,5}(NoDx|(?:[Ee][0-9]{3}|[0-9Vv][0-9]{2})[0-9]{0,2}) *([01])([01])([01])(\d)(\d)\Z"
)
_FROM_NINE = re.compile(r"\A([0-9EV][0-9]{2,4}) {1,3}(NoDx|[A-Z][0-9A-Z]{2,6}) *([01])([01])([01])(\d)(\d)\Z")


def read_gem_file(content: bytes, file: str, *, from_ten: bool) -> tuple[ConceptMapping, ...]:
    """Return the rows of one direction in file order. Raises ImportFault, naming the line."""
    shape, column = (_FROM_TEN, 8) if from_ten else (_FROM_NINE, 6)
    found = []
    for number, line in enumerate(texts.lines(content, file, lambda line: len(line) == _WIDTH), 1):
        match = shape.match(line)
        if match is None or len(line) != _WIDTH or match.start(2) != column:
            raise ImportFault(file, number, "the columns are not those of a GEM file: the line is cut or shifted")
        source, target, approximate, no_map, combination, scenario, choice = match.groups()
        if (no_map == "1") != (target == NO_MAP):
            raise ImportFault(file, number, f"target {target!r} and the no-map flag {no_map} contradict each other")
        ten, nine = (source, target) if from_ten else (target, source)
        ten = "" if ten == NO_MAP else texts.plain_code(ten, file, number)
        nine = "" if nine == NO_MAP else icd9cm_code(nine)
        ends = (codes.ICD10CM, ten, codes.ICD9CM, nine) if from_ten else (codes.ICD9CM, nine, codes.ICD10CM, ten)
        found.append(ConceptMapping(*ends, approximate == "1", combination == "1", int(scenario), int(choice)))
    _check(found, file)
    return tuple(found)


def _check(rows: list[ConceptMapping], file: str) -> None:
    """Refuse rows that stand twice, sources out of one piece, and combinations with a choice list missing."""
    seen: set[str] = set()
    line = 0
    for source, group in groupby(rows, key=lambda row: row.source):
        own = list(group)
        line += len(own)
        if source in seen:
            raise ImportFault(file, line, f"the rows of {source} do not stand together")
        seen.add(source)
        if len(set(own)) != len(own):
            raise ImportFault(file, line, f"a row of {source} stands twice")
        for scenario in {row.scenario for row in own if row.combination}:
            choices = {row.choice for row in own if row.combination and row.scenario == scenario}
            if choices != set(range(1, max(choices) + 1)) or len(choices) < 2:
                raise ImportFault(file, line, f"scenario {scenario} of {source} is incomplete: a choice list is missing")
