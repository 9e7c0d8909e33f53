"""Looking up a code: in any spelling, in any release, on any day, with what stands above it and what came after it."""

from __future__ import annotations

from datetime import date

import pytest

from icdref.codes import ICD9CM, ICD10CM, ICD10CM_OID
from icdref.issues import IcdRefError
from icdref.results import InheritedNote, Lookup, NoSuchCode
from icdref.service.terminology import Terminology

LAST_DAY_OF_2026, FIRST_DAY_OF_2027 = date(2026, 9, 30), date(2026, 10, 1)


def found(terminology: Terminology, code: str, **question) -> Lookup:
    answer = terminology.lookup(code, **question)
    assert isinstance(answer, Lookup), answer
    return answer


def missing(terminology: Terminology, code: str, **question) -> NoSuchCode:
    answer = terminology.lookup(code, **question)
    assert isinstance(answer, NoSuchCode), answer
    return answer


def details(answer) -> list[str]:
    return [issue.detail for issue in answer.issues]


# --- lookup ----------------------------------------------------------------------------------------------------------


def test_a_lookup_is_complete(terms):
    answer = found(terms, "M61.569")
    assert answer.concept.display == "Other ossification of muscle, unspecified lower leg"
    assert [above.code for above in answer.ancestors] == ["M61.56", "M61.5", "M61", "M60-M63", "M60-M79", "13"]
    assert (answer.chapter, answer.block) == ("13", "M60-M63")
    assert (answer.children, answer.billable_below, answer.active, answer.issues) == ((), 0, True, ())
    assert answer.validity.valid_from == date(2015, 10, 1)
    assert (answer.system, answer.asked) == (ICD10CM, "M61.569")


@pytest.mark.parametrize("spelling", ["M61569", "m61.569", " M61.569\t", "m61569"])
def test_any_spelling_is_accepted_and_said(terms, spelling):
    answer = found(terms, spelling)
    assert (answer.asked, answer.concept.code) == (spelling, "M61.569")
    (issue,) = answer.issues
    assert (issue.detail, issue.severity, issue.tx) == ("code-normalised", "information", "code-rule")


@pytest.mark.parametrize(
    ("code", "chapter", "block", "kind"),
    [
        ("13", "13", "", "chapter"),
        ("M60-M79", "13", "", "block"),
        ("m60-m63", "13", "M60-M79", "block"),
        ("M61", "13", "M60-M63", "category"),
        ("B20", "1", "B20", "category"),
        ("T07.XXXA", "19", "T07", "subcategory"),
        ("QA0.0101", "17", "QA0", "subcategory"),
        ("T20.00XA", "19", "T20-T25", "subcategory"),
    ],
)
def test_chapters_blocks_and_categories_are_found_in_their_place(terms, code, chapter, block, kind):
    answer = found(terms, code)
    assert (answer.chapter, answer.block, answer.concept.kind) == (chapter, block, kind)


def test_notes_are_inherited_from_every_level_nearest_first(terms):
    answer = found(terms, "M61.411")
    levels = list(dict.fromkeys(note.inherited_from for note in answer.notes))
    assert levels == ["M61.4", "M60-M63", "13"]
    excluded = [each.note for each in answer.notes if each.inherited_from == "M61.4"]
    assert [note.codes for note in excluded] == [("M65.2-",), ("M75.3",)]
    own = found(terms, "M61.4")
    assert [each.inherited_from for each in own.notes[:2]] == ["", ""]


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("M05.011", "M00-M25"),
        ("T20.00XA", "T20-T32"),
        ("T20.00XA", "T20"),
        ("T20.00XA", "T20-T25"),
        ("T20.00XA", "19"),
        ("V01.00XA", "V00-V99"),
        ("V01.00XA", "V00-V09"),
        ("T07.XXXA", "T07"),
        ("W08.XXXA", "W08"),
        ("B20", ""),
    ],
)
def test_notes_of_categories_blocks_super_blocks_and_chapters_are_reachable(terms, code, level):
    own = found(terms, level or code)
    answer = found(terms, code)
    notes = [each.note for each in own.notes if not each.inherited_from]
    assert notes
    assert [each.note for each in answer.notes if each.inherited_from == level] == notes


@pytest.mark.slow
def test_the_vendored_release_passes_its_notes_down(vendored):
    levels = {each.inherited_from for each in found(vendored, "M61.051").notes}
    assert levels == {"M60-M63", "13"}
    assert any(each.note.codes == ("G71-G72",) for each in found(vendored, "M61.051").notes)
    assert {"M00-M25"} <= {each.inherited_from for each in found(vendored, "M05.00").notes}
    assert sum(each.inherited_from == "T20-T32" for each in found(vendored, "T20.00XA").notes) == 13
    assert sum(each.inherited_from == "V00-V99" for each in found(vendored, "V01.00XA").notes) == 38
    excluded = [each.note.codes for each in found(vendored, "M61.4").notes if not each.inherited_from]
    assert excluded == [("M65.2-",), ("M75.3",)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "billable", "parent"),
    [
        ("S06.1X7A", True, "S06.1X7"),
        ("T07.XXXA", True, "T07"),
        ("C4A.0", True, "C4A"),
        ("M1A.00X0", True, "M1A.00"),
        ("QA0.0101", True, "QA0.010"),
        ("S06.0XAS", True, "S06.0XA"),
        ("S06.0X", False, "S06.0"),
        ("B20", True, "1"),
        ("U07.1", True, "U07"),
        ("C44.1021", True, "C44.102"),
    ],
)
def test_the_traps_of_the_vendored_release_are_answered(vendored, code, billable, parent):
    answer = found(vendored, code)
    assert (answer.concept.billable, answer.concept.parent) == (billable, parent)


def test_the_system_may_be_an_oid(terms):
    assert found(terms, "M61", system=f"urn:oid:{ICD10CM_OID}").concept.code == "M61"
    with pytest.raises(IcdRefError) as caught:
        terms.lookup("728.12", ICD9CM)
    assert caught.value.issue.detail == "unknown-system"
    assert ICD10CM in caught.value.issue.text


@pytest.mark.parametrize("code", ["", "M61.051.1", "728.12", "M61.0\x00", "x" * 1000, "'; DROP TABLE concept; --"])
def test_what_is_no_code_is_malformed_whatever_the_release(terms, code):
    answer = missing(terms, code)
    assert (answer.code, answer.issue.detail, answer.issue.tx) == ("", "malformed-code", "invalid-code")


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [("M61.9X", "did you mean M61.9?"), ("M6I.569", "did you mean M61.569?"), ("Q99.99", "version '2026-04-01'")],
)
def test_an_unknown_code_comes_with_what_may_have_been_meant(terms, wrong, meant):
    answer = missing(terms, wrong)
    assert answer.issue.detail == "unknown-code"
    assert answer.issue.text.startswith(f"Unknown code '{answer.code}' in the CodeSystem '{ICD10CM}'")
    assert answer.issue.text.endswith(meant)


# --- releases and days -----------------------------------------------------------------------------------------------


def test_the_release_that_answers_is_chosen_by_version_then_day(terms):
    assert found(terms, "A00.0", version="2025").concept.display == "Cholera  due to the vibrio of 1883"
    assert found(terms, "A00.0", day=date(2025, 9, 30)).choice.release.version == "2024-10-01"
    assert found(terms, "A00.0", day=date(2025, 10, 1)).choice.release.version == "2025-10-01"
    assert found(terms, "A00.0").choice.release.version == "2026-04-01"


def test_with_a_version_the_answer_does_not_depend_on_today(small_service, terms):
    later = small_service.__class__(small_service.edition, small_service.settings, lambda: date(2099, 1, 1)).terminology
    for code in ("M72.2", "D72.818", "B88.0", "M61"):
        assert found(later, code, version="2026") == found(terms, code, version="2026")
        assert found(terms, code, version="2026").active is True


def test_a_code_that_another_release_has_says_when_it_is_valid(terms):
    gone = missing(terms, "M61.6")
    assert gone.issue.detail == "code-not-in-release"
    assert gone.issue.text == (
        "'M61.6' is not a code in ICD-10-CM 2026-04-01; it was valid from 2015-10-01 to 2025-09-30;"
        " the conversion table names M61.00"
    )
    coming = missing(terms, "J4B", day=LAST_DAY_OF_2026)
    assert coming.issue.text == "'J4B' is not a code in ICD-10-CM 2026-04-01; it is valid from 2026-10-01"
    assert found(terms, "M61.6", day=date(2025, 9, 30)).active is True


@pytest.mark.parametrize("terminology", ["terms", "vendored"])
def test_a_code_of_2027_is_valid_without_title_from_its_first_day(terminology, request):
    terminology = request.getfixturevalue(terminology)
    for question in ({}, {"day": FIRST_DAY_OF_2027}):
        answer = found(terminology, "J4B", **question)
        assert (answer.active, answer.concept.billable, answer.concept.display) == (True, True, "")
        assert answer.choice.release.version == "2026-04-01"
        assert (answer.chapter, answer.block, answer.ancestors, answer.notes) == ("", "", (), ())
        (issue,) = answer.issues
        assert (issue.detail, issue.severity) == ("title-not-installed", "warning")
        assert "2026-10-01" in issue.text
    assert missing(terminology, "J4B", day=LAST_DAY_OF_2026).issue.detail == "code-not-in-release"
    assert missing(terminology, "J4B", version="2026").issue.detail == "code-not-in-release"


def test_a_code_without_title_stands_below_the_longest_code_that_there_is(terms):
    answer = found(terms, "M72.20")
    assert [above.code for above in answer.ancestors] == ["M72.2", "M72", "M70-M79", "M60-M79", "13"]
    assert answer.chapter == "13"


@pytest.mark.slow
@pytest.mark.parametrize("code", ["M72.2", "D69.1", "I42.0", "S23.420A", "T52.8X1D", "Z68.1"])
def test_a_code_deleted_in_2027_is_active_until_the_day_before(vendored, code):
    assert found(vendored, code, day=LAST_DAY_OF_2026).active is True
    ended = found(vendored, code, day=FIRST_DAY_OF_2027)
    assert ended.active is False
    (issue,) = (issue for issue in ended.issues if issue.detail == "code-retired")
    assert (issue.severity, issue.tx) == ("warning", "code-comment")
    assert "its last valid day was 2026-09-30" in issue.text


@pytest.mark.slow
def test_fiscal_year_2027_lies_over_the_release_of_2026(vendored):
    validity = {code: vendored.concepts.validity(code) for code in vendored.concepts.billable_codes(0)}
    day = date(2026, 4, 1)
    valid = [row.code for row in validity.values() if row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)]
    assert valid == list(validity)
    assert len(valid) == 74_719
    assert all(found(vendored, code, day=day).active for code in valid[::50])
    ended = [code for code, row in validity.items() if row.valid_to]
    assert len(ended) == 30
    assert not [code for code in ended if found(vendored, code, day=FIRST_DAY_OF_2027).active]


def test_a_header_is_active_as_long_as_something_below_it_is(terms):
    assert found(terms, "M72", day=FIRST_DAY_OF_2027).active is True
    assert found(terms, "D72.81", day=LAST_DAY_OF_2026).active is True
    header = found(terms, "D72.81", day=FIRST_DAY_OF_2027)
    assert header.active is False
    assert header.issues[0].text.endswith("no code below it is valid on 2026-10-01")


@pytest.mark.slow
def test_s23_420_is_inactive_with_all_its_codes(vendored):
    assert found(vendored, "S23.420", day=LAST_DAY_OF_2026).active is True
    assert found(vendored, "S23.420", day=FIRST_DAY_OF_2027).active is False
    assert found(vendored, "S23.42", day=FIRST_DAY_OF_2027).active is True


@pytest.mark.slow
def test_a_header_that_was_billable_was_active_while_it_was(vendored):
    """B88.0 was divided on 2025-10-01; no release from before is installed, but validity by date is known."""
    before, after = (found(vendored, "B88.0", day=day) for day in (date(2025, 9, 30), date(2025, 10, 1)))
    assert (before.active, after.active) == (True, True)
    assert "code-retired" not in details(before) + details(after)
    assert "code-became-header" in details(after)


@pytest.mark.parametrize("day", [date(2015, 9, 30), date(2027, 4, 1), date(1999, 1, 1)])
def test_outside_the_validity_table_nothing_is_guessed(terms, day):
    answer = found(terms, "M61.50", day=day)
    assert answer.active is None
    (issue,) = (issue for issue in answer.issues if issue.detail == "validity-not-known")
    assert "known from 2015-10-01 to 2027-03-31" in issue.text
    assert terms.validate_code("M61.50", day=day).inactive is None


@pytest.mark.parametrize("day", [date(2015, 10, 1), date(2027, 3, 31)])
def test_the_first_and_the_last_day_of_the_table_are_known(terms, day):
    assert found(terms, "M61.50", day=day).active is True


@pytest.mark.parametrize(
    ("code", "day", "edits"),
    [
        ("Z3A.00", date(2019, 9, 30), ("female", "maternity")),
        ("Z3A.00", date(2024, 10, 1), ("maternity", "unacceptable")),
        ("M61.50", date(2022, 3, 31), ()),
        ("M61.50", date(2022, 4, 1), ("unspecified",)),
        ("W08.XXXA", date(2026, 4, 1), ("ecodepdx",)),
        ("M61", date(2026, 4, 1), ()),
    ],
)
def test_edit_flags_are_those_of_the_day(terms, code, day, edits):
    assert found(terms, code, day=day).edits == edits


# --- successors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "successors"),
    [
        ("M61.6", ("M61.00",)),
        ("M61.7", ("M61.50",)),
        ("M61.8", ("M61.50",)),
        ("M62", ("M61.561", "M61.562")),
        ("M61.50", ()),
        ("A00.0", ()),
    ],
)
def test_chains_are_followed_to_their_end_and_splits_are_no_replacements(terms, code, successors):
    assert terms.successors(code) == successors


def test_a_code_names_what_it_replaced_and_what_was_split_off_does_not(terms):
    assert found(terms, "M61.50").replaces == ("M61.8",)
    assert found(terms, "M61.59").replaces == ()
    assert found(terms, "M61.7", version="2025").replaced_by == ("M61.50",)
    assert found(terms, "T07.XXXA").replaces == ("T07",)


@pytest.mark.slow
def test_the_vendored_successors_are_replacements_only(vendored):
    assert vendored.successors("M50.01") == ()
    assert found(vendored, "T07.XXXA").replaces == ("T07",)
    assert found(vendored, "T86.8409").replaces == ("T86.840",)
    assert vendored.successors("H81.49") == ("H81.4",)
    assert set(vendored.successors("S02.10XA")) == {"S02.101A", "S02.102A", "S02.109A"}


@pytest.mark.slow
def test_no_successor_that_ended_is_the_end_of_a_chain_that_goes_on(vendored):
    """855 ended codes have a successor, 78 of them a single one (README of the vendored table)."""
    ended = [
        code for (code,) in vendored.concepts._index.rows("SELECT code FROM succession") if vendored.concepts.succession(code)[0]
    ]
    chains = {code: vendored.successors(code) for code in ended}
    followed = {code: ends for code, ends in chains.items() if ends}
    assert len(followed) == 855
    assert not [code for code, ends in followed.items() if any(vendored.successors(end) for end in ends)]


def test_an_inherited_note_is_a_note_with_its_level(terms):
    (first, *_) = found(terms, "M61.40").notes
    assert isinstance(first, InheritedNote)
    assert (first.note.kind, first.inherited_from) == ("excludes1", "M61.4")
