"""The few FHIR datatypes that several resources share, as plain dicts."""

from __future__ import annotations

from datetime import date
from typing import Any


def coding(system: str, code: str, display: str = "", version: str = "") -> dict[str, Any]:
    """Return a Coding; an empty display or version is left out, because FHIR has no empty values.

    >>> coding("http://snomed.info/sct", "70917000")
    {'system': 'http://snomed.info/sct', 'code': '70917000'}
    """
    shaped = {"system": system}
    if version:
        shaped["version"] = version
    shaped["code"] = code
    if display:
        shaped["display"] = display
    return shaped


def concept(*codings: dict[str, Any], text: str = "") -> dict[str, Any]:
    """Return a CodeableConcept."""
    shaped: dict[str, Any] = {}
    if codings:
        shaped["coding"] = list(codings)
    if text:
        shaped["text"] = text
    return shaped


def extension(url: str, *parts: dict[str, Any], **value: Any) -> dict[str, Any]:
    """Return an extension with one `value[x]`, or with parts; never both (ext-1).

    >>> extension("grade", valueCode="B")
    {'url': 'grade', 'valueCode': 'B'}
    """
    return {"extension": list(parts), "url": url} if parts else {"url": url, **value}


def instant(day: date) -> str:
    """Return the first second of a day in UTC, for the elements that want an instant where only a day is known.

    >>> instant(date(2026, 11, 22))
    '2026-11-22T00:00:00Z'
    """
    return f"{day.isoformat()}T00:00:00Z"


def usage_context(code: str, display: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return a UsageContext of the standard context types, such as focus or user."""
    return {
        "code": coding("http://terminology.hl7.org/CodeSystem/usage-context-type", code, display),
        "valueCodeableConcept": concept(value),
    }
