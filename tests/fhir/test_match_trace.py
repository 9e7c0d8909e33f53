import copy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.fhir.document import document
from icdref.fhir.for_code import knowledge_searchset
from icdref.fhir.match_trace import match_trace, with_traces
from icdref.fhir.outcome import operation_outcome
from icdref.results import Step
from tests.fhir.checks import assert_valid, paths
from tests.fhir.factories import (
    BASE_URL,
    EDITION,
    ID,
    NO_SUMMARY_TRACE,
    UNKNOWN_TRACE,
    make_card,
    make_knowledge,
    make_trace,
    make_view,
    make_withheld_view,
)

SELF = f"{BASE_URL}/Composition/$for-code?code=m61051&max=5"


def parts(trace):
    found = {}
    for part in match_trace(trace)["extension"]:
        found.setdefault(part["url"], []).append(next(value for key, value in part.items() if key != "url"))
    return found


def test_a_trace_tells_the_whole_way():
    found = parts(make_trace(context=("section treatment asked first",), also=("ossified-intramuscular-hematoma",)))
    assert found["requested"][0]["code"] == "m61051"
    assert found["normalized"][0] == {
        "system": "http://hl7.org/fhir/sid/icd-10-cm",
        "version": "2026-04-01",
        "code": "M61.051",
        "display": "Myositis ossificans traumatica, right thigh",
    }
    assert found["release"] == ["2026-04-01"]
    assert found["edition"] == [f"https://icdref.example.org/editions/{EDITION}"]
    steps = [(step[0]["valueCode"], step[1]["valueCoding"]["code"], step[2]["valueCode"]) for step in found["step"]]
    assert steps == [("exact", "M61.051", "miss"), ("ancestor", "M61.05", "miss"), ("ancestor", "M61.0", "hit")]
    assert (found["outcome"], found["relation"]) == (["found"], ["inherited"])
    assert found["summary"] == [f"https://icdref.example.org/fhir/Composition/{ID}|0.2.0"]
    assert found["bound-code"][0]["code"] == "M61.0"
    assert found["notice"] == ["From M61.0, two levels up."]
    assert found["context"] == ["section treatment asked first"]
    assert found["also"] == ["https://icdref.example.org/fhir/Composition/ossified-intramuscular-hematoma"]
    assert found["advice"] == ["M61.051 is billable."]


def test_a_miss_has_no_summary_and_tells_its_issue():
    found = parts(UNKNOWN_TRACE)
    assert not {"normalized", "summary", "bound-code", "notice"} & found.keys()
    assert found["outcome"] == ["unknown-code"]
    assert [part["url"] for part in found["issue"][0]] == ["severity", "detail", "text"]


def test_a_text_that_was_tried_is_a_string():
    found = parts(make_trace(steps=(Step("title", "", "bone in a muscle", False),)))
    assert found["step"][0][1] == {"url": "tried", "valueString": "bone in a muscle"}


@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_traces_are_spliced_without_touching_the_document(version):
    bare = document(make_view(), BASE_URL, version)
    before = copy.deepcopy(bare)
    traced = with_traces(bare, [make_trace(), UNKNOWN_TRACE])
    assert bare == before
    assert list(traced) == list(bare)
    assert all(traced[key] is bare[key] for key in bare if key != "meta")
    assert len(traced["meta"]["extension"]) == 2
    assert traced["meta"]["source"] == bare["meta"]["source"]
    assert_valid(traced, version)


def test_without_traces_nothing_changes():
    bare = document(make_view(), BASE_URL)
    assert with_traces(bare, []) is bare


def test_an_outcome_can_carry_the_trace():
    made = with_traces(operation_outcome(UNKNOWN_TRACE.issues), [UNKNOWN_TRACE])
    assert next(iter(made)) == "resourceType"
    assert_valid(made)


@given(st.text(), st.text())
def test_whatever_a_client_sent_makes_a_valid_trace(system, code):
    trace = make_trace(requested_system=system, requested=code, steps=(Step("exact", system, code, False),))
    assert_valid(with_traces(operation_outcome([]), [trace]))


@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_several_codes_come_as_a_searchset(version):
    made = knowledge_searchset(make_knowledge(), BASE_URL, SELF, version)
    assert_valid(made, version)
    assert [each["search"]["mode"] for each in made["entry"]] == ["match", "include", "outcome"]
    assert made["total"] == 1
    assert made["link"] == [{"relation": "self", "url": SELF}]
    assert made["entry"][0]["fullUrl"] == f"{BASE_URL}/Composition/{ID}"
    assert made["entry"][1]["fullUrl"] == f"{BASE_URL}/Composition/code-G82.20"
    assert NO_SUMMARY_TRACE.notice in made["entry"][1]["resource"]["text"]["div"]
    assert "fullUrl" not in made["entry"][2]
    assert len(made["meta"]["extension"]) == 3


def test_every_code_without_a_summary_is_accounted_for():
    issues = knowledge_searchset(make_knowledge(), BASE_URL, SELF)["entry"][2]["resource"]["issue"]
    told = [(each["severity"], each["details"]["coding"][-1]["code"], each["details"]["text"]) for each in issues]
    assert told == [
        ("information", "no-summary", "There is no condition summary for G82.20."),
        ("error", "unknown-code", "Unknown code 'M61.999'"),
    ]


def test_the_card_of_a_code_that_a_summary_covers_is_not_included():
    made = knowledge_searchset(make_knowledge(traces=(make_trace(),), card=make_card(), cards=()), BASE_URL, SELF)
    assert [each["search"]["mode"] for each in made["entry"]] == ["match"]


def test_a_searchset_has_the_shape_of_the_worked_example():
    """But for what only that example has: a score, and the tag of a part asked for with _elements."""
    shape = set((Path(__file__).parent / "shapes" / "for-code-searchset.r4.txt").read_text(encoding="utf-8").split())
    made = set(paths(knowledge_searchset(make_knowledge(summaries=(make_withheld_view(),)), BASE_URL, SELF)))
    assert {path for path in shape - made if ".meta.tag[]" not in path} == {"entry[].search.score"}


def test_a_searchset_without_any_answer_is_still_one():
    nothing = make_knowledge(traces=(UNKNOWN_TRACE,), summaries=(), cards=(), card=None)
    made = knowledge_searchset(nothing, BASE_URL, SELF)
    assert made["total"] == 0
    assert [each["search"]["mode"] for each in made["entry"]] == ["outcome"]
    assert_valid(made)
