"""Who may see gated sections: SMART access tokens, verified here and mapped to what they open.

An operator's option: without `token_issuer` no token is read and everything that is not gated is public. With it a request
without a token still gets the public view; a token that is not sound is refused, never passed over.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from icdref import issues_access
from icdref.config import Settings
from icdref.issues import IcdRefError
from icdref.web.bearer import bearer_of, check_header, check_times, refused, string, unverified, verify
from icdref.web.http import Answer, Request
from icdref.web.key_ring import ALGORITHMS, KeyRing
from icdref.web.negotiation import varied

SCOPES: Final = ("system/Composition.rs", "user/Composition.rs", "system/Composition.read", "user/Composition.read")
"""The scopes that open gated sections, in the two ways SMART writes them; `*` for the type is known too."""

_TYPES: Final = ("JWT", "AT+JWT")
_SCOPE: Final = re.compile(
    r"\A(?:system|user)/(?:Composition|\*)\.(?:(?P<first>read|write|\*)|(?P<second>c?r?u?d?s?))\Z", re.ASCII
)
_MOST_SCOPES: Final = 200
_MOST_AUDIENCES: Final = 20
_FHIR_BASES: Final = ("/fhir/r4", "/fhir/r5")


@dataclass(frozen=True, slots=True)
class Access:
    """What a caller may see beyond the public view: gated sections when reading, and when searching."""

    reads: bool = False
    searches: bool = False
    signed_in: bool = False


PUBLIC: Final = Access()


class AccessCheck:
    """Verifies the access tokens of one issuer."""

    def __init__(self, settings: Settings, now: Callable[[], float] = time.time) -> None:
        self.keys = KeyRing(settings.token_keys, settings.token_keys_seconds)
        self._issuer = settings.token_issuer
        root = settings.root_url
        own = (root, *(f"{root}{base}" for base in _FHIR_BASES))
        self._audiences = frozenset(settings.token_audiences or (*own, *(f"{each}/" for each in own)))
        self._longest = settings.token_seconds
        self._now = now

    def access(self, request: Request) -> Access:
        """Return what a request's token opens; without a token, or with credentials of another kind, the public view.

        Raises IcdRefError: token-refused for a bearer token that is not sound, keys-not-at-hand while there are no keys.
        """
        authorization = request.header("authorization")
        if authorization.partition(" ")[0].lower() != "bearer":
            return PUBLIC
        token = bearer_of(authorization)
        header, claims = unverified(token)
        check_header(header, algorithms=ALGORITHMS, types=_TYPES, named=False)
        if claims.get("iss") != self._issuer:
            raise refused("its issuer is not this server's")
        if self.keys.is_empty:
            raise IcdRefError(issues_access.keys_not_at_hand())
        key = self.keys.key(string(header, "kid"), header["alg"])
        if key is None:
            self.keys.look_again()
            raise refused("its key is not known, or not one for its algorithm")
        verified = verify(token, key, (header["alg"],))
        check_times(verified, self._now(), self._longest)
        if not self._audiences & set(_texts(verified, "aud", _MOST_AUDIENCES)):
            raise refused("its audience is not this server")
        return _opened(_scopes(verified))


def _texts(claims: Mapping[str, Any], name: str, most: int) -> list[str]:
    """Return a claim that is one text or a list of texts as a list; nothing of any other."""
    value = claims.get(name)
    values = [value] if isinstance(value, str) else value
    fits = isinstance(values, list) and len(values) <= most and all(isinstance(each, str) for each in values)
    return list(values) if fits and isinstance(values, list) else []


def _scopes(claims: Mapping[str, Any]) -> Iterable[str]:
    listed = _texts(claims, "scope", _MOST_SCOPES)
    return (scope for each in listed for scope in each.split(" ", _MOST_SCOPES))


def _opened(scopes: Iterable[str]) -> Access:
    """Return what scopes open. One that is narrowed by a query (`?category=…`) opens nothing: it is not understood.

    >>> _opened(["system/Composition.rs"]) == _opened(["user/*.read"]) == Access(True, True, True)
    True
    >>> _opened(["system/Composition.r", "patient/Composition.rs", "openid"])
    Access(reads=True, searches=False, signed_in=True)
    """
    found = Access(signed_in=True)
    for scope in scopes:
        if parts := _SCOPE.match(scope):
            letters = "rs" if parts["first"] in ("read", "*") else parts["second"] or ""
            found = replace(found, reads=found.reads or "r" in letters, searches=found.searches or "s" in letters)
    return found


def guarded(answer: Answer, request: Request) -> Answer:
    """Return an answer with headers that keep the views of different callers apart in every cache."""
    private = request.header("authorization").partition(" ")[0].lower() == "bearer"
    headers = []
    for name, value in answer.headers:
        if name == "Cache-Control" and private and "no-store" not in value:
            headers.append((name, f"private, {value.removeprefix('public, ')}"))
        else:
            headers.append((name, value))
    return varied(Answer(answer.status, headers, answer.body, answer.route), "Authorization")


def smart_configuration(settings: Settings) -> dict[str, Any]:
    """Return what SMART clients read at `.well-known/smart-configuration`.

    Source: SMART App Launch 2.2, section 2.1.11 (conformance) and its Backend Services.
    """
    found: dict[str, Any] = {
        "issuer": settings.token_issuer,
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "scopes_supported": list(SCOPES),
        "response_types_supported": [],
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }
    if settings.token_endpoint:
        found["token_endpoint"] = settings.token_endpoint
    if "://" in settings.token_keys:
        found["jwks_uri"] = settings.token_keys
    return found
