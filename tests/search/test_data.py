"""The quality of our own tables: every row leads somewhere. A failure names the row and what to do."""

from __future__ import annotations

from collections import Counter

import pytest

from icdref.compiler.search_phrases import phrase_key
from icdref.importers.lay_terms import KINDS, SOURCES, TERMS_FILE, is_code, read_commonness, read_lay_terms
from icdref.language.tokens import content_words
from tests.checkout import ROOT

TERMS = read_lay_terms(ROOT / "fixtures")
COMMONNESS = read_commonness(ROOT / "fixtures")


@pytest.fixture(scope="module")
def newest(full_service):
    return len(full_service.releases.all) - 1


def test_there_are_enough_rows_of_every_kind():
    kinds = Counter(term.kind for term in TERMS)
    assert len(TERMS) >= 500
    assert kinds.keys() == set(KINDS)
    assert {term.source for term in TERMS} <= set(SOURCES)
    assert sum(kinds[kind] for kind in ("lay", "abbreviation", "eponym")) >= 500


def test_every_code_of_a_row_exists(full_service, newest):
    wrong = []
    for term in TERMS:
        for meaning in filter(is_code, term.means):
            stored = full_service.concepts.concept(meaning.rstrip("-"), newest)
            if stored is None:
                wrong.append(f"{term.text}: {meaning} does not exist")
            elif meaning.endswith("-") and not stored.children:
                wrong.append(f"{term.text}: nothing is below {meaning}; leave the hyphen out")
            elif not meaning.endswith("-") and not stored.concept.billable:
                wrong.append(f"{term.text}: {meaning} is a header; write {meaning}-")
            elif len(meaning.rstrip("-")) == 8 and meaning[-1].isalpha():
                wrong.append(f"{term.text}: {meaning} names an encounter; name the code above it")
    assert not wrong, f"{TERMS_FILE}: {wrong}"


def test_every_code_of_the_commonness_table_exists(full_service, newest):
    wrong = [row.code for row in COMMONNESS if full_service.concepts.concept(row.code, newest) is None]
    assert not wrong


def test_no_two_rows_are_found_by_the_same_words():
    seen: dict[tuple[str, ...], str] = {}
    doubled = []
    for term in TERMS:
        key = tuple(phrase_key(term.text))
        if key in seen and len(key) > 1:
            doubled.append((term.text, seen[key]))
        seen[key] = term.text
    # The plural or the apostrophe of a row may stand beside it; what differs in nothing else must mean the same.
    means = {term.text: term.means for term in TERMS}
    assert not [pair for pair in doubled if means[pair[0]][:1] != means[pair[1]][:1]]


def test_every_text_of_a_row_is_written_in_words_of_titles(full_service):
    """A text that no title has leads nowhere. Encounters are words of seventh characters instead."""
    search = full_service.search
    wrong = []
    for term in TERMS:
        if term.kind in ("encounter", "ignored", "spelling"):
            continue
        for meaning in term.means:
            if not is_code(meaning):
                unknown = [word for word in content_words(meaning) if not search.knows(word)]
                if unknown:
                    wrong.append(f"{term.text}: {meaning!r}: {', '.join(unknown)}")
    assert not wrong, wrong


def test_spellings_are_single_words_and_encounters_name_one():
    for term in TERMS:
        if term.kind == "spelling":
            assert len(phrase_key(term.text)) == 1, f"{term.text}: only one word can be written otherwise"
            assert len(term.means) == 1
            assert not is_code(term.means[0])
        if term.kind == "encounter":
            assert all(not is_code(meaning) for meaning in term.means)


def test_the_tables_are_sorted_so_that_a_change_is_one_line():
    for kind in KINDS:
        texts = [term.text.lower() for term in TERMS if term.kind == kind]
        assert texts == sorted(texts), kind


def test_no_row_is_an_example_query():
    examples = {line.split("\t")[0].lower() for line in (ROOT / "tests/search/examples.tsv").read_text("utf-8").splitlines()[1:]}
    copied = {term.text.lower() for term in TERMS} & examples
    # Words that every clinician uses stand in both.
    assert len(copied) <= 6, sorted(copied)
