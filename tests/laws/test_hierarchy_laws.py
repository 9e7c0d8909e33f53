"""What holds between any two codes of a release: subsumption, ancestors, ranges and counts tell one story."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from icdref.results import Lookup
from icdref.service.service import Service

FAST = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
OPPOSITE = {"subsumes": "subsumed-by", "subsumed-by": "subsumes"}


@pytest.fixture(scope="module", params=["small_service", pytest.param("full_service", marks=pytest.mark.slow)])
def service(request) -> Service:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def codes(service) -> st.SearchStrategy[str]:
    """Any chapter, block or code of the newest release."""
    return st.sampled_from(tuple(service.concepts.codes(service.releases.number(service.releases.newest))))


def ancestors(service: Service, code: str) -> list[str]:
    found = service.terminology.lookup(code)
    assert isinstance(found, Lookup)
    return [above.code for above in found.ancestors]


@FAST
@given(data=st.data())
def test_subsumption_agrees_with_the_ancestors(service, codes, data):
    a = data.draw(codes)
    b = data.draw(codes | st.sampled_from([a, *ancestors(service, a)]))
    outcome = service.terminology.subsumes(a, b).outcome
    above_a, above_b = ancestors(service, a), ancestors(service, b)
    expected = "equivalent" if a == b else "subsumes" if a in above_b else "subsumed-by" if b in above_a else "not-subsumed"
    assert outcome == expected
    assert service.terminology.subsumes(b, a).outcome == OPPOSITE.get(outcome, outcome)


@FAST
@given(data=st.data())
def test_every_ancestor_has_the_code_below_it_and_its_parent_has_it_as_a_child(service, codes, data):
    code = data.draw(codes)
    found = service.terminology.lookup(code)
    above = [each.code for each in found.ancestors]
    if not above:
        assert found.concept.kind == "chapter"
        return
    assert code in service.terminology.lookup(above[0]).children
    assert found.concept.parent == above[0]
    assert above[1:] == ancestors(service, above[0])


@FAST
@given(data=st.data())
def test_the_billable_codes_below_are_as_many_as_counted(service, codes, data):
    code = data.draw(codes.filter(lambda each: "." in each or len(each) == 3))
    number = service.releases.number(service.releases.newest)
    stored = service.concepts.concept(code, number)
    below = [each.concept.code for each in service.concepts.below(stored, number, billable=True)]
    assert len(below) == stored.billable_below + stored.concept.billable
    assert all(each == code or code in ancestors(service, each) for each in below[:50])


@FAST
@given(data=st.data())
def test_lookup_and_validation_agree_on_what_is_a_code(service, codes, data):
    text = data.draw(codes | st.text("M61.0X-ST7", max_size=8))
    found = service.terminology.lookup(text)
    answer = service.terminology.validate_code(text, abstract=True)
    assert answer.result is isinstance(found, Lookup)
    if isinstance(found, Lookup):
        assert (answer.display, answer.billable) == (found.concept.display, found.concept.billable)
