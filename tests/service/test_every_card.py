"""Every one of the codes of the vendored release gets a card, and every card says what it must."""

from __future__ import annotations

import pytest

from icdref.fhir.code_card import card_composition
from icdref.model import Kind, NoteKind
from icdref.service.code_cards import code_card
from icdref.service.matching import Asked
from tests.fhir.checks import assert_valid

RELEASE = "2026-04-01"


@pytest.mark.slow
def test_every_code_has_a_card_with_title_path_and_what_to_do(full_service):
    terminology = full_service.terminology
    number = full_service.releases.number(full_service.releases.newest)
    codes, billable, choosing, sided, buckets, offering = 0, 0, 0, 0, 0, 0
    for code in full_service.concepts.codes(number):
        lookup = terminology.lookup(code, version=RELEASE)
        card = code_card(lookup, terminology)
        concept, facts = lookup.concept, card.facts
        assert facts[0] == f"{code} is '{concept.display}' in ICD-10-CM {RELEASE}."
        assert card.intended_use
        if concept.kind is Kind.CHAPTER:
            continue
        assert facts[1].startswith("It stands under: ")
        assert facts[1].endswith(f"{lookup.ancestors[0].code} {lookup.ancestors[0].display}.")
        if concept.kind is Kind.BLOCK:
            continue
        codes += 1
        (said,) = [fact for fact in facts if fact.startswith("It is a residual class")] or [""]
        assert bool(said) == concept.residual, code
        buckets += concept.residual
        offering += "more specific codes beside it" in said
        if concept.billable:
            billable += 1
            assert f"{code} is billable." in facts
            assert any(fact.startswith("Valid from ") for fact in facts), code
        else:
            choosing += 1
            assert f"{code} is a header and not billable; {lookup.billable_below} billable codes stand below it." in facts
            assert card.choices[0][0] in lookup.children
        if concept.laterality == "unspecified" and concept.billable:
            sided += bool(card.choices)
        for chosen, _ in card.choices:
            assert chosen != code
    assert (codes, billable) == (98_186, 74_719)
    assert choosing == codes - billable
    assert sided > 5_000
    assert buckets > 10_000
    assert offering > buckets / 2


def test_a_sample_of_every_chapter_is_a_valid_composition(full_service):
    number = full_service.releases.number(full_service.releases.newest)
    every = list(full_service.concepts.codes(number))
    for code in every[::997]:
        for version in ("4.0", "5.0"):
            assert_valid(card_composition(full_service.knowledge.card(code), version), version)


def section(shown, title):
    """Return the section of a card whose title begins so."""
    (found,) = [each for each in card_composition(shown)["section"] if each["title"].startswith(title)]
    return found


def card(service, code):
    found = service.knowledge.for_codes([Asked(code)])
    assert found.card, code
    return found.card


def test_notes_come_with_the_place_that_they_stand_on(full_service):
    notes = {(each.note.kind, each.inherited_from) for each in card(full_service, "M61.411").lookup.notes}
    assert (NoteKind.EXCLUDES1, "M61.4") in notes
    assert (NoteKind.EXCLUDES1, "M60-M63") in notes
    shown = section(card(full_service, "M61.411"), "Notes")
    assert "(from M61.4)" in shown["text"]["div"]
    assert len(shown["extension"]) == len(card(full_service, "M61.411").lookup.notes)


def test_the_map_to_icd9cm_comes_with_its_quality(full_service):
    (mapping,) = card(full_service, "M61.051").mappings
    assert (mapping.target, mapping.approximate) == ("728.12", True)
    assert "ICD-9-CM 728.12 (approximate" in section(card(full_service, "M61.051"), "Maps")["text"]["div"]


def test_validity_and_edits_are_on_the_card(full_service):
    assert "Valid from 2015-10-01" in section(card(full_service, "M61.569"), "Validity")["text"]["div"]


def test_a_code_of_unspecified_side_offers_the_sides(full_service):
    assert [code for code, _ in card(full_service, "M61.569").choices] == ["M61.561", "M61.562"]
    assert "The side is not specified; codes that name it: M61.561, M61.562." in card(full_service, "M61.569").facts


def test_a_residual_code_says_so_and_offers_sharper_ones(full_service):
    facts = " ".join(card(full_service, "A00.9").facts)
    assert "residual class" in facts
    assert "A00.0, A00.1" in facts
