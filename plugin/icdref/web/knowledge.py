"""Composition operations: `$for-code`, the one-call question, and `$document`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from icdref import issues, issues_access
from icdref.codes import ICD10CM, to_system
from icdref.fhir import operations
from icdref.fhir.code_card import to_code
from icdref.fhir.document import card_document
from icdref.fhir.for_code import knowledge_searchset
from icdref.fhir.match_trace import with_traces
from icdref.issues import IcdRefError
from icdref.results import Knowledge
from icdref.service.matching import Asked
from icdref.service.releases import to_day
from icdref.service.sections import to_section
from icdref.service.views import GRADES, Reader
from icdref.web.access import SCOPES
from icdref.web.context import Context
from icdref.web.errors import error_answer
from icdref.web.http import Answer
from icdref.web.negotiation import CACHE_CLINICAL
from icdref.web.operation_input import OperationInput, coding_texts, concept_codings, read_input
from icdref.web.rendered import Rendered

_LANGUAGE = re.compile(r"\A[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z", re.ASCII)
_QUALITY = re.compile(r"\A[01](?:\.[0-9]{0,3})?\Z", re.ASCII)
_LONGEST_HEADER = 1000
_ROUTE = "Composition/$for-code"


def for_code(context: Context, rendered: Rendered) -> Answer:
    """Answer Composition/$for-code: one document, or with `max` over 1 a searchset, always with the trace of each code."""
    given = read_input(
        operations.FOR_CODE, context.request, context.pairs, context.service.settings.json_depth, context.fhir_version
    )
    asked = _asked(given)
    if not asked:
        raise IcdRefError(issues.missing_parameter("code", "code=M61.569"))
    limit = given.number("max", 1)
    reader = reader_of(context, given)
    knowledge = context.service.knowledge.for_codes(
        asked,
        version=given.text("version"),
        day=to_day(given.text("date")) if given.text("date") else None,
        mode=given.text("match") or "any",
        reader=reader,
        limit=limit,
    )
    release = knowledge.traces[0].release
    if limit > 1:
        self_url = f"{context.base_url}/Composition/$for-code"
        if context.request.method == "GET" and context.request.query:
            self_url += "?" + quote(context.request.query, safe="=&%+$,:;/?@!*'()~")
        resource = knowledge_searchset(knowledge, context.base_url, self_url, context.fhir_version)
        return context.answer(resource, cache=CACHE_CLINICAL, route=_ROUTE, release=release)
    bundle = _document(context, rendered, knowledge)
    if bundle is None:
        return _nothing_found(context, knowledge)
    return context.answer(with_traces(bundle, knowledge.traces), cache=CACHE_CLINICAL, route=_ROUTE, release=release)


def instance_document(context: Context, rendered: Rendered, identifier: str) -> Answer:
    """Answer Composition/{id}/$document."""
    given = read_input(
        operations.DOCUMENT, context.request, context.pairs, context.service.settings.json_depth, context.fhir_version
    )
    reader = reader_of(context, given)
    if card := context.service.knowledge.card(to_code(identifier)):
        bundle = card_document(card, context.base_url, context.fhir_version)
        return context.answer(bundle, cache=CACHE_CLINICAL, route="Composition/{id}/$document")
    view = context.service.knowledge.summary(identifier, reader)
    bundle = rendered.document(view, context.base_url)
    return context.answer(bundle, cache=CACHE_CLINICAL, route="Composition/{id}/$document", release=view.release.version)


def reader_of(context: Context, given: OperationInput) -> Reader:
    """Return who asks and for what. Raises IcdRefError for an unknown section, grade or language tag."""
    sections = []
    for text in given.texts("section"):
        section = to_section(text)
        if not section:
            raise IcdRefError(
                issues.bad_parameter("section", text, "it must be a section code such as treatment, or a MeSH id such as Q000628")
            )
        if section in context.service.settings.gated_sections and context.access.signed_in and not context.access.reads:
            raise IcdRefError(issues_access.insufficient_scope(section, SCOPES[0]))
        sections.append(section)
    language = given.text("displayLanguage") or _accepted_language(context)
    if given.text("displayLanguage") and not _LANGUAGE.match(language):
        raise IcdRefError(issues.bad_parameter("displayLanguage", language, "it must be a BCP 47 tag such as es or es-MX"))
    grades = tuple(grade for grade in GRADES if grade in given.texts("grade"))
    return Reader(
        given.text("audience") or "clinician",
        _cased(language or "en"),
        tuple(dict.fromkeys(sections)),
        grades,
        context.access.reads,
    )


def _accepted_language(context: Context) -> str:
    """Return the language that an Accept-Language header likes best, '' where it names none."""
    best, best_quality = "", 0.0
    for part in context.request.header("accept-language")[:_LONGEST_HEADER].split(","):
        tag, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        quality = float(weight) if _QUALITY.match(weight) else 0.0
        if quality > best_quality and _LANGUAGE.match(tag):
            best, best_quality = tag, quality
    return best


def _cased(language: str) -> str:
    """Return a BCP 47 tag in its usual case; tags are equal whatever their case.

    >>> _cased("ES-mx")
    'es-MX'
    """
    first, *rest = language.split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def _asked(given: OperationInput) -> list[Asked]:
    system = given.text("system") or ICD10CM
    asked = [Asked(code, system) for code in given.texts("code")]
    for index, coding in enumerate(given.elements("coding")):
        coded_system, _, code, display = coding_texts(coding, f"coding[{index}]")
        if not code and not display:
            raise IcdRefError(issues.missing_parameter(f"coding[{index}].code", "M61.569"))
        asked.append(Asked(code, coded_system or system, display))
    for index, concept in enumerate(given.elements("codeableConcept")):
        codings, text = concept_codings(concept, f"codeableConcept[{index}]")
        asked.append(_concept(codings, text, system, index))
    return asked


def _concept(codings: list[dict[str, Any]], text: str, system: str, index: int) -> Asked:
    """Return what one CodeableConcept asks: its ICD-10-CM codings, then its others, each in order, then its text."""
    read = [coding_texts(coding, f"codeableConcept[{index}].coding") for coding in codings]
    found = [Asked(code, coded_system or system) for coded_system, _, code, _ in read if code]
    found.sort(key=lambda each: to_system(each.system) != ICD10CM)
    text = text or next((display for *_, display in read if display), "")
    if not found and not text:
        raise IcdRefError(issues.missing_parameter(f"codeableConcept[{index}].coding", "one Coding with system and code"))
    if not found:
        return Asked(text=text)
    found[-1] = replace(found[-1], text=text)  # the text is tried when no coding led on
    return replace(found[0], others=tuple(found[1:]))


def _document(context: Context, rendered: Rendered, knowledge: Knowledge) -> dict[str, Any] | None:
    if knowledge.summaries:
        view = knowledge.summaries[0]
        return rendered.document(view, context.base_url)
    if knowledge.card:
        code = knowledge.card.lookup.concept.code
        notice = next((trace.notice for trace in knowledge.traces if trace.normalised == code), "")
        return card_document(knowledge.card, context.base_url, context.fhir_version, notice=notice)
    return None


def _nothing_found(context: Context, knowledge: Knowledge) -> Answer:
    traces = knowledge.traces
    problems = knowledge.issues or tuple(issues.nothing_found(trace.requested, trace.notice) for trace in traces)
    return error_answer(
        problems,
        context.request.header("x-request-id"),
        _ROUTE,
        edition=context.edition,
        release=traces[0].release,
        traces=traces,
    )
