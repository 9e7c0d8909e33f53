"""A client of the application in this process that checks every answer it gets, whatever the test is about."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import flask

from icdref.codes import ICD10CM
from icdref.fhir.validation import check_resource, parse_with_fhir_resources
from icdref.fhir.xml_reading import from_xml
from icdref.service.service import Service
from icdref.web.negotiation import XML_TYPES
from tests.contract.outcome import assert_outcome_shape

FHIR = "/fhir/r4"
FHIR_5 = "/fhir/r5"
FHIR_JSON = "application/fhir+json"
FHIR_XML = "application/fhir+xml"
FORM = "application/x-www-form-urlencoded"
BASE_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True)
class Reply:
    """One answer; `headers` have lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes
    version: str = "4.0"

    @property
    def json(self) -> Any:
        """Return the resource; what came as XML is read by the reader of requests, which refuses all that is not FHIR."""
        kind = self.headers.get("content-type", "").partition(";")[0]
        if kind in XML_TYPES:
            return from_xml(self.body, self.version, 64)
        return json.loads(self.body)

    def values(self, name: str) -> list[Any]:
        """Return the values of the parameters of this name in a Parameters resource."""
        rows = [row for row in self.json["parameter"] if row["name"] == name]
        return [next(row[key] for key in row if key.startswith("value") or key in ("part", "resource")) for row in rows]

    def value(self, name: str) -> Any:
        """Return the one value of a parameter, None where there is none."""
        found = self.values(name)
        assert len(found) <= 1, found
        return found[0] if found else None

    def properties(self) -> dict[str, list[Any]]:
        """Return {property: values} of a `$lookup` answer."""
        found: dict[str, list[Any]] = {}
        for part in self.values("property"):
            plain = {each["name"]: value for each in part for key, value in each.items() if key.startswith("value")}
            found.setdefault(plain["code"], []).append(plain["value"])
        return found

    def details(self) -> list[str]:
        """Return our own detail code of every issue, in an outcome or in the `issues` of a validation."""
        outcome = self.value("issues") if self.json["resourceType"] == "Parameters" else self.json
        return [issue["details"]["coding"][-1]["code"] for issue in outcome["issue"]] if outcome else []

    def texts(self) -> str:
        """Return the texts of all issues."""
        outcome = self.value("issues") if self.json["resourceType"] == "Parameters" else self.json
        return "\n".join(issue["details"]["text"] for issue in outcome["issue"]) if outcome else ""

    def resources(self, kind: str = "", mode: str = "") -> list[dict[str, Any]]:
        """Return the resources of a Bundle, of a type and a search mode where given."""
        return [
            entry["resource"]
            for entry in self.json.get("entry", [])
            if kind in ("", entry["resource"]["resourceType"]) and mode in ("", entry.get("search", {}).get("mode"))
        ]

    def ids(self, mode: str = "match") -> list[str]:
        """Return the ids of what a search found."""
        return [each["id"] for each in self.resources(mode=mode)]

    def traces(self) -> list[dict[str, Any]]:
        """Return the match traces: {part: value}, the repeatable parts as lists."""
        return [_trace(each) for each in self.json.get("meta", {}).get("extension", [])]


def _trace(extension: dict[str, Any]) -> dict[str, Any]:
    assert extension["url"].endswith("/match-trace")
    found: dict[str, Any] = {"step": [], "advice": [], "issue": [], "also": [], "context": []}
    for part in extension["extension"]:
        if "extension" in part:
            value: Any = {each["url"]: next(each[k] for k in each if k.startswith("value")) for each in part["extension"]}
        else:
            value = next(part[key] for key in part if key.startswith("value"))
        if isinstance(found.get(part["url"]), list):
            found[part["url"]].append(value)
        else:
            assert part["url"] not in found, part["url"]
            found[part["url"]] = value
    return found


class Client:
    """Asks an application; every answer must be a valid resource that names its edition, or the canonical error."""

    def __init__(self, app: flask.Flask, service: Service, prefix: str = "", base: str = FHIR) -> None:
        self.app = app
        self.service = service
        self.prefix = prefix
        self.base = base
        self._client = app.test_client()
        self._seen: set[int] = set()

    def raw(self, url: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None) -> Reply:
        """Return the answer to a URL exactly as given, percent-encodings and all, as a WSGI server would pass it on."""
        path, _, query = url.partition("?")
        environ: dict[str, Any] = {
            "PATH_INFO": unquote_to_bytes(self.prefix + path).decode("latin-1"),
            "QUERY_STRING": query.encode().decode("latin-1"),
        }
        answered = self._client.open("/", method=method, data=body, headers=headers, environ_overrides=environ)
        return Reply(
            answered.status_code, {name.lower(): value for name, value in answered.headers}, answered.data, version_at(path)
        )

    def ask(
        self,
        url: str,
        method: str = "GET",
        body: Any = None,
        headers: dict[str, str] | None = None,
        content_type: str = "",
        status: int = 200,
    ) -> Reply:
        """Return a checked answer; a body that is not bytes or text is sent as FHIR JSON."""
        sent = dict(headers or {})
        if body is not None and not isinstance(body, bytes | str):
            body, content_type = json.dumps(body).encode(), content_type or FHIR_JSON
        if content_type:
            sent["Content-Type"] = content_type
        reply = self.raw(url, method, body.encode() if isinstance(body, str) else body, sent)
        assert reply.status == status, (reply.status, reply.body[:600])
        self.check(reply)
        return reply

    @property
    def version(self) -> str:
        """Return the FHIR version of the client's base, as our tables spell it."""
        return version_at(self.base)

    def check(self, reply: Reply) -> None:
        """Assert what every answer must be."""
        assert reply.status < 500, reply.body[:600]
        assert reply.headers["icdref-edition"] == self.service.edition.id
        assert reply.headers["x-request-id"]
        assert reply.headers["access-control-allow-origin"] == "*"
        if reply.status >= 400:
            assert_outcome_shape(reply)
        elif reply.body and reply.status == 200 and "resourceType" in reply.json:
            assert reply.headers["icdref-release"] in {release.version for release in self.service.releases.all}
            if (mark := hash((reply.version, reply.body))) not in self._seen:
                self._seen.add(mark)
                assert_valid(reply.json, self.code_exists, reply.version)

    def code_exists(self, system: str, code: str) -> bool:
        """Tell whether a code of ICD-10-CM is in an installed release or in the validity table; others are not held."""
        if system != ICD10CM:
            return True
        numbers = range(len(self.service.releases.all))
        concepts = self.service.concepts
        return any(concepts.concept(code, number) for number in numbers) or concepts.validity(code) is not None

    def operation(self, name: str, *, at: str = "", method: str = "GET", status: int = 200, **parameters: Any) -> Reply:
        """Return the answer of an operation such as `CodeSystem/$lookup`; lists repeat a parameter, `_` stands for `-`.

        A POST sends a Parameters resource, typed by the operation table; `at` is the id of an instance.
        """
        kind, _, code = name.partition("/")
        path = f"{self.base}/{kind}{f'/{at}' if at else ''}/{code}"
        rows = [
            (key.replace("_", "-"), value)
            for key, given in parameters.items()
            for value in (given if isinstance(given, list) else [given])
        ]
        if method == "GET":
            pairs = [f"{key}={quote(_url_text(value), safe='')}" for key, value in rows]
            return self.ask(f"{path}?{'&'.join(pairs)}" if pairs else path, status=status)
        return self.ask(path, "POST", {"resourceType": "Parameters", "parameter": [_row(*row) for row in rows]}, status=status)

    def lookup(self, code: str, **parameters: Any) -> Reply:
        return self.operation("CodeSystem/$lookup", code=code, **parameters)

    def validate(self, **parameters: Any) -> Reply:
        return self.operation("CodeSystem/$validate-code", **parameters)

    def for_code(self, code: Any = None, **parameters: Any) -> Reply:
        return self.operation("Composition/$for-code", **({"code": code} if code is not None else {}), **parameters)

    def search(self, query: str, **more: Any) -> Reply:
        """Return the answer to a search such as `Composition?title=x`."""
        return self.ask(f"{self.base}/{query}", **more)


def version_at(path: str) -> str:
    """Return the FHIR version of the base that a path is below, as our tables spell it."""
    return "5.0" if path.startswith(FHIR_5) else "4.0"


def _url_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _row(name: str, value: Any) -> dict[str, Any]:
    kinds: dict[type, str] = {bool: "valueBoolean", int: "valueInteger", str: "valueString"}
    if isinstance(value, dict):
        key = "valueCodeableConcept" if "coding" in value or "text" in value else "valueCoding"
        key = "valueQuantity" if "value" in value else key
        return {"name": name, key: value}
    return {"name": name, kinds[type(value)]: value}


def assert_valid(
    resource: dict[str, Any], code_exists: Callable[[str, str], bool] | None = None, fhir_version: str = "4.0"
) -> None:
    """Assert that our publish-time validator and fhir.resources (R4B or R5) accept a resource."""
    assert check_resource(resource, code_exists=code_exists, fhir_version=fhir_version) == []
    assert parse_with_fhir_resources(resource, fhir_version) == []


def get_and_post(client: Client, name: str, **parameters: Any) -> Reply:
    """Return the answer of an operation, asserting that GET and POST say the same."""
    got = client.operation(name, **parameters)
    posted = client.operation(name, method="POST", **parameters)
    assert got.json == posted.json or {**got.json, "link": 0} == {**posted.json, "link": 0}
    assert posted.headers["cache-control"] == "no-store"
    assert "etag" not in posted.headers
    return got
