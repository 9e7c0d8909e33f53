"""Media types, validators, caching headers, and the methods beside GET and POST."""

from __future__ import annotations

import pytest

from tests.web.client import FHIR, FHIR_JSON, FHIR_XML, Client

LOOKUP = f"{FHIR}/CodeSystem/$lookup?code=M61.569"
FOR_CODE = f"{FHIR}/Composition/$for-code?code=M61.569"
URLS = (
    f"{FHIR}/metadata",
    f"{FHIR}/metadata?mode=terminology",
    LOOKUP,
    f"{LOOKUP}&version=2026-04-01",
    f"{FHIR}/CodeSystem/$validate-code?code=M61.569",
    f"{FHIR}/CodeSystem/$subsumes?codeA=M61&codeB=M61.1",
    FOR_CODE,
    f"{FOR_CODE}&max=5",
    f"{FHIR}/Composition/myositis-ossificans-traumatica",
    f"{FHIR}/Composition/myositis-ossificans-traumatica/$document",
    f"{FHIR}/Library?title=x",
    f"{FHIR}/CodeSystem",
    f"{FHIR}/CodeSystem/icd-10-cm-2026-04-01",
    f"{FHIR}/Composition/code-G82.20",
)


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", FHIR_JSON),
        ("*/*", FHIR_JSON),
        ("application/fhir+json", FHIR_JSON),
        ("application/json+fhir", FHIR_JSON),
        ("APPLICATION/FHIR+JSON", FHIR_JSON),
        ("application/*", FHIR_JSON),
        ("application/json", "application/json"),
        ("text/json", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),  # a browser
        ("application/fhir+xml;q=0.9, application/fhir+json;q=0.1", FHIR_XML),
        ("application/fhir+xml;q=0.1, application/fhir+json;q=0.9", FHIR_JSON),
        ("application/fhir+xml", FHIR_XML),
        ("application/xml+fhir", FHIR_XML),
        ("application/xml", "application/xml"),
        ("text/xml", "application/xml"),
        ("application/fhir+xml; fhirVersion=5.0, application/json;q=0.1", "application/json"),
        ("application/fhir+json;q=0.4, application/json;q=0.9", "application/json"),
        ("application/json;q=0.4, application/fhir+json;q=0.9", FHIR_JSON),
        ("application/fhir+json;q=0, application/json", "application/json"),
        ("application/fhir+json; fhirVersion=4.0", FHIR_JSON),
        ('application/fhir+json; fhirVersion="4.0"; q=0.7', FHIR_JSON),
        ("application/fhir+json; fhirVersion=5.0, application/json;q=0.1", "application/json"),
        ("application/fhir+json; charset=utf-8", FHIR_JSON),
    ],
)
def test_the_best_acceptable_type_is_answered(client: Client, accept: str, wanted: str) -> None:
    reply = client.ask(LOOKUP, headers={"Accept": accept} if accept else {})
    assert reply.headers["content-type"] == f"{wanted}; charset=utf-8"


@pytest.mark.parametrize(
    ("wish", "wanted"),
    [
        ("json", FHIR_JSON),
        ("application/json", "application/json"),
        ("application/fhir+json", FHIR_JSON),  # the plus sign was not encoded
        ("application/fhir%2Bjson", FHIR_JSON),
        ("application/json%2Bfhir", FHIR_JSON),
        ("JSON", FHIR_JSON),
        ("text/json", "application/json"),
        ("", FHIR_JSON),
        ("xml", FHIR_XML),
        ("application/fhir+xml", FHIR_XML),
        ("application/xml%2Bfhir", FHIR_XML),
        ("text/xml", "application/xml"),
        ("application/fhir%2Bxml;fhirVersion=4.0", FHIR_XML),
    ],
)
def test_format_in_the_url_wins_over_the_header(client: Client, wish: str, wanted: str) -> None:
    accept = "" if not wish else "text/csv"
    reply = client.ask(f"{LOOKUP}&_format={wish}", headers={"Accept": accept} if accept else {})
    assert reply.headers["content-type"] == f"{wanted}; charset=utf-8"


@pytest.mark.parametrize("url", URLS)
def test_pretty_changes_the_bytes_and_not_the_meaning(client: Client, url: str) -> None:
    plain = client.ask(url)
    pretty = client.ask(f"{url}{'&' if '?' in url else '?'}_pretty=true")
    assert b"\n  " in pretty.body
    assert b"\n" not in plain.body
    assert {**pretty.json, "link": 0} == {**plain.json, "link": 0}
    assert pretty.headers["etag"] != plain.headers["etag"]


# --- validators and caches ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", URLS)
def test_every_get_has_a_strong_etag_and_a_known_one_gets_a_304(client: Client, url: str) -> None:
    first = client.ask(url)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    assert tag.endswith('"')
    for condition in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        unchanged = client.raw(url, headers={"If-None-Match": condition})
        assert (unchanged.status, unchanged.body) == (304, b"")
        assert "content-type" not in unchanged.headers
        for name in ("etag", "cache-control", "vary", "icdref-edition", "icdref-release"):
            assert unchanged.headers[name] == first.headers[name], name
    assert client.raw(url, headers={"If-None-Match": '"other"'}).body == first.body


@pytest.mark.parametrize(
    ("url", "control"),
    [
        (LOOKUP, "public, max-age=3600"),
        (f"{LOOKUP}&date=2026-05-05", "public, max-age=3600"),
        (f"{LOOKUP}&version=2026-04-01", "public, max-age=31536000, immutable"),
        (f"{FHIR}/CodeSystem/icd-10-cm-2026-04-01/$lookup?code=M61", "public, max-age=31536000, immutable"),
        (FOR_CODE, "no-cache"),
        (f"{FOR_CODE}&max=3", "no-cache"),
        (f"{FOR_CODE}&version=2026-04-01", "no-cache"),
        (f"{FHIR}/Composition/myositis-ossificans-traumatica", "no-cache"),
        (f"{FHIR}/Composition/myositis-ossificans-traumatica/$document", "no-cache"),
        (f"{FHIR}/Library/myositis-ossificans-traumatica", "no-cache"),
        (f"{FHIR}/Composition?code=M61.051", "no-cache"),
        (f"{FHIR}/ValueSet?code=M61.051", "no-cache"),
        (f"{FHIR}/CodeSystem?url=x", "public, max-age=300"),
        (f"{FHIR}/metadata", "public, max-age=3600"),
        ("/live", "no-store"),
        ("/ready", "no-store"),
    ],
)
def test_clinical_text_is_revalidated_and_pinned_facts_are_kept(client: Client, url: str, control: str) -> None:
    assert client.ask(url).headers["cache-control"] == control


@pytest.mark.parametrize("url", [*URLS, f"{FHIR}/nothing"])
def test_every_answer_says_what_it_varies_by_and_is_not_sniffed(client: Client, url: str) -> None:
    reply = client.raw(url)
    assert reply.headers["vary"].removesuffix(", Prefer") == "Accept, Accept-Language, Accept-Encoding"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert {"ETag", "Location", "Link"} <= {each.strip() for each in reply.headers["access-control-expose-headers"].split(",")}


def test_the_day_changes_the_etag_where_the_day_changes_the_answer(client: Client) -> None:
    before = client.ask(f"{FHIR}/CodeSystem/$lookup?code=D69.1&date=2026-09-30").headers["etag"]
    assert client.ask(f"{FHIR}/CodeSystem/$lookup?code=D69.1&date=2026-10-01").headers["etag"] != before


# --- HEAD, OPTIONS, ids ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [*URLS, "/live", "/ready", f"{FHIR}/nothing", f"{FHIR}/Library/no-such-thing"])
def test_head_is_get_without_the_body(client: Client, url: str) -> None:
    got, head = client.raw(url), client.raw(url, "HEAD")
    assert (head.status, head.body) == (got.status, b"")
    changing = {"x-request-id", "content-length"}
    assert {k: v for k, v in head.headers.items() if k not in changing} == {
        k: v for k, v in got.headers.items() if k not in changing
    }


@pytest.mark.parametrize("url", [f"{FHIR}/metadata", LOOKUP, FOR_CODE, f"{FHIR}/Library/_search", FHIR, f"{FHIR}/", "/live"])
def test_a_preflight_is_answered(client: Client, url: str) -> None:
    asked = {"Origin": "https://ehr.example", "Access-Control-Request-Method": "POST"}
    reply = client.raw(url, "OPTIONS", headers=asked)
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["access-control-allow-origin"] == "*"
    allowed = reply.headers["access-control-allow-methods"]
    assert allowed == reply.headers["allow"]
    assert "GET" in allowed
    if url != "/live":
        assert "POST" in allowed
        assert "Content-Type" in reply.headers["access-control-allow-headers"]
        assert "If-None-Match" in reply.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    "asked",
    [
        "accept, authorization, content-type",  # fhirclient of SMART Health IT
        "accept,authorization,cache-control,content-type,x-medplum",  # @medplum/core
        "if-none-match, prefer, x-request-id, traceparent",
    ],
)
def test_a_preflight_allows_every_header_that_clients_ask_to_send(both: Client, asked: str) -> None:
    headers = {"Origin": "https://ehr.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": asked}
    for path in ("", "/", "/CodeSystem/$lookup", "/metadata"):
        reply = both.raw(both.base + path, "OPTIONS", headers=headers)
        allowed = {name.strip().lower() for name in reply.headers["access-control-allow-headers"].split(",")}
        assert {name.strip() for name in asked.split(",")} <= allowed
        assert "access-control-allow-credentials" not in reply.headers


def test_a_preflight_repeats_nothing_that_is_not_a_header(client: Client) -> None:
    asked = "x y, a\tb, <script>, " + ", ".join(f"x-{number}" for number in range(500))
    reply = client.raw(FHIR, "OPTIONS", headers={"Access-Control-Request-Headers": asked})
    allowed = reply.headers["access-control-allow-headers"]
    assert "<" not in allowed
    assert len(allowed) < 1000


def test_a_405_lists_what_the_path_answers_and_that_is_true(client: Client) -> None:
    for url in (f"{FHIR}/metadata", LOOKUP, f"{FHIR}/Library/_search", "/ready"):
        allowed = client.raw(url, "DELETE").headers["allow"].split(", ")
        for method in allowed:
            kind = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
            assert client.raw(url, method, b"" if method == "POST" else None, kind).status in (200, 204), (url, method)
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - set(allowed):
            assert client.raw(url, method).status == 405, (url, method)


@pytest.mark.parametrize(
    "path", ["", "/", "//", "/metadata/", "//metadata", "/CodeSystem/$lookup/?code=M61", "/Library/?title=x"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_slashes_never_redirect(client: Client, path: str, method: str) -> None:
    reply = client.raw(f"{FHIR}{path}", method)
    assert not 300 <= reply.status < 400
    assert "location" not in reply.headers
    assert reply.status == client.raw(f"{FHIR}{path.replace('/?', '?').replace('//', '/').rstrip('/')}", method).status


@pytest.mark.parametrize("sent", ["a" * 64, "trace-1.2_3", "0"])
def test_a_request_id_of_the_client_is_kept(client: Client, sent: str) -> None:
    for url in (LOOKUP, f"{FHIR}/nothing", "/nothing"):
        assert client.raw(url, headers={"X-Request-Id": sent}).headers["x-request-id"] == sent


@pytest.mark.parametrize("sent", ["a" * 65, "a b", "<script>", "é", "a;b", ""])
def test_a_request_id_that_could_harm_a_log_is_replaced(client: Client, sent: str) -> None:
    reply = client.raw(f"{FHIR}/nothing", headers={"X-Request-Id": sent})
    assert reply.headers["x-request-id"] not in ("", sent)
    assert reply.json["issue"][0]["diagnostics"] == reply.headers["x-request-id"]


def test_health_says_state_edition_and_releases(client: Client) -> None:
    assert client.raw("/live").json == {"status": "alive"}
    ready = client.raw("/ready")
    assert (ready.status, ready.json["status"]) == (200, "stale")
    assert ready.json["edition"] == client.service.edition.id
    assert ready.json["releases"] == [release.version for release in client.service.releases.all]
    assert "2026-04-01" in ready.json["reason"]
