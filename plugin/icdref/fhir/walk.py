"""Every element of a resource with its path: what the validator goes through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Element:
    """One element: `path` names it without positions (`Composition.section.title`), `shown` with them, for messages.

    `value` is what stands there: a dict, a list or a primitive. The path of an element of an extension begins anew at
    `Extension`, that of a resource inside another at its type; a section inside a section has the path of a section.
    """

    path: str
    shown: str
    value: Any


def walk(resource: dict[str, Any]) -> Iterator[Element]:
    """Yield the resource and everything in it, parents before children.

    >>> [each.shown for each in walk({"resourceType": "Bundle", "link": [{"url": "x:y"}]})]
    ['Bundle', 'Bundle.link', 'Bundle.link[0]', 'Bundle.link[0].url']
    """
    name = str(resource.get("resourceType", "Resource"))
    yield from _walk(resource, name, name)


def _walk(value: Any, path: str, shown: str) -> Iterator[Element]:
    yield Element(path, shown, value)
    if isinstance(value, list):
        for position, each in enumerate(value):
            yield from _walk_item(each, path, f"{shown}[{position}]")
    elif isinstance(value, dict):
        for key, each in value.items():
            if key != "resourceType":
                yield from _walk(each, _path(path, key, each), f"{shown}.{key}")


def _walk_item(value: Any, path: str, shown: str) -> Iterator[Element]:
    if isinstance(value, dict) and "resourceType" in value:
        path = str(value["resourceType"])
    yield from _walk(value, path, shown)


def _path(path: str, key: str, value: Any) -> str:
    if key in ("extension", "modifierExtension"):
        return "Extension"
    if isinstance(value, dict) and "resourceType" in value:
        return str(value["resourceType"])
    if path.endswith(f".{key}") and key in ("section", "part"):
        return path
    return f"{path}.{key}"
