"""FHIR resources that an operator imports: taken whole and unambiguous, or refused."""

from __future__ import annotations

import json

import pytest

from icdref.importers.errors import ImportFault
from icdref.importers.fhir_files import read_resource

SYSTEM = {
    "resourceType": "CodeSystem",
    "url": "https://hospital.example/codes",
    "version": "3",
    "name": "Local",
    "status": "active",
    "content": "complete",
    "count": 2,
    "concept": [{"code": "a", "concept": [{"code": "b", "display": "B"}]}],
}
VALUES = {"resourceType": "ValueSet", "url": "urn:x", "status": "active", "compose": {"include": [{"system": "urn:y"}]}}
MAP = {
    "resourceType": "ConceptMap",
    "url": "urn:m",
    "status": "draft",
    "group": [{"source": "urn:y", "element": [{"code": "a", "target": [{"code": "b"}]}]}],
}


def read(resource):
    return read_resource(json.dumps(resource).encode(), "resource.json")


def test_a_code_system_counts_its_concepts_at_every_depth():
    found = read(SYSTEM)
    assert (found.type, found.url, found.version, found.size) == ("CodeSystem", "https://hospital.example/codes", "3", 2)


@pytest.mark.parametrize(("resource", "size"), [(VALUES, 0), (MAP, 1)])
def test_value_sets_and_maps_are_read(resource, size):
    assert read(resource).size == size


@pytest.mark.parametrize(
    "change",
    [
        {"content": "fragment"},
        {"content": "not-present"},
        {"count": 3},
        {"url": "codes"},
        {"url": ""},
        {"status": None},
        {"concept": []},
        {"concept": [{"code": "a"}, {"code": "a"}]},
        {"concept": [{"code": " a"}, {"code": "b"}]},
        {"concept": {"code": "a"}},
        {"concept": [{"code": "a", "property": [{"code": "parent", "valueCode": "b"}]}]},
        {"resourceType": "Patient"},
        {"version": 3},
    ],
    ids=str,
)
def test_a_partial_or_wrong_code_system_is_refused(change):
    with pytest.raises(ImportFault):
        read(SYSTEM | change)


def tree(*links, name="parent", uri=""):
    """Return a code system of the codes a, b and c with these (code, other code) properties."""
    concepts = [
        {"code": code, "property": [{"code": name, "valueCode": other} for one, other in links if one == code]} for code in "abc"
    ]
    return SYSTEM | {"count": 3, "concept": concepts, "property": [{"code": name, "uri": uri, "type": "code"}] if uri else []}


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (tree(("a", "b"), ("b", "c"), ("c", "a")), "a cycle"),
        (tree(("a", "a")), "a cycle"),
        (tree(("a", "b"), ("b", "a"), name="child"), "a cycle"),
        (tree(("a", "b"), ("b", "a"), name="up", uri="http://hl7.org/fhir/concept-properties#parent"), "a cycle"),
        (tree(("a", "z")), "an orphan"),
        (VALUES | {"compose": {"include": [{"valueSet": ["urn:x|1"]}]}}, "includes itself"),
    ],
)
def test_a_cycle_and_an_orphan_are_refused(resource, reason):
    with pytest.raises(ImportFault, match=reason):
        read(resource)


@pytest.mark.parametrize("links", [[("a", "b"), ("b", "c")], [("a", "c"), ("b", "c")], [("a", "b"), ("a", "c"), ("b", "c")]])
def test_a_tree_by_properties_is_read_several_parents_too(links):
    assert read(tree(*links)).size == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"resourceType": "CodeSystem", "resourceType": "ValueSet"}', "stands twice"),
        ('{"resourceType": NaN}', "NaN is no JSON"),
        ('{"resourceType": "\\ud800"}', "lone surrogate"),
        ("[" * 5000 + "]" * 5000, "nested deeper"),
        ('{"resourceType": "CodeSystem",\n\n', "not readable as JSON"),
        ("[]", "resourceType is None"),
    ],
)
def test_ambiguous_json_is_refused(text, reason):
    with pytest.raises(ImportFault, match=reason):
        read_resource(text.encode(), "resource.json")


def test_bytes_that_are_no_text_are_refused_with_their_line():
    with pytest.raises(ImportFault) as refused:
        read_resource(b'{\n"url": "\xff"}', "resource.json")
    assert refused.value.line == 2


@pytest.mark.parametrize(
    ("url", "restricted"),
    [
        ("http://snomed.info/sct", True),
        ("http://hl7.org/fhir/sid/icd-10", True),
        ("http://hl7.org/fhir/sid/icd-10-cm", False),
        ("https://hospital.example/codes", False),
    ],
)
def test_a_code_system_that_needs_a_licence_is_known(url, restricted):
    assert bool(read(SYSTEM | {"url": url}).restriction) is restricted
