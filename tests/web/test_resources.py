"""Read and search: every standard way to find a summary by a code, and what a page of results must be."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from icdref.codes import ICD10CM
from icdref.fhir.search_collection import elements_at
from icdref.fhir.search_parameters import SearchParameter, parameters_of
from tests.web.client import BASE_URL, FHIR, FORM, Client, Reply

MOT = "myositis-ossificans-traumatica"
FOP = "fibrodysplasia-ossificans-progressiva"
ON_BEHALF = f"{ICD10CM}|M61.051"


def search(client: Client, query: str, **headers: str) -> Reply:
    """Return a search, asserting what holds for every page."""
    reply = client.search(query, headers={name.replace("_", "-"): value for name, value in headers.items()})
    bundle = reply.json
    assert bundle["type"] == "searchset"
    links = {link["relation"]: link["url"] for link in bundle["link"]}
    assert "self" in links
    assert all(url.startswith(f"{BASE_URL}{FHIR}/{query.split('?', maxsplit=1)[0]}") for url in links.values())
    entries = bundle.get("entry", [])
    assert len([entry for entry in entries if entry["search"]["mode"] == "match"]) <= bundle["total"]
    for entry in entries:
        resource = entry["resource"]
        if entry["search"]["mode"] == "outcome":
            assert "fullUrl" not in entry
        else:
            assert entry["fullUrl"] == f"{BASE_URL}{FHIR}/{resource['resourceType']}/{resource['id']}"
    return reply


# --- by code, in every standard way ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["M61.051", "m61051", "M61.0", "M61.05"])
@pytest.mark.parametrize(
    "query",
    [
        f"Composition?subject:ValueSet.code={ICD10CM}|{{}}",
        "Composition?subject:ValueSet.code={}",
        "Composition?subject.code={}",
        "Composition?code={}",
        f"Composition?code={ICD10CM}|{{}}",
        f"Composition?context:above={ICD10CM}|{{}}",
        f"Library?context:above={ICD10CM}|{{}}",
    ],
)
def test_a_code_below_the_bound_one_finds_the_summary(client: Client, query: str, code: str) -> None:
    found = search(client, query.format(code)).ids()
    assert MOT in found
    assert FOP not in found


def test_the_value_set_of_a_code_brings_its_summary_along(client: Client) -> None:
    reply = search(client, f"ValueSet?code={ON_BEHALF}&_revinclude=Composition:subject")
    assert f"{MOT}-codes" in reply.ids()
    assert MOT in reply.ids("include")
    assert reply.json["total"] == len(reply.ids())


def test_a_summary_brings_its_value_set_along(client: Client) -> None:
    reply = search(client, f"Composition?code={ON_BEHALF}&_include=Composition:subject")
    assert [f"{each}-codes" for each in reply.ids()] == reply.ids("include")


@pytest.mark.parametrize(
    "query",
    [
        f"Composition?context={ICD10CM}|M61.0",
        "Composition?context=M61.0",
        "Composition?context=m610",
        f"Library?context={ICD10CM}|M61.0",
        f"Library?context-type-value=focus${ICD10CM}|M61.0",
        f"Library?topic={ICD10CM}|M61.0",
        "Library?context=urn:oid:2.16.840.1.113883.6.90|M61.0",
    ],
)
def test_an_exact_code_finds_only_what_is_bound_to_it(client: Client, query: str) -> None:
    found = search(client, query).ids()
    assert MOT in found
    assert FOP not in found
    assert search(client, query.replace("M61.0", "M61.05").replace("m610", "m6105")).ids() == []


@pytest.mark.parametrize("query", ["Composition?code=M61.9X", "Composition?code=hello", "Library?context=http://loinc.org|1"])
def test_a_code_that_nobody_knows_finds_nothing_and_is_no_error(client: Client, query: str) -> None:
    assert search(client, query).json["total"] == 0


# --- every parameter that is listed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"Composition?_id={MOT}", MOT),
        (f"Composition?url=https://icdref.example.org/fhir/Composition/{MOT}", MOT),
        ("Composition?title=Fibrodysplasia", FOP),
        ("Composition?title:contains=OSSIFICANS", FOP),
        ("Composition?status=preliminary", MOT),
        ("Composition?type=condition-summary", MOT),
        ("Composition?category=clinician", MOT),
        ("Composition?section=never-do", MOT),
        ("Composition?section=https://www.nlm.nih.gov/mesh|Q000628", MOT),
        (f"Composition?subject=ValueSet/{MOT}-codes", MOT),
        (f"Composition?entry=Library/{MOT}", MOT),
        (f"Composition?identifier=https://icdref.example.org/fhir/Composition/{MOT}", MOT),
        ("Composition?date=ge2026-01-01", MOT),
        ("Composition?_lastUpdated=ge2026-01-01", MOT),
        (f"Library?_id={MOT}", MOT),
        (f"Library?url=https://icdref.example.org/fhir/Library/{MOT}", MOT),
        ("Library?status=draft", MOT),
        ("Library?title:contains=traumatic", MOT),
        (f"ValueSet?_id={MOT}-codes", f"{MOT}-codes"),
        (f"ValueSet?reference={ICD10CM}", f"{MOT}-codes"),
        (f"CodeSystem?url={ICD10CM}", "icd-10-cm-2026-04-01"),
        (f"CodeSystem?url={quote(ICD10CM + '|2026-04-01')}", "icd-10-cm-2026-04-01"),
        (f"CodeSystem?system={ICD10CM}", "icd-10-cm-2026-04-01"),
        ("CodeSystem?system=urn:oid:2.16.840.1.113883.6.90", "icd-10-cm-2026-04-01"),
        ("CodeSystem?version=2026-04-01", "icd-10-cm-2026-04-01"),
        (f"Provenance?target=Composition/{MOT}", ""),
        ("Library?title:missing=false", MOT),
        (f"Library?_id:not={FOP}", MOT),
        ("ValueSet?_has:Composition:subject:title=Fibrodysplasia", f"{FOP}-codes"),
    ],
)
def test_a_search_parameter_finds(client: Client, query: str, found: str) -> None:
    ids = search(client, query).ids()
    assert ids
    assert not found or found in ids


def test_a_search_without_parameters_finds_everything_that_is_served(client: Client) -> None:
    served = {view.summary.id for view in client.service.knowledge.served()}
    for kind in ("Composition", "Library"):
        assert set(search(client, kind).ids()) == served
    assert set(search(client, "ValueSet").ids()) >= {f"{each}-codes" for each in served}


@pytest.mark.parametrize("kind", ["Composition", "Library", "ValueSet", "CodeSystem", "Provenance"])
def test_everything_found_can_be_read_and_is_the_same(client: Client, kind: str) -> None:
    for entry in search(client, f"{kind}?_count=1000").json["entry"]:
        assert client.ask(entry["fullUrl"].removeprefix(BASE_URL)).json == entry["resource"]


# --- POST, paging, shapes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["code=M61.051", "title=Fibrodysplasia&_count=1", f"context={quote(ON_BEHALF)}", ""])
def test_a_posted_search_is_the_same_search(client: Client, query: str) -> None:
    path = f"{FHIR}/Composition"
    got = client.ask(f"{path}?{query}")
    posted = client.ask(f"{path}/_search", "POST", query, content_type=FORM)
    assert posted.json == got.json
    assert posted.headers["cache-control"] == "no-store"
    assert client.ask(f"{path}/_search/", "POST", query, content_type=FORM).json == got.json


def test_url_and_body_of_a_posted_search_are_merged(client: Client) -> None:
    merged = client.ask(f"{FHIR}/Composition/_search?code=M61.051", "POST", "title=Traumatic", content_type=FORM)
    assert merged.json == client.search("Composition?code=M61.051&title=Traumatic").json
    assert client.ask(f"{FHIR}/Composition/_search", "POST").json == client.search("Composition").json


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_following_next_visits_everything_once_and_previous_leads_back(client: Client, count: int) -> None:
    whole = search(client, "Library?_sort=_id").ids()
    pages, url = [], f"{FHIR}/Library?_sort=_id&_count={count}"
    previous = ""
    while url:
        page = client.ask(url)
        links = {link["relation"]: link["url"].removeprefix(BASE_URL) for link in page.json["link"]}
        assert page.json["total"] == len(whole)
        assert ("previous" in links) is bool(pages)
        if pages:
            assert client.ask(links["previous"]).ids() == client.ask(previous).ids()
        pages.append(page.ids())
        previous, url = url, links.get("next", "")
    assert [each for page in pages for each in page] == whole
    assert all(len(page) == count for page in pages[:-1])


def test_a_next_link_survives_an_appended_count(client: Client) -> None:
    first = search(client, "Library?_sort=_id&_count=2")
    following = next(link["url"] for link in first.json["link"] if link["relation"] == "next").removeprefix(BASE_URL)
    assert client.ask(f"{following}&_count=1000").ids() == search(client, "Library?_sort=_id").ids()[2:]


def test_no_count_gives_the_total_alone(client: Client) -> None:
    for query in ("Library?_count=0", "Library?_summary=count", "Library?_count=0&_totalMethod=count"):
        reply = search(client, query)
        assert "entry" not in reply.json or not reply.ids()
        assert reply.json["total"] == search(client, "Library").json["total"]


def test_elements_and_summary_cut_and_say_so(client: Client) -> None:
    (found,) = search(client, f"Composition?_id={MOT}&_elements=title").resources(mode="match")
    assert found["title"]
    assert "section" not in found
    assert found["meta"]["tag"][0]["code"] == "SUBSETTED"
    (short,) = search(client, f"Composition?_id={MOT}&_summary=true").resources(mode="match")
    assert "section" not in short
    assert short["meta"]["tag"][0]["code"] == "SUBSETTED"


def test_sorting_orders_both_ways(client: Client) -> None:
    up, down = (search(client, f"Composition?_sort={sign}title") for sign in ("", "-"))
    titles = [each["title"] for each in up.resources(mode="match")]
    assert titles == sorted(titles, key=str.lower)
    assert [each["title"] for each in down.resources(mode="match")] == titles[::-1]


def test_an_unknown_parameter_is_ignored_with_a_warning_and_left_out_of_the_self_link(client: Client) -> None:
    reply = search(client, "Library?color=red&title:contains=myositis")
    (outcome,) = reply.resources(mode="outcome")
    assert outcome["issue"][0]["severity"] == "warning"
    assert "'color'" in outcome["issue"][0]["details"]["text"]
    link = next(link["url"] for link in reply.json["link"] if link["relation"] == "self")
    assert "color" not in dict(parse_qsl(urlsplit(link).query))
    lenient = search(client, "Library?color=red", Prefer="handling=lenient")
    assert lenient.json["total"] == search(client, "Library").json["total"]


def test_a_known_parameter_passes_strict_handling(client: Client) -> None:
    assert search(client, "Composition?code=M61.051&_sort=title&_count=5", Prefer="handling=strict").ids()


# --- reads -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "release"),
    [
        (f"Composition/{MOT}", "2026-04-01"),
        (f"Library/{MOT}", "2026-04-01"),
        (f"ValueSet/{MOT}-codes", "2026-04-01"),
        ("CodeSystem/icd-10-cm-2026-04-01", "2026-04-01"),
        ("Composition/code-G82.20", "2026-04-01"),
        ("Composition/code-M60-M63", "2026-04-01"),
        ("Organization/authors", "2026-04-01"),
        ("OperationDefinition/Composition-for-code", "2026-04-01"),
        ("SearchParameter/Composition-code", "2026-04-01"),
    ],
)
def test_a_read_returns_the_resource_of_its_url(client: Client, path: str, release: str) -> None:
    reply = client.ask(f"{FHIR}/{path}")
    kind, _, identifier = path.partition("/")
    assert (reply.json["resourceType"], reply.json["id"]) == (kind, identifier)
    assert reply.headers["icdref-release"] == release
    assert client.ask(f"{FHIR}/{path}/").json == reply.json


def test_a_code_system_says_how_many_codes_it_has_and_holds_none(client: Client) -> None:
    resource: dict[str, Any] = client.ask(f"{FHIR}/CodeSystem/icd-10-cm-2026-04-01").json
    assert (resource["content"], resource["version"], resource["url"]) == ("not-present", "2026-04-01", ICD10CM)
    assert resource["count"] == 98_186
    assert "74,719" in resource["text"]["div"]
    assert "concept" not in resource


def test_a_value_set_names_the_release_and_everything_below_its_codes(client: Client) -> None:
    (include,) = client.ask(f"{FHIR}/ValueSet/{MOT}-codes").json["compose"]["include"]
    assert (include["system"], include["version"]) == (ICD10CM, "2026-04-01")
    assert include["filter"] == [{"property": "concept", "op": "is-a", "value": "M61.0"}]


# --- editions and claims -----------------------------------------------------------------------------------------------


def test_a_next_link_names_its_edition_and_is_gone_with_it(client: Client) -> None:
    links = {link["relation"]: link["url"] for link in search(client, "Library?_count=1&_offset=1").json["link"]}
    pinned = {relation: dict(parse_qsl(urlsplit(url).query)).get("_edition") for relation, url in links.items()}
    edition = client.service.edition.id
    assert pinned == {"self": None, "first": None, "previous": edition, "next": edition}
    following = links["next"].removeprefix(BASE_URL)
    again = {link["relation"]: link["url"] for link in client.ask(following).json["link"]}
    assert f"_edition={edition}" in again["self"]
    reply = client.ask(following.replace(edition, "0" * len(edition)), status=410)
    assert reply.details() == ["edition-gone"]


def test_no_total_is_counted_out_where_none_is_wanted(client: Client) -> None:
    assert "total" not in search_without_total(client, "none")
    assert search_without_total(client, "accurate")["total"] == search_without_total(client, "estimate")["total"] > 1


def search_without_total(client: Client, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = client.search(f"Library?_total={kind}").json
    return found


@pytest.mark.slow
@pytest.mark.parametrize("base", ["/fhir/r4", "/fhir/r5"])
def test_every_parameter_that_is_claimed_finds_what_has_the_value_and_nothing_else(client: Client, base: str) -> None:
    rows = client.ask(f"{base}/metadata").json["rest"][0]["resource"]
    version = {"/fhir/r4": "4.0", "/fhir/r5": "5.0"}[base]
    tried = 0
    for row in rows:
        held = _found(client, f"{base}/{row['type']}?_count=1000") if row.get("searchParam") else []
        for name in (each["name"] for each in row.get("searchParam", [])):
            parameter = parameters_of(row["type"], version)[name]
            if parameter.rule or parameter.type == "composite":
                continue  # asked in tests of their own: the value is not an element's
            values = {each["id"]: _searchable(each, parameter) for each in held}
            for value in sorted({value for found in values.values() for value in found})[:3]:
                wanted = {identifier for identifier, found in values.items() if _has(found, value, parameter.type)}
                found = _found(client, f"{base}/{row['type']}?{name}={quote(_escaped(value))}&_count=1000&_elements=id")
                assert {each["id"] for each in found} == wanted, (row["type"], name, value)
                tried += 1
            if "missing" in parameter.modifiers:
                absent = _found(client, f"{base}/{row['type']}?{name}:missing=true&_count=1000&_elements=id")
                assert {each["id"] for each in absent} == {
                    each["id"] for each in held if not elements_at(each, parameter.path)
                }, (row["type"], name)
    assert tried > 150


def _found(client: Client, url: str) -> list[dict[str, Any]]:
    """Return what a search finds, unchecked: every resource is checked elsewhere, and here they are found again and again."""
    reply = client.raw(url)
    assert reply.status == 200, (url, reply.body[:300])
    return reply.resources(mode="match")


def _has(found: set[str], value: str, kind: str) -> bool:
    starts = kind == "string"
    return any(each.lower().startswith(value.lower()) if starts else each == value for each in found)


def _escaped(value: str) -> str:
    system, bar, code = value.rpartition("|")
    return f"{system}{bar}{code}" if bar and ":" in system else value.replace(",", "\\,").replace("|", "\\|")


def _searchable(resource: dict[str, Any], parameter: SearchParameter) -> set[str]:
    """Return the values by which a resource should be found: whole strings, dates, URIs, references, system|code."""
    found = elements_at(resource, parameter.path)
    if parameter.type == "token":
        return {_token(each) for element in found for each in _codings(element)} - {""}
    if parameter.type == "reference":
        texts = (each.get("reference", "") if isinstance(each, dict) else each for each in found)
        return {text.partition("/_history")[0] for text in texts if text}
    return {str(each) for each in found}


def _codings(element: Any) -> list[Any]:
    return element.get("coding", [element]) if isinstance(element, dict) else [element]


def _token(element: Any) -> str:
    if not isinstance(element, dict):
        return str(element).lower() if isinstance(element, bool) else str(element)
    code = element.get("value") or element.get("code", "")
    return f"{element.get('system', '')}|{code}" if code else ""
