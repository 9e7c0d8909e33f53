"""Search: order and pages, what is refused or passed over, and resources in part."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icdref.fhir.search import Collection, parse_query, search
from icdref.fhir.search_query import DEFAULT_COUNT, MAX_COUNT, MAX_VALUES
from icdref.issues import IcdRefError
from tests.fhir.searching import (
    ALL,
    BONY,
    CHILD,
    COLLECTIONS,
    ICD,
    LIMB,
    Tree,
    collection_for,
    composition,
    ids,
    page,
    refusal,
)

# --- order and pages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", ALL),
        ("_sort=date", [*LIMB, *CHILD, *BONY]),
        ("_sort=-date", [*BONY, *CHILD, *LIMB]),
        ("_sort=title", [*BONY, *LIMB, *CHILD]),
        ("_sort=status,-title", [*CHILD, *LIMB, *BONY]),
        ("_sort=-status,_id", [*BONY, *LIMB, *CHILD]),
        ("_sort=category,-_id", [*CHILD, *LIMB, *BONY]),
        ("_sort=subject", [*BONY, *LIMB, *CHILD]),
        ("_sort=-url", [*CHILD, *LIMB, *BONY]),
    ],
)
def test_sort_takes_several_keys_and_keeps_ties(query, order):
    assert ids("Composition", query) == order


def test_resources_without_a_value_sort_last_in_both_directions():
    kept = [composition(name, "4.0") for name in ALL]
    del kept[0]["date"]
    for key, order in (("date", [*LIMB, *CHILD, *BONY]), ("-date", [*CHILD, *LIMB, *BONY])):
        asked = parse_query("Composition", [("_sort", key)], strict=True)
        assert [resource["id"] for resource in search(asked, Collection(kept), Tree()).matches] == order


@pytest.mark.parametrize("key", ["colour", "code", "-context-type-value"])
def test_an_unknown_sort_key_is_named(key):
    assert key in refusal("Library", f"_sort={key}").text
    found = page("Library", f"_sort={key},-date", strict=False)
    assert [resource["id"] for resource in found.matches] == [*BONY, *CHILD, *LIMB]
    assert "_sort=-date&" in found.links("").get("self")


def test_pages_link_to_one_another():
    first = page("Composition", "_count=2&status=preliminary,final")
    assert (first.total, len(first.matches), first.offset, first.count) == (3, 2, 0, 2)
    assert (first.next_offset, first.previous_offset) == (2, None)
    assert first.links("").get("self") == "status=preliminary,final&_count=2&_offset=0"
    assert first.links("").get("next") == "status=preliminary,final&_count=2&_offset=2"
    last = page("Composition", first.links("").get("next"))
    assert [resource["id"] for resource in last.matches] == LIMB
    assert (last.links("").get("next"), last.links("").get("previous")) == (None, first.links("").get("self"))
    assert last.links("").get("first") == first.links("").get("self")


def test_a_next_link_survives_an_appended_count():
    first = page("Composition", "_count=1")
    rest = page("Composition", f"{first.links('').get('next')}&_count=1000")
    assert [resource["id"] for resource in (*first.matches, *rest.matches)] == ALL
    assert rest.links("").get("next") is None


@pytest.mark.parametrize("query", ["_count=0", "_summary=count", "_count=0&_totalMethod=count"])
def test_a_count_of_nothing_is_the_total(query):
    found = page("Composition", query, strict=False)
    assert (found.total, found.matches, found.included) == (3, (), ())
    assert (found.next_offset, found.previous_offset) == (None, None)


def test_an_offset_beyond_the_end_is_an_empty_page_with_a_way_back():
    found = page("Composition", "_offset=50&_count=2")
    assert (found.matches, found.total, found.next_offset, found.previous_offset) == ((), 3, None, 1)


def test_a_page_is_bounded():
    assert page("Composition").count == DEFAULT_COUNT
    assert page("Composition", "_count=999999").count == MAX_COUNT


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=12),
    st.sampled_from(
        ["", "status=preliminary", "_sort=-title", "_sort=status&code=M61", "title:contains=bon", "code:not=M61.051"]
    ),
)
def test_the_pages_together_are_the_matches_whatever_their_size(counts, query):
    whole = page("Composition", query)
    collected, link, sizes = [], query, iter(counts * 3)
    while link is not None:
        part = page("Composition", f"{link}&_count={next(sizes)}")
        assert part.total == whole.total
        collected += part.matches
        link = part.links("").get("next")
    assert collected == list(whole.matches)
    assert len(collected) == whole.total


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["status=final,preliminary", "_sort=title", "_count=2", "date=ge2025", "_id:not=x", "colour=red"]))
)
def test_equal_requests_have_equal_answers_and_the_self_link_repeats_them(parts):
    query = "&".join(parts)
    one, again = page("Composition", query, strict=False), page("Composition", query, strict=False)
    assert one == again
    assert page("Composition", one.links("").get("self")).matches == one.matches


# --- what is refused, and what is passed over ------------------------------------------------------------------------


def test_unknown_parameters_are_ignored_with_a_warning_unless_strict():
    found = page("Composition", "colour=red&status=final&_totalMethod=count", strict=False)
    assert [resource["id"] for resource in found.matches] == CHILD
    assert found.links("").get("self") == f"status=final&_count={DEFAULT_COUNT}&_offset=0"
    assert [(issue.severity, issue.expression) for issue in found.issues] == [("warning", "colour"), ("warning", "_totalMethod")]
    with pytest.raises(IcdRefError) as caught:
        page("Composition", "colour=red&status=final&taste=x", strict=True)
    assert [issue.expression for issue in caught.value.issues] == ["colour", "taste"]
    assert "status" in caught.value.issue.text


def test_format_parameters_are_not_for_the_search():
    assert page("Composition", "_format=json&_pretty=true").links("").get("self") == f"_count={DEFAULT_COUNT}&_offset=0"


@pytest.mark.parametrize(
    "query", ["status=", "status=,", "code= ", "subject:ValueSet.code=", "_sort=", "_count=", "_has:Library:composed-of:topic=,"]
)
def test_an_empty_value_is_as_if_not_sent(query):
    found = page("Composition", query)
    assert [resource["id"] for resource in found.matches] == ALL
    assert found.links("").get("self") == f"_count={DEFAULT_COUNT}&_offset=0"


@pytest.mark.parametrize(
    ("query", "modifier", "known"),
    [
        ("title:above=x", "title:above", "title:exact"),
        ("status:text=x", "status:text", "status:not"),
        ("date:exact=2026", "date:exact", "date:missing"),
        ("_id:exact=x", "_id:exact", "_id:not"),
        ("code:missing=true", "code:missing", "code:not"),
        ("context:of-type=x", "context:of-type", "context:above"),
        ("subject:type=x", "subject:type", "subject:ValueSet"),
        ("subject:code-text=x", "subject:code-text", "subject:missing"),
        ("url:contains=x", "url:contains", "url:below"),
        ("subject:ValueSet.title:above=x", "title:above", "title:contains"),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_modifier_that_a_parameter_lacks_is_always_refused(query, modifier, known, strict):
    issue = refusal("Composition", query, strict=strict)
    assert (issue.detail, issue.type) == ("unsupported-parameter", "not-supported")
    assert modifier in issue.text
    assert known in issue.text


@pytest.mark.parametrize(
    ("query", "name", "value", "right"),
    [
        ("_count=ten", "_count", "ten", "whole number"),
        ("_count=-1", "_count", "-1", "whole number"),
        ("_offset=1.5", "_offset", "1.5", "whole number"),
        ("_summary=yes", "_summary", "yes", "true, text, data, count, false"),
        ("_total=all", "_total", "all", "none, estimate, accurate"),
        ("date=yesterday", "date", "yesterday", "eq, ne"),
        ("date=ge22.11.2026", "date", "ge22.11.2026", "YYYY-MM-DD"),
        ("date=2026-02-30", "date", "2026-02-30", "YYYY-MM-DD"),
        ("section:missing=yes", "section:missing", "yes", "true or false"),
        ("context=a|b|c", "context", "a|b|c", "system|code"),
        ("context=|", "context", "|", "system|code"),
        (f"code={ICD}|", "code", ICD, "M61.051"),
        (f"context:above={ICD}|", "context:above", ICD, "M61.051"),
        ("subject:ValueSet.date=soon", "subject:ValueSet.date", "soon", "eq, ne"),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_malformed_value_is_refused_with_what_would_be_right(query, name, value, right, strict):
    issue = refusal("Composition", query, strict=strict)
    assert (issue.severity, issue.type, issue.detail) == ("error", "value", "bad-parameter")
    assert issue.expression == name
    assert value in issue.text
    assert right in issue.text


def test_parameters_that_exclude_each_other_are_refused():
    for query in ("_summary=text&_include=Composition:subject", "_summary=true&_elements=title"):
        assert refusal("Composition", query).detail == "conflicting-parameters"
    assert page("Composition", "_summary=count&_elements=title").total == 3


def test_a_request_may_not_carry_endless_values():
    assert refusal("Composition", [("code", ",".join(["M61"] * (MAX_VALUES + 1)))]).detail == "too-many-values"
    assert refusal("Composition", [("code", "M61")] * (MAX_VALUES + 1)).detail == "too-many-values"


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["code", "context:above", "date", "title", "url", "subject", "_sort", "_include", "_elements", "_count"]
            )
            | st.text(alphabet="_has:.codetilsubjVS", max_size=30),
            st.text(alphabet="M61.05|\\$,:/-ge2026 é\x00\ud800", max_size=20),
        ),
        max_size=4,
    ),
    st.booleans(),
)
def test_whatever_is_sent_the_answer_is_a_page_or_an_issue(pairs, strict):
    try:
        found = page("Composition", pairs, strict=strict)
    except IcdRefError as error:
        assert all(issue.text for issue in error.issues)
    else:
        assert len(found.matches) <= found.total
        assert found.links("").get("self").isascii()


# --- resources in part -----------------------------------------------------------------------------------------------


def test_elements_apply_to_matches_and_summary_to_all():
    found = page("Composition", "_id=bony-muscle&_elements=section,resourceType&_include=Composition:subject")
    assert set(found.matches[0]) == {"resourceType", "id", "meta", "status", "type", "date", "author", "title", "section"}
    assert "compose" in found.included[0]
    summary = page("Composition", "_id=bony-muscle&_summary=true&_include=Composition:subject")
    assert "section" not in summary.matches[0]
    assert "compose" not in summary.included[0]
    for resource in (found.matches[0], summary.matches[0], summary.included[0]):
        assert [tag["code"] for tag in resource["meta"]["tag"]] == ["SUBSETTED"]


def test_a_search_leaves_the_collection_as_it_is():
    before = collection_for("4.0").of_type("Composition")
    page("Composition", "_summary=true&_sort=-title")
    assert list(COLLECTIONS["4.0"].of_type("Composition")) == list(before)


def test_a_type_without_parameters_of_its_own_is_searched_by_id():
    assert ids("Organization", "_id=authors") == []
    assert "_id, _lastUpdated" in refusal("Organization", "name=x").text
