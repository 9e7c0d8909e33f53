"""Conformance, read and search of the resources of an edition."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from icdref import codes, issues, issues_access
from icdref.definitions import Coding
from icdref.fhir.bundle import searchset
from icdref.fhir.code_card import card_composition, to_code
from icdref.fhir.search import SearchPage, parse_query, search
from icdref.fhir.search_collection import Collection
from icdref.issues import IcdRefError
from icdref.service.service import Service
from icdref.service.valuesets.engine import ValueSetChoice
from icdref.service.valuesets.options import Options
from icdref.service.valuesets.scope import Supplied
from icdref.service.valuesets.validation import CODE, CodedValue
from icdref.store.records import StoredConcept
from icdref.web.context import Context
from icdref.web.http import Answer
from icdref.web.implicit_value_sets import named_implicit, read_implicit
from icdref.web.negotiation import CACHE_CLINICAL, CACHE_DEFAULT_RELEASE, CACHE_SEARCH, varied
from icdref.web.operation_input import FORM, media_type_of
from icdref.web.rendered import Rendered
from icdref.web.resource_versions import VERSIONED_TYPES, summary_of

_MEMBERSHIP = Options(abstract=True, membership_only=True, is_validation=True)
_CLINICAL = VERSIONED_TYPES


def metadata(context: Context, rendered: Rendered) -> Answer:
    """Answer `metadata`: the CapabilityStatement, or with `mode=terminology` the TerminologyCapabilities."""
    mode = dict(context.pairs).get("mode") or "full"
    if mode not in ("full", "normative", "terminology"):
        raise IcdRefError(issues.bad_parameter("mode", mode, "it must be full, normative or terminology"))
    resource = rendered.terminology_capabilities() if mode == "terminology" else rendered.capability_statement()
    return context.answer(resource, cache=CACHE_DEFAULT_RELEASE, route="metadata")


def read(context: Context, rendered: Rendered, resource_type: str, identifier: str) -> Answer:
    """Answer a read. Raises IcdRefError: 404 for an unknown id, 410 for a summary that is no longer served."""
    resource = rendered.read(resource_type, identifier)
    if resource is None and resource_type == "Composition" and (card := context.service.knowledge.card(to_code(identifier))):
        return context.answer(card_composition(card, context.fhir_version), cache=CACHE_CLINICAL, route="Composition/{id}")
    if resource is None and resource_type == "ValueSet":
        resource = read_implicit(context.service, identifier)
    if resource is None:
        refuse_withdrawn(context.service, resource_type, identifier)
        raise IcdRefError(issues.unknown_resource(resource_type, identifier))
    cache = CACHE_CLINICAL if resource_type in _CLINICAL else CACHE_DEFAULT_RELEASE
    # The version of another code system than ICD-10-CM is no release of ours, and may be any text.
    version = resource.get("version", "") if resource_type == "CodeSystem" else ""
    release = version if context.service.releases.holds(version) else ""
    return context.answer(resource, cache=cache, route=f"{resource_type}/{{id}}", release=release)


def search_type(context: Context, rendered: Rendered, resource_type: str) -> Answer:
    """Answer a type-level search, GET or POST _search; URL and body are merged."""
    pairs = list(context.pairs)
    if context.request.method == "POST":
        pairs += _form(context)
    query = parse_query(resource_type, pairs, strict=context.is_strict, fhir_version=context.fhir_version, base=context.base_url)
    if query.edition not in ("", context.edition):
        raise IcdRefError(issues_access.edition_gone(query.edition, context.edition))
    collection = rendered.collection
    if resource_type == "ValueSet" and (implicit := named_implicit(context.service, pairs)):
        collection = Collection([*collection.of_type("ValueSet"), *implicit], rendered.day)
    page = search(query, collection, SearchTerminology(context.service))
    cache = CACHE_CLINICAL if resource_type in _CLINICAL else CACHE_SEARCH
    return varied(context.answer(_bundle(context, page, resource_type), cache=cache, route=resource_type), "Prefer")


def _bundle(context: Context, page: SearchPage, resource_type: str) -> dict[str, Any]:
    base = f"{context.base_url}/{resource_type}"
    links = {relation: f"{base}?{query}" for relation, query in page.links(context.edition).items()}
    return searchset(
        context.base_url,
        page.matches,
        total=None if page.query.total == "none" else page.total,
        links=links,
        edition=context.edition,
        included=page.included,
        issues=page.issues,
    )


def _form(context: Context) -> list[tuple[str, str]]:
    if not context.request.body:
        return []
    if media_type_of(context.request) != FORM:
        raise IcdRefError(issues.unsupported_media_type(context.request.header("content-type"), (FORM,)))
    try:
        return parse_qsl(context.request.body.decode("utf-8"), keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        raise IcdRefError(issues.malformed_body("is not a form in UTF-8", "send name=value pairs joined by &")) from None


def refuse_withdrawn(service: Service, resource_type: str, identifier: str) -> None:
    """Raise IcdRefError (withdrawn-resource) for a summary that is known and not served today."""
    summary = service.knowledge.summaries.all.get(summary_of(service.knowledge, resource_type, identifier))
    if resource_type in VERSIONED_TYPES and summary and not service.knowledge.is_served(summary):
        raise IcdRefError(issues.withdrawn_resource(resource_type, identifier, summary.replaced_by))


class SearchTerminology:
    """What a search asks about codes, answered in the release that answers today."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._number = service.releases.number(service.terminology.choose().release)

    def normalise(self, system: str, code: str) -> tuple[str, str]:
        """Return the canonical system and spelling; what it does not know comes back unchanged."""
        system = codes.to_system(system) if system else codes.ICD10CM
        if system != codes.ICD10CM:
            return system, code
        return system, codes.normalise(code) or code

    def member(self, value_set_id: str, system: str, code: str) -> bool:
        """Tell whether a code is in a value set, evaluated on the day that answers."""
        if not self._service.engine.holds_value_set(value_set_id):
            return False
        choice = ValueSetChoice(id=value_set_id)
        value = CodedValue((Coding(system, code),), CODE)
        try:
            return self._service.engine.validate_in_value_set(value, choice, Supplied(), _MEMBERSHIP).result
        except IcdRefError:
            return False

    def subsumes(self, system: str, above: str, below: str) -> bool:
        """Tell whether `above` is the code `below` or stands above it in the tree."""
        if system != codes.ICD10CM:
            return above == below
        first, second = self._placed(above), self._placed(below)
        return first is not None and second is not None and first.position <= second.position <= first.last

    def defines(self, system: str, version: str, code: str) -> bool:
        """Tell whether a release of a code system has a code."""
        for number, release in enumerate(self._service.releases.all):
            if release.system == system and release.version == version:
                return self._service.concepts.concept(code, number) is not None
        return False

    def _placed(self, code: str) -> StoredConcept | None:
        return self._service.concepts.concept(code, self._number)
