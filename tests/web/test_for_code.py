"""Composition/$for-code over HTTP: the one-call question, its document and the trace of every code."""

from __future__ import annotations

from typing import Any

import pytest

from icdref.codes import ICD9CM, ICD10CM, SNOMED_CT
from icdref.fhir.bundle import full_url
from icdref.fhir.operations import FOR_CODE
from tests.contract.outcome import assert_outcome
from tests.web.client import BASE_URL, FHIR, FORM, Client, Reply, get_and_post

QUESTION = "Composition/$for-code"
BASE = f"{BASE_URL}{FHIR}"
CANONICAL = "https://icdref.example.org/fhir/Composition"
MOT = "myositis-ossificans-traumatica"
FOP = "fibrodysplasia-ossificans-progressiva"
OTHER = "other-ossification-of-muscle"


def text_of(reply: Reply) -> dict[str, Any]:
    """Return the Composition that a document begins with."""
    found: dict[str, Any] = reply.json["entry"][0]["resource"]
    assert found["resourceType"] == "Composition"
    return found


def section_codes(reply: Reply) -> list[str]:
    """Return our own code of every section, '' for those of a patient text."""
    return [section["code"]["coding"][0]["code"] if "code" in section else "" for section in text_of(reply)["section"]]


def grades(section: dict[str, Any]) -> set[str]:
    """Return the grades of the statements of a section."""
    parts = (part for each in section.get("extension", []) for part in each.get("extension", []))
    return {part["valueCode"] for part in parts if part["url"] == "grade"}


def tried(trace: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (method, what was tried, result) of every step."""
    return [
        (step["method"], step["tried"]["code"] if isinstance(step["tried"], dict) else step["tried"], step["result"])
        for step in trace["step"]
    ]


# --- one code, one document --------------------------------------------------------------------------------------------


def test_an_inherited_summary_is_a_document_with_the_trace_of_every_level(client: Client) -> None:
    reply = get_and_post(client, QUESTION, code="m61569")
    assert reply.json["type"] == "document"
    assert text_of(reply)["id"] == OTHER
    (trace,) = reply.traces()
    assert trace["requested"] == {"system": ICD10CM, "code": "m61569"}
    assert trace["normalized"] == {
        "system": ICD10CM,
        "version": "2026-04-01",
        "code": "M61.569",
        "display": "Other ossification of muscle, unspecified lower leg",
    }
    assert (trace["release"], trace["outcome"], trace["relation"]) == ("2026-04-01", "found", "inherited")
    assert trace["edition"] == f"https://icdref.example.org/editions/{client.service.edition.id}"
    assert tried(trace) == [("exact", "M61.569", "miss"), ("ancestor", "M61.56", "miss"), ("ancestor", "M61.5", "hit")]
    version = client.service.knowledge.summaries.all[OTHER].version
    assert trace["summary"] == f"{CANONICAL}/{OTHER}|{version}"
    assert trace["bound-code"]["code"] == "M61.5"
    assert "M61.5 'Other ossification of muscle', 2 levels up" in trace["notice"]
    assert any(text == "M61.569 is billable." for text in trace["advice"])
    assert [issue["detail"] for issue in trace["issue"]] == ["code-normalised"]


def test_a_summary_bound_to_the_code_itself_is_exact(client: Client) -> None:
    (trace,) = get_and_post(client, QUESTION, code="M61.0").traces()
    assert (trace["outcome"], trace["relation"], tried(trace)) == ("found", "exact", [("exact", "M61.0", "hit")])
    assert "notice" not in trace


def test_a_code_of_another_system_is_mapped_and_never_shown_as_one_of_ours(client: Client) -> None:
    reply = get_and_post(client, QUESTION, code="728.12", system=ICD9CM)
    (trace,) = reply.traces()
    assert (text_of(reply)["id"], trace["relation"]) == (MOT, "mapped")
    assert trace["requested"] == {"system": ICD9CM, "code": "728.12"}
    assert trace.get("normalized", {}).get("code") != "728.12"
    assert {step["method"] for step in trace["step"]} == {"map"}
    assert "728.12" in trace["notice"]


def test_a_name_finds_a_summary_and_the_answer_says_that_no_code_did(client: Client) -> None:
    reply = client.operation(QUESTION, method="POST", codeableConcept={"text": "Fibrodysplasia ossificans progressiva"})
    (trace,) = reply.traces()
    assert (text_of(reply)["id"], trace["relation"]) == (FOP, "text")
    assert tried(trace) == [("synonym", "Fibrodysplasia ossificans progressiva", "hit")]
    assert isinstance(trace["step"][0]["tried"], str)
    assert "not by a code" in trace["notice"]


def test_a_known_code_without_a_summary_gets_the_card_of_the_code(client: Client) -> None:
    reply = get_and_post(client, QUESTION, code="G82.20")
    card = text_of(reply)
    assert (card["id"], card["status"], card["type"]["coding"][0]["code"]) == ("code-G82.20", "final", "code-card")
    assert section_codes(reply)[0] == "coding"
    assert not {"treatment", "diagnosis", "red-flags"} & set(section_codes(reply))
    (trace,) = reply.traces()
    assert (trace["outcome"], trace["relation"]) == ("no-summary", "none")
    assert tried(trace) == [("exact", "G82.20", "miss"), ("ancestor", "G82.2", "miss"), ("ancestor", "G82", "miss")]
    assert "summary" not in trace
    assert trace["notice"] in card["text"]["div"]


def test_the_card_is_the_resource_that_its_full_url_names(client: Client) -> None:
    full = get_and_post(client, QUESTION, code="G82.20").json["entry"][0]["fullUrl"]
    assert full == f"{BASE}/Composition/code-G82.20"
    assert client.ask(full.removeprefix(BASE_URL)).json["id"] == "code-G82.20"
    document = client.operation("Composition/$document", at="code-G82.20")
    assert text_of(document)["id"] == "code-G82.20"


@pytest.mark.parametrize(("match", "summary"), [("exact", "code-M61.051"), ("hierarchy", MOT), ("any", MOT)])
def test_match_says_how_far_the_search_goes(client: Client, match: str, summary: str) -> None:
    reply = get_and_post(client, QUESTION, code="M61.051", match=match)
    assert text_of(reply)["id"] == summary


def test_names_are_tried_only_when_anything_goes(client: Client) -> None:
    asked = {"text": "Fibrodysplasia ossificans progressiva"}
    for match, status in (("any", 200), ("hierarchy", 404), ("exact", 404)):
        client.operation(QUESTION, method="POST", codeableConcept=asked, match=match, status=status)


def test_the_date_decides_about_the_code_and_not_about_the_text(client: Client) -> None:
    (today,) = get_and_post(client, QUESTION, code="D69.1").traces()
    (before,) = get_and_post(client, QUESTION, code="D69.1", date="2026-09-30").traces()
    (pinned,) = get_and_post(client, QUESTION, code="D69.1", version="2026").traces()
    assert [issue["detail"] for issue in today["issue"]] == ["code-retired"]
    assert before["issue"] == pinned["issue"] == []


# --- errors ------------------------------------------------------------------------------------------------------------


def test_an_unknown_code_is_a_404_with_the_trace_in_it(client: Client) -> None:
    for method in ("GET", "POST"):
        reply = client.for_code("M61.9X", method=method, status=404)
        assert_outcome(reply, 404, "unknown-code", "'M61.9X'", "did you mean M61.9")
        (trace,) = reply.traces()
        assert (trace["outcome"], trace["relation"]) == ("unknown-code", "none")
        assert trace["requested"]["code"] == "M61.9X"
        assert reply.headers["icdref-release"] == trace["release"]


def test_a_wrong_system_is_a_404_with_the_trace_in_it(client: Client) -> None:
    reply = client.for_code("1234-5", system="http://loinc.org", status=404)
    assert_outcome(reply, 404, "wrong-system", "http://loinc.org")
    (trace,) = reply.traces()
    assert (trace["outcome"], trace["requested"]) == ("wrong-system", {"system": "http://loinc.org", "code": "1234-5"})
    assert "normalized" not in trace


@pytest.mark.parametrize(
    ("code", "system", "detail"), [("M61.9X", ICD10CM, "unknown-code"), ("1-8", "http://loinc.org", "wrong-system")]
)
def test_with_max_over_one_the_problem_is_an_entry_of_a_200(client: Client, code: str, system: str, detail: str) -> None:
    reply = get_and_post(client, QUESTION, code=code, system=system, max=5)
    assert (reply.json["type"], reply.json["total"]) == ("searchset", 0)
    (outcome,) = reply.resources(mode="outcome")
    assert outcome["issue"][0]["details"]["coding"][-1]["code"] == detail
    assert reply.traces()[0]["outcome"] == detail


# --- several codes -----------------------------------------------------------------------------------------------------


def test_a_problem_list_gets_a_searchset_with_a_trace_for_every_code(client: Client) -> None:
    reply = get_and_post(client, QUESTION, code=["m61051", "G82.20", "M61.9X"], max=5)
    bundle = reply.json
    assert bundle["type"] == "searchset"
    assert reply.ids("match")[0] == MOT
    assert bundle["total"] == len(reply.ids("match"))
    assert reply.ids("include") == ["code-G82.20"]
    (outcome,) = reply.resources(mode="outcome")
    assert {issue["details"]["coding"][-1]["code"] for issue in outcome["issue"]} >= {"unknown-code", "no-summary"}
    traces = reply.traces()
    assert [trace["requested"]["code"] for trace in traces] == ["m61051", "G82.20", "M61.9X"]
    assert [trace["outcome"] for trace in traces] == ["found", "no-summary", "unknown-code"]
    for entry in bundle["entry"]:
        if entry["search"]["mode"] != "outcome":
            assert entry["fullUrl"] == full_url(BASE, entry["resource"])
            assert client.ask(entry["fullUrl"].removeprefix(BASE_URL)).json["id"] == entry["resource"]["id"]


def test_the_self_link_repeats_the_question(client: Client) -> None:
    path = f"{FHIR}/{QUESTION}?code=M61.051&code=G82.20&max=5&match=hierarchy"
    reply = client.ask(path)
    assert reply.json["link"] == [{"relation": "self", "url": BASE_URL + path}]
    assert client.ask(reply.json["link"][0]["url"].removeprefix(BASE_URL)).json == reply.json
    odd = client.ask(f"{FHIR}/{QUESTION}?code=%E2%80%8B|<a>&max=2")
    assert "<" not in odd.json["link"][0]["url"]


def test_max_is_the_most_summaries_that_come(client: Client) -> None:
    codes = ["M61.051", "M61.1", "M61.569"]
    assert len(client.for_code(codes, max=2).ids()) == 2
    assert set(client.for_code(codes, max=9).ids()) >= {MOT, FOP, OTHER}


def test_without_max_the_first_summary_is_the_document_and_every_code_has_its_trace(client: Client) -> None:
    reply = get_and_post(client, QUESTION, code=["M61.9X", "G82.20", "M61.1"])
    assert text_of(reply)["id"] == FOP
    assert [trace["outcome"] for trace in reply.traces()] == ["unknown-code", "no-summary", "found"]


def test_the_card_of_several_codes_carries_the_notice_of_its_own_code(client: Client) -> None:
    reply = client.for_code(["M61.9X", "G82.20"])
    assert text_of(reply)["id"] == "code-G82.20"
    assert "There is no condition summary for G82.20" in text_of(reply)["text"]["div"]
    assert "M61.9X" not in text_of(reply)["text"]["div"]


def test_codings_of_mixed_systems_are_each_traced(client: Client) -> None:
    codings = [{"system": ICD9CM, "code": "728.12"}, {"system": ICD10CM, "code": "M61.1"}, {"code": "M61.569"}]
    reply = client.operation(QUESTION, method="POST", coding=codings, max=9)
    assert [trace["relation"] for trace in reply.traces()] == ["mapped", "exact", "inherited"]
    assert set(reply.ids()) >= {MOT, FOP, OTHER}


def test_a_form_can_ask_and_can_carry_patient_context(client: Client) -> None:
    reply = client.ask(f"{FHIR}/{QUESTION}", "POST", "code=M61.1&patientSex=female", content_type=FORM)
    assert text_of(reply)["id"] == FOP
    assert reply.headers["cache-control"] == "no-store"


def test_patient_context_changes_no_text(client: Client) -> None:
    context = {"patientAge": {"value": 7, "unit": "a"}, "patientSex": "female"}
    plain = client.operation(QUESTION, method="POST", code="M61.1")
    told = client.operation(QUESTION, method="POST", code="M61.1", **context)
    assert told.json["entry"] == plain.json["entry"]


# --- a CodeableConcept -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", [ICD10CM, "urn:oid:2.16.840.1.113883.6.90"])
def test_the_codings_of_ours_in_a_concept_come_first(client: Client, system: str) -> None:
    concept = {"coding": [{"system": ICD9CM, "code": "728.12"}, {"system": system, "code": "M61.1"}], "text": "something"}
    reply = client.operation(QUESTION, method="POST", codeableConcept=concept)
    (trace,) = reply.traces()
    assert (text_of(reply)["id"], trace["relation"]) == (FOP, "exact")


def test_codings_of_a_concept_are_tried_in_order_until_one_leads_on(client: Client) -> None:
    codings = [
        {"system": ICD10CM, "code": "M61.9X"},
        {"system": "http://loinc.org", "code": "1-8"},
        {"system": ICD9CM, "code": "728.12"},
    ]
    reply = client.operation(QUESTION, method="POST", codeableConcept={"coding": codings, "text": "something"})
    (trace,) = reply.traces()
    assert (text_of(reply)["id"], trace["relation"]) == (MOT, "mapped")
    assert trace["requested"] == {"system": ICD9CM, "code": "728.12"}
    assert tried(trace)[0] == ("exact", "M61.9X", "miss")


def test_the_text_of_a_concept_is_tried_last(client: Client) -> None:
    concept = {"coding": [{"system": SNOMED_CT, "code": "99999999"}], "text": "Fibrodysplasia ossificans progressiva"}
    reply = client.operation(QUESTION, method="POST", codeableConcept=concept, max=3)
    (trace,) = reply.traces()
    assert trace["outcome"] in ("found", "unknown-code")
    known = {"coding": [{"system": ICD10CM, "code": "G82.20"}], "text": "Fibrodysplasia ossificans progressiva"}
    reply = client.operation(QUESTION, method="POST", codeableConcept=known)
    assert (reply.traces()[0]["relation"], text_of(reply)["id"]) == ("text", FOP)


def test_a_concept_without_a_summary_still_gets_the_card_of_the_known_code(client: Client) -> None:
    concept = {"coding": [{"system": "http://loinc.org", "code": "1-8"}, {"system": ICD10CM, "code": "G82.20"}]}
    reply = client.operation(QUESTION, method="POST", codeableConcept=concept)
    assert text_of(reply)["id"] == "code-G82.20"


# --- parts of the text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("treatment", {"treatment"}),
        ("Q000628", {"treatment"}),
        ("Q000188", {"treatment"}),
        ("D011379", {"prognosis"}),
        (["prognosis", "Q000628", "treatment"], {"prognosis", "treatment"}),
        ("red-flags", set()),
    ],
)
def test_sections_by_code_or_mesh_id_always_bring_the_safety_sections(client: Client, asked: Any, wanted: set[str]) -> None:
    reply = get_and_post(client, QUESTION, code="M61.051", section=asked)
    assert set(section_codes(reply)) == wanted | {"red-flags", "never-do", "coding", "references"}
    assert text_of(reply)["meta"]["tag"][0]["code"] == "SUBSETTED"


def test_safety_comes_first(client: Client) -> None:
    assert section_codes(client.for_code("M61.051"))[:2] == ["red-flags", "never-do"]


def test_grades_filter_statements_and_never_the_safety_sections(client: Client) -> None:
    whole, some = client.for_code("M61.1"), get_and_post(client, QUESTION, code="M61.1", grade=["A", "B"])
    by_code = {each["code"]["coding"][0]["code"]: each for each in text_of(some)["section"] if "code" in each}
    safety = ("red-flags", "never-do", "coding")
    assert all(grades(section) <= {"A", "B"} for code, section in by_code.items() if code not in safety)
    for section in text_of(whole)["section"]:
        code = section["code"]["coding"][0]["code"]
        if code in safety:
            assert by_code[code]["extension"] == section["extension"]
    assert {"C", "D"} & {grade for each in text_of(whole)["section"] for grade in grades(each)}


def test_patients_get_the_plain_text_with_never_do_before_everything(client: Client) -> None:
    reply = get_and_post(client, QUESTION, code="M61.1", audience="patient")
    text = text_of(reply)
    assert text["category"][0]["coding"][0]["code"] == "patient"
    assert section_codes(reply)[:2] == ["never-do", "red-flags"]
    assert "" in section_codes(reply)
    assert "treatment" not in section_codes(reply)


@pytest.mark.parametrize("language", ["es", "ES", "es-MX", "es-mx", "es-419"])
def test_spanish_is_served_where_there_is_a_spanish_text_regions_included(client: Client, language: str) -> None:
    reply = get_and_post(client, QUESTION, code="M61.1", audience="patient", displayLanguage=language)
    text = text_of(reply)
    assert (text["language"], text["title"]) == ("es", "Fibrodisplasia osificante progresiva")
    assert "not available" not in text["text"]["div"]
    english = [section for section in text["section"] if "code" in section and 'lang="en"' in section["text"]["div"]]
    assert english, "safety statements in English stand in the Spanish text and say so"


@pytest.mark.parametrize(
    ("code", "language"), [("M61.1", "de"), ("M61.569", "es"), ("M61.569", "es-MX"), ("M61.1", "zh-Hant-TW")]
)
def test_a_language_without_a_text_is_answered_in_english_and_labelled(client: Client, code: str, language: str) -> None:
    text = text_of(get_and_post(client, QUESTION, code=code, audience="patient", displayLanguage=language))
    assert text["language"] == "en"
    assert f"This text is not available in {language}; it is in English." in text["text"]["div"]


@pytest.mark.parametrize("language", ["en", "EN", "en-US", "en-gb"])
def test_english_needs_no_label(client: Client, language: str) -> None:
    assert "not available" not in text_of(client.for_code("M61.1", displayLanguage=language))["text"]["div"]


@pytest.mark.parametrize(
    ("header", "language"),
    [("es", "es"), ("es-MX, en;q=0.5", "es"), ("en;q=0.4, es;q=0.9", "es"), ("es;q=0, en", "en"), ("*", "en"), (";;,", "en")],
)
def test_the_language_may_come_from_the_header_by_its_weights(client: Client, header: str, language: str) -> None:
    reply = client.ask(f"{FHIR}/{QUESTION}?code=M61.1&audience=patient", headers={"Accept-Language": header})
    assert text_of(reply)["language"] == language
    assert "Accept-Language" in reply.headers["vary"]


def test_the_parameter_wins_over_the_header(client: Client) -> None:
    url = f"{FHIR}/{QUESTION}?code=M61.1&audience=patient&displayLanguage=en"
    assert text_of(client.ask(url, headers={"Accept-Language": "es"}))["language"] == "en"


SAMPLES: dict[str, Any] = {
    "code": "M61.1",
    "system": ICD10CM,
    "version": "2026",
    "date": "2026-05-05",
    "match": "any",
    "section": "treatment",
    "audience": "clinician",
    "displayLanguage": "en",
    "grade": "B",
    "max": 1,
}


def test_every_parameter_of_the_table_is_accepted_by_both_methods(client: Client) -> None:
    for parameter in FOR_CODE.inputs():
        if not parameter.must_be_posted:
            reply = get_and_post(client, QUESTION, **{"code": "M61.1", parameter.name: SAMPLES[parameter.name]})
            assert text_of(reply)["id"] == FOP
