"""FHIR resources that the operator imports: kept, compiled into the edition, and answering."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from icdref.compiler.importing import Options, import_path
from icdref.compiler.intake import Wanted
from icdref.config import Settings
from icdref.fhir.reading.code_systems import code_system
from icdref.fhir.reading.value_sets import value_set
from icdref.importers.errors import ImportFault
from icdref.records import code_system_of, definition_record, value_set_of
from icdref.service.maps.translator import Wanted as Asked
from icdref.service.service import Service
from icdref.store.editions import CURRENT, pointer, read
from icdref.translations import Mapped
from icdref.web.api import Api
from icdref.web.http import Request
from icdref.web.translate import resources
from tests.conftest import TODAY
from tests.fhir.checks import assert_valid

MAP = {
    "resourceType": "ConceptMap",
    "id": "house-codes",
    "url": "urn:house:map",
    "version": "3",
    "name": "HouseCodes",
    "title": "Codes of the house",
    "status": "active",
    "group": [
        {
            "source": "urn:house",
            "target": "http://hl7.org/fhir/sid/icd-10-cm",
            "element": [
                {"code": "MO", "target": [{"code": "M61.00", "equivalence": "wider", "comment": "no side"}]},
                {"code": "none", "target": [{"equivalence": "unmatched", "comment": "nothing fits"}]},
            ],
        }
    ],
}


@pytest.fixture
def put(cut, tmp_path):
    data = tmp_path / "data"

    def imported(resource, name="resource.json"):
        (tmp_path / name).write_text(json.dumps(resource))
        import_path(data, tmp_path / name, Wanted(complete=False), Options(), base=cut.sources)
        return Service(read(data, pointer(data, CURRENT)), Settings(data=str(data), scrub_seconds=0), lambda: TODAY)

    return imported


def translated(service, code, system="urn:house", **wanted):
    found = service.translator.translate([Mapped(system, code)], Asked(**wanted))
    return [
        (match.target.relationship, match.target.concept.code, match.source.id) for match in found.matches if match.target.concept
    ]


def test_an_imported_map_answers_forwards_and_backwards(put):
    service = put(MAP)
    assert translated(service, "MO") == [("wider", "M61.00", "house-codes")]
    assert translated(service, "MO", url="urn:house:map|3") == [("wider", "M61.00", "house-codes")]
    backwards = translated(service, "M61.00", "http://hl7.org/fhir/sid/icd-10-cm", reverse=True, url="urn:house:map")
    assert backwards == [("narrower", "MO", "house-codes")]
    assert translated(service, "none") == []
    assert service.edition.manifest["resources"] == {"ConceptMap/house-codes": "urn:house:map|3"}


def test_an_imported_map_is_served_as_it_came_and_in_the_other_version_as_what_it_says(put):
    service = put(MAP)
    (as_it_came,) = [each for each in resources(service, "4.0") if each["id"] == "house-codes"]
    assert as_it_came == MAP
    (in_5,) = [each for each in resources(service, "5.0") if each["id"] == "house-codes"]
    assert_valid(in_5, "5.0")
    (group,) = in_5["group"]
    assert group["element"][0]["target"] == [
        {"code": "M61.00", "relationship": "source-is-narrower-than-target", "comment": "no side"}
    ]
    assert group["element"][1] == {"code": "none", "noMap": True}


def test_the_same_resource_makes_the_same_edition_and_another_one_a_new_edition(put):
    first = put(MAP).edition.id
    assert put(MAP).edition.id == first
    assert put(MAP | {"version": "4"}).edition.id != first


def test_two_resources_never_share_an_id(put):
    put(MAP)
    service = put(MAP | {"url": "urn:house:other"}, "other.json")
    assert len(service.edition.manifest["resources"]) == 2
    assert sorted(each["id"] for each in service.resources.of_type("ConceptMap"))[0] == "house-codes"


def test_a_map_that_no_question_could_be_answered_from_is_refused_when_it_is_imported(put):
    bad = MAP | {"group": [MAP["group"][0] | {"element": [{"code": "MO", "target": [{"code": "x", "equivalence": "same"}]}]}]}
    with pytest.raises(ImportFault) as fault:
        put(bad)
    assert "no known relationship: 'same'" in str(fault.value)


SYSTEM = {
    "resourceType": "CodeSystem",
    "id": "house",
    "url": "urn:house",
    "version": "1.2.0",
    "name": "House",
    "status": "active",
    "content": "complete",
    "caseSensitive": True,
    "property": [{"code": "weight", "type": "decimal"}, {"code": "like", "type": "Coding"}],
    "concept": [
        {
            "code": "MO",
            "display": "Myositis ossificans",
            "designation": [{"language": "de", "value": "Verknöchernde Muskelentzündung"}],
            "property": [
                {"code": "weight", "valueDecimal": 1.5},
                {"code": "like", "valueCoding": {"system": "urn:x", "code": "y"}},
            ],
            "concept": [{"code": "MO-T", "display": "After a blow"}],
        },
        {"code": "X", "display": "Something else"},
    ],
}
VALUE_SET = {
    "resourceType": "ValueSet",
    "id": "house-bone",
    "url": "urn:house:bone",
    "version": "2",
    "name": "HouseBone",
    "status": "active",
    "compose": {
        "include": [
            {"system": "urn:house", "filter": [{"property": "concept", "op": "is-a", "value": "MO"}]},
            {"system": "http://hl7.org/fhir/sid/icd-10-cm", "concept": [{"code": "M61.00", "display": "Own words"}]},
        ]
    },
}


def asked(service, path, **query):
    live = type("Live", (), {"now": lambda _: service})()
    api = Api(Settings(data="", scrub_seconds=0), live)
    answer = api.answer(Request("GET", f"/fhir/r4/{path}", urlencode(query)))
    return answer.status, json.loads(answer.body)


def test_an_imported_code_system_and_value_set_expand_validate_look_up_and_are_found(put):
    put(SYSTEM)
    service = put(VALUE_SET, "value-set.json")
    _, expanded = asked(service, "ValueSet/$expand", url="urn:house:bone")
    rows = [(each["system"], each["code"], each["display"]) for each in expanded["expansion"]["contains"]]
    assert rows == [
        ("urn:house", "MO", "Myositis ossificans"),
        ("urn:house", "MO-T", "After a blow"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "M61.00", "Myositis ossificans traumatica, unspecified site"),
    ]
    for code, right in (("MO-T", True), ("X", False)):
        _, said = asked(service, "ValueSet/house-bone/$validate-code", code=code, system="urn:house")
        assert said["parameter"][0] == {"name": "result", "valueBoolean": right}
    status, found = asked(service, "CodeSystem/$lookup", system="urn:house", code="MO")
    assert status == 200
    assert {"name": "display", "valueString": "Myositis ossificans"} in found["parameter"]
    _, searched = asked(service, "ValueSet", url="urn:house:bone|2")
    assert [each["resource"] for each in searched["entry"]] == [VALUE_SET]
    assert asked(service, "CodeSystem/house")[1] == SYSTEM
    _, members = asked(service, "ValueSet", code="urn:house|MO-T")
    assert [each["resource"]["id"] for each in members["entry"]] == ["house-bone"]
    _, capabilities = asked(service, "metadata", mode="terminology")
    assert {"uri": "urn:house", "version": [{"code": "1.2.0"}], "subsumption": True} in capabilities["codeSystem"]


def test_definitions_are_an_exact_round_trip():
    read = code_system(SYSTEM)
    assert code_system_of(json.loads(json.dumps(definition_record(read)))) == read
    held = value_set(VALUE_SET | {"contained": [VALUE_SET | {"id": "inner"}]})
    assert value_set_of(json.loads(json.dumps(definition_record(held)))) == held
    with pytest.raises(ValueError, match="code system"):
        code_system_of({"header": {}})


def test_a_code_system_that_cannot_be_read_is_refused_when_it_is_imported(put):
    with pytest.raises(ImportFault):
        put(SYSTEM | {"concept": [{"code": "MO", "property": [{"code": "weight"}], "designation": "x"}]})
