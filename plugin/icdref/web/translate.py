"""`ConceptMap/$translate`, and the concept maps as resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from icdref import issues, issues_maps
from icdref.canonicals import split_canonical
from icdref.codes import ICD10CM
from icdref.fhir.concept_maps import MOST_ELEMENTS, SHOWN, concept_map, imported_map, is_of_5, translation_parameters
from icdref.fhir.operations import TRANSLATE
from icdref.fhir.reading.concept_maps import concept_maps_among, read_concept_map
from icdref.issues import IcdRefError
from icdref.service.maps.held import HeldMap
from icdref.service.maps.spelling import system_of
from icdref.service.maps.translator import Wanted
from icdref.service.releases import to_day
from icdref.service.service import Service
from icdref.translations import CodeMap, Mapped
from icdref.web.context import Context
from icdref.web.http import Answer
from icdref.web.negotiation import CACHE_CLINICAL
from icdref.web.operation_input import OperationInput, coding_texts, concept_codings, read_input

_ROUTE: Final = "ConceptMap/$translate"
_EXAMPLE: Final = "728.12 with system http://hl7.org/fhir/sid/icd-9-cm"
_FORWARD: Final = ("code", "coding", "codeableConcept", "sourceCode", "sourceCoding", "sourceCodeableConcept")
_BACKWARD: Final = ("targetCode", "targetCoding", "targetCodeableConcept")
_MOST_CODINGS: Final = 50


def translate(context: Context, identifier: str = "") -> Answer:
    """Answer ConceptMap/$translate; `identifier` is the map of an instance-level call."""
    depth = context.service.settings.json_depth
    given = read_input(TRANSLATE, context.request, context.pairs, depth, context.fhir_version)
    translator = context.service.translator
    named = translator.of_id(identifier) if identifier else None
    if identifier and named is None:
        raise IcdRefError(issues.unknown_resource("ConceptMap", identifier))
    codings, backwards = _codings(given)
    sent = tuple(HeldMap(read_concept_map(each)) for each in given.elements("conceptMap"))
    # What comes as tx-resource is there beside the maps that are held; `conceptMap` is the one to use.
    beside = tuple(HeldMap(each) for each in concept_maps_among(given.elements("tx-resource")))
    url = _url(given, named, (*sent, *beside) if sent else ())
    wanted = Wanted(
        url,
        given.text("conceptMapVersion"),
        given.text("source") or given.text("sourceScope"),
        given.text("target") or given.text("targetScope"),
        given.text("targetsystem") or given.text("targetSystem"),
        tuple(_dependencies(given)),
        reverse=given.flag("reverse") or backwards,
    )
    day = to_day(given.text("date")) if given.text("date") else None
    release = _release(given, codings)
    if named:
        found = translator.only(named).translate(codings, wanted, version=release, day=day)
    elif sent and not url:
        found = translator.only(*sent).translate(codings, wanted, version=release, day=day)
    else:
        found = translator.translate(codings, wanted, version=release, day=day, more=(*sent, *beside))
    return context.answer(
        translation_parameters(found, context.fhir_version),
        cache=CACHE_CLINICAL,  # the equivalents are those of the summaries served today
        route=_ROUTE,
        release=found.choice.release.version,
    )


def resources(service: Service, fhir_version: str) -> Iterator[dict[str, Any]]:
    """Yield every concept map as a resource: ours, then the imported ones."""
    own = {each.card.id: each for each in service.translator.maps}
    for each in own.values():
        if each.card.own:
            whole = all(group.size <= MOST_ELEMENTS for group in each.groups(0))
            groups = list(each.groups(MOST_ELEMENTS if whole else SHOWN))
            yield concept_map(each.card, groups, service.edition.id, fhir_version)
    for resource in service.resources.of_type("ConceptMap"):
        held = imported_map(
            resource,
            (list(service.resources.elements(resource["id"], number)) for number in range(len(resource.get("group", ())))),
        )
        if is_of_5(held) == (fhir_version >= "5.0"):
            yield held
        else:
            yield _other_version(own[resource["id"]], resource, service.edition.id, fhir_version)


def _other_version(held: CodeMap, resource: dict[str, Any], edition: str, fhir_version: str) -> dict[str, Any]:
    """Return an imported map in the FHIR version that it was not written in: what it says, in that version's words."""
    most = max((group.size for group in held.groups(0)), default=0)
    shaped = concept_map(held.card, list(held.groups(most)), edition, fhir_version)
    for key in ("status", "experimental", "date", "description", "copyright"):
        if key in resource:
            shaped[key] = resource[key]
    return shaped


def _codings(given: OperationInput) -> tuple[list[Mapped], bool]:
    """Return (the codes to translate, whether backwards). Exactly one parameter says them."""
    said = [name for name in (*_FORWARD, *_BACKWARD) if given.values.get(name)]
    if len(said) > 1:
        raise IcdRefError(issues.conflicting_parameters(said, "send one of them"))
    if not said:
        raise IcdRefError(issues.missing_parameter("code", _EXAMPLE))
    name = said[0]
    if name.lower().endswith("codeableconcept"):
        codings, _ = concept_codings(given.elements(name)[0], name)
        if not codings:
            raise IcdRefError(issues.missing_parameter(f"{name}.coding", _EXAMPLE))
        if len(codings) > _MOST_CODINGS:
            raise IcdRefError(issues.too_many_values(f"{name}.coding", _MOST_CODINGS))
        return [_mapped(coding, given, f"{name}.coding") for coding in codings], name in _BACKWARD
    if name.lower().endswith("coding"):
        return [_mapped(given.elements(name)[0], given, name)], name in _BACKWARD
    return [Mapped(given.text("system") or _implied(given), given.text(name))], name in _BACKWARD


def _implied(given: OperationInput) -> str:
    """Return the code system that a bare code is of: that of the value set it was chosen from, else ICD-10-CM."""
    scope = split_canonical(given.text("source") or given.text("sourceScope"))[0]
    return next((scope.removesuffix(end) for end in ("?fhir_vs", "/vs") if scope.endswith(end)), ICD10CM)


def _mapped(coding: dict[str, Any], given: OperationInput, path: str) -> Mapped:
    system, version, code, display = coding_texts(coding, path)
    if not code:
        raise IcdRefError(issues.missing_parameter(f"{path}.code", _EXAMPLE))
    return Mapped(system or given.text("system") or ICD10CM, code, display, version)


def _release(given: OperationInput, codings: list[Mapped]) -> str:
    """Return the release that ICD-10-CM is read in; of another code system we know no versions."""
    asked = [each.version for each in codings if each.version and system_of(each.system) == ICD10CM]
    if given.text("version") and system_of(codings[0].system) == ICD10CM:
        asked.append(given.text("version"))
    if len(set(asked)) > 1:
        raise IcdRefError(issues.conflicting_parameters(asked, "name one release"))
    return asked[0] if asked else ""


def _url(given: OperationInput, named: CodeMap | None, sent: tuple[CodeMap, ...]) -> str:
    url = given.text("url")
    if named and url and split_canonical(url)[0] != named.card.url:
        raise IcdRefError(issues.conflicting_parameters(("url", "the map that the path names"), "name one map"))
    if sent and url and split_canonical(url)[0] not in {each.card.url for each in sent}:
        raise IcdRefError(issues_maps.unknown_map(url, [each.card.url for each in sent]))
    return url


def _dependencies(given: OperationInput) -> Iterator[tuple[str, str]]:
    """Yield (attribute, value) of each dependency: `element` and `concept` in R4, `attribute` and `value` in R5."""
    for parts in given.elements("dependency"):
        row = {part.get("name"): part for part in parts.get("part", ()) if isinstance(part, dict)}
        named = row.get("element") or row.get("attribute") or {}
        attribute = next((value for key, value in named.items() if key.startswith("value") and isinstance(value, str)), "")
        value = row.get("concept") or row.get("value") or {}
        for key, content in value.items():
            if key == "valueCodeableConcept" and isinstance(content, dict):
                codings, text = concept_codings(content, "dependency.concept")
                yield from ((attribute, str(coding.get("code", ""))) for coding in codings)
                if text:
                    yield attribute, text
            elif key == "valueCoding" and isinstance(content, dict):
                yield attribute, str(content.get("code", ""))
            elif key.startswith("value"):
                yield attribute, str(content).lower() if isinstance(content, bool) else str(content)
