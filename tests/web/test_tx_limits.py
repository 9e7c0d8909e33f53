"""What a request may cost: nothing that it brings can keep the server busy, run it out of stack, or make it fail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from icdref.issues import IcdRefError
from icdref.service.valuesets.scope import Budget
from tests.web import tx
from tests.web.client import FHIR_JSON, Client
from tests.web.tx import S, check, code_system, codes, concept, expand, issues, parameters, value_set


def test_a_code_system_with_too_many_codes_has_to_be_paged(client: Client) -> None:
    made = code_system(S, *(concept(f"c{number}") for number in range(3001)))
    reply = expand(client, value_set(), made, status=422)
    assert issues(reply)[0][1] == "too-costly"
    assert issues(reply)[0][4] == f"The value set '{tx.V}|5' expansion has too many codes to produce (>3000)"
    page = expand(client, value_set(), made, count=2, offset=2999)
    assert (codes(page), page.json["expansion"]["total"]) == (["c2999", "c3000"], 3001)
    assert len(codes(expand(client, value_set(), made, offset=0))) == 1000


def test_value_sets_in_a_long_chain_are_answered_or_refused(client: Client) -> None:
    def link(number: int, to: int) -> dict[str, Any]:
        return value_set({"valueSet": [f"http://example.org/vs/{to}"]}, url=f"http://example.org/vs/{number}")

    last = value_set(tx.listed("hand"), url="http://example.org/vs/40")
    chain = [link(number, number + 1) for number in range(40)]
    assert codes(expand(client, chain[0], code_system(), *chain, last)) == ["hand"]
    chain = [link(number, number + 1) for number in range(200)]
    assert issues(expand(client, chain[0], code_system(), *chain, status=422))[0][1] == "too-costly"
    assert issues(check(client, chain[0], code_system(), *chain, coding={"system": S, "code": "hand"}, status=422))


def test_value_sets_that_multiply_are_refused(client: Client) -> None:
    def level(number: int) -> dict[str, Any]:
        below = f"http://example.org/vs/{number + 1}"
        return value_set({"valueSet": [below]}, {"valueSet": [below]}, url=f"http://example.org/vs/{number}")

    sets = [level(number) for number in range(30)]
    bottom = value_set(url="http://example.org/vs/30")
    reply = expand(client, sets[0], code_system(), *sets, bottom, status=422)
    assert issues(reply)[0][1] == "too-costly"


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*x", "a{1000}{1000}"])
def test_a_hostile_pattern_costs_nothing(client: Client, pattern: str) -> None:
    made = code_system(S, concept("a" * 400), concept("b"))
    body = parameters([made], valueSet=value_set(tx.is_a(pattern, op="regex")))
    reply = client.raw(f"{client.base}/ValueSet/$expand", "POST", tx.sent(body), {"Content-Type": FHIR_JSON})
    assert reply.status in (200, 400)


def test_nesting_beyond_the_limit_is_refused(client: Client) -> None:
    deep = concept("c0")
    for number in range(200):
        deep = concept(f"c{number}", "", deep)
    expand(client, value_set(), code_system(S, deep), status=400)


def test_a_circle_of_concepts_ends(client: Client) -> None:
    made = code_system(S, concept("a", "A", parent="b"), concept("b", "B", parent="a"))
    assert sorted(codes(expand(client, value_set(), made))) == ["a", "b"]
    assert sorted(codes(expand(client, value_set(tx.is_a("a")), made))) == ["a", "b"]


def test_a_code_that_stands_twice_is_one(client: Client) -> None:
    made = code_system(S, concept("a", "First"), concept("a", "Second"))
    rows = tx.members(expand(client, value_set(), made))
    assert [(each["code"], each["display"]) for each in rows] == [("a", "Second")]


def test_a_budget_ends_by_steps_and_by_the_clock():
    now = [0.0]
    budget = Budget(steps=10, seconds=1.0, clock=lambda: now[0])
    budget.spend(10)
    with pytest.raises(IcdRefError, match="too many steps"):
        budget.spend(1)
    budget = Budget(seconds=1.0, clock=lambda: now[0])
    now[0] = 2.0
    with pytest.raises(IcdRefError, match="too many steps"):
        budget.spend(1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.just(S) | st.just("hand"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(tx.WORDS)), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operation=st.sampled_from(["ValueSet/$expand", "ValueSet/$validate-code", "CodeSystem/$validate-code"]), data=st.data())
def test_whatever_a_resource_looks_like_the_answer_is_no_failure(client: Client, operation: str, data: st.DataObject) -> None:
    """Replace one element of good resources by any JSON, and ask."""
    brought, set_ = code_system(), value_set(tx.is_a("arm"), tx.listed("hand"))
    spoilt = data.draw(st.sampled_from([brought, set_, set_["compose"]["include"][0], brought["concept"][0]]))
    spoilt[data.draw(st.sampled_from(sorted(tx.WORDS)))] = data.draw(JSON)
    given_ = {"coding": {"system": S, "code": "hand"}} if operation.endswith("code") else {}
    given_ |= {"valueSet": set_} if operation.startswith("ValueSet") else {}
    body = parameters([brought], **given_)
    reply = client.raw(f"{client.base}/{operation}", "POST", tx.sent(body), {"Content-Type": FHIR_JSON})
    assert reply.status in (200, 400, 404, 422), reply.body[:300]
