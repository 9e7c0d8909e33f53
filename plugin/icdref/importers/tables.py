"""A strict reader of TOML tables: every key is declared once, and a table is taken only when it fits its declaration.

The declarations (`Key`) also make the JSON Schema that editors use, so reader and schema can not disagree.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from icdref.importers.faults import Fault, shown


class Form(StrEnum):
    """What kind of value a key holds."""

    TEXT = "text"
    TEXTS = "list of texts"
    WHOLE = "whole number"
    NUMBER = "number"
    DATE = "date"
    STAMP = "date or date-time"
    BY_LANGUAGE = "table of texts by language"
    TABLE = "table"
    TABLES = "list of tables"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table: its form, whether it must stand there, and what its value may be.

    `among` is a closed vocabulary, `pattern` a regular expression for the whole value, `keys` the keys of a table within.
    `hint` is added to the fix when the value is refused.
    """

    name: str
    form: Form
    meaning: str
    required: bool = False
    among: tuple[str, ...] = ()
    pattern: str = ""
    keys: tuple[Key, ...] = ()
    hint: str = ""


LANGUAGE = "[a-z]{2}"


@dataclass(slots=True)
class Faults:
    """The faults of one file, as they are found."""

    file: str
    found: list[Fault] = field(default_factory=list)

    def add(self, where: str, value: object, message: str, fix: str, *, rule: int) -> None:
        """Note one fault."""
        self.found.append(Fault(self.file, where, str(value), message, fix, rule=rule))


def read_table(raw: Mapping[str, Any], keys: Sequence[Key], faults: Faults, where: str = "") -> dict[str, Any]:
    """Return the values of a table that fit their keys; everything else becomes a fault.

    The result can be built into a record only when no fault was added: a refused or missing key is simply absent.
    """
    known = {key.name: key for key in keys}
    values: dict[str, Any] = {}
    for name, value in raw.items():
        if name in known:
            _read_value(values, known[name], value, faults, where)
        else:
            _unknown_key(name, known, faults, where)
    for key in keys:
        if key.required and key.name not in raw:
            faults.add(where, key.name, f"required key {shown(key.name)} is missing", f"add {key.name}: {key.meaning}", rule=3)
    return values


def _unknown_key(name: str, known: Mapping[str, Key], faults: Faults, where: str) -> None:
    near = difflib.get_close_matches(name, known, 1)
    fix = f"rename it to {shown(near[0])}" if near else f"remove it; known keys: {', '.join(known)}"
    faults.add(where, name, f"unknown key {shown(name)}", fix, rule=1)


def _read_value(values: dict[str, Any], key: Key, value: Any, faults: Faults, where: str) -> None:
    before = len(faults.found)
    taken = _READERS[key.form](key, value, faults, f"{where} {key.name}" if where else key.name)
    if len(faults.found) == before:
        values[key.name] = taken


def _wrong_type(key: Key, value: Any, faults: Faults, where: str) -> None:
    found = type(value).__name__
    names = {
        "str": "text",
        "int": "a whole number",
        "float": "a number",
        "dict": "a table",
        "list": "a list",
        "bool": "a truth value",
    }
    message = f"{key.name} is {names.get(found, found)} ({shown(value)}), not a {key.form}"
    faults.add(where, value, message, f"write {key.meaning}", rule=3)


def _text(key: Key, value: Any, faults: Faults, where: str) -> Any:
    if not isinstance(value, str):
        _wrong_type(key, value, faults, where)
    elif key.among and value not in key.among:
        _not_among(key, value, faults, where)
    elif key.pattern and not re.fullmatch(key.pattern, value, re.ASCII):
        faults.add(
            where, value, f"{key.name} {shown(value)} does not have the right form", f"write {key.meaning}{key.hint}", rule=4
        )
    else:
        fault = fault_of_line(value)
        if fault:
            faults.add(where, value, f"{key.name} {shown(value)} {fault[0]}", fault[1], rule=6)
    return value


def _not_among(key: Key, value: str, faults: Faults, where: str) -> None:
    near = difflib.get_close_matches(value, key.among, 1)
    fix = f"write {shown(near[0])}" if near else f"use one of {', '.join(key.among)}"
    faults.add(where, value, f"{key.name} {shown(value)} is not in the vocabulary", fix + key.hint, rule=4)


def fault_of_line(value: str) -> tuple[str, str] | None:
    """Return what is wrong with a text as one printable line, and the fix; None where nothing is.

    Invisible characters are refused because a reader can not see what they change.
    """
    if not value or value != value.strip():
        return ("is empty or has blanks at its ends", "write the text without blanks around it")
    hidden = next((char for char in value if unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}), "")
    if hidden:
        return (f"holds the invisible character U+{ord(hidden):04X}", "write one line without invisible characters")
    if value != unicodedata.normalize("NFC", value):
        return ("holds letters with loose accents", "write it in Unicode normalisation form C")
    return None


def _texts(key: Key, value: Any, faults: Faults, where: str) -> Any:
    if not isinstance(value, list):
        return _wrong_type(key, value, faults, where)
    for text in value:
        _text(key, text, faults, where)
    doubled = sorted({text for text in value if isinstance(text, str) and value.count(text) > 1})
    for text in doubled:
        faults.add(where, text, f"{key.name} lists {shown(text)} twice", "keep one of them", rule=1)
    return tuple(value)


def _plain(*types: type) -> Callable[[Key, Any, Faults, str], Any]:
    def read(key: Key, value: Any, faults: Faults, where: str) -> Any:
        # exact types: bool is an int and datetime a date, and neither is what the author meant
        if type(value) not in types:
            _wrong_type(key, value, faults, where)
        return value

    return read


def _by_language(key: Key, value: Any, faults: Faults, where: str) -> Any:
    if not isinstance(value, dict) or not value:
        return _wrong_type(key, value, faults, where)
    for language, text in value.items():
        if not re.fullmatch(LANGUAGE, language):
            faults.add(where, language, f"{shown(language)} is not a language", 'use a two-letter code such as "en"', rule=4)
        _text(key, text, faults, f"{where}.{language}")
    return dict(value)


def _table(key: Key, value: Any, faults: Faults, where: str) -> Any:
    if not isinstance(value, dict):
        return _wrong_type(key, value, faults, where)
    return read_table(value, key.keys, faults, where)


def _tables(key: Key, value: Any, faults: Faults, where: str) -> Any:
    if not isinstance(value, list):
        return _wrong_type(key, value, faults, where)
    return tuple(_table(key, item, faults, label(item, where, number)) for number, item in enumerate(value, 1))


def label(item: Any, where: str, number: int) -> str:
    """Return how to name one table of a list in a message: by its id, else by its number, counted from 1.

    >>> label({"id": "mot.tx.1"}, "statement", 3), label({}, "synonym", 3)
    ('mot.tx.1', 'synonym[3]')
    """
    identifier = item.get("id") if isinstance(item, dict) and " " not in where else None
    return identifier if isinstance(identifier, str) and identifier else f"{where}[{number}]"


_READERS: dict[Form, Callable[[Key, Any, Faults, str], Any]] = {
    Form.TEXT: _text,
    Form.TEXTS: _texts,
    Form.WHOLE: _plain(int),
    Form.NUMBER: _plain(int, float),
    Form.DATE: _plain(date),
    Form.STAMP: _plain(date, datetime),
    Form.BY_LANGUAGE: _by_language,
    Form.TABLE: _table,
    Form.TABLES: _tables,
}
