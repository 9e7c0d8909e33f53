from __future__ import annotations

import base64
import json
import shutil
import socket
import time

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from icdref.config import SettingError
from tests.doors.conftest import BASE, caller
from tests.doors.records import condition, view

ISSUER, JKU = "https://ehr.example.org", "https://ehr.example.org/jwks.json"
URL = f"{BASE}/cds-services/condition-reference"
EC = ECKey.generate_key("P-384", {"kid": "ec"}, auto_kid=False)
RSA = RSAKey.generate_key(2048, {"kid": "rsa"}, auto_kid=False)
STRANGER = ECKey.generate_key("P-384", {"kid": "ec"}, auto_kid=False)


@pytest.fixture
def data(small, tmp_path):
    shutil.copytree(small.data, tmp_path / "data")
    keys = KeySet([EC, RSA]).as_dict(private=False)
    (tmp_path / "keys.json").write_text(json.dumps(keys))
    (tmp_path / "issuers.toml").write_text(f'[[issuer]]\niss = "{ISSUER}"\nkeys = "keys.json"\njku = ["{JKU}"]\n')
    return tmp_path


@pytest.fixture
def door(data):
    return caller(data / "data", cds_issuers=str(data / "issuers.toml"))


def claims(**more):
    now = int(time.time())
    values = {"iss": ISSUER, "aud": URL, "iat": now, "exp": now + 300, "jti": f"id-{time.time_ns()}"} | more
    return {name: value for name, value in values.items() if value is not None}


def token(key=EC, alg="ES384", header=None, **more):
    head = {"alg": alg, "kid": key.kid, "typ": "JWT"} | (header or {})
    head = {name: value for name, value in head.items() if value is not None}
    return jwt.encode(head, claims(**more), key, algorithms=[alg])


def ask(door, text):
    return door.hook("condition-reference", view(condition("M61.0")), {"Authorization": f"Bearer {text}"} if text else {})


@pytest.mark.parametrize(("key", "alg"), [(EC, "ES384"), (RSA, "RS384")])
def test_a_good_token_is_accepted_once_in_this_process_and_the_next(door, data, key, alg):
    good = token(key, alg, {"jku": JKU})
    assert ask(door, good).status == 200
    assert ask(door, good).status == 401
    assert ask(caller(data / "data", cds_issuers=str(data / "issuers.toml")), good).status == 401


def test_discovery_wants_a_token_too_and_for_its_own_url(door):
    assert door.ask("/cds-services").status == 401
    own = token(aud=f"{BASE}/cds-services")
    assert door.ask("/cds-services", headers={"Authorization": f"Bearer {own}"}).status == 200


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(alg):
    return f"{part({'alg': alg, 'kid': 'ec', 'typ': 'JWT'})}.{part(claims())}.{'AAAA' if alg != 'none' else ''}"


HOSTILE = {
    "none at all": lambda: "",
    "no token": lambda: "x",
    "two parts": lambda: "a.b",
    "rubbish": lambda: "a.b.c",
    "not json": lambda: "bm9wZQ.bm9wZQ.bm9wZQ",
    "a list": lambda: f"{part([])}.{part([])}.AAAA",
    "deep": lambda: f"{base64.urlsafe_b64encode(b'[' * 3000).decode().rstrip('=')}.e30.AAAA",
    "huge": lambda: "a" * 9000,
    "alg none": lambda: unsigned("none"),
    "alg none with signature": lambda: unsigned("None"),
    "signature missing": lambda: token().rpartition(".")[0] + ".",
    "signature wrong": lambda: token()[:-4] + "AAAA",
    "payload swapped": lambda: ".".join([token().split(".")[0], part(claims(jti="other")), token().split(".")[2]]),
    "hmac with our public key": lambda: token(OctKey.import_key(json.dumps(EC.as_dict(private=False)), {"kid": "ec"}), "HS256"),
    "weak algorithm": lambda: token(RSA, "RS256"),
    "stranger's key under a known id": lambda: token(STRANGER),
    "unknown key id": lambda: token(header={"kid": "nobody"}),
    "no key id": lambda: token(header={"kid": None}),
    "unlisted issuer": lambda: token(iss="https://evil.example"),
    "no issuer": lambda: token(iss=None),
    "issuer a list": lambda: token(iss=[ISSUER]),
    "unlisted jku": lambda: token(header={"jku": "http://127.0.0.1:9/keys"}),
    "jku of the metadata service": lambda: token(header={"jku": "http://169.254.169.254/"}),
    "jku null": lambda: f"{part({'alg': 'ES384', 'kid': 'ec', 'jku': None})}.{part(claims())}.AAAA",
    "own key inside": lambda: token(STRANGER, header={"jwk": STRANGER.as_dict(private=False)}),
    "x5u": lambda: token(header={"x5u": JKU}),
    "critical": lambda: f"{part({'alg': 'ES384', 'kid': 'ec', 'crit': ['b64'], 'b64': False})}.{part(claims())}.AAAA",
    "other type": lambda: token(header={"typ": "at+jwt"}),
    "other audience": lambda: token(aud=f"{BASE}/cds-services"),
    "longer audience": lambda: token(aud=f"{URL}/"),
    "two audiences": lambda: token(aud=[URL, "https://evil.example"]),
    "no audience": lambda: token(aud=None),
    "expired": lambda: token(iat=int(time.time()) - 400, exp=int(time.time()) - 100),
    "no expiry": lambda: token(exp=None),
    "expiry a text": lambda: f"{part({'alg': 'ES384', 'kid': 'ec'})}.{part(claims(exp='never'))}.AAAA",
    "ten years": lambda: token(exp=int(time.time()) + 315_360_000),
    "301 seconds": lambda: token(iat=int(time.time()), exp=int(time.time()) + 301),
    "from the future": lambda: token(iat=int(time.time()) + 100, exp=int(time.time()) + 200),
    "ends before it begins": lambda: token(iat=int(time.time()) + 20, exp=int(time.time()) + 10),
    "not before": lambda: token(nbf=int(time.time()) + 200),
    "no issue time": lambda: token(iat=None),
    "no id": lambda: token(jti=None),
    "id empty": lambda: token(jti=""),
    "id huge": lambda: token(jti="x" * 300),
    "id a number": lambda: token(jti=7),
    "infinite": lambda: f"{part({'alg': 'ES384', 'kid': 'ec'})}.{part(claims(exp=float('inf')))}.AAAA",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_tokens_are_refused_without_a_word_of_them_and_without_a_connection(door, name, monkeypatch):
    def refuse(*_):
        raise AssertionError("a connection was opened")

    hostile = HOSTILE[name]()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    reply = ask(door, hostile)
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert reply.json["issue"][0]["details"]["coding"][0]["code"] == "token-refused"
    assert "evil" not in reply.text


def test_without_the_option_a_token_is_not_read(small):
    assert ask(caller(small.data), "anything").status == 200


def test_an_option_that_cannot_be_read_stops_the_start(small, tmp_path):
    (tmp_path / "bad.toml").write_text("[[issuer]]\n")
    for path in ("absent.toml", "bad.toml"):
        with pytest.raises(SettingError, match="ICDREF_CDS_ISSUERS"):
            caller(small.data, cds_issuers=str(tmp_path / path))


def test_where_use_cannot_be_remembered_no_token_is_accepted(door, data):
    (data / "data" / "state.db").mkdir()
    from icdref.web.http import Request

    headers = {"content-type": "application/json", "authorization": f"Bearer {token()}"}
    answer = door.api.answer(Request("POST", "/cds-services/condition-reference", "", headers, b"{}"))
    assert (answer.status, b"state-unavailable" in answer.body) == (503, True)
