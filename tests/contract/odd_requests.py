"""Requests that clients really send, or that somebody sends on purpose, with the refusal that each must get."""

from __future__ import annotations

from tests.contract.odd import (
    ARABIC,
    BASE,
    DOCUMENT,
    FOR_CODE,
    JSON,
    LOOKUP,
    RELEASE,
    SUBSUMES,
    SYSTEM,
    VALIDATE,
    Odd,
    _q,
    get,
    parameters,
    post,
    row,
)
from tests.contract.odd_bodies import BODIES, HOSTILE, XML
from tests.web.client import FHIR_JSON, FHIR_XML, FORM

CODES = (
    # no ICD-10-CM code has this shape
    get(f"{LOOKUP}?code=M", 400, "malformed-code", "'M'", "such as M61.569"),
    get(f"{LOOKUP}?code=M61.", 400, "malformed-code", "'M61.'"),
    get(f"{LOOKUP}?code=M6", 400, "malformed-code", "'M6'"),
    get(f"{LOOKUP}?code=.M61", 400, "malformed-code"),
    get(f"{LOOKUP}?code=M61.5699999", 400, "malformed-code"),
    get(f"{LOOKUP}?code=M61..569", 400, "malformed-code"),
    get(f"{LOOKUP}?code=M61-569", 400, "malformed-code"),
    get(f"{LOOKUP}?code=M61.5-", 400, "malformed-code"),
    get(f"{LOOKUP}?code=728.12", 400, "malformed-code", "'728.12'"),
    get(f"{LOOKUP}?code=23", 400, "malformed-code"),
    get(f"{LOOKUP}?code=0", 400, "malformed-code"),
    get(f"{LOOKUP}?code=M61.569%0A", 400, "malformed-code", r"'M61.569\n'"),
    get(f"{LOOKUP}?code=%0AM61.569", 400, "malformed-code"),
    get(f"{LOOKUP}?code=M61%0D%0ASet-Cookie:%20a=b", 400, "malformed-code", r"\r\n"),
    get(f"{LOOKUP}?code=M61%20569", 400, "malformed-code"),
    get(f"{LOOKUP}?code=M61.569,M61.561", 400, "malformed-code"),
    get(f"{LOOKUP}?code={SYSTEM}|M61.569", 400, "malformed-code"),
    get(f"{LOOKUP}?code={_q('ſ61')}", 400, "malformed-code", "'ſ61'"),
    get(f"{LOOKUP}?code={_q('ｍ61.569')}", 400, "malformed-code"),
    get(f"{LOOKUP}?code={_q('М61.569')}", 400, "malformed-code"),  # Cyrillic em
    get(f"{LOOKUP}?code={_q('M' + ARABIC)}", 400, "malformed-code", ARABIC),
    get(f"{LOOKUP}?code={_q('מיוזיטיס')}", 400, "malformed-code", "מיוזיטיס"),
    get(f"{LOOKUP}?code={_q(chr(0x202E) + '16M')}", 400, "malformed-code", r"\u202e16M"),
    get(f"{LOOKUP}?code={_q('M61' + chr(0x200B))}", 400, "malformed-code", r"\u200b"),
    get(f"{LOOKUP}?code={_q('M61.569' + chr(0xA0))}", 400, "malformed-code"),
    get(f"{LOOKUP}?code={_q('💀')}", 400, "malformed-code", "💀"),
    get(f"{LOOKUP}?code={'M' * 65}", 400, "malformed-code"),
    get(f"{LOOKUP}?code={'M61' * 2000}", 400, "malformed-code", "…"),
    get(f"{LOOKUP}?code=%27%20OR%201=1--", 400, "malformed-code"),
    get(f"{LOOKUP}?code=%3Cscript%3Ealert(1)%3C/script%3E", 400, "malformed-code"),
    get(f"{LOOKUP}?code=..%2F..%2Fetc%2Fpasswd", 400, "malformed-code"),
    get(f"{LOOKUP}?code=$%7Bjndi:ldap://x%7D", 400, "malformed-code"),
    get(f"{LOOKUP}?code=%25s%25n", 400, "malformed-code"),
    # the shape is right, and no release has it
    get(f"{LOOKUP}?code=M61.9X", 404, "unknown-code", "Unknown code 'M61.9X'", RELEASE, "did you mean M61.9"),
    get(f"{LOOKUP}?code=m619x", 404, "unknown-code", "Unknown code 'M61.9X'"),
    get(f"{LOOKUP}?code=Z99.999Z", 404, "unknown-code"),
    get(f"{LOOKUP}?code=A00-A99", 404, "unknown-code", "'A00-A99'"),
    get(f"{LOOKUP}?code=M61.569&version=2026-04-01&system={SYSTEM}&code_=1", 400, "unsupported-parameter", "'code_'"),
    get(f"{FOR_CODE}?code=M61.9X", 404, "unknown-code", "did you mean"),
    get(f"{FOR_CODE}?code=M", 400, "malformed-code", "'M'"),
    get(f"{SUBSUMES}?codeA=M61&codeB=M61.9X", 404, "unknown-code", "'M61.9X'"),
    get(f"{SUBSUMES}?codeA=M&codeB=M61", 400, "malformed-code", "'M'"),
    # other releases have it
    get(f"{LOOKUP}?code=C78.31&version=2026-04-01", 404, "code-not-in-release", "'C78.31'", RELEASE, "from 2026-10-01"),
    get(f"{LOOKUP}?code=C78.31&date=2026-09-30", 404, "code-not-in-release", "2026-10-01"),
    get(f"{SUBSUMES}?codeA=C78.3&codeB=C78.31", 404, "code-not-in-release", "'C78.31'", "2026-10-01"),
    get(f"{FOR_CODE}?code=C78.31&version=2026", 404, "code-not-in-release", "2026-10-01"),
)

NULLS = (
    get(f"{LOOKUP}?code=M61%00.569", 400, "bad-parameter", "control characters"),
    get(f"{LOOKUP}?code=%00", 400, "bad-parameter", r"\x00"),
    get(f"{LOOKUP}?code=M61%1B%5B31m", 400, "bad-parameter", r"\x1b"),
    get(f"{LOOKUP}?code=M61%7F", 400, "bad-parameter"),
    get(f"{LOOKUP}?code=%FF%FE", 400, "bad-parameter", "UTF-8"),
    get(f"{LOOKUP}?code=%C3%28", 400, "bad-parameter", "UTF-8"),
    get(f"{LOOKUP}?code=%ED%A0%80", 400, "bad-parameter"),  # a surrogate, encoded
    get(f"{LOOKUP}?code=%C0%AE", 400, "bad-parameter"),  # an overlong dot
    get(f"{LOOKUP}?code=%E2%80", 400, "bad-parameter"),
    get(f"{LOOKUP}?code=M61.569&version=%00", 400, "bad-parameter", "'version'"),
    get(f"{FOR_CODE}?code=M61%00", 400, "bad-parameter"),
    get(f"{FOR_CODE}?code=M61.569&displayLanguage=e%00s", 400, "bad-parameter", "'displayLanguage'"),
    get(f"{VALIDATE}?code=M61.569&display=a%00b", 400, "bad-parameter", "'display'"),
    post(LOOKUP, parameters(row("code", valueCode="M61\x00")), 400, "bad-parameter", r"\x00"),
    post(VALIDATE, parameters(row("coding", valueCoding={"code": "M61\x00"})), 400, "bad-parameter", "coding.code"),
    post(LOOKUP, b"code=%00", 400, "bad-parameter", kind=FORM),
    post(LOOKUP, b"code=\xff\xfe", 400, "malformed-body", "UTF-8", kind=FORM),
    post(LOOKUP, b"code=%FF", 400, "bad-parameter", kind=FORM),
)

SYSTEMS = (
    get(f"{LOOKUP}?code=M61&system=http://snomed.info/sct", 404, "unknown-system", "http://snomed.info/sct", SYSTEM),
    get(f"{LOOKUP}?code=M61&system=http://hl7.org/fhir/sid/icd-9-cm", 404, "unknown-system"),
    get(f"{LOOKUP}?code=M61&system=http://hl7.org/fhir/sid/icd-10", 404, "unknown-system"),
    get(f"{LOOKUP}?code=M61&system=urn:oid:2.16.840.1.113883.6.96", 404, "unknown-system", "2.16.840.1.113883.6.96"),
    get(f"{LOOKUP}?code=M61&system=urn:oid:1.2.3", 404, "unknown-system", "urn:oid:1.2.3"),
    get(f"{LOOKUP}?code=M61&system=ICD-10-CM", 404, "unknown-system", "'ICD-10-CM'", SYSTEM),
    get(f"{LOOKUP}?code=M61&system={SYSTEM}/", 404, "unknown-system"),
    get(f"{LOOKUP}?code=M61&system=https://hl7.org/fhir/sid/icd-10-cm", 404, "unknown-system"),
    get(f"{LOOKUP}?code=M61&system={_q('not a uri')}", 404, "unknown-system", "'not a uri'"),
    get(f"{LOOKUP}?code=M61&system={'x' * 5000}", 404, "unknown-system", "…"),
    get(f"{SUBSUMES}?codeA=M61&codeB=M61.1&system=http://loinc.org", 404, "unknown-system", "http://loinc.org"),
    get(f"{FOR_CODE}?code=M61&system=http://loinc.org", 404, "wrong-system", "http://loinc.org", SYSTEM),
    get(f"{FOR_CODE}?code=1234-5&system=urn:oid:2.16.840.1.113883.6.1", 404, "wrong-system"),
    get(f"{FOR_CODE}?code=99999999&system=http://snomed.info/sct", 404, "unknown-code", "'99999999'"),
    get(f"{VALIDATE}?code=M61&url={SYSTEM}&system=http://loinc.org", 400, "conflicting-parameters", "http://loinc.org"),
    post(
        VALIDATE,
        parameters(row("url", valueUri=SYSTEM), row("coding", valueCoding={"system": "http://loinc.org", "code": "M61"})),
        400,
        "conflicting-parameters",
        "one code system",
    ),
    post(
        SUBSUMES,
        parameters(
            row("codingA", valueCoding={"system": SYSTEM, "code": "M61"}),
            row("codingB", valueCoding={"system": "http://snomed.info/sct", "code": "1"}),
        ),
        400,
        "conflicting-parameters",
        "one code system",
    ),
)

VERSIONS = (
    *(
        get(f"{operation}&version=1999-01-01", 404, "unknown-version", "'1999-01-01'", f"Valid versions: {RELEASE}")
        for operation in (f"{LOOKUP}?code=M61", f"{SUBSUMES}?codeA=M61&codeB=M61.1", f"{FOR_CODE}?code=M61")
    ),
    get(f"{LOOKUP}?code=M61&version=latest", 404, "unknown-version", "'latest'", RELEASE),
    get(f"{LOOKUP}?code=M61&version=FY2031", 404, "unknown-version", "'FY2031'"),
    get(f"{LOOKUP}?code=M61&version=2026-04-01T00:00:00Z", 404, "unknown-version"),
    get(f"{LOOKUP}?code=M61&version=2026-04-0", 404, "unknown-version"),
    get(f"{LOOKUP}?code=M61&version=2026-04-02", 404, "unknown-version", RELEASE),
    get(f"{LOOKUP}?code=M61&version={_q('٢٠٢٦')}", 404, "unknown-version"),
    get(f"{LOOKUP}?code=M61&version=2026-04-01&version=2026", 400, "repeated-parameter", "'version'"),
    get(f"{LOOKUP}?code=M61&version={'2' * 3000}", 404, "unknown-version", "…"),
    get(f"{BASE}/CodeSystem/icd-10-cm-2026-04-01/$lookup?code=M61&version=2025", 400, "conflicting-parameters", "2025"),
    get(f"{BASE}/CodeSystem/icd-10-cm-1999/$lookup?code=M61", 404, "unknown-resource", "'icd-10-cm-1999'"),
    get(f"{BASE}/CodeSystem/icd-10-cm/$subsumes?codeA=M61&codeB=M61", 404, "unknown-resource"),
    post(
        SUBSUMES,
        parameters(
            row("codingA", valueCoding={"system": SYSTEM, "code": "M61", "version": RELEASE}),
            row("codingB", valueCoding={"system": SYSTEM, "code": "M61", "version": "2025"}),
        ),
        400,
        "conflicting-parameters",
    ),
    post(
        LOOKUP,
        parameters(row("version", valueString="2025"), row("coding", valueCoding={"code": "M61", "version": RELEASE})),
        400,
        "conflicting-parameters",
    ),
)

DATES = (
    *(
        get(f"{LOOKUP}?code=M61&date={_q(date)}", 400, "malformed-date", says, "YYYY-MM-DD")
        for date, says in (
            ("2026-13-01", "'2026-13-01'"),
            ("2026-02-30", "'2026-02-30'"),
            ("2026-2-3", "'2026-2-3'"),
            ("2026", "'2026'"),
            ("2026-10", "'2026-10'"),
            ("10/01/2026", "'10/01/2026'"),
            ("20261001", "'20261001'"),
            ("today", "'today'"),
            ("0000-01-01", "'0000-01-01'"),
            ("-2026-01-01", "'-2026-01-01'"),
            ("12026-01-01", "'12026-01-01'"),
            ("2026-10-01T25:00:00Z", "T25"),
            ("2026-10-01T10:00:00+99:00", "+99:00"),
            ("2026-10-01T10:00:00 00:00", "10:00:00 00:00"),  # a plus sign that was not encoded
            ("2026-10-01\n", r"\n"),
            ("٢٠٢٦-١٠-٠١", "٢٠٢٦"),
            ("9" * 500, "…"),
        )
    ),
    get(f"{FOR_CODE}?code=M61&date=yesterday", 400, "malformed-date", "'yesterday'"),
    get(f"{SUBSUMES}?codeA=M61&codeB=M61&date=2026-99-99", 400, "malformed-date"),
    get(f"{VALIDATE}?code=M61&date=1.10.2026", 400, "malformed-date", "'1.10.2026'"),
    post(LOOKUP, parameters(row("code", valueCode="M61"), row("date", valueDateTime="soon")), 400, "malformed-date", "'soon'"),
)

PARAMETERS = (
    get(LOOKUP, 400, "missing-parameter", "'code'", "code=M61.569"),
    get(f"{LOOKUP}?", 400, "missing-parameter"),
    get(f"{LOOKUP}?code=", 400, "missing-parameter", "'code'"),
    get(f"{LOOKUP}?code", 400, "missing-parameter"),
    get(f"{LOOKUP}?&&&", 400, "missing-parameter"),
    get(f"{LOOKUP}?system={SYSTEM}", 400, "missing-parameter"),
    get(VALIDATE, 400, "missing-parameter", "'code'"),
    get(SUBSUMES, 400, "missing-parameter", "'codeA'"),
    get(f"{SUBSUMES}?codeA=M61", 400, "missing-parameter", "'codeB'"),
    get(FOR_CODE, 400, "missing-parameter", "code=M61.569"),
    get(f"{LOOKUP}?code=M61&code=M62", 400, "repeated-parameter", "'code'", "send it once"),
    get(f"{FOR_CODE}?code=M61&max=1&max=2", 400, "repeated-parameter", "'max'"),
    get(f"{VALIDATE}?code=M61&abstract=true&abstract=true", 400, "repeated-parameter", "'abstract'"),
    get(f"{LOOKUP}?code=M61&verison=2025", 400, "unsupported-parameter", "'verison'", "version"),
    get(f"{LOOKUP}?Code=M61", 400, "unsupported-parameter", "'Code'"),
    get(f"{LOOKUP}?code%00=M61", 400, "unsupported-parameter", r"'code\x00'"),
    get(f"{LOOKUP}?%FF=1&code=M61", 400, "unsupported-parameter"),
    get(f"{LOOKUP}?{'x' * 5000}=1&code=M61", 400, "unsupported-parameter", "…"),
    get(f"{LOOKUP}?=1&codes=M61", 400, "unsupported-parameter", "'codes'"),
    get(f"{LOOKUP}?code=M61&patientAge=7", 400, "unsupported-parameter", "'patientAge'"),
    get(f"{FOR_CODE}?code=M61&patientAge=7", 400, "bad-parameter", "'patientAge'", "POST"),
    get(f"{FOR_CODE}?code=M61&patientSex=female", 400, "bad-parameter", "'patientSex'", "POST"),
    get(f"{FOR_CODE}?coding=M61", 400, "bad-parameter", "'coding'", "POST"),
    get(f"{VALIDATE}?codeSystem=x&code=M61", 400, "bad-parameter", "'codeSystem'"),
    get(f"{VALIDATE}?code=M61&abstract=yes", 400, "bad-parameter", "'yes'", "true or false"),
    get(f"{VALIDATE}?code=M61&activeOnly=TRUE", 400, "bad-parameter", "'TRUE'"),
    get(f"{VALIDATE}?code=M61&lenient-display-validation=1", 400, "bad-parameter", "'1'"),
    get(f"{FOR_CODE}?code=M61&max=0", 400, "bad-parameter", "'0'", "from 1"),
    get(f"{FOR_CODE}?code=M61&max=-1", 400, "bad-parameter", "'-1'"),
    get(f"{FOR_CODE}?code=M61&max=1.5", 400, "bad-parameter"),
    get(f"{FOR_CODE}?code=M61&max=99999999999999999999", 400, "bad-parameter"),
    get(f"{FOR_CODE}?code=M61&max={ARABIC}", 400, "bad-parameter", ARABIC),
    get(f"{FOR_CODE}?code=M61&match=fuzzy", 400, "bad-parameter", "'fuzzy'", "exact, hierarchy, any"),
    get(f"{FOR_CODE}?code=M61&audience=nurse", 400, "bad-parameter", "'nurse'", "clinician, patient"),
    get(f"{FOR_CODE}?code=M61&grade=E", 400, "bad-parameter", "'E'", "A, B, C, D"),
    get(f"{FOR_CODE}?code=M61&section=dosing", 400, "bad-parameter", "'dosing'", "treatment", "Q000628"),
    get(f"{FOR_CODE}?code=M61&section=Q999999", 400, "bad-parameter", "'Q999999'"),
    get(f"{FOR_CODE}?code=M61&displayLanguage=english!", 400, "bad-parameter", "'english!'", "BCP 47"),
    get(f"{FOR_CODE}?code=M61&displayLanguage=es_MX", 400, "bad-parameter", "'es_MX'"),
    get(f"{FOR_CODE}?{'&'.join(['code=M61'] * 201)}", 413, "too-many-values", "200"),
    get(f"{LOOKUP}?{'&'.join(['property=parent'] * 1001)}", 413, "too-many-values", "1000"),
    get(f"{DOCUMENT}?code=M61", 400, "unsupported-parameter", "'code'"),
    get(f"{DOCUMENT}?persist=true", 400, "bad-parameter", "'persist'"),
    get(f"{DOCUMENT}?graph=x", 400, "unsupported-parameter", "'graph'"),
    get(f"{DOCUMENT}?audience=all", 400, "bad-parameter", "'all'"),
    get(f"{BASE}/metadata?mode=everything", 400, "bad-parameter", "'everything'", "terminology"),
)

NEGOTIATION = (
    get(f"{BASE}/metadata", 406, "not-acceptable", "text/csv", FHIR_JSON, FHIR_XML, Accept="text/csv"),
    get(f"{BASE}/metadata", 406, "not-acceptable", Accept="application/fhir+xml;q=0"),
    get(f"{BASE}/metadata", 406, "not-acceptable", Accept="application/fhir+json;q=0"),
    get(f"{BASE}/metadata", 406, "not-acceptable", Accept="*/*;q=0, application/json;q=0.0"),
    get(f"{BASE}/metadata", 406, "not-acceptable", "fhirVersion=4.0", Accept="application/fhir+json; fhirVersion=5.0"),
    get(f"{BASE}/metadata", 406, "not-acceptable", Accept='application/fhir+json; fhirVersion="3.0"'),
    get(f"{BASE}/metadata", 406, "not-acceptable", Accept="application/fhir+turtle, image/*"),
    get(f"{BASE}/metadata", 406, "not-acceptable", Accept=";;;,,,"),
    get(f"{BASE}/metadata", 406, "not-acceptable", "…", Accept="x/" + "y" * 5000),
    get(f"{BASE}/metadata?_format=ttl", 406, "not-acceptable", "'ttl'", "application/json"),
    get(f"{BASE}/metadata?_format=html", 406, "not-acceptable", "'html'"),
    get(f"{BASE}/metadata?_format=application/fhir%2Bxml;fhirVersion=5.0", 406, "not-acceptable", "fhirVersion=5.0"),
    get(f"{BASE}/metadata?_format=%00", 406, "not-acceptable", r"\x00"),
    get(f"{LOOKUP}?code=M61&_format=ttl", 406, "not-acceptable", "'ttl'"),
    get(f"{FOR_CODE}?code=M61", 406, "not-acceptable", Accept="application/pdf"),
    get(f"{BASE}/Library", 406, "not-acceptable", Accept="text/plain"),
    post(LOOKUP, parameters(row("code", valueCode="M61")), 406, "not-acceptable", Accept="application/pdf"),
)


def _method(method: str, url: str, *allowed: str) -> Odd:
    return Odd(url, 405, "wrong-method", (repr(method), *allowed), method, b"" if method != "GET" else None, dict(JSON))


METHODS = (
    *(_method(method, f"{BASE}/metadata", "GET") for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND")),
    *(_method(method, LOOKUP, "GET", "POST") for method in ("PUT", "DELETE", "PATCH")),
    _method("PUT", f"{BASE}/Library/myositis-ossificans-traumatica", "GET"),
    _method("DELETE", f"{BASE}/Composition/myositis-ossificans-traumatica", "GET"),
    _method("PATCH", f"{BASE}/Composition/myositis-ossificans-traumatica", "GET"),
    _method("POST", f"{BASE}/Library", "GET"),
    _method("POST", f"{BASE}/Composition", "GET"),
    _method("GET", f"{BASE}/Library/_search", "POST"),
    _method("PUT", FOR_CODE, "GET", "POST"),
    _method("DELETE", DOCUMENT, "GET", "POST"),
    _method("POST", "/live", "GET"),
    _method("DELETE", "/ready", "GET"),
)

PATHS = (
    *(
        get(path, 404, "unknown-path", f"'{path}'", "/fhir/r4/metadata")
        for path in (
            "/nothing",
            "/fhir",
            "/fhir/",
            "/fhir/r4",
            "/fhir/r4/",
            "/fhir/r5",
            "/fhir/r5/Patient",
            "/fhir/r55",
            "/fhir/r44",
            "/fhir/R4/metadata",
            "/fhir/r4/Metadata",
            "/fhir/r4/Patient",
            "/fhir/r4/Patient/1",
            "/fhir/r4/library",
            "/fhir/r4/OperationDefinition/x/_history",
            "/fhir/r4/OperationDefinition/x/_history/1",
            "/fhir/r4/Library/x/y/z/w",
            "/fhir/r4/$lookup",
            "/fhir/r4/CodeSystem/$expand",
            "/fhir/r4/ValueSet/$lookup",
            "/fhir/r4/Composition/$document",
            "/fhir/r4/Composition/x/$for-code",
            "/fhir/r4/CodeSystem/a/b/$lookup",
            "/fhir/r4/CodeSystem/$lookup/x",
            "/fhir/r4/CodeSystem/$",
            "/fhir/r4/.well-known/smart-configuration",
            "/fhir/r4/../../etc/passwd",
            "/live/",
        )
    ),
    get("/fhir/r4/Patient%00", 404, "unknown-path", r"\x00"),
    get("/fhir/r4/%FF%FE", 404, "unknown-path"),
    get("/fhir/r4/" + "x" * 4000, 404, "unknown-path", "…"),
    get(f"/fhir/r4/{_q('مرض')}", 404, "unknown-path", "مرض"),
    get(f"/fhir/r4/{_q(chr(0x202E))}", 404, "unknown-path", r"\u202e"),
    get("/fhir/r4/Library%2Fx", 404, "unknown-resource", "'x'"),
    post(f"{BASE}", {"resourceType": "Bundle", "type": "transaction"}, 422, "unsupported-bundle-type", "read-only"),
    post(f"{BASE}/", {"resourceType": "Bundle"}, 422, "unsupported-bundle-type", "batch"),
    post(f"{BASE}/", "{}", 400, "malformed-body", "Bundle of type batch"),
    post(f"{BASE}/", "", 415, "unsupported-media-type", kind=""),
)

RESOURCES = (
    *(
        get(f"{BASE}/{kind}/no-such-thing", 404, "unknown-resource", kind, "'no-such-thing'")
        for kind in ("Library", "Composition", "ValueSet", "CodeSystem", "Provenance", "Organization")
    ),
    get(f"{BASE}/OperationDefinition/CodeSystem-expand", 404, "unknown-resource"),
    get(f"{BASE}/Composition/code-M61.9X", 404, "unknown-resource", "'code-M61.9X'"),
    get(f"{BASE}/Composition/code-m61", 404, "unknown-resource"),
    get(f"{BASE}/Composition/code-", 404, "unknown-resource"),
    get(f"{BASE}/Composition/code-hello%00", 404, "unknown-resource", r"\x00"),
    get(f"{BASE}/Library/{'x' * 5000}", 404, "unknown-resource", "…"),
    get(f"{BASE}/Composition/no-such-thing/$document", 404, "unknown-resource", "'no-such-thing'"),
    get(f"{BASE}/Composition/code-Z99.999Z/$document", 404, "unknown-resource"),
)

PARTS = (
    get(f"{BASE}/Library/myositis-ossificans-traumatica?_summary=count", 400, "bad-parameter", "'count'", "search"),
    get(f"{BASE}/Library/myositis-ossificans-traumatica?_summary=maybe", 400, "bad-parameter", "'maybe'", "text"),
    get(f"{BASE}/Library/myositis-ossificans-traumatica?_summary=true&_elements=title", 400, "conflicting-parameters"),
    get(f"{BASE}/metadata?_summary=count", 400, "bad-parameter", "'count'"),
)

SEARCHES = (
    get(f"{BASE}/Library?_count=many", 400, "bad-parameter", "'_count'", "'many'"),
    get(f"{BASE}/Library?_count=-1", 400, "bad-parameter", "'-1'"),
    get(f"{BASE}/Library?_count={ARABIC}", 400, "bad-parameter", ARABIC),
    get(f"{BASE}/Library?_offset=x", 400, "bad-parameter", "'_offset'"),
    get(f"{BASE}/Library?_summary=maybe", 400, "bad-parameter", "'maybe'", "count"),
    get(f"{BASE}/Library?_total=all", 400, "bad-parameter", "'all'"),
    get(f"{BASE}/Library?_summary=true&_elements=title", 400, "conflicting-parameters"),
    get(f"{BASE}/Library?date=yesterday", 400, "bad-parameter", "'yesterday'"),
    get(f"{BASE}/Library?date=xx2026", 400, "bad-parameter", "prefixes"),
    get(f"{BASE}/Library?title:below=x", 400, "unsupported-parameter", "title:below", "title:exact"),
    get(f"{BASE}/Library?url:missing=maybe", 400, "bad-parameter", "true or false"),
    get(f"{BASE}/Library?context=a|b|c", 400, "bad-parameter", "system|code"),
    get(f"{BASE}/Library?context-type-value=focus", 400, "bad-parameter", "focus$M61.0"),
    get(f"{BASE}/Composition?code=|", 400, "bad-parameter"),
    get(f"{BASE}/Composition?context:in=nothing", 400, "bad-parameter", "value set"),
    get(f"{BASE}/Library?{'&'.join(['_id=x'] * 501)}", 413, "too-many-values", "500"),
    get(f"{BASE}/Library?_id={','.join('x' * 501)}", 413, "too-many-values"),
    get(f"{BASE}/Library?{'&'.join(['_id=x'] * 1001)}", 413, "too-many-values", "1000"),
    get(f"{BASE}/Library?color=red", 400, "unknown-search-parameter", "'color'", "title", Prefer="handling=strict"),
    get(f"{BASE}/Composition?subject.color=red", 400, "unknown-search-parameter", Prefer="respond-async, handling=strict"),
    get(f"{BASE}/Library?_sort=color", 400, "unknown-search-parameter", "color", Prefer="handling=strict"),
    get(f"{BASE}/Library?_include=Library:color", 400, "unknown-search-parameter", Prefer="handling=strict"),
    get(f"{BASE}/Library?_id%00=x", 400, "unknown-search-parameter", r"\x00", Prefer="handling=strict"),
    post(f"{BASE}/Library/_search", "_count=x", 400, "bad-parameter", "'x'", kind=FORM),
    post(f"{BASE}/Library/_search", b"title=\xff", 400, "malformed-body", "UTF-8", kind=FORM),
    post(f"{BASE}/Library/_search?_count=x", "", 400, "bad-parameter", kind=FORM),
)

ODD_REQUESTS = (
    *CODES,
    *NULLS,
    *SYSTEMS,
    *VERSIONS,
    *DATES,
    *PARAMETERS,
    *BODIES,
    *NEGOTIATION,
    *METHODS,
    *PATHS,
    *RESOURCES,
    *XML,
    *HOSTILE,
    *PARTS,
    *SEARCHES,
)
