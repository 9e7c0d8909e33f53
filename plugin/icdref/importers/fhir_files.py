"""FHIR CodeSystem, ValueSet and ConceptMap resources as JSON: checked whole before any of it is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from icdref.importers import code_system_tree
from icdref.importers.errors import ImportFault

TYPES = ("CodeSystem", "ValueSet", "ConceptMap")
DEEPEST = 64

_RESTRICTED = {
    "http://snomed.info/": "SNOMED CT needs a licence of SNOMED International",
    "http://hl7.org/fhir/sid/icd-10": "the titles of WHO ICD-10 need a licence of the World Health Organization",
    "http://hl7.org/fhir/sid/icd-10-gm": "ICD-10-GM is distributed by BfArM under its own terms",
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm": "ICD-10-GM is distributed by BfArM under its own terms",
    "http://id.who.int/icd": "ICD-11 may not be changed or excerpted without the World Health Organization",
    "http://www.ama-assn.org/go/cpt": "CPT needs a licence of the American Medical Association",
}
_PLACEHOLDERS = frozenset({"not-present", "fragment", "example"})
_WHOLE_SYSTEM_ENDS = frozenset({"", "/"})


@dataclass(frozen=True, slots=True)
class FhirResource:
    """One resource: its type, canonical url, version, title and how many codes or rows it has."""

    type: str
    url: str
    version: str
    title: str
    size: int
    restriction: str = ""


def read_resource(content: bytes, file: str) -> FhirResource:
    """Return what a resource is. Raises ImportFault for JSON that is damaged or ambiguous, and for a partial resource."""
    resource = parse_json(content, file)
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    if not isinstance(resource, dict) or kind not in TYPES:
        raise ImportFault(file, 0, f"the resourceType is {kind!r}; {', '.join(TYPES)} can be imported")
    for key in ("url", "status"):
        if not isinstance(resource.get(key), str) or not resource[key].strip():
            raise ImportFault(file, 0, f"{kind} has no {key}")
    if ":" not in resource["url"]:
        raise ImportFault(file, 0, f"url {resource['url']!r} is not an absolute URI")
    sizes = {"CodeSystem": _code_system, "ValueSet": _value_set, "ConceptMap": _concept_map}
    size = sizes[str(kind)](resource, file)
    title = next((resource[key] for key in ("title", "name") if isinstance(resource.get(key), str)), "")
    version = resource.get("version", "")
    if not isinstance(version, str):
        raise ImportFault(file, 0, f"version {version!r} is not a string")
    restriction = _restriction(resource["url"]) if kind == "CodeSystem" else ""
    return FhirResource(str(kind), resource["url"], version, title, size, restriction)


def is_placeholder(content: bytes) -> bool:
    """Tell whether a resource is a code system without its codes, or with a part of them, as packages carry for reference."""
    try:
        resource = json.loads(content)
    except (ValueError, RecursionError):
        return False
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    return kind == "CodeSystem" and resource.get("content") in _PLACEHOLDERS


def parse_json(content: bytes, file: str) -> Any:
    """Return the value of a JSON text. Raises ImportFault for duplicate keys, NaN, lone surrogates and deep nesting."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(found)
        if len(table) != len(found):
            keys = [key for key, _ in found]
            raise ImportFault(file, 0, f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice in an object")
        return table

    def constant(name: str) -> Any:
        raise ImportFault(file, 0, f"{name} is no JSON")

    _refuse_depth(content, file)
    try:
        text = content.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except UnicodeDecodeError as error:
        raise ImportFault(file, content[: error.start].count(b"\n") + 1, "a byte outside UTF-8") from None
    except json.JSONDecodeError as error:
        raise ImportFault(file, error.lineno, f"not readable as JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise ImportFault(file, 0, "not readable as JSON") from None
    if "\\ud" in text.lower() and any("\ud800" <= char <= "\udfff" for part in _strings(value) for char in part):
        raise ImportFault(file, 0, "a lone surrogate is no text")
    return value


def _refuse_depth(content: bytes, file: str) -> None:
    """Refuse deep nesting before the parser recurses; brackets inside strings are counted too, which only errs to safety."""
    depth = 0
    for byte in content.translate(None, delete=bytes(set(range(256)) - set(b'{}[]"\\'))).replace(b'\\"', b""):
        depth += (byte in b"{[") - (byte in b"}]")
        if depth > DEEPEST * 4:
            raise ImportFault(file, 0, f"nested deeper than {DEEPEST} levels")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _code_system(resource: dict[str, Any], file: str) -> int:
    if resource.get("content") not in ("complete", "supplement"):
        raise ImportFault(file, 0, f"content is {resource.get('content')!r}: only a complete code system can be imported")
    seen: set[str] = set()
    for code in _codes(resource.get("concept"), file, 0):
        if code in seen:
            raise ImportFault(file, 0, f"the code {code!r} stands twice")
        seen.add(code)
    code_system_tree.check_tree(resource, seen, file)
    if "count" in resource and resource["count"] != len(seen):
        raise ImportFault(file, 0, f"count is {resource['count']}, but there are {len(seen)} concepts")
    if not seen:
        raise ImportFault(file, 0, "the code system has no concept")
    return len(seen)


def _codes(concepts: Any, file: str, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        raise ImportFault(file, 0, f"concepts are nested deeper than {DEEPEST} levels")
    for concept in _list(concepts, "concept", file):
        code = concept.get("code")
        if not isinstance(code, str) or not code.strip() or code != code.strip():
            raise ImportFault(file, 0, f"{code!r} is not a code")
        yield code
        yield from _codes(concept.get("concept"), file, depth + 1)


def _value_set(resource: dict[str, Any], file: str) -> int:
    compose, expansion = resource.get("compose"), resource.get("expansion")
    if not isinstance(compose, dict) and not isinstance(expansion, dict):
        raise ImportFault(file, 0, "the value set has neither compose nor expansion")
    total = 0
    for include in _list((compose or {}).get("include"), "compose.include", file):
        if resource["url"] in (str(each).partition("|")[0] for each in include.get("valueSet") or ()):
            raise ImportFault(file, 0, "the value set includes itself")
        if not isinstance(include.get("system"), str) and not include.get("valueSet"):
            raise ImportFault(file, 0, "an include names neither system nor valueSet")
        total += len(list(_codes(include.get("concept"), file, 0)))
    listed = _list((expansion or {}).get("contains"), "expansion.contains", file)
    if compose is not None and not total and not _list(compose.get("include"), "compose.include", file):
        raise ImportFault(file, 0, "compose includes nothing")
    return total or len(listed)


def _concept_map(resource: dict[str, Any], file: str) -> int:
    total = 0
    for group in _list(resource.get("group"), "group", file):
        seen: set[str] = set()
        for element in _list(group.get("element"), "group.element", file):
            code = element.get("code")
            if not isinstance(code, str) or not code.strip():
                raise ImportFault(file, 0, f"{code!r} is not a code")
            if code in seen:
                raise ImportFault(file, 0, f"the code {code!r} stands twice in a group")
            seen.add(code)
        total += len(seen)
    if not total:
        raise ImportFault(file, 0, "the concept map maps nothing")
    return total


def _list(value: Any, name: str, file: str) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ImportFault(file, 0, f"{name} is not a list of objects")
    return value


def _restriction(url: str) -> str:
    """Return why a code system may not be kept without the operator's own licence, '' for all others."""
    for system, reason in _RESTRICTED.items():
        rest = url.removeprefix(system)
        if rest != url and (rest in _WHOLE_SYSTEM_ENDS or system.endswith("/") or rest.startswith(("/", "|"))):
            return reason
    return ""
