"""vread and _history: every version that was released can be read, and one that must not be is gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from icdref.compiler.withdrawals import withdraw
from icdref.config import Settings
from icdref.service.live import LiveService
from icdref.web.app import create_app
from tests.conftest import TODAY
from tests.revised import DAYS, NAME, RESTS, revised
from tests.web.client import Client, Reply

BASES = ("/fhir/r4", "/fhir/r5")
TYPES = {"Composition": NAME, "Library": NAME, "ValueSet": f"{NAME}-codes"}
NEWEST_FIRST = list(DAYS)[::-1]


def make(folder: Path) -> Client:
    """Return a client of the cut with three versions of a summary."""
    compiled = revised(folder)
    settings = Settings(data=str(compiled.data), scrub_seconds=0)
    live = LiveService(settings, lambda: TODAY)
    return Client(create_app(settings, live), live.now())


@pytest.fixture(scope="module")
def versioned(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return make(tmp_path_factory.mktemp("versioned"))


def entries(reply: Reply) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reply.json.get("entry", [])
    assert reply.json["type"] == "history"
    for entry in found:
        resource = entry["resource"]
        assert entry["response"]["etag"] == f'W/"{resource["meta"]["versionId"]}"'
        assert entry["response"]["lastModified"] == resource["meta"]["lastUpdated"]
        assert entry["request"]["method"] in ("POST", "PUT")
    return found


def versions(reply: Reply) -> list[str]:
    return [entry["resource"]["meta"]["versionId"] for entry in entries(reply)]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("kind", TYPES)
def test_each_version_can_be_read_and_stands_in_the_history(versioned: Client, base: str, kind: str) -> None:
    history = versioned.ask(f"{base}/{kind}/{TYPES[kind]}/_history")
    assert versions(history) == NEWEST_FIRST
    assert history.json["total"] == 3
    assert [(entry["request"]["method"], entry["response"]["status"]) for entry in entries(history)] == [
        ("PUT", "200"),
        ("PUT", "200"),
        ("POST", "201"),
    ]
    for entry in entries(history):
        meta = entry["resource"]["meta"]
        assert meta["lastUpdated"] == f"{DAYS[meta['versionId']]}T00:00:00Z"
        read = versioned.ask(f"{base}/{kind}/{TYPES[kind]}/_history/{meta['versionId']}")
        assert read.json == entry["resource"]
        assert read.headers["cache-control"] == "no-cache"
    assert entries(history)[0]["resource"] == versioned.ask(f"{base}/{kind}/{TYPES[kind]}").json


def test_a_former_version_has_its_own_text_and_says_that_it_is_former(versioned: Client) -> None:
    for version, text in RESTS.items():
        body = json.dumps(versioned.ask(f"/fhir/r4/Composition/{NAME}/_history/{version}").json)
        assert text in body
        assert not any(other in body for each, other in RESTS.items() if each != version)
        assert ("the current one is 0.10.0" in body) is (version != "0.10.0")


def test_each_version_has_its_provenance(versioned: Client) -> None:
    found = versioned.ask(f"/fhir/r4/Provenance?target=Composition/{NAME}").resources(mode="match")
    assert {each["target"][0]["reference"] for each in found} == {f"Composition/{NAME}/_history/{each}" for each in DAYS}
    exact = versioned.ask(f"/fhir/r4/Provenance?target=Composition/{NAME}/_history/0.2.0").ids()
    assert exact == [f"{NAME}-0.2.0"]
    assert versions(versioned.ask(f"/fhir/r4/Provenance/{NAME}-0.2.0/_history")) == ["0.2.0"]
    assert (
        versioned.ask(f"/fhir/r4/Provenance/{NAME}-0.2.0/_history/0.2.0").json
        == versioned.ask(f"/fhir/r4/Provenance/{NAME}-0.2.0").json
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("_since=2026-06-01T00:00:00Z", ["0.10.0", "0.2.0"]),
        ("_since=2026-06-01T00:00:01Z", ["0.10.0"]),
        ("_since=2027-01-01T00:00:00Z", []),
        ("_at=2026-06-15", ["0.2.0"]),
        ("_at=2026-06", ["0.2.0"]),
        ("_at=2026-06-30", ["0.2.0"]),
        ("_at=2026", NEWEST_FIRST),
        ("_at=2026-01-01", []),
        ("_at=2026-11-22T12:00:00Z", ["0.10.0"]),
        ("_count=2", ["0.10.0", "0.2.0"]),
        ("_count=0", []),
        ("_since=&_count=", NEWEST_FIRST),
    ],
)
def test_a_history_is_cut_to_what_was_asked(versioned: Client, query: str, expected: list[str]) -> None:
    assert versions(versioned.ask(f"/fhir/r4/Composition/{NAME}/_history?{query}")) == expected


def test_the_history_of_a_type_is_newest_first_and_pages_through_everything_once(versioned: Client) -> None:
    whole = entries(versioned.ask("/fhir/r4/Composition/_history"))
    made = [entry["resource"]["meta"]["lastUpdated"] for entry in whole]
    assert made == sorted(made, reverse=True)
    assert len(whole) == len(versioned.ask("/fhir/r4/Composition").ids()) + 2
    found, url = [], "/fhir/r4/Composition/_history?_count=2"
    while url:
        page = versioned.ask(url)
        assert page.json["total"] == len(whole)
        found += entries(page)
        links = {link["relation"]: link["url"].removeprefix("http://127.0.0.1:8080") for link in page.json["link"]}
        assert {"self", "first"} <= set(links)
        url = links.get("next", "")
    assert found == whole


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        (f"Composition/{NAME}/_history/0.3.0", 404, "version-not-known"),
        (f"Composition/{NAME}/_history/0.1.0-w9", 410, "version-gone"),
        ("Composition/nobody/_history/0.1.0", 404, "unknown-resource"),
        ("Composition/nobody/_history", 404, "unknown-resource"),
        ("ValueSet/bone-after-a-blow/_history", 404, "unknown-resource"),
        ("Composition/passing-fashion/_history", 410, "withdrawn-resource"),
        ("Library/old-name/_history/0.1.0", 410, "withdrawn-resource"),
        ("ValueSet/old-name-codes/_history/0.1.0", 410, "withdrawn-resource"),
        ("CodeSystem/icd-10-cm-2026-04-01/_history", 404, "unknown-path"),
        ("CodeSystem/_history", 404, "unknown-path"),
        (f"Composition/{NAME}/_history/0.1.0/x", 404, "unknown-path"),
        (f"Composition/{NAME}/_history?_since=yesterday", 400, "bad-parameter"),
        (f"Composition/{NAME}/_history?_at=2026-13", 400, "bad-parameter"),
        (f"Composition/{NAME}/_history?_count=-1", 400, "bad-parameter"),
    ],
)
def test_what_cannot_be_read_says_why(versioned: Client, path: str, status: int, detail: str) -> None:
    assert versioned.ask(f"/fhir/r4/{path}", status=status).details() == [detail]


def test_unknown_parameters_are_refused_only_when_handling_is_strict(versioned: Client) -> None:
    path = f"/fhir/r4/Composition/{NAME}/_history?color=red"
    assert versions(versioned.ask(path)) == NEWEST_FIRST
    reply = versioned.ask(path, headers={"Prefer": "handling=strict"}, status=400)
    assert reply.details() == ["unknown-search-parameter"]


def test_a_withdrawn_statement_takes_every_version_that_holds_it_away(tmp_path: Path) -> None:
    client = make(tmp_path)
    withdraw(tmp_path / "data", "bab.tx.1", "a test")
    settings = Settings(data=str(tmp_path / "data"), scrub_seconds=0)
    live = LiveService(settings, lambda: TODAY)
    client = Client(create_app(settings, live), live.now())
    for kind, identifier in TYPES.items():
        (now,) = entries(client.ask(f"/fhir/r4/{kind}/{identifier}/_history"))
        assert now["resource"]["meta"]["versionId"] == "0.10.0-w1"
        for version in DAYS:
            gone = client.ask(f"/fhir/r4/{kind}/{identifier}/_history/{version}", status=410)
            assert gone.details() == ["version-gone"]
    everything = b"".join(
        client.ask(f"/fhir/r4/{path}").body for path in ("Composition/_history", "Composition", "Provenance?_include=*")
    )
    assert not any(text.encode() in everything for text in RESTS.values())
