"""ICD-10-CM on the protocol of code systems: places, counts, filters and search agree with the rows of the release."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icdref.codes import ICD10CM
from icdref.concept_properties import FILTERS
from icdref.issues import IcdRefError
from icdref.model import Kind
from icdref.results import Lookup
from icdref.service.systems.icd10cm_properties import properties_of
from icdref.service.systems.ordinals import Ordinals
from tests.conftest import TODAY

NEWEST = "2026-04-01"


@pytest.fixture(scope="module")
def release(full_service):
    """The newest release as such: a version was asked for."""
    return full_service.systems.open(ICD10CM, NEWEST, None)


@pytest.fixture(scope="module")
def today(full_service):
    return full_service.systems.open(ICD10CM, "", None)


def codes_of(system, found):
    return [each.code for each in system.concepts(tuple(found))]


def test_the_system_says_what_it_is(release):
    facts = release.facts
    assert (facts.header.url, facts.header.version, facts.content) == (ICD10CM, NEWEST, "complete")
    assert (facts.case_sensitive, facts.hierarchical, facts.version_needed) == (False, True, True)


def test_versions_and_short_names_open_and_unknown_ones_do_not(full_service):
    systems = full_service.systems
    assert systems.versions("urn:oid:2.16.840.1.113883.6.90") == (NEWEST,)
    assert systems.versions("http://loinc.org") == ()
    assert systems.open(ICD10CM, "2026", None) is systems.open(ICD10CM, NEWEST, None)
    assert systems.open(ICD10CM, "1999", None) is None
    assert systems.open("http://loinc.org", "", None) is None


def test_every_code_stands_in_tabular_order_and_no_chapter_or_block_is_a_code(release, full_service):
    rows = [row.concept for row in full_service.concepts.all(0)]
    listed = [concept.code for concept in rows if concept.kind not in (Kind.CHAPTER, Kind.BLOCK)]
    assert len(listed) == len(release.everything()) == 98_186
    assert [release.sets.code(at) for at in release.everything()] == listed
    assert len(release.abstract()) == len(rows) - len(listed)
    assert len(release) == len(rows)


@pytest.mark.parametrize("text", ["M61.051", "m61051", " m61.051 "])
def test_a_code_is_located_in_any_spelling(release, text):
    located = release.locate(text)
    assert (located.code, release.concepts((located.ordinal,))[0].display) == (
        "M61.051",
        "Myositis ossificans traumatica, right thigh",
    )
    assert release.locate("M61.O51") is None
    assert release.locate("x" * 100) is None


def test_the_counts_of_m61_and_of_the_release(release):
    m61, billable = release.filter("concept", "is-a", "m61"), release.filter("billable", "=", "true")
    assert (len(m61), len(m61 & billable), len(billable)) == (203, 154, 74_719)
    assert codes_of(release, release.filter("concept", "generalizes", "M61.051")) == [
        *("13", "M60-M79", "M60-M63", "M61", "M61.0", "M61.05", "M61.051"),
    ]
    assert codes_of(release, release.filter("code", "child-of", "M61")) == [
        *("M61.0", "M61.1", "M61.2", "M61.3", "M61.4", "M61.5", "M61.9"),
    ]
    assert len(release.filter("concept", "descendent-leaf", "M61")) == 154
    assert len(release.filter("concept", "descendent-of", "M61")) == 202
    assert len(release.filter("concept", "is-not-a", "M61")) == 98_186 - 203
    assert codes_of(release, release.filter("concept", "is-a", "T07")) == ["T07", "T07.XXXA", "T07.XXXD", "T07.XXXS"]


@pytest.mark.parametrize(
    ("property_", "op", "value", "number"),
    [
        ("chapter", "=", "13", 8_674),
        ("block", "=", "M60-M63", 556),
        ("block", "=", "B20", 1),
        ("kind", "=", "category", 1_918),
        ("laterality", "in", "left,right", None),
        ("site", "=", "thigh", None),
        ("concept", "in", "M61.0, m6101 ,nonsense", 2),
        ("concept", "not-in", "M61.0,M61.01", 98_184),
        ("code", "regex", r"M61\..*", 202),
        ("display", "regex", "Myositis ossificans traumatica.*", None),
        ("parent", "=", "M61.0", 10),
        ("child", "=", "M61.051", 1),
        ("billable", "exists", "true", 98_186),
        ("laterality", "exists", "false", None),
        ("notSelectable", "=", "true", None),
        ("excludes1", "exists", "true", None),
        ("mceAge", "=", "newborn", None),
        ("effectiveDate", "=", "2025-10-01", 487),
        ("replaces", "exists", "true", None),
    ],
)
def test_a_filter_finds_what_lookup_says(release, full_service, property_, op, value, number):
    found = release.filter(property_, op, value)
    assert found
    if number is not None:
        assert len(found) == number
    for ordinal in found.page(len(found) // 2, 3):
        said = full_service.terminology.lookup(release.sets.code(ordinal), version=NEWEST)
        values = {str(each.value).lower() for each in properties_of(said) if each.code == property_}
        if op == "=":
            wanted = {value.lower()} | ({code.code.lower() for code in said.ancestors} if property_ == "block" else set())
            assert property_ in ("child", "concept") or values & wanted
        elif op == "in" and property_ != "concept":
            assert values & set(value.split(","))


def test_every_declared_filter_is_understood_and_no_other(release):
    for rule in FILTERS:
        for op in rule.operators:
            assert release.filter(rule.property, op, "M61.0" if rule.property in ("concept", "code") else "x") is not None
    for property_, op in (("colour", "="), ("billable", "is-a"), ("concept", "like"), ("display", "is-a")):
        assert release.filter(property_, op, "x") is None


@pytest.mark.parametrize("pattern", ["(", "a" * 201, "(?P<a>", "[z-a]"])
def test_a_pattern_that_is_none_is_refused(release, pattern):
    with pytest.raises(IcdRefError):
        release.filter("code", "regex", pattern)


def test_a_hostile_pattern_takes_no_time_at_all(release):
    assert not release.filter("code", "regex", "(M*)*" + "(A+)+" * 20 + "b")


# --- dates ---------------------------------------------------------------------------------------------------------------


def test_of_a_release_that_is_named_every_code_is_in_force(release):
    assert not release.inactive()
    assert not release.sets.titleless


def test_today_the_deleted_codes_of_2027_are_inactive_and_say_so(today, full_service):
    inactive = codes_of(today, today.inactive())
    assert {"D69.1", "S23.420A", "Z68.1"} <= set(inactive)
    for code in inactive:
        assert full_service.terminology.lookup(code, day=TODAY).active is False
    by_code = {each.code: each for each in today.concepts(tuple(today.inactive()))}
    assert (by_code["D69.1"].inactive, by_code["D69.1"].status) == (True, "retired")
    billable = [code for code in inactive if full_service.terminology.lookup(code).concept.billable]
    assert len(billable) == 30
    assert set(codes_of(today, today.filter("status", "=", "retired"))) >= set(billable)


def test_new_codes_of_2027_are_there_without_title_but_are_not_listed(today):
    located = today.locate("d6911")
    assert located.ordinal >= len(today)
    (facts,) = today.concepts((located.ordinal,))
    assert (facts.code, facts.display, facts.inactive) == ("D69.11", "", False)
    assert located.ordinal not in today.everything()
    assert located.ordinal in today.filter("concept", "is-a", "D69")
    assert located.ordinal in today.filter("billable", "=", "true")
    assert today.subsumes(today.locate("D69.1").ordinal, located.ordinal)
    assert not today.subsumes(located.ordinal, today.locate("D69.1").ordinal)
    assert [issue.detail for issue in today.remarks(located.ordinal, "D69.11")] == ["title-not-installed"]
    assert len(today.sets.titleless) == 190


def test_before_their_first_day_they_are_not_there(full_service):
    before = full_service.systems.open(ICD10CM, "", date(2026, 9, 30))
    assert before.locate("D69.11") is None
    assert before.absent("D69.11").detail == "code-not-in-release"
    assert not before.inactive()


def test_a_code_that_is_absent_is_explained(release):
    assert release.absent("M61.O51").detail == "unknown-code"
    assert release.absent("?").detail == "malformed-code"


def test_a_header_says_how_many_billable_codes_it_has(release):
    remarks = release.remarks(release.locate("M61.0").ordinal, "M61.0")
    assert [issue.detail for issue in remarks] == ["code-not-billable"]


# --- search --------------------------------------------------------------------------------------------------------------


def test_search_is_that_of_the_service_and_the_same_for_every_page(release, full_service):
    found = release.search("fracture wrist left", release.everything(), 0, 60)
    pieces = [release.search("fracture wrist left", release.everything(), at, 20).ordinals for at in (0, 20, 40)]
    assert found.ordinals == sum(pieces, ())
    assert found.total == len(release.search("fracture wrist left", release.everything()).ordinals)
    first = full_service.search.search("fracture wrist left", count=1, version=NEWEST)
    assert codes_of(release, found.ordinals[:1]) == [first.hits[0].code]


@pytest.mark.parametrize("text", ["right thigh", "ossification", "m61.0", "M61051", "no such words anywhere"])
def test_search_within_a_set_finds_members_only_and_counts_them(release, text):
    within = release.filter("concept", "is-a", "M61") & release.filter("billable", "=", "true")
    found = release.search(text, within)
    assert all(ordinal in within for ordinal in found.ordinals)
    assert len(set(found.ordinals)) == len(found.ordinals) == found.total
    assert found.total or text.startswith("no such")


def test_search_finds_codes_with_a_seventh_character_too(release):
    whole = release.search("fracture shaft humerus left", release.everything())
    assert any(len(code) == 8 for code in codes_of(release, whole.ordinals))
    only_a = release.filter("code", "regex", ".*A")
    found = release.search("fracture shaft humerus left", only_a)
    assert found.total
    assert all(code.endswith("A") for code in codes_of(release, found.ordinals))


# --- laws ----------------------------------------------------------------------------------------------------------------

ordinals = st.integers(0, 98_465)


@given(above=ordinals, below=ordinals)
@settings(max_examples=200, deadline=None)
def test_subsumes_agrees_with_is_a_and_with_the_service(full_service, above, below):
    system = full_service.systems.open(ICD10CM, NEWEST, None)
    code, other = system.sets.code(above), system.sets.code(below)
    is_a = below in system.filter("concept", "is-a", code)
    assert system.subsumes(above, below) is is_a
    assert is_a is (full_service.terminology.subsumes(code, other, version=NEWEST).outcome in ("subsumes", "equivalent"))


@given(ordinal=ordinals)
@settings(max_examples=200, deadline=None)
def test_a_branch_is_the_concept_and_the_branches_of_its_children(full_service, ordinal):
    system = full_service.systems.open(ICD10CM, NEWEST, None)
    branch = system.filter("concept", "is-a", system.sets.code(ordinal))
    children = [system.filter("concept", "is-a", system.sets.code(child)) for child in system.children(ordinal)]
    assert len(branch) == 1 + sum(map(len, children))
    union = Ordinals.of((ordinal,))
    for each in children:
        union |= each
    assert union == branch
    assert all(system.parents(child) == (ordinal,) for child in system.children(ordinal))


@given(ordinal=ordinals)
@settings(max_examples=100, deadline=None)
def test_properties_are_those_of_lookup_and_filters_agree_with_them(full_service, ordinal):
    system = full_service.systems.open(ICD10CM, "", None)
    code = system.sets.code(ordinal)
    found = full_service.terminology.lookup(code)
    assert isinstance(found, Lookup)
    assert system.properties(ordinal) == properties_of(found)
    assert (ordinal in system.inactive()) is (found.active is False)
    for each in system.properties(ordinal):
        if each.code in ("kind", "billable", "notSelectable", "laterality", "site", "chapter", "block", "inactive", "parent"):
            value = str(each.value).lower() if isinstance(each.value, bool) else str(each.value)
            selected = system.filter(each.code, "=", value)
            is_code = ordinal in system.everything()
            assert ordinal in selected or not is_code, (code, each.code, value)
