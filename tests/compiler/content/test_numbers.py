from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.compiler.content.numbers import numbers, wrong_percentages


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("Rest for 6 to 8 weeks.", "en", {"6", "8"}),
        ("Rest for six to eight weeks.", "en", {"6", "8"}),
        ("Twenty-five of 1,295 had it (1.93%).", "en", {"25", "1295", "1.93"}),
        ("Forty and thirty-two.", "en", {"40", "32"}),
        ("Code M61.05, M61.1- or S70 is used in 2 cases.", "en", {"2"}),
        ("An X-ray at 3.50 or 3.5 weeks.", "en", {"3.5"}),
        ("Dos de 1.295 personas (3,5 %), veinte meses.", "es", {"2", "1295", "3.5", "20"}),
        ("A three-week rest.", "en", {"3"}),
        ("Nothing here.", "en", set()),
    ],
)
def test_numbers_have_one_spelling(text: str, language: str, found: set[str]) -> None:
    assert numbers(text, language) == found


def test_the_word_one_counts_only_where_asked() -> None:
    assert numbers("One of 5.", "en") == {"1", "5"}
    assert numbers("One of 5.", "en", articles=False) == {"5"}
    assert numbers("Un golpe, una vez, 1 año.", "es", articles=False) == {"1"}


@given(st.integers(0, 10**9))
def test_separators_do_not_change_a_number(value: int) -> None:
    english = f"{value:,}"
    assert numbers(f"in {english} people", "en") == {str(value)}
    assert numbers(f"en {english.replace(',', '.')} personas", "es") == {str(value)}


@pytest.mark.parametrize(
    "text",
    [
        "30 of 32 athletes (94%)",
        "27 of the 32 operations (84%)",
        "199 of 357 patients (55.7%)",
        "31 of 539 (5.8%)",
        "98 of 2,979 (3.3%)",
        "3.3% (98 of 2,979)",
        "38/58 (65.5%)",
        "1 of 8 (12%) and 1 of 8 (13%)",
        "9% of 117 cadets",
        "between 10% and 53% of people (3 studies)",
        "Grades 1 of the scheme; 7 of 60 suspects had none (a film is slow).",
    ],
)
def test_right_percentages_pass(text: str) -> None:
    assert list(wrong_percentages(text)) == []


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("98 of 2,979 (3.5%)", "3.3"),
        ("3.5% of them (98 of 2,979)", "3.3"),
        ("30 of 32 athletes (49%)", "94"),
        ("38/58 (56.5%)", "65.5"),
        ("3 of 0 (5%)", "no number at all"),
        ("199 of 357 patients with an injury of the brain (57.5%)", "55.7"),
    ],
)
def test_wrong_percentages_are_named_with_the_right_one(text: str, right: str) -> None:
    assert [found for _, found in wrong_percentages(text)] == [right]


@given(st.integers(0, 5000), st.integers(1, 5000), st.integers(0, 2))
def test_a_rounded_percentage_is_always_right(part: int, whole: int, digits: int) -> None:
    assert list(wrong_percentages(f"{part:,} of {whole:,} people ({100 * part / whole:.{digits}f}%)")) == []


@given(st.integers(1, 999), st.integers(1, 999))
def test_a_percentage_one_off_is_never_right(part: int, whole: int) -> None:
    assert len(list(wrong_percentages(f"{part} of {whole} ({100 * part / whole + 1.1:.1f}%)"))) == 1
