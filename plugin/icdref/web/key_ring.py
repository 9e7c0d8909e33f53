"""The public keys of an issuer of tokens: from a file or from one URL, read in the background and never for a request.

What cannot be used safely is left out: secrets (a server with them could not tell its own tokens from others), keys for
encryption, short RSA keys. When a reading fails, the keys of the last good one stay.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any, Final

from icdref.config import SettingError

log = logging.getLogger(__name__)

_CURVES: Final = {"ES256": "P-256", "ES384": "P-384"}
ALGORITHMS: Final = ("RS256", "RS384", "PS256", "PS384", *_CURVES)
"""Signatures alone, and no HMAC: with HMAC whoever knows the public key could sign."""

_MOST_BYTES: Final = 256 * 1024
_MOST_KEYS: Final = 100
_SHORTEST_RSA: Final = 2048
_TIMEOUT: Final = 10
_SHORTEST_PAUSE: Final = 30
"""Seconds between two readings, however many tokens with unknown keys arrive."""


class KeyRing:
    """The keys of one source by their id. `look_again` asks for an early reading and returns at once."""

    def __init__(self, source: str, pause: float, shortest_pause: float = _SHORTEST_PAUSE) -> None:
        self._source = source
        self._pause = pause
        self._shortest_pause = shortest_pause
        self._keys: dict[str, Any] | None = None
        self._wake = threading.Event()
        self._closed = False
        try:
            import joserfc  # noqa: F401, PLC0415 -- an optional extra
        except ImportError:
            raise SettingError("ICDREF_TOKEN_ISSUER needs the extra: pip install 'icdref[jwt]'") from None
        if not self._is_remote:
            try:
                self._keys = read_keys(Path(source).read_bytes())
            except (OSError, ValueError) as error:
                raise SettingError(f"ICDREF_TOKEN_KEYS is {source!r}, which cannot be read: {error}") from None
        threading.Thread(target=self._run, name="icdref-keys", daemon=True).start()

    @property
    def is_empty(self) -> bool:
        """Tell whether no reading has succeeded yet."""
        return self._keys is None

    def key(self, identifier: str, algorithm: str) -> Any:
        """Return the key with an id if it is one for an algorithm, else None.

        A token may name no key ('') as long as there is only one that it can mean.
        """
        keys = self._keys or {}
        named = [keys[identifier]] if identifier in keys else [] if identifier else list(keys.values())
        suitable = [key for key in named if _suits(key, algorithm)]
        return suitable[0] if len(suitable) == 1 else None

    def look_again(self) -> None:
        """Have the keys read again soon: the issuer may have changed them."""
        self._wake.set()

    def close(self) -> None:
        """Stop reading."""
        self._closed = True
        self._wake.set()

    @property
    def _is_remote(self) -> bool:
        return "://" in self._source

    def _run(self) -> None:
        wait = 0.0 if self._is_remote else self._pause
        while True:
            self._wake.wait(wait)
            if self._closed:
                return
            self._wake.clear()
            try:
                self._keys = read_keys(_fetched(self._source) if self._is_remote else Path(self._source).read_bytes())
                wait = self._pause
            except (OSError, ValueError) as error:
                log.error("the keys of the token issuer could not be read: %s", type(error).__name__)
                wait = min(self._pause, self._shortest_pause)
            time.sleep(min(self._shortest_pause, self._pause))


def read_keys(content: bytes) -> dict[str, Any]:
    """Return the usable keys of a JWK set by their id. Raises ValueError where there is none."""
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import JWKRegistry  # noqa: PLC0415

    try:
        rows = json.loads(content)["keys"]
    except (KeyError, TypeError, RecursionError):
        raise ValueError("it is no JWK set") from None
    if not isinstance(rows, list) or len(rows) > _MOST_KEYS:
        raise ValueError("it is no JWK set")
    found: dict[str, Any] = {}
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("kid"), str) or not row["kid"] or not _is_for_signatures(row):
            continue
        try:
            key = JWKRegistry.import_key({name: value for name, value in row.items() if name in _PUBLIC})
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if any(_suits(key, algorithm) for algorithm in ALGORITHMS):
            if row["kid"] in found:
                raise ValueError("two keys have the same id")
            found[row["kid"]] = key
    if not found:
        raise ValueError("it holds no public key with an id that a signature could be verified with")
    return found


_PUBLIC: Final = frozenset({"kty", "kid", "alg", "n", "e", "crv", "x", "y"})
"""What is taken over from a key: nothing that is secret."""


def _is_for_signatures(row: dict[str, Any]) -> bool:
    operations = row.get("key_ops", ["verify"])
    if row.get("kty") == "RSA" and len(str(row.get("n", ""))) < _SHORTEST_RSA // 6:
        return False  # in base64; the library warns about these when it reads them
    return row.get("kty") in ("RSA", "EC") and row.get("use", "sig") == "sig" and "verify" in operations


def _suits(key: Any, algorithm: str) -> bool:
    """Tell whether a key is one for an algorithm: of its kind, its curve, long enough, and not kept for another one."""
    values = key.as_dict(private=False)
    if values.get("alg", algorithm) != algorithm:
        return False
    if algorithm in _CURVES:
        return bool(values["kty"] == "EC" and values.get("crv") == _CURVES[algorithm])
    return bool(values["kty"] == "RSA" and key.raw_value.key_size >= _SHORTEST_RSA)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the operator named one address."""

    def redirect_request(self, *arguments: Any) -> None:
        """Return no request, so that a redirection becomes an error."""
        del arguments


def _fetched(url: str) -> bytes:
    """Return what one URL holds. The settings allow https alone, or this very machine."""
    opener = urllib.request.build_opener(_NoRedirect)
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310
    with opener.open(request, timeout=_TIMEOUT) as answer:
        content: bytes = answer.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError("it is too large")
    return content
