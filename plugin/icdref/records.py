"""Condition summaries and definitions as plain records of JSON types, so that an index can keep them: an exact round trip.

Every field is written, in the order of `model`; dates are ISO texts. Reading is strict: a record of another shape is
refused rather than half understood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from icdref.definitions import CodeSystem, ValueSet
from icdref.model import ConditionSummary


def to_record(summary: ConditionSummary) -> dict[str, Any]:
    """Return a summary as a dict of texts, numbers, lists, dicts and None."""
    record: dict[str, Any] = _plain(summary)
    return record


def from_record(record: Mapping[str, Any]) -> ConditionSummary:
    """Return the summary of a record made by `to_record`. Raises ValueError naming the field that does not fit."""
    summary: ConditionSummary = _reader(ConditionSummary)(record, "summary")
    return summary


def definition_record(definition: CodeSystem | ValueSet) -> dict[str, Any]:
    """Return a code system or value set as a dict of JSON types."""
    record: dict[str, Any] = _plain(definition)
    return record


def code_system_of(record: Mapping[str, Any]) -> CodeSystem:
    """Return the code system of a record made by `definition_record`."""
    found: CodeSystem = _reader(CodeSystem)(record, "code system")
    return found


def value_set_of(record: Mapping[str, Any]) -> ValueSet:
    """Return the value set of a record made by `definition_record`."""
    found: ValueSet = _reader(ValueSet)(record, "value set")
    return found


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else value


_Reader = Callable[[Any, str], Any]


@cache
def _reader(kind: Any) -> _Reader:
    """Return the function that reads a value of one annotated type, made once per type."""
    origin = get_origin(kind)
    if is_dataclass(kind):
        return _read_dataclass(kind)
    if origin is tuple:
        first, *others = get_args(kind)
        return _read_tuple(_reader(first)) if others == [...] else _read_fixed([_reader(each) for each in (first, *others)])
    if origin in (Union, UnionType):
        kinds = [each for each in get_args(kind) if each is not type(None)]
        return _read_optional(_reader(kinds[0]) if len(kinds) == 1 else _read_any_of(kinds))
    if origin is dict:
        return _read_texts
    if origin is Mapping:
        return lambda value, _: value
    return _read_date if kind is date else _read_plain(kind)


def _read_dataclass(kind: Any) -> _Reader:
    readers: dict[str, _Reader] = {}

    def read(value: Any, where: str) -> Any:
        if not readers:  # made when first used: a value set may hold value sets
            readers.update((name, _reader(annotation)) for name, annotation in get_type_hints(kind).items())
        if not isinstance(value, Mapping) or value.keys() != readers.keys():
            named = ", ".join(sorted(set(value) ^ set(readers))) if isinstance(value, Mapping) else "no table"
            raise ValueError(f"{where} is not a record of {kind.__name__} ({named})")
        return kind(**{name: reader(value[name], f"{where}.{name}") for name, reader in readers.items()})

    return read


def _read_tuple(reader: _Reader) -> _Reader:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, list):
            raise _unfit(value, where, "list")
        return tuple(reader(each, f"{where}[{number}]") for number, each in enumerate(value))

    return read


def _read_fixed(readers: list[_Reader]) -> _Reader:
    def read(value: Any, where: str) -> Any:
        if not isinstance(value, list) or len(value) != len(readers):
            raise _unfit(value, where, f"list of {len(readers)}")
        return tuple(reader(each, f"{where}[{number}]") for number, (reader, each) in enumerate(zip(readers, value, strict=True)))

    return read


def _read_any_of(kinds: list[Any]) -> _Reader:
    """Return the reader of a value that is one of several plain types, or a dataclass, which is a table."""
    table = next((_reader(kind) for kind in kinds if is_dataclass(kind) and isinstance(kind, type)), None)
    plain = tuple(kind for kind in kinds if not is_dataclass(kind))

    def read(value: Any, where: str) -> Any:
        if isinstance(value, dict) and table:
            return table(value, where)
        if not isinstance(value, plain):
            raise _unfit(value, where, " or ".join(kind.__name__ for kind in plain))
        return value

    return read


def _read_optional(reader: _Reader) -> _Reader:
    return lambda value, where: None if value is None else reader(value, where)


def _read_plain(kind: type) -> _Reader:
    kinds = (int, float) if kind is float else (kind,)

    def read(value: Any, where: str) -> Any:
        if type(value) not in kinds:
            raise _unfit(value, where, kind.__name__)
        return value

    return read


def _read_texts(value: Any, where: str) -> Any:
    if not isinstance(value, dict) or not all(isinstance(each, str) for pair in value.items() for each in pair):
        raise _unfit(value, where, "table of texts")
    return dict(value)


def _read_date(value: Any, where: str) -> Any:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _unfit(value, where, "date") from None


def _unfit(value: Any, where: str, right: str) -> ValueError:
    return ValueError(f"{where} is {type(value).__name__}, not a {right}")
