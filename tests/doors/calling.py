"""Calls doors as the server does, and looks for what may never be in an answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from lxml import etree

from icdref.config import Settings
from icdref.service.live import LiveService
from icdref.web.api import Api
from icdref.web.http import Request

ATOM = "{http://www.w3.org/2005/Atom}"
OURS = "{https://icdref.example.org/infobutton}"
CM = "2.16.840.1.113883.6.90"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Reply:
    """One answer; `headers` have lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes
    route: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def atom(self) -> etree._Element:
        return etree.fromstring(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    def subtitle(self) -> str:
        return self.atom.findtext(f"{ATOM}subtitle")

    def titles(self) -> list[str]:
        return [entry.findtext(f"{ATOM}title") for entry in self.atom.findall(f"{ATOM}entry")]

    def problem(self) -> tuple[str, str]:
        """Return (code, parameter) of an error in Atom."""
        error = self.atom.find(f"{OURS}error")
        return error.get("code"), error.get("parameter", "")


class Caller:
    """Asks the framework-free application."""

    def __init__(self, settings: Settings, live: LiveService) -> None:
        self.settings = settings
        self.service = live.now()
        self.api = Api(settings, live)

    def ask(
        self, url: str, method: str = "GET", body: bytes | str = b"", headers: dict[str, str] | None = None, **fields: str
    ) -> Reply:
        """Return the answer to a URL; `fields` are added to it as parameters, `__` in their names standing for a dot."""
        path, _, query = url.partition("?")
        if fields:
            query += "&" * bool(query) + urlencode({name.replace("__", "."): value for name, value in fields.items()})
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        answer = self.api.answer(Request(method, path, query, sent, body if isinstance(body, bytes) else body.encode()))
        assert answer is not None, path
        assert answer.status < 500, answer.body[:500]
        return Reply(answer.status, {name.lower(): value for name, value in answer.headers}, answer.body, answer.route)

    def service_(self, code: str = "", system: str = CM, **fields: str) -> Reply:
        """Return the answer of /infobutton/service for one code."""
        given = {"mainSearchCriteria__v__c": code, "mainSearchCriteria__v__cs": system} if code else {}
        return self.ask("/infobutton/service", **given, **fields)

    def as_json(self, code: str = "", **fields: str) -> Any:
        return self.service_(code, knowledgeResponseType="application/json", **fields).json

    def form(self, path: str, **fields: str) -> Reply:
        body = urlencode({name.replace("__", "."): value for name, value in fields.items()})
        return self.ask(path, "POST", body, {"Content-Type": FORM})

    def hook(self, service: str, body: Any, headers: dict[str, str] | None = None) -> Reply:
        """Return the answer of a CDS service."""
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return self.ask(f"/cds-services/{service}", "POST", data, {"Content-Type": "application/json"} | (headers or {}))
