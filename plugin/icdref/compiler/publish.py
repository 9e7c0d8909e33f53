"""The last check before an edition exists: everything that its summaries will be served as, built and validated.

fhir.resources checks shape only (it rejected 7 of 24 planted faults), so our own validator runs beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from icdref import codes
from icdref.compiler.content import check_directory
from icdref.config import Settings
from icdref.fhir.composition import composition
from icdref.fhir.document import document
from icdref.fhir.library import library
from icdref.fhir.provenance import provenance
from icdref.fhir.terminology import code_system
from icdref.fhir.validation import check_resource, parse_with_fhir_resources
from icdref.fhir.value_set import value_set
from icdref.importers.errors import ImportFault
from icdref.service.service import Service
from icdref.service.views import Reader
from icdref.store.editions import Edition

_BASE_URL = "https://icdref.example.org/fhir/r4"
_FAULTS_SHOWN = 10


def check_edition(folder: Path, manifest: dict[str, Any], fixtures: Path, version: str = "") -> None:
    """Build every resource from a freshly written edition and validate it. Raises ImportFault with the faults.

    Summaries are looked at on the day they were last revised, not today, and against the release `version` that they were
    written for ('' the newest): a build that passes keeps passing. What a newer release does to them `impact` says.
    """
    edition = Edition("0" * 12, folder, manifest)
    day = max(
        (summary.attributes.revision_date for summary in Service(edition, Settings()).knowledge.summaries.all.values()),
        default=None,
    )
    service = Service(edition, Settings(), today=(lambda: day) if day else _never_asked)
    tree = ReleaseTree(service, version)

    def exists(system: str, code: str) -> bool:
        return system != codes.ICD10CM or tree.exists(code)

    faults = [str(fault) for fault in check_directory(fixtures, tree) if fault.severity == "error"]
    for resource in _resources(service):
        label = f"{resource['resourceType']}/{resource['id']}"
        faults += [f"{label}: {fault}" for fault in check_resource(resource, code_exists=exists)]
        faults += [f"{label}: {fault}" for fault in parse_with_fhir_resources(resource)]
    if faults:
        more = f"; and {len(faults) - _FAULTS_SHOWN} more" if len(faults) > _FAULTS_SHOWN else ""
        raise ImportFault("edition", 0, "; ".join(faults[:_FAULTS_SHOWN]) + more)


class ReleaseTree:
    """One release of a service, the newest unless a version is given, as the content check sees it."""

    def __init__(self, service: Service, version: str = "") -> None:
        self._concepts = service.concepts
        release = service.releases.newest
        if version:
            release = next((each for each in service.releases.all if each.version == version), release)
        self._number = service.releases.number(release)

    def exists(self, code: str) -> bool:
        """Tell whether the release has a code."""
        return self._concepts.concept(code, self._number) is not None

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return the codes above a code, nearest first; blocks and chapter are included."""
        stored = self._concepts.concept(code, self._number)
        return tuple(above.code for above in self._concepts.ancestors(stored.concept, self._number)) if stored else ()

    def billable_below(self, code: str) -> tuple[str, ...]:
        """Return the billable codes at and below a code, in book order."""
        stored = self._concepts.concept(code, self._number)
        return tuple(each.concept.code for each in self._concepts.below(stored, self._number, billable=True)) if stored else ()

    def billable_codes_of(self, category: str) -> tuple[str, ...]:
        """Return the billable codes of a category."""
        return self.billable_below(category)


def _resources(service: Service) -> Iterator[dict[str, Any]]:
    for release in service.releases.all:
        yield code_system(release, service.edition.id)
    for view in service.knowledge.served():
        yield composition(view)
        yield library(view, _BASE_URL)
        yield value_set(view)
        yield provenance(view)
        yield document(view, _BASE_URL)
        for language in sorted({text.language for text in view.summary.patient_texts}):
            yield document(service.knowledge.summary(view.summary.id, Reader("patient", language)), _BASE_URL)


def _never_asked() -> Any:
    raise AssertionError("an edition without summaries has nothing that depends on the day")
