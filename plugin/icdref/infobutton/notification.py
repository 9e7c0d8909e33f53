"""A knowledgeRequestNotification in XML, read into the same pairs that a form would send.

The reader is small and refuses what such a message never needs: a document type, entities, processing instructions, deep
nesting. Elements are found by their local names, so a SOAP envelope around the message does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.parsers import expat

from icdref import issues
from icdref.infobutton.parameters import EFFECTIVE_TIME, PASSWORD
from icdref.issues import IcdRefError

ROOT: Final = "knowledgerequestnotification"
_DEEPEST: Final = 64
_MOST_ELEMENTS: Final = 5000

_RIGHT: Final = "send a knowledgeRequestNotification of HL7 V3, or the same parameters as a form"
_PARTS: Final = {"code": "c", "c": "c", "codesystem": "cs", "cs": "cs", "displayname": "dn", "dn": "dn"}
_READERS: Final = {"patient": "PAT", "healthcareprovider": "PROV", "payor": "PAYOR"}
_CODED: Final = {
    "taskcontext": "taskContext.c",
    "encounter": "encounter.c",
    "administrativegendercode": "patientPerson.administrativeGenderCode",
}


class _Refused(Exception):
    """The document holds what is never read; the text says what."""


class _Reader:
    """Collects pairs while expat walks the document."""

    def __init__(self) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.found = False
        self._path: list[str] = []
        self._elements = 0
        self._rows = {"mainsearchcriteria": 0, "subtopic": 0}
        self._text: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2].lower()
        self._path.append(name)
        self._elements += 1
        if len(self._path) > _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise _Refused(f"is nested deeper than {_DEEPEST} levels or has more than {_MOST_ELEMENTS} elements")
        self._text = []
        self.found = self.found or name == ROOT
        if self.found:
            self._note(name, {key.rpartition(":")[2].lower(): value for key, value in attributes.items()})

    def end(self, tag: str) -> None:
        name, text = tag.rpartition(":")[2].lower(), "".join(self._text).strip()
        if name == "originaltext" and text:
            self._criterion({"ot": text})
        elif name == "certificatetext" and text:
            self.pairs.append((PASSWORD, text))
        self._path.pop()
        self._text = []

    def characters(self, text: str) -> None:
        self._text.append(text)

    def _note(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._path[-2] if len(self._path) > 1 else ""
        if name in self._rows:
            self._rows[name] += 1
        elif name == "value" and parent in self._rows:
            self._criterion(_coded(attributes))
        elif name == "effectivetime" and parent == ROOT:
            self._add(EFFECTIVE_TIME, attributes.get("value", attributes.get("v", "")))
        elif name == "value" and parent == "age":
            self._add("age.v.v", attributes.get("value", attributes.get("v", "")))
            self._add("age.v.u", attributes.get("unit", attributes.get("u", "")))
        elif name == "value" and parent == "agegroup":
            self._all("ageGroup.v", _coded(attributes))
        elif name == "administrativegendercode":
            self._all(_CODED[name], _coded(attributes))
        elif name == "code" and parent in _CODED:
            self._all(_CODED[parent], _coded(attributes))
        else:
            self._reader(name, attributes)

    def _reader(self, name: str, attributes: dict[str, str]) -> None:
        for role, written in (("informationrecipient", "informationRecipient"), ("performer", "performer")):
            if role in self._path:
                if name in _READERS and self._path[-2] == role:
                    self._add(written, _READERS[name])
                elif name == "languagecode":
                    self._add(f"{written}.languageCode.c", _coded(attributes).get("c", ""))

    def _criterion(self, parts: dict[str, str]) -> None:
        stem = next((each for each in reversed(self._path) if each in self._rows), "")
        if not stem:
            return
        written = "mainSearchCriteria" if stem == "mainsearchcriteria" else "subTopic"
        number = self._rows[stem] - 1
        for part, value in parts.items():
            self.pairs.append((f"{written}.v.{part}{number or ''}", value))

    def _all(self, stem: str, parts: dict[str, str]) -> None:
        for part, value in parts.items():
            self._add(f"{stem}.{part}", value)

    def _add(self, name: str, value: str) -> None:
        """Add a parameter that stands once; a second one in the same message is passed over, unlike in a form."""
        if value and name not in dict(self.pairs):
            self.pairs.append((name, value))


def read_notification(body: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a knowledgeRequestNotification. Raises IcdRefError (malformed-body) for anything else."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.ExternalEntityRefHandler = None
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(body, True)
    except _Refused as refused:
        raise IcdRefError(issues.malformed_body(str(refused), _RIGHT)) from None
    except (expat.ExpatError, ValueError, LookupError) as error:
        where = f" (line {error.lineno}, column {error.offset})" if isinstance(error, expat.ExpatError) else ""
        raise IcdRefError(issues.malformed_body(f"is not well-formed XML{where}", _RIGHT)) from None
    if not reader.found:
        raise IcdRefError(issues.malformed_body("has no knowledgeRequestNotification", _RIGHT))
    return reader.pairs


def _coded(attributes: Mapping[str, str]) -> dict[str, str]:
    return {_PARTS[name]: value for name, value in attributes.items() if name in _PARTS}


def _refuse_doctype(*_: object) -> None:
    raise _Refused("declares a document type, which is never read")
