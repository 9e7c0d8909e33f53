"""What an odd request is, and short ways to write one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from icdref.config import Settings
from tests.web.client import FHIR_JSON

BASE = "/fhir/r4"
LOOKUP = f"{BASE}/CodeSystem/$lookup"
VALIDATE = f"{BASE}/CodeSystem/$validate-code"
SUBSUMES = f"{BASE}/CodeSystem/$subsumes"
FOR_CODE = f"{BASE}/Composition/$for-code"
DOCUMENT = f"{BASE}/Composition/myositis-ossificans-traumatica/$document"
RELEASE = "2026-04-01"
SYSTEM = "http://hl7.org/fhir/sid/icd-10-cm"
BODY_BYTES = Settings().body_bytes
NS = 'xmlns="http://hl7.org/fhir"'
ARABIC = "".join(chr(0x0660 + int(digit)) for digit in "61")
"""61 in Arabic-Indic digits."""


@dataclass(frozen=True)
class Odd:
    """A request and its refusal: status, our detail code, and what the text must say."""

    url: str
    status: int
    detail: str
    says: tuple[str, ...] = ()
    method: str = "GET"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = self.url if len(self.url) <= 90 else self.url[:80] + "…"
        body = f" {self.body[:60]!r}" if self.body is not None else ""
        headers = f" {self.headers}" if self.headers and self.headers != JSON else ""
        return f"{self.method} {shown}{body}{str(headers)[:60]} -> {self.status} {self.detail}"


JSON = {"Content-Type": FHIR_JSON}


def get(url: str, status: int, detail: str, *says: str, **headers: str) -> Odd:
    return Odd(url, status, detail, says, headers={name.replace("_", "-"): value for name, value in headers.items()})


def post(url: str, body: Any, status: int, detail: str, *says: str, kind: str = FHIR_JSON, **headers: str) -> Odd:
    sent = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Odd(url, status, detail, says, "POST", sent, ({"Content-Type": kind} if kind else {}) | named)


def parameters(*rows: Any) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(rows)}


def row(name: str, **value: Any) -> dict[str, Any]:
    return {"name": name, **value}


def _q(text: str) -> str:
    return quote(text, safe="")
