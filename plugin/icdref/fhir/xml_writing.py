"""A resource as FHIR XML: the elements in the order of their definition, narratives as XHTML.

Source: HL7 FHIR R4 and R5, XML representation. The models of fhir.resources could do it, in 30 ms, with lxml, and with dates
rewritten; this takes the dicts that JSON is made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, Final
from xml.parsers import expat

from icdref.fhir.elements import Element, elements_of

NAMESPACE: Final = "http://hl7.org/fhir"
XHTML: Final = "http://www.w3.org/1999/xhtml"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>'
# XML 1.0 has no way at all to carry these, not even as references.
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES: Final = str.maketrans({
    "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;",
})  # fmt: skip


def to_xml(resource: Mapping[str, Any], fhir_version: str = "4.0", *, pretty: bool = False) -> bytes:
    """Return a resource as an XML document in UTF-8.

    What FHIR does not define for the type is left out: XML cannot carry it, and only a resource that a client sent can
    have it. So is a narrative that is not well-formed.
    """
    writer = _Writer(fhir_version, "\n" if pretty else "")
    parts = writer.resource(resource, 0, f' xmlns="{NAMESPACE}"')
    return (_HEAD + "".join(parts) + "\n" * pretty).encode("utf-8")


class _Writer:
    """Writes the elements of one document; `newline` is empty where nothing is to be indented."""

    def __init__(self, fhir_version: str, newline: str) -> None:
        self._version = fhir_version
        self._newline = newline

    def resource(self, resource: Mapping[str, Any], level: int, namespace: str = "") -> Iterator[str]:
        name = str(resource.get("resourceType", ""))
        if elements_of(name, self._version):
            yield from self._whole(name, namespace, self._elements(resource, name, level + 1, attributes=()), level)

    def _whole(self, name: str, attributes: str, inner: Iterator[str], level: int) -> Iterator[str]:
        content = "".join(inner)
        start = self._indent(level)
        if content:
            yield f"{start}<{name}{attributes}>{content}{start}</{name}>"
        elif attributes:
            yield f"{start}<{name}{attributes}/>"

    def _indent(self, level: int) -> str:
        return self._newline + "  " * level if self._newline else ""

    def _elements(self, value: Mapping[str, Any], type_name: str, level: int, attributes: tuple[str, ...]) -> Iterator[str]:
        for name, element in elements_of(type_name, self._version).items():
            if name in attributes or (name not in value and f"_{name}" not in value):
                continue
            if element.is_primitive:
                yield from self._primitives(element, value.get(name), value.get(f"_{name}"), level)
                continue
            for each in _listed(value[name]) if name in value else ():
                if isinstance(each, Mapping):
                    yield from self._complex(element, each, level)

    def _complex(self, element: Element, value: Mapping[str, Any], level: int) -> Iterator[str]:
        if element.type == "Resource":
            return self._whole(element.name, "", self.resource(value, level + 1), level)
        if element.type == "Narrative":
            return self._narrative(element, value, level)
        own = ("id", "url") if element.type == "Extension" else ("id",)
        marks = "".join(f' {name}="{_text(value[name])}"' for name in own if isinstance(value.get(name), str))
        return self._whole(element.name, marks, self._elements(value, element.type, level + 1, own), level)

    def _primitives(self, element: Element, value: Any, extra: Any, level: int) -> Iterator[str]:
        """Write a primitive or a list of them; `extra` holds ids and extensions, place by place."""
        for each, more in zip_longest(_listed(value), _listed(extra)):
            marks = ""
            inner: Iterator[str] = iter(())
            if isinstance(more, Mapping):
                marks = f' id="{_text(more["id"])}"' if isinstance(more.get("id"), str) else ""
                inner = self._elements(more, "Element", level + 1, ("id",))
            if isinstance(each, str | int | float):
                marks += f' value="{_text(each)}"'
            yield from self._whole(element.name, marks, inner, level)

    def _narrative(self, element: Element, value: Mapping[str, Any], level: int) -> Iterator[str]:
        div = value.get("div")
        if not isinstance(div, str) or not is_xhtml(div):
            return
        start = self._indent(level + 1)
        inner = f'{start}<status value="{_text(value.get("status", "additional"))}"/>{start}{div}'
        yield from self._whole(element.name, "", iter((inner,)), level)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: object) -> str:
    """Return a value as the text of an attribute: booleans as FHIR writes them, nothing that XML cannot carry."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if text.isalnum() and text.isascii():
        return text
    return escaped(text)


def escaped(text: str) -> str:
    """Return a text as XML can carry it, in an element or in an attribute."""
    return _NOT_XML.sub("\ufffd", text).translate(_ESCAPES)


def is_xhtml(div: str) -> bool:
    """Tell whether a narrative can stand in an XML document as it is: one well-formed `div` in the XHTML namespace.

    >>> is_xhtml('<div xmlns="http://www.w3.org/1999/xhtml">x<br/></div>'), is_xhtml("<div>x</div>"), is_xhtml("x & y")
    (True, False, False)
    """
    roots: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, _: Mapping[str, str]) -> None:
        roots.append(name)
        parser.StartElementHandler = None

    def refuse(*_: object) -> None:
        roots.append("")

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    parser.XmlDeclHandler = refuse
    try:
        parser.Parse(div.encode("utf-8", "replace"), True)
    except expat.ExpatError:
        return False
    return roots == [f"{XHTML} div"]
