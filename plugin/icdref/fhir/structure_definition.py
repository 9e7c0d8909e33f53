"""StructureDefinitions of what we define: our extensions, and the profile that our summaries follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from icdref.fhir.canonical import FHIR_VERSIONS, extension_url
from icdref.fhir.extension_table import EXTENSIONS, ExtensionRow, Part
from icdref.fhir.operation_definition import DEFINITION_DATE, DEFINITION_VERSION

_BASE: Final = "http://hl7.org/fhir/StructureDefinition"
PROFILE: Final = "condition-summary"


def structure_definitions(fhir_version: str = "4.0") -> list[dict[str, Any]]:
    """Return the StructureDefinition of every extension of ours, and of the profile of a summary."""
    return [*(_extension(row, fhir_version) for row in EXTENSIONS), _profile(fhir_version)]


def _definition(name: str, title: str, meaning: str, type_: str, fhir_version: str) -> dict[str, Any]:
    return {
        "resourceType": "StructureDefinition",
        "id": name,
        "url": extension_url(name),
        "version": DEFINITION_VERSION,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "title": title,
        "status": "active",
        "experimental": False,
        "date": DEFINITION_DATE,
        "publisher": "icdref",
        "description": meaning,
        "fhirVersion": FHIR_VERSIONS[fhir_version],
        "kind": "resource" if type_ != "Extension" else "complex-type",
        "abstract": False,
        "type": type_,
        "baseDefinition": f"{_BASE}/{type_}",
        "derivation": "constraint",
    }


# --- extensions --------------------------------------------------------------------------------------------------------


def _extension(row: ExtensionRow, fhir_version: str) -> dict[str, Any]:
    shaped = _definition(row.name, row.title, row.meaning, "Extension", fhir_version)
    contexts = [{"type": "element", "expression": each} for each in row.contexts]
    root = {"id": "Extension", "path": "Extension", "short": row.title, "definition": row.meaning}
    if row.parts:
        elements = [root, *_parts(row.parts, "Extension", "Extension"), _url("Extension", "Extension", extension_url(row.name))]
        elements.append({"id": "Extension.value[x]", "path": "Extension.value[x]", "max": "0"})
    else:
        elements = [
            root,
            {"id": "Extension.extension", "path": "Extension.extension", "max": "0"},
            _url("Extension", "Extension", extension_url(row.name)),
            {"id": "Extension.value[x]", "path": "Extension.value[x]", "min": 1, "type": [{"code": row.type}]},
        ]
    head = {name: shaped.pop(name) for name in ("type", "baseDefinition", "derivation")}
    return shaped | {"context": contexts} | head | {"differential": {"element": elements}}


def _parts(parts: tuple[Part, ...], path: str, identifier: str) -> Iterator[dict[str, Any]]:
    """Yield the elements of the parts of an extension: a slice for each, told apart by its url."""
    discriminator = [{"type": "value", "path": "url"}]
    yield {
        "id": f"{identifier}.extension",
        "path": f"{path}.extension",
        "slicing": {"discriminator": discriminator, "ordered": False, "rules": "closed"},
    }
    for part in parts:
        slice_id, slice_path = f"{identifier}.extension:{part.name}", f"{path}.extension"
        yield {
            "id": slice_id,
            "path": slice_path,
            "sliceName": part.name,
            "short": part.meaning,
            "min": part.min,
            "max": part.max,
        }
        if part.parts:
            yield from _parts(part.parts, slice_path, slice_id)
        else:
            yield {"id": f"{slice_id}.extension", "path": f"{slice_path}.extension", "max": "0"}
        yield _url(slice_path, slice_id, part.name)
        value = {"id": f"{slice_id}.value[x]", "path": f"{slice_path}.value[x]"}
        yield value | ({"max": "0"} if part.parts else {"min": 1, "type": [{"code": code} for code in part.types]})


def _url(path: str, identifier: str, url: str) -> dict[str, Any]:
    return {"id": f"{identifier}.url", "path": f"{path}.url", "fixedUri": url}


# --- the profile -------------------------------------------------------------------------------------------------------


def _profile(fhir_version: str) -> dict[str, Any]:
    shaped = _definition(
        PROFILE,
        "Condition summary",
        "A condition summary: what is written about a condition, bound to codes, as sections of graded statements.",
        "Composition",
        fhir_version,
    )
    elements = [
        {"id": "Composition", "path": "Composition"},
        {"id": "Composition.language", "path": "Composition.language", "min": 1},
        {"id": "Composition.text", "path": "Composition.text", "min": 1},
        {"id": "Composition.identifier", "path": "Composition.identifier", "min": 1},
        {"id": "Composition.subject", "path": "Composition.subject", "min": 1, "type": [_reference("ValueSet")]},
        {"id": "Composition.event", "path": "Composition.event", "min": 1},
        {"id": "Composition.section", "path": "Composition.section", "min": 1},
        {"id": "Composition.section.title", "path": "Composition.section.title", "min": 1},
        {"id": "Composition.section.extension", "path": "Composition.section.extension", "slicing": _SLICING},
        {
            "id": "Composition.section.extension:statement",
            "path": "Composition.section.extension",
            "sliceName": "statement",
            "min": 0,
            "max": "*",
            "type": [{"code": "Extension", "profile": [extension_url("statement")]}],
        },
    ]
    return shaped | {"differential": {"element": elements}}


_SLICING: Final = {"discriminator": [{"type": "value", "path": "url"}], "ordered": False, "rules": "open"}


def _reference(*types: str) -> dict[str, Any]:
    return {"code": "Reference", "targetProfile": [f"{_BASE}/{each}" for each in types]}
