"""Bearer tokens, as far as every door reads them alike: their parts, their header, their times. Pure, and without trust.

What is read here is only believed after the signature has been verified over the same bytes. Refusals say what is wrong and
never repeat anything of the token.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from icdref import issues_doors
from icdref.issues import IcdRefError

CLOCK_SKEW: Final = 30
"""Seconds by which the clocks of two machines may differ."""

_LONGEST_TOKEN: Final = 8192
_LONGEST_ID: Final = 256
_NEVER_ACCEPTED: Final = frozenset({"crit", "jwk", "x5u", "x5c", "b64", "zip"})


def refused(why: str) -> IcdRefError:
    """Return the error for a token that is not accepted."""
    return IcdRefError(issues_doors.token_refused(why))


def bearer_of(authorization: str) -> str:
    """Return the token of an Authorization header. Raises IcdRefError (token-refused) where it carries none."""
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _LONGEST_TOKEN:
        raise refused("there is none")
    return token


def unverified(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return (header, claims) without any trust, to find out which keys to verify with."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        raise refused("it is not a signed JWT")
    _decoded(parts[2])
    return _part(parts[0]), _part(parts[1])


def check_header(
    header: Mapping[str, Any],
    *,
    algorithms: Collection[str],
    types: Collection[str],
    jku: Collection[str] = (),
    named: bool = True,
) -> None:
    """Refuse a header with another algorithm or type, or with a field that brings keys along.

    `named` says that it must name a key; where it need not, what it names must still be a text.
    """
    if header.get("alg") not in algorithms:
        raise refused(f"its algorithm is not {' or '.join(algorithms)}")
    if (named or "kid" in header) and not string(header, "kid"):
        raise refused("it names no key (kid)")
    if "jku" in header and header["jku"] not in jku:
        raise refused("its jku is not on this server's list")
    if _NEVER_ACCEPTED & set(header):
        raise refused("its header has a field that is not accepted")
    if str(header.get("typ", "JWT")).upper().removeprefix("APPLICATION/") not in types:
        raise refused(f"its type is not {' or '.join(types)}")


def check_times(claims: Mapping[str, Any], now: float, longest: int) -> None:
    """Refuse a token that has expired, is not valid yet, or lives for more than `longest` seconds."""
    expires, issued, begins = (_second(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or issued is None:
        raise refused("exp and iat must be whole seconds")
    if expires <= now - CLOCK_SKEW:
        raise refused("it has expired")
    if issued > now + CLOCK_SKEW:
        raise refused("it was issued in the future")
    if not 0 < expires - issued <= longest:
        raise refused(f"it lives longer than {longest} seconds")
    if claims.get("nbf") is not None and (begins is None or begins > now + CLOCK_SKEW):
        raise refused("it is not valid yet")


def verify(token: str, keys: Any, algorithms: Collection[str]) -> Mapping[str, Any]:
    """Return the claims of a token whose signature one of the keys (of joserfc) verifies."""
    from joserfc import jwt  # noqa: PLC0415 -- an optional extra
    from joserfc.errors import JoseError  # noqa: PLC0415

    try:
        return jwt.decode(token, keys, algorithms=list(algorithms)).claims
    except (JoseError, ValueError, TypeError, KeyError):
        raise refused("its signature does not verify with the keys in place") from None


def string(values: Mapping[str, Any], name: str) -> str:
    """Return a text of a header or of claims, '' where it is missing, too long or no text."""
    value = values.get(name)
    return value if isinstance(value, str) and len(value) <= _LONGEST_ID else ""


def _second(values: Mapping[str, Any], name: str) -> int | None:
    value = values.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**40 else None


def _decoded(text: str) -> bytes:
    """Return the bytes of unpadded base64url in its one spelling: no blanks, no padding, no stray bits at the end."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise refused("it is not a signed JWT") from None
    if base64.urlsafe_b64encode(content).rstrip(b"=").decode() != text:
        raise refused("it is not a signed JWT")
    return content


def _part(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(_decoded(text).decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise refused("it is not a signed JWT") from None
    if not isinstance(value, dict):
        raise refused("it is not a signed JWT")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; two readers may take different ones of a name that is there twice, so none does."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found
