"""Bodies that no operation can read, or that are sent on purpose: JSON, forms, XML, depth and circles."""

from __future__ import annotations

from typing import Any

from tests.contract.odd import (
    BASE,
    BODY_BYTES,
    DOCUMENT,
    FOR_CODE,
    LOOKUP,
    NS,
    SYSTEM,
    VALIDATE,
    get,
    parameters,
    post,
    row,
)
from tests.web.client import FHIR_JSON, FHIR_XML, FORM

BODIES = (
    post(LOOKUP, b"", 400, "missing-parameter"),
    post(LOOKUP, b"{", 400, "malformed-body", "not JSON", "line 1"),
    post(LOOKUP, b"not json", 400, "malformed-body", "not JSON"),
    post(LOOKUP, b"<Parameters/>", 400, "malformed-body", "not JSON"),
    post(LOOKUP, b"\xff\xfe{}", 400, "malformed-body"),
    post(LOOKUP, b'{"resourceType": "Parameters", "parameter": [NaN]}', 400, "malformed-body"),
    post(LOOKUP, b'{"resourceType": "Parameters"} trailing', 400, "malformed-body"),
    post(LOOKUP, b'{"a": "\\ud800"}', 400, "malformed-body"),
    post(LOOKUP, "null", 400, "malformed-body", "not an object"),
    post(LOOKUP, "[]", 400, "malformed-body", "not an object"),
    post(LOOKUP, '"M61"', 400, "malformed-body"),
    post(LOOKUP, "61", 400, "malformed-body"),
    post(LOOKUP, {}, 400, "malformed-body", "no resourceType", "Parameters"),
    post(LOOKUP, {"resourceType": "Patient"}, 400, "malformed-body", "'Patient'", "Parameters"),
    post(LOOKUP, {"resourceType": ["Parameters"]}, 400, "malformed-body"),
    post(LOOKUP, {"resourceType": 7}, 400, "malformed-body"),
    post(LOOKUP, {"resourceType": "Parameters"}, 400, "missing-parameter"),
    post(LOOKUP, {"resourceType": "Parameters", "parameter": {}}, 400, "malformed-body", "'parameter'"),
    post(LOOKUP, {"resourceType": "Parameters", "parameter": None}, 400, "malformed-body"),
    post(LOOKUP, {"resourceType": "Parameters", "parameter": ["code"]}, 400, "malformed-body"),
    post(LOOKUP, parameters({"valueCode": "M61"}), 400, "malformed-body", "without a name"),
    post(LOOKUP, parameters({"name": 7, "valueCode": "M61"}), 400, "malformed-body", "without a name"),
    post(LOOKUP, parameters({"name": "", "valueCode": "M61"}), 400, "malformed-body", "without a name"),
    post(LOOKUP, parameters(row("code")), 400, "malformed-body", "'code'", "0 values"),
    post(LOOKUP, parameters(row("code", valueCode="M61", valueString="M61")), 400, "malformed-body", "2 values"),
    post(LOOKUP, parameters(row("code", part=[])), 400, "malformed-body"),
    post(LOOKUP, parameters(row("code", resource={"resourceType": "Patient"})), 400, "malformed-body"),
    post(LOOKUP, parameters(row("code", valueCode=61)), 400, "bad-parameter", "'61'", "valueCode"),
    post(LOOKUP, parameters(row("code", valueCode=None)), 400, "bad-parameter"),
    post(LOOKUP, parameters(row("code", valueCode=["M61"])), 400, "bad-parameter"),
    post(LOOKUP, parameters(row("code", valueBoolean=True)), 400, "bad-parameter", "'true'"),
    post(LOOKUP, parameters(row("code", valueQuantity={"value": 1})), 400, "bad-parameter"),
    post(LOOKUP, parameters(row("code", valueCode="M61"), row("code", valueCode="M61")), 400, "repeated-parameter"),
    post(f"{LOOKUP}?code=M61", parameters(row("code", valueCode="M61")), 400, "repeated-parameter", "'code'"),
    post(LOOKUP, parameters(row("coding", valueCode="M61")), 400, "bad-parameter", "'coding'", "valueCoding"),
    post(LOOKUP, parameters(row("coding", valueCoding="M61")), 400, "bad-parameter", "valueCoding"),
    post(LOOKUP, parameters(row("coding", valueCoding={})), 400, "missing-parameter", "coding.code"),
    post(LOOKUP, parameters(row("coding", valueCoding={"code": 61})), 400, "bad-parameter", "coding.code", "'61'"),
    post(LOOKUP, parameters(row("coding", valueCoding={"code": "M61", "system": {}})), 400, "bad-parameter", "coding.system"),
    post(
        LOOKUP,
        parameters(row("coding", valueCoding={"code": "M61"}), row("code", valueCode="M61")),
        400,
        "conflicting-parameters",
    ),
    post(VALIDATE, parameters(row("codeableConcept", valueCoding={"code": "M61"})), 400, "bad-parameter", "valueCodeableConcept"),
    post(VALIDATE, parameters(row("codeableConcept", valueCodeableConcept={})), 400, "missing-parameter"),
    post(VALIDATE, parameters(row("codeableConcept", valueCodeableConcept={"coding": {}})), 400, "bad-parameter", "list"),
    post(VALIDATE, parameters(row("codeableConcept", valueCodeableConcept={"coding": ["M61"]})), 400, "bad-parameter"),
    post(VALIDATE, parameters(row("codeableConcept", valueCodeableConcept={"text": 7})), 400, "bad-parameter", "text"),
    post(
        VALIDATE,
        parameters(row("coding", valueCoding={"code": "M61"}), row("code", valueCode="M62")),
        400,
        "conflicting-parameters",
        "code, coding",
    ),
    post(
        VALIDATE,
        parameters(row("code", valueCode="M61"), row("abstract", valueString="yes")),
        400,
        "bad-parameter",
        "true or false",
    ),
    post(VALIDATE, parameters(row("codeSystem", resource={"resourceType": "ValueSet"})), 400, "bad-parameter"),
    post(FOR_CODE, parameters(row("coding", valueCoding={"system": SYSTEM})), 400, "missing-parameter", "coding[0].code"),
    post(FOR_CODE, parameters(row("codeableConcept", valueCodeableConcept={})), 400, "missing-parameter", "codeableConcept[0]"),
    post(FOR_CODE, parameters(row("code", valueCode="M61"), row("max", valueInteger=0)), 400, "bad-parameter", "'0'"),
    post(FOR_CODE, parameters(row("code", valueCode="M61"), row("max", valueBoolean=True)), 400, "bad-parameter"),
    post(FOR_CODE, parameters(row("code", valueCode="M61"), row("max", valueInteger=True)), 400, "bad-parameter"),
    post(FOR_CODE, parameters(row("code", valueCode="M61"), row("max", valueDecimal=1.5)), 400, "bad-parameter"),
    post(FOR_CODE, parameters(row("code", valueCode="M61"), row("max", valueInteger=10**30)), 400, "bad-parameter"),
    post(FOR_CODE, parameters(row("code", valueCode="M61"), row("patientSex", valueCode="x")), 400, "bad-parameter", "female"),
    post(
        FOR_CODE,
        parameters(row("code", valueCode="M61"), row("patientAge", valueInteger=7)),
        400,
        "bad-parameter",
        "valueQuantity",
    ),
    post(FOR_CODE, parameters(*[row("code", valueCode="M61")] * 201), 413, "too-many-values", "200"),
    post(f"{FOR_CODE}?patientSex=female", parameters(row("code", valueCode="M61")), 400, "bad-parameter", "POST"),
    post(FOR_CODE, "code=M61&coding=M61", 400, "bad-parameter", "'coding'", kind=FORM),
    # too large, too deep
    post(LOOKUP, b" " * (BODY_BYTES + 1), 413, "body-too-large", str(BODY_BYTES)),
    post(FOR_CODE, b"code=" + b"M" * BODY_BYTES, 413, "body-too-large", kind=FORM),
    post(f"{BASE}/Composition/_search", b"code=" + b"M" * BODY_BYTES, 413, "body-too-large", kind=FORM),
    post(LOOKUP, b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400, "body-too-deep", "64"),
    post(LOOKUP, b"[" * 10_000 + b"]" * 10_000, 400, "body-too-deep", "64"),
    post(LOOKUP, b"[" * 10_000, 400, "body-too-deep"),
    post(LOOKUP, b'{"a":' * 65 + b"1" + b"}" * 65, 400, "body-too-deep", "64 levels"),
    # media types
    post(LOOKUP, "<Parameters/>", 400, "malformed-body", "FHIR namespace", kind=FHIR_XML),
    post(LOOKUP, "<x", 415, "unsupported-media-type", FHIR_XML, FHIR_JSON, kind="application/fhir+turtle"),
    post(LOOKUP, parameters(row("code", valueCode="M61")), 415, "unsupported-media-type", kind=f"{FHIR_JSON}; fhirVersion=5.0"),
    post(LOOKUP, "code: M61", 415, "unsupported-media-type", "text/plain", kind="text/plain"),
    post(LOOKUP, "{}", 415, "unsupported-media-type", "''", kind=""),
    post(LOOKUP, "{}", 415, "unsupported-media-type", kind="application/json-patch+json"),
    post(LOOKUP, "{}", 415, "unsupported-media-type", kind="multipart/form-data; boundary=x"),
    post(LOOKUP, "{}", 415, "unsupported-media-type", kind="x" * 3000),
    post(FOR_CODE, "{}", 415, "unsupported-media-type", kind="application/octet-stream"),
    post(DOCUMENT, "{}", 415, "unsupported-media-type", kind="text/html"),
    post(f"{BASE}/Library/_search", "{}", 415, "unsupported-media-type", FORM),
    post(f"{BASE}/Library/_search", "<x/>", 415, "unsupported-media-type", FORM, kind="text/xml"),
)


_DEEP = "<parameter>" + "<part>" * 100
XML = (
    post(LOOKUP, "<!DOCTYPE x><Parameters xmlns='http://hl7.org/fhir'/>", 400, "malformed-body", "DOCTYPE", kind=FHIR_XML),
    post(LOOKUP, f"<Parameters {NS}>{_DEEP}", 400, "body-too-deep", "64 levels", kind=FHIR_XML),
    post(LOOKUP, f"<Parameters {NS}>", 400, "malformed-body", "not well-formed XML (line 1", kind="application/xml"),
    post(LOOKUP, f"<Parameters {NS}><color/></Parameters>", 400, "malformed-body", "'color'", "Parameters", kind="text/xml"),
    post(LOOKUP, f"<Patient {NS}/>", 400, "malformed-body", "'Patient'", kind=FHIR_XML),
    post(LOOKUP, f"<ValueSet {NS}/>", 400, "malformed-body", "'ValueSet'", "Parameters", kind=FHIR_XML),
    post(LOOKUP, f"<Parameters {NS}>x</Parameters>", 400, "malformed-body", "text between", kind=FHIR_XML),
    post(LOOKUP, b"<?xml version='1.0' encoding='x'?><a/>", 400, "malformed-body", "encoding", kind=FHIR_XML),
    post(LOOKUP, b"\xff\xfe", 400, "malformed-body", kind=FHIR_XML),
    post(LOOKUP, b"<" * BODY_BYTES + b"x", 413, "body-too-large", kind=FHIR_XML),
    post(
        LOOKUP,
        f"<Parameters {NS}><parameter><name value='code'/><valueBoolean value='maybe'/></parameter></Parameters>",
        400,
        "malformed-body",
        "'maybe'",
        "true or false",
        kind=FHIR_XML,
    ),
    post(
        LOOKUP,
        f"<Parameters {NS}><parameter><name value='code'/><name value='code'/></parameter></Parameters>",
        400,
        "malformed-body",
        "'name' twice",
        kind=FHIR_XML,
    ),
)

EXPAND = f"{BASE}/ValueSet/$expand"
_A, _B = "http://example.org/a", "http://example.org/b"


def _including(url: str, other: str) -> dict[str, Any]:
    include = [{"valueSet": [other]}]
    return row(
        "tx-resource", resource={"resourceType": "ValueSet", "url": url, "status": "active", "compose": {"include": include}}
    )


DEEP = b'{"resourceType":"Bundle","type":"batch","entry":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
HOSTILE = (
    # a name twice in one object: which one was meant?
    post(
        LOOKUP,
        '{"resourceType":"Parameters","parameter":[{"name":"code","name":"system"}]}',
        400,
        "malformed-body",
        "'name' twice",
    ),
    post(LOOKUP, '{"resourceType":"ValueSet", "resourceType" : "Parameters"}', 400, "malformed-body", "'resourceType' twice"),
    post(f"{BASE}/Condition/$validate", '{"resourceType":"Condition","id":"a","id":"b"}', 400, "malformed-body", "'id' twice"),
    # nested 10,000 levels deep, at every door that reads a body
    *(post(url, DEEP, 400, "body-too-deep", "64") for url in (BASE, EXPAND, VALIDATE, FOR_CODE, f"{BASE}/ValueSet/$validate")),
    *(post(url, b" " * (BODY_BYTES + 1), 413, "body-too-large") for url in (BASE, EXPAND, f"{BASE}/ValueSet/$validate")),
    # wrong types
    post(EXPAND, parameters(row("valueSet", resource={"resourceType": "CodeSystem"})), 400, "bad-parameter", "ValueSet"),
    post(EXPAND, parameters(row("count", valueString="many")), 400, "bad-parameter", "'many'"),
    post(EXPAND, parameters(row("color", valueString="red")), 400, "unsupported-parameter", "'color'"),
    get(f"{EXPAND}?url=http://example.org/none", 404, "not-found", "'http://example.org/none'"),
)
CIRCULAR = post(
    EXPAND, parameters(row("url", valueUri=_A), _including(_A, _B), _including(_B, _A)), 400, "vs-invalid", "circularity"
)
