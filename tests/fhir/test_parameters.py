import timeit
from dataclasses import replace
from datetime import date

import pytest

from icdref.codes import ICD10CM
from icdref.concept_properties import PROPERTIES
from icdref.fhir.parameters import lookup_parameters, subsumption_parameters, validation_parameters
from icdref.issues import Issue, unknown_code, unknown_system
from icdref.model import Note, NoteKind, Validity
from icdref.results import Subsumption, Validation
from tests.fhir.checks import assert_valid, concept_properties, values
from tests.fhir.factories import (
    BLOCK,
    BLOCK_NOTES,
    CHAPTER,
    EDITION,
    M61,
    M61_051,
    MENIERE,
    S52_50,
    S52_501,
    make_choice,
    make_lookup,
)

HEADER = make_lookup(
    concept=replace(M61, code="M61", parent="M60-M63"),
    ancestors=(BLOCK, CHAPTER),
    children=("M61.0", "M61.1"),
    validity=None,
    active=None,
    edits=(),
    issues=(),
)


@pytest.mark.parametrize("version", ["4.0", "5.0"])
@pytest.mark.parametrize(
    "lookup",
    [
        make_lookup(),
        HEADER,
        make_lookup(concept=CHAPTER, ancestors=(), children=("M60-M63",)),
        make_lookup(concept=MENIERE),
        make_lookup(concept=S52_501, ancestors=(S52_50,)),
        make_lookup(active=False, validity=Validity("x", date(2015, 10, 1), date(2025, 9, 30)), replaced_by=("M61.1",)),
    ],
)
def test_every_lookup_is_valid(lookup, version):
    assert_valid(lookup_parameters(lookup, None, version), version)


def test_a_lookup_names_code_release_and_edition():
    answer = lookup_parameters(make_lookup())
    assert values(answer, "name") == ["ICD-10-CM fiscal year 2026, April update"]
    assert values(answer, "version") == ["2026-04-01"]
    assert values(answer, "display") == ["Myositis ossificans traumatica, right thigh"]
    assert values(answer, "code") == ["M61.051"]
    assert values(answer, "system") == [ICD10CM]
    assert values(answer, "abstract") == [False]
    assert answer["meta"]["source"].endswith(f"/editions/{EDITION}")


def test_the_definition_comes_with_r5_only():
    assert values(lookup_parameters(make_lookup()), "definition") == []
    assert values(lookup_parameters(make_lookup(), None, "5.0"), "definition") == ["Myositis ossificans traumatica, right thigh"]


def test_the_place_in_the_tabular_list_is_told():
    found = concept_properties(lookup_parameters(make_lookup()))
    assert found["parent"] == [("M61.05", {}, "Myositis ossificans traumatica, thigh")]
    assert found["chapter"][0][0] == "13"
    assert found["block"][0][0] == "M60-M63"
    assert found["kind"][0][0] == "subcategory"
    assert (found["billable"][0][0], found["notSelectable"][0][0]) == (True, False)
    assert (found["laterality"][0][0], found["site"][0][0]) == ("right", "thigh")


def test_children_are_listed_and_a_chapter_has_no_parent():
    assert [each[0] for each in concept_properties(lookup_parameters(HEADER))["child"]] == ["M61.0", "M61.1"]
    chapter = lookup_parameters(make_lookup(concept=CHAPTER, ancestors=()))
    assert "parent" not in concept_properties(chapter)
    assert concept_properties(chapter)["notSelectable"][0][0] is True
    assert values(chapter, "abstract") == [True]


def test_a_note_carries_the_codes_it_cites_and_where_it_stands():
    found = concept_properties(lookup_parameters(make_lookup()))
    assert found["excludes1"] == [(BLOCK_NOTES[0].text, {"code": ["M33.-", "E85.-"], "inheritedFrom": ["M60-M63"]}, "")]
    assert found["note"][0][1] == {"inheritedFrom": ["13"]}


def test_a_note_on_the_code_itself_is_not_inherited():
    own = replace(M61_051, notes=(Note(NoteKind.INCLUSION_TERM, "Rider's bone"),))
    found = concept_properties(lookup_parameters(make_lookup(concept=own)))
    assert found["inclusionTerm"] == [("Rider's bone", {}, "")]


@pytest.mark.parametrize("kind", list(NoteKind))
def test_every_kind_of_note_has_its_property(kind):
    own = replace(M61_051, notes=(Note(kind, "text"),))
    found = concept_properties(lookup_parameters(make_lookup(concept=own, ancestors=())))
    assert found[kind.value][0][0] == "text"


def test_an_active_code_has_its_first_day():
    found = concept_properties(lookup_parameters(make_lookup()))
    assert found["inactive"][0][0] is False
    assert found["status"][0][0] == "active"
    assert found["effectiveDate"][0][0] == "2015-10-01"
    assert "retirementDate" not in found


def test_the_retirement_date_is_the_first_day_without_the_code():
    lookup = make_lookup(active=False, validity=Validity("x", date(2015, 10, 1), date(2025, 9, 30)))
    found = concept_properties(lookup_parameters(lookup))
    assert found["retirementDate"][0][0] == "2025-10-01"
    assert found["status"][0][0] == "retired"
    assert found["inactive"][0][0] is True


def test_a_code_still_to_come_is_inactive_but_not_retired():
    lookup = make_lookup(active=False, validity=Validity("x", date(2026, 10, 1), None))
    found = concept_properties(lookup_parameters(lookup))
    assert found["inactive"][0][0] is True
    assert "status" not in found


def test_unknown_validity_says_nothing():
    assert not {"inactive", "status", "effectiveDate"} & concept_properties(lookup_parameters(HEADER)).keys()


def test_edit_flags_become_properties():
    lookup = make_lookup(edits=("female", "maternity", "unacceptable", "manifestation", "unspecified", "ecodepdx"))
    found = concept_properties(lookup_parameters(lookup))
    assert found["mceSex"][0][0] == "female"
    assert found["mceAge"][0][0] == "maternity"
    assert all(found[name][0][0] is True for name in ("mceUnacceptablePrincipal", "mceManifestation", "mceUnspecified"))
    assert not any("ecodepdx" in str(each) for each in found.values())


def test_successors_are_listed_both_ways():
    found = concept_properties(lookup_parameters(make_lookup(replaced_by=("A00", "A01"), replaces=("B00",))))
    assert [each[0] for each in found["replacedBy"]] == ["A00", "A01"]
    assert [each[0] for each in found["replaces"]] == ["B00"]


def test_seventh_characters_are_inherited_by_headers_only():
    header = concept_properties(lookup_parameters(make_lookup(concept=S52_501, ancestors=(S52_50,))))
    assert header["seventhCharacter"][0] == ("A = initial encounter", {"inheritedFrom": ["S52.5"]}, "")
    own = concept_properties(lookup_parameters(make_lookup(concept=S52_50, ancestors=())))
    assert own["seventhCharacter"][1] == ("D = subsequent encounter", {}, "")
    billable = make_lookup(concept=replace(S52_501, billable=True), ancestors=(S52_50,))
    assert "seventhCharacter" not in concept_properties(lookup_parameters(billable))


def test_a_title_with_accents_has_an_ascii_designation():
    answer = lookup_parameters(make_lookup(concept=MENIERE))
    forms = {part[1]["valueCoding"]["code"]: part[2]["valueString"] for part in values(answer, "designation")}
    assert forms == {"published-title": "Ménière's disease", "ascii-title": "Meniere's disease"}


def test_a_code_without_an_installed_title_has_no_display():
    answer = lookup_parameters(make_lookup(concept=replace(M61_051, display="")))
    assert values(answer, "display") == []
    assert values(answer, "designation") == []
    assert_valid(answer)


def test_asked_properties_limit_the_answer_and_unknown_names_are_ignored():
    answer = lookup_parameters(make_lookup(), {"parent", "nonsense"})
    assert concept_properties(answer).keys() == {"parent"}
    assert values(answer, "designation") == []
    assert values(answer, "version") == ["2026-04-01"]
    assert values(lookup_parameters(make_lookup(), {"designation"}), "designation")
    assert concept_properties(lookup_parameters(make_lookup(), set())) == {}


def test_issues_are_messages_and_only_where_there_are_any():
    choice = make_choice(issues=(Issue("warning", "business-rule", "release-stale", "stale"),))
    assert values(lookup_parameters(make_lookup(choice=choice)), "message") == ["stale", "The code 'm61051' is written 'M61.051'"]
    assert values(lookup_parameters(HEADER), "message") == []


def test_every_property_of_an_answer_is_declared():
    declared = {each.name: each.type for each in PROPERTIES}
    lookup = make_lookup(
        edits=("newborn", "male", "manifestation", "unacceptable", "unspecified"),
        validity=Validity("x", date(2015, 10, 1), date(2025, 9, 30)),
        active=False,
        children=("M61.0510",),
        replaced_by=("A00",),
        replaces=("B00",),
        concept=replace(
            M61_051, seventh_characters=S52_50.seventh_characters, notes=tuple(Note(kind, "text") for kind in NoteKind)
        ),
    )
    told = {}
    for part in values(lookup_parameters(lookup), "property"):
        key = next(key for key in part[1] if key.startswith("value"))
        told[part[0]["valueCode"]] = key[5].lower() + key[6:]
    assert told == declared


def test_a_lookup_is_built_in_microseconds():
    lookup = make_lookup()
    best = min(timeit.repeat(lambda: lookup_parameters(lookup), number=500, repeat=5)) / 500
    assert best < 150e-6  # measured 12 µs; ten times that is a fault, not a slow machine


VALID = Validation(True, ICD10CM, "M61.051", "Myositis ossificans traumatica, right thigh", "2026-04-01", EDITION, inactive=False)


def test_a_valid_code_has_no_message():
    answer = validation_parameters(VALID)
    assert values(answer, "result") == [True]
    assert values(answer, "message") == []
    assert values(answer, "issues") == []
    assert values(answer, "inactive") == [False]
    assert values(answer, "version") == ["2026-04-01"]
    assert answer["meta"]["source"].endswith(EDITION)
    assert_valid(answer)


def test_an_invalid_code_joins_its_errors_and_gives_them_as_data():
    issues = (unknown_code("M61.999", ICD10CM, "2026-04-01"), Issue("error", "invalid", "wrong-display", "Wrong"))
    answer = validation_parameters(Validation(False, ICD10CM, "M61.999", "", "2026-04-01", EDITION, issues=issues))
    assert values(answer, "message") == [f"{issues[0].text}; Wrong"]
    assert [each["details"]["text"] for each in values(answer, "issues")[0]["issue"]] == [each.text for each in issues]
    assert values(answer, "display") == []
    assert_valid(answer)


def test_a_normalised_code_is_told_where_it_differs():
    assert values(validation_parameters(replace(VALID, code="m61051", normalised="M61.051")), "normalized-code") == ["M61.051"]
    assert values(validation_parameters(replace(VALID, normalised="M61.051")), "normalized-code") == []


def test_an_unknown_system_is_named_as_the_cause():
    result = Validation(
        False, "http://example.org/x", "1", "", "", "", issues=(unknown_system("http://example.org/x", [ICD10CM]),)
    )
    answer = validation_parameters(result)
    assert values(answer, "x-caused-by-unknown-system") == ["http://example.org/x"]
    assert "meta" not in answer
    assert_valid(answer)


def test_a_subsumption_is_one_code():
    answer = subsumption_parameters(Subsumption("subsumes", make_choice()))
    assert answer["parameter"] == [{"name": "outcome", "valueCode": "subsumes"}]
    assert_valid(answer)
