from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.compiler.content.readability import Counts, count, english_syllables, grade, spanish_syllables

EXAMPLES = Path(__file__).resolve().parents[4] / "shared"

ENGLISH = {
    1: "bone bruised healed hurts fused treat use the eye age months weeks year through knee bones used times",
    2: "muscle muscles bruises needed doctor pressure being little children twisted movement safely trauma reaches",
    3: "ossified injury several area radiation's-1 syllable traumatic deformed-x",
    4: "operation radiation usually calcified-x abnormality-2",
}
SPANISH = {
    1: "sol muy rey que guion-x",
    2: "hueso día golpe guerra causa quiere ciudad cuerpo",
    3: "músculo médico guitarra huesudo pingüino-1 ahora cabeza línea",
    4: "operación cirugía lesionado-x adecuado radiografía-2",
}


def words_of(table: dict[int, str]) -> list[tuple[str, int]]:
    return [(word, number) for number, words in table.items() for word in words.split() if "-" not in word]


@pytest.mark.parametrize(("word", "syllables"), words_of(ENGLISH))
def test_english_syllables(word: str, syllables: int) -> None:
    assert english_syllables(word) == syllables


@pytest.mark.parametrize(("word", "syllables"), words_of(SPANISH))
def test_spanish_syllables(word: str, syllables: int) -> None:
    assert spanish_syllables(word) == syllables


def test_counts_leave_out_headings_and_take_each_list_item_as_a_sentence() -> None:
    text = "## What is it?\n\nA lump. It\nhurts!\n\n- Rest it\n- Use [cold packs](https://example.org/a_b)\n"
    assert count(text, "en") == Counts(sentences=4, words=9, syllables=9)


def test_flesch_kincaid_follows_its_formula() -> None:
    text = "The bone is hard. The bone is old."
    assert grade(text, "en") == pytest.approx(0.39 * 4 + 11.8 * 1 - 15.59)


def test_crawford_follows_its_formula() -> None:
    text = "El hueso es duro. El hueso es viejo."  # 2 sentences, 8 words, 12 syllables
    assert grade(text, "es") == pytest.approx(-0.205 * 25 + 0.049 * 150 - 3.407)


def test_there_is_no_grade_without_a_formula_and_none_to_measure_without_words() -> None:
    assert grade("Der Knochen ist hart.", "de") is None
    assert grade("## Heading", "en") == 0.0


def test_a_longer_sentence_is_harder() -> None:
    easy = "The muscle hurts. The bone grows. You rest."
    assert grade(easy.replace(". The", " and the").replace(". You", " and you"), "en") > grade(easy, "en")


@given(st.text(max_size=200), st.sampled_from(["en", "es"]))
def test_any_text_can_be_measured(text: str, language: str) -> None:
    counts = count(text, language)
    assert counts.syllables >= counts.words >= counts.sentences >= 0
    assert isinstance(grade(text, language), float)


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the worked example is not at hand")
def test_the_worked_example_measures_about_as_published() -> None:
    body = (EXAMPLES / "examples" / "myositis-ossificans-traumatica.patient.en.md").read_text("utf-8").split("+++")[2]
    assert grade(body, "en") == pytest.approx(3.8, abs=0.3)
