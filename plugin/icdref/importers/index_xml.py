"""The Alphabetic Index XML: diseases, external causes, and the tables of neoplasms and of drugs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from icdref.importers.errors import ImportFault
from icdref.importers.xml_nodes import Node, parse

ROOT_TAG = "ICD10CM.index"
_CODE = re.compile(r"\A[A-Z][0-9A-Z]{1,2}(?:\.[0-9A-Z]{0,4})?\.?-?")
_KNOWN = {"title", "nemod", "code", "manif", "see", "seeAlso", "seecat", "subcat", "cell", "term", "mainTerm"}
_SKIPPED = {"version", "title", "introduction", "indexHeading", "letter"}


@dataclass(frozen=True, slots=True)
class IndexTerm:
    """One line of the index: its words from the main term down, its codes (as printed) and what it refers to.

    `codes` are (column, code): column 0 for the printed code, 1 for the manifestation code, 2 to 7 in a table.
    """

    words: tuple[str, ...]
    codes: tuple[tuple[int, str], ...]
    see: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """One index file: diseases, external-causes, neoplasms or drugs, the year it prints, and its lines."""

    kind: str
    year: int
    terms: tuple[IndexTerm, ...]


def read_index(content: bytes, file: str) -> Index:
    """Return an index. Raises ImportFault, naming the line, for anything that is not one."""
    root = parse(content, file)
    if root.tag != ROOT_TAG:
        raise ImportFault(file, root.line, f"the root element is <{root.tag}>, not <{ROOT_TAG}>")
    year = root.first_text("version")
    if not (year.isascii() and year.isdecimal() and len(year) == 4):
        raise ImportFault(file, root.line, f"the version {year!r} is no year")
    for child in root.children:
        if child.tag not in _SKIPPED:
            raise ImportFault(file, child.line, f"unknown element <{child.tag}>")
    terms = tuple(term for letter in root.named("letter") for node in letter.named("mainTerm") for term in _terms(node, (), file))
    if not terms:
        raise ImportFault(file, root.line, "no main term was found: the file is cut or is no index")
    return Index(_kind(root, file), int(year), terms)


def _kind(root: Node, file: str) -> str:
    heading = " ".join([root.first_text("title"), *(head.text for node in root.named("indexHeading") for head in node.children)])
    for word, kind in (
        ("EXTERNAL", "external-causes"),
        ("DISEASES", "diseases"),
        ("Neoplasm", "neoplasms"),
        ("Substance", "drugs"),
    ):
        if word in heading:
            return kind
    raise ImportFault(file, root.line, f"the heading {heading[:60]!r} names none of the four indexes")


def _terms(node: Node, above: tuple[str, ...], file: str) -> Iterator[IndexTerm]:
    title = next(iter(node.named("title")), None)
    words = " ".join(title.text.split()) if title else ""
    if not words and not (title and title.children):
        raise ImportFault(file, node.line, f"<{node.tag}> has no title")
    found: list[tuple[int, str]] = []
    for child in node.children:
        if child.tag not in _KNOWN:
            raise ImportFault(file, child.line, f"unknown element <{child.tag}> in a term")
        column = _column(child, file) if child.tag == "cell" else int(child.tag == "manif")
        # The neoplasm table has a remark in one code element; what has no code's shape is no code.
        if child.tag in ("code", "manif", "cell") and _CODE.match(child.text.strip()):
            found.append((column, child.text.strip()))
    path = (*above, words)
    yield IndexTerm(path, tuple(found), node.first_text("see") or node.first_text("seeAlso"))
    for term in node.named("term"):
        yield from _terms(term, path, file)


def _column(cell: Node, file: str) -> int:
    column = cell.attributes.get("col", "")
    if column not in ("2", "3", "4", "5", "6", "7"):
        raise ImportFault(file, cell.line, f"column {column!r} is not 2 to 7")
    return int(column)
