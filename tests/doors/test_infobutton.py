from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from lxml import html

from icdref.fhir.narrative_check import narrative_faults
from tests.doors.calling import ATOM, CM, FORM, OURS
from tests.doors.conftest import caller

NINE = "2.16.840.1.113883.6.103"
WHO = "2.16.840.1.113883.6.3"
SNOMED = "2.16.840.1.113883.6.96"


def entries(answer) -> list[dict]:
    return answer["feed"]["entry"]


def titles(answer) -> list[str]:
    return [entry["title"]["_value"] for entry in entries(answer)]


def test_all_formats_say_the_same(door):
    query = {"subTopic__v__c": "Q000628", "mainSearchCriteria__v__c1": "A00.0", "mainSearchCriteria__v__cs1": CM}
    feed = door.as_json("M61.011", **query)["feed"]
    atom = door.service_("M61.011", **query)
    script = door.service_("M61.011", knowledgeResponseType="application/javascript", callback="f", **query)
    page = html.fromstring(door.service_("M61.011", knowledgeResponseType="text/html", **query).body)
    bundle = door.service_("M61.011", knowledgeResponseType="application/fhir+json", **query).json

    told = [(entry["title"]["_value"], entry["link"][0]["href"]) for entry in feed["entry"]]
    assert len(told) == 4  # the section, its summary, the facts of A00.0, what also concerns M61.011
    found = atom.atom.findall(f"{ATOM}entry")
    assert [(each.findtext(f"{ATOM}title"), each.find(f"{ATOM}link").get("href")) for each in found] == told
    assert [each.findtext(f"{ATOM}summary") for each in found] == [each["summary"]["_value"] for each in feed["entry"]]
    assert [each.findtext(f"{ATOM}id") for each in found] == [each["id"]["_value"] for each in feed["entry"]]
    assert atom.subtitle() == feed["subtitle"]["_value"]
    assert json.loads(script.text[len("/**/f(") : -2])["feed"] == feed
    assert [(each.text_content(), each.get("href")) for each in page.findall(".//article/h2/a")] == told
    reached = [href.rpartition("/")[2].partition("#")[0] for _, href in told]
    found = [entry["resource"]["id"] for entry in bundle["entry"] if entry["search"]["mode"] == "match"]
    assert found == [name for name in dict.fromkeys(reached) if name != "A00.0"]


def test_summaries_are_well_formed_and_pass_the_allow_list_of_narratives(door):
    for code in ("M61.011", "M61", "A00.0"):
        for entry in entries(door.as_json(code)):
            assert narrative_faults(f'<div xmlns="http://www.w3.org/1999/xhtml">{entry["summary"]["_value"]}</div>') == []


# --- codes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", [CM, f"urn:oid:{CM}", "http://hl7.org/fhir/sid/icd-10-cm", "ICD10CM", "ICD-10-CM", ""])
@pytest.mark.parametrize("code", ["M61.011", "m61011", " M61.011 "])
def test_a_code_is_found_however_it_and_its_system_are_spelt(door, code, system):
    answer = door.service_(code, system, knowledgeResponseType="application/json").json
    assert titles(answer)[0] == "Bone after a blow"


@pytest.mark.parametrize(("system", "code"), [(NINE, "728.12"), (NINE, "72812"), (WHO, "M61.0"), (SNOMED, "111000")])
def test_codes_of_other_systems_lead_to_the_summary_that_names_them_and_say_so(door, system, code):
    answer = door.service_(code, system, knowledgeResponseType="application/json").json
    assert titles(answer)[0] == "Bone after a blow"
    assert "is named by this summary as an equivalent" in entries(answer)[0]["summary"]["_value"]
    assert entries(answer)[0]["category"][0]["term"] == "0.80"


def test_an_icd9_code_is_mapped_and_the_entry_says_how_well(door):
    answer = door.service_("806.00", NINE, knowledgeResponseType="application/json").json
    assert "none of which is picked" in answer["feed"]["subtitle"]["_value"]
    answer = door.service_("728.13", NINE, knowledgeResponseType="application/json").json
    assert titles(answer)[0] == "Other bone"


def test_a_header_and_a_deleted_code_are_answered(door):
    assert titles(door.as_json("M61.0"))[0] == "Bone after a blow"
    answer = door.as_json("M61.6")
    assert titles(answer)[0] == "Bone after a blow"
    assert "its one successor M61.00 was followed" in entries(answer)[0]["summary"]["_value"]


def test_a_code_without_a_summary_is_one_entry_with_its_facts(door):
    answer = door.as_json("A00.0")
    (entry,) = entries(answer)
    assert entry["link"] == [
        {
            "href": "https://icdref.example.org/codes/A00.0",
            "rel": "alternate",
            "title": entry["title"]["_value"],
            "type": "text/html",
        }
    ]
    assert "There is no condition summary for A00.0" in answer["feed"]["subtitle"]["_value"]
    assert "A00.0 is billable." in entry["summary"]["_value"]


def test_unknown_code_and_wrong_system_are_two_different_reasons(door):
    unknown = door.service_("M61.99")
    loinc = door.service_("4548-4", "2.16.840.1.113883.6.1")
    assert (unknown.status, unknown.titles(), loinc.status, loinc.titles()) == (200, [], 200, [])
    assert "Unknown code 'M61.99'" in unknown.subtitle()
    assert "has no conditions for" in loinc.subtitle()


def test_many_codes_are_answered_once_each_and_all_accounted_for(door):
    fields = {
        f"mainSearchCriteria__v__c{n}": code for n, code in enumerate(["M61.012", "m61011", "A00.0", "M61.99", "D72.823"], 1)
    }
    answer = door.as_json("M61.011", explain="true", **fields)
    assert titles(answer) == ["Bone after a blow", "Too many white cells", "A00.0 " + titles(answer)[2][6:], "Other bone"]
    assert [trace["requested"] for trace in answer["trace"]] == ["M61.011", "M61.012", "A00.0", "M61.99", "D72.823"]
    assert "M61.99" in answer["feed"]["subtitle"]["_value"]


def test_a_hundred_codes_at_once_are_answered(door):
    codes = [f"C{n:02}.{m}" for n in range(10) for m in range(10)]
    fields = {f"mainSearchCriteria__v__c{n}": code for n, code in enumerate(codes, 1)}
    assert door.service_("M61.011", **fields).titles()[0] == "Bone after a blow"


def test_more_codes_than_one_request_may_have_are_refused(door):
    fields = {f"mainSearchCriteria__v__c{n}": f"A{n // 10:02}.{n % 10}" for n in range(201)}
    assert door.service_(**fields).status == 413


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Blowman's disease", "bone after a blow, right thigh", "BAB"])
def test_a_name_alone_finds_its_summary(door, name):
    answer = door.as_json(mainSearchCriteria__v__dn=name)
    assert titles(answer)[0] == "Bone after a blow"
    assert entries(answer)[0]["category"][0]["term"] == "0.60"


def test_the_original_text_is_used_when_code_and_display_name_are_empty(door):
    reply = door.ask("/infobutton/service?mainSearchCriteria.v.c=&mainSearchCriteria.v.dn=&mainSearchCriteria.v.ot=BAB")
    assert reply.titles()[0] == "Bone after a blow"


def test_a_name_never_overrides_a_code_and_a_clash_is_in_the_trace(door):
    answer = door.as_json("D72.823", mainSearchCriteria__v__dn="Bone after a blow", explain="true")
    assert titles(answer) == ["Too many white cells"]
    assert answer["trace"][0]["context"] == ["The name that was sent is that of another condition; the code decided"]


def test_a_name_that_nothing_has_is_answered_with_the_reason(door):
    reply = door.ask("/infobutton/service?mainSearchCriteria.v.dn=glockenspiel")
    assert (reply.status, reply.titles()) == (200, [])
    assert "No condition summary has the name that was sent" in reply.subtitle()


# --- who, when, what --------------------------------------------------------------------------------------------------


def test_patients_get_their_text_in_their_language(door):
    given = {"informationRecipient": "PAT", "informationRecipient__languageCode__c": "es-MX"}
    reply = door.service_("M61.0", **given)
    assert "Es hueso que crece" in reply.text
    assert reply.headers["content-language"] == "es, en"  # what also concerns the code is in English alone
    assert reply.atom.find(f"{ATOM}entry").get("{http://www.w3.org/XML/1998/namespace}lang") == "es"
    assert "A lump that keeps growing needs an opinion at once." in reply.text


def test_a_language_that_is_not_there_falls_back_to_english_and_says_so(door):
    given = {"informationRecipient": "PAT", "informationRecipient__languageCode__c": "de"}
    reply = door.service_("M61.0", **given)
    assert reply.headers["content-language"] == "en"
    assert "This text is not available in de; it is in English." in reply.text


def test_the_effective_time_picks_the_release_and_our_own_date_wins(door):
    stamped = {"knowledgeRequestNotification__effectiveTime__v": "20241115093000"}
    assert door.service_("M61.0", **stamped).headers["icdref-release"] == "2024-10-01"
    assert door.service_("M61.0", date="2025-11-15", **stamped).headers["icdref-release"] == "2025-10-01"
    assert door.service_("M61.0").headers["icdref-release"] == "2026-04-01"


def test_a_sub_topic_chooses_a_section_and_an_unknown_one_filters_nothing(door):
    answer = door.as_json("M61.0", subTopic__v__c="Q000453")
    assert titles(answer)[0] == "Bone after a blow: Epidemiology"
    answer = door.as_json("M61.0", subTopic__v__c="Q999999", explain="true")
    assert titles(answer)[0] == "Bone after a blow"
    assert answer["remarks"] == ["A sub-topic that was sent is not known here; it filtered nothing"]


@pytest.mark.parametrize(
    "field",
    [
        {"age__v__v": "old"},
        {"knowledgeRequestNotification__effectiveTime__v": "yesterday"},
        {"date": "22.11.2026"},
        {"informationRecipient__languageCode__c": "<klingon>"},
        {"performer": "healthcareProvider"},
        {"patientPerson__genderCode": "M"},
        {"xsltTransform": "x.xsl"},
    ],
)
def test_a_bad_value_in_an_optional_parameter_fails_nothing(door, field):
    reply = door.service_("M61.0", **field)
    assert (reply.status, reply.titles()[0]) == (200, "Bone after a blow")


def test_what_was_asked_is_echoed_exactly_and_what_controls_the_answer_is_not(door):
    feed = door.as_json("M61.0", informationRecipient="PROV", explain="true")["feed"]
    assert feed["category"] == [
        {"scheme": "mainSearchCriteria.v.c", "term": "M61.0"},
        {"scheme": "mainSearchCriteria.v.cs", "term": CM},
        {"scheme": "informationRecipient", "term": "PROV"},
    ]


# --- order of the elements --------------------------------------------------------------------------------------------


def test_elements_stand_in_the_order_of_the_schema(door):
    feed = door.service_("M61.011", subTopic__v__c="Q000628", explain="true", informationRecipient="PROV").atom
    order = ["title", "subtitle", "author", "updated", "category", "id", "rights", "generator", "entry", OURS + "match"]
    seen = list(dict.fromkeys(str(child.tag).removeprefix(ATOM) for child in feed))
    assert seen == order
    inner = ["title", "link", "id", "updated", "summary", "category", "source"]
    for entry in feed.findall(f"{ATOM}entry"):
        assert [name for name in inner if name in {c.tag.removeprefix(ATOM) for c in entry}] == list(
            dict.fromkeys(child.tag.removeprefix(ATOM) for child in entry)
        )
    assert {each.get("scheme") for each in feed.findall(f"{ATOM}entry/{ATOM}category")} == {"relevanceScore"}


# --- POST, HEAD, caching ----------------------------------------------------------------------------------------------


def test_a_form_and_trailing_slashes_are_answered_alike(door):
    sent = {"mainSearchCriteria__v__c": "M61.0", "mainSearchCriteria__v__cs": CM}
    posted = door.form("/infobutton/service/", **sent)
    assert posted.body == door.service_("M61.0").body
    assert posted.headers["cache-control"] == "private, no-store"


NOTIFICATION = """<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<knowledgeRequestNotification xmlns="urn:hl7-org:v3" classCode="ACT" moodCode="DEF">
 <effectiveTime value="20241115093000"/>
 <subject1><patientContext><patientPerson><administrativeGenderCode code="F"/></patientPerson>
  <subjectOf><age><value value="66" unit="a"/></age></subjectOf></patientContext></subject1>
 <informationRecipient><patient><patientPerson><languageCommunication><languageCode code="es"/></languageCommunication>
  </patientPerson></patient></informationRecipient>
 <subject2><taskContext><code code="PROBLISTREV"/></taskContext></subject2>
 <subject3><mainSearchCriteria><value code="M61.0" codeSystem="2.16.840.1.113883.6.90" displayName="Bone"/>
  <subject><subTopic><value code="Q000628" codeSystem="2.16.840.1.113883.6.177"/></subTopic></subject>
  </mainSearchCriteria></subject3>
 <subject4><mainSearchCriteria><value code="333000" codeSystem="2.16.840.1.113883.6.96">
  <originalText>cells</originalText></value></mainSearchCriteria></subject4>
</knowledgeRequestNotification></s:Body></s:Envelope>"""


def test_the_notification_in_xml_is_read_like_the_parameters(door):
    reply = door.ask("/infobutton/service", "POST", NOTIFICATION, {"Content-Type": "application/xml; charset=utf-8"})
    assert reply.status == 200
    assert reply.headers["icdref-release"] == "2024-10-01"
    assert reply.titles()[:2] == ["Bone after a blow", "Other bone"]
    assert "Es hueso que crece" in reply.text


def test_only_what_says_nothing_about_a_patient_may_be_cached(door):
    plain = door.service_("M61.0", informationRecipient="PROV", taskContext__c__c="PROBLISTREV")
    assert plain.headers["cache-control"] == "no-cache"
    assert plain.headers["etag"]
    for field in (
        {"age__v__v": "66"},
        {"mainSearchCriteria__v__dn": "x"},
        {"patientPerson__genderCode": "F"},
        {"unheardOf": "1"},
    ):
        private = door.service_("M61.0", **field)
        assert private.headers["cache-control"] == "private, no-store"
        assert "etag" not in private.headers


def test_the_page_is_self_contained_and_framed_only_by_named_sites(small):
    page = caller(small.data, frame_origins=("https://ehr.example.org",)).ask(
        "/infobutton/application?mainSearchCriteria.v.c=M61.0"
    )
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("frame-ancestors 'self' https://ehr.example.org")
    tree = html.fromstring(page.body)
    assert not tree.findall(".//script") + tree.findall(".//img") + tree.findall(".//iframe")
    assert {each.get("href").split("/")[2] for each in tree.findall(".//a")} == {"icdref.example.org"}


def test_without_parameters_the_application_is_a_search_box(door):
    reply = door.ask("/infobutton/application")
    assert reply.status == 200
    assert html.fromstring(reply.body).find(".//form").get("method") == "post"
    found = door.form("/infobutton/application", mainSearchCriteria__v__dn="M61.0")
    assert "Bone after a blow" in found.text


def test_an_explanation_lists_every_step(door):
    (trace,) = door.as_json("M61.011", explain="true")["trace"]
    assert [(step["tried"], step["result"]) for step in trace["steps"]] == [
        ("M61.011", "miss"),
        ("M61.01", "miss"),
        ("M61.0", "hit"),
    ]
    match = door.service_("M61.011", explain="true").atom.find(f"{OURS}match")
    assert [step.get("tried") for step in match.findall(f"{OURS}step")] == ["M61.011", "M61.01", "M61.0"]
    assert "trace" not in door.as_json("M61.011")


def test_fhir_is_the_answer_of_for_code(door):
    bundle = door.service_("M61.011", knowledgeResponseType="application/fhir+json").json
    assert bundle["type"] == "document"
    assert bundle["entry"][0]["resource"]["id"] == "bone-after-a-blow"
    assert bundle["meta"]["extension"][0]["url"].endswith("/match-trace")


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "status", "problem"),
    [
        ("", 400, ("nothing-asked", "mainSearchCriteria.v.c")),
        ("mainSearchCriteria.v.c=&mainSearchCriteria.v.dn=", 400, ("nothing-asked", "mainSearchCriteria.v.c")),
        ("mainSearchCriteria.v.c=M61&MAINSEARCHCRITERIA.V.C=M62", 400, ("repeated-parameter", "mainSearchCriteria.v.c")),
        (
            "mainSearchCriteria.v.c=M61&holder.assignedEntity.certificateText=secret",
            400,
            ("password-sent", "holder.assignedEntity.certificateText"),
        ),
        ("mainSearchCriteria.v.c=M61&knowledgeResponseType=text/plain", 415, ("unknown-response-type", "knowledgeResponseType")),
    ],
)
def test_errors_are_typed_and_name_the_parameter(door, query, status, problem):
    reply = door.ask(f"/infobutton/service?{query}")
    assert (reply.status, reply.problem()) == (status, problem)
    assert reply.subtitle()
    assert "secret" not in reply.text


@pytest.mark.parametrize("callback", ["", "alert(1)", "a.b", "1a", "a" * 65, "fü", "f\n", "<f>"])
def test_a_bad_callback_is_refused_as_json_and_never_repeated(door, callback):
    reply = door.ask(
        f"/infobutton/service?mainSearchCriteria.v.c=M61&knowledgeResponseType=application/javascript&callback={quote(callback)}"
    )
    if callback == "f\n":  # blanks around a value are taken off
        assert reply.status == 200
        return
    assert (reply.status, reply.headers["content-type"]) == (400, "application/json; charset=utf-8")
    assert reply.json["error"]["code"] == "bad-callback"
    assert reply.json["feed"]["entry"] == []


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("application/json", lambda reply: reply.json["error"]["code"]),
        ("application/atom+xml", lambda reply: reply.problem()[0]),
        ("text/html", lambda reply: "nothing-asked" if "There is no code and no text" in reply.text else ""),
        ("application/fhir+json", lambda reply: reply.json["issue"][0]["details"]["coding"][-1]["code"]),
    ],
)
def test_an_error_is_in_the_dialect_that_was_asked_for(door, kind, read):
    reply = door.ask(f"/infobutton/service?knowledgeResponseType={quote(kind)}")
    assert reply.status == 400
    assert reply.headers["content-type"] == f"{kind}; charset=utf-8"
    assert read(reply) == "nothing-asked"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_other_methods_are_refused_with_those_that_work(door, method):
    reply = door.ask("/infobutton/service", method)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")


ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaa">]><knowledgeRequestNotification>&a;</knowledgeRequestNotification>'


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (ENTITY, "text/xml", 400),
        ("<knowledgeRequestNotification>", "text/xml", 400),
        ("<x/>", "text/xml", 400),
        ("<x>" * 70 + "</x>" * 70, "application/xml", 400),
        ("<?xml version='1.0' encoding='klingon'?><x/>", "application/xml", 400),
        ("<knowledgeRequestNotification>&b;</knowledgeRequestNotification>", "text/xml", 400),
        (b"\xff\xfe", FORM, 400),
        ("{}", "application/json", 415),
        (b"\x00\x01", "text/xml", 400),
    ],
)
def test_bodies_that_cannot_be_read_are_typed_errors(door, body, kind, status):
    reply = door.ask("/infobutton/service", "POST", body, {"Content-Type": kind})
    assert reply.status == status
    assert reply.atom.find(f"{OURS}error") is not None


def test_a_body_of_ten_megabytes_is_a_413_in_the_dialect_of_the_door(small):
    from icdref.service.live import LiveService
    from icdref.web.app import create_app
    from tests.conftest import TODAY

    settings = caller(small.data).settings
    client = create_app(settings, LiveService(settings, lambda: TODAY)).test_client()
    for path, kind in (("/infobutton/service", "application/atom+xml"), ("/infobutton/application", "text/html")):
        answer = client.post(path, data=b"x" * 10_000_000, content_type=FORM)
        assert (answer.status_code, answer.mimetype) == (413, kind)
    answer = client.post("/cds-services/condition-reference", data=b"x" * 10_000_000, content_type="application/json")
    assert (answer.status_code, answer.json["resourceType"]) == (413, "OperationOutcome")
    assert client.get("/cds-services/").status_code == client.head("/cds-services").status_code == 200
    assert client.get("/infobutton/service/?mainSearchCriteria.v.c=M61.0").status_code == 200
    assert client.head("/infobutton/application").status_code == 200
    raw = client.get("/infobutton/service?mainSearchCriteria.v.c=M61.0&mainSearchCriteria.v.dn=bone after, a blow&&")
    assert raw.status_code == 200
