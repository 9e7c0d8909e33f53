"""What we define is served, and what is served is defined: no extension, part or profile of ours without its definition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from icdref.fhir.canonical import BASE, extension_url
from icdref.fhir.extension_table import EXTENSIONS, ExtensionRow, Part
from tests.web.client import BASE_URL, Client

MOT = "myositis-ossificans-traumatica"
ROWS = {extension_url(row.name): row for row in EXTENSIONS}
STANDARD = "http://hl7.org/fhir/"
WRITTEN_ELSEWHERE = {extension_url("remapped-code")}
"""Not served: the batch job writes it into resources of an EHR."""
ANSWERS = (
    *("Composition?_count=1000", "Library?_count=1000", "ValueSet?_count=1000", "CodeSystem?_count=1000"),
    *("Provenance?_count=1000", "SearchParameter?_count=1000", "OperationDefinition?_count=1000", "metadata"),
    *("Composition/$for-code?code=M61.051", "Composition/$for-code?code=M61.051&max=5", "Composition/code-M61.9"),
    *("Composition/$for-code?code=m610X&max=2", "Composition/$for-code?code=M61.519&match=exact"),
    *(
        "Composition/$compare?code=M61.05&code=M61.25",
        "Composition/code-G82.20",
        "Composition/code-M24.661",
        "Composition/code-E88.810",
    ),
)


def found_in(element: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (path of the element that holds it, extension) of everything in an answer."""
    if isinstance(element, list):
        for each in element:
            yield from found_in(each, path)
    if isinstance(element, dict):
        path = element.get("resourceType", path)
        for extension in element.get("extension", ()):
            yield path, extension
        for name, each in element.items():
            if name != "extension":
                yield from found_in(each, path if path.endswith(f".{name}") and name == "section" else f"{path}.{name}")


def assert_defined(extension: dict[str, Any], row: ExtensionRow | Part) -> None:
    assert extension.keys() <= {"url", "extension", value_key(extension)}
    if not row.parts:
        types = (row.type,) if isinstance(row, ExtensionRow) else row.types
        assert value_key(extension) in [f"value{type_[0].upper()}{type_[1:]}" for type_ in types], (row.name, extension)
        return
    counts = {part.name: 0 for part in row.parts}
    for inner in extension.get("extension", ()):
        part = next((each for each in row.parts if each.name == inner["url"]), None)
        assert part is not None, f"{row.name} has no part {inner['url']!r} in the table"
        counts[part.name] += 1
        assert_defined(inner, part)
    for part in row.parts:
        assert counts[part.name] >= part.min, (row.name, part.name, extension)
        assert part.max == "*" or counts[part.name] <= int(part.max), (row.name, part.name, extension)


def value_key(extension: dict[str, Any]) -> str:
    return next((key for key in extension if key.startswith("value")), "extension")


@pytest.fixture(scope="module")
def served(both: Client) -> list[tuple[str, dict[str, Any]]]:
    paths = [
        *ANSWERS,
        *(f"Composition/{each}/$document?audience=patient" for each in (MOT, "fibrodysplasia-ossificans-progressiva")),
    ]
    answers = [both.raw(f"{both.base}/{path}").json for path in paths]
    return [pair for answer in answers for pair in found_in(answer)]


def test_every_extension_that_is_served_is_as_its_definition_says(served: list[tuple[str, dict[str, Any]]]) -> None:
    seen = set()
    for path, extension in served:
        url = extension["url"]
        if not url.startswith(BASE):
            assert url.startswith(STANDARD), url
            continue
        assert url in ROWS, f"{url} is not in the table of extensions"
        row = ROWS[url]
        seen.add(url)
        last = path.rpartition(".")[2]
        contexts = {"meta": "Meta", "relatedArtifact": "RelatedArtifact"}
        assert contexts.get(last, path) in row.contexts, (url, path)
        assert_defined(extension, row)
    unseen = set(ROWS) - seen - WRITTEN_ELSEWHERE
    assert unseen <= {
        extension_url("withheld-statements"),
        extension_url("withdrawn-statements"),
        extension_url("imported-definition"),
    }


def test_every_definition_can_be_read_and_searched_by_its_url(both: Client) -> None:
    all_ = both.search("StructureDefinition?_count=100")
    assert set(all_.ids()) == {row.name for row in EXTENSIONS} | {"condition-summary"}
    for identifier in all_.ids():
        url = extension_url(identifier)
        assert both.search(f"StructureDefinition?url={url}").ids() == [identifier]
        read = both.ask(f"{both.base}/StructureDefinition/{identifier}").json
        assert (read["url"], read["fhirVersion"]) == (url, both.ask(f"{both.base}/metadata").json["fhirVersion"])


def test_every_profile_that_a_resource_claims_is_defined(both: Client) -> None:
    for kind in ("Composition", "Library", "ValueSet", "CodeSystem", "Provenance", "CapabilityStatement"):
        for resource in both.search(f"{kind}?_count=1000").resources():
            for profile in resource.get("meta", {}).get("profile", ()):
                assert both.search(f"StructureDefinition?url={profile}").json["total"] == 1, profile


def test_operation_definitions_are_found_by_name_code_and_url(both: Client) -> None:
    for identifier in both.search("OperationDefinition?_count=100").ids():
        read = both.ask(f"{both.base}/OperationDefinition/{identifier}").json
        assert both.search(f"OperationDefinition?url={read['url']}").ids() == [identifier]
        assert identifier in both.search(f"OperationDefinition?name={read['name']}").ids()
        assert identifier in both.search(f"OperationDefinition?code={read['code']}").ids()


def test_the_capability_statement_is_a_resource_as_well(both: Client) -> None:
    statement = both.ask(f"{both.base}/metadata").json
    assert both.ask(f"{both.base}/CapabilityStatement/{statement['id']}").json == statement
    found = both.search(f"CapabilityStatement?url={statement['url']}")
    assert [entry["fullUrl"] for entry in found.json["entry"]] == [f"{BASE_URL}{both.base}/CapabilityStatement/icdref"]


def codings(element: Any) -> Iterator[tuple[str, str]]:
    """Yield (system, code) of everything in an answer that has both."""
    if isinstance(element, dict):
        if isinstance(element.get("system"), str) and isinstance(element.get("code"), str):
            yield element["system"], element["code"]
        for each in element.values():
            yield from codings(each)
    elif isinstance(element, list):
        for each in element:
            yield from codings(each)


def test_every_code_of_ours_is_in_a_code_system_that_can_be_read(both: Client) -> None:
    paths = [*ANSWERS, "CodeSystem/$lookup?code=M61.051", f"Composition/{MOT}/$document?audience=patient", "Library/none"]
    found = {pair for path in paths for pair in codings(both.raw(f"{both.base}/{path}").json)}
    ours = {pair for pair in found if pair[0].startswith(BASE)}
    assert len(ours) > 20
    for system, code in ours:
        (resource,) = both.search(f"CodeSystem?url={system}").resources()
        if resource["content"] == "complete":
            assert code in [each["code"] for each in resource["concept"]], (system, code)
        else:
            assert system.endswith("/issue")
    for identifier in ("issue", "summary-section", "audience", "document-type", "designation-use", "concept-property"):
        assert both.ask(f"{both.base}/CodeSystem/{identifier}").json["url"] == f"{BASE}/CodeSystem/{identifier}"
