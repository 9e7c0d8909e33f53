"""Tokens of EHRs that call CDS services: verified with keys that the operator has put in place, never with fetched ones.

An operator's option: without `cds_issuers` a token is not read. Needs the extra `jwt`, which is imported only then.
"""

from __future__ import annotations

import json
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from icdref.config import SettingError, Settings
from icdref.store.cds_state import CdsState
from icdref.web.bearer import CLOCK_SKEW, bearer_of, check_header, check_times, refused, string, unverified, verify

ALGORITHMS: Final = ("ES384", "RS384")
LONGEST_LIFE: Final = 300


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
        token = bearer_of(authorization)
        header, claims = unverified(token)
        issuer = self._issuers.get(string(claims, "iss"))
        if issuer is None:
            raise refused("its issuer is not on this server's list")
        check_header(header, algorithms=ALGORITHMS, types=("JWT",), jku=issuer.jku)
        verified = verify(token, issuer.keys, ALGORITHMS)
        now = int(self._now())
        check_times(verified, now, LONGEST_LIFE)
        if verified.get("aud") not in (url, [url]):
            raise refused("its audience is not the URL that was called")
        if not string(verified, "jti"):
            raise refused("it has no jti")
        if not self._state.accept_token(issuer.name, string(verified, "jti"), int(verified["exp"]) + CLOCK_SKEW, now):
            raise refused("it was used before")


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
