"""What an operation and a parameter are, with the descriptions that several operations share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from icdref.codes import ICD10CM
from icdref.fhir.canonical import canonical

RESOURCE_TYPES: Final = frozenset(
    {"CodeSystem", "ConceptMap", "ValueSet", "Parameters", "Bundle", "OperationOutcome", "Resource"}
)
"""Types that a Parameters resource carries as `resource`."""

COMPLEX_TYPES: Final = RESOURCE_TYPES | {"", "Coding", "CodeableConcept", "Quantity"}
"""Types that no URL can carry ('' has parts), so parameters of these types are read from a POSTed Parameters resource only."""

LAST: Final = "9"
"""A version of FHIR that is later than all there are."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation.

    `type` is a FHIR type, '' for a parameter made of `parts`. `allowed` lists the accepted values ('' allowed: any of the
    type). One without `effect` is accepted because clients send it as a matter of course. `since` and `until` are the first and last FHIR version that have the parameter under this name; `own` marks those
    that HL7 does not define, `bare` the one that a body of its type stands for without Parameters around it.
    """

    name: str
    type: str
    documentation: str
    use: str = "in"
    min: int = 0
    max: str = "1"
    allowed: tuple[str, ...] = ()
    post_only: bool = False
    supported: bool = True
    reason: str = ""
    since: str = "4.0"
    own: bool = False
    bare: bool = False
    parts: tuple[Parameter, ...] = ()
    until: str = LAST
    effect: bool = True

    def is_in(self, fhir_version: str) -> bool:
        """Tell whether a FHIR version has the parameter."""
        return self.since <= fhir_version <= self.until

    @property
    def repeats(self) -> bool:
        """Tell whether the parameter may be given more than once."""
        return self.max == "*"

    @property
    def must_be_posted(self) -> bool:
        """Tell whether a GET may not carry the parameter: its type has no URL form, or it describes a patient."""
        return self.post_only or self.type in COMPLEX_TYPES


@dataclass(frozen=True, slots=True, eq=False)  # each is one of a kind; hashing its parameters took 10 µs
class Operation:
    """One operation: where it can be called and what goes in and out. Every operation of ours leaves the state as it is.

    `base` is the canonical URL of the standard operation that this one narrows or extends, '' for our own. `resource` is ''
    for an operation of the system level alone.
    """

    name: str
    resource: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    type_level: bool = True
    instance_level: bool = True
    system_level: bool = False
    affects_state: bool = False
    methods: tuple[str, ...] = ("GET", "POST")
    base: str = ""

    @property
    def id(self) -> str:
        """Return the id of the OperationDefinition, such as CodeSystem-lookup."""
        return f"{self.resource}-{self.name}" if self.resource else self.name

    @property
    def definition(self) -> str:
        """Return the canonical URL of our OperationDefinition.

        Ours even for standard operations: a server that supports less, or more, than the standard parameters has to
        publish its own definition with the standard one as `base` (FHIR, CapabilityStatement.rest.operation.definition).
        """
        return canonical("OperationDefinition", self.id)

    def inputs(self, fhir_version: str = "4.0") -> tuple[Parameter, ...]:
        """Return the input parameters known to a FHIR version, supported or not."""
        return tuple(p for p in self.parameters if p.use == "in" and p.is_in(fhir_version))

    def parameter(self, name: str, fhir_version: str = "4.0") -> Parameter | None:
        """Return the input parameter of this name, or None."""
        return _inputs_by_name(self, fhir_version).get(name)


@lru_cache(maxsize=256)
def _inputs_by_name(found: Operation, fhir_version: str) -> dict[str, Parameter]:
    """Return the input parameters of an operation by name; looked up for every parameter of every request."""
    return {each.name: each for each in found.inputs(fhir_version)}


def out(name: str, type_: str, documentation: str, *, at_least: int = 0, at_most: str = "1", since: str = "4.0") -> Parameter:
    """Return an output parameter."""
    return Parameter(name, type_, documentation, "out", at_least, at_most, since=since)


def unsupported(name: str, type_: str, documentation: str, reason: str, *, since: str = "4.0", at_most: str = "1") -> Parameter:
    """Return a standard parameter that is known and refused, with the reason."""
    return Parameter(name, type_, documentation, max=at_most, supported=False, reason=reason, since=since)


RELEASE: Final = "Release of the code system: an effective date such as 2026-04-01, or 2026 for the newest of a fiscal year."
SYSTEM: Final = f"Code system of the code. Default {ICD10CM}; urn:oid: forms are accepted."
DATE: Final = "Date of service: picks the release in force on that day. Ignored when the release is named."
LANGUAGE: Final = "BCP 47 tag of the titles wanted. The publisher's titles exist in English only."
