"""What a release changes, on the cut: every list, its successors, its forms, and what it does to the summaries."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from icdref.compiler import diff_report
from icdref.compiler.impact import DELETED, EXCLUDES, NEW_BELOW, RETITLED, UNBOUND, _summary, impact
from icdref.fhir.successor_map import successor_map
from icdref.fhir.validation import parse_with_fhir_resources
from icdref.issues import IcdRefError
from icdref.service.diff_sections import sections
from icdref.service.release_diff import NoteChange, compare

OLD, NEW = "2024-10-01", "2025-10-01"


@pytest.fixture(scope="module")
def found(small_service):
    return compare(small_service, OLD, NEW)


def test_a_code_that_became_a_header_is_deleted_and_named_as_such(found):
    assert "B88.0" in found.deleted
    assert found.became_header == ("B88.0",)
    assert {"B88.01", "B88.09"} <= found.added.keys()
    assert found.successors["B88.0"] == ("B88.01", "B88.09")
    assert found.predecessors["B88.01"] == ("B88.0",)


def test_a_chain_of_successors_is_followed_to_its_end(found):
    assert found.successors["M61.6"] == ("M61.00",)


def test_a_retitling_is_shown_with_both_titles(found):
    assert found.retitled["A00.0"] == (
        "Cholera  due to the vibrio of 1883",
        "Cholera due to Vibrio cholerae 01, biovar cholerae",
    )
    assert found.blanks_only == ()


def test_a_changed_inclusion_term_is_a_changed_note(found):
    (change,) = found.notes["A00.0"]
    assert (change.kind, change.added, change.removed) == ("inclusionTerm", ("Classical cholera",), ("Old cholera",))


def test_the_other_way_round_everything_is_the_other_way_round(small_service, found):
    back = compare(small_service, NEW, OLD)
    assert (back.added, back.deleted) == (found.deleted, found.added)
    assert back.became_billable == found.became_header


def test_a_release_does_not_differ_from_itself(small_service):
    found = compare(small_service, NEW, NEW)
    assert not any(found.counts().values())
    assert sections(found) == ()


def test_an_alias_and_a_day_mean_the_release(small_service):
    assert compare(small_service, "2025", "FY2026").second.name == "2026-04-01"
    assert compare(small_service, "2024-10", "2026-04-01").first.name == OLD


def test_a_side_that_is_nothing_is_refused_with_what_there_is(small_service):
    with pytest.raises(IcdRefError, match="2024-10-01, 2025-10-01, 2026-04-01"):
        compare(small_service, "1999", NEW)


def test_csv_has_a_row_for_every_row_of_every_section(found):
    rows = list(csv.reader(io.StringIO(diff_report.to_csv(found))))
    assert rows[0] == ["consequence", "code", "before", "after", "related"]
    assert len(rows) - 1 == sum(len(section.rows) for section in sections(found))


def test_html_escapes_what_titles_say(found):
    hostile = replace(found, added={"A00.1": "<script>alert(1)</script>"})
    page = diff_report.to_html(hostile, ())
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_concept_map_is_valid_and_picks_no_successor(found):
    resource = successor_map(OLD, NEW, found.deleted, found.successors, found.became_header, "https://icdref.example.org/fhir/r4")
    assert list(parse_with_fhir_resources(resource)) == []
    targets = {each["code"]: each["target"] for each in resource["group"][0]["element"]}
    assert targets["B88.0"] == [
        {"code": "B88.01", "equivalence": "narrower"},
        {"code": "B88.09", "equivalence": "narrower"},
    ]
    assert all(len({each.get("code") for each in target}) == len(target) for target in targets.values())


def test_what_changes_under_a_bound_code_is_found(small_service, found):
    wide = bound(small_service, "bone-in-muscle", "M61", match="self-and-descendants")
    kinds = {(each.kind, each.code) for each in findings_of(small_service, wide, found)}
    assert {(DELETED, "M61.6"), (DELETED, "M61.7"), (NEW_BELOW, "M61.8")} <= kinds
    narrow = bound(small_service, "bone-in-muscle", "M61", match="self")
    assert not {(DELETED, "M61.6"), (NEW_BELOW, "M61.8")} & {(e.kind, e.code) for e in findings_of(small_service, narrow, found)}


def test_a_changed_title_and_a_changed_excludes_note_under_a_summary_are_found(small_service, found):
    changed = replace(found, notes={"A00": (NoteChange("excludes1", ("new (B20)",), ()),)})
    kinds = {(each.kind, each.code) for each in findings_of(small_service, bound(small_service, "white-cells", "A00.0"), changed)}
    assert {(RETITLED, "A00.0"), (EXCLUDES, "A00")} <= kinds


def test_a_summary_left_bound_to_nothing_fails(small_service, found):
    lost = bound(small_service, "white-cells", "Q99.9")
    assert [(each.kind, each.is_failure) for each in findings_of(small_service, lost, found)] == [(UNBOUND, True)]


def test_no_summary_of_ours_is_left_bound_to_nothing_by_fiscal_year_2027(full_service):
    findings = impact(full_service, compare(full_service, "2026-04-01", "2027"))
    assert not [each for each in findings if each.is_failure]


def bound(service, identifier, code, match="self-and-descendants"):
    """Return a summary as if it were bound to one other code."""
    summary = service.knowledge.summaries.all[identifier]
    focus = next(each for each in summary.codes if each.role == "focus")
    return replace(summary, codes=(replace(focus, code=code, match=match),))


def findings_of(service, summary, diff):
    return tuple(_summary(service, summary, diff))
