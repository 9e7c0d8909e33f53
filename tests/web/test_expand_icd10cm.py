"""`ValueSet/$expand` and `$validate-code` over ICD-10-CM: counts, pages, search, dates, on both bases."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from icdref.codes import ICD10CM
from icdref.model import Kind
from tests.web.client import Client

ALL = f"{ICD10CM}?fhir_vs"
M61 = f"{ALL}=isa/M61"
BILLABLE = f"{ALL}=billable"


def expand(client: Client, url: str = ALL, status: int = 200, **parameters):
    return client.operation("ValueSet/$expand", url=url, status=status, **parameters).json


def codes(resource):
    return [each["code"] for each in resource["expansion"].get("contains", [])]


def said(resource):
    return {
        each["name"]: next(each[key] for key in each if key.startswith("value")) for each in resource["expansion"]["parameter"]
    }


def test_m61_has_203_concepts_in_tabular_order_with_titles(both: Client):
    found = expand(both, M61)
    assert (found["expansion"]["total"], len(codes(found)), codes(found)[:4]) == (203, 203, ["M61", "M61.0", "M61.00", "M61.01"])
    assert all(each["system"] == ICD10CM and each["display"] for each in found["expansion"]["contains"])
    assert said(found)["used-codesystem"] == f"{ICD10CM}|2026-04-01"
    assert (found["url"], found["version"]) == (M61, "2026-04-01")


def test_the_billable_codes_of_m61_are_154_however_they_are_asked_for(client: Client):
    compose = {
        "include": [
            {
                "system": ICD10CM,
                "filter": [
                    {"property": "concept", "op": "is-a", "value": "M61"},
                    {"property": "billable", "op": "=", "value": "true"},
                ],
            }
        ]
    }
    sent = {"resourceType": "ValueSet", "status": "active", "compose": compose}
    body = {"resourceType": "Parameters", "parameter": [{"name": "valueSet", "resource": sent}]}
    found = client.ask("/fhir/r4/ValueSet/$expand", "POST", body).json
    both_sets = {"include": [{"valueSet": [M61, BILLABLE]}]}
    body["parameter"][0]["resource"] = sent | {"compose": both_sets}
    again = client.ask("/fhir/r4/ValueSet/$expand", "POST", body).json
    assert (found["expansion"]["total"], again["expansion"]["total"]) == (154, 154)
    assert codes(found) == codes(again)


def test_the_whole_code_system_is_refused_at_once_and_paged_to_its_end_in_tabular_order(client: Client):
    refused = client.operation("ValueSet/$expand", url=ALL, status=422)
    assert refused.json["issue"][0]["code"] == "too-costly"
    assert "count=1000&offset=0" in refused.texts()
    found: list[str] = []
    total = 1
    while len(found) < total:
        page = client.raw(f"/fhir/r4/ValueSet/$expand?url={quote(ALL, safe='')}&count=5000&offset={len(found)}")
        total = page.json["expansion"]["total"]
        found += codes(page.json)
    listed = [row.concept.code for row in client.service.concepts.all(0) if row.concept.kind not in (Kind.CHAPTER, Kind.BLOCK)]
    assert total == len(listed) == 98_186
    assert found == listed


@pytest.mark.parametrize("url", [ALL, f"{ICD10CM}/vs", f"{ALL}|2026-04-01", f"{ALL}|2026"])
def test_every_name_of_the_whole_has_the_same_members(client: Client, url):
    found = expand(client, url, count=2, offset=98_184)
    assert found["expansion"]["total"] == 98_186
    assert len(codes(found)) == 2
    assert expand(client, url, count=0)["expansion"]["total"] == 98_186
    assert codes(expand(client, url, count=5, offset=98_186)) == []


def test_an_offset_without_count_gives_pages_of_a_thousand(client: Client):
    found = expand(client, BILLABLE, offset=74_000)
    assert (found["expansion"]["total"], len(codes(found))) == (74_719, 719)
    assert len(codes(expand(client, BILLABLE, offset=10))) == 1000


def test_equal_requests_have_equal_bytes_and_other_ones_another_identifier(client: Client):
    one = client.operation("ValueSet/$expand", url=M61, count=3)
    assert one.body == client.operation("ValueSet/$expand", url=M61, count=3).body
    other = client.operation("ValueSet/$expand", url=M61, count=4)
    assert one.json["expansion"]["identifier"] != other.json["expansion"]["identifier"]


@pytest.mark.parametrize("text", ["myositis thigh right", "ossif", "m61.05", "M6105", "muscle calcificaton"])
def test_a_filter_is_the_ranked_search_within_the_value_set_in_the_same_order_for_every_count(client: Client, text):
    whole = expand(client, M61, filter=text)
    assert whole["expansion"]["total"] == len(codes(whole)) > 0
    assert set(codes(whole)) <= set(codes(expand(client, M61)))
    for count in (1, 3, 7):
        page = expand(client, M61, filter=text, count=count)
        assert (page["expansion"]["total"], codes(page)) == (whole["expansion"]["total"], codes(whole)[:count])
    if len(codes(whole)) > 4:
        assert codes(expand(client, M61, filter=text, count=2, offset=2)) == codes(whole)[2:4]


def test_a_filter_over_everything_ranks_and_counts_seventh_characters_too(client: Client):
    found = expand(client, filter="heart attack", count=5)
    assert codes(found)[0].startswith("I21")
    fractures = expand(client, BILLABLE, filter="fracture shaft left humerus", count=50)
    assert all(len(code) == 8 for code in codes(fractures))
    assert fractures["expansion"]["total"] > 50
    side = {each["display"] for each in fractures["expansion"]["contains"] if "right" in each["display"]}
    assert side == set()
    assert expand(client, filter="xyzzy", count=5)["expansion"]["total"] == 0


def test_of_a_filter_every_member_counts_and_pages_reach_the_end(client: Client):
    total = expand(client, BILLABLE, filter="asthma", count=0)["expansion"]["total"]
    found = []
    for offset in range(0, total, 7):
        found += codes(expand(client, BILLABLE, filter="asthma", count=7, offset=offset))
    assert len(set(found)) == len(found) == total


# --- dates ---------------------------------------------------------------------------------------------------------------


def test_today_retired_members_are_inactive_and_new_codes_without_title_are_counted_apart(both: Client):
    found = expand(both, f"{ALL}=isa/D69")
    state = {each["code"]: each.get("inactive", False) for each in found["expansion"]["contains"]}
    assert state["D69.1"] is True
    assert state["D69.0"] is False
    assert "D69.11" not in state
    assert said(found)["codes-without-title"] == 2
    active = expand(both, f"{ALL}=isa/D69", activeOnly=True)
    assert "D69.1" not in codes(active)
    assert active["expansion"]["total"] == found["expansion"]["total"] - 1


def test_a_version_or_an_earlier_date_knows_nothing_of_them(client: Client):
    for found in (expand(client, f"{ALL}=isa/D69|2026-04-01"), expand(client, f"{ALL}=isa/D69", date="2026-09-30")):
        assert "codes-without-title" not in said(found)
        assert not any(each.get("inactive") for each in found["expansion"]["contains"])


def valid(client: Client, code: str, url: str, **parameters):
    return client.operation("ValueSet/$validate-code", url=url, code=code, system=ICD10CM, **parameters)


def test_a_new_code_without_title_is_a_member_and_says_so(client: Client):
    for url in (ALL, BILLABLE, f"{ALL}=isa/D69"):
        found = valid(client, "D69.11", url)
        assert found.value("result") is True
        assert "title-not-installed" in found.details()
    assert valid(client, "D69.11", M61).value("result") is False
    assert valid(client, "D69.11", ALL, date="2026-09-30").value("result") is False


def test_a_header_is_a_member_of_the_whole_and_not_of_the_billable_codes(client: Client):
    whole = valid(client, "m610", ALL)
    assert (whole.value("result"), "code-not-billable" in whole.details()) == (True, True)
    assert valid(client, "M61.0", BILLABLE).value("result") is False
    assert valid(client, "M60-M63", ALL).value("result") is False


def test_expand_and_validate_agree_on_membership(client: Client):
    members = set(codes(expand(client, M61)))
    for code in ("M61", "M61.0", "M61.051", "M61.9", "M60", "M62.1", "M60-M63", "13", "Z99.9"):
        assert valid(client, code, M61).value("result") is (code in members), code


# --- what is shown -------------------------------------------------------------------------------------------------------


def test_properties_are_shown_where_they_are_asked_for(both: Client):
    found = expand(both, f"{ALL}=isa/M61.05", property=["billable", "laterality"])
    first = found["expansion"]["contains"][1]
    if both.version == "5.0":
        shown = {each["code"]: each.get("valueBoolean", each.get("valueCode")) for each in first["property"]}
        assert {each["code"] for each in found["expansion"]["property"]} == {"billable", "laterality"}
    else:
        parts = [{part["url"]: part for part in each["extension"]} for each in first["extension"]]
        shown = {part["code"]["valueCode"]: part["value"].get("valueBoolean", part["value"].get("valueCode")) for part in parts}
    assert shown == {"billable": True, "laterality": "right"}


def test_designations_are_the_title_as_published_and_in_ascii(client: Client):
    found = expand(client, f"{ALL}=isa/H81.0", includeDesignations=True)
    first = found["expansion"]["contains"][0]
    assert first["display"] == "Ménière's disease"
    uses = {each["use"]["code"]: each["value"] for each in first["designation"] if "use" in each}
    assert uses["ascii-title"] == "Meniere's disease"


def test_titles_are_english_whatever_language_is_asked_for(client: Client):
    for language in ("en", "en-US", "de", "de,en;q=0.5"):
        found = expand(client, M61, displayLanguage=language, count=1)
        assert found["expansion"]["contains"][0]["display"] == "Calcification and ossification of muscle"


def test_the_instance_and_the_url_give_the_same(client: Client):
    by_id = client.ask("/fhir/r4/ValueSet/icd-10-cm-isa-M61-2026-04-01/$expand").json
    assert codes(by_id) == codes(expand(client, f"{M61}|2026-04-01"))


@pytest.mark.parametrize(
    "url",
    [f"{ALL}=isa/ZZZ", f"{ALL}=refset", f"{ALL}|1999", "urn:nothing", f"{ALL}=isa/", f"{ICD10CM}?fhir_vs=isa/M61|2019-10-01"],
)
def test_a_value_set_that_is_none_is_not_found(client: Client, url):
    refused = client.operation("ValueSet/$expand", url=url, status=404)
    assert refused.json["issue"][0]["code"] == "not-found"


def test_an_unknown_filter_and_a_bad_pattern_are_refused(client: Client):
    for rule, status in (
        ({"property": "colour", "op": "=", "value": "red"}, 422),
        ({"property": "code", "op": "regex", "value": "("}, 400),
    ):
        sent = {"resourceType": "ValueSet", "status": "active", "compose": {"include": [{"system": ICD10CM, "filter": [rule]}]}}
        body = {"resourceType": "Parameters", "parameter": [{"name": "valueSet", "resource": sent}]}
        assert client.ask("/fhir/r4/ValueSet/$expand", "POST", body, status=status).json["issue"]


def test_the_value_set_of_a_summary_expands_to_the_codes_that_it_is_about(client: Client):
    url = "https://icdref.example.org/fhir/ValueSet/myositis-ossificans-traumatica-codes"
    by_url = expand(client, url)
    by_id = client.ask("/fhir/r4/ValueSet/myositis-ossificans-traumatica-codes/$expand").json
    below = codes(expand(client, f"{ALL}=isa/M61.0"))
    assert codes(by_url) == codes(by_id) == below
    assert valid(client, "M61.051", url).value("result") is True
    assert valid(client, "M61.151", url).value("result") is False


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_value_set_of_a_summary_is_expanded_and_validated_as_an_instance(both: Client, method):
    at = "myositis-ossificans-traumatica-codes"
    page = both.operation("ValueSet/$expand", at=at, method=method, count=2, offset=1).json
    assert page["url"] == f"https://icdref.example.org/fhir/ValueSet/{at}"
    assert codes(page) == codes(expand(both, page["url"]))[1:3]
    for code, result in (("M61.051", True), ("m61051", True), ("M61.151", False), ("M61.999", False)):
        reply = both.operation("ValueSet/$validate-code", at=at, method=method, code=code, system=ICD10CM)
        assert reply.value("result") is result, code
    both.operation("ValueSet/$validate-code", at="nobody-codes", method=method, code="M61", system=ICD10CM, status=404)


def test_a_value_set_is_found_by_a_code_that_is_a_member(client: Client):
    found = client.search("ValueSet?code=M61.051").ids()
    assert "myositis-ossificans-traumatica-codes" in found
    named = client.search(f"ValueSet?url={quote(M61, safe='')}&code=M61.051").ids()
    assert named == ["icd-10-cm-isa-M61-2026-04-01"]
    assert client.search(f"ValueSet?url={quote(M61, safe='')}&code=M62.1").ids() == []


def test_of_a_header_that_is_no_member_the_members_below_it_are_named(client: Client):
    found = valid(client, "M61.05", BILLABLE)
    assert found.value("result") is False
    assert "members-below" in found.details()
    assert "M61.051, M61.052, M61.059" in found.texts()
    assert "members-below" not in valid(client, "M61.05", M61).details()
