"""What caches may do with each kind of answer, and that a condition never keeps a client from what has changed."""

from __future__ import annotations

import json
import time
from typing import Any, NamedTuple

import pytest

from icdref.compiler.withdrawals import withdraw
from icdref.config import Settings
from icdref.service.live import LiveService
from icdref.web.app import create_app
from tests.conftest import TODAY, Compiled
from tests.web.client import FHIR_JSON, FORM, Client, Reply

MOT = "myositis-ossificans-traumatica"
CLINICAL, DEFAULT, SEARCH, PINNED, NEVER = (
    "no-cache",
    "public, max-age=3600",
    "public, max-age=300",
    "public, max-age=31536000, immutable",
    "no-store",
)
PARAMETERS = {"resourceType": "Parameters", "parameter": [{"name": "code", "valueString": "M61.051"}]}


class Kind(NamedTuple):
    """One kind of answer: how it is asked for, what caches may do, whether a date can be asked by."""

    path: str
    cache: str
    dated: bool
    status: int = 200
    body: Any = None
    content_type: str = FHIR_JSON


KINDS = (
    Kind("CodeSystem/$lookup?code=M61.051", DEFAULT, True),
    Kind("CodeSystem/$lookup?code=M61.051&date=2026-05-01", DEFAULT, True),
    Kind("CodeSystem/$lookup?code=M61.051&version=2026-04-01", PINNED, True),
    Kind("CodeSystem/icd-10-cm-2026-04-01/$lookup?code=M61.051", PINNED, True),
    Kind("CodeSystem/$validate-code?code=M61.051&url=http://hl7.org/fhir/sid/icd-10-cm", DEFAULT, True),
    Kind("CodeSystem/$subsumes?codeA=M61.0&codeB=M61.051", DEFAULT, True),
    Kind("CodeSystem/$subsumes?codeA=M61.0&codeB=M61.051&version=2026-04-01", PINNED, True),
    Kind("metadata", DEFAULT, True),
    Kind("metadata?mode=terminology", DEFAULT, True),
    Kind("CodeSystem/icd-10-cm-2026-04-01", DEFAULT, True),
    Kind("OperationDefinition/CodeSystem-lookup", DEFAULT, True),
    Kind("CodeSystem?version=2026-04-01", SEARCH, True),
    Kind("SearchParameter", SEARCH, True),
    Kind(f"Composition/{MOT}", CLINICAL, False),
    Kind(f"Library/{MOT}", CLINICAL, False),
    Kind(f"ValueSet/{MOT}-codes", CLINICAL, False),
    Kind("Composition/code-G82.20", CLINICAL, False),
    Kind("Composition?code=M61.051", CLINICAL, False),
    Kind("Library", CLINICAL, False),
    Kind("Provenance?_count=0", CLINICAL, False),
    Kind(f"Composition/{MOT}/$document", CLINICAL, False),
    Kind("Composition/$for-code?code=M61.051", CLINICAL, False),
    Kind("Composition/$compare?code=M61.051&code=M61.251", CLINICAL, False),
    Kind(f"Composition/{MOT}/_history", CLINICAL, False),
    Kind(f"Composition/{MOT}/_history/0.1.0", CLINICAL, False),
    Kind("Composition/_history", CLINICAL, False),
    Kind("CodeSystem/$lookup", NEVER, False, body=PARAMETERS),
    Kind("Composition/$for-code", NEVER, False, body=PARAMETERS),
    Kind("Composition/_search", NEVER, False, body="code=M61.051", content_type=FORM),
    Kind("CodeSystem/$lookup?code=X99.999X", NEVER, False, status=404),
    Kind("CodeSystem/$lookup", NEVER, False, status=400),
    Kind("Composition/nobody", NEVER, False, status=404),
    Kind("Composition/nobody/_history", NEVER, False, status=404),
    Kind("Library?date=yesterday", NEVER, False, status=400),
    Kind("Nothing", NEVER, False, status=404),
    Kind("metadata?_format=turtle", NEVER, False, status=406),
)


def ask(client: Client, kind: Kind, base: str, **headers: str) -> Reply:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if kind.body is None:
        return client.raw(f"{base}/{kind.path}", headers=sent)
    body = kind.body if isinstance(kind.body, str) else json.dumps(kind.body)
    return client.raw(f"{base}/{kind.path}", "POST", body.encode(), {"Content-Type": kind.content_type} | sent)


@pytest.mark.parametrize("base", ["/fhir/r4", "/fhir/r5"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.path}{' posted' if kind.body else ''}")
def test_each_kind_of_answer_says_what_caches_may_do(client: Client, kind: Kind, base: str) -> None:
    first = ask(client, kind, base)
    assert (first.status, first.headers["cache-control"]) == (kind.status, kind.cache)
    assert {"Accept", "Accept-Language", "Accept-Encoding"} <= {each.strip() for each in first.headers["vary"].split(",")}
    assert ("etag" in first.headers) is (kind.cache != NEVER)
    assert ("last-modified" in first.headers) is kind.dated
    if kind.cache == NEVER:
        return
    tag = first.headers["etag"]
    assert tag.startswith('"')
    for condition in (tag, f'"x", {tag}', "*"):
        unchanged = ask(client, kind, base, If_None_Match=condition)
        assert (unchanged.status, unchanged.body) == (304, b"")
        assert {name: unchanged.headers[name] for name in ("etag", "cache-control", "vary")} == {
            name: first.headers[name] for name in ("etag", "cache-control", "vary")
        }
    assert ask(client, kind, base, If_None_Match='"x"').body == first.body
    since = first.headers.get("last-modified", "Sat, 28 Nov 2026 00:00:00 GMT")
    assert ask(client, kind, base, If_Modified_Since=since).status == (304 if kind.dated else 200)
    assert ask(client, kind, base, If_None_Match='"x"', If_Modified_Since=since).status == 200, "a tag decides alone"
    for other in ("Fri, 31 Dec 2100 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "yesterday"):
        assert ask(client, kind, base, If_Modified_Since=other).status == 200


def test_a_strict_search_is_kept_apart_from_a_lenient_one(client: Client) -> None:
    for path in ("CodeSystem", "Composition", "Composition/_history"):
        assert client.ask(f"/fhir/r4/{path}").headers["vary"].endswith(", Prefer")


def test_two_forms_of_one_answer_have_two_tags(client: Client) -> None:
    paths = ("metadata", "metadata?_format=xml", "metadata?_pretty=true", "metadata?_elements=status")
    assert len({client.ask(f"/fhir/r4/{path}").headers["etag"] for path in paths}) == len(paths)


@pytest.fixture
def own(small: Compiled, tmp_path: Any) -> LiveService:
    """A service on a data directory of its own, which may be written to."""
    import shutil

    shutil.copytree(small.data, tmp_path / "data")
    return LiveService(Settings(data=str(tmp_path / "data"), scrub_seconds=0), lambda: TODAY)


def test_a_date_is_given_only_once_it_names_one_state(own: LiveService) -> None:
    client = Client(create_app(Settings(scrub_seconds=0), own), own.now())
    path = "/fhir/r4/CodeSystem/$lookup?code=M61.01"
    assert "last-modified" not in client.ask(path).headers, "the service began to answer in this very second"
    own.now().since -= 3600
    dated = client.ask(path).headers["last-modified"]
    assert client.raw(path, headers={"If-Modified-Since": dated}).status == 304


def test_a_withdrawal_reaches_a_client_whatever_it_asks_by(own: LiveService, tmp_path: Any) -> None:
    client = Client(create_app(Settings(scrub_seconds=0), own), own.now())
    own.now().since -= 3600
    text, code = "/fhir/r4/Composition/bone-after-a-blow", "/fhir/r4/CodeSystem/$lookup?code=M61.01"
    before = client.ask(text)
    dated = client.ask(code).headers["last-modified"]
    assert client.raw(text, headers={"If-None-Match": before.headers["etag"]}).status == 304
    withdraw(tmp_path / "data", "bab.tx.1", "a test")
    last = time.monotonic() + 10
    while own.now().withdrawals.serial == 0:
        assert time.monotonic() < last, "the withdrawal was not noticed"
        time.sleep(0.05)
    after = client.raw(text, headers={"If-None-Match": before.headers["etag"]})
    assert after.status == 200
    assert b"comes first" in before.body
    assert b"comes first" not in after.body
    assert client.raw(code, headers={"If-Modified-Since": dated}).status == 200, "what was answered before has another date"
