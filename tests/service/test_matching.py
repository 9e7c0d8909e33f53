from __future__ import annotations

import doctest
from datetime import date

import pytest

from icdref.codes import ICD9CM, ICD10_WHO, SNOMED_CT
from icdref.results import Knowledge, MatchTrace
from icdref.service import matching
from icdref.service.matching import Asked, covers
from icdref.service.service import Service


def ask(service: Service, code: str = "", system: str = "", text: str = "", **question) -> Knowledge:
    return service.knowledge.for_codes([Asked(code, system, text)], **question)


def trace(service: Service, code: str = "", system: str = "", text: str = "", **question) -> MatchTrace:
    (found,) = ask(service, code, system, text, **question).traces
    return found


def steps(found: MatchTrace) -> list[tuple[str, str, bool]]:
    return [(step.method, step.tried, step.hit) for step in found.steps]


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(matching).failed == 0


# --- by code ---------------------------------------------------------------------------------------------------------


def test_a_bound_code_is_found_exactly(small_service):
    found = trace(small_service, "M61.0")
    assert (found.outcome, found.relation, found.summary, found.bound_code) == ("found", "exact", "bone-after-a-blow", "M61.0")
    assert (found.notice, steps(found)) == ("", [("exact", "M61.0", True)])


@pytest.mark.parametrize(("code", "levels"), [("M61.00", "1 level up"), ("M61.01", "1 level up"), ("M61.011", "2 levels up")])
def test_a_code_below_inherits_and_says_from_how_far(small_service, code, levels):
    found = trace(small_service, code)
    assert (found.outcome, found.relation, found.summary, found.bound_code) == (
        "found",
        "inherited",
        "bone-after-a-blow",
        "M61.0",
    )
    assert found.notice == (
        f"No summary is written for {code} alone; this one is about M61.0 'Myositis ossificans traumatica', {levels}."
    )
    assert found.steps[0].tried == code
    assert found.steps[-1].hit


def test_the_nearest_bound_ancestor_wins(small_service):
    assert trace(small_service, "M61").summary == "bone-in-muscle"
    assert trace(small_service, "M61.9").summary == "bone-in-muscle"
    assert trace(small_service, "M61.569").summary == "other-bone"
    assert trace(small_service, "D72.829").bound_code == "D72"


def test_inherited_text_is_never_presented_as_a_residual_codes_own(small_service):
    for code in ("M61.40", "M61.50", "M61.569", "D72.829"):
        found = trace(small_service, code)
        assert (found.outcome, found.relation) == ("found", "inherited")
        assert found.notice.startswith(f"No summary is written for {code} alone; this one is about {found.bound_code} ")
        assert any("residual class" in fact or "side is not specified" in fact or "site" in fact for fact in found.advice)


def test_what_is_bound_to_a_code_itself_is_not_inherited(small_service):
    older = trace(small_service, "M61.7", version="2024-10-01")
    assert (older.outcome, older.relation, older.summary) == ("no-summary", "none", "")
    assert steps(older) == [("exact", "M61.7", False), ("ancestor", "M61", False)]


def test_blocks_and_chapters_pass_nothing_down(small_service):
    found = trace(small_service, "A00.0")
    assert steps(found) == [("exact", "A00.0", False), ("ancestor", "A00", False)]
    assert trace(small_service, "M60-M63").outcome == "no-summary"


def test_a_code_without_summary_is_an_answer_with_its_card(small_service):
    knowledge = ask(small_service, "A00.0")
    (found,) = knowledge.traces
    assert (found.outcome, found.relation, found.summary) == ("no-summary", "none", "")
    assert found.notice == "There is no condition summary for A00.0; what the code set says about it follows."
    assert knowledge.card.lookup.concept.code == "A00.0"
    assert (knowledge.summaries, knowledge.issues) == ((), ())


def test_unknown_code_wrong_system_and_no_summary_are_three_answers(small_service):
    unknown, wrong, known = (
        ask(small_service, "A00.X"),
        ask(small_service, "1-8", "http://loinc.org"),
        ask(small_service, "A00.0"),
    )
    assert [each.traces[0].outcome for each in (unknown, wrong, known)] == ["unknown-code", "wrong-system", "no-summary"]
    assert [each.card is None for each in (unknown, wrong, known)] == [True, True, False]
    assert [[issue.detail for issue in each.issues] for each in (unknown, wrong, known)] == [
        ["unknown-code"],
        ["wrong-system"],
        [],
    ]


def test_any_spelling_of_a_code_is_found_and_kept_as_it_was_asked(small_service):
    found = trace(small_service, " m61011")
    assert (found.requested, found.normalised, found.summary) == (" m61011", "M61.011", "bone-after-a-blow")


def test_a_trace_names_release_and_edition(small_service):
    for code, system in (("M61.0", ""), ("A00.X", ""), ("1-8", "http://loinc.org"), ("728.12", ICD9CM)):
        found = trace(small_service, code, system, version="2026")
        assert (found.release, found.edition) == ("2026-04-01", small_service.edition.id)


def test_exact_looks_no_higher_and_hierarchy_at_no_names(small_service):
    assert trace(small_service, "M61.011", mode="exact").outcome == "no-summary"
    assert trace(small_service, "M61.0", mode="exact").outcome == "found"
    assert trace(small_service, "A00.0", text="BAB", mode="any").relation == "text"
    assert trace(small_service, "A00.0", text="BAB", mode="hierarchy").outcome == "no-summary"
    assert trace(small_service, "728.12", ICD9CM, mode="exact").outcome == "wrong-system"


# --- never across an Excludes1 ---------------------------------------------------------------------------------------


def test_a_summary_is_not_passed_to_a_code_that_an_excludes1_of_its_code_names(small_service):
    excluded, beside = trace(small_service, "D72.824"), trace(small_service, "D72.823")
    assert (excluded.outcome, excluded.summary) == ("no-summary", "")
    assert ("ancestor", "D72", False) in steps(excluded)
    assert (beside.outcome, beside.summary) == ("found", "white-cells")


@pytest.mark.parametrize(
    ("start", "note"),
    [
        (
            "<name>D72.8</name>\n          <desc>Other specified disorders of white blood cells</desc>\n          <excludes1>",
            "(D72.829)",
        ),
        ("<name>D72.82</name>\n            <desc>Elevated white blood cell count</desc>\n            <excludes1>", "(D72.829)"),
        ("<name>D72</name>\n        <desc>Other disorders of white blood cells</desc>\n        <excludes1>", "(D72.82-)"),
        ("<desc>Other disorders of blood and blood-forming organs (D70-D77)</desc>", "(D72.829)"),
        ("<desc>Other disorders of blood and blood-forming organs (D70-D77)</desc>", "(D72.8-)"),
        ("<desc>Other disorders of blood and blood-forming organs (D70-D77)</desc>", "(D72.81-D72.829)"),
    ],
    ids=["on the way", "on the parent", "below a hyphen", "on the block", "on the block below a hyphen", "in a range"],
)
def test_an_excludes1_on_the_way_or_above_stops_it_too(cut, tmp_path, start, note):
    line = f"<note>made up {note}</note>"
    wrapped = start + line if start.endswith("<excludes1>") else f"{start}<excludes1>{line}</excludes1>"
    edition = cut.edit("codesets/icd-10-cm/2026-04-01/tabular.xml", start, wrapped).compile(tmp_path / "data")
    service = Service(edition, settings_of(tmp_path), lambda: date(2026, 5, 1))
    assert trace(service, "D72.829").outcome == "no-summary"
    assert trace(service, "D72").outcome == "found"


def test_an_excludes2_stops_nothing(cut, tmp_path):
    start = "<desc>Other disorders of white blood cells</desc>"
    made = f"{start}<excludes2><note>made up (D72.829)</note></excludes2>"
    edition = cut.edit("codesets/icd-10-cm/2026-04-01/tabular.xml", start, made).compile(tmp_path / "data")
    assert trace(Service(edition, settings_of(tmp_path), lambda: date(2026, 5, 1)), "D72.829").outcome == "found"


def test_a_map_does_not_lead_across_an_excludes1_either(small_service):
    found = trace(small_service, "288.8", ICD9CM)
    assert (found.outcome, found.normalised, found.summary) == ("no-summary", "D72.824", "")


@pytest.mark.parametrize(
    ("cited", "code", "covered"),
    [
        ("M65.2-", "M65.221", True),
        ("M65.2-", "M65.2", True),
        ("M65.2-", "M65.3", False),
        ("M75.3", "M75.31", True),
        ("M75.3", "M75.4", False),
        ("M33.-", "M33.90", True),
        ("M33", "M33.90", True),
        ("E10-E14", "E11.9", True),
        ("E10-E14", "E14.9", True),
        ("E10-E14", "E15", False),
        ("D72.81-D72.829", "D72.829", True),
        ("B20", "B20", True),
        ("B20", "B20.1", True),
        ("C43", "C4A.0", False),
    ],
)
def test_a_reference_covers_the_codes_below_it(cited, code, covered):
    assert covers(cited, code) is covered


# --- deleted codes ---------------------------------------------------------------------------------------------------


def test_a_deleted_code_is_followed_to_its_one_successor(small_service):
    found = trace(small_service, "M61.6")
    assert (found.outcome, found.relation, found.summary) == ("found", "mapped", "bone-after-a-blow")
    assert found.normalised == "M61.00"
    assert steps(found)[0] == ("successor", "M61.00", True)
    assert "'M61.6' is not a code in ICD-10-CM 2026-04-01" in found.notice
    assert "its one successor M61.00 was followed" in found.notice


def test_a_chain_of_successors_is_followed_to_its_end(small_service):
    found = trace(small_service, "M61.7")
    assert (found.normalised, found.summary) == ("M61.50", "other-bone")
    assert [step.tried for step in found.steps if step.method == "successor"] == ["M61.50"]


def test_of_several_successors_none_is_picked(small_service):
    knowledge = ask(small_service, "M62")
    (found,) = knowledge.traces
    assert (found.outcome, found.summary, knowledge.summaries) == ("unknown-code", "", ())
    assert [step for step in steps(found) if step[0] == "successor"] == [
        ("successor", "M61.561", False),
        ("successor", "M61.562", False),
    ]
    assert "the conversion table names M61.561, M61.562" in found.notice


def test_a_deleted_code_asked_for_its_own_time_needs_no_successor(small_service):
    found = trace(small_service, "M61.6", day=date(2025, 1, 1))
    assert (found.outcome, found.normalised, found.release) == ("no-summary", "M61.6", "2024-10-01")


# --- other code systems ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "system", "summary"),
    [
        ("728.12", ICD9CM, "bone-after-a-blow"),
        ("72812", ICD9CM, "bone-after-a-blow"),
        (" 728.12 ", "urn:oid:2.16.840.1.113883.6.103", "bone-after-a-blow"),
        ("728.13", ICD9CM, "other-bone"),
        ("M61.0", ICD10_WHO, "bone-after-a-blow"),
        ("m610", ICD10_WHO, "bone-after-a-blow"),
        ("111000", SNOMED_CT, "bone-after-a-blow"),
    ],
)
def test_a_code_that_one_summary_names_leads_to_it(small_service, code, system, summary):
    found = trace(small_service, code, system)
    assert (found.outcome, found.relation, found.summary) == ("found", "mapped", summary)
    assert "is named by this summary as an equivalent, exact or approximate" in found.notice
    assert found.steps[-1].tried_system in (ICD9CM, ICD10_WHO, SNOMED_CT)


def test_of_several_summaries_that_name_a_code_none_is_picked(small_service):
    found = trace(small_service, "222000", SNOMED_CT)
    assert (found.outcome, found.summary) == ("no-summary", "")
    assert found.notice.endswith("none of which is picked: bone-in-muscle, other-bone")


def test_a_map_with_one_target_is_followed_with_its_quality(small_service):
    found = trace(small_service, "728.19", ICD9CM)
    assert (found.outcome, found.relation, found.summary, found.normalised) == ("found", "mapped", "other-bone", "M61.59")
    assert found.notice.startswith("728.19 was mapped to M61.59 by the general equivalence mappings of 2013 (approximate).")
    assert "(exact)" in trace(small_service, "001.0", ICD9CM).notice


def test_of_several_targets_none_is_picked(small_service):
    found = trace(small_service, "288.69", ICD9CM)
    assert (found.outcome, found.summary) == ("no-summary", "")
    assert "none of which is picked: D72.823, D72.829" in found.notice
    assert [step for step in steps(found) if step[0] == "map" and step[2]] == []


def test_a_mapped_code_that_was_deleted_is_followed_to_its_one_successor(small_service):
    found = trace(small_service, "728.7", ICD9CM)
    assert (found.outcome, found.relation, found.summary) == ("found", "mapped", "bone-after-a-blow")
    assert "728.7 was mapped to M61.6" in found.notice
    assert "its one successor M61.00 was followed" in found.notice


@pytest.mark.parametrize(
    ("code", "system", "outcome"),
    [
        ("305.1", ICD9CM, "unknown-code"),
        ("999.99", ICD9CM, "unknown-code"),
        ("M61.0", ICD9CM, "unknown-code"),
        ("999000", SNOMED_CT, "unknown-code"),
        ("M99", ICD10_WHO, "unknown-code"),
        ("1-8", "http://loinc.org", "wrong-system"),
        ("M61.0", "http://example.org/icd-10-cm", "wrong-system"),
        ("728.12", "", "unknown-code"),
    ],
)
def test_a_code_that_leads_nowhere_says_which_kind_of_nowhere(small_service, code, system, outcome):
    knowledge = ask(small_service, code, system)
    (found,) = knowledge.traces
    assert (found.outcome, found.relation, found.summary, knowledge.card) == (outcome, "none", "", None)
    assert found.notice


def test_e_codes_have_their_dot_after_four_characters(small_service):
    found = trace(small_service, "E8120", ICD9CM)
    assert found.normalised == "V01.00XA"
    assert [step.tried for step in found.steps if step.tried_system == ICD9CM] == ["E8120", "E812.0"]


def test_only_an_icd_code_is_tried_with_a_dot(small_service):
    assert [step.tried for step in trace(small_service, "12345678", SNOMED_CT).steps] == ["12345678"]


# --- by name ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["BAB", "bab", "Blöwman's disease", "BLOWMANS  DISEASE", "blowman s disease", "Bone after a blow"]
)
def test_a_name_leads_to_its_summary_accents_case_and_marks_apart(small_service, text):
    if text == "BLOWMANS  DISEASE":
        assert trace(small_service, text=text).outcome == "no-summary"
        return
    found = trace(small_service, text=text)
    assert (found.outcome, found.relation, found.summary, found.bound_code) == ("found", "text", "bone-after-a-blow", "M61.0")
    assert found.notice == f"Found by the name '{text}', not by a code"


@pytest.mark.parametrize("text", ["bone lump", "bone", "after a blow", "", "   ", "x" * 5000])
def test_related_names_and_parts_of_names_lead_nowhere(small_service, text):
    assert trace(small_service, text=text).outcome == "no-summary"


def test_a_code_goes_before_a_name(small_service):
    assert trace(small_service, "M61.569", text="BAB").summary == "other-bone"
    assert trace(small_service, "A00.0", text="BAB").summary == "bone-after-a-blow"
    assert trace(small_service, "A00.X", text="BAB").summary == "bone-after-a-blow"


# --- what is no longer served ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", [{"code": "M65.20"}, {"code": "M65.2"}, {"text": "Old name"}])
def test_a_retired_summary_is_found_by_nobody(small_service, question):
    knowledge = ask(small_service, **question)
    (found,) = knowledge.traces
    assert (found.outcome, found.summary, knowledge.summaries) == ("no-summary", "", ())


def test_an_expired_summary_is_found_until_its_last_day(small):
    for today, outcome in ((date(2026, 10, 31), "found"), (date(2026, 11, 1), "no-summary")):
        service = small.service(today)
        assert trace(service, "M72.0").outcome == outcome
        assert trace(service, text="Passing fashion").outcome == outcome


def test_where_only_approved_text_is_served_drafts_are_found_by_nobody(small):
    service = small.service(lowest_status="approved")
    assert trace(service, "D72.829").summary == "white-cells"
    for question in ({"code": "M61.0"}, {"code": "111000", "system": SNOMED_CT}, {"text": "BAB"}):
        found = ask(service, **question)
        assert (found.traces[0].summary, found.summaries) == ("", ())


# --- the vendored summaries ------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "system", "outcome", "relation", "bound"),
    [
        ("M61.0", "", "found", "exact", "M61.0"),
        ("M61.051", "", "found", "inherited", "M61.0"),
        ("M61.569", "", "found", "inherited", "M61.5"),
        ("M61", "", "found", "exact", "M61"),
        ("M61.9", "", "found", "exact", "M61.9"),
        ("728.11", ICD9CM, "found", "mapped", "M61.1"),
        ("728.12", ICD9CM, "found", "mapped", "M61.0"),
        ("728.13", ICD9CM, "found", "mapped", "M61.5"),
        ("M61.0", ICD10_WHO, "found", "mapped", "M61.0"),
        ("70917000", SNOMED_CT, "found", "mapped", "M61.0"),
        ("A00.0", "", "no-summary", "none", ""),
        ("J4B", "", "no-summary", "none", ""),
        ("M61.9X", "", "unknown-code", "none", ""),
        ("386.2", ICD9CM, "no-summary", "none", ""),
        ("1-8", "http://loinc.org", "wrong-system", "none", ""),
    ],
)
def test_questions_to_the_vendored_summaries(full_service, code, system, outcome, relation, bound):
    found = trace(full_service, code, system)
    assert (found.outcome, found.relation, found.bound_code) == (outcome, relation, bound)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "outcome", "bound"),
    [("FOP", "found", "M61.1"), ("Münchmeyer disease", "found", "M61.1"), ("lump", "no-summary", "")],
)
def test_names_of_the_vendored_summaries(full_service, text, outcome, bound):
    found = trace(full_service, text=text)
    assert (found.outcome, found.bound_code) == (outcome, bound)


def settings_of(data):
    from icdref.config import Settings

    return Settings(data=str(data))
