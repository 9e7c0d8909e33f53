"""The settings of icdref: one table of name, default, unit and meaning, from which documentation is generated."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs

from icdref.model import SECTIONS

_NEVER_GATED = frozenset({"red-flags", "never-do", "coding", "definition", "references"})

_VERSION = re.compile(r"\A[0-9]+(?:\.[0-9]+){1,2}\Z", re.ASCII)
_ORIGIN = re.compile(r"\Ahttps?://[A-Za-z0-9.\-]+(?::[0-9]{1,5})?\Z", re.ASCII)


class SettingError(ValueError):
    """A setting with a value that icdref refuses to start with."""


def _setting(default: Any, unit: str, meaning: str) -> Any:
    return field(default=default, metadata={"unit": unit, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can set. Each field is read from the environment variable `ICDREF_<FIELD>`."""

    data: str = _setting("", "path", "data directory: editions, imports, state; empty: the platform's user data directory")
    base_url: str = _setting("http://127.0.0.1:8080", "URL", "scheme and host that clients see; never taken from the request")
    url_prefix: str = _setting("", "path", "where icdref is mounted below the base URL, such as /icdref")
    host: str = _setting("127.0.0.1", "address", "address that `icdref serve` listens on")
    port: int = _setting(8080, "port", "port that `icdref serve` listens on")
    workers: int = _setting(2, "processes", "worker processes of `icdref serve`")
    cache_bytes: int = _setting(16 * 1024 * 1024, "bytes", "rendered answers kept per worker")
    body_bytes: int = _setting(4 * 1024 * 1024, "bytes", "largest request body accepted")
    body_seconds: int = _setting(10, "seconds", "longest time a request body may take to arrive")
    json_depth: int = _setting(64, "levels", "deepest nesting of a JSON body")
    scrub_seconds: int = _setting(900, "seconds", "pause between two re-hashings of the served edition; 0 turns them off")
    lowest_status: str = _setting("draft", "status", "lowest review status of a summary that is served: draft or approved")
    gated_sections: tuple[str, ...] = _setting((), "section codes", "sections withheld from callers without the scope")
    gated_notice: str = _setting("", "text", "what a withheld section says about how to get access")
    token_issuer: str = _setting("", "URL", "issuer (iss) of the access tokens that open gated sections; empty: no token is read")
    token_keys: str = _setting(
        "", "path or URL", "its public keys: a JWK set in a file, or an https URL that is read in the background"
    )
    token_keys_seconds: int = _setting(300, "seconds", "pause between two readings of those keys")
    token_audiences: tuple[str, ...] = _setting(
        (), "URLs", "audiences (aud) that are ours; empty: the base URL and its FHIR bases"
    )
    token_seconds: int = _setting(3600, "seconds", "longest life of an access token")
    token_endpoint: str = _setting("", "URL", "where clients get tokens, told in .well-known/smart-configuration")
    tx_tests: str = _setting(
        "", "version", "version of HL7's terminology tests that this installation was shown to pass, told to clients; empty: none"
    )
    frame_origins: tuple[str, ...] = _setting((), "origins", "sites that may show the Infobutton page in a frame")
    cds_origins: tuple[str, ...] = _setting((), "origins", "sites whose browsers may call the CDS Hooks services")
    cds_issuers: str = _setting("", "path", "TOML file of the EHRs whose CDS Hooks tokens are required; empty: no token is read")
    cds_comments: bool = _setting(False, "true or false", "keep the comments in CDS Hooks feedback, which may be about a patient")
    report_address: str = _setting("", "address", "where 'report a problem' links go; empty: no link")
    log_level: str = _setting("INFO", "level", "level of the log")

    def __post_init__(self) -> None:
        """Refuse settings that cannot be served with, naming the value and what would be right."""
        url = urlsplit(self.base_url)
        if url.scheme not in ("http", "https") or not url.netloc or url.query or url.fragment:
            raise SettingError(f"ICDREF_BASE_URL is {self.base_url!r}; it must be http(s)://host[:port]")
        if self.url_prefix and (not self.url_prefix.startswith("/") or self.url_prefix.endswith("/")):
            raise SettingError(f"ICDREF_URL_PREFIX is {self.url_prefix!r}; it must start with / and not end with it")
        if self.lowest_status not in ("draft", "approved"):
            raise SettingError(f"ICDREF_LOWEST_STATUS is {self.lowest_status!r}; it must be draft or approved")
        for section in self.gated_sections:
            if section in _NEVER_GATED:
                raise SettingError(f"ICDREF_GATED_SECTIONS names {section!r}, which is safety text and can never be gated")
            if section not in dict(SECTIONS):
                raise SettingError(f"ICDREF_GATED_SECTIONS names {section!r}; known sections: {', '.join(dict(SECTIONS))}")
        for name in ("port", "workers", "cache_bytes", "body_bytes", "body_seconds", "json_depth", "scrub_seconds"):
            if getattr(self, name) < (0 if name in ("port", "cache_bytes", "scrub_seconds") else 1):
                raise SettingError(f"ICDREF_{name.upper()} is {getattr(self, name)}; it must be larger")

        if self.tx_tests and not _VERSION.match(self.tx_tests):
            raise SettingError(f"ICDREF_TX_TESTS is {self.tx_tests!r}; a version is written like 1.7.8")
        self._check_tokens()
        for name in ("frame_origins", "cds_origins"):
            for origin in getattr(self, name):
                if not _ORIGIN.match(origin):
                    raise SettingError(f"ICDREF_{name.upper()} names {origin!r}; an origin is https://host[:port]")

    def _check_tokens(self) -> None:
        if bool(self.token_issuer) is not bool(self.token_keys):
            names = ("ICDREF_TOKEN_KEYS", "ICDREF_TOKEN_ISSUER")
            missing, given = names if self.token_issuer else names[::-1]
            raise SettingError(f"{missing} is empty; {given} is of no use without it")
        for name in ("token_issuer", "token_keys", "token_endpoint"):
            value = getattr(self, name)
            if "://" in value and not _is_safe_url(value):
                raise SettingError(f"ICDREF_{name.upper()} is {value!r}; it must be an https URL")
        for name in ("token_keys_seconds", "token_seconds"):
            if getattr(self, name) < 1:
                raise SettingError(f"ICDREF_{name.upper()} is {getattr(self, name)}; it must be larger")

    @property
    def directory(self) -> Path:
        """Return the data directory, which need not exist yet."""
        return Path(self.data) if self.data else Path(platformdirs.user_data_dir("icdref", appauthor=False))

    @property
    def root_url(self) -> str:
        """Return the absolute URL that every link of ours starts with, without a slash at its end."""
        return self.base_url.rstrip("/") + self.url_prefix

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """Return the settings of the environment; `overrides` that are not None win. Raises SettingError."""
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for setting in fields(cls):
            text = environment.get(f"ICDREF_{setting.name.upper()}")
            if text is not None:
                values[setting.name] = _parse(setting.name, text, setting.default)
        values.update({name: value for name, value in overrides.items() if value is not None})
        return cls(**values)


def _is_safe_url(text: str) -> bool:
    """Tell whether a URL is https without a password in it; plain http is for a server on this very machine."""
    url = urlsplit(text)
    here = url.scheme == "http" and url.hostname in ("127.0.0.1", "::1", "localhost")
    return (url.scheme == "https" or here) and bool(url.hostname) and url.username is None and not url.fragment


def _parse(name: str, text: str, default: object) -> Any:
    if isinstance(default, bool):
        if text.lower() not in ("true", "false"):
            raise SettingError(f"ICDREF_{name.upper()} is {text!r}; it must be true or false")
        return text.lower() == "true"
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            raise SettingError(f"ICDREF_{name.upper()} is {text!r}; it must be a whole number") from None
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def describe() -> list[tuple[str, str, str, str]]:
    """Return (environment variable, default, unit, meaning) of every setting, for help and documentation."""
    rows = []
    for setting in fields(Settings):
        default = setting.default
        shown = ",".join(default) if isinstance(default, tuple) else str(default)
        shown = shown.lower() if isinstance(default, bool) else shown
        rows.append((f"ICDREF_{setting.name.upper()}", shown, setting.metadata["unit"], setting.metadata["meaning"]))
    return rows
