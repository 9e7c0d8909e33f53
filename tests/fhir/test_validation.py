"""Planted faults: each must be found, and named with its place."""

import copy
import json
import re

import pytest

from icdref.codes import ICD10CM
from icdref.fhir.bundle import searchset
from icdref.fhir.document import document
from icdref.fhir.operation_definition import operation_definition
from icdref.fhir.operations import LOOKUP
from icdref.fhir.parameters import lookup_parameters
from icdref.fhir.validation import check_resource, parse_with_fhir_resources
from tests.fhir.factories import BASE_URL, make_lookup, make_view, make_withheld_view


def planted(change, view=None):
    """Return a document with one fault."""
    bundle = copy.deepcopy(document(view or make_view(), BASE_URL))
    change(bundle, *(entry["resource"] for entry in bundle["entry"]))
    return bundle


def named(fault):
    """Return a fault with the type of the resource in place of its position in the document."""
    return re.sub(r"Bundle\.entry\[(\d)\]\.resource(?=[.\[])", lambda found: TYPES[int(found[1])], fault)


def set_(path, value):
    """Return a change that sets a value at a path like `3.status`, in the resources of the document."""

    def change(bundle, *resources):
        first, *rest = path.split(".")
        target = bundle if first == "Bundle" else resources[int(first)]
        for step in rest[:-1]:
            target = target[int(step) if step.isdigit() else step]
        last = int(rest[-1]) if rest[-1].isdigit() else rest[-1]
        if value is DELETE:
            del target[last]
        else:
            target[last] = value

    return change


DELETE = object()
TYPES = ("Composition", "Organization", "ValueSet", "Library", "Provenance")
XHTML = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'

FAULTS = {
    "a status outside its binding": (set_("0.status", "bogus"), "Composition.status: 'bogus' is not one of amended"),
    "a library status": (set_("3.status", "final"), "Library.status: 'final' is not one of active"),
    "a kind of artifact": (set_("3.relatedArtifact.0.type", "cites"), "Library.relatedArtifact[0].type: 'cites'"),
    "a role of an entity": (set_("4.entity.0.role", "origin"), "Provenance.entity[0].role: 'origin'"),
    "a filter operator": (set_("2.compose.include.0.filter.0.op", "below"), "filter[0].op: 'below' is not one of"),
    "a bundle type": (set_("Bundle.type", "documents"), "Bundle.type: 'documents' is not one of"),
    "a narrative status": (set_("0.text.status", "made"), "Composition.text.status: 'made' is not one of"),
    "null": (set_("0.title", None), "Composition.title: is null"),
    "an empty text": (set_("0.title", ""), "Composition.title: is empty"),
    "a blank text": (set_("0.title", " "), "Composition.title: is empty"),
    "an empty list": (set_("0.category", []), "Composition.category: is empty"),
    "an empty object": (set_("0.category.0", {}), "Composition.category[0]: is empty"),
    "a bad id": (set_("3.id", "a b"), "Library.id: 'a b' is not a valid id"),
    "a bad versionId": (set_("3.meta.versionId", "1/2"), "Library.meta.versionId: '1/2' is not a valid id"),
    "a bad uri": (set_("3.url", "not a uri"), "Library.url: 'not a uri' is not a valid uri"),
    "a relative system": (set_("0.type.coding.0.system", "document-type"), "system: 'document-type' is not a valid uri"),
    "a bad canonical": (set_("0.meta.profile.0", "x y|1"), "Composition.meta.profile[0]: 'x y|1' is not a valid canonical"),
    "a bad extension url": (set_("0.extension.0.url", "x y"), "Composition.extension[0].url: 'x y' is not a valid uri"),
    "a day that is not": (set_("0.date", "2026-02-30"), "Composition.date: '2026-02-30' is not a valid dateTime"),
    "an instant without a zone": (set_("4.recorded", "2026-11-22T00:00:00"), "Provenance.recorded: "),
    "a date with a time": (
        set_("3.extension.0.extension.3.valueDate", "2026-11-22T00:00:00Z"),
        "valueDate: '2026-11-22T00:00:00Z' is not a valid date",
    ),
    "a code with blanks": (set_("0.type.coding.0.code", "condition  summary"), "code: 'condition  summary' is not a valid code"),
    "a boolean as text": (set_("3.extension.0.extension.5.valueBoolean", "false"), "valueBoolean: 'false' is not a valid"),
    "ext-1, both": (set_("0.extension.0.extension", [{"url": "x", "valueString": "y"}]), "(ext-1)"),
    "ext-1, neither": (set_("0.extension.0.valueUri", DELETE), "Composition.extension[0]: must have either"),
    "an extension without url": (set_("0.extension.0.url", DELETE), "Composition.extension[0]: has no url"),
    "cmp-1": (set_("0.section.0.text", DELETE), "Composition.section[0]: must have text, entries or sections (cmp-1)"),
    "vsd-1": (
        set_("2.compose.include.0", {"version": "1"}),
        "ValueSet.compose.include[0]: must have a system or value sets (vsd-1)",
    ),
    "vsd-2": (set_("2.compose.include.0.system", DELETE), "without a system (vsd-2)"),
    "vsd-3": (set_("2.compose.include.0.concept", [{"code": "M61"}]), "both concepts and filters (vsd-3)"),
    "ref-1": (set_("0.subject.reference", "#gone"), "Composition.subject.reference: '#gone' is not contained"),
    "bdl-1": (set_("Bundle.total", 5), "(bdl-1)"),
    "bdl-2": (set_("Bundle.entry.0.search", {"mode": "match"}), "(bdl-2)"),
    "bdl-5": (set_("Bundle.entry.1.resource", DELETE), "(bdl-5)"),
    "bdl-7": (set_("Bundle.entry.1.fullUrl", f"{BASE_URL}/Composition/x"), "is not the address of Organization/authors"),
    "bdl-8": (
        set_("Bundle.entry.1.fullUrl", f"{BASE_URL}/Organization/authors/_history/1"),
        "names a version (bdl-8)",
    ),
    "bdl-9": (set_("Bundle.identifier", DELETE), "Bundle.identifier: a document has an identifier"),
    "bdl-9, without value": (set_("Bundle.identifier.value", DELETE), "(bdl-9)"),
    "bdl-10": (set_("Bundle.timestamp", DELETE), "(bdl-10)"),
    "a reference that leads out": (set_("0.subject.reference", "ValueSet/gone"), "'ValueSet/gone' is not in the document"),
    "a reference to another version": (
        set_("4.target.0.reference", "Composition/myositis-ossificans-traumatica/_history/9"),
        "_history/9' is not in the document",
    ),
    "a wrong type of reference": (
        set_("0.custodian.reference", "Library/myositis-ossificans-traumatica"),
        "Composition.custodian.reference: Library is not one of Organization",
    ),
    "a reference of another type than it says": (set_("0.subject.type", "Library"), "is not the type of 'ValueSet/"),
    "a bad reference": (set_("0.subject.reference", "ValueSet/a b"), "reference: 'ValueSet/a b' is not a valid reference"),
    "a script": (
        set_("0.text.div", XHTML.format("<script>x</script>")),
        "Composition.text.div: <script> is not allowed",
    ),
    "an unsafe link": (
        set_("0.section.0.text.div", XHTML.format("<a id='mot.red.1' href='javascript:x'>x</a>")),
        "Composition.section[0].text.div: href 'javascript:x'",
    ),
    "broken markup": (set_("3.text.div", XHTML.format("<p>x")), "Library.text.div: is not well-formed XML"),
    "a narrative without text": (set_("3.text.div", XHTML.format("<p/>")), "Library.text.div: has no text"),
    "a link to nowhere": (set_("0.text.div", XHTML.format("<a href='#gone'>x</a>")), "links to '#gone'"),
    "a doubled id": (
        set_("0.text.div", XHTML.format("<p id='mot.red.1'>x</p>")),
        "the id 'mot.red.1' is there twice",
    ),
    "a statement without its paragraph": (
        set_("0.section.0.text.div", XHTML.format("<p>x</p>")),
        "Composition.section[0]: no paragraph has the id of the statement 'mot.red.1'",
    ),
    "a source that nothing explains": (
        set_("0.section.0.extension.0.extension.2.valueString", "nobody1999"),
        "statement 'mot.red.1': source 'nobody1999' is not in Library.relatedArtifact",
    ),
}


@pytest.mark.parametrize(("change", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(change, fault):
    faults = [named(each) for each in check_resource(planted(change))]
    assert any(fault in each for each in faults), faults


def test_bdl_7_two_entries_of_one_address():
    bundle = planted(lambda bundle, *_: bundle["entry"].append(bundle["entry"][1]))
    assert any("is there twice (bdl-7)" in each for each in check_resource(bundle))


def test_bdl_11_a_document_begins_with_its_composition():
    bundle = planted(lambda bundle, *_: bundle["entry"].reverse())
    assert "Bundle.entry[0]: the first resource of a document is a Composition (bdl-11)" in check_resource(bundle)


def test_cmp_2_a_reason_for_being_empty_and_entries():
    view = make_withheld_view()
    position = next(
        i for i, each in enumerate(document(view, BASE_URL)["entry"][0]["resource"]["section"]) if "emptyReason" in each
    )
    bundle = planted(set_(f"0.section.{position}.entry", [{"reference": "Organization/authors"}]), view)
    assert any("(cmp-2)" in each for each in check_resource(bundle))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (set_("0.event.0.code.0.coding.0.code", "M61.999"), "event[0].code[0].coding[0]"),
        (set_("2.compose.include.0.filter.0.value", "M61.999"), "compose.include[0]"),
        (set_("2.compose.include.0", {"system": ICD10CM, "concept": [{"code": "M61.999"}]}), "compose.include[0]"),
    ],
)
def test_a_code_that_does_not_exist_is_found(change, where):
    faults = check_resource(planted(change), code_exists=lambda system, code: system != ICD10CM or code != "M61.999")
    assert any(where in each and f"'M61.999' is not a code of {ICD10CM}" in each for each in faults), faults


def test_codes_are_not_checked_unless_asked():
    assert check_resource(planted(set_("0.event.0.code.0.coding.0.code", "M61.999"))) == []


def test_a_fault_in_a_resource_inside_parameters_or_a_searchset_is_found():
    page = searchset(
        BASE_URL, [document(make_view(), BASE_URL)["entry"][3]["resource"] | {"status": "x"}], total=1, links={"self": "x:y"}
    )
    assert any("Bundle.entry[0].resource.status: 'x'" in each for each in check_resource(page))


def test_a_fault_in_an_operation_definition_is_found():
    made = operation_definition(LOOKUP)
    made["parameter"][0]["use"] = "inout"
    assert check_resource(made) == ["OperationDefinition.parameter[0].use: 'inout' is not one of in, out"]


def test_bindings_follow_the_version():
    made = document(make_view(), BASE_URL, "5.0")
    made["entry"][0]["resource"]["status"] = "deprecated"
    assert check_resource(made, fhir_version="5.0") == []
    assert check_resource(made) != []


def test_fhir_resources_sees_the_shape():
    made = lookup_parameters(make_lookup())
    assert parse_with_fhir_resources(made) == []
    assert parse_with_fhir_resources(made | {"nonsense": 1})
    assert parse_with_fhir_resources({"resourceType": "Nonsense"})
    assert parse_with_fhir_resources({})
    without_author = copy.deepcopy(document(make_view(), BASE_URL)["entry"][0]["resource"])
    del without_author["author"]
    assert any("author" in each for each in parse_with_fhir_resources(without_author))


def test_whatever_is_sent_is_checked_without_an_exception():
    odd = [
        {},
        {"resourceType": "Bundle", "type": "document"},
        {"resourceType": "Bundle", "type": "document", "entry": [None, 1, {"resource": {}}]},
        {"resourceType": "Composition", "section": [None, {"extension": [{}]}]},
        {"resourceType": "Composition", "text": {"div": 5}},
        {"resourceType": ["x"], "extension": [{"url": 5}]},
        {"resourceType": "ValueSet", "compose": {"include": [{"system": "x:y", "filter": [{}], "concept": [{}]}]}},
        {"resourceType": "Library", "subject": {"reference": "a/b", "type": 5}},
    ]
    for resource in odd:
        assert check_resource(resource, code_exists=lambda system, code: False) != [] or resource == {}
        json.dumps(resource)
