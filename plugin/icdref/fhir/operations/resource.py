"""The operation that every resource type has, also those that are not served."""

from __future__ import annotations

from typing import Final

from icdref.fhir.operations.table import Operation, Parameter, out

VALIDATE: Final = Operation(
    "validate",
    "Resource",
    "Validate a resource",
    "What is wrong with a resource: its shape, values and invariants as FHIR defines them, and every ICD-10-CM code in it"
    " (unknown, retired, a header, a wrong display). POST the resource itself or a Parameters resource. The answer is an"
    " OperationOutcome with status 200, also where the resource is invalid; nothing is stored.",
    (
        Parameter("resource", "Resource", "The resource; of the type that the operation is called on.", min=1),
        Parameter(
            "mode",
            "code",
            "What the resource is to be used for. `create`, `update` and `delete` would be refused by this read-only server.",
            allowed=("create", "update", "delete", "profile"),
        ),
        Parameter("profile", "canonical", "Profile to check against; those that are not held here are reported as an error."),
        out("return", "OperationOutcome", "Every fault, with the place where it is.", at_least=1),
    ),
    instance_level=False,
    methods=("POST",),
    base="http://hl7.org/fhir/OperationDefinition/Resource-validate",
)
