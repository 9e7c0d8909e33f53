from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.compiler.content import Fault, approved_digest
from icdref.compiler.content.review import normalised_name
from icdref.importers.conditions import read_conditions
from tests.compiler.content.good import Directory

BRU = "conditions/bruise-bone.toml"
APPROVED = """reviewers = [{ name = "Dr. Ana Lima", role = "orthopaedic surgeon", date = 2026-12-01 }]
last_reviewed = 2026-12-01
next_review_due = 2028-10-31
approved_digest = "DIGEST"
"""


@pytest.fixture
def approved(content: Directory) -> Directory:
    digest = approved_digest(read_conditions(content.path).summaries[0])
    content.edit(BRU, 'status = "draft"', 'status = "approved"')
    return content.edit(BRU, "reviewers = []\n", APPROVED.replace("DIGEST", digest))


def errors(content: Directory, as_of: date | None = None) -> list[Fault]:
    return [fault for fault in content.faults(as_of) if fault.severity == "error"]


def test_an_approved_summary_is_sound(approved: Directory) -> None:
    assert errors(approved) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("Do not knead", "Never knead", "not those that were approved"),
        ('name = "Dr. Ana Lima"', 'name = "icdref authors"', "is also an author"),
        ('{ role = "author", name = "icdref authors" }', '{ role = "author", name = "Lima, Ána, MD" }', "is also an author"),
        ('name = "Dr. Ana Lima"', 'name = "Review Team"', "not the full name of a person"),
        ('name = "Dr. Ana Lima"', 'name = "Dr. Lima"', "not the full name of a person"),
        (", date = 2026-12-01 }", " }", "has no date"),
        ("last_reviewed = 2026-12-01\n", "", "without last_reviewed"),
        ("next_review_due = 2028-10-31\n", "", "without next_review_due"),
        ("next_review_due = 2028-10-31", "next_review_due = 2026-11-30", "is before last_reviewed"),
        ("review_interval_months = 24", "review_interval_months = 0", "is 0"),
        ("revision_date = 2026-11-22", "revision_date = 2026-11-21", "is before release_date"),
    ],
)
def test_an_approval_needs_everything(approved: Directory, old: str, new: str, says: str) -> None:
    approved.edit(BRU, old, new)
    assert [fault.rule for fault in errors(approved) if says in fault.message] == [15]


def test_an_approval_without_reviewers_is_refused(content: Directory) -> None:
    content.edit(BRU, 'status = "draft"', 'status = "approved"')
    assert "is approved without a reviewer" in [fault.message for fault in errors(content)]


def test_a_changed_statement_names_the_way_back(approved: Directory) -> None:
    approved.edit(BRU, "Do not knead", "Never knead")
    (fault,) = errors(approved)
    assert fault.fix.startswith('status = "in-review"')
    assert approved_digest(read_conditions(approved.path).summaries[0]) in fault.fix


def test_an_overdue_review_fails_the_release_check_only(approved: Directory) -> None:
    approved.edit(BRU, "next_review_due = 2028-10-31", "next_review_due = 2027-01-31")
    assert errors(approved) == []
    assert [fault.where for fault in errors(approved, date(2027, 2, 1))] == ["review.next_review_due"]


def test_a_review_in_progress_is_sound(content: Directory) -> None:
    content.edit(BRU, 'status = "draft"', 'status = "in-review"')
    content.edit(BRU, "reviewers = []", 'reviewers = [{ name = "Ana Lima", role = "surgeon" }]')
    assert errors(content) == []


def test_a_retired_summary_binds_nothing(content: Directory) -> None:
    content.edit(BRU, 'status = "draft"', 'status = "retired"\nreplaced_by = "muscle-bone"')
    assert {fault.rule for fault in errors(content)} == {11}
    content.edit("conditions/muscle-bone.toml", 'code = "M61"\nmatch = "self"', 'code = "M61"\nmatch = "self-and-descendants"')
    content.edit("conditions/muscle-bone.toml", 'code = "M61.9"', 'code = "C49"')
    assert errors(content) == []


def test_the_digest_is_of_the_statements_alone(content: Directory) -> None:
    before = approved_digest(read_conditions(content.path).summaries[0])
    content.edit(BRU, 'text = "bruise bone"', 'text = "bruised bone"')
    assert approved_digest(read_conditions(content.path).summaries[0]) == before
    content.edit(BRU, "to_weeks = 3", "to_weeks = 4")
    assert approved_digest(read_conditions(content.path).summaries[0]) != before


@given(st.lists(st.sampled_from(["Ana", "Lima", "Zoë", "O'Neil", "Ho"]), min_size=2, max_size=4))
def test_a_name_is_the_same_person_in_any_order_and_case(parts: list[str]) -> None:
    name = " ".join(parts)
    assert normalised_name(name) == normalised_name(", ".join(reversed(parts)).upper()) == normalised_name(f"Prof. {name}, MD")
