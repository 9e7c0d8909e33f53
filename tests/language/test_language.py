"""How text becomes words. The examples in the docstrings run here too."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import icdref.language
from icdref.language.fold import american, fold, singular
from icdref.language.numerals import numeral
from icdref.language.sounds import sound
from icdref.language.stems import stem
from icdref.language.titles import NOT, analyse
from icdref.language.tokens import bag_key, content_words, tokens

MODULES = [
    f"icdref.language.{path.stem}" for path in Path(icdref.language.__file__).parent.glob("*.py") if path.stem != "__init__"
]
MODULES += [
    "icdref.store.bits",
    "icdref.importers.lay_terms",
    "icdref.compiler.search_phrases",
    *(f"icdref.service.search.{name}" for name in ("encounters", "listing", "items", "phrases", "slots")),
    "tests.search.labelled",
]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_the_examples_hold(name):
    assert doctest.testmod(import_module(name)).failed == 0


@given(st.text(max_size=60))
def test_folding_is_idempotent_and_ascii(text):
    folded = fold(text)
    assert folded.isascii()
    assert fold(folded) == folded
    assert not any(ord(letter) < 32 for letter in folded)


@given(st.text(max_size=60))
def test_any_text_has_words(text):
    for token in tokens(text):
        assert token.raw
        assert token.word
        assert " " not in token.word
    assert analyse(text).total >= 0


@given(st.from_regex(r"[a-z]{1,14}", fullmatch=True))
def test_no_word_is_lost_on_the_way(word):
    assert singular(word)
    assert stem(singular(word))
    assert isinstance(sound(word), str)


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("knees", "knee"),
        ("biopsies", "biopsy"),
        ("metastases", "metastasis"),
        ("toes", "toe"),
        ("herpes", "herpes"),
        ("viruses", "virus"),
    ],
)
def test_plurals(plural, one):
    assert singular(plural) == one


@pytest.mark.parametrize(
    ("british", "spelling"),
    [
        ("haematoma", "hematoma"),
        ("oesophagitis", "esophagitis"),
        ("tumour", "tumor"),
        ("foetal", "fetal"),
        ("leukaemia", "leukemia"),
        ("paediatric", "pediatric"),
        ("fibre", "fiber"),
        ("gynaecological", "gynecological"),
        ("diarrhoea", "diarrhea"),
        ("haem", "hem"),
    ],
)
def test_british_spellings(british, spelling):
    assert spelling in american(british)


def test_stems_join_families_and_keep_strangers_apart():
    assert len({stem(word) for word in ("calcific", "calcification", "calcified")}) == 1
    assert len({stem(word) for word in ("traumatic", "trauma", "traumatica")}) == 1
    assert stem("uterus") != stem("ureter")
    assert stem("hyperthyroidism") != stem("hypothyroidism")


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("sikosis", "psychosis"),
        ("neumonia", "pneumonia"),
        ("hemoroid", "hemorrhoid"),
        ("fisical", "physical"),
        ("eksema", "eczema"),
    ],
)
def test_words_written_as_they_are_heard(heard, written):
    assert sound(heard) == sound(written)


def test_roman_one_is_a_number_only_behind_what_it_counts():
    assert numeral("i", "type") == "1"
    assert numeral("i", "and") == "i"
    assert content_words("Type I or II") == ["type", "1", "2"]


def test_what_a_title_rules_out():
    assert analyse("Migraine without aura, not intractable, without status migrainosus").literal == (
        "migraine",
        "!aura",
        "!intractable",
        "!status",
        "!migrainosus",
    )
    assert "!hand" not in analyse("Puncture wound without foreign body of right hand").burden
    assert "!consciousness" in analyse("Concussion without loss of consciousness").burden
    assert not [word for word in analyse("Asthma, not elsewhere classified").burden if word.startswith(NOT)]


def test_what_narrows_a_title():
    assert analyse("Headache, unspecified").total < analyse("Headache in pregnancy").total
    assert analyse("Essential (primary) hypertension").total < analyse("Essential primary hypertension").total
    assert analyse("Body mass index [BMI] 40.0-44.9, adult").burden.keys() >= {"bmi", "40", "42", "44"}


def test_a_bag_is_the_same_in_any_order():
    assert bag_key(["a", "b", "a"]) == bag_key(["b", "a"]) != bag_key(["a"])
    assert 0 <= bag_key([]) < 2**63
