"""Concept maps that somebody else wrote: read, asked, turned round."""

from __future__ import annotations

import pytest

from icdref.fhir.reading.concept_maps import read_concept_map
from icdref.issues import IcdRefError
from icdref.service.maps.held import HeldMap
from icdref.service.maps.translator import Wanted
from icdref.translations import Mapped

LOCAL, OTHER = "urn:local", "urn:other"


def resource(*elements, **group):
    return {
        "resourceType": "ConceptMap",
        "url": "urn:map",
        "version": "1",
        "status": "active",
        "group": [{"source": LOCAL, "target": OTHER, "element": list(elements)} | group],
    }


def to(code, said="equivalent", **more):
    return {"code": code, "equivalence": said} | more


@pytest.fixture
def ask(small_service):
    def asked(sent, code, system=LOCAL, **wanted):
        translator = small_service.translator.only(HeldMap(read_concept_map(sent)))
        return translator.translate([Mapped(system, code)], Wanted(**wanted))

    return asked


def targets(found):
    return [(match.target.relationship, match.target.concept.code) for match in found.matches if match.target.concept]


def test_a_map_that_is_sent_answers_forwards_and_backwards(ask):
    sent = resource({"code": "a", "target": [to("x", "wider"), to("y")]}, {"code": "b", "target": [to("x")]})
    assert targets(ask(sent, "a")) == [("wider", "x"), ("equivalent", "y")]
    assert targets(ask(sent, "x", OTHER, reverse=True)) == [("narrower", "a"), ("equivalent", "b")]
    assert not ask(sent, "c").result


def test_r5_relationships_are_read_as_what_r4_calls_them(ask):
    sent = resource(
        {"code": "a", "target": [{"code": "x", "relationship": "source-is-narrower-than-target"}]}, {"code": "b", "noMap": True}
    )
    assert targets(ask(sent, "a")) == [("wider", "x")]
    found = ask(sent, "b")
    assert (found.result, [issue.detail for issue in found.issues]) == (False, ["mapped-to-nothing"])


@pytest.mark.parametrize(
    ("unmapped", "expected"),
    [
        ({"mode": "provided"}, [("equal", "z")]),
        ({"mode": "use-source-code"}, [("equal", "z")]),
        ({"mode": "fixed", "code": "other", "display": "Other"}, [("relatedto", "other")]),
        ({"mode": "other-map", "url": "urn:next"}, []),
    ],
)
def test_unmapped_codes_are_answered_as_the_map_says(ask, unmapped, expected):
    found = ask(resource({"code": "a", "target": [to("x")]}, unmapped=unmapped), "z")
    assert targets(found) == expected
    assert found.result is bool(expected)
    assert found.message or expected


def test_a_row_that_depends_on_something_else_is_left_out_when_that_is_another(ask):
    depends = [{"property": "urn:sex", "value": "female"}]
    sent = resource({"code": "a", "target": [to("x", dependsOn=depends), to("y")]})
    assert targets(ask(sent, "a")) == [("equivalent", "x"), ("equivalent", "y")]
    assert targets(ask(sent, "a", depends=(("urn:sex", "female"),))) == [("equivalent", "x"), ("equivalent", "y")]
    assert targets(ask(sent, "a", depends=(("urn:sex", "male"),))) == [("equivalent", "y")]


def test_products_of_both_versions_are_read(ask):
    four = {"property": "urn:part", "system": OTHER, "value": "p", "display": "P"}
    five = {"attribute": "urn:part", "valueCoding": {"system": OTHER, "code": "q"}}
    sent = resource({"code": "a", "target": [to("x", product=[four, five])]})
    products = ask(sent, "a").matches[0].target.products
    assert [(each.attribute, each.concept.code, each.concept.display) for each in products] == [
        ("urn:part", "p", "P"),
        ("urn:part", "q", ""),
    ]


@pytest.mark.parametrize(
    ("group", "detail", "named"),
    [
        ("x", "malformed-resource", "ConceptMap.group is 'x'"),
        ([{"element": [{"target": []}]}], "unusable-map", "ConceptMap.group[0].element[0] has no code"),
        ([{"element": [{"code": 7}]}], "malformed-resource", "ConceptMap.group[0].element[0].code is 7"),
        ([{"element": [{"code": "a", "target": [{"code": "b"}]}]}], "unusable-map", ".element[0].target[0] has no known"),
        ([{"element": [{"code": "a", "target": [{"code": "b", "equivalence": "same"}]}]}], "unusable-map", "'same'"),
        ([{"element": "a"}], "malformed-resource", "ConceptMap.group[0].element is 'a'"),
        ([{"source": ["a"], "element": []}], "malformed-resource", "ConceptMap.group[0].source is"),
        ([{"unmapped": "x", "element": []}], "malformed-resource", "ConceptMap.group[0].unmapped is 'x'"),
    ],
)
def test_what_is_no_map_is_refused_by_name(group, detail, named):
    with pytest.raises(IcdRefError) as error:
        read_concept_map({"resourceType": "ConceptMap", "group": group})
    assert error.value.issue.detail == detail
    assert named in error.value.issue.text


def test_a_map_with_a_modifier_extension_is_refused():
    modified = resource({"code": "a", "target": [to("x")]}) | {"modifierExtension": [{"url": "urn:x", "valueBoolean": True}]}
    with pytest.raises(IcdRefError, match="urn:x"):
        read_concept_map(modified)
