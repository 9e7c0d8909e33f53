"""Nothing of a patient is kept: canaries through all three doors, then looked for wherever something could be kept."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
from urllib.parse import urlencode

import pytest

from icdref.server.access_log import AccessLog
from icdref.server.front import Front
from icdref.server.metrics import Metrics
from tests.doors.calling import CM
from tests.doors.conftest import caller
from tests.doors.records import bundle, call, condition, create

CANARY = "Zebrafinch"

PRIVATE = {
    "mainSearchCriteria.v.dn": f"{CANARY} disease",
    "mainSearchCriteria.v.ot": CANARY,
    "age.v.v": CANARY,
    "patientPerson.administrativeGenderCode.dn": CANARY,
    "patientPerson.name": CANARY,
    "holder.assignedEntity.n": CANARY,
    "representedOrganization.id.root": CANARY,
    "encounter.c.dn": CANARY,
    "performer": CANARY,
    "locationOfInterest.addr.CTY": CANARY,
}
RECORD = condition("M61.019", CANARY, subject={"reference": f"Patient/{CANARY}"}, note=[{"text": CANARY}])
HOOK = create(RECORD) | {"user": CANARY, "fhirServer": f"https://{CANARY}.example", "extension": {"x": CANARY}}
HOOK["fhirAuthorization"] = {
    "access_token": CANARY,
    "token_type": "Bearer",
    "subject": CANARY,
    "patient": CANARY,
    "scope": CANARY,
}
FEEDBACK = {
    "feedback": [
        {
            "card": CANARY,
            "outcome": "overridden",
            "outcomeTimestamp": "2026-11-22T10:00:00Z",
            "overrideReason": {"reason": {"code": CANARY, "display": CANARY}, "userComment": CANARY},
        }
    ]
}


@pytest.fixture
def data(small, tmp_path):
    shutil.copytree(small.data, tmp_path / "data")
    return tmp_path / "data"


def errors(door):
    """Yield answers that refuse requests full of canaries."""
    doubled = [("mainSearchCriteria.v.dn", CANARY), ("mainSearchCriteria.v.dn", CANARY), *PRIVATE.items()]
    for kind in ("", "application/json", "text/html", "application/fhir+json", CANARY):
        yield door.ask("/infobutton/service?" + urlencode([*doubled, ("knowledgeResponseType", kind)]))
    yield door.ask("/infobutton/service?" + urlencode([("holder.assignedEntity.certificateText", CANARY), *PRIVATE.items()]))
    yield door.ask(
        "/infobutton/service?"
        + urlencode({**PRIVATE, "knowledgeResponseType": "application/javascript", "callback": f"{CANARY}!"})
    )
    yield door.ask("/infobutton/service", "POST", f"<{CANARY}>", {"Content-Type": "text/xml"})
    yield door.ask("/infobutton/service", "DELETE", headers={"Referer": CANARY, "Cookie": CANARY})
    for service, body in (
        ("problem-code-check", HOOK | {"hook": CANARY}),
        ("problem-code-check", HOOK | {"hookInstance": CANARY}),
        ("problem-code-check", HOOK | {"context": {"patientId": CANARY}}),
        ("condition-reference", call("patient-view", {CANARY: bundle(RECORD)})),
        ("condition-reference", f'{{"{CANARY}": '),
        (CANARY, HOOK),
        ("condition-reference/feedback", {"feedback": [{"card": CANARY, "outcome": CANARY}]}),
        (f"condition-reference/{CANARY}", HOOK),
    ):
        yield door.hook(service, body, {"Authorization": f"Bearer {CANARY}"})


def test_no_error_body_repeats_a_canary(data):
    replies = list(errors(caller(data)))
    assert len(replies) == 17
    for reply in replies:
        assert reply.status >= 400
        assert CANARY.lower() not in (reply.text + str(reply.headers) + reply.route).lower()


class _Exchange:
    """The part of granian's protocol that the front speaks to."""

    def __init__(self, body=b""):
        self.body = body

    def response_bytes(self, status, headers, body):
        self.status = status

    def response_empty(self, status, headers):
        self.status = status

    def __aiter__(self):
        return self._chunks()

    async def _chunks(self):
        yield self.body


class _Scope:
    def __init__(self, method, path, query, headers):
        self.method, self.path, self.query_string = method, path, query
        self.headers = headers


class _Headers(dict):
    def items(self):
        return list(super().items())


def test_no_log_metric_or_state_holds_a_canary(data, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    door = caller(data)
    file = os.open(tmp_path / "access.log", os.O_CREAT | os.O_WRONLY)
    log, metrics = AccessLog(file), Metrics()
    front = Front(door.settings, door.api, lambda *_: [b""], metrics, log)

    def send(method, path, query="", body=b"", **headers):
        named = _Headers(
            {"content-length": str(len(body)), **{k.replace("_", "-"): v for k, v in headers.items()}} if body else headers
        )
        exchange = _Exchange(body)
        asyncio.run(front.__rsgi__(_Scope(method, path, query, named), exchange))
        return exchange.status

    sent = [("mainSearchCriteria.v.c", "M61.0"), ("mainSearchCriteria.v.cs", CM), *PRIVATE.items()]
    assert send("GET", "/infobutton/service", urlencode(sent), authorization=CANARY, cookie=CANARY, referer=CANARY) == 200
    assert send("GET", "/infobutton/application", urlencode(sent)) == 200
    form = {"content_type": "application/x-www-form-urlencoded"}
    assert send("POST", "/infobutton/service", body=urlencode(sent).encode(), **form) == 200
    kind = {"content_type": "application/json", "authorization": f"Bearer {CANARY}"}
    assert send("POST", "/cds-services/problem-code-check", body=json.dumps(HOOK).encode(), **kind) == 200
    assert send("POST", "/cds-services/condition-reference/feedback", body=json.dumps(FEEDBACK).encode(), **kind) == 200
    assert send("POST", f"/cds-services/{CANARY}", body=b"{}", **kind) == 404
    assert send("POST", "/cds-services/condition-reference", body=b'{"hook": "' + CANARY.encode(), **kind) == 400
    for path in ("/search", "/suggest"):
        assert send("GET", path, urlencode({"q": f"{CANARY} right knee"}), referer=CANARY, cookie=CANARY) == 200
        assert send("GET", path, urlencode({"q": CANARY * 200})) in (200, 400)
        assert send("GET", path, urlencode({"q": "knee", "date": CANARY, CANARY: CANARY})) in (200, 400)
    assert send("GET", f"/codes/{CANARY}", user_agent=CANARY) in (400, 404)
    assert send("GET", "/compare", urlencode({"codes": CANARY})) in (200, 400, 404)
    list(errors(door))
    log.close()

    written = (tmp_path / "access.log").read_text()
    assert "route=/infobutton/service" in written
    assert "route=/cds-services/problem-code-check" in written
    assert "route=/search" in written
    exposed = metrics.exposition(door.api.edition())[0].decode()
    kept = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file() and "editions" not in path.parts)
    assert b"cds_feedback" in kept
    for text in (written, exposed, caplog.text, kept.decode("latin-1")):
        assert CANARY.lower() not in text.lower()
