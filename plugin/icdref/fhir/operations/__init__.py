"""What an operation and its parameters are, and the words that several operations share.

A parameter exists here and nowhere else. `supported=False` marks a standard parameter that this server knows but does not
honour: a request that sends it is refused with the reason, never answered as if it had not been sent.
Source: HL7 FHIR R4 and R5, OperationDefinition of each standard operation.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from icdref.fhir.operations.code_system import FIND_MATCHES, LOOKUP, SUBSUMES, VALIDATE_CODE
from icdref.fhir.operations.composition import COMPARE, DOCUMENT, FOR_CODE
from icdref.fhir.operations.concept_map import TRANSLATE
from icdref.fhir.operations.resource import VALIDATE
from icdref.fhir.operations.system import VERSIONS
from icdref.fhir.operations.table import COMPLEX_TYPES, RESOURCE_TYPES, Operation, Parameter
from icdref.fhir.operations.value_set import (
    BATCH_VALIDATE_CODE_SYSTEM,
    BATCH_VALIDATE_VALUE_SET,
    EXPAND,
    VALUE_SET_VALIDATE_CODE,
)

__all__ = [
    "BATCH_VALIDATE_CODE_SYSTEM",
    "BATCH_VALIDATE_VALUE_SET",
    "COMPARE",
    "COMPLEX_TYPES",
    "DOCUMENT",
    "EXPAND",
    "FIND_MATCHES",
    "FOR_CODE",
    "LOOKUP",
    "OPERATIONS",
    "RESOURCE_TYPES",
    "SUBSUMES",
    "TRANSLATE",
    "VALIDATE",
    "VALIDATE_CODE",
    "VALUE_SET_VALIDATE_CODE",
    "VERSIONS",
    "Operation",
    "Parameter",
    "operation",
]

OPERATIONS: Final = (
    LOOKUP,
    VALIDATE_CODE,
    SUBSUMES,
    FIND_MATCHES,
    BATCH_VALIDATE_CODE_SYSTEM,
    EXPAND,
    VALUE_SET_VALIDATE_CODE,
    BATCH_VALIDATE_VALUE_SET,
    TRANSLATE,
    DOCUMENT,
    FOR_CODE,
    COMPARE,
    VERSIONS,
    VALIDATE,
)
"""Every operation of this server, in the order of the documentation."""


@cache
def operation(resource: str, name: str) -> Operation | None:
    """Return the operation of this name on a resource type ('' for the system), or None.

    >>> operation("CodeSystem", "lookup").title
    'Look up a code'
    """
    return next((op for op in OPERATIONS if op.resource == resource and op.name == name), None)
