"""Search: finding a summary by code, and every type of value with its modifiers and prefixes."""

import pytest

from tests.fhir.searching import (
    ALL,
    BONY,
    CHILD,
    CONTEXT_TYPE,
    ICD,
    LIMB,
    MESH,
    OWN,
    ids,
    page,
    refusal,
)

# --- finding a summary by code ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["M61.051", "m61051", " M61051 "])
@pytest.mark.parametrize("system", ["", f"{ICD}|", "urn:oid:2.16.840.1.113883.6.90|"])
@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_a_code_in_any_spelling_finds_the_summary_whose_value_set_has_it(spelling, system, version):
    for name in ("code", "subject:ValueSet.code", "subject.code"):
        assert ids("Composition", [(name, system + spelling)], version=version) == BONY
    assert ids("ValueSet", [("code", system + spelling)], version=version) == ["bony-muscle-codes"]


@pytest.mark.parametrize("code", ["S72.001A", "ZZZ", f"{ICD}|S72.001A", "http://snomed.info/sct|M61.051"])
def test_a_code_that_no_summary_is_about_finds_nothing(code):
    assert ids("Composition", [("code", code)]) == []
    assert ids("ValueSet", [("code", code)]) == []


def test_several_codes_are_alternatives_and_repeated_ones_all_apply():
    assert ids("Composition", "code=M61.051,M61.112") == [*BONY, *CHILD]
    assert ids("Composition", "code=M61.051&code=M61.112") == []
    assert ids("Composition", "code=M61.051&status=final") == []
    assert ids("Composition", "code=M61.112&status=final") == CHILD


def test_not_turns_membership_round():
    assert ids("Composition", "code:not=M61.051") == [*CHILD, *LIMB]


def test_a_value_set_search_brings_its_summary_along():
    found = page("ValueSet", "code=M61.051&_revinclude=Composition:subject")
    assert [resource["id"] for resource in found.matches] == ["bony-muscle-codes"]
    assert [(resource["resourceType"], resource["id"]) for resource in found.included] == [("Composition", "bony-muscle")]


def test_the_event_code_is_compared_exactly():
    assert ids("Composition", f"context={ICD}|M61.0") == BONY
    assert ids("Composition", f"context={ICD}|m610") == BONY
    assert ids("Composition", "context=m610") == BONY
    assert ids("Composition", f"context={ICD}|M61.051") == []
    assert ids("Composition", f"event-code={ICD}|M61.0", version="5.0") == BONY


def test_above_and_below_follow_the_hierarchy():
    assert ids("Composition", f"context:above={ICD}|M61.051") == BONY
    assert ids("Composition", "context:above=m61051") == BONY
    assert ids("Composition", "context:above=M61.0") == BONY
    assert ids("Composition", "context:below=M61") == ALL
    assert ids("Composition", "context:below=M61.051") == []
    assert ids("Composition", "context:above=http://snomed.info/sct|M61.051") == []
    assert ids("Composition", "event-code:above=M61.112", version="5.0") == CHILD
    assert ids("Library", "context:above=M61.112") == CHILD


def test_event_code_is_r5_and_context_is_r4():
    assert refusal("Composition", "event-code=M61.0").detail == "unknown-search-parameter"
    assert refusal("Composition", "context=M61.0", version="5.0").detail == "unknown-search-parameter"


def test_in_asks_whether_the_code_is_in_a_value_set():
    for value in (f"{OWN}/ValueSet/stiff-child-codes", "ValueSet/stiff-child-codes", "stiff-child-codes"):
        assert ids("Library", [("topic:in", value)]) == CHILD
    issue = refusal("Library", "topic:in=http://example.org/ValueSet/other")
    assert issue.detail == "bad-parameter"
    assert "ValueSet/other" in issue.text


def test_a_use_context_must_have_kind_and_code_together():
    assert ids("Library", f"context-type-value=focus${ICD}|M61.0") == BONY
    assert ids("Library", f"context-type-value={CONTEXT_TYPE}|focus$m610,focus$M61.1") == [*BONY, *CHILD]
    assert ids("Library", f"context-type-value=user${ICD}|M61.0") == []
    assert ids("Library", "context-type-value=user$clinician") == ALL
    assert "focus$M61.0" in refusal("Library", "context-type-value=focus").text


# --- tokens ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=final", CHILD),
        ("status=http://hl7.org/fhir/composition-status|final", CHILD),
        ("status=http://example.org/else|final", []),
        ("status=|final", CHILD),
        ("status=FINAL", []),
        ("status=final,preliminary", ALL),
        ("status:not=final", [*BONY, *LIMB]),
        ("status:not=final,preliminary", []),
        (f"section={MESH}|Q000209", ALL),
        (f"section={MESH}|", ALL),
        ("section=http://example.org/|", []),
        ("section=|cause", []),
        ("section=cause", ALL),
        ("section=treatment", []),
        ("section:text=red", ALL),
        ("section:text=flags", []),
        ("category:missing=true", ALL),
        ("section:missing=true", []),
        ("section:missing=false", ALL),
        (f"identifier=urn:ietf:rfc:3986|{OWN}/Composition/bony-muscle", BONY),
        ("identifier:text=canon", ALL),
        ("_id=bony-muscle,stiff-child,unknown", [*BONY, *CHILD]),
        ("_id:not=bony-muscle", [*CHILD, *LIMB]),
        ("_id=Bony-Muscle", []),
        ("version=0.2.0", ALL),
        ("version=0.3.0", []),
    ],
)
@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_tokens_of_compositions(query, found, version):
    assert ids("Composition", query, version=version) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("topic=M61.1", CHILD),
        ("topic:text=HARD\\, bony", ALL),
        ("topic:text=stiffening", CHILD),
        ("context=clinician", ALL),
        ("context-type=focus", ALL),
        ("jurisdiction=urn:iso:std:iso:3166|US", ALL),
        ("content-type=text/html", ALL),
        ("content-type=urn:ietf:bcp:13|text/html", ALL),
        ("content-type=text/plain", []),
        ("type=asset-collection", ALL),
    ],
)
def test_tokens_of_libraries(query, found):
    assert ids("Library", query) == found


def test_code_systems_are_found_by_what_they_hold():
    for query in ("content-mode=not-present", "version=2026-04-01", f"system={ICD}", f"url={ICD}|2026-04-01", "name=icd"):
        assert ids("CodeSystem", query) == ["icd-10-cm-2026-04-01"]
    assert ids("CodeSystem", "system=urn:oid:2.16.840.1.113883.6.90") == ["icd-10-cm-2026-04-01"]
    assert ids("CodeSystem", f"url={ICD}|2025") == []


# --- strings, URIs, dates --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("title=stiff", CHILD),
        ("title=STIFFENING  disease", CHILD),
        ("title=muscle", []),
        ("title:contains=muscle", BONY),
        ("title:contains=to bone,children", [*CHILD, *LIMB]),
        ("title:exact=Bony muscle after injury", BONY),
        ("title:exact=bony muscle after injury", []),
        ("publisher=editions", ALL),
        ("publisher:exact=Editions icdref", []),
        ("description:missing=true", ALL),
        ("title=%CC%81", []),
    ],
)
def test_strings_ignore_case_and_accents_unless_exact(query, found):
    assert ids("Library", query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"url={OWN}/Composition/bony-muscle", BONY),
        (f"url={OWN}/Composition/bony-muscle|0.2.0", BONY),
        (f"url={OWN}/Composition/bony-muscle|0.1.0", []),
        (f"url={OWN}/Composition/bony", []),
        (f"url:below={OWN}/Composition", ALL),
        (f"url:below={OWN}/Compo", []),
        (f"url:above={OWN}/Composition/bony-muscle/section/1", BONY),
        ("url:missing=true", []),
    ],
)
@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_uris_are_exact_and_know_versions_and_paths(query, found, version):
    assert ids("Composition", query, version=version) == found


def test_value_sets_are_found_by_the_system_they_draw_from():
    assert ids("ValueSet", f"reference={ICD}") == [f"{name}-codes" for name in ALL]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("date=2026", [*BONY, *CHILD]),
        ("date=2026-11-22", BONY),
        ("date=ne2026", LIMB),
        ("date=ge2026-05", [*BONY, *CHILD]),
        ("date=gt2026-05", BONY),
        ("date=lt2026", LIMB),
        ("date=le2026-05-31", [*CHILD, *LIMB]),
        ("date=sa2026-05", BONY),
        ("date=eb2026", LIMB),
        ("date=ge2026-01&date=lt2026-06", CHILD),
        ("date=2025,2026-11", [*BONY, *LIMB]),
        ("date:missing=false", ALL),
        ("_lastUpdated=2026-11-22", ALL),
        ("_lastUpdated=gt2026-11-22T08:00:00Z", []),
        ("_lastUpdated=ge2026-11-22T09:00:00%2B01:00", ALL),
    ],
)
def test_dates_are_compared_as_ranges(query, found):
    assert ids("Composition", query) == found


def test_the_narrative_of_sections_is_searched_in_r5():
    assert ids("Composition", "section-text=the MASS keeps growing %26 hurts", version="5.0") == ALL
    assert ids("Composition", "section-text=div", version="5.0") == []
