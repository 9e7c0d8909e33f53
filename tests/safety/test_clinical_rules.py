"""The clinical safety rules, one test (or a few) for each. Rules about pages, CDS cards and feeds: see tests/doors too."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from lxml import etree

from icdref.codes import ICD10CM
from icdref.config import SettingError, Settings
from icdref.fhir.document import card_document, document
from icdref.fhir.library import library
from icdref.fhir.summary_parts import USES
from icdref.importers.release_files import read_content, read_release
from icdref.model import SAFETY_SECTIONS, SECTIONS
from icdref.service.live import LiveService
from icdref.service.matching import Asked
from icdref.service.views import Reader
from icdref.web.api import Api
from icdref.web.http import Request
from icdref.web.rendered import Rendered
from tests.checkout import ROOT
from tests.conftest import TODAY
from tests.safety.containment import narratives, printed

BASE = "http://127.0.0.1:8080/fhir/r4"
DRAFT = "Draft: written by the software's authors, not reviewed by a clinician."
INTENDED = "Reference for health professionals: general information, not advice for a particular patient, and no dosing."


def asked(service, code, **options):
    """Return the answer on one code."""
    return service.knowledge.for_codes([Asked(code)], **options)


def representations(service, code="M61.051", reader=None):
    """Return every representation of an answer as text: the FHIR document in R4 and R5, and the command line."""
    knowledge = asked(service, code, reader=reader or Reader())
    (view,) = knowledge.summaries
    documents = {f"FHIR {version}": json.dumps(document(view, BASE, version), ensure_ascii=False) for version in ("4.0", "5.0")}
    return documents | {"command line": "\n".join(printed(knowledge))}


# --- C1, C2 ----------------------------------------------------------------------------------------------------------


def test_C1_only_grades_a_to_d_are_in_an_edition(full_service, quarantined):
    index = (full_service.edition.folder / "index.sqlite").read_bytes()
    for summary in full_service.knowledge.summaries.all.values():
        assert {each.grade for each in summary.statements} <= {"A", "B", "C", "D"}
    assert len(quarantined) >= 10
    for claim in quarantined:
        assert claim.encode() not in index


def test_C1_what_no_clinician_reviewed_says_so_in_every_representation(full_service):
    for summary in full_service.knowledge.summaries.all.values():
        assert summary.status == "draft"
    for name, text in representations(full_service).items():
        assert DRAFT in text, name
        assert "Last reviewed: never" in text, name
    view = full_service.knowledge.summary("myositis-ossificans-traumatica")
    for resource in (entry["resource"] for entry in document(view, BASE)["entry"]):
        if resource["resourceType"] != "Organization":
            said = " ".join(narratives(resource))
            assert DRAFT in said or (resource["resourceType"], resource["status"]) == ("ValueSet", "draft")


def test_C1_a_retired_summary_is_gone_and_names_its_successor(small):
    answer = Api(Settings(data=str(small.data), scrub_seconds=0), _live(small)).answer(
        Request("GET", "/fhir/r4/Composition/old-name/$document")
    )
    assert answer.status == 410
    assert b"other-bone" in answer.body
    knowledge = asked(small.service(), "M65.20")
    assert knowledge.summaries == ()


def test_C2_every_statement_has_sources_a_grade_an_author_and_dates(full_service):
    for summary in full_service.knowledge.summaries.all.values():
        known = {source.id: source for source in summary.sources}
        assert all(person.role for person in summary.review.authors) and summary.review.authors
        assert summary.review.last_checked and summary.review.next_check_due and summary.review.expires
        for statement in summary.statements:
            assert statement.sources, statement.id
            cited = [known[identifier] for identifier in statement.sources]
            located = [each for each in cited if each.doi or each.pmid or each.pmcid or each.url or each.file]
            assert located or "classification" in {each.type for each in cited} or all(each.needs for each in cited), statement.id


# --- C3: the calendar ------------------------------------------------------------------------------------------------


def test_C3_a_passed_review_shows_the_banner_and_the_text(small):
    fresh, stale = small.service(date(2028, 5, 22)), small.service(date(2028, 5, 23))
    for service, status, banner in ((fresh, "approved", ""), (stale, "stale", "Review overdue since 2028-05-22.")):
        knowledge = asked(service, "D72.823")
        (view,) = knowledge.summaries
        assert (view.status, view.banner) == (status, banner)
        made = document(view, BASE)
        assert made["entry"][0]["resource"]["status"] == "final"
        for text in (str(made), "\n".join(printed(knowledge))):
            assert ("Review overdue" in text) == bool(banner)
            assert "Do not knead the lump." in text
    first, second = (document(asked(service, "D72.823").summaries[0], BASE) for service in (fresh, stale))
    assert first["identifier"] != second["identifier"]


def test_C3_past_expiry_the_text_is_withheld_and_the_facts_of_the_code_are_served(full):
    last = date(2028, 11, 22)
    assert asked(full.service(last), "M61.051").summaries
    service = full.service(last + timedelta(days=1))
    assert service.knowledge.served() == ()
    knowledge = asked(service, "M61.051")
    (trace,) = knowledge.traces
    assert knowledge.summaries == ()
    assert (trace.outcome, trace.summary) == ("no-summary", "")
    assert "myositis-ossificans-traumatica is withheld: it expired on 2028-11-22" in trace.notice
    assert "M61.051 is billable." in knowledge.card.facts
    statements = [each.text for summary in service.knowledge.summaries.all.values() for each in summary.statements]
    shown = str(card_document(knowledge.card, BASE, notice=trace.notice)) + "\n".join(printed(knowledge))
    assert "expired on 2028-11-22" in shown
    assert not [text for text in statements if text in shown]


def test_C3_over_http_an_expired_summary_is_410_and_its_code_still_answers(small):
    api = Api(Settings(data=str(small.data), scrub_seconds=0), _live(small))
    assert api.answer(Request("GET", "/fhir/r4/Composition/passing-fashion/$document")).status == 410
    answer = api.answer(Request("GET", "/fhir/r4/Composition/$for-code", "code=M72.0"))
    assert answer.status == 200
    assert b"expired on 2026-10-31" in answer.body
    assert b"Passing fashion is a lump" not in answer.body


# --- C4: contradictions ----------------------------------------------------------------------------------------------


def test_C4_both_sides_of_every_conflict_are_served_with_their_sources(full_service):
    summaries = full_service.knowledge.summaries
    pairs = [
        (summary.id, statement, other)
        for summary in summaries.all.values()
        for statement in summary.statements
        if statement.conflict
        for other in statement.conflict.other
    ]
    assert len(pairs) >= 20
    for place, statement, other in pairs:
        view = full_service.knowledge.summary(place)
        against = view.opposed[other]
        assert against.statement.sources
        assert {source.id for source in against.sources} == set(against.statement.sources)
        composition = document(view, BASE)["entry"][0]["resource"]
        conflict = _conflict(composition, statement.id)
        assert conflict["topic"] == [statement.conflict.topic]
        assert other in [part["id"] for part in conflict["other-position"]]
        assert against.statement.text in [part["text"] for part in conflict["other-position"]]
        if code := _code_of(full_service, place):
            assert against.statement.text in "\n".join(printed(asked(full_service, code)))


def test_C4_every_conflict_has_an_other_side_or_describes_it(full_service):
    for summary in full_service.knowledge.summaries.all.values():
        for statement in summary.statements:
            if statement.conflict:
                assert statement.conflict.other or statement.conflict.note, statement.id


# --- C5 is tests/safety/test_containment.py --------------------------------------------------------------------------


# --- C6, C7, C8 ------------------------------------------------------------------------------------------------------


def test_C6_an_inherited_summary_names_the_level_and_the_ancestor(full_service):
    (trace,) = asked(full_service, "M61.051").traces
    assert (trace.relation, trace.bound_code) == ("inherited", "M61.0")
    assert "this one is about M61.0 'Myositis ossificans traumatica', 2 levels up" in trace.notice


def test_C6_no_summary_is_an_answer_and_says_so(full_service):
    knowledge = asked(full_service, "A00.0")
    assert knowledge.traces[0].outcome == "no-summary"
    assert "There is no condition summary for A00.0" in knowledge.traces[0].notice
    assert knowledge.card
    assert "There is no condition summary for A00.0" in "\n".join(printed(knowledge))


def test_C7_a_deleted_code_names_its_successors_and_none_is_picked(full_service):
    knowledge = asked(full_service, "B88.0")  # billable until 2025-09-30, since then a header
    facts = " ".join(knowledge.card.facts)
    assert "until 2025-09-30" in facts
    assert "not billable" in facts
    several = asked(full_service, "M62.5A")
    assert several.summaries == ()


def test_C8_unknown_code_known_code_and_wrong_system_are_three_answers(full_service):
    answers = [
        asked(full_service, "M61.99").traces[0],
        asked(full_service, "A00.0").traces[0],
        full_service.knowledge.for_codes([Asked("1234-5", "http://loinc.org")]).traces[0],
    ]
    assert [each.outcome for each in answers] == ["unknown-code", "no-summary", "wrong-system"]
    assert len({each.notice for each in answers}) == 3


# --- C9, C10, C11 ----------------------------------------------------------------------------------------------------


def test_C9_release_edition_version_and_last_review_are_in_every_representation(full_service):
    view = full_service.knowledge.summary("myositis-ossificans-traumatica")
    for name, text in representations(full_service).items():
        for part in (view.release.version, view.edition, view.summary.version, "Last reviewed: never", "Next check due"):
            assert part in text, (name, part)
    card = asked(full_service, "A00.0").card
    for text in (str(card_document(card, BASE)), "\n".join(printed(asked(full_service, "A00.0")))):
        assert "2026-04-01" in text
        assert full_service.edition.id in text


def test_C10_the_intended_use_is_in_every_representation(full_service):
    for reader in (Reader(), Reader("patient"), Reader("patient", "es")):
        for name, text in representations(full_service, reader=reader).items():
            assert INTENDED in text, name
    assert INTENDED in str(card_document(asked(full_service, "A00.0").card, BASE))


def test_C10_no_statement_gives_a_dose(full_service):
    dose = re.compile(r"\b\d+(?:\.\d+)?\s?(?:mg|µg|mcg|ml|g/day|units?|iu)\b", re.IGNORECASE)
    for summary in full_service.knowledge.summaries.all.values():
        texts = [each.text for each in summary.statements] + [each.body for each in summary.patient_texts]
        assert not [text for text in texts if dose.search(text)], summary.id


def test_C11_the_thirteen_source_attributes_are_answered_for_every_summary(full_service):
    for view in full_service.knowledge.served():
        (attributes,) = [each for each in library(view, BASE)["extension"] if each["url"].endswith("/dsi-source-attributes")]
        answered = {part["url"]: next(v for k, v in part.items() if k.startswith("value")) for part in attributes["extension"]}
        # 13: the release and the revision date are one attribute of the rule
        assert set(answered) == {"citation", "developer", "funding", "release-date", "revision-date", *USES}
        assert len(USES) + 4 == 13
        assert all(value is not None and value != "" for value in answered.values())
    lines = "\n".join(printed(asked(full_service, "M61.051")))
    assert all(f"uses {use}: no" in lines for use in USES)
    assert all(f"{name}: " in lines for name in ("citation", "developer", "funding", "release and revision dates"))


# --- C12: what a card may raise is tested with the door (tests/doors/test_cds_hooks.py); the data that it rests on here


def test_C12_only_a_code_that_is_gone_is_an_error_an_excludes1_pair_is_not(full_service):
    gone = full_service.terminology.validate_code("M61.99")
    assert gone.result is False
    assert not [issue for issue in asked(full_service, "M61.051").traces[0].issues if issue.severity in ("error", "fatal")]
    both = full_service.knowledge.for_codes([Asked("M61.051"), Asked("M33.20")])
    assert not [issue for trace in both.traces for issue in trace.issues if issue.severity in ("error", "fatal")]


# --- C13 is tests/safety/test_withdrawal_rules.py -----------------------------------------------------------------------


# --- C14 is tests/test_hazard_log.py ---------------------------------------------------------------------------------


def test_C14_the_hazard_log_names_withdrawal_and_stale_content():
    log = (ROOT / "docs" / "hazard-log.toml").read_text("utf-8")
    assert "[[hazard]]" in log
    assert re.search(r"stale|overdue|expired", log)


# --- C15 -------------------------------------------------------------------------------------------------------------


def test_C15_every_title_is_the_publishers_text(full_service):
    release = full_service.releases.newest
    folder = ROOT / "codesets" / "icd-10-cm" / release.version
    (file,) = [each for each in read_release(folder).files if each.content == "tabular-xml"]
    root = etree.fromstring(read_content(folder, file))
    number = full_service.releases.number(release)
    seen = 0
    for diag in root.iter("diag"):
        code, title = diag.findtext("name"), diag.findtext("desc")
        found = full_service.concepts.concept(code, number)
        assert found.concept.display == title, code
        seen += 1
    assert seen > 45_000


# --- C16 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("audience", "language"), [("clinician", "es"), ("clinician", "de"), ("patient", "de"), ("patient", "fr-CA")]
)
def test_C16_a_language_fallback_is_labelled_in_every_representation(full_service, audience, language):
    reader = Reader(audience, language)
    for name, text in representations(full_service, reader=reader).items():
        assert f"This text is not available in {language}; it is in English." in text, name


def test_C16_a_text_that_exists_is_served_without_a_label(full_service):
    view = full_service.knowledge.summary("myositis-ossificans-traumatica", Reader("patient", "es-MX"))
    assert (view.language, view.language_notice) == ("es", "")
    assert document(view, BASE)["entry"][0]["resource"]["language"] == "es"


# --- C17: gating -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", ["red-flags", "never-do", "coding", "definition", "references"])
def test_C17_configuration_that_gates_safety_text_is_refused_at_start(section):
    with pytest.raises(SettingError, match=f"{section}.*can never be gated"):
        Settings.from_environment({"ICDREF_GATED_SECTIONS": f"treatment,{section}"})


def test_C17_a_gated_section_is_withheld_counted_and_labelled(full):
    service = full.service(gated_sections=("treatment", "prognosis"), gated_notice="Sign in at example.org to read it.")
    knowledge = asked(service, "M61.051")
    (view,) = knowledge.summaries
    hidden = [each for each in view.summary.statements if each.section in ("treatment", "prognosis")]
    assert view.withheld == len(hidden) > 0
    made = document(view, BASE)
    composition = made["entry"][0]["resource"]
    assert [each["code"] for each in composition["meta"]["security"]] == ["REDACTED"]
    for section in (each for each in composition["section"] if each["title"] in ("Treatment", "Prognosis")):
        assert section["emptyReason"]["coding"][0]["code"] == "withheld"
        assert "Sign in at example.org" in section["text"]["div"]
        assert [each["valueUnsignedInt"] for each in section["extension"]] == [
            len(view.summary.in_section(section["code"]["coding"][0]["code"]))
        ]
    for text in (str(made), "\n".join(printed(knowledge))):
        assert not [each.id for each in hidden if each.text in text]
        assert "withheld" in text
    assert {"red-flags", "never-do", "coding"} <= {each.code for each in view.sections if each.statements}


def test_C17_a_gate_holds_through_the_other_side_of_a_conflict(full):
    service = full.service(gated_sections=("treatment", "cause"))
    gated = {
        each.id
        for summary in service.knowledge.summaries.all.values()
        for each in summary.statements
        if each.section in ("treatment", "cause")
    }
    for view in service.knowledge.served():
        assert not gated & set(view.opposed)


def test_C17_a_caller_with_full_access_sees_everything_and_no_cache_mixes_the_two(full):
    service = full.service(gated_sections=("treatment",))
    rendered = Rendered(service, BASE, "4.0", TODAY)
    views = [service.knowledge.summary("myositis-ossificans-traumatica", Reader(full=each)) for each in (True, False)]
    texts = [str(rendered.document(view, BASE)) for view in views]
    assert "REDACTED" not in texts[0]
    assert "REDACTED" in texts[1]
    assert texts[0] != texts[1]


def test_C17_no_choice_of_sections_or_grades_takes_safety_text_away(full_service):
    for sections in ((), *((code,) for code, _ in SECTIONS)):
        for grades in ((), ("A",), ("D",)):
            for view in full_service.knowledge.served(Reader(sections=sections, grades=grades)):
                for code in SAFETY_SECTIONS:
                    shown = next(each for each in view.sections if each.code == code)
                    assert shown.statements == view.summary.in_section(code)


# --- what several tests need -----------------------------------------------------------------------------------------


def _live(compiled):
    return LiveService(Settings(data=str(compiled.data), scrub_seconds=0), lambda: TODAY)


def _conflict(composition, statement):
    for section in composition["section"]:
        for each in section.get("extension", []):
            parts = each.get("extension", [])
            if {"url": "id", "valueString": statement} in parts:
                (conflict,) = [part for part in parts if part["url"] == "conflict"]
                found = {}
                for part in conflict["extension"]:
                    inner = {each["url"]: _value(each) for each in part.get("extension", [])}
                    found.setdefault(part["url"], []).append(part.get("valueString") or inner)
                return found
    raise AssertionError(statement)


def _code_of(service, summary):
    bound = service.knowledge.summaries.all[summary].codes
    return next((each.code for each in bound if each.role == "focus" and each.system == ICD10CM), "")


def _value(part):
    return next((value for key, value in part.items() if key.startswith("value")), None)
