from __future__ import annotations

import doctest
from datetime import date
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.cds.cards import Card, Link, card_uuid, shortened, to_cards, topic_tag
from icdref.cds.feedback import read_feedback
from icdref.cds.hooks import services_of
from icdref.cds.prefetch import encounter_day, patient_language, read_conditions, read_orders
from icdref.cds.request import read_request
from icdref.cds.suggestions import named_choice, suggestions
from icdref.issues import IcdRefError

KEYS = (
    "resourceType",
    "entry",
    "resource",
    "code",
    "coding",
    "system",
    "text",
    "display",
    "context",
    "prefetch",
    "conditions",
    "hook",
    "hookInstance",
    "patientId",
    "reasonCode",
    "period",
    "start",
    "feedback",
    "card",
    "outcome",
    "bodySite",
    "communication",
    "language",
    "clinicalStatus",
    "overrideReason",
    "acceptedSuggestions",
    "outcomeTimestamp",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS) | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"


@pytest.mark.parametrize("module", ["cards", "prefetch", "suggestions"])
def test_examples_in_docstrings_hold(module):
    assert doctest.testmod(import_module(f"icdref.cds.{module}")).failed == 0


@given(JSON)
def test_no_data_whatever_is_more_than_no_problem(value):
    for wrapped in (
        value,
        {"resourceType": "Bundle", "entry": [{"resource": value}]},
        {"resourceType": "Condition", "code": value},
    ):
        assert len(read_conditions(wrapped)) <= 200
        assert len(read_orders(wrapped)) <= 200
        assert encounter_day(wrapped) is None or isinstance(encounter_day(wrapped), date)
        assert patient_language(wrapped)


@given(st.dictionaries(st.sampled_from(["hook", "hookInstance", "context", "prefetch", "fhirAuthorization", "feedback"]), JSON))
def test_no_request_whatever_is_more_than_a_refusal(body):
    for read in (
        lambda: read_request(body, services_of("condition-reference")),
        lambda: read_request({"hook": "order-sign", "hookInstance": INSTANCE} | body, services_of("order-reason-check")),
        lambda: read_feedback(body, "condition-reference", ()),
    ):
        try:
            read()
        except IcdRefError as error:
            assert error.issue.detail in ("bad-field", "prefetch-missing")


def test_more_than_three_cards_are_never_sent_and_the_rest_is_named():
    cards = [Card(f"t{n}", f"summary {n}", "detail", links=(Link("l", f"https://x.example/{n}"),) * 3) for n in range(6)]
    shown = to_cards([*cards, cards[0]], INSTANCE, "https://x.example")
    assert [card["summary"] for card in shown] == ["summary 0", "summary 1", "summary 2"]
    assert shown[2]["links"][-1] == {"label": "3 more", "url": "https://x.example/3", "type": "absolute"}
    assert len(shown[2]["links"]) == 3
    assert "summary 5" in shown[2]["detail"]


def test_a_card_id_begins_with_its_topic_and_tells_nothing_else():
    assert card_uuid(INSTANCE, "a", "x").startswith(topic_tag("a"))
    assert len({card_uuid(INSTANCE, "a", "x"), card_uuid(INSTANCE, "a", "y"), card_uuid(INSTANCE[::-1], "a", "x")}) == 3


@given(st.text(max_size=400))
def test_a_summary_line_is_short(text):
    assert len(shortened(text)) < 140


def test_sides_and_sites_are_read_from_titles_never_from_digits():
    choices = [
        ("M61.14", "Progressiva, right hand"),
        ("M61.15", "Progressiva, left hand"),
        ("M61.19", "Progressiva, unspecified hand"),
    ]
    assert named_choice("swelling of the LEFT hand", "Progressiva, hand", choices) == "M61.15"
    assert named_choice("both left and right", "Progressiva, hand", choices) == ""
    assert named_choice("unspecified", "Progressiva, hand", choices) == ""


def test_more_than_six_better_codes_are_no_suggestions():
    (problem,) = read_conditions(
        {"resourceType": "Condition", "code": {"coding": [{"system": "urn:oid:2.16.840.1.113883.6.90", "code": "m61"}]}}
    )
    choices = [(f"M61.{n}", f"title {n}") for n in range(7)]
    assert suggestions(problem, "", choices) == ()
    offered = suggestions(problem, "", choices[:6])
    assert [each.resource["code"]["coding"][0]["code"] for each in offered] == [code for code, _ in choices[:6]]
    assert offered[0].resource["code"]["coding"][0]["system"] == "urn:oid:2.16.840.1.113883.6.90"  # as it was sent
