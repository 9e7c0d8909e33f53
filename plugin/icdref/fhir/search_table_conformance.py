"""The search parameters of terminology and conformance resources. Data only; see `search_rows.py`."""

from __future__ import annotations

from typing import Final

from icdref.fhir.search_rows import CONCEPT, Row, canonical_rows, context_rows

_CONTENT_MODE: Final = "http://hl7.org/fhir/codesystem-content-mode"
_FHIR_VERSIONS: Final = "http://hl7.org/fhir/FHIR-version"
_KINDS: Final = "http://hl7.org/fhir/operation-kind"
_MIME_TYPES: Final = "urn:ietf:bcp:13"
_SEARCH_TYPES: Final = "http://hl7.org/fhir/search-param-type"
_STRUCTURE_KINDS: Final = "http://hl7.org/fhir/structure-definition-kind"
_TYPES: Final = "http://hl7.org/fhir/resource-types"
_BINDING: Final = "snapshot.element.binding.valueSet"
_BINDING_OF_DIFFERENTIAL: Final = "differential.element.binding.valueSet"

_VALUE_SET: Final = (
    *canonical_rows("conformance"),
    *context_rows("conformance"),
    Row(
        "code",
        "token",
        "compose",
        "A member of the value set, evaluated; a code without system is one of ICD-10-CM.",
        ("ValueSet", "ValueSet"),
        modifiers=("not",),
        rule="members",
    ),
    Row("reference", "uri", "compose.include.system", "A code system that it draws from.", ("ValueSet", "ValueSet")),
)

_CODE_SYSTEM: Final = (
    *canonical_rows("conformance"),
    *context_rows("conformance"),
    Row("system", "uri", "url", "The URI by which codings name the system.", ("CodeSystem", "CodeSystem")),
    Row(
        "content-mode",
        "token",
        "content",
        "How much of the system the resource holds.",
        ("CodeSystem", "CodeSystem"),
        implied_system=_CONTENT_MODE,
    ),
    Row(
        "code",
        "token",
        "url",
        "A code that this release of the code system has.",
        ("CodeSystem", "CodeSystem"),
        modifiers=("not",),
        rule="concepts",
    ),
    Row(
        "supplements",
        "reference",
        "supplements",
        "The code system that it supplements.",
        ("CodeSystem", "CodeSystem"),
        targets=("CodeSystem",),
    ),
)

_4: Final = ("ConceptMap", "")
_5: Final = ("", "ConceptMap")
_MAPPED: Final = "A code that is mapped from."
_MAPPED_TO: Final = "A code that is mapped to."
_CONCEPT_MAP: Final = (
    *canonical_rows("conformance"),
    *context_rows("conformance"),
    Row("source", "reference", "sourceCanonical", "The value set that is mapped from.", _4, targets=("ValueSet",)),
    Row("source-uri", "reference", "sourceUri", "The value set that is mapped from, by URI.", _4, targets=("ValueSet",)),
    Row("target", "reference", "targetCanonical", "The value set that is mapped to.", _4, targets=("ValueSet",)),
    Row("target-uri", "reference", "targetUri", "The value set that is mapped to, by URI.", _4, targets=("ValueSet",)),
    Row("source-system", "uri", "group.source", "The code system that is mapped from.", _4),
    Row("target-system", "uri", "group.target", "The code system that is mapped to.", _4),
    Row("other", "reference", "group.unmapped.url", "A map for what is not mapped.", _4, targets=("ConceptMap",)),
    Row("source-scope", "reference", "sourceScopeCanonical", "The value set that is mapped from.", _5, targets=("ValueSet",)),
    Row("source-scope-uri", "uri", "sourceScopeUri", "The value set that is mapped from, by URI.", _5),
    Row("target-scope", "reference", "targetScopeCanonical", "The value set that is mapped to.", _5, targets=("ValueSet",)),
    Row("target-scope-uri", "uri", "targetScopeUri", "The value set that is mapped to, by URI.", _5),
    Row("source-group-system", "reference", "group.source", "The code system that is mapped from.", _5, targets=("CodeSystem",)),
    Row("target-group-system", "reference", "group.target", "The code system that is mapped to.", _5, targets=("CodeSystem",)),
    Row("other-map", "reference", "group.unmapped.otherMap", "A map for what is not mapped.", _5, targets=("ConceptMap",)),
    Row("source-code", "token", "group.element.code", _MAPPED, ("ConceptMap", "ConceptMap")),
    Row("target-code", "token", "group.element.target.code", _MAPPED_TO, ("ConceptMap", "ConceptMap")),
)

_OPERATION: Final = ("OperationDefinition", "OperationDefinition")
_OPERATION_DEFINITION: Final = (
    *canonical_rows("conformance", ("identifier",)),
    *context_rows("conformance"),
    Row("code", "token", "code", "The name by which it is called, without the $.", _OPERATION),
    Row("kind", "token", "kind", "operation or query.", _OPERATION, implied_system=_KINDS),
    Row("base", "reference", "base", "The operation that it is based on.", _OPERATION, targets=("OperationDefinition",)),
    Row("system", "token", "system", "Whether it is called on the whole server.", _OPERATION),
    Row("type", "token", "type", "Whether it is called on a type.", _OPERATION),
    Row("instance", "token", "instance", "Whether it is called on one resource.", _OPERATION),
    Row(
        "input-profile",
        "reference",
        "inputProfile",
        "The profile of its input.",
        _OPERATION,
        targets=("StructureDefinition",),
    ),
    Row(
        "output-profile",
        "reference",
        "outputProfile",
        "The profile of its output.",
        _OPERATION,
        targets=("StructureDefinition",),
    ),
)

_PARAMETER: Final = ("SearchParameter", "SearchParameter")
_SEARCH_PARAMETER: Final = (
    *canonical_rows("conformance", ("identifier", "title")),
    *context_rows("conformance"),
    Row("code", "token", "code", "The name in a URL.", _PARAMETER),
    Row("base", "token", "base", "A resource type that it searches.", _PARAMETER, implied_system=_TYPES),
    Row("type", "token", "type", "number, date, string, token …", _PARAMETER, implied_system=_SEARCH_TYPES),
    Row("target", "token", "target", "A resource type that a reference may lead to.", _PARAMETER, implied_system=_TYPES),
    Row(
        "component",
        "reference",
        "component.definition",
        "A part of a composite.",
        _PARAMETER,
        targets=("SearchParameter",),
    ),
    Row(
        "derived-from",
        "reference",
        "derivedFrom",
        "The definition that it is derived from.",
        _PARAMETER,
        targets=("SearchParameter",),
    ),
)

_STRUCTURE: Final = ("StructureDefinition", "StructureDefinition")
_PATHS: Final = "snapshot.element.path | differential.element.path"
_STRUCTURE_DEFINITION: Final = (
    *canonical_rows("conformance"),
    *context_rows("conformance"),
    Row("abstract", "token", "abstract", "Whether it has no instances of its own.", _STRUCTURE),
    Row("base", "reference", "baseDefinition", "What it constrains or extends.", _STRUCTURE, targets=("StructureDefinition",)),
    Row("base-path", "token", "snapshot.element.base.path", "The path of an element that it constrains.", _STRUCTURE),
    Row("derivation", "token", "derivation", "specialization or constraint.", _STRUCTURE),
    Row("experimental", "token", "experimental", "Whether it is for tests.", _STRUCTURE),
    Row("ext-context", "token", "context.type", "The kind of place where an extension may stand.", ("StructureDefinition", "")),
    Row("ext-context-type", "token", "context.type", "The kind of place where an extension may stand.", ("", _STRUCTURE[1])),
    Row("ext-context-expression", "token", "context.expression", "Where an extension may stand.", ("", _STRUCTURE[1])),
    Row("keyword", "token", "keyword", "A keyword.", _STRUCTURE, modifiers=CONCEPT),
    Row("kind", "token", "kind", "primitive-type, complex-type, resource, logical.", _STRUCTURE, implied_system=_STRUCTURE_KINDS),
    Row("path", "token", _PATHS, "The path of an element.", _STRUCTURE),
    Row("type", "uri", "type", "The type that it is about, such as Extension.", _STRUCTURE),
    Row(
        "valueset",
        "reference",
        f"{_BINDING} | {_BINDING_OF_DIFFERENTIAL}",
        "A bound value set.",
        _STRUCTURE,
        targets=("ValueSet",),
    ),
)

_CAPABILITY: Final = ("CapabilityStatement", "CapabilityStatement")
_CAPABILITY_STATEMENT: Final = (
    *canonical_rows("conformance", ("identifier",)),
    *context_rows("conformance"),
    Row("fhirversion", "token", "fhirVersion", "The version of FHIR.", _CAPABILITY, implied_system=_FHIR_VERSIONS),
    Row("format", "token", "format", "A format that is served.", _CAPABILITY, implied_system=_MIME_TYPES),
    Row("guide", "reference", "implementationGuide", "A guide that is followed.", _CAPABILITY),
    Row("mode", "token", "rest.mode", "server or client.", _CAPABILITY),
    Row("resource", "token", "rest.resource.type", "A resource type that is served.", _CAPABILITY, implied_system=_TYPES),
    Row(
        "resource-profile",
        "reference",
        "rest.resource.profile",
        "The base profile of a resource type.",
        _CAPABILITY,
        targets=("StructureDefinition",),
    ),
    Row(
        "supported-profile",
        "reference",
        "rest.resource.supportedProfile",
        "A profile that is supported.",
        _CAPABILITY,
        targets=("StructureDefinition",),
    ),
    Row(
        "security-service",
        "token",
        "rest.security.service",
        "How a client is authorised.",
        _CAPABILITY,
        modifiers=CONCEPT,
    ),
    Row("software", "string", "software.name", "The name of the software.", _CAPABILITY),
)

CONFORMANCE_ROWS: Final = {
    "ValueSet": _VALUE_SET,
    "CodeSystem": _CODE_SYSTEM,
    "ConceptMap": _CONCEPT_MAP,
    "OperationDefinition": _OPERATION_DEFINITION,
    "SearchParameter": _SEARCH_PARAMETER,
    "StructureDefinition": _STRUCTURE_DEFINITION,
    "CapabilityStatement": _CAPABILITY_STATEMENT,
}
