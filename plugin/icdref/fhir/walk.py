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
    waiting = [Element(name, name, resource)]
    while waiting:
        element = waiting.pop()
        yield element
        waiting.extend(reversed(_inside(element)))


def _inside(element: Element) -> list[Element]:
    path, shown, value = element.path, element.shown, element.value
    if isinstance(value, list):
        return [Element(_item_path(path, each), f"{shown}[{position}]", each) for position, each in enumerate(value)]
    if isinstance(value, dict):
        return [Element(_path(path, key, each), f"{shown}.{key}", each) for key, each in value.items() if key != "resourceType"]
    return []


def _item_path(path: str, value: Any) -> str:
    return str(value["resourceType"]) if isinstance(value, dict) and "resourceType" in value else path


def _path(path: str, key: str, value: Any) -> str:
    if key in ("extension", "modifierExtension"):
        return "Extension"
    if isinstance(value, dict) and "resourceType" in value:
        return str(value["resourceType"])
    if path.endswith(f".{key}") and key in ("section", "part"):
        return path
    return f"{path}.{key}"
