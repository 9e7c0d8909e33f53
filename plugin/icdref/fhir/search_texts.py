"""How a search compares strings, narratives and URIs.

Source: HL7 FHIR R4, section 3.1.1.4.8 (string) and 3.1.1.4.12 (uri).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, Final

from icdref.codes import to_system
from icdref.fhir.search_collection import Resource, business_versions, elements_at
from icdref.fhir.search_conditions import Texts
from icdref.fhir.search_scope import Test, coded_at
from icdref.fhir.search_values import fold

_TAG: Final = re.compile(r"<[^>]*>")


def text_test(condition: Texts) -> Test:
    """Return the test for strings: starts with, `contains` or `exact`; a narrative contains, without its markup."""
    parameter, modifier = condition.parameter, condition.modifier

    def texts(resource: Resource) -> Iterator[str]:
        if parameter.type == "token":
            for found in coded_at(resource, parameter.path):
                yield from found.texts
        elif parameter.rule == "narrative":
            yield from (html.unescape(_TAG.sub(" ", found)) for found in elements_at(resource, parameter.path))
        elif parameter.rule == "content":
            yield from (html.unescape(_TAG.sub(" ", found)) for found in _strings(resource))
        else:
            yield from elements_at(resource, parameter.path)

    if modifier == "exact":
        return lambda resource: any(text in condition.values for text in texts(resource))
    wanted = tuple(filter(None, (fold(value) for value in condition.values)))
    if modifier == "contains" or parameter.rule:
        return lambda resource: any(value in text for text in map(fold, texts(resource)) for value in wanted)
    return lambda resource: any(fold(text).startswith(wanted) for text in texts(resource))


def _strings(element: Any) -> Iterator[str]:
    """Yield every text in an element, at any depth."""
    if isinstance(element, str):
        yield element
    elif isinstance(element, dict | list):
        for member in element.values() if isinstance(element, dict) else element:
            yield from _strings(member)


def uri_test(condition: Texts) -> Test:
    """Return the test for URIs, `urn:oid:` forms of code systems included; a `url` may end in `|version`."""
    parameter, modifier = condition.parameter, condition.modifier

    def fits(value: str, found: str, versions: list[str]) -> bool:
        if modifier == "below":
            return _is_above(value, found)
        if modifier == "above":
            return _is_above(found, value)
        url, bar, version = value.rpartition("|") if parameter.name == "url" else ("", "", "")
        return found in {value, to_system(value)} or bool(bar and url == found and version in versions)

    def test(resource: Resource) -> bool:
        versions = business_versions(resource)
        uris = elements_at(resource, parameter.path)
        return any(fits(value, found, versions) for found in uris for value in condition.values)

    return test


def _is_above(above: str, below: str) -> bool:
    """Tell whether a URL is the other one or the beginning of it up to a whole path segment."""
    return above == below or below.startswith(above.rstrip("/") + "/")
