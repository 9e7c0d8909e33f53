"""The form of FHIR's primitive values: ids, URIs, dates, codes. Shape only, whatever the element means.

Source: HL7 FHIR R4, Data Types, regular expressions of the primitive types.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
_CODE: Final = re.compile(r"[^\s]+( [^\s]+)*\Z")
_OID: Final = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+\Z")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]+\Z")
_DATE: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z")
_TIME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+\-]\d{2}:\d{2})\Z")
_REFERENCE: Final = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}(/_history/[A-Za-z0-9\-.]{1,64})?\Z")

_TYPE: Final = re.compile(r"[A-Z][A-Za-z]+\Z")


def is_id(value: Any) -> bool:
    """Tell whether a value is a resource id.

    >>> is_id("code-M61.051"), is_id("a b")
    (True, False)
    """
    return isinstance(value, str) and _ID.match(value) is not None


def is_code(value: Any) -> bool:
    """Tell whether a value is a code: no blanks at its ends and only single ones inside."""
    return isinstance(value, str) and _CODE.match(value) is not None


def is_uri(value: Any) -> bool:
    """Tell whether a value is an absolute URI; UUIDs and OIDs in it must be right too.

    >>> is_uri("urn:oid:2.16.840.1.113883.6.90"), is_uri("urn:oid:2.16."), is_uri("not a uri")
    (True, False, False)
    """
    if not isinstance(value, str) or not _URI.match(value):
        return False
    if value.startswith("urn:oid:"):
        return _OID.match(value[8:]) is not None
    if value.startswith("urn:uuid:"):
        try:
            return str(UUID(value[9:])) == value[9:]
        except ValueError:
            return False
    return True


def is_canonical(value: Any) -> bool:
    """Tell whether a value is a canonical URL, with or without `|version`."""
    if not isinstance(value, str):
        return False
    url, bar, version = value.partition("|")
    return is_uri(url) and bool(version.strip()) == bool(bar)


def is_reference(value: Any) -> bool:
    """Tell whether a value is a literal reference: `Type/id`, with a version or not, `#id`, or an absolute URI."""
    return isinstance(value, str) and (
        _REFERENCE.match(value) is not None or (value.startswith("#") and is_id(value[1:])) or is_uri(value)
    )


def is_request_url(value: Any) -> bool:
    """Tell whether a value is the address of a type or of a resource, relative to the base, as entries of a history have it.

    >>> is_request_url("Library"), is_request_url("Library/x"), is_request_url("x")
    (True, True, False)
    """
    return isinstance(value, str) and (_TYPE.match(value) is not None or _REFERENCE.match(value) is not None)


def is_date(value: Any) -> bool:
    """Tell whether a value is a date that exists, or a year or month.

    >>> is_date("2026-02-28"), is_date("2026-02-30"), is_date("2026-02")
    (True, False, True)
    """
    if not isinstance(value, str) or not _DATE.match(value):
        return False
    try:
        date.fromisoformat(f"{value}-01-01"[:10])
    except ValueError:
        return False
    return True


def is_instant(value: Any) -> bool:
    """Tell whether a value is a moment with seconds and time zone."""
    if not isinstance(value, str) or not _TIME.match(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_date_time(value: Any) -> bool:
    """Tell whether a value is a date or a moment."""
    return is_date(value) or is_instant(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_whole(lowest: int | None) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and (lowest is None or value >= lowest)


PRIMITIVES: Final[dict[str, Callable[[Any], bool]]] = {
    "boolean": _is_boolean,
    "canonical": is_canonical,
    "code": is_code,
    "date": is_date,
    "dateTime": is_date_time,
    "id": is_id,
    "instant": is_instant,
    "integer": _is_whole(None),
    "markdown": _is_text,
    "positiveInt": _is_whole(1),
    "reference": is_reference,
    "request-url": is_request_url,
    "string": _is_text,
    "unsignedInt": _is_whole(0),
    "uri": is_uri,
    "url": is_uri,
}
"""Each primitive type that we write, and what its values look like."""
