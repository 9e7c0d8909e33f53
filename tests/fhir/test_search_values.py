"""Escapes, tokens and dates of search parameters."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.fhir.search_values import (
    PREFIXES,
    Moment,
    Span,
    Token,
    code_token,
    date_span,
    fold,
    moment,
    split,
    token,
    unescape,
    whole_number,
)
from icdref.issues import IcdRefError

TODAY = date(2026, 11, 22)


def refusal(read, *arguments):
    with pytest.raises(IcdRefError) as caught:
        read(*arguments)
    return caught.value.issue


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a,b", ["a", "b"]),
        (r"a\,b,c", [r"a\,b", "c"]),
        (r"a\\,b", [r"a\\", "b"]),
        (",", ["", ""]),
        (r"\,", [r"\,"]),
        ("", [""]),
        ("a\\", ["a\\"]),
    ],
)
def test_only_bare_separators_split(text, parts):
    assert split(text, ",") == parts


@given(st.lists(st.text(alphabet="ab,|$\\ é"), min_size=1))
def test_escaping_and_splitting_gives_the_parts_back(parts):
    escaped = [part.replace("\\", "\\\\").replace(",", "\\,").replace("|", "\\|").replace("$", "\\$") for part in parts]
    assert [unescape(part) for part in split(",".join(escaped), ",")] == parts


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("M61.0", Token(None, "M61.0")),
        ("s|M61.0", Token("s", "M61.0")),
        ("|M61.0", Token("", "M61.0")),
        ("s|", Token("s", "")),
        (r"s|a\|b", Token("s", "a|b")),
        (" s | M61.0 ", Token("s", "M61.0")),
    ],
)
def test_a_token_has_four_forms(text, read):
    assert token("code", text) == read


@pytest.mark.parametrize("text", ["|", "a|b|c", " "])
def test_a_malformed_token_is_refused_with_the_right_form(text):
    issue = refusal(token, "context", text)
    assert issue.detail == "bad-parameter"
    assert repr(text) in issue.text
    assert "system|code" in issue.text


def test_a_token_that_is_looked_up_needs_a_code():
    assert "M61.051" in refusal(code_token, "code", "http://hl7.org/fhir/sid/icd-10-cm|").text


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2028-02", "2028-02-01", "2028-02-29"),
        ("9999", "9999-01-01", "9999-12-31"),
        ("2026-04-01", "2026-04-01", "2026-04-01"),
    ],
)
def test_a_partial_date_is_as_wide_as_its_precision(text, first, last):
    assert date_span(text) == Span(date_span(first).low, date_span(last).high)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-04-01T12:00:00Z", "2026-04-01T14:00:00+02:00"),
        ("2026-04-01T00:30:00Z", "2026-03-31T19:30:00-05:00"),
        ("2026-04-01T12:00:00", "2026-04-01T12:00:00Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_zones_are_honoured(one, other):
    assert date_span(one) == date_span(other)


def test_times_have_a_precision_too():
    minute, second, fraction = (date_span(f"2026-04-01T12:00{rest}Z") for rest in ("", ":00", ":00.5"))
    assert minute.high - minute.low == 60_000_000
    assert second.high - second.low == 1_000_000
    assert fraction.low - second.low == 500_000
    assert second.covers(fraction)
    assert minute.covers(second)


NO_DATES = """26 2026-13 2026-00 2026-02-30 2026-04-00 0000 2026-04-01T25:00 2026-04-01T10:61Z 2026/04/01 2026-04-01T10
2026-04-01T10:00:00+15:00 2026-04-01Z ٢٠٢٦ tomorrow"""


@pytest.mark.parametrize("text", ["", "2026-04-01\n", *NO_DATES.split()])
def test_what_is_no_date_is_refused_with_the_right_form(text):
    assert date_span(text) is None
    issue = refusal(moment, "date", f"ge{text}")
    assert issue.detail == "bad-parameter"
    assert "YYYY-MM-DD" in issue.text


def test_an_unknown_prefix_is_refused_with_the_known_ones():
    assert "eq, ne, gt, ge, lt, le, sa, eb, ap" in refusal(moment, "date", "xx2026").text


@pytest.mark.parametrize(
    ("prefix", "accepted"),
    [
        ("eq", {"2026-04", "2026-04-01", "2026-04-30"}),
        ("ne", {"2025", "2026", "2026-03-31", "2026-05"}),
        ("gt", {"2026", "2026-05"}),
        ("ge", {"2026", "2026-04", "2026-04-01", "2026-04-30", "2026-05"}),
        ("lt", {"2025", "2026", "2026-03-31"}),
        ("le", {"2025", "2026", "2026-03-31", "2026-04", "2026-04-01", "2026-04-30"}),
        ("sa", {"2026-05"}),
        ("eb", {"2025", "2026-03-31"}),
        ("ap", {"2026", "2026-03-31", "2026-04", "2026-04-01", "2026-04-30", "2026-05"}),
    ],
)
def test_prefixes_compare_ranges(prefix, accepted):
    found = {"2025", "2026", "2026-03-31", "2026-04", "2026-04-01", "2026-04-30", "2026-05"}
    asked = moment("date", f"{prefix}2026-04")
    assert {text for text in found if asked.accepts(date_span(text), TODAY)} == accepted


def test_approximately_reaches_a_tenth_of_the_time_to_today():
    asked = moment("date", "ap2026-08-14")
    near = {text for text in ("2026-08-03", "2026-08-04", "2026-08-24", "2026-08-25") if asked.accepts(date_span(text), TODAY)}
    assert near == {"2026-08-04", "2026-08-24"}


def test_no_prefix_means_equal():
    assert moment("date", "2026") == Moment("eq", date_span("2026"))


@given(st.dates(), st.dates())
def test_prefixes_on_whole_days_agree_with_the_calendar(one, other):
    found = date_span(one.isoformat())
    assert {
        prefix: moment("date", prefix + other.isoformat()).accepts(found, date.max) for prefix in PREFIXES if prefix != "ap"
    } == {
        "eq": one == other,
        "ne": one != other,
        "gt": one > other,
        "ge": one >= other,
        "lt": one < other,
        "le": one <= other,
        "sa": one > other,
        "eb": one < other,
    }


@pytest.mark.parametrize("text", ["-1", "1.5", "ten", "+5", " 5", "1e3", "٣", "9" * 5000])
def test_a_count_is_made_of_few_digits(text):
    assert "whole number" in refusal(whole_number, "_count", text).text


def test_folding_ignores_case_accents_and_blanks():
    assert fold("  Ossification  MUSCULAIRE après ") == fold("ossification musculaire apres")
    assert fold("STRASSE") == fold("straße")
    assert fold("℡") == "tel"


@given(st.text())
def test_folding_is_idempotent(text):
    assert fold(fold(text)) == fold(text)
