"""What the server can do, as CapabilityStatement and TerminologyCapabilities; both are generated, neither is kept by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from icdref.concept_properties import FILTERS, PROPERTIES
from icdref.fhir.canonical import FHIR_VERSIONS, canonical
from icdref.fhir.operations import EXPAND, OPERATIONS, Operation
from icdref.fhir.terminology import operators
from icdref.model import Release

FORMATS: Final = ("application/fhir+json", "application/fhir+xml", "json", "xml")
TERMINOLOGY_SERVER: Final = "http://hl7.org/fhir/CapabilityStatement/terminology-server"

_OPEN: Final = {
    "cors": True,
    "service": [{"text": "None: everything that is served is public"}],
    "description": "None of its own; a host application may put its own in front.",
}
_FEATURE: Final = "http://hl7.org/fhir/uv/application-feature/StructureDefinition/feature"
_SYSTEMS_AS_PARAMETERS: Final = "http://hl7.org/fhir/uv/tx-ecosystem/FeatureDefinition/CodeSystemAsParameter"
_TEST_VERSION: Final = "http://hl7.org/fhir/uv/tx-tests/FeatureDefinition/test-version"
_SMART_URIS: Final = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SECURITY_SERVICE: Final = "http://terminology.hl7.org/CodeSystem/restful-security-service"

SearchRow = tuple[str, str, str, str]
"""One search parameter: name, type, documentation and the URL of its definition."""


@dataclass(frozen=True, slots=True)
class ServedType:
    """One resource type as it is served: interactions, search parameters, and what can be included with it.

    `has_date` tells whether it is served with a Last-Modified that can be asked by.
    """

    interactions: tuple[str, ...] = ("read", "search-type")
    search: tuple[SearchRow, ...] = ()
    include: tuple[str, ...] = ()
    reverse_include: tuple[str, ...] = ()
    has_date: bool = False


def capability_statement(
    base_url: str,
    types: Mapping[str, ServedType],
    *,
    software_version: str,
    released: str,
    operations: Sequence[Operation] = OPERATIONS,
    fhir_version: str = "4.0",
    smart: bool = False,
    token_endpoint: str = "",
    tx_tests: str = "",
) -> dict[str, Any]:
    """Return the CapabilityStatement of one FHIR base.

    `tx_tests` is the version of HL7's terminology tests that the installation is known to pass, '' where nobody has shown it.
    `smart` tells clients that access tokens open gated sections, `token_endpoint` where they get them.

    `released` is the day of the software's release in ISO form: `date` says when the statement last changed, and the clock
    has nothing to do with that.
    """
    return {
        "resourceType": "CapabilityStatement",
        "id": "icdref",
        "extension": _features(tx_tests),
        "url": canonical("CapabilityStatement", "icdref"),
        "version": software_version,
        "name": "Icdref",
        "title": "icdref: a clinical reference by diagnosis code",
        "status": "active",
        "experimental": False,
        "date": released,
        "publisher": "icdref",
        "description": "A diagnosis code in; its meaning and a condition summary out. Read-only.",
        "kind": "instance",
        "instantiates": [TERMINOLOGY_SERVER],
        "software": {"name": "icdref", "version": software_version},
        "implementation": {"description": "icdref", "url": base_url},
        "fhirVersion": FHIR_VERSIONS[fhir_version],
        "format": list(FORMATS),
        "rest": [
            {
                "mode": "server",
                "documentation": "Read-only. Every answer names the code release and the edition that it comes from.",
                "security": _security(token_endpoint) if smart else dict(_OPEN),
                "resource": [_served(name, types[name], operations) for name in sorted(types)],
                "interaction": [{"code": "batch", "documentation": "Reads, searches and operations; at most 500 entries."}],
                **_operations_of("", operations),
            }
        ],
    }


def _features(tx_tests: str) -> list[dict[str, Any]]:
    """Return what HL7's terminology ecosystem asks a server to say of itself."""
    found: list[tuple[str, dict[str, Any]]] = [(_SYSTEMS_AS_PARAMETERS, {"valueBoolean": True})]
    if tx_tests:
        found.append((_TEST_VERSION, {"valueCode": tx_tests}))
    return [
        {
            "url": _FEATURE,
            "extension": [{"url": "definition", "valueCanonical": definition}, {"url": "value", **value}],
        }
        for definition, value in found
    ]


def _security(token_endpoint: str) -> dict[str, Any]:
    service = {"coding": [{"system": _SECURITY_SERVICE, "code": "SMART-on-FHIR", "display": "SMART-on-FHIR"}]}
    shaped: dict[str, Any] = {}
    if token_endpoint:
        shaped["extension"] = [{"url": _SMART_URIS, "extension": [{"url": "token", "valueUri": token_endpoint}]}]
    description = "Public, but for gated sections of the texts, which an access token with the scope system/Composition.rs opens."
    return shaped | {"cors": True, "service": [service], "description": description}


def _served(name: str, served: ServedType, operations: Sequence[Operation]) -> dict[str, Any]:
    shaped: dict[str, Any] = {
        "type": name,
        "interaction": [{"code": code} for code in served.interactions],
        "versioning": "versioned" if "vread" in served.interactions else "no-version",
        "readHistory": "vread" in served.interactions,
        "updateCreate": False,
        "conditionalCreate": False,
        "conditionalRead": "full-support" if served.has_date else "not-match",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
    }
    if served.include:
        shaped["searchInclude"] = list(served.include)
    if served.reverse_include:
        shaped["searchRevInclude"] = list(served.reverse_include)
    if served.search:
        shaped["searchParam"] = [
            {"name": parameter, "definition": definition, "type": type_, "documentation": documentation}
            for parameter, type_, documentation, definition in served.search
        ]
    return shaped | _operations_of(name, operations)


def _operations_of(name: str, operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the operations of a resource type, '' for those of the system, with those that every type has."""
    own = [
        {"name": each.name, "definition": each.definition, "documentation": each.description}
        for each in operations
        if each.resource in (name, "Resource")
    ]
    return {"operation": own} if own else {}


def terminology_capabilities(
    base_url: str,
    releases: Iterable[Release],
    *,
    software_version: str,
    released: str,
    default: Mapping[str, str] | None = None,
    others: Mapping[str, Sequence[str]] | None = None,
    fhir_version: str = "4.0",
) -> dict[str, Any]:
    """Return TerminologyCapabilities: each code system with each of its releases, newest first; `others` are the imported ones.

    `default` maps a system to the release that answers today; without it no version is marked as the default.
    """
    by_system: dict[str, list[Release]] = {}
    for release in sorted(releases, key=lambda each: each.version, reverse=True):
        by_system.setdefault(release.system, []).append(release)
    return {
        "resourceType": "TerminologyCapabilities",
        "id": "icdref",
        "url": canonical("TerminologyCapabilities", "icdref"),
        "version": software_version,
        "name": "IcdrefTerminology",
        "title": "icdref: code systems and releases",
        "status": "active",
        "experimental": False,
        "date": released,
        "publisher": "icdref",
        "description": "Which releases of which code systems answer here.",
        "kind": "instance",
        "software": {"name": "icdref", "version": software_version},
        "implementation": {"description": "icdref", "url": base_url},
        "codeSystem": [
            *(_code_system(each, by_system[each], (default or {}).get(each, ""), fhir_version) for each in sorted(by_system)),
            *(_imported(url, versions, fhir_version) for url, versions in sorted((others or {}).items())),
        ],
        "expansion": _expansion(fhir_version),
        "codeSearch": "explicit",
        "validateCode": {"translations": False},
        "translation": {"needsMap": False},
    }


def _expansion(fhir_version: str) -> dict[str, Any]:
    """Return how value sets are expanded; the parameters are those of `$expand` that are honoured.

    One that is accepted without effect must not be among them: HL7's Java client sends a resource once only where it finds
    `cache-id` here, and relies on the server to keep it.
    """
    honoured = [each for each in EXPAND.inputs(fhir_version) if each.supported and each.effect]
    return {
        "hierarchical": True,
        "paging": True,
        "incomplete": False,
        "parameter": [{"name": each.name, "documentation": each.documentation} for each in honoured],
        "textFilter": "Words in any order, beginnings of words and of codes, synonyms and typos; the best match comes first.",
    }


def _imported(url: str, versions: Sequence[str], fhir_version: str) -> dict[str, Any]:
    shaped: dict[str, Any] = {"uri": url}
    if listed := [{"code": each} for each in reversed(versions) if each]:
        shaped["version"] = listed
    if fhir_version >= "5.0":
        shaped["content"] = "complete"
    return shaped | {"subsumption": True}


def _code_system(system: str, releases: Sequence[Release], default: str, fhir_version: str) -> dict[str, Any]:
    content = {"content": "complete"} if fhir_version >= "5.0" else {}
    return {
        "uri": system,
        "version": [_version(each, default, fhir_version) for each in releases],
        **content,
        "subsumption": True,
    }


def _version(release: Release, default: str, fhir_version: str) -> dict[str, Any]:
    shaped: dict[str, Any] = {"code": release.version}
    if default:
        shaped["isDefault"] = release.version == default
    return shaped | {
        "compositional": False,
        "language": ["en"],
        "filter": [{"code": each.property, "op": operators(each, fhir_version)} for each in FILTERS],
        "property": [each.name for each in PROPERTIES],
    }
