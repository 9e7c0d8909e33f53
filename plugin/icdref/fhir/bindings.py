"""Required bindings: the codes that FHIR fixes for an element, for the elements that our resources have.

fhir.resources does not check these: it takes `status: "bogus"`. A path names a resource type and its elements without
positions; a section in a section has the path of a section. Source: HL7 FHIR R4 (4.0.1) and R5 (5.0.0), required bindings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_PUBLICATION: Final = frozenset({"draft", "active", "retired", "unknown"})
_FILTER_4: Final = frozenset({"=", "is-a", "descendent-of", "is-not-a", "regex", "in", "not-in", "generalizes", "exists"})
_FILTER_5: Final = _FILTER_4 | {"child-of", "descendent-leaf"}
_SEARCH_TYPE: Final = frozenset(
    {"number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special", "resource"}
)
_CAPABILITY_KIND: Final = frozenset({"instance", "capability", "requirements"})
_ISSUE_TYPE: Final = frozenset(
    {
        *("invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired", "forbidden"),
        *("suppressed", "processing", "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long"),
        *("code-invalid", "extension", "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store"),
        *("exception", "timeout", "incomplete", "throttled", "informational"),
    }
)
_RELATED_4: Final = frozenset(
    {
        *("documentation", "justification", "citation", "predecessor", "successor", "derived-from", "depends-on"),
        "composed-of",
    }
)
_PARAMETER_TYPES: Final = frozenset(
    {
        *("base64Binary", "boolean", "canonical", "code", "date", "dateTime", "decimal", "id", "instant", "integer"),
        *("markdown", "oid", "positiveInt", "string", "time", "unsignedInt", "uri", "url", "uuid"),
        *("Coding", "CodeableConcept", "Identifier", "Period", "Quantity", "Reference", "UsageContext", "Element"),
        *("Any", "Resource", "Bundle", "CodeSystem", "Composition", "ConceptMap", "OperationOutcome", "Parameters", "ValueSet"),
    }
)

_BOTH: Final[Mapping[str, frozenset[str]]] = {
    "Bundle.type": frozenset(
        {
            *("document", "message", "transaction", "transaction-response", "batch", "batch-response", "history"),
            *("searchset", "collection"),
        }
    ),
    "Bundle.entry.search.mode": frozenset({"match", "include", "outcome"}),
    "CapabilityStatement.kind": _CAPABILITY_KIND,
    "CapabilityStatement.status": _PUBLICATION,
    "CapabilityStatement.rest.mode": frozenset({"client", "server"}),
    "CapabilityStatement.rest.resource.conditionalDelete": frozenset({"not-supported", "single", "multiple"}),
    "CapabilityStatement.rest.resource.conditionalRead": frozenset(
        {"not-supported", "modified-since", "not-match", "full-support"}
    ),
    "CapabilityStatement.rest.resource.interaction.code": frozenset(
        {"read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type"}
    ),
    "CapabilityStatement.rest.resource.searchParam.type": _SEARCH_TYPE,
    "CapabilityStatement.rest.resource.versioning": frozenset({"no-version", "versioned", "versioned-update"}),
    "CodeSystem.content": frozenset({"not-present", "example", "fragment", "complete", "supplement"}),
    "CodeSystem.hierarchyMeaning": frozenset({"grouped-by", "is-a", "part-of", "classified-with"}),
    "CodeSystem.property.type": frozenset({"code", "Coding", "string", "integer", "boolean", "dateTime", "decimal"}),
    "CodeSystem.status": _PUBLICATION,
    "Composition.relatesTo.code": frozenset({"replaces", "transforms", "signs", "appends"}),
    "Composition.section.mode": frozenset({"working", "snapshot", "changes"}),
    "Library.status": _PUBLICATION,
    "OperationDefinition.kind": frozenset({"operation", "query"}),
    "OperationDefinition.parameter.type": _PARAMETER_TYPES,
    "OperationDefinition.parameter.part.type": _PARAMETER_TYPES,
    "OperationDefinition.parameter.use": frozenset({"in", "out"}),
    "OperationDefinition.status": _PUBLICATION,
    "OperationOutcome.issue.code": _ISSUE_TYPE,
    "OperationOutcome.issue.severity": frozenset({"fatal", "error", "warning", "information"}),
    "SearchParameter.status": _PUBLICATION,
    "SearchParameter.type": _SEARCH_TYPE,
    "SearchParameter.xpathUsage": frozenset({"normal", "phonetic", "nearby", "distance", "other"}),
    "TerminologyCapabilities.codeSearch": frozenset({"explicit", "all", "in-compose", "in-expansion", "in-compose-or-expansion"}),
    "TerminologyCapabilities.kind": _CAPABILITY_KIND,
    "TerminologyCapabilities.status": _PUBLICATION,
    "ValueSet.status": _PUBLICATION,
}

_ONLY_4: Final[Mapping[str, frozenset[str]]] = {
    "CodeSystem.filter.operator": _FILTER_4,
    "Composition.attester.mode": frozenset({"personal", "professional", "legal", "official"}),
    "Composition.status": frozenset({"preliminary", "final", "amended", "entered-in-error"}),
    "Library.relatedArtifact.type": _RELATED_4,
    "Provenance.entity.role": frozenset({"derivation", "revision", "quotation", "source", "removal"}),
    "TerminologyCapabilities.codeSystem.version.filter.op": _FILTER_4,
    "ValueSet.compose.include.filter.op": _FILTER_4,
}

_ONLY_5: Final[Mapping[str, frozenset[str]]] = {
    "CodeSystem.filter.operator": _FILTER_5,
    "Composition.status": frozenset(
        {
            *("registered", "partial", "preliminary", "final", "amended", "corrected", "appended", "cancelled"),
            *("entered-in-error", "deprecated", "unknown"),
        }
    ),
    "Library.relatedArtifact.type": _RELATED_4 | {"part-of", "amends", "cites", "supports-with", "similar-to"},
    "Provenance.entity.role": frozenset({"revision", "quotation", "source", "instantiates", "removal"}),
    "TerminologyCapabilities.codeSystem.version.filter.op": _FILTER_5,
    "ValueSet.compose.include.filter.op": _FILTER_5,
}

NARRATIVE_STATUS: Final = frozenset({"generated", "extensions", "additional", "empty"})

REFERENCE_TARGETS: Final[Mapping[str, frozenset[str]]] = {
    "Composition.author": frozenset({"Practitioner", "PractitionerRole", "Device", "Patient", "RelatedPerson", "Organization"}),
    "Composition.attester.party": frozenset({"Patient", "RelatedPerson", "Practitioner", "PractitionerRole", "Organization"}),
    "Composition.custodian": frozenset({"Organization"}),
    "Composition.encounter": frozenset({"Encounter"}),
    "Composition.section.author": frozenset(
        {"Practitioner", "PractitionerRole", "Device", "Patient", "RelatedPerson", "Organization"}
    ),
    "Provenance.agent.who": frozenset({"Practitioner", "PractitionerRole", "RelatedPerson", "Patient", "Device", "Organization"}),
    "Provenance.location": frozenset({"Location"}),
}
"""The resource types that a reference may lead to; references that may lead anywhere are not listed."""


def required_binding(path: str, fhir_version: str) -> frozenset[str] | None:
    """Return the codes that an element may have, None where FHIR does not fix them.

    >>> sorted(required_binding("OperationDefinition.kind", "4.0"))
    ['operation', 'query']
    """
    versioned = _ONLY_5 if fhir_version >= "5.0" else _ONLY_4
    return versioned.get(path) or _BOTH.get(path)
