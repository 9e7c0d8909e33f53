"""What each map of the vendored edition says, forwards and backwards, and what a reader is told of it."""

from __future__ import annotations

from datetime import date

import pytest

from icdref.canonicals import MESH_SYSTEM, SECTION_SYSTEM
from icdref.codes import ICD9CM, ICD10_WHO, ICD10CM, SNOMED_CT
from icdref.issues import IcdRefError
from icdref.service.maps.translator import Wanted
from icdref.translations import Mapped

MONDO = "http://purl.obolibrary.org/obo/mondo.owl"
GEM = "https://icdref.example.org/fhir/ConceptMap/icd-9-cm-to-icd-10-cm"


@pytest.fixture(scope="module")
def ask(full_service):
    def translated(code, system=ICD10CM, **wanted):
        when = {name: wanted.pop(name) for name in ("version", "day") if name in wanted}
        return full_service.translator.translate([Mapped(system, code)], Wanted(**wanted), **when)

    return translated


def targets(found):
    return [(match.target.relationship, match.target.concept.code) for match in found.matches if match.target.concept]


def details(found):
    return [issue.detail for issue in found.issues]


def test_the_general_equivalence_mappings_lead_both_ways_and_say_approximate(ask):
    assert targets(ask("728.12", ICD9CM)) == [("inexact", "M61.00")]
    assert targets(ask("M61.00", url=GEM.replace("9-cm-to-icd-10", "10-cm-to-icd-9"))) == [("inexact", "728.12")]
    assert targets(ask("001.0", ICD9CM)) == [("equivalent", "A00.0")]


@pytest.mark.parametrize("text", ["72812", "728.12", " 728.12 "])
def test_any_spelling_of_a_code_is_translated(ask, text):
    assert targets(ask(text, "urn:oid:2.16.840.1.113883.6.103")) == [("inexact", "M61.00")]
    assert targets(ask("m6100", url=GEM, reverse=True)) == [("inexact", "728.12")]


def test_codes_that_are_only_together_a_translation_are_products_of_the_first(ask):
    found = ask("K72.11", target_system=ICD9CM)
    (match,) = found.matches
    assert (match.target.concept.code, match.target.relationship) == ("572.8", "inexact")
    ((product),) = match.target.products
    assert (product.concept.code, product.attribute.rpartition("/")[2]) == ("572.2", "gem-scenario-1-choice-list-2")
    assert details(found) == ["needs-several-codes"]


def test_every_scenario_of_every_combination_has_each_choice_list_once(full_service):
    store, gem = full_service.knowledge._maps, full_service.translator.of_id("icd-10-cm-to-icd-9-cm")
    seen = 0
    for code in [code for code in store.sources(ICD10CM) if any(row.combination for row in store.mappings(ICD10CM, code))][::40]:
        rows = [row for row in store.mappings(ICD10CM, code) if row.combination]
        found = full_service.translator.only(gem).translate([Mapped(ICD10CM, code)], Wanted())
        combined = [match.target for match in found.matches if match.target.products]
        firsts = {(row.scenario, row.target) for row in rows if row.choice == min(r.choice for r in rows)}
        assert len(combined) == len(firsts), code
        assert {each.concept.code for each in combined} | {p.concept.code for each in combined for p in each.products} == {
            row.target for row in rows
        }
        seen += len(combined)
    assert seen > 20


def test_a_map_that_misleads_is_followed_with_a_warning(ask):
    found = ask("728.13", ICD9CM)
    assert targets(found) == [("inexact", "M61.40")]
    assert details(found) == ["map-misleads"]
    assert "M61.5" in found.message
    assert details(ask("728.19", ICD9CM)) == []


def test_the_publishers_no_map_is_no_match_and_says_so(ask):
    found = ask("305.1", ICD9CM) if not targets(ask("305.1", ICD9CM)) else ask("Z3A.00", target_system=ICD9CM)
    assert (found.result, details(found)) == (False, ["mapped-to-nothing"])
    assert [match.target.relationship for match in found.matches] == ["unmatched"]


def test_an_ended_code_leads_to_its_successors_none_of_them_preferred(ask):
    found = ask("B88.0", target_system=ICD10CM)
    assert targets(found) == [("narrower", "B88.01"), ("narrower", "B88.09")]
    assert details(found) == ["several-successors"]
    assert targets(ask("B88.01", target_system=ICD10CM, reverse=True)) == [("wider", "B88.0")]


def test_a_target_that_has_ended_since_is_named_with_its_successors(ask, full_service):
    store = full_service.knowledge._maps
    number = full_service.releases.number(full_service.releases.newest)
    code = next(
        source
        for source in store.sources(ICD9CM)
        for row in store.mappings(ICD9CM, source)
        if row.target and full_service.concepts.concept(row.target, number) is None
    )
    assert "target-ended" in details(ask(code, ICD9CM))


def test_what_summaries_name_answers_for_their_code_and_as_wider_for_codes_below(ask):
    assert targets(ask("M61.0", target_system=SNOMED_CT)) == [("relatedto", "70917000")]
    assert targets(ask("M61.0", target_system=MONDO)) == [("relatedto", "MONDO:0021929")]
    below = ask("M61.051", target_system=SNOMED_CT)
    assert targets(below) == [("wider", "70917000")]
    assert details(below) == ["named-above"]
    assert targets(ask("70917000", SNOMED_CT, reverse=True)) == [("relatedto", "M61.0")]
    assert ("relatedto", "M61.0") in targets(ask("M61.0", ICD10_WHO, reverse=True))


def test_a_mesh_sub_topic_leads_to_its_section_and_back(ask):
    assert targets(ask("Q000628", MESH_SYSTEM)) == [("equivalent", "treatment")]
    assert targets(ask("Q000628", "urn:oid:2.16.840.1.113883.6.177")) == [("equivalent", "treatment")]
    assert targets(ask("Q000188", MESH_SYSTEM)) == [("relatedto", "treatment")]
    assert ("equivalent", "Q000628") in targets(ask("treatment", SECTION_SYSTEM, reverse=True))


@pytest.mark.parametrize(("code", "system"), [("zzz", ICD10CM), ("4548-4", "http://loinc.org"), ("", ICD9CM), ("M61.0", MONDO)])
def test_what_no_map_has_is_an_answer_that_says_no(ask, code, system):
    found = ask(code, system)
    assert (found.result, found.matches, details(found)) == (False, (), ["no-translation"])
    assert found.message.startswith("No map leads from")


def test_of_a_named_map_only_its_own_rows_answer_and_only_its_own_version(ask):
    assert {match.source.url for match in ask("728.12", ICD9CM, url=GEM).matches} == {GEM}
    assert ask("728.12", ICD9CM, url=f"{GEM}|2013").result
    for url, version in ((f"{GEM}|2018", ""), (GEM, "2018"), ("urn:x", "")):
        with pytest.raises(IcdRefError) as error:
            ask("728.12", ICD9CM, url=f"{url}|{version}" if version else url)
        assert error.value.issue.detail == "unknown-map"


def test_scopes_choose_the_maps_between_their_code_systems(ask):
    nine, ten = f"{ICD9CM}?fhir_vs", f"{ICD10CM}/vs"
    assert targets(ask("728.12", ICD9CM, source_scope=nine, target_scope=ten)) == [("inexact", "M61.00")]
    assert not ask("728.12", ICD9CM, target_scope=f"{SNOMED_CT}?fhir_vs").result


def test_titles_are_those_of_the_release_that_answers(ask):
    found = ask("728.12", ICD9CM, day=date(2026, 5, 1))
    assert found.matches[0].target.concept.display == "Myositis ossificans traumatica, unspecified site"
    assert found.choice.method == "date"
    with pytest.raises(IcdRefError):
        ask("728.12", ICD9CM, version="1999")
