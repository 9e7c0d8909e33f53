"""A FHIR XML document that a client sent, as the dict that the same resource in JSON would be.

No DOCTYPE, no entities beyond those of XML itself, bounded depth; the caller bounds the size. The parser is expat, driven
event by event: nothing is built for what is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn
from xml.parsers import expat

from icdref import issues
from icdref.fhir.elements import Element, elements_of
from icdref.fhir.xml_writing import NAMESPACE, XHTML, escaped
from icdref.issues import IcdRefError

_RIGHT: Final = f"send one FHIR resource in the namespace {NAMESPACE}"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
_INTEGERS: Final = frozenset({"integer", "positiveInt", "unsignedInt"})
_LONGEST_NUMBER: Final = 64


@dataclass(slots=True)
class _Open:
    """An element that has begun: the type of what is inside it, and the dict that it becomes."""

    name: str
    type: str
    value: dict[str, Any]
    element: Element | None = None
    primitive: Any = None
    extra: dict[str, Any] = field(default_factory=dict)


def from_xml(document: bytes, fhir_version: str, depth: int) -> dict[str, Any]:
    """Return the resource in an XML document.

    Raises IcdRefError for what is not well-formed, has a DOCTYPE, is nested deeper than `depth` levels, or is no resource of
    a type that this server reads.
    """
    return _Reader(fhir_version, depth).read(document)


class _Reader:
    """Builds one resource from the events of one document."""

    def __init__(self, fhir_version: str, depth: int) -> None:
        self._version = fhir_version
        self._depth = depth
        self._stack: list[_Open] = []
        self._xhtml: list[str] = []
        self._xhtml_depth = 0
        self._root: dict[str, Any] = {}
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def read(self, document: bytes) -> dict[str, Any]:
        try:
            self._parser.Parse(document, True)
        except expat.ExpatError as error:
            where = f" (line {error.lineno}, column {error.offset})"
            raise IcdRefError(issues.malformed_body(f"is not well-formed XML{where}", _RIGHT)) from None
        except (LookupError, ValueError):  # an encoding that the parser does not know
            raise IcdRefError(issues.malformed_body("is XML in an unknown encoding", "send UTF-8")) from None
        return self._root

    # --- events ------------------------------------------------------------------------------------------------------

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        if len(self._stack) + self._xhtml_depth >= self._depth:
            raise IcdRefError(issues.body_too_deep(self._depth))
        if self._xhtml_depth or (namespace == XHTML and self._stack and self._stack[-1].type == "Narrative"):
            self._start_xhtml(name, attributes)
        elif namespace != NAMESPACE:
            _refuse(f"has an element {issues.quoted(name)} outside the FHIR namespace", self._path(name))
        elif not self._stack or self._stack[-1].type == "Resource":
            self._start_resource(name)
        else:
            self._start_element(name, attributes)

    def _end(self, tag: str) -> None:
        if self._xhtml_depth:
            self._end_xhtml(tag.rpartition(" ")[2])
            return
        closed = self._stack.pop()
        if self._stack:
            self._add(self._stack[-1], closed)
        else:
            self._root = closed.value

    def _text(self, data: str) -> None:
        if self._xhtml_depth:
            self._xhtml.append(escaped(data))
        elif not data.isspace():
            _refuse("has text between its elements", self._path(""))

    # --- FHIR elements -----------------------------------------------------------------------------------------------

    def _start_resource(self, name: str) -> None:
        if not elements_of(name, self._version) or "implicitRules" not in elements_of(name, self._version):
            _refuse(f"is a {issues.quoted(name)}, which is not read here", self._path(name))
        if self._stack and self._stack[-1].value:
            _refuse("has two resources in one place", self._path(name))
        self._stack.append(_Open(name, name, {"resourceType": name}))

    def _start_element(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._stack[-1]
        # A primitive has extensions and nothing else.
        holder = "Element" if parent.element is not None and parent.element.is_primitive else parent.type
        element = elements_of(holder, self._version).get(name)
        if element is None:
            _refuse(f"has an element {issues.quoted(name)} that {holder} does not have", self._path(name))
        opened = _Open(name, element.type, {}, element)
        own = {key: value for key, value in attributes.items() if key in ("id", "url")}
        if element.is_primitive:
            opened.value = opened.extra
            opened.extra.update({key: value for key, value in own.items() if key == "id"})
            if "value" in attributes:
                opened.primitive = self._primitive(element, attributes["value"])
        else:
            opened.value.update(own)
        self._stack.append(opened)

    def _primitive(self, element: Element, text: str) -> Any:
        text = text if element.type in ("string", "markdown") else text.strip()
        if element.type == "boolean":
            if text not in ("true", "false"):
                _refuse(f"has {issues.quoted(text)} where true or false belongs", self._path(element.name))
            return text == "true"
        if element.type in _INTEGERS or element.type == "decimal":
            try:
                number = float(text) if len(text) <= _LONGEST_NUMBER else float("nan")
                exact = int(text) if element.type in _INTEGERS else number
            except ValueError:
                number = float("nan")
            if not float("-inf") < number < float("inf"):
                _refuse(f"has {issues.quoted(text)} where a number belongs", self._path(element.name))
            return exact
        return text

    def _add(self, parent: _Open, closed: _Open) -> None:
        """Put an element that has ended into the one around it."""
        element = closed.element
        if element is None:  # a resource inside an element: it is the element's value
            parent.value.update(closed.value)
            return
        if not element.is_primitive:
            self._put(parent, closed.name, closed.value, element)
            return
        if element.repeats:
            _pair(parent.value, closed)
            return
        if closed.primitive is not None:
            self._put(parent, closed.name, closed.primitive, element)
        if closed.extra:
            self._put(parent, f"_{closed.name}", closed.extra, element)

    def _put(self, parent: _Open, name: str, value: Any, element: Element) -> None:
        if element.repeats:
            parent.value.setdefault(name, []).append(value)
        elif name in parent.value:
            _refuse(f"has the element {issues.quoted(element.name)} twice", self._path(element.name))
        else:
            parent.value[name] = value

    # --- narratives --------------------------------------------------------------------------------------------------

    def _start_xhtml(self, name: str, attributes: Mapping[str, str]) -> None:
        named = ((key.replace(f"{_XML} ", "xml:"), value) for key, value in attributes.items())
        marks = "".join(f' {key}="{escaped(value)}"' for key, value in named if " " not in key)
        namespace = "" if self._xhtml_depth else f' xmlns="{XHTML}"'
        self._xhtml.append(f"<{name}{namespace}{marks}>")
        self._xhtml_depth += 1

    def _end_xhtml(self, name: str) -> None:
        self._xhtml.append(f"</{name}>")
        self._xhtml_depth -= 1
        if not self._xhtml_depth:
            narrative = self._stack[-1]
            if "div" in narrative.value:
                _refuse("has two narratives in one place", self._path("div"))
            narrative.value["div"] = "".join(self._xhtml)
            self._xhtml.clear()

    def _path(self, name: str) -> str:
        return ".".join([each.name for each in self._stack] + ([name] if name else []))[:200]


def _pair(holder: dict[str, Any], closed: _Open) -> None:
    """Add a member to a list of primitives and, where any member has an id or extensions, to the list beside it."""
    values = holder.setdefault(closed.name, [])
    values.append(closed.primitive)
    extras = holder.get(f"_{closed.name}")
    if closed.extra and extras is None:
        extras = holder[f"_{closed.name}"] = [None] * (len(values) - 1)
    if extras is not None:
        extras.append(closed.extra or None)


def _refuse(what: str, path: str) -> NoReturn:
    raise IcdRefError(issues.malformed_body(what, _RIGHT, path))


def _refuse_doctype(*_: object) -> NoReturn:
    raise IcdRefError(issues.malformed_body("has a DOCTYPE", "send it without one"))
