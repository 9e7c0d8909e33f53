"""icdref inside a host's Flask application: behind its authentication, below a prefix, and in nobody's way."""

from __future__ import annotations

import json
from typing import Any

import flask
import pytest

import icdref
from icdref.config import Settings
from icdref.service.live import LiveService
from icdref.web.app import create_app, register
from tests.conftest import Compiled
from tests.contract.outcome import assert_outcome
from tests.web.client import FHIR, FHIR_JSON, Client

TOKEN = {"Authorization": "Bearer let-me-in"}
PREFIX = "/icdref"
BODY_BYTES = 2000
LOOKUP = f"{FHIR}/CodeSystem/$lookup?code=M61.569"


def settings(full: Compiled, **more: Any) -> Settings:
    return Settings(data=str(full.data), scrub_seconds=0, base_url="https://ehr.example", body_bytes=BODY_BYTES, **more)


def make_host(full: Compiled, live: LiveService, *prefixes: str, **more: Any) -> flask.Flask:
    """Return a small host with a view and an authentication of its own, and icdref below the prefixes."""
    host = flask.Flask("host")
    host.config["asked"] = []

    @host.before_request
    def authenticate() -> tuple[str, int] | None:
        host.config["asked"].append(flask.request.path)
        return None if flask.request.headers.get("Authorization") == TOKEN["Authorization"] else ("who are you?", 401)

    @host.get("/patients/<name>")
    def patient(name: str) -> str:
        return f"patient {name}"

    @host.errorhandler(404)
    def lost(error: Exception) -> tuple[str, int]:
        return "the host's own page", 404

    for prefix in prefixes:
        register(host, url_prefix=prefix, settings=settings(full, **more), live=live)
    return host


@pytest.fixture(scope="module")
def host(full: Compiled, live: LiveService) -> flask.Flask:
    return make_host(full, live, PREFIX)


@pytest.fixture(scope="module")
def guest(host: flask.Flask, live: LiveService) -> Client:
    """A client that does not send the host's token unless it is told to."""
    return Client(host, live.now(), PREFIX)


# --- the host's authentication -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        f"{FHIR}/metadata",
        LOOKUP,
        f"{FHIR}/Composition/$for-code?code=M61.1",
        f"{FHIR}/Library",
        f"{FHIR}/Library/_search",
        f"{FHIR}/nothing",
        "/live",
        "/ready",
        "/nothing",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "DELETE", "TRACE"])
def test_nothing_is_answered_around_the_hosts_authentication(guest: Client, host: flask.Flask, url: str, method: str) -> None:
    host.config["asked"].clear()
    reply = guest.raw(url, method, b"x" * (BODY_BYTES + 1) if method == "POST" else None)
    assert (reply.status, reply.body) == (401, b"" if method == "HEAD" else b"who are you?")
    assert "icdref-edition" not in reply.headers
    assert host.config["asked"] == [PREFIX + url.split("?", maxsplit=1)[0]]


def test_with_the_hosts_token_everything_answers(guest: Client) -> None:
    assert guest.ask(LOOKUP, headers=TOKEN).value("code") == "M61.569"
    document = guest.ask(f"{FHIR}/Composition/$for-code?code=M61.569", headers=TOKEN)
    assert document.json["type"] == "document"
    body = {"resourceType": "Parameters", "parameter": [{"name": "code", "valueCode": "M61.569"}]}
    assert guest.ask(f"{FHIR}/CodeSystem/$lookup", "POST", body, TOKEN).json == guest.ask(LOOKUP, headers=TOKEN).json
    tag = document.headers["etag"]
    unchanged = guest.raw(f"{FHIR}/Composition/$for-code?code=M61.569", headers=TOKEN | {"If-None-Match": tag})
    assert unchanged.status == 304


# --- the host's routes and pages ---------------------------------------------------------------------------------------


def test_the_hosts_own_routes_are_untouched(host: flask.Flask) -> None:
    web = host.test_client()
    assert web.get("/patients/7", headers=TOKEN).text == "patient 7"
    assert web.get("/fhir/r4/metadata", headers=TOKEN).text == "the host's own page"
    assert web.get("/icdrefs", headers=TOKEN).text == "the host's own page"
    assert "ICDREF-Edition" not in web.get("/patients/7", headers=TOKEN).headers
    assert [rule.rule for rule in host.url_map.iter_rules() if not rule.rule.startswith(PREFIX)] == [
        "/static/<path:filename>",
        "/patients/<name>",
    ]


@pytest.mark.parametrize(
    ("url", "method", "status", "detail"),
    [
        (f"{FHIR}/nothing", "GET", 404, "unknown-path"),
        ("/nothing", "GET", 404, "unknown-path"),
        ("/nothing/at/all", "POST", 404, "unknown-path"),
        (f"{FHIR}/metadata", "DELETE", 405, "wrong-method"),
        (f"{FHIR}/metadata", "TRACE", 405, "wrong-method"),
        (f"{FHIR}/CodeSystem/$lookup", "GET", 400, "missing-parameter"),
        (f"{FHIR}/Composition/$for-code?code=M61.9X", "GET", 404, "unknown-code"),
    ],
)
def test_errors_below_the_prefix_are_ours_and_not_the_hosts_pages(
    guest: Client, url: str, method: str, status: int, detail: str
) -> None:
    assert_outcome(guest.raw(url, method, headers=TOKEN), status, detail)


def test_the_cap_on_bodies_holds_inside_a_host(guest: Client) -> None:
    fits = json.dumps({"resourceType": "Parameters", "parameter": [{"name": "code", "valueCode": "M61"}]}).ljust(BODY_BYTES)
    assert guest.ask(f"{FHIR}/CodeSystem/$lookup", "POST", fits, TOKEN, FHIR_JSON).value("code") == "M61"
    too_large = guest.raw(f"{FHIR}/CodeSystem/$lookup", "POST", (fits + " ").encode(), TOKEN | {"Content-Type": FHIR_JSON})
    assert_outcome(too_large, 413, "body-too-large", str(BODY_BYTES))


# --- absolute URLs -----------------------------------------------------------------------------------------------------


def test_every_absolute_url_of_ours_carries_base_and_prefix_and_never_the_host_header(guest: Client) -> None:
    spoofed = TOKEN | {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
    for url in (
        f"{FHIR}/metadata",
        f"{FHIR}/Library?_count=1",
        f"{FHIR}/Composition/$for-code?code=M61.569&code=G82.20&max=3",
        f"{FHIR}/Composition/myositis-ossificans-traumatica/$document",
    ):
        reply = guest.ask(url, headers=spoofed)
        assert b"evil.example" not in reply.body
        assert b"127.0.0.1" not in reply.body
        found = list(_own_urls(reply.json))
        assert found
        for each in found:
            assert each.startswith(f"https://ehr.example{PREFIX}{FHIR}"), each


def _own_urls(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        if value.keys() == {"relation", "url"} or value.keys() == {"description", "url"}:
            yield value["url"]
        for name, each in value.items():
            yield from _own_urls(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _own_urls(each, key)
    elif key == "fullUrl":
        yield value


def test_links_lead_somewhere_below_the_prefix(guest: Client) -> None:
    page = guest.ask(f"{FHIR}/Library?_count=1&_sort=_id", headers=TOKEN)
    url = next(link["url"] for link in page.json["link"] if link["relation"] == "next")
    following = guest.ask(url.removeprefix(f"https://ehr.example{PREFIX}"), headers=TOKEN)
    assert following.ids() != page.ids()


# --- more than one -----------------------------------------------------------------------------------------------------


def test_two_prefixes_of_one_application_do_not_mix(full: Compiled, live: LiveService) -> None:
    host = make_host(full, live, "/a", "/b/c")
    for prefix in ("/a", "/b/c"):
        client = Client(host, live.now(), prefix)
        statement = client.ask(f"{FHIR}/metadata", headers=TOKEN).json
        assert statement["implementation"]["url"] == f"https://ehr.example{prefix}{FHIR}"
        assert_outcome(client.raw("/nothing", headers=TOKEN), 404, "unknown-path", "'/nothing'")


def test_two_applications_have_their_own_settings(full: Compiled, live: LiveService) -> None:
    strict, open_ = (Client(make_host(full, live, PREFIX, **more), live.now(), PREFIX) for more in ({}, {"url_prefix": "/x"}))
    for client in (strict, open_):
        assert client.ask(f"{FHIR}/metadata", headers=TOKEN).json["implementation"]["url"].endswith(f"{PREFIX}{FHIR}")


def test_the_prefix_of_the_settings_is_used_when_none_is_given(full: Compiled, live: LiveService) -> None:
    host = flask.Flask("host")
    api = register(host, settings=settings(full, url_prefix="/from-settings"), live=live)
    assert host.extensions["icdref"] is api
    client = Client(host, live.now(), "/from-settings")
    assert client.ask(f"{FHIR}/metadata").json["implementation"]["url"] == f"https://ehr.example/from-settings{FHIR}"


def test_an_application_of_ours_can_be_mounted_below_a_prefix(full: Compiled, live: LiveService) -> None:
    app = create_app(settings(full, url_prefix="/ref"), live)
    below, outside = Client(app, live.now(), "/ref"), Client(app, live.now())
    assert below.ask(LOOKUP).value("code") == "M61.569"
    for url in (LOOKUP, "/", "/reference", "/ref2/live"):
        assert_outcome(outside.raw(url), 404, "unknown-path")
    assert below.raw("/live").json == {"status": "alive"}


def test_the_package_registers_with_a_prefix_and_opens_a_service_without_http(full: Compiled) -> None:
    host = flask.Flask("host")
    icdref.register(host, url_prefix="/r", settings=settings(full))
    assert host.test_client().get("/r/live").json == {"status": "alive"}
    service = icdref.open_service(settings(full))
    assert service.edition.id == full.edition.id
    found = service.terminology.validate_code("m61569")
    assert (found.result, found.normalised) == (True, "M61.569")
    knowledge = service.knowledge.summary("myositis-ossificans-traumatica")
    assert knowledge.edition == full.edition.id
