"""Our own tables for search: what people call a condition, and how common conditions are. Strict: every fault has a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from icdref import codes
from icdref.importers.errors import ImportFault
from icdref.language.fold import fold
from icdref.model import Commonness, LayTerm

TERMS_FILE: Final = "lay-terms.tsv"
COMMONNESS_FILE: Final = "commonness.tsv"
TERMS_HEADER: Final = ("term", "kind", "means", "source")
COMMONNESS_HEADER: Final = ("code", "level")

KINDS: Final = ("lay", "abbreviation", "eponym", "clinical", "spelling", "word", "site", "encounter", "ignored")
"""What a row is; docs/reference/lay-terms.md says what each kind does in a search."""

SOURCES: Final = ("usage", "plain", "anatomy", "tabular", "guideline")
"""Where a row comes from; docs/reference/lay-terms.md spells them out."""

_CODE: Final = re.compile(r"\A[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?-?\Z")
_TEXT: Final = re.compile(r"\A[a-z0-9][a-z0-9 ./'-]*\Z")
_LEVELS: Final = frozenset("123456789")


def is_code(meaning: str) -> bool:
    """Tell whether a meaning is a code, `I21.9` alone or `I21-` with everything below it, rather than words.

    >>> is_code("I21-"), is_code("myocardial infarction")
    (True, False)
    """
    return _CODE.match(meaning) is not None


def read_lay_terms(fixtures: Path) -> tuple[LayTerm, ...]:
    """Return the rows of lay-terms.tsv in file order. Raises ImportFault naming file and line."""
    path = fixtures / TERMS_FILE
    found: list[LayTerm] = []
    seen: dict[str, int] = {}
    for line, (text, kind, means, source) in _rows(path, TERMS_HEADER):
        name = fold(text)
        if not text or text != text.strip() or not name.strip():
            raise ImportFault(path.name, line, "the term is empty or has blanks around it")
        if name in seen:
            raise ImportFault(path.name, line, f"{text!r} stands in line {seen[name]} already; join the two rows")
        if kind not in KINDS:
            raise ImportFault(path.name, line, f"kind {kind!r} is none of {', '.join(KINDS)}")
        if source not in SOURCES:
            raise ImportFault(path.name, line, f"source {source!r} is none of {', '.join(SOURCES)}")
        seen[name] = line
        found.append(LayTerm(text, kind, _meanings(means, kind, path.name, line), source))
    return tuple(found)


def read_commonness(fixtures: Path) -> tuple[Commonness, ...]:
    """Return the rows of commonness.tsv in file order. Raises ImportFault naming file and line."""
    path = fixtures / COMMONNESS_FILE
    found: dict[str, Commonness] = {}
    for line, (code, level) in _rows(path, COMMONNESS_HEADER):
        if not is_code(code) or codes.normalise(code) != code:
            raise ImportFault(path.name, line, f"{code!r} is not an ICD-10-CM code with its dot")
        if code in found:
            raise ImportFault(path.name, line, f"{code} stands there twice")
        if level not in _LEVELS:
            raise ImportFault(path.name, line, f"level {level!r} is not a digit from 1 to 9")
        found[code] = Commonness(code, int(level))
    return tuple(found.values())


def _meanings(means: str, kind: str, file: str, line: int) -> tuple[str, ...]:
    if kind == "ignored":
        if means:
            raise ImportFault(file, line, "an ignored word means nothing; leave the cell empty")
        return ()
    parts = tuple(means.split("|"))
    for part in parts:
        if not is_code(part) and not _TEXT.match(part):
            raise ImportFault(file, line, f"{part!r} is neither a code such as I21- nor words in small letters")
    if len(set(parts)) < len(parts):
        raise ImportFault(file, line, f"{means!r} names a meaning twice")
    return parts


def _rows(path: Path, header: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise ImportFault(path.name, 0, "is missing") from None
    except UnicodeDecodeError:
        raise ImportFault(path.name, 0, "is not UTF-8") from None
    lines = text.split("\n")
    if tuple(lines[0].split("\t")) != header:
        raise ImportFault(path.name, 1, f"the header is not {' | '.join(header)}, separated by tabs")
    for line, row in enumerate(lines[1:], 2):
        if not row and line == len(lines):
            continue
        cells = row.split("\t")
        if len(cells) != len(header):
            raise ImportFault(path.name, line, f"{len(cells)} columns, not {len(header)}")
        yield line, cells
