"""Tokens of EHRs that call CDS services: verified with keys that the operator has put in place, never with fetched ones.

An operator's option: without `cds_issuers` a token is not read. Needs the extra `jwt`, which is imported only then.
"""

from __future__ import annotations

import base64
import json
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from icdref import issues
from icdref.config import SettingError, Settings
from icdref.issues import IcdRefError
from icdref.store.cds_state import CdsState

ALGORITHMS: Final = ("ES384", "RS384")
LONGEST_LIFE: Final = 300
_CLOCK_SKEW: Final = 30
_LONGEST_TOKEN: Final = 8192
_LONGEST_ID: Final = 256


@dataclass(frozen=True, slots=True)
class _Issuer:
    name: str
    keys: Any
    jku: tuple[str, ...]


class TokenCheck:
    """Checks the bearer token of a request against the issuers in the operator's file."""

    def __init__(self, settings: Settings, state: CdsState, now: Callable[[], float] = time.time) -> None:
        self._issuers = _read_issuers(Path(settings.cds_issuers))
        self._state = state
        self._now = now

    def check(self, authorization: str, url: str) -> None:
        """Raise IcdRefError (token-refused) unless a header carries a token for this URL that was not used before."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip() or len(token) > _LONGEST_TOKEN:
            raise _refused("there is none")
        header, claims = _unverified(token.strip())
        issuer = self._issuers.get(_string(claims, "iss"))
        if issuer is None:
            raise _refused("its issuer is not on this server's list")
        _check_header(header, issuer)
        verified = _verified(token.strip(), issuer)
        self._check_claims(verified, url)
        now = int(self._now())
        if not self._state.accept_token(issuer.name, _string(verified, "jti"), int(verified["exp"]) + _CLOCK_SKEW, now):
            raise _refused("it was used before")

    def _check_claims(self, claims: Mapping[str, Any], url: str) -> None:
        now = self._now()
        expires, issued, begins = (_second(claims, name) for name in ("exp", "iat", "nbf"))
        if expires is None or issued is None:
            raise _refused("exp and iat must be whole seconds")
        if expires <= now - _CLOCK_SKEW:
            raise _refused("it has expired")
        if issued > now + _CLOCK_SKEW:
            raise _refused("it was issued in the future")
        if not 0 < expires - issued <= LONGEST_LIFE:
            raise _refused(f"it lives longer than {LONGEST_LIFE} seconds")
        if claims.get("nbf") is not None and (begins is None or begins > now + _CLOCK_SKEW):
            raise _refused("it is not valid yet")
        audience = claims.get("aud")
        if audience not in (url, [url]):
            raise _refused("its audience is not the URL that was called")
        if not _string(claims, "jti"):
            raise _refused("it has no jti")


def _check_header(header: Mapping[str, Any], issuer: _Issuer) -> None:
    if header.get("alg") not in ALGORITHMS:
        raise _refused(f"its algorithm is not {' or '.join(ALGORITHMS)}")
    if not _string(header, "kid"):
        raise _refused("it names no key (kid)")
    if "jku" in header and header["jku"] not in issuer.jku:
        raise _refused("its jku is not on this server's list")
    if {"crit", "jwk", "x5u", "x5c", "b64"} & set(header):
        raise _refused("its header has a field that is not accepted")
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise _refused("its type is not JWT")


def _verified(token: str, issuer: _Issuer) -> Mapping[str, Any]:
    from joserfc import jwt  # noqa: PLC0415 -- an optional extra
    from joserfc.errors import JoseError  # noqa: PLC0415

    try:
        return jwt.decode(token, issuer.keys, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError, KeyError):
        raise _refused("its signature does not verify with the keys in place") from None


def _unverified(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return (header, claims) without any trust, to find out which keys to verify with."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        raise _refused("it is not a signed JWT")
    header, claims = _part(parts[0]), _part(parts[1])
    return header, claims


def _part(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        raise _refused("it is not a signed JWT") from None
    if not isinstance(value, dict):
        raise _refused("it is not a signed JWT")
    return value


def _string(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) and len(value) <= _LONGEST_ID else ""


def _second(values: Mapping[str, Any], name: str) -> int | None:
    value = values.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**40 else None


def _refused(why: str) -> IcdRefError:
    return IcdRefError(issues.token_refused(why))


def _read_issuers(path: Path) -> dict[str, _Issuer]:
    """Return the issuers of a file: `[[issuer]]` with iss, keys (a JWK set beside the file) and jku. Raises SettingError."""
    try:
        from joserfc.jwk import KeySet  # noqa: PLC0415 -- an optional extra
    except ImportError:
        raise SettingError("ICDREF_CDS_ISSUERS needs the extra: pip install 'icdref[jwt]'") from None
    try:
        rows = tomllib.loads(path.read_text("utf-8"))["issuer"]
        issuers = [
            _Issuer(
                row["iss"], KeySet.import_key_set(json.loads((path.parent / row["keys"]).read_bytes())), tuple(row.get("jku", ()))
            )
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingError(
            f"ICDREF_CDS_ISSUERS is {str(path)!r}, which cannot be read: {type(error).__name__}: {error}"
        ) from None
    return {issuer.name: issuer for issuer in issuers}
