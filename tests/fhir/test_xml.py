"""FHIR XML, written and read: what the format can carry, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.fhir.xml_reading import from_xml
from icdref.fhir.xml_writing import NAMESPACE, to_xml
from icdref.issues import IcdRefError

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["resourceType", "id", "name", "_name", "text", "div", "parameter", "part", "resource", "issue", "extension", "url"]
    ), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


def there_and_back(resource, version="4.0"):
    return from_xml(to_xml(resource, version), version, 64)


@pytest.mark.parametrize("text", ["a<b & \"c\" 'd'", "tab\tline\nreturn\r", "é ∂ 𝔘", "]]>", "<!-- -->", "x" * 5000])
def test_any_text_survives(text):
    resource = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "x", "diagnostics": text}]}
    assert there_and_back(resource) == resource


def test_what_xml_cannot_carry_is_replaced_and_never_breaks_the_document():
    resource = {"resourceType": "ValueSet", "title": "a\x00b\x0b\ufffe\ud800c"}
    assert there_and_back(resource)["title"] == "a\ufffdb\ufffd\ufffd\ufffdc"


def test_values_keep_their_types():
    rows = [
        {"name": "a", "valueBoolean": False},
        {"name": "b", "valueInteger": 0},
        {"name": "c", "valueDecimal": 1.5},
        {"name": "d", "valueString": "true"},
        {"name": "e", "resource": {"resourceType": "ValueSet", "id": "x"}},
        {"name": "f", "part": [{"name": "g", "valueCoding": {"code": "h"}}]},
    ]
    resource = {"resourceType": "Parameters", "parameter": rows}
    assert there_and_back(resource) == resource


def test_ids_and_extensions_of_primitives_survive_in_their_place():
    extension = {"extension": [{"url": "u", "valueCode": "en"}]}
    resource = {
        "resourceType": "CapabilityStatement",
        "_title": extension,
        "instantiates": ["a", None, "c"],
        "_instantiates": [None, extension, {"id": "i"}],
    }
    assert there_and_back(resource) == resource


def test_the_order_is_that_of_the_definition():
    written = to_xml({"resourceType": "ValueSet", "status": "draft", "url": "u", "id": "i", "contained": [
        {"resourceType": "CodeSystem", "id": "c"}
    ]}).decode()  # fmt: skip
    places = [written.index(text) for text in ("<id value", "<contained><CodeSystem>", "<url ", "<status ")]
    assert places == sorted(places)


@pytest.mark.parametrize("div", ["<div>no namespace</div>", "x", DIV.format("&nbsp;"), DIV.format("<b>"), f"{DIV.format('')}x",
                                 f"<!DOCTYPE div>{DIV.format('')}", "", 7])  # fmt: skip
def test_a_narrative_that_is_no_xhtml_is_left_out(div):
    assert there_and_back({"resourceType": "ValueSet", "id": "i", "text": {"status": "generated", "div": div}}) == {
        "resourceType": "ValueSet",
        "id": "i",
    }


def test_a_narrative_is_kept_as_it_is():
    div = DIV.format('a &lt; b<p id="x" lang="es" xml:lang="es">c &amp; <b>d</b></p>')
    resource = {"resourceType": "ValueSet", "text": {"status": "generated", "div": div}}
    assert div.encode() in to_xml(resource)
    assert there_and_back(resource) == resource


@given(JSON)
def test_no_json_whatsoever_makes_a_document_that_is_not_well_formed(value):
    inner = value if isinstance(value, dict) else {"parameter": value}
    try:
        from_xml(to_xml(inner | {"resourceType": "Parameters"}), "4.0", 64)
    except IcdRefError as refused:
        # A value of the wrong kind may make our own reader refuse, for it was no FHIR to begin with.
        assert "well-formed" not in str(refused)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | st.lists(st.sampled_from(
    ["<Parameters xmlns='http://hl7.org/fhir'>", "</Parameters>", "<parameter>", "</parameter>", "<name value='x'/>", "<valueCode",
     " value='y'", "/>", "<resource>", "</resource>", "<ValueSet>", "</ValueSet>", "<text>", "</text>", DIV.format("z"), "&amp;", "x"]
), max_size=12).map("".join).map(str.encode))  # fmt: skip
def test_no_bytes_whatsoever_do_anything_but_be_read_or_refused(document):
    try:
        assert isinstance(from_xml(document, "4.0", 64), dict)
    except IcdRefError as refused:
        assert refused.issues[0].detail in ("malformed-body", "body-too-deep")


@pytest.mark.parametrize("tag", ["valueInteger", "valueDecimal"])
def test_a_number_of_absurd_length_is_refused(tag):
    document = f'<Parameters xmlns="{NAMESPACE}"><parameter><valueInteger value="{"9" * 5000}"/></parameter></Parameters>'
    with pytest.raises(IcdRefError, match="number"):
        from_xml(document.replace("valueInteger", tag).encode(), "4.0", 64)
