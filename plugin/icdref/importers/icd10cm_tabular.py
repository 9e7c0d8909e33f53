"""The ICD-10-CM Tabular List XML of CDC/NCHS: from one file to every concept of a release, in the order of the book.

Only 46,881 of the 98,186 codes of FY2026 stand in the XML; the others are made from seventh-character definitions.
Source of the rules: ICD-10-CM Official Guidelines I.A.4 and I.A.5; checked against the official order files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from icdref import codes
from icdref.importers import sides, titles
from icdref.importers.errors import ImportFault
from icdref.importers.xml_nodes import Node, parse
from icdref.model import Concept, Kind, Note, NoteKind, SeventhCharacter

ROOT_TAG = "ICD10CM.tabular"

_NOTE_TAGS = {
    "includes": NoteKind.INCLUDES,
    "inclusionTerm": NoteKind.INCLUSION_TERM,
    "excludes1": NoteKind.EXCLUDES1,
    "excludes2": NoteKind.EXCLUDES2,
    "codeFirst": NoteKind.CODE_FIRST,
    "useAdditionalCode": NoteKind.USE_ADDITIONAL_CODE,
    "codeAlso": NoteKind.CODE_ALSO,
    "notes": NoteKind.NOTE,
    "sevenChrNote": NoteKind.NOTE,
}
_KNOWN_DIAG_TAGS = {*_NOTE_TAGS, "name", "desc", "diag", "sevenChrDef", "visualImpairment"}

# References stand in brackets of any kind, some of them mistyped: `(E87.8}`, `(Z89.52-`.
_BRACKETED = re.compile(r"[(\[{]([^()\[\]{}]*)")
_STEM = r"[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?"
_CITED = re.compile(rf"\b{_STEM}(?:-{_STEM}\b|\.?-|\b)")
_EXCEPTION = re.compile(
    r"7th characters? (?P<seventh>.+?) do(?:es)? not apply to codes in category \w+ with 6th character (?P<sixth>.+)"
)
_CHARACTER = re.compile(r"\b([A-Z0-9])\b(?: - |$|,| and| or)")
_SIXTH = re.compile(r"(?:^|\bor )([A-Z0-9]) - ")


@dataclass(frozen=True, slots=True)
class TabularList:
    """What one tabular file says: the year it prints and all concepts, chapters and blocks included, in book order."""

    year: str
    concepts: tuple[Concept, ...]


@dataclass(frozen=True, slots=True)
class _Seventh:
    """The seventh characters that apply below a node, and the sixth characters for which some do not."""

    characters: tuple[SeventhCharacter, ...]
    exceptions: frozenset[tuple[str, str]] = frozenset()


def read_tabular(content: bytes, file: str) -> TabularList:
    """Return all concepts of a tabular list. Raises ImportFault, naming the line, for anything that is not one."""
    root = parse(content, file)
    if root.tag != ROOT_TAG:
        raise ImportFault(file, root.line, f"the root element is <{root.tag}>, not <{ROOT_TAG}>")
    reader = _Reader(file, root)
    concepts = [concept for chapter in root.named("chapter") for concept in reader.chapter(chapter)]
    if not concepts:
        raise ImportFault(file, root.line, "no chapter was found: the file is cut or is not a tabular list")
    return TabularList(root.first_text("version"), sides.with_sides_and_sites(concepts, reader.extended))


class _Reader:
    """Walks the tree once; remembers the codes seen (for faults), the extended ones (for sides) and the categories."""

    def __init__(self, file: str, root: Node) -> None:
        self.file = file
        self.seen: dict[str, int] = {}
        self.extended: set[str] = set()
        self.before = ""
        self.categories = {
            diag.first_text("name")
            for chapter in root.named("chapter")
            for section in chapter.named("section")
            for diag in section.named("diag")
        }

    def chapter(self, node: Node) -> Iterator[Concept]:
        """Yield a chapter and everything in it."""
        number = node.first_text("name")
        if not codes.is_chapter(number):
            raise ImportFault(self.file, node.line, f"chapter name {number!r} is not a number from 1 to 22")
        self._once(number, node)
        yield Concept(number, Kind.CHAPTER, self._title(node), "", billable=False, notes=self._notes(node))
        sections = list(node.named("section"))
        spans = [_span(section) for section in sections if not any(section.named("diag"))]
        for section in sections:
            yield from self._section(section, number, spans)

    def _section(self, node: Node, chapter: str, super_blocks: list[tuple[str, str]]) -> Iterator[Concept]:
        first, last = _span(node)
        above = [span for span in super_blocks if span != (first, last) and span[0] <= first and last <= span[1]]
        nearest = min(
            above, key=lambda span: sum(other[0] <= span[0] and span[1] <= other[1] for other in above) * -1, default=None
        )
        parent = f"{nearest[0]}-{nearest[1]}" if nearest else chapter
        identifier = node.attributes.get("id", "")
        if identifier in self.categories:  # one category that is its own block, such as B20: the block is not a concept
            for diag in node.named("diag"):
                own = diag.first_text("name") == identifier
                yield from self._diag(diag, parent, None, own_block=own, extra=self._notes(node) if own else ())
            return
        if not codes.is_block(identifier):
            raise ImportFault(self.file, node.line, f"section id {identifier!r} is not a block such as M60-M63")
        self._once(identifier, node)
        yield Concept(identifier, Kind.BLOCK, self._title(node), parent, billable=False, notes=self._notes(node))
        for diag in node.named("diag"):
            yield from self._diag(diag, identifier, None)

    def _diag(
        self,
        node: Node,
        parent: str,
        inherited: _Seventh | None,
        path: tuple[str, ...] = (),
        *,
        own_block: bool = False,
        extra: tuple[Note, ...] = (),
    ) -> Iterator[Concept]:
        """Yield a diagnosis and what is below it; `path` are the codes above it, nearest first."""
        code = self._code(node)
        if path:
            parent = self._parent(code, path, node)
        else:
            self._in_order(code, node)
        seventh = self._seventh(node) or inherited
        children = list(node.named("diag"))
        concept = Concept(
            code,
            Kind.CATEGORY if len(code) == 3 else Kind.SUBCATEGORY,
            self._title(node),
            parent,
            billable=not children and seventh is None,
            notes=extra + self._notes(node),
            seventh_characters=seventh.characters if seventh and any(node.named("sevenChrDef")) else (),
            own_block=own_block,
            residual=titles.is_residual(node.first_text("desc")),
        )
        if not children and seventh:
            yield concept
            yield from self._extended(concept, seventh, node)
            return
        yield concept
        for child in children:
            yield from self._diag(child, code, seventh, (code, *path))

    def _parent(self, code: str, path: tuple[str, ...], node: Node) -> str:
        """Return the nearest code above that begins a code: the list of 2021 has H54.512A inside H54.511."""
        bare = codes.without_dot(code)
        found = next((above for above in path if bare.startswith(codes.without_dot(above))), None)
        if found is None:
            raise ImportFault(self.file, node.line, f"{code} is an orphan: it stands below {path[0]}, which does not begin it")
        return found

    def _in_order(self, category: str, node: Node) -> None:
        """Refuse a category out of its place. Those with a letter third (C4A) and chapter 22 (U) stand where no rule says."""
        if not (len(category) == 3 and category[2].isdecimal()) or category.startswith("U"):
            return
        if category < self.before:
            raise ImportFault(self.file, node.line, f"category {category} stands below {self.before}: it was moved")
        self.before = category

    def _extended(self, leaf: Concept, seventh: _Seventh, node: Node) -> Iterator[Concept]:
        for extension in seventh.characters:
            code = codes.pad_seventh(leaf.code, extension.character)
            sixth = codes.without_dot(code)[5]
            if (extension.character, sixth) in seventh.exceptions:
                continue
            self._once(code, node)
            self.extended.add(code)
            yield Concept(
                code,
                Kind.SUBCATEGORY,
                f"{leaf.display}, {extension.meaning}",
                leaf.code,
                billable=True,
                residual=leaf.residual,
            )

    def _seventh(self, node: Node) -> _Seventh | None:
        definitions = list(node.named("sevenChrDef"))
        if not definitions:
            return None
        characters = tuple(
            SeventhCharacter(extension.attributes.get("char", ""), extension.text.strip())
            for definition in definitions
            for extension in definition.named("extension")
        )
        for character in characters:
            if len(character.character) != 1 or not character.meaning:
                raise ImportFault(
                    self.file, definitions[0].line, f"seventh character {character.character!r} has no single letter or no text"
                )
        return _Seventh(characters, self._exceptions(node))

    @staticmethod
    def _exceptions(node: Node) -> frozenset[tuple[str, str]]:
        """Return the (seventh, sixth) characters that a free-text note excludes: S06 since FY2021, none before."""
        for note in (line.text for notes in node.named("notes") for line in notes.named("note")):
            if match := _EXCEPTION.search(note):
                sevenths = _CHARACTER.findall(match["seventh"])
                return frozenset((seventh, sixth) for seventh in sevenths for sixth in _SIXTH.findall(match["sixth"]))
        return frozenset()

    def _notes(self, node: Node) -> tuple[Note, ...]:
        found: list[Note] = []
        for child in node.children:
            if child.tag in _NOTE_TAGS:
                texts = [" ".join(note.text.split()) for note in child.named("note")]
                found += [self._note(_NOTE_TAGS[child.tag], text) for text in texts if text]
            elif child.tag == "sevenChrDef":
                found += self._extension_notes(child)
            elif child.tag == "visualImpairment":
                found += [Note(NoteKind.NOTE, text) for text in _impairment_lines(child)]
            elif node.tag == "diag" and child.tag not in _KNOWN_DIAG_TAGS:
                raise ImportFault(self.file, child.line, f"unknown element <{child.tag}> in a diagnosis")
        return tuple(found)

    def _extension_notes(self, definition: Node) -> Iterator[Note]:
        """Yield notes among seventh characters: each explains the extension before it (in W08 the header itself)."""
        character = ""
        for child in definition.children:
            text = " ".join(child.text.split())
            if child.tag == "extension":
                character = child.attributes.get("char", "")
            elif child.tag == "note" and text:
                if text.startswith("Fall from"):  # W08: an inclusion term that the publisher put into the wrong element
                    yield self._note(NoteKind.INCLUSION_TERM, text)
                else:
                    yield self._note(NoteKind.NOTE, f"Seventh character {character}: {text}")

    def _note(self, kind: NoteKind, text: str) -> Note:
        cited = [code for part in _BRACKETED.findall(text) for code in _CITED.findall(part)]
        return Note(kind, text, tuple(dict.fromkeys(code for code in cited if code[:3] in self.categories)))

    def _title(self, node: Node) -> str:
        title = node.first_text("desc")  # doubled blanks stay: an official update may consist of nothing but removing one
        if not title:
            raise ImportFault(self.file, node.line, f"<{node.tag}> has no <desc>, so no title")
        return title

    def _code(self, node: Node) -> str:
        text = node.first_text("name")
        code = codes.normalise(text)
        if code is None or code != text or codes.is_block(code) or codes.is_chapter(code):
            raise ImportFault(self.file, node.line, f"{text!r} is not an ICD-10-CM code")
        self._once(code, node)
        return code

    def _once(self, code: str, node: Node) -> None:
        if code in self.seen:
            raise ImportFault(self.file, node.line, f"{code} stands twice; it was first in line {self.seen[code]}")
        self.seen[code] = node.line


def _span(section: Node) -> tuple[str, str]:
    first, _, last = section.attributes.get("id", "").partition("-")
    return first, last or first


def _impairment_lines(table: Node) -> Iterator[str]:
    """Yield the visual-impairment table of H54 as printed lines, one per category."""
    for category in table.named("visCategory"):
        value = category.first_text("value")
        ranges = []
        for span in category.named("visRange"):
            below = next((limit.first_text("value") for limit in span.named("visMax")), "")
            above = next((limit.first_text("value") for limit in span.named("visMin")), "")
            upper = f"less than {below}" if below[:1].isdigit() else below  # category 5 is "No light perception", no limit
            parts = [upper] * bool(below) + [f"equal to or better than {above}"] * bool(above)
            ranges.append(" and ".join(parts))
        if value and any(ranges):
            yield f"Category {value} of visual impairment: " + " or ".join(part for part in ranges if part)
