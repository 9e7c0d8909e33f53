from __future__ import annotations

import re
from datetime import date

import pytest

from icdref.results import CodeCard, Lookup
from icdref.service.code_cards import INTENDED_USE, code_card
from icdref.service.service import Service

SIDES = re.compile(r"\b(right|left|bilateral|both|unspecified)\b")
BOTH = re.compile(r"\b(bilateral|both)\b")


def card(service: Service, code: str, **question) -> CodeCard:
    found = service.terminology.lookup(code, **question)
    assert isinstance(found, Lookup)
    return code_card(found, service.terminology)


def chosen(made: CodeCard) -> list[str]:
    return [code for code, _ in made.choices]


def test_an_unspecified_side_leads_to_the_codes_that_name_one(small_service):
    made = card(small_service, "M61.569")
    assert made.choices == (
        ("M61.561", "Other ossification of muscle, right lower leg"),
        ("M61.562", "Other ossification of muscle, left lower leg"),
    )
    assert "The side is not specified; codes that name it: M61.561, M61.562." in made.facts
    assert "M61.569 is billable." in made.facts
    assert made.intended_use == INTENDED_USE


def test_a_named_side_needs_no_choice(small_service):
    assert card(small_service, "M61.011").choices == ()


def test_a_header_says_so_and_offers_what_stands_below(small_service):
    made = card(small_service, "M61")
    assert "M61 is a header and not billable; 15 billable codes stand below it." in made.facts
    assert chosen(made) == ["M61.0", "M61.1", "M61.2", "M61.3", "M61.4", "M61.5", "M61.9"]


@pytest.mark.parametrize(("code", "kind"), [("13", "chapter"), ("M60-M63", "block")])
def test_a_chapter_and_a_block_are_no_codes(small_service, code, kind):
    (fact,) = (fact for fact in card(small_service, code).facts if "not a code" in fact)
    assert fact.startswith(f"{code} is a {kind}, not a code;")


def test_a_residual_class_offers_the_specific_codes_beside_it(small_service):
    made = card(small_service, "M61.9")
    assert chosen(made) == ["M61.0", "M61.1", "M61.2", "M61.3"]
    assert any(fact.startswith("It is a residual class") for fact in made.facts)


def test_a_residual_code_without_a_side_says_both_and_names_the_sharper_classes(full_service):
    facts = card(full_service, "M61.569").facts
    assert "The side is not specified; codes that name it: M61.561, M61.562." in facts
    bucket = "It is a residual class ('other' or 'unspecified'); more specific codes beside it: M61.0, M61.1, M61.2, M61.3."
    for code in ("M61.569", "M61.561", "M61.56", "M61.5", "M61.9"):
        assert bucket in card(full_service, code).facts, code
    assert not [fact for fact in card(full_service, "M61.069").facts if "residual" in fact]


def test_a_residual_class_without_a_specific_neighbour_offers_nothing(small_service):
    made = card(small_service, "T07.XXXA")
    assert made.choices == ()
    assert "It is a residual class ('other' or 'unspecified')." in made.facts


def test_the_side_choices_of_an_extended_code_keep_its_seventh_character(small_service):
    assert chosen(card(small_service, "S52.509A")) == ["S52.501A", "S52.502A"]
    assert chosen(card(small_service, "S52.509B")) == ["S52.501B", "S52.502B"]
    assert chosen(card(small_service, "H34.8191")) == ["H34.8111", "H34.8121"]


def test_a_plain_leaf_of_seven_characters_is_not_taken_for_an_extended_code(small_service):
    """Its siblings are other sides of the same condition; those of its parent are other conditions."""
    made = card(small_service, "T86.8409")
    assert chosen(made) == ["T86.8401", "T86.8402"]
    assert all("rejection" in title for _, title in made.choices)


def test_a_code_that_ended_says_when_and_is_not_called_billable(small_service):
    made = card(small_service, "M72.2")
    assert "M72.2 is billable." not in made.facts
    assert any("its last valid day was 2026-09-30" in fact and "M72.20, M72.21" in fact for fact in made.facts)
    assert "Valid from 2015-10-01 or earlier to 2026-09-30." in made.facts
    assert "M72.2 is billable." in card(small_service, "M72.2", day=date(2026, 9, 30)).facts


def test_a_code_of_2027_has_a_card_without_a_title(small_service):
    made = card(small_service, "J4B")
    assert made.facts[0].startswith("'J4B' is a valid code from 2026-10-01, known from the validity table")
    assert {"J4B is billable.", "Valid from 2026-10-01."} <= set(made.facts)
    assert not [fact for fact in made.facts if "''" in fact]
    assert made.choices == ()


def test_a_card_says_what_a_code_replaced(small_service):
    assert "It replaced: M61.8." in card(small_service, "M61.50").facts
    assert "It replaced: T07." in card(small_service, "T07.XXXA").facts


def test_a_card_says_where_the_code_stands(small_service):
    assert (
        "It stands under: 13 Diseases of the musculoskeletal system and connective tissue (M00-M99) > M60-M79 Soft tissue"
        " disorders (M60-M79) > M60-M63 Disorders of muscles (M60-M63) > M61 Calcification and ossification of muscle."
    ) in card(small_service, "M61.9").facts
    assert not [fact for fact in card(small_service, "13").facts if fact.startswith("It stands under")]


def test_every_card_is_plain_sentences_and_its_choices_are_codes_of_the_release(small_service):
    for code in small_service.concepts.codes(2):
        made = card(small_service, code)
        assert all(fact.endswith(".") and ".." not in fact for fact in made.facts), code
        assert len(made.choices) <= 12
        assert code not in chosen(made)
        assert all(small_service.concepts.concept(choice, 2) for choice in chosen(made))


@pytest.mark.slow
def test_no_side_choice_on_any_vendored_card_changes_anything_but_the_side(full_service):
    """Beside a nondisplaced fracture of an unspecified side stand the displaced ones of either side."""
    asked, wrong = 0, []
    for code in list(full_service.concepts.billable_codes(0))[::3]:
        concept = full_service.concepts.concept(code, 0).concept
        if concept.laterality != "unspecified":
            continue
        asked += 1
        for choice, title in card(full_service, code).choices:
            theirs, ours = without_side(title), without_side(concept.display)
            same = set(theirs) <= set(ours) if BOTH.search(title.lower()) else theirs == ours
            if not same:
                wrong.append((code, choice))
    assert asked > 3_600
    assert wrong == []


def without_side(title: str) -> list[str]:
    words = SIDES.sub(" ", title.lower().replace(",", " ")).split()
    return [word[:-3] + "y" if word.endswith("ies") else word.rstrip("s") for word in words]


@pytest.mark.slow
def test_the_cards_of_the_vendored_release(full_service):
    assert chosen(card(full_service, "M61.569")) == ["M61.561", "M61.562"]
    assert chosen(card(full_service, "S52.509A")) == ["S52.501A", "S52.502A"]
    assert chosen(card(full_service, "T86.8409")) == ["T86.8401", "T86.8402", "T86.8403"]
    assert chosen(card(full_service, "J34.8200")) == ["J34.8201", "J34.8202"]
    assert any("154 billable codes" in fact for fact in card(full_service, "M61").facts)
    assert any("It was" in fact or "billable until 2025-09-30" in fact for fact in card(full_service, "B88.0").facts)
