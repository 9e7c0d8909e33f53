from __future__ import annotations

import doctest
from datetime import date

import pytest

from icdref.codes import ICD9CM, SNOMED_CT
from icdref.service import summaries
from icdref.service.summaries import folded


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(summaries).failed == 0


def test_what_is_bound_with_descendants_is_found_from_below_and_what_is_bound_alone_is_not(small_service):
    found = small_service.knowledge.summaries
    assert found.bound_to("M61.0", exact=True) == found.bound_to("M61.0", exact=False) == ("bone-after-a-blow",)
    assert (found.bound_to("M61", exact=True), found.bound_to("M61", exact=False)) == (("bone-in-muscle",), ())
    assert found.bound_to("M61.00", exact=True) == ()


def test_context_is_no_focus(small_service):
    found = small_service.knowledge.summaries
    assert found.in_context_of("M61.0", exact=False) == ("other-bone",)
    assert "other-bone" not in found.bound_to("M61.0", exact=False)


def test_codes_of_other_systems_are_found_whatever_their_case(small_service):
    found = small_service.knowledge.summaries
    assert found.equivalent_to(ICD9CM, "728.12") == ("bone-after-a-blow",)
    assert found.equivalent_to("http://hl7.org/fhir/sid/icd-10", "m61.0") == ("bone-after-a-blow",)
    assert found.equivalent_to(SNOMED_CT, "222000") == ("bone-in-muscle", "other-bone")
    assert found.equivalent_to(SNOMED_CT, "728.12") == ()
    assert ICD9CM in found.systems()


def test_retired_and_expired_summaries_are_kept_but_not_found(small):
    found = small.service(date(2026, 11, 1)).knowledge.summaries
    assert {"old-name", "passing-fashion"} <= set(found.all)
    assert found.bound_to("M65.2", exact=True) == found.bound_to("M72", exact=True) == ()
    assert found.named("old name") == found.named("passing fashion") == ()
    assert small.service(date(2026, 10, 31)).knowledge.summaries.bound_to("M72", exact=True) == ("passing-fashion",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Münchmeyer's  disease", "munchmeyer s disease"),
        ("ALS", "als"),
        ("Charcot–Marie–Tooth", "charcotmarietooth"),
        ("Charcot-Marie-Tooth", "charcot marie tooth"),
        ("", ""),
        ("!?", ""),
    ],
)
def test_a_name_is_compared_without_accents_case_marks_and_doubled_blanks(text, name):
    assert folded(text) == name
