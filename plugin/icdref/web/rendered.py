"""What an edition looks like as FHIR: its resources and documents, built once per edition, day and FHIR version."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from threading import Lock
from typing import Any

from icdref import __version__, codes
from icdref.fhir import operations, search_parameters
from icdref.fhir.capability import ServedType, capability_statement, terminology_capabilities
from icdref.fhir.composition import composition
from icdref.fhir.document import document
from icdref.fhir.history import ResourceVersion
from icdref.fhir.library import library
from icdref.fhir.operation_definition import operation_definition
from icdref.fhir.own_code_systems import own_code_systems
from icdref.fhir.provenance import organization, provenance
from icdref.fhir.search_collection import Collection
from icdref.fhir.structure_definition import structure_definitions
from icdref.fhir.terminology import code_system
from icdref.fhir.value_set import value_set
from icdref.results import SummaryView
from icdref.service.service import Service
from icdref.service.views import Reader
from icdref.web import translate
from icdref.web.resource_versions import VERSIONED_TYPES, versions

RELEASED = "2026-11-22"
"""Day of this software version's release; the CapabilityStatement is dated with it."""

_MOST_DOCUMENTS = 256
_READ_ONLY_TYPES = ("Organization", "TerminologyCapabilities")
SEARCHED_TYPES = tuple(sorted(search_parameters.searchable_types()))


class Rendered:
    """The FHIR face of one service on one day: what is served depends on the date (a summary expires), nothing else."""

    def __init__(self, service: Service, base_url: str, fhir_version: str, day: date, *, full: bool = False) -> None:
        self.service = service
        self._reader = Reader(full=full)
        self.day = day
        self.base_url = base_url
        self.fhir_version = fhir_version
        self.collection = Collection(self._resources(), day)
        self._documents: OrderedDict[object, dict[str, Any]] = OrderedDict()
        self._lock = Lock()

    def read(self, resource_type: str, identifier: str) -> dict[str, Any] | None:
        """Return a resource by type and id, None where there is none."""
        return next((each for each in self.collection.of_type(resource_type) if each["id"] == identifier), None)

    def versions(self, resource_type: str, identifier: str = "") -> list[ResourceVersion]:
        """Return the versions of a resource, or of all of a type, newest first; none of what is not served."""
        found = versions(self.service.knowledge, self._reader, self.base_url, self.fhir_version, resource_type, identifier)
        return list(found)

    def types(self) -> tuple[str, ...]:
        """Return every resource type that can be read."""
        return (*SEARCHED_TYPES, *_READ_ONLY_TYPES)

    def document(self, view: SummaryView, base_url: str) -> dict[str, Any]:
        """Return the document of a view; the last few hundred different ones are kept. Treat it as read-only."""
        key = (
            view.summary.id,
            view.release.version,
            view.audience,
            view.language,
            view.language_notice,
            view.subset and view.sections,
            view.withheld,
        )
        with self._lock:
            if key in self._documents:
                self._documents.move_to_end(key)
                return self._documents[key]
        built = document(view, base_url, self.fhir_version)
        with self._lock:
            self._documents[key] = built
            while len(self._documents) > _MOST_DOCUMENTS:
                self._documents.popitem(last=False)
        return built

    def capability_statement(self) -> dict[str, Any]:
        """Return the CapabilityStatement: what the tables of operations and search parameters say, and nothing else."""
        types = {name: self._served(name) for name in sorted(self.types())}
        return capability_statement(
            self.base_url,
            types,
            software_version=__version__,
            released=RELEASED,
            fhir_version=self.fhir_version,
            smart=bool(self.service.settings.token_issuer),
            token_endpoint=self.service.settings.token_endpoint,
            tx_tests=self.service.settings.tx_tests,
        )

    def terminology_capabilities(self) -> dict[str, Any]:
        """Return the TerminologyCapabilities: every code system with every release."""
        return terminology_capabilities(
            self.base_url,
            self.service.releases.all,
            software_version=__version__,
            released=RELEASED,
            default={codes.ICD10CM: self.service.terminology.choose().release.version},
            others=self.service.imported.every_version(),
            fhir_version=self.fhir_version,
        )

    def _served(self, name: str) -> ServedType:
        if name in _READ_ONLY_TYPES:
            return ServedType(interactions=("read",), has_date=True)
        kept = ("vread", "history-instance", "history-type") if name in VERSIONED_TYPES else ()
        return ServedType(
            interactions=("read", *kept, "search-type"),
            search=tuple(search_parameters.capability_rows(name, self.fhir_version)),
            include=tuple(search_parameters.include_rows(name, self.fhir_version)),
            reverse_include=tuple(search_parameters.reverse_include_rows(name, self.fhir_version)),
            has_date=name not in VERSIONED_TYPES,
        )

    def _resources(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for view in self.service.knowledge.served(self._reader):
            found += [
                composition(view, self.fhir_version),
                library(view, self.base_url, self.fhir_version),
                value_set(view),
                *(provenance(each.view) for each in self.service.knowledge.history(view.summary.id, self._reader)),
            ]
        edition = self.service.edition.id
        found += [code_system(release, edition, self.fhir_version) for release in self.service.releases.all]
        found += translate.resources(self.service, self.fhir_version)
        found += (each for type_ in ("CodeSystem", "ValueSet") for each in self.service.resources.of_type(type_))
        found += [*own_code_systems(), organization()]
        found += [operation_definition(each, self.fhir_version) for each in operations.OPERATIONS]
        found += search_parameters.search_parameter_resources(self.fhir_version)
        found += structure_definitions(self.fhir_version)
        found += [self.capability_statement(), self.terminology_capabilities()]
        return found
