"""What a search looks at: the resources, and the terminology that decides which code belongs where.

The resources are few (about ten of a type) and never change within an edition, so they are held as plain dicts with two
indexes, by id and by canonical URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final, Protocol

from icdref.fhir.search_table import URL_PATH_OF_4, VERSION_PATH_OF_4

Resource = dict[str, Any]

_LOCAL: Final = re.compile(r"\A([A-Z][A-Za-z]{1,63})/([A-Za-z0-9.\-]{1,64})(?:/_history/([A-Za-z0-9.\-]{1,64}))?\Z")
_STEP: Final = re.compile(r"(\w+)(?:\[(\w+)=([^\]]+)\])?(?:\.|\Z)")


class TerminologyForSearch(Protocol):
    """The four questions about codes that a search asks; none of them raises for a code that does not exist."""

    def normalise(self, system: str, code: str) -> tuple[str, str]:
        """Return the canonical system and spelling; what it does not know comes back unchanged."""
        ...

    def member(self, value_set_id: str, system: str, code: str) -> bool:
        """Tell whether a code, normalised, is in the evaluated value set with this id."""
        ...

    def subsumes(self, system: str, above: str, below: str) -> bool:
        """Tell whether `above` is the code `below` or stands above it in the system's hierarchy."""
        ...

    def defines(self, system: str, version: str, code: str) -> bool:
        """Tell whether a release of a code system has a code, normalised."""
        ...


@dataclass(frozen=True, slots=True)
class Key:
    """What a reference leads to: a type and an id, or, where the target is not ours, only the text as `id`."""

    type: str
    id: str


class Collection:
    """The resources of one edition in one FHIR version, by type, in the order in which they were given.

    `day` is the day on which they are served: the prefix `ap` measures by it.
    """

    def __init__(self, resources: Iterable[Resource], day: date = date.min) -> None:
        self.day = day
        by_type: dict[str, list[Resource]] = {}
        for resource in resources:
            by_type.setdefault(resource["resourceType"], []).append(resource)
        self._by_type: dict[str, tuple[Resource, ...]] = {name: tuple(members) for name, members in by_type.items()}
        self._by_key = {key_of(resource): resource for members in by_type.values() for resource in members}
        self._by_url: dict[str, list[Resource]] = {}
        for resource in self._by_key.values():
            for url in canonical_urls(resource):
                self._by_url.setdefault(url, []).append(resource)

    def of_type(self, resource_type: str) -> Sequence[Resource]:
        """Return the resources of a type; none of a type that is not held."""
        return self._by_type.get(resource_type, ())

    def get(self, key: Key) -> Resource | None:
        """Return the resource with this type and id, or None."""
        return self._by_key.get(key)

    def locate(self, reference: str, base: str = "") -> tuple[Key, str]:
        """Return what a reference leads to and the version it asks for ('' any).

        It may be relative (`ValueSet/x`), versioned (`…/_history/2`), absolute below `base`, or the canonical URL of a
        resource held here, with or without `|version`. Any other text is its own key.
        """
        text = reference.removeprefix(base.rstrip("/") + "/") if base else reference
        if local := _LOCAL.match(text):
            return Key(local[1], local[2]), local[3] or ""
        url, _, version = text.partition("|")
        for resource in self._by_url.get(url, ()):
            if not version or version in business_versions(resource):
                return key_of(resource), ""
        return Key("", text), ""


def key_of(resource: Resource) -> Key:
    """Return the type and id of a resource."""
    return Key(resource["resourceType"], resource["id"])


def canonical_urls(resource: Resource) -> list[str]:
    """Return the canonical URLs of a resource, also where R4 has the element only as an extension."""
    return [*elements_at(resource, "url"), *elements_at(resource, URL_PATH_OF_4)]


def business_versions(resource: Resource) -> list[str]:
    """Return the business versions of a resource, also where R4 has the element only as an extension."""
    return [*elements_at(resource, "version"), *elements_at(resource, VERSION_PATH_OF_4)]


def elements_at(element: Any, path: str) -> list[Any]:
    """Return the elements at a path, lists flattened; none where any part is absent. An empty path is the element itself.

    >>> elements_at({"topic": [{"coding": [{"code": "M61.0"}]}, {"text": "x"}]}, "topic.coding.code")
    ['M61.0']
    >>> elements_at({"relatedArtifact": [{"type": "citation"}]}, "relatedArtifact[type=composed-of].resource")
    []
    >>> elements_at({"targetUri": "urn:x"}, "targetCanonical | targetUri")
    ['urn:x']
    """
    if " | " in path:
        return [found for alternative in path.split(" | ") for found in elements_at(element, alternative)]
    found = list(_flat(element))
    for name, key, value in _steps(path):
        members = (member for parent in found if isinstance(parent, dict) for member in _flat(parent.get(name)))
        found = [member for member in members if not key or member.get(key) == value]
    return found


@lru_cache(maxsize=256)
def _steps(path: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((step[1], step[2] or "", step[3] or "") for step in _STEP.finditer(path))


def _flat(element: Any) -> Iterator[Any]:
    if isinstance(element, list):
        for member in element:
            yield from _flat(member)
    elif element is not None:
        yield element
