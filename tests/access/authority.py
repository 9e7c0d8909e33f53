"""A real authorization server on loopback, made with a library for such servers: SMART Backend Services.

Clients prove who they are with a signed assertion (`private_key_jwt`) and get an access token that the server signs.
"""

from __future__ import annotations

import json
import os
import threading
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import flask
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import WSGIRequestHandler, make_server

CLIENT = "nightly-sync"
LIFE = 300
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass
class Authority:
    """The server: its keys, its clients and the tokens that it gives out."""

    audience: str
    url: str = ""
    scopes: str = "system/Composition.rs system/Composition.read system/ValueSet.rs"
    keys: list[Any] = field(default_factory=lambda: [RSAKey.generate_key(2048, {"kid": "first"}, auto_kid=False)])
    client_key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "client"}, auto_kid=False))
    asked: list[str] = field(default_factory=list)

    @property
    def jwks(self) -> dict[str, Any]:
        """Return the public keys."""
        return dict(KeySet(self.keys).as_dict(private=False))

    def token(self, scope: str) -> str:
        """Return an access token, got as a client gets one."""
        endpoint = f"{self.url}/token"
        now = int(time.time())
        claims = {"iss": CLIENT, "sub": CLIENT, "aud": endpoint, "exp": now + 120, "iat": now, "jti": str(uuid.uuid4())}
        assertion = jwt.encode({"alg": "ES256", "kid": "client"}, claims, self.client_key, algorithms=["ES256"])
        form = {
            "grant_type": "client_credentials",
            "scope": scope,
            "client_assertion_type": _ASSERTION,
            "client_assertion": assertion,
        }
        request = urllib.request.Request(endpoint, urllib.parse.urlencode(form).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(json.load(answer)["access_token"])


class _Client:
    """The one client that the authority knows."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    def get_client_id(self) -> str:
        return CLIENT

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method, endpoint) == ("private_key_jwt", "token")

    def get_allowed_scope(self, scope: str) -> str:
        return " ".join(each for each in scope.split() if each in self._authority.scopes.split())


class _Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS: ClassVar = ["private_key_jwt"]


def _assertion(authority: Authority) -> JWTBearerClientAssertion:
    class Assertion(JWTBearerClientAssertion):
        CLIENT_AUTH_METHOD = "private_key_jwt"

        def get_audiences(self) -> list[str]:
            return [f"{authority.url}/token"]

        def validate_jti(self, claims: Any, jti: str) -> bool:
            return bool(jti)

        def resolve_client_public_key(self, client: Any) -> Any:
            return authority.client_key

    return Assertion()


def _generator(authority: Authority) -> JWTBearerTokenGenerator:
    class Generator(JWTBearerTokenGenerator):
        def get_jwks(self) -> Any:
            return authority.keys[-1].as_dict(private=True)

        def get_audiences(self, client: Any, user: Any, scope: str) -> str:
            return authority.audience

    return Generator(authority.url, "RS256", expires_generator=lambda client, grant_type: LIFE)


def _app(authority: Authority) -> flask.Flask:
    app = flask.Flask("authority")
    server = AuthorizationServer(app, lambda name: _Client(authority) if name == CLIENT else None, lambda token, request: None)
    server.register_token_generator("default", _generator(authority))
    server.register_client_auth_method("private_key_jwt", _assertion(authority))
    server.register_grant(_Grant)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    @app.get("/jwks.json")
    def jwks() -> Any:
        authority.asked.append("jwks")
        return authority.jwks

    return app


class _Quiet(WSGIRequestHandler):
    def log(self, *arguments: Any) -> None:
        """Write nothing."""


@contextmanager
def authority(audience: str) -> Iterator[Authority]:
    """Run the server on loopback for as long as the block lasts."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # the library wants https, which loopback does without
    found = Authority(audience)
    server = make_server("127.0.0.1", 0, flask.Flask("none"), threaded=True, request_handler=_Quiet)
    found.url = f"http://127.0.0.1:{server.server_port}"
    server.app = _app(found)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
