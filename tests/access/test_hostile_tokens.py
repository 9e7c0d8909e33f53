"""Hostile access tokens: each is refused, without a word of it in the answer and without a connection."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from icdref.config import Settings
from icdref.service.live import LiveService
from icdref.web.app import create_app
from tests.conftest import TODAY, Compiled
from tests.web.client import BASE_URL, Client

ISSUER = "https://as.example.org"
AUDIENCE = f"{BASE_URL}/fhir/r4"
NAME = "bone-after-a-blow"
GATED = b"Rest for 6 weeks comes first."

RSA = RSAKey.generate_key(2048, {"kid": "rsa"}, auto_kid=False)
EC = ECKey.generate_key("P-256", {"kid": "ec"}, auto_kid=False)
EC384 = ECKey.generate_key("P-384", {"kid": "ec384"}, auto_kid=False)
FOR_RS384 = RSAKey.generate_key(2048, {"kid": "only-rs384", "alg": "RS384"}, auto_kid=False)
ENCRYPTION = RSAKey.generate_key(2048, {"kid": "encryption", "use": "enc"}, auto_kid=False)
SECRET = OctKey.import_key("a-secret-that-is-long-enough-to-sign-with", {"kid": "secret"})
with warnings.catch_warnings(action="ignore"):
    SHORT = RSAKey.generate_key(1024, {"kid": "short"}, auto_kid=False)
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa"}, auto_kid=False)
EDWARDS = OKPKey.generate_key("Ed25519", {"kid": "edwards"}, auto_kid=False)


@pytest.fixture(scope="module")
def gated(small: Compiled, tmp_path_factory: pytest.TempPathFactory) -> Client:
    keys: dict[str, Any] = dict(KeySet([RSA, EC, EC384, FOR_RS384, ENCRYPTION, SHORT, EDWARDS]).as_dict(private=False))
    keys["keys"] = [*keys["keys"], SECRET.as_dict(private=True)]
    path: Path = tmp_path_factory.mktemp("keys") / "jwks.json"
    path.write_text(json.dumps(keys))
    settings = Settings(
        data=str(small.data), scrub_seconds=0, gated_sections=("treatment",), token_issuer=ISSUER, token_keys=str(path)
    )
    live = LiveService(settings, lambda: TODAY)
    return Client(create_app(settings, live), live.now())


def claims(**more: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 300, "sub": "x", "scope": "system/Composition.rs"}
    return {name: value for name, value in (usual | more).items() if value is not None}


def token(key: Any = RSA, alg: str = "RS256", header: dict[str, Any] | None = None, **more: Any) -> str:
    head = {"alg": alg, "kid": key.kid, "typ": "at+jwt"} | (header or {})
    return jwt.encode({name: value for name, value in head.items() if value is not None}, claims(**more), key, algorithms=[alg])


def part(value: Any) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(header: Any, payload: Any, key: Any = RSA) -> str:
    """Return a token with any bytes as header and claims, and a sound RS256 signature over them."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    text = f"{part(header)}.{part(payload)}"
    return f"{text}.{part(key.raw_value.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def hmac_with_public_key(alg: str = "HS256") -> str:
    text = f"{part({'alg': alg, 'kid': 'rsa', 'typ': 'at+jwt'})}.{part(claims())}"
    return f"{text}.{part(hmac.new(RSA.as_pem(private=False), text.encode(), hashlib.sha256).digest())}"


def swapped(name: str, value: Any) -> str:
    head, _, signature = token().split(".")
    return f"{head}.{part(claims(**{name: value}))}.{signature}"


HEAD = {"alg": "RS256", "kid": "rsa", "typ": "at+jwt"}


def raw(text: str) -> bytes:
    """Return the JSON of claims that are sound, with more JSON in front."""
    return (text + json.dumps(claims())[1:]).encode()


HOSTILE: dict[str, Callable[[], str]] = {
    "nothing": lambda: "",
    "one part": lambda: "x",
    "two parts": lambda: ".".join(token().split(".")[:2]),
    "four parts": lambda: token() + ".x",
    "encrypted, five parts": lambda: "a.b.c.d.e",
    "not base64": lambda: "%%%.%%%.%%%",
    "not json": lambda: f"{part(b'nope')}.{part(b'nope')}.{part(b'nope')}",
    "lists": lambda: f"{part([])}.{part([])}.AAAA",
    "deeply nested": lambda: f"{part(b'[' * 3000)}.{part({})}.AAAA",
    "huge": lambda: f"{part({'alg': 'RS256', 'kid': 'rsa', 'x': 'a' * 9000})}.{part(claims())}.AAAA",
    "blank inside": lambda: token().replace(".", ". ", 1),
    "padded": lambda: token() + "=",
    "standard base64 signature": lambda: token().rpartition(".")[0] + ".+/+/",
    "alg none": lambda: f"{part({'alg': 'none', 'kid': 'rsa'})}.{part(claims())}.",
    "alg none with a signature": lambda: f"{part({'alg': 'none', 'kid': 'rsa'})}.{part(claims())}.AAAA",
    "alg nOnE": lambda: f"{part({'alg': 'nOnE', 'kid': 'rsa'})}.{part(claims())}.AAAA",
    "alg missing": lambda: signed({"kid": "rsa"}, claims()),
    "alg a list": lambda: signed({"alg": ["RS256"], "kid": "rsa"}, claims()),
    "alg a number": lambda: signed({"alg": 7, "kid": "rsa"}, claims()),
    "hmac with the public key": hmac_with_public_key,
    "hmac with a secret in the key set": lambda: token(SECRET, "HS256"),
    "rs512, not on the list": lambda: token(RSA, "RS512"),
    "EdDSA, not on the list": lambda: f"{part({'alg': 'EdDSA', 'kid': 'edwards'})}.{part(claims())}.{part(bytes(64))}",
    "signature empty": lambda: token().rpartition(".")[0] + ".",
    "signature cut": lambda: token()[:-8],
    "signature wrong": lambda: token()[:-8] + "AAAAAAAA",
    "signature of zeros": lambda: token(EC, "ES256").rpartition(".")[0] + "." + part(bytes(64)),
    "claims swapped": lambda: swapped("scope", "system/*.rs"),
    "expiry moved": lambda: swapped("exp", int(time.time()) + 600),
    "header swapped": lambda: ".".join([part(HEAD | {"kid": "ec"}), *token().split(".")[1:]]),
    "stranger's key under a known id": lambda: token(STRANGER),
    "unknown key": lambda: token(header={"kid": "nobody"}),
    "no key named among several": lambda: token(alg="RS384", header={"kid": None}),
    "kid empty": lambda: token(header={"kid": ""}),
    "kid a path": lambda: token(header={"kid": "../../../../etc/passwd"}),
    "kid a null device": lambda: token(header={"kid": "/dev/null"}),
    "kid of sql": lambda: token(header={"kid": "x' UNION SELECT 'k"}),
    "kid a list": lambda: signed(HEAD | {"kid": ["rsa"]}, claims()),
    "kid huge": lambda: token(header={"kid": "rsa" * 200}),
    "kid with a letter that looks alike": lambda: token(header={"kid": "rѕa"}),
    "key for encryption": lambda: signed(HEAD | {"kid": "encryption"}, claims(), ENCRYPTION),
    "key kept for another algorithm": lambda: signed(HEAD | {"kid": "only-rs384"}, claims(), FOR_RS384),
    "short key": lambda: signed(HEAD | {"kid": "short"}, claims(), SHORT),
    "key of another kind": lambda: signed(HEAD | {"kid": "ec"}, claims()),
    "curve of another algorithm": lambda: f"{part({'alg': 'ES256', 'kid': 'ec384'})}.{part(claims())}.{part(bytes(range(64)))}",
    "jku": lambda: token(header={"jku": "https://evil.example/keys"}),
    "jku of this machine": lambda: token(header={"jku": "http://127.0.0.1:9/keys"}),
    "jku of the metadata service": lambda: token(header={"jku": "http://169.254.169.254/latest"}),
    "jku null": lambda: signed(HEAD | {"jku": None}, claims()),
    "x5u": lambda: token(header={"x5u": "https://evil.example/certificate"}),
    "x5c": lambda: signed(HEAD | {"x5c": ["AAAA"]}, claims()),
    "own key inside": lambda: token(STRANGER, header={"jwk": STRANGER.as_dict(private=False)}),
    "crit": lambda: signed(HEAD | {"crit": ["exp"]}, claims()),
    "unencoded payload": lambda: signed(HEAD | {"b64": False, "crit": ["b64"]}, claims()),
    "compressed": lambda: signed(HEAD | {"zip": "DEF"}, claims()),
    "type of another token": lambda: token(header={"typ": "dpop+jwt"}),
    "type an id token": lambda: token(header={"typ": "logout+jwt"}),
    "another issuer": lambda: token(iss="https://evil.example"),
    "issuer with a slash": lambda: token(iss=f"{ISSUER}/"),
    "issuer a list": lambda: signed(HEAD, claims(iss=[ISSUER])),
    "no issuer": lambda: token(iss=None),
    "another audience": lambda: token(aud="https://evil.example/fhir/r4"),
    "audience that begins alike": lambda: token(aud=f"{AUDIENCE}.evil.example"),
    "audience a client id": lambda: token(aud="nightly-sync"),
    "audience an object": lambda: signed(HEAD, claims(aud={"0": AUDIENCE})),
    "audiences with a number": lambda: signed(HEAD, claims(aud=[AUDIENCE, 7])),
    "too many audiences": lambda: token(aud=[*(f"{AUDIENCE}/{number}" for number in range(60)), AUDIENCE]),
    "no audience": lambda: token(aud=None),
    "expired": lambda: token(iat=int(time.time()) - 400, exp=int(time.time()) - 100),
    "no expiry": lambda: token(exp=None),
    "expiry a text": lambda: signed(HEAD, claims(exp="never")),
    "expiry true": lambda: signed(HEAD, claims(exp=True)),
    "expiry infinite": lambda: signed(HEAD, raw('{"exp": Infinity,').replace(b'"exp": 1', b'"old": 1')),
    "expiry in ten years": lambda: token(exp=int(time.time()) + 315_360_000),
    "a second too long": lambda: token(iat=int(time.time()), exp=int(time.time()) + 3601),
    "ends before it begins": lambda: token(iat=int(time.time()) + 20, exp=int(time.time()) + 10),
    "from the future": lambda: token(iat=int(time.time()) + 100, exp=int(time.time()) + 200),
    "not valid yet": lambda: token(nbf=int(time.time()) + 200),
    "not before a text": lambda: signed(HEAD, claims(nbf="soon")),
    "no issue time": lambda: token(iat=None),
    "issue time negative": lambda: token(iat=-1),
    "issuer twice": lambda: signed(HEAD, raw('{"iss": "https://evil.example",')),
    "scope twice": lambda: signed(HEAD, raw('{"scope": "x",')),
    "alg twice": lambda: signed(b'{"alg": "none", "alg": "RS256", "kid": "rsa"}', claims()),
    "claims not in utf-8": lambda: signed(HEAD, b'{"iss": "\xff\xfe"}'),
    "claims in utf-16": lambda: signed(HEAD, json.dumps(claims()).encode("utf-16")),
}


def test_there_are_at_least_forty() -> None:
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize(
    ("key", "alg"), [(RSA, "RS256"), (RSA, "RS384"), (RSA, "PS256"), (EC, "ES256"), (EC384, "ES384"), (FOR_RS384, "RS384")]
)
@pytest.mark.parametrize("typ", ["at+jwt", "JWT", "application/at+jwt", None])
def test_a_sound_token_is_accepted_and_again(gated: Client, key: Any, alg: str, typ: str | None) -> None:
    good = token(key, alg, {"typ": typ}, aud=[AUDIENCE, "https://other.example"])
    for _ in range(2):
        assert GATED in gated.ask(f"/fhir/r4/Composition/{NAME}", headers={"Authorization": f"Bearer {good}"}).body


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_token_is_refused(gated: Client, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = HOSTILE[name]()

    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    reply = gated.raw(f"/fhir/r4/Composition/{NAME}", headers={"Authorization": f"Bearer {hostile}"})
    gated.check(reply)
    assert (reply.status, reply.details()) == (401, ["token-refused"])
    assert GATED not in reply.body
    for word in (b"evil", b"passwd", b"UNION", *(piece.encode() for piece in hostile.split(".") if len(piece) > 20)):
        assert word not in reply.body


@pytest.mark.parametrize(
    "scope",
    [
        None,
        "",
        7,
        {"system/Composition.rs": True},
        "composition",
        "system/Composition",
        "system/Composition.",
        "system/Composition.write",
        "system/Composition.cud",
        "system/Composition.sr",
        "system/Composition.RS",
        "SYSTEM/Composition.rs",
        "patient/Composition.rs",
        "system/CompositionX.rs",
        "system/Composition.rs?category=x",
        "xsystem/Composition.rs",
        "system/Composition.rs\n",
        "system/Composition.rs\u00a0",
        "syste\u043c/Composition.rs",
        ["system/Library.rs", 7],
        "openid profile launch/patient",
        "a " * 2000,
    ],
)
def test_a_scope_that_is_not_exactly_one_of_ours_opens_nothing(gated: Client, scope: Any) -> None:
    weak = signed(HEAD, claims(scope=scope))
    reply = gated.ask(f"/fhir/r4/Composition/{NAME}", headers={"Authorization": f"Bearer {weak}"})
    assert GATED not in reply.body
    assert b"REDACTED" in reply.body


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "bearer  ", "BEARER x", "Bearer a b"])
def test_a_bearer_header_without_a_token_is_refused(gated: Client, header: str) -> None:
    assert gated.raw(f"/fhir/r4/Composition/{NAME}", headers={"Authorization": header}).status == 401
