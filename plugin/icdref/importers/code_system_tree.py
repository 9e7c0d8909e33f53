"""The hierarchy of a FHIR CodeSystem: nesting, and the properties parent, child and subsumedBy; without orphans and cycles."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any, Final

from icdref.importers.errors import ImportFault

_STANDARD: Final = "http://hl7.org/fhir/concept-properties#"
_UP: Final = frozenset({"parent", "subsumedBy"})
_DOWN: Final = "child"


def check_tree(resource: dict[str, Any], codes: Set[str], file: str) -> None:
    """Refuse a code system in which a code stands below one that is not there, or below itself. Raises ImportFault."""
    names = _names(resource)
    above: dict[str, set[str]] = {}
    for code, parent in _links(resource.get("concept") or (), "", names):
        for each in (code, parent):
            if each not in codes and resource.get("content") != "supplement":
                other = parent if each == code else code
                raise ImportFault(file, 0, f"{each!r}, which the tree has beside {other!r}, is not in the code system: an orphan")
        above.setdefault(code, set()).add(parent)
    if ring := _cycle(above):
        raise ImportFault(file, 0, f"the code {ring!r} stands below itself: a cycle")


def _names(resource: dict[str, Any]) -> dict[str, str]:
    """Return the property codes that make the tree, each with what it is in the standard."""
    names = {name: name for name in (*_UP, _DOWN)}
    for each in resource.get("property") or ():
        uri = each.get("uri") if isinstance(each, dict) else None
        if isinstance(uri, str) and uri.removeprefix(_STANDARD) in names:
            names[str(each.get("code"))] = uri.removeprefix(_STANDARD)
    return names


def _links(concepts: Any, parent: str, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    for concept in concepts:
        code = concept["code"]
        if parent:
            yield code, parent
        for each in concept.get("property") or ():
            what = names.get(str(each.get("code"))) if isinstance(each, dict) else None
            other = each.get("valueCode") if what else None
            if isinstance(other, str):
                yield (other, code) if what == _DOWN else (code, other)
        yield from _links(concept.get("concept") or (), code, names)


def _cycle(above: dict[str, set[str]]) -> str:
    """Return a code that is its own ancestor, '' where there is none. Roots are taken away until none is left."""
    below: dict[str, list[str]] = {}
    waiting = {code: len(parents) for code, parents in above.items()}
    for code, parents in above.items():
        for parent in parents:
            below.setdefault(parent, []).append(code)
    free = [code for code in below if code not in waiting]
    while free:
        for code in below.get(free.pop(), ()):
            waiting[code] -= 1
            if not waiting[code]:
                free.append(code)
    return min((code for code, number in waiting.items() if number), default="")
