"""Gated sections and who sees them: real tokens of a real authorization server, and what caches may do with the answers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from icdref.config import SettingError, Settings
from icdref.service.live import LiveService
from icdref.web.app import create_app
from tests.access.authority import Authority, authority
from tests.conftest import TODAY, Compiled
from tests.web.client import BASE_URL, FORM, Client, Reply

NAME = "bone-after-a-blow"
GATED = "Rest for 6 weeks comes first."
BASES = ("/fhir/r4", "/fhir/r5")
PATHS = (
    f"Composition/{NAME}",
    "Composition",
    f"Composition?_id={NAME}",
    f"Composition/{NAME}/$document",
    "Composition/$for-code?code=M61.01",
    "Composition/$for-code?code=M61.01&max=5",
    "Composition/$compare?code=M61.01&code=M61.1",
    f"Composition/{NAME}/_history",
    f"Composition/{NAME}/_history/0.1.0",
    "Composition/_history",
)


def make(small: Compiled, **settings: Any) -> Client:
    chosen = Settings(
        data=str(small.data),
        scrub_seconds=0,
        gated_sections=("treatment",),
        gated_notice="Ask the library for access.",
        **settings,
    )
    live = LiveService(chosen, lambda: TODAY)
    client = Client(create_app(chosen, live), live.now())
    _MADE.append(client)
    return client


_MADE: list[Client] = []


@pytest.fixture(scope="module", autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    for client in _MADE:
        client.app.extensions["icdref"].close()


@pytest.fixture(scope="module")
def issuer() -> Iterator[Authority]:
    with authority(f"{BASE_URL}/fhir/r4") as found:
        yield found


@pytest.fixture(scope="module")
def gated(small: Compiled, issuer: Authority, tmp_path_factory: pytest.TempPathFactory) -> Client:
    keys = tmp_path_factory.mktemp("keys") / "jwks.json"
    keys.write_text(json.dumps(issuer.jwks))
    endpoint = f"{issuer.url}/token"
    return make(small, token_issuer=issuer.url, token_keys=str(keys), token_endpoint=endpoint)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def asked(client: Client, base: str, path: str, token: str = "") -> Reply:
    return client.ask(f"{base}/{path}", headers=bearer(token) if token else None)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("path", PATHS)
def test_a_token_with_the_scope_opens_what_is_withheld_without_it(gated: Client, issuer: Authority, base: str, path: str) -> None:
    public = asked(gated, base, path)
    full = asked(gated, base, path, issuer.token("system/Composition.rs"))
    assert GATED.encode() not in public.body
    assert b"REDACTED" in public.body
    assert GATED.encode() in full.body
    assert b"REDACTED" not in full.body
    assert public.headers["etag"] != full.headers["etag"]
    assert public.headers["cache-control"] == "no-cache"
    assert full.headers["cache-control"] == "private, no-cache"
    assert "Authorization" in public.headers["vary"]
    assert "Authorization" in full.headers["vary"]
    assert asked(gated, base, path).body == public.body


@pytest.mark.parametrize(
    ("scope", "reads", "searches"),
    [
        ("system/Composition.rs", True, True),
        ("system/Composition.read", True, True),
        ("system/ValueSet.rs", False, False),
        ("system/ValueSet.rs system/Composition.rs", True, True),
    ],
)
def test_what_a_scope_opens(gated: Client, issuer: Authority, scope: str, reads: bool, searches: bool) -> None:
    token = issuer.token(scope)
    assert (GATED.encode() in asked(gated, "/fhir/r4", f"Composition/{NAME}", token).body) is reads
    assert (GATED.encode() in asked(gated, "/fhir/r4", f"Composition?_id={NAME}", token).body) is searches


def test_a_gated_section_asked_for_by_name_without_the_scope_is_forbidden(gated: Client, issuer: Authority) -> None:
    path = "/fhir/r4/Composition/$for-code?code=M61.01&section="
    weak = bearer(issuer.token("system/ValueSet.rs"))
    reply = gated.ask(f"{path}treatment", headers=weak, status=403)
    assert reply.details() == ["insufficient-scope"]
    assert 'error="insufficient_scope", scope="system/Composition.rs"' in reply.headers["www-authenticate"]
    assert gated.ask(f"{path}epidemiology", headers=weak).status == 200
    assert b"REDACTED" in gated.ask(f"{path}treatment").body
    assert GATED.encode() in gated.ask(f"{path}treatment", headers=bearer(issuer.token("system/Composition.rs"))).body


def test_a_posted_search_and_operation_honour_the_token_and_are_never_stored(gated: Client, issuer: Authority) -> None:
    headers = bearer(issuer.token("system/Composition.rs"))
    found = gated.ask("/fhir/r4/Composition/_search", "POST", f"_id={NAME}", headers, FORM)
    parameters = {"resourceType": "Parameters", "parameter": [{"name": "code", "valueString": "M61.01"}]}
    document = gated.ask("/fhir/r4/Composition/$for-code", "POST", parameters, headers)
    for reply in (found, document):
        assert GATED.encode() in reply.body
        assert reply.headers["cache-control"] == "no-store"


def test_code_facts_need_no_token_and_a_token_changes_nothing_but_who_may_keep_them(gated: Client, issuer: Authority) -> None:
    path = "CodeSystem/$lookup?code=M61.01&version=2026-04-01"
    public, full = asked(gated, "/fhir/r4", path), asked(gated, "/fhir/r4", path, issuer.token("system/Composition.rs"))
    assert public.body == full.body
    assert public.headers["cache-control"].startswith("public,")
    assert full.headers["cache-control"] == public.headers["cache-control"].replace("public", "private")


def test_credentials_of_another_kind_are_the_hosts_business(gated: Client) -> None:
    reply = gated.ask(f"/fhir/r4/Composition/{NAME}", headers={"Authorization": "Basic dXNlcjpwYXNz"})
    assert b"REDACTED" in reply.body


@pytest.mark.parametrize("path", [f"Composition/{NAME}", "metadata", "CodeSystem/$lookup?code=M61.01"])
def test_a_bad_token_is_refused_and_never_passed_over(gated: Client, path: str) -> None:
    reply = gated.ask(f"/fhir/r4/{path}", headers=bearer("a.b.c"), status=401)
    assert reply.details() == ["token-refused"]
    assert reply.headers["www-authenticate"] == 'Bearer realm="icdref", error="invalid_token"'
    assert reply.headers["cache-control"] == "no-store"
    assert "Authorization" in reply.headers["vary"]


@pytest.mark.parametrize("base", BASES)
def test_smart_clients_are_told_where_to_get_a_token(gated: Client, issuer: Authority, base: str) -> None:
    found = gated.raw(f"{base}/.well-known/smart-configuration")
    assert found.headers["content-type"].startswith("application/json")
    told = found.json
    assert (told["issuer"], told["token_endpoint"]) == (issuer.url, f"{issuer.url}/token")
    assert "system/Composition.rs" in told["scopes_supported"]
    assert {"grant_types_supported", "token_endpoint_auth_methods_supported", "capabilities"} <= told.keys()
    security = gated.ask(f"{base}/metadata").json["rest"][0]["security"]
    assert security["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    assert gated.ask(f"{base}/CapabilityStatement?security-service=SMART-on-FHIR").ids() == ["icdref"]


@pytest.mark.parametrize("base", BASES)
def test_without_the_option_no_token_is_read_and_nothing_is_announced(small: Compiled, base: str) -> None:
    client = make(small)
    reply = client.ask(f"{base}/Composition/{NAME}", headers=bearer("anything at all"))
    assert b"REDACTED" in reply.body
    assert "Authorization" not in reply.headers["vary"]
    assert client.ask(f"{base}/.well-known/smart-configuration", status=404).details() == ["unknown-path"]
    assert not [
        coding
        for service in client.ask(f"{base}/metadata").json["rest"][0]["security"]["service"]
        for coding in service.get("coding", [])
    ]


# --- keys ----------------------------------------------------------------------------------------------------------------


def until(holds: Any, seconds: float = 10.0) -> None:
    last = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < last, "it never happened"
        time.sleep(0.05)


def test_keys_are_read_from_the_url_in_the_background_and_again_when_they_change(small: Compiled) -> None:
    with authority(f"{BASE_URL}/fhir/r4") as issuer:
        client = make(small, token_issuer=issuer.url, token_keys=f"{issuer.url}/jwks.json", token_keys_seconds=1)
        until(lambda: issuer.asked)
        path = f"/fhir/r4/Composition/{NAME}"

        def opens(token: str) -> bool:
            return GATED.encode() in client.raw(path, headers=bearer(token)).body

        former = issuer.token("system/Composition.rs")
        until(lambda: opens(former))
        readings = len(issuer.asked)
        for _ in range(20):
            assert opens(former)
        assert len(issuer.asked) <= readings + 3, "keys are read for requests"
        issuer.keys[:] = [RSAKey.generate_key(2048, {"kid": "second"}, auto_kid=False)]
        following = issuer.token("system/Composition.rs")
        until(lambda: opens(following))
        assert not opens(former)
    for _ in range(3):  # the issuer is gone: the keys of the last good reading stay
        time.sleep(0.5)
        assert opens(following)


def test_while_there_are_no_keys_a_token_waits_and_the_public_view_does_not(small: Compiled) -> None:
    with authority(f"{BASE_URL}/fhir/r4") as issuer:
        token = issuer.token("system/Composition.rs")
        url = issuer.url
    client = make(small, token_issuer=url, token_keys=f"{url}/jwks.json")
    reply = client.raw(f"/fhir/r4/Composition/{NAME}", headers=bearer(token))
    assert (reply.status, reply.details(), reply.headers["retry-after"]) == (503, ["keys-not-at-hand"], "5")
    assert client.ask(f"/fhir/r4/Composition/{NAME}").status == 200


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"token_issuer": "https://as.example.org"}, "ICDREF_TOKEN_KEYS is empty"),
        ({"token_keys": "keys.json"}, "ICDREF_TOKEN_ISSUER is empty"),
        ({"token_issuer": "https://as.example.org", "token_keys": "http://as.example.org/jwks"}, "must be an https URL"),
        ({"token_issuer": "https://as.example.org", "token_keys": "file:///etc/keys"}, "must be an https URL"),
        ({"token_issuer": "https://as.example.org", "token_keys": "https://user:pw@as.example.org/jwks"}, "must be an https URL"),
        ({"token_issuer": "https://as.example.org", "token_keys": "absent.json"}, "cannot be read"),
    ],
)
def test_settings_that_cannot_be_safe_stop_the_start(small: Compiled, settings: dict[str, str], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        make(small, **settings)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"keys": 7}',
        b'{"keys": []}',
        b'{"keys": [{"kty": "oct", "kid": "a", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"}]}',
        b'{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "a"}]}',
        b"[" * 100_000,
    ],
)
def test_a_file_without_a_usable_key_stops_the_start(small: Compiled, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "keys.json").write_bytes(content)
    with pytest.raises(SettingError, match="ICDREF_TOKEN_KEYS"):
        make(small, token_issuer="https://as.example.org", token_keys=str(tmp_path / "keys.json"))


def test_entries_of_a_batch_are_answered_with_the_token_of_the_batch(gated: Client, issuer: Authority) -> None:
    entries = [{"request": {"method": "GET", "url": f"Composition/{NAME}"}}]
    batch = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    public = gated.ask("/fhir/r4", "POST", batch)
    full = gated.ask("/fhir/r4", "POST", batch, bearer(issuer.token("system/Composition.rs")))
    assert GATED.encode() not in public.body
    assert GATED.encode() in full.body
    assert public.headers["cache-control"] == full.headers["cache-control"] == "no-store"
    assert gated.ask("/fhir/r4", "POST", batch, bearer("a.b.c"), status=401).details() == ["token-refused"]


@pytest.mark.parametrize("path", ["/conditions/bone-after-a-blow", "/infobutton/service?mainSearchCriteria.v.c=M61.01"])
def test_other_doors_show_the_public_view_whatever_is_sent(gated: Client, issuer: Authority, path: str) -> None:
    for headers in ({}, bearer(issuer.token("system/Composition.rs"))):
        reply = gated.raw(path, headers=headers)
        assert reply.status == 200
        assert GATED.encode() not in reply.body
