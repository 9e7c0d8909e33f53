"""The lines of the alphabetic indexes as texts of the codes that they lead to, for search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from icdref import codes
from icdref.importers.index_xml import Index, IndexTerm

_NEOPLASMS: Final = {
    2: "malignant primary",
    3: "malignant secondary",
    4: "carcinoma in situ",
    5: "benign",
    6: "uncertain behavior",
    7: "unspecified behavior",
}
_DRUGS: Final = {
    2: "poisoning accidental",
    3: "poisoning intentional self harm",
    4: "poisoning assault",
    5: "poisoning undetermined",
    6: "adverse effect",
    7: "underdosing",
}
_COLUMNS: Final[Mapping[str, Mapping[int, str]]] = {"neoplasms": _NEOPLASMS, "drugs": _DRUGS}
_MOST_WORDS: Final = 14


def index_texts(indexes: Iterable[Index]) -> dict[str, tuple[str, ...]]:
    """Return the texts that lead to each code. A line of a table of neoplasms or drugs gives one for each of its columns."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for index in indexes:
        for term in index.terms:
            for code, text in _texts(term, _COLUMNS.get(index.kind, {0: ""})):
                found[code][text] = None
    return {code: tuple(texts) for code, texts in found.items()}


def _texts(term: IndexTerm, columns: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    words = " ".join(term.words)
    if len(words.split()) > _MOST_WORDS:
        return
    for column, printed in term.codes:
        code = codes.normalise(printed.rstrip("-."))
        if code is not None and column in columns:
            yield code, f"{words} {columns[column]}".strip()
