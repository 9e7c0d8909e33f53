"""The operations of the table as OperationDefinition resources."""

from __future__ import annotations

from typing import Any, Final

from icdref.fhir.operations import Operation, Parameter

DEFINITION_DATE: Final = "2026-11-22"
DEFINITION_VERSION: Final = "1.0.0"
"""Version and date of what we define ourselves (operations); raised by hand when a definition changes."""


def operation_definition(op: Operation, fhir_version: str = "4.0") -> dict[str, Any]:
    """Return the operation as an OperationDefinition; parameters that are not supported are left out of it."""
    shaped: dict[str, Any] = {
        "resourceType": "OperationDefinition",
        "id": op.id,
        "url": op.definition,
        "version": DEFINITION_VERSION,
        "name": (op.resource or "System") + "".join(word.capitalize() for word in op.name.split("-")),
        "title": op.title,
        "status": "active",
        "kind": "operation",
        "experimental": False,
        "date": DEFINITION_DATE,
        "publisher": "icdref",
        "description": op.description,
        "affectsState": op.affects_state,
        "code": op.name,
    }
    if op.base:
        shaped["base"] = op.base
    if op.resource:
        shaped["resource"] = [op.resource]
    return shaped | {
        "system": op.system_level,
        "type": op.type_level,
        "instance": op.instance_level,
        "parameter": [_definition_parameter(p) for p in op.parameters if p.supported and p.is_in(fhir_version)],
    }


def _definition_parameter(parameter: Parameter) -> dict[str, Any]:
    documentation = parameter.documentation
    if parameter.allowed:
        documentation = f"{' | '.join(parameter.allowed)}. {documentation}"
    shaped: dict[str, Any] = {
        "name": parameter.name,
        "use": parameter.use,
        "min": parameter.min,
        "max": parameter.max,
        "documentation": documentation,
    }
    if parameter.type:
        shaped["type"] = parameter.type
    if parameter.parts:
        shaped["part"] = [_definition_parameter(part) for part in parameter.parts]
    return shaped
