"""What may stand in a narrative: an allow-list of XHTML elements and attributes, checked on the finished text.

Narrower than FHIR allows: no style, no images, no tables with layout; links go to https or to a place in the same
narrative. Source: HL7 FHIR R4, Narrative, rules txt-1 and txt-2.
"""

from __future__ import annotations

import re
from typing import Final
from xml.parsers import expat

from icdref.fhir.narrative import NAMESPACE, is_safe_href

_INLINE: Final = {"a", "abbr", "b", "br", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "q", "samp", "small", "span"}
_BLOCK: Final = {"blockquote", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"}
_TABLE: Final = {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
_ELEMENTS: Final = _INLINE | _BLOCK | _TABLE | {"strong", "sub", "sup", "tt", "var"}
_ATTRIBUTES: Final = frozenset({"class", "dir", "id", "lang", "title", "http://www.w3.org/XML/1998/namespace lang"})
_ATTRIBUTES_OF: Final = {
    "a": frozenset({"href", "name"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
}
_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9._\-]*\Z")


def narrative_faults(div: str) -> list[str]:
    """Return what is wrong with the `div` of a narrative, [] when nothing is."""
    return NarrativeReading(div).faults


class NarrativeReading:
    """One pass over the `div` of a narrative: its `faults`, the `ids` of its elements and the `places` it links to.

    Ids and places come in their order, doubled ones twice; of a broken `div`, those before the fault.
    """

    def __init__(self, div: str) -> None:
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.places: list[str] = []
        self._has_text = False
        self._depth = 0
        if "<!" in div or "<?" in div:  # before parsing: a document type could declare entities without end
            self.faults.append("comments, document types and processing instructions are not allowed")
            return
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartNamespaceDeclHandler = self._namespace
        try:
            parser.Parse(div, True)
        except (expat.ExpatError, UnicodeEncodeError) as error:
            self.faults.append(f"is not well-formed XML: {error}")
            return
        if not self._has_text:
            self.faults.append("has no text (txt-2)")

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        if prefix or uri != NAMESPACE:
            self.faults.append(f"declares the namespace {uri!r}; only XHTML is allowed")

    def _text(self, text: str) -> None:
        self._has_text = self._has_text or bool(text.strip())

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        namespace, _, name = qualified.rpartition(" ")
        self._depth += 1
        if self._depth == 1 and name != "div":
            self.faults.append(f"begins with <{name}>; it must be one <div>")
        if namespace != NAMESPACE:
            self.faults.append(f"<{name}> is not in the XHTML namespace")
        elif name not in _ELEMENTS:
            self.faults.append(f"<{name}> is not allowed")
        for key, value in attributes.items():
            self._attribute(name, key, value)

    def _attribute(self, name: str, key: str, value: str) -> None:
        if key not in _ATTRIBUTES and key not in _ATTRIBUTES_OF.get(name, ()):
            self.faults.append(f"attribute {key!r} of <{name}> is not allowed")
        elif key == "href" and not is_safe_href(value):
            self.faults.append(f"href {value!r} is neither https nor a place in the narrative")
        elif key == "href" and value.startswith("#"):
            self.places.append(value[1:])
        elif key == "id":
            if not _ID.match(value):
                self.faults.append(f"id {value!r} is not an XML name")
            self.ids.append(value)
