"""A small, safe XML reader: elements with their line numbers, no DTD, bounded depth and size.

The standard library's ElementTree keeps no line numbers, and an importer must say in which line a fault is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from icdref.importers.errors import ImportFault

DEEPEST = 64
_NO_ATTRIBUTES: dict[str, str] = {}


@dataclass(slots=True)
class Node:
    """One element: its text is all character data directly inside it."""

    tag: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def named(self, tag: str) -> Iterator[Node]:
        """Yield the children with a tag."""
        return (child for child in self.children if child.tag == tag)

    def first_text(self, tag: str) -> str:
        """Return the stripped text of the first child with a tag, '' where there is none."""
        return next((child.text.strip() for child in self.named(tag)), "")


def parse(content: bytes, file: str) -> Node:
    """Return the root element. Raises ImportFault for XML that is malformed, too deep or carries a DOCTYPE."""
    parser = expat.ParserCreate()
    root = Node("", {}, 0)
    stack = [root]

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(stack) > DEEPEST:
            raise ImportFault(file, parser.CurrentLineNumber, f"elements are nested deeper than {DEEPEST} levels")
        node = Node(tag, attributes or _NO_ATTRIBUTES, parser.CurrentLineNumber)
        stack[-1].children.append(node)
        stack.append(node)

    def end(_tag: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        stack[-1].text += data

    def refuse(*_: object) -> None:
        raise ImportFault(file, parser.CurrentLineNumber, "a DOCTYPE is not accepted; remove it")

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise ImportFault(file, error.lineno, f"not well-formed XML: {expat.ErrorString(error.code)}") from None
    except (ValueError, LookupError) as error:  # an encoding that the parser does not know
        raise ImportFault(file, 1, f"not readable as XML: {error}") from None
    finally:  # parser and handlers hold each other, and the handlers hold the whole tree
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
        parser.StartDoctypeDeclHandler = None
    return root.children[0]
