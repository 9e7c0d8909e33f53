"""Search: references in every form, chains forward and back, and what is included with the matches."""

import pytest

from icdref.fhir.search import parse_query, search
from tests.fhir.searching import (
    ALL,
    BASE,
    BONY,
    CHILD,
    COLLECTIONS,
    CONDITIONS,
    LIMB,
    OWN,
    Tree,
    ids,
    page,
    refusal,
)

# --- references and chains -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "subject=ValueSet/bony-muscle-codes",
        "subject=bony-muscle-codes",
        "subject:ValueSet=bony-muscle-codes",
        f"subject={BASE}/ValueSet/bony-muscle-codes",
        f"subject={OWN}/ValueSet/bony-muscle-codes",
        f"subject={OWN}/ValueSet/bony-muscle-codes|0.2.0",
        "entry=Library/bony-muscle",
        "entry:Library=bony-muscle",
    ],
)
@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_a_reference_may_be_written_in_any_form(value, version):
    assert ids("Composition", value, version=version) == BONY


@pytest.mark.parametrize(
    "value",
    [
        "subject:Library=bony-muscle-codes",
        "subject=https://other.example.org/fhir/ValueSet/bony-muscle-codes",
        f"subject={OWN}/ValueSet/bony-muscle-codes|9",
        "subject=ValueSet/other",
        "subject:missing=true",
    ],
)
def test_a_reference_elsewhere_finds_nothing(value):
    assert ids("Composition", value) == []


def test_references_to_what_is_not_held_are_compared_as_written():
    assert ids("Composition", "author=Organization/authors") == ALL
    assert ids("Composition", "author:Organization=authors") == ALL


def test_a_canonical_reference_leads_to_the_resource():
    assert ids("Library", "composed-of=Composition/bony-muscle") == BONY
    assert ids("Library", f"composed-of={OWN}/Composition/bony-muscle") == BONY
    assert ids("Library", "composed-of=stiff-child") == CHILD


def test_a_version_in_a_reference_counts_only_when_asked():
    assert ids("Provenance", "target=Composition/bony-muscle") == ["bony-muscle-2"]
    assert ids("Provenance", "target=Composition/bony-muscle/_history/2") == ["bony-muscle-2"]
    assert ids("Provenance", "target=Composition/bony-muscle/_history/1") == []


@pytest.mark.parametrize(
    ("resource_type", "query", "found"),
    [
        ("Composition", "subject:ValueSet.title:contains=stiff", CHILD),
        ("Composition", "subject:ValueSet.code:not=M61.051", [*CHILD, *LIMB]),
        ("Composition", f"subject.url={OWN}/ValueSet/bony-muscle-codes", BONY),
        ("Composition", "entry.topic=M61.1", CHILD),
        ("Library", "composed-of.subject:ValueSet.code=M61.051", BONY),
        ("Provenance", "target:Composition.subject:ValueSet.code=m61051", ["bony-muscle-2"]),
        ("Provenance", "target.status=final", ["stiff-child-2"]),
        ("Provenance", "recorded=2026-11-22&agent-type=author", [f"{name}-2" for name in ALL]),
        ("ValueSet", "_has:Composition:subject:status=final", ["stiff-child-codes"]),
        ("Composition", "_has:Provenance:target:recorded=ge2027", []),
        ("Composition", "_has:Library:composed-of:topic=M61.0", BONY),
        ("ValueSet", "_has:Composition:subject:_has:Provenance:target:_id=bony-muscle-2", ["bony-muscle-codes"]),
        ("Composition", "_has:Library:composed-of:composed-of.status=final", CHILD),
    ],
)
def test_chains_go_forward_and_back(resource_type, query, found):
    assert ids(resource_type, query) == found


def test_a_chain_is_answered_once_and_not_per_resource():
    tree = Tree()
    asked = parse_query("Composition", [("subject:ValueSet.code", "S72")], strict=True)
    search(asked, COLLECTIONS["4.0"], tree)
    assert tree.questions == len(CONDITIONS)


@pytest.mark.parametrize("name", ["subject:Patient.name", "title.code", "subject:ValueSet.colour", "subject.colour"])
def test_a_chain_into_the_unknown_is_an_unknown_parameter(name):
    issue = refusal("Composition", [(name, "x")])
    assert issue.detail == "unknown-search-parameter"
    assert name in issue.text
    assert ids("Composition", [(name, "x")], strict=False) == ALL


@pytest.mark.parametrize("name", ["_has:Composition", "_has:Patient:subject:name", "_has:Composition:title:code", "_has:"])
def test_a_malformed_has_is_an_unknown_parameter(name):
    assert refusal("ValueSet", [(name, "x")]).detail == "unknown-search-parameter"


def test_a_chain_is_not_endless():
    assert "at most 4 steps" in refusal("Composition", [("entry:Composition." * 50 + "title", "x")]).text
    assert "at most 4 steps" in refusal("Composition", [("_has:Composition:entry:" * 50 + "title", "x")]).text


# --- what comes with the matches -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource_type", "query", "included"),
    [
        ("Composition", "_include=Composition:subject", ["ValueSet/bony-muscle-codes"]),
        ("Composition", "_include=Composition:subject:ValueSet", ["ValueSet/bony-muscle-codes"]),
        ("Composition", "_include=Composition:subject:Library", []),
        ("Composition", "_include=Composition:entry", ["Library/bony-muscle"]),
        ("Composition", "_include=*", ["ValueSet/bony-muscle-codes", "Library/bony-muscle"]),
        ("Composition", "_include=Composition:author", []),
        ("Composition", "_include=Library:composed-of", []),
        ("Composition", "_revinclude=Provenance:target", ["Provenance/bony-muscle-2"]),
        ("Composition", "_include=Composition:entry&_include=Composition:entry", ["Library/bony-muscle"]),
        ("ValueSet", "_revinclude=Composition:subject&_revinclude=Provenance:target", ["Composition/bony-muscle"]),
        (
            "ValueSet",
            "_revinclude=Composition:subject&_revinclude:iterate=Provenance:target&_include:iterate=Composition:entry",
            ["Composition/bony-muscle", "Provenance/bony-muscle-2", "Library/bony-muscle"],
        ),
    ],
)
def test_includes_follow_references_once_unless_iterated(resource_type, query, included):
    match = "bony-muscle-codes" if resource_type == "ValueSet" else "bony-muscle"
    found = page(resource_type, f"_id={match}&{query}")
    assert [f"{resource['resourceType']}/{resource['id']}" for resource in found.included] == included
    assert found.total == 1


def test_nothing_is_included_twice_or_as_well_as_matched():
    found = page("Composition", "_include=Composition:entry&_revinclude:iterate=Library:composed-of&_include:iterate=*")
    keys = [(resource["resourceType"], resource["id"]) for resource in (*found.matches, *found.included)]
    assert len(keys) == len(set(keys)) == 9


@pytest.mark.parametrize("value", ["Composition:title", "Patient:subject", "Composition", "_include", "Composition:"])
def test_an_unknown_include_is_named_with_those_that_exist(value):
    issue = refusal("Composition", [("_include", value)])
    assert issue.detail == "unknown-search-parameter"
    assert "Composition:subject" in issue.text
    assert page("Composition", [("_include", value)], strict=False).included == ()
