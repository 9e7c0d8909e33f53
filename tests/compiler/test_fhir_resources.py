"""FHIR resources that the operator imports: kept, compiled into the edition, and answering."""

from __future__ import annotations

import json

import pytest

from icdref.compiler.importing import Options, import_path
from icdref.compiler.intake import Wanted
from icdref.config import Settings
from icdref.importers.errors import ImportFault
from icdref.service.maps.translator import Wanted as Asked
from icdref.service.service import Service
from icdref.store.editions import CURRENT, pointer, read
from icdref.translations import Mapped
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
