"""CodeSystem resources, complete ones, fragments and supplements, as definitions."""

from __future__ import annotations

from typing import Final

from icdref.definitions import CodeSystem, ConceptDefinition, FilterDefinition, PropertyDefinition
from icdref.fhir.reading import fields
from icdref.fhir.reading.fields import Element, flag, objects, text

_SUPPLEMENT_TYPE: Final = "http://hl7.org/fhir/StructureDefinition/codesystem-supplement-type"


def code_system(resource: Element, path: str = "CodeSystem") -> CodeSystem:
    """Return a CodeSystem resource as a definition. Raises IcdRefError naming the element that is not as FHIR has it."""
    fields.refuse_modifiers(resource, path)
    found = fields.extensions(resource, path)
    return CodeSystem(
        header=fields.header(resource, path),
        content=text(resource, "content", path),
        case_sensitive=flag(resource, "caseSensitive", path) is True,
        version_needed=bool(flag(resource, "versionNeeded", path)),
        hierarchy_meaning=text(resource, "hierarchyMeaning", path),
        compositional=bool(flag(resource, "compositional", path)),
        value_set=text(resource, "valueSet", path),
        supplements=text(resource, "supplements", path),
        is_language_pack=fields.extension_text(found, _SUPPLEMENT_TYPE) == "lang-pack",
        properties=tuple(
            PropertyDefinition(
                text(each, "code", place), text(each, "type", place), text(each, "uri", place), text(each, "description", place)
            )
            for place, each in objects(resource, "property", path)
        ),
        filters=tuple(
            FilterDefinition(text(each, "code", place), fields.texts_of(each, "operator", place), text(each, "value", place))
            for place, each in objects(resource, "filter", path)
        ),
        concepts=_concepts(resource, path),
    )


def _concepts(resource: Element, path: str) -> tuple[ConceptDefinition, ...]:
    """Return all concepts, parents before children, in the order of the resource. Does not recurse."""
    found: list[ConceptDefinition] = []
    waiting = [(place, each, -1) for place, each in objects(resource, "concept", path)][::-1]
    while waiting:
        place, element, parent = waiting.pop()
        found.append(_concept(element, place, parent))
        position = len(found) - 1
        waiting += [(below, each, position) for below, each in objects(element, "concept", place)][::-1]
    return tuple(found)


def _concept(element: Element, path: str, parent: int) -> ConceptDefinition:
    code = text(element, "code", path)
    if not code:
        raise fields.wrong(f"{path}.code", element.get("code"), "the code of a concept")
    extensions = fields.extensions(element, path)
    values = (fields.property_value(each, place) for place, each in objects(element, "property", path))
    return ConceptDefinition(
        code=code,
        display=text(element, "display", path).strip(),
        definition=text(element, "definition", path),
        designations=tuple(fields.designation(each, place) for place, each in objects(element, "designation", path)),
        properties=tuple(value for value in values if value is not None),
        parents=(parent,) if parent >= 0 else (),
        status=fields.extension_text(extensions, fields.STANDARDS_STATUS),
        extensions=extensions,
    )
