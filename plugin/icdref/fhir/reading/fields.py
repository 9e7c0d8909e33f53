"""Elements of a JSON resource, by type: what is there has to be what FHIR says it is, and its path is named where not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from icdref import issues_terminology as texts
from icdref.definitions import Coding, Designation, Extension, Header, PropertyValue
from icdref.issues import IcdRefError, quoted

STANDARDS_STATUS: Final = "http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status"
_ALGORITHM: Final = "http://hl7.org/fhir/StructureDefinition/artifact-versionAlgorithm"
_ALGORITHM_5: Final = "http://hl7.org/fhir/5.0/StructureDefinition/extension-CodeSystem.versionAlgorithm"
_NOT_FHIR: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

Element = Mapping[str, Any]

_VALUES: Final[Mapping[str, tuple[str, type | tuple[type, ...]]]] = {
    "valueCode": ("code", str),
    "valueCoding": ("Coding", dict),
    "valueString": ("string", str),
    "valueInteger": ("integer", int),
    "valueBoolean": ("boolean", bool),
    "valueDateTime": ("dateTime", str),
    "valueDecimal": ("decimal", (int, float)),
}
"""The value[x] of a property -> its type in FHIR and in JSON."""


def wrong(path: str, value: object, wanted: str) -> IcdRefError:
    """Return the error that an element is not what it must be; `wanted` says what that is."""
    return IcdRefError(texts.resource_malformed(path, _shown(value), wanted))


def text(element: Element, name: str, path: str, default: str = "") -> str:
    """Return a text element, `default` where there is none."""
    value = element.get(name, default)
    if not isinstance(value, str):
        raise wrong(f"{path}.{name}", value, "text")
    if _NOT_FHIR.search(value):
        raise wrong(f"{path}.{name}", value, "text without control characters")
    return value


def flag(element: Element, name: str, path: str) -> bool | None:
    """Return a boolean element, None where there is none."""
    value = element.get(name)
    if value is not None and not isinstance(value, bool):
        raise wrong(f"{path}.{name}", value, "true or false")
    return value


def objects(element: Element, name: str, path: str) -> Iterator[tuple[str, Element]]:
    """Yield each object of a repeating element with its path."""
    found = element.get(name, [])
    if not isinstance(found, list):
        raise wrong(f"{path}.{name}", found, "a list")
    for index, each in enumerate(found):
        if not isinstance(each, dict):
            raise wrong(f"{path}.{name}[{index}]", each, "an object")
        yield f"{path}.{name}[{index}]", each


def child(element: Element, name: str, path: str) -> Element | None:
    """Return an element that is one object, None where there is none."""
    found = element.get(name)
    if found is not None and not isinstance(found, dict):
        raise wrong(f"{path}.{name}", found, "an object")
    return found


def texts_of(element: Element, name: str, path: str) -> tuple[str, ...]:
    """Return the texts of a repeating primitive element."""
    found = element.get(name, [])
    if not isinstance(found, list):
        raise wrong(f"{path}.{name}", found, "a list")
    for index, each in enumerate(found):
        if not isinstance(each, str) or _NOT_FHIR.search(each):
            raise wrong(f"{path}.{name}[{index}]", each, "text")
    return tuple(found)


def coding(element: Element, path: str) -> Coding:
    """Return a Coding."""
    return Coding(*(text(element, name, path) for name in ("system", "code", "version", "display")))


def extensions(element: Element, path: str) -> tuple[Extension, ...]:
    """Return the extensions on an element, modifier extensions not included."""
    found = []
    for place, each in objects(element, "extension", path):
        primitive = next(
            (value for key, value in each.items() if key.startswith("value") and not isinstance(value, dict | list)), None
        )
        found.append(Extension(text(each, "url", place), primitive, each))
    return tuple(found)


def extension_text(found: tuple[Extension, ...], url: str) -> str:
    """Return the value of an extension as text, '' where there is none."""
    return next((str(each.value) for each in found if each.url == url and each.value is not None), "")


def refuse_modifiers(element: Element, path: str) -> None:
    """Raise IcdRefError where a modifier extension changes what an element means in a way that is not known here."""
    if urls := modifiers(element, path):
        raise IcdRefError(texts.modifier_extension("", path, urls))


def modifiers(element: Element, path: str) -> str:
    """Return the urls of the modifier extensions on an element as a sentence lists them, '' where there are none."""
    urls = dict.fromkeys(text(each, "url", place) for place, each in objects(element, "modifierExtension", path))
    return "', '".join(urls)


def designation(element: Element, path: str) -> Designation:
    """Return a designation of a concept."""
    use = child(element, "use", path)
    found = extensions(element, path)
    return Designation(
        value=text(element, "value", path).strip(),
        language=text(element, "language", path),
        use=coding(use, f"{path}.use") if use is not None else None,
        status=extension_text(found, STANDARDS_STATUS),
        extensions=found,
    )


def property_value(element: Element, path: str) -> PropertyValue | None:
    """Return a property of a concept, None where it has no value that FHIR knows."""
    code = text(element, "code", path)
    if not code:
        raise wrong(f"{path}.code", element.get("code"), "the code of a property")
    for key, (type_, kind) in _VALUES.items():
        if key not in element:
            continue
        value: Any = element[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and type_ != "boolean"):
            raise wrong(f"{path}.{key}", value, f"a {type_}")
        if isinstance(value, dict):
            return PropertyValue(code, type_, coding(value, f"{path}.{key}"))
        if isinstance(value, str | int | float):
            return PropertyValue(code, type_, value)
    return None


def header(resource: Element, path: str) -> Header:
    """Return what a canonical resource says about itself."""
    found = extensions(resource, path)
    url, _, named = text(resource, "url", path).partition("|")
    return Header(
        url=url,
        version=text(resource, "version", path) or named,
        name=text(resource, "name", path),
        title=text(resource, "title", path),
        status=text(resource, "status", path),
        experimental=bool(flag(resource, "experimental", path)),
        standards_status=extension_text(found, STANDARDS_STATUS),
        language=text(resource, "language", path),
        id=text(resource, "id", path),
        publisher=text(resource, "publisher", path),
        version_algorithm=_algorithm(resource, found, path),
    )


def _algorithm(resource: Element, found: tuple[Extension, ...], path: str) -> str:
    as_coding = child(resource, "versionAlgorithmCoding", path)
    if as_coding is not None:
        return text(as_coding, "code", f"{path}.versionAlgorithmCoding")
    said = text(resource, "versionAlgorithmString", path)
    return said or extension_text(found, _ALGORITHM) or extension_text(found, _ALGORITHM_5)


def _shown(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return quoted(value) if isinstance(value, str) else str(value)[:40]
