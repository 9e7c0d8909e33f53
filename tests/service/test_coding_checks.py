from __future__ import annotations

from dataclasses import replace

from icdref.model import Concept, Kind, Note, NoteKind
from icdref.service.coding_checks import ExcludedPair, check_code, excluded_pairs


def with_note(lookup, *cited):
    above = Concept("M61", Kind.CATEGORY, "", "", billable=False, notes=(Note(NoteKind.EXCLUDES1, "a note", cited),))
    return replace(lookup, concept=replace(lookup.concept, notes=()), ancestors=(above,))


def without_notes(lookup):
    return replace(lookup, concept=replace(lookup.concept, notes=()), ancestors=())


def test_a_pair_is_found_from_either_side_once(small_service):
    terminology = small_service.terminology
    first, second, third = (terminology.lookup(code) for code in ("M61.40", "M65.20", "A00.0"))
    found = excluded_pairs([with_note(first, "M65.2-"), with_note(second, "M61.4"), with_note(third, "C00-C97")])
    assert found == (ExcludedPair("M61.40", "M65.20", "M61", "a note"),)


def test_a_reference_that_covers_both_codes_keeps_neither_apart(small_service):
    first, second = (small_service.terminology.lookup(code) for code in ("M61.011", "M61.012"))
    assert excluded_pairs([with_note(first, "M61.0-"), with_note(second, "M60-M63")]) == ()
    assert excluded_pairs([with_note(first, "M61.012"), without_notes(second)])[0].other == "M61.012"


def test_a_sound_code_and_a_local_code_are_no_findings(small_service):
    for text in ("A00.0", "M61.011", "LOCAL-1", ""):
        assert check_code(text, None, small_service.terminology) is None
