"""The operations of the system level."""

from __future__ import annotations

from typing import Final

from icdref.fhir.operations.table import Operation, out

VERSIONS: Final = Operation(
    "versions",
    "",
    "FHIR versions of this base",
    "Which FHIR version this base speaks; every version has a base of its own, `/fhir/r4` and `/fhir/r5`. Asked for"
    " `application/json`, the answer is the plain object that the standard gives for it.",
    (
        out("version", "string", "The version, as major and minor number.", at_least=1, at_most="*"),
        out("default", "string", "The version of a request that names none.", at_least=1),
    ),
    type_level=False,
    instance_level=False,
    system_level=True,
    base="http://hl7.org/fhir/OperationDefinition/CapabilityStatement-versions",
)
