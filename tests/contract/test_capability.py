"""The CapabilityStatement tells the truth on both bases: what it claims answers, and what answers is claimed.

Nothing here lists what there is: the claims are read from the statement, and the probes are every resource type and every
operation name that the standard knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson
import pytest

from icdref.codes import ICD10CM
from icdref.fhir.elements import every_resource_type
from icdref.fhir.operations import OPERATIONS
from icdref.fhir.search_parameters import parameters_of
from icdref.web.http import Request
from tests.web.client import BASE_URL, FHIR, FHIR_5, FHIR_JSON, Client

HISTORY = {"vread", "history-instance", "history-type"}
STRICT = {"Prefer": "handling=strict"}
OURS = "https://icdref.example.org/fhir/"
TERMINOLOGY_SERVER = "http://hl7.org/fhir/CapabilityStatement/terminology-server"
SAMPLES = {
    "token": "x",
    "string": "x",
    "uri": "urn:x",
    "date": "2026",
    "reference": "ValueSet/x",
    "composite": "focus$x",
    "special": "x",
    "number": "1",
    "quantity": "1",
}
_VALUE_SET = "ValueSet/myositis-ossificans-traumatica-codes"
SPELT = {
    "missing": ("missing", "true"),
    "in": ("in", _VALUE_SET),
    "not-in": ("not-in", _VALUE_SET),
    "type": ("ValueSet", "x"),
    "of-type": ("of-type", "http://terminology.hl7.org/CodeSystem/v2-0203|MR|x"),
}
"""Modifier -> how it is written in a URL, and a value that fits it."""
OPERATION_NAMES = frozenset(
    (
        *("lookup", "validate-code", "subsumes", "find-matches", "expand", "translate", "closure", "batch-validate-code"),
        *("document", "for-code", "compare", "everything", "validate", "meta", "meta-add", "meta-delete", "graphql", "versions"),
        *("cache-control", "diff", "history", "export", "import", "convert", "conforms", "implements", "subset", "apply"),
        *("data-requirements", "find", "lastn", "stats", "match", "process-message", "questionnaire", "snapshot", "transform"),
        *("populate", "populatehtml", "populatelink", "preferred-id", "evaluate-measure", "care-gaps", "collect-data"),
        *("submit-data", "submit", "cancel", "events", "status", "get-ws-binding-token", "inventory-report", "evaluate"),
        *("current-canonical", "package", "merge", "purge", "add", "remove", "filter", "hook", "related", "terminology-batch"),
        *("extract", "next-question", "assemble", "cql", "docref", "member-match", "reindex", "expunge", "healthcheck", "drafts"),
    )
)
EXAMPLES = {
    "CodeSystem": "icd-10-cm-2026-04-01",
    "Composition": "myositis-ossificans-traumatica",
    "Library": "myositis-ossificans-traumatica",
    "ValueSet": "myositis-ossificans-traumatica-codes",
    "Organization": "authors",
    "OperationDefinition": "CodeSystem-lookup",
    "SearchParameter": "Composition-code",
    "TerminologyCapabilities": "icdref",
}


class Operation(NamedTuple):
    """One claim of an operation; `kind` is '' for the system."""

    kind: str
    name: str
    definition: str


@pytest.fixture(scope="module")
def statement(both: Client) -> dict[str, Any]:
    found: dict[str, Any] = both.ask(f"{both.base}/metadata").json
    return found


@pytest.fixture(scope="module")
def served(statement: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["type"]: each for each in statement["rest"][0]["resource"]}


@pytest.fixture(scope="module")
def operations(statement: dict[str, Any]) -> list[Operation]:
    rest = statement["rest"][0]
    return [
        Operation(row.get("type", ""), each["name"], each["definition"])
        for row in (*rest["resource"], rest)
        for each in row.get("operation", [])
    ]


def interactions(row: dict[str, Any]) -> set[str]:
    return {each["code"] for each in row.get("interaction", [])}


def claims_history(row: dict[str, Any]) -> bool:
    """Tell whether former versions of a type can be read; all three interactions come together."""
    found = interactions(row) & HISTORY
    assert found in (set(), HISTORY)
    assert row["readHistory"] is bool(found)
    assert row["versioning"] == ("versioned" if found else "no-version")
    return bool(found)


def example(client: Client, kind: str) -> str:
    return EXAMPLES.get(kind) or str(client.search(f"{kind}?_count=1").ids()[0])


def answers(client: Client, path: str, method: str = "GET", body: bytes = b"", kind: str = FHIR_JSON) -> bool:
    """Tell whether anybody is at home at a path below the base, straight from the handlers: half a million probes."""
    headers = {"content-type": kind} if method != "GET" else {}
    answer = client.app.extensions["icdref"].answer(Request(method, client.base + path, "", headers, body))
    if answer is None or answer.status == 405:
        return False
    return answer.status != 404 or b'"unknown-path"' not in answer.body


# --- what is claimed answers -------------------------------------------------------------------------------------------


def test_the_statement_says_what_server_this_is(both: Client, statement: dict[str, Any]) -> None:
    assert statement["fhirVersion"] == {FHIR: "4.0.1", FHIR_5: "5.0.0"}[both.base]
    assert (statement["kind"], statement["status"]) == ("instance", "active")
    assert statement["implementation"]["url"] == BASE_URL + both.base
    assert TERMINOLOGY_SERVER in statement["instantiates"]
    assert statement["software"]["version"]
    assert statement["rest"][0]["security"]["cors"] is True
    for mode in ("full", "normative", ""):
        assert both.ask(f"{both.base}/metadata?mode={mode}").json == statement


def test_every_claimed_interaction_answers(both: Client, served: dict[str, dict[str, Any]]) -> None:
    assert len(served) >= 7
    for kind, row in served.items():
        assert interactions(row) <= {"read", "search-type", *HISTORY}
        path = f"{both.base}/{kind}/{example(both, kind)}"
        resource = both.ask(path).json
        assert resource["resourceType"] == kind
        if claims_history(row):
            assert both.ask(f"{path}/_history/{resource['meta']['versionId']}").json == resource
            for history in (f"{path}/_history", f"{both.base}/{kind}/_history"):
                assert both.ask(history, headers=STRICT).json["total"] > 0
        if "search-type" in interactions(row):
            found = both.search(kind, headers=STRICT).json["total"]
            assert both.ask(f"{both.base}/{kind}/_search", "POST", b"").json["total"] == found > 0


def test_every_claimed_interaction_of_the_system_answers(both: Client, statement: dict[str, Any]) -> None:
    assert interactions(statement["rest"][0]) == {"batch"}
    entry = {"request": {"method": "GET", "url": "metadata"}}
    reply = both.ask(both.base, "POST", {"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    assert reply.json["entry"][0]["resource"] == statement


def test_every_claimed_search_parameter_answers_with_all_its_modifiers(both: Client, served: dict[str, dict[str, Any]]) -> None:
    tried = 0
    for kind, row in served.items():
        known = parameters_of(kind, both.version)
        for parameter in row.get("searchParam", []):
            for modifier in ("", *known[parameter["name"]].modifiers):
                written, sample = SPELT.get(modifier, (modifier, SAMPLES[parameter["type"]]))
                name = parameter["name"] + (f":{written}" if written else "")
                asked = Request("GET", f"{both.base}/{kind}", f"{name}={quote(sample)}&_count=1", {"prefer": "handling=strict"})
                answer = both.app.extensions["icdref"].answer(asked)
                assert answer.status == 200, (kind, name, answer.body[:300])
                tried += 1
    assert tried > 200


def test_every_claimed_include_is_known_to_a_strict_search(both: Client, served: dict[str, dict[str, Any]]) -> None:
    for kind, row in served.items():
        for name, key in (("_include", "searchInclude"), ("_revinclude", "searchRevInclude")):
            for include in row.get(key, []):
                both.search(f"{kind}?{name}={include}&_count=1", headers=STRICT)


def test_every_operation_of_the_table_is_claimed_where_it_can_be_called(operations: list[Operation]) -> None:
    claimed = {(each.kind, each.name) for each in operations}
    for each in OPERATIONS:
        if each.resource == "Resource":
            assert ("", each.name) in claimed
        elif each.resource:
            assert (each.resource, each.name) in claimed
        if each.system_level:
            assert ("", each.name) in claimed


def test_every_claimed_operation_answers_at_the_levels_and_methods_of_its_definition(
    both: Client, operations: list[Operation]
) -> None:
    tables = {(each.resource, each.name): each for each in OPERATIONS}
    for kind, name, definition in operations:
        found = both.search(f"OperationDefinition?url={definition}").resources()
        assert len(found) == 1, definition
        table = tables.get((kind, name)) or tables.get(("Resource", name)) or tables["", name]
        levels = {f"/${name}": found[0]["system"]}
        if kind:
            levels = {f"/{kind}/${name}": found[0]["type"], f"/{kind}/{example(both, kind)}/${name}": found[0]["instance"]}
        for path, there in levels.items():
            for method in ("GET", "POST"):
                assert answers(both, path, method) is (there and method in table.methods), (path, method)


def test_every_canonical_that_the_statement_names_can_be_resolved_here(both: Client, statement: dict[str, Any]) -> None:
    named = set(canonicals(statement))
    assert len(named) > 10
    for canonical in named:
        path = canonical.removeprefix(OURS)
        assert both.ask(f"{both.base}/{path}").json["url"] == canonical
        assert both.search(f"{path.partition('/')[0]}?url={canonical}").ids() == [path.partition("/")[2]]


def canonicals(element: Any) -> Iterator[str]:
    """Yield every canonical of ours in an element, the statement's own too."""
    if isinstance(element, str) and element.startswith(OURS):
        yield element
    for each in element.values() if isinstance(element, dict) else element if isinstance(element, list) else ():
        yield from canonicals(each)


def test_definitions_of_our_own_search_parameters_say_what_they_are_of(both: Client, served: dict[str, dict[str, Any]]) -> None:
    for kind, row in served.items():
        for parameter in row.get("searchParam", []):
            if parameter["definition"].startswith(OURS):
                resource = both.ask(f"{both.base}/{parameter['definition'].removeprefix(OURS)}").json
                assert (resource["code"], resource["type"]) == (parameter["name"], parameter["type"])
                assert kind in resource["base"]


def test_conditional_reads_are_what_is_claimed(both: Client, served: dict[str, dict[str, Any]]) -> None:
    for kind, row in served.items():
        path = f"{both.base}/{kind}/{example(both, kind)}"
        first = both.ask(path)
        by_tag = both.raw(path, headers={"If-None-Match": first.headers["etag"]}).status == 304
        since = first.headers.get("last-modified", "Fri, 31 Dec 2100 00:00:00 GMT")
        by_date = both.raw(path, headers={"If-Modified-Since": since}).status == 304
        claim = {(True, True): "full-support", (True, False): "not-match", (False, True): "modified-since"}
        assert row["conditionalRead"] == claim[by_tag, by_date]


def test_every_claimed_format_is_written(both: Client, statement: dict[str, Any]) -> None:
    for name in statement["format"]:
        assert both.ask(f"{both.base}/metadata?_format={name.replace('+', '%2B')}").json == statement
    assert {"application/fhir+json", "application/fhir+xml"} <= set(statement["format"])


# --- what answers is claimed -------------------------------------------------------------------------------------------


def test_every_type_that_answers_is_claimed(both: Client, served: dict[str, dict[str, Any]]) -> None:
    types = every_resource_type(both.version)
    assert set(served) <= types
    assert len(types) > 120
    for kind in types:
        claimed = interactions(served[kind]) if kind in served else set()
        probes = {
            "search-type": [(f"/{kind}", "GET"), (f"/{kind}/_search", "POST")],
            "read": [(f"/{kind}/no-such-thing", "GET")],
            "vread": [(f"/{kind}/no-such-thing/_history/1", "GET")],
            "history-instance": [(f"/{kind}/no-such-thing/_history", "GET")],
            "history-type": [(f"/{kind}/_history", "GET")],
            "create": [(f"/{kind}", "POST")],
            "update": [(f"/{kind}/x", "PUT"), (f"/{kind}", "PUT")],
            "patch": [(f"/{kind}/x", "PATCH"), (f"/{kind}", "PATCH")],
            "delete": [(f"/{kind}/x", "DELETE"), (f"/{kind}", "DELETE")],
        }
        for interaction, asked in probes.items():
            for path, method in asked:
                form = "application/x-www-form-urlencoded" if "_search" in path else FHIR_JSON
                assert answers(both, path, method, kind=form) is (interaction in claimed), (interaction, path, method)


def test_nothing_answers_at_the_base_but_a_batch_and_the_metadata(both: Client, statement: dict[str, Any]) -> None:
    batch = orjson.dumps({"resourceType": "Bundle", "type": "batch"})
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        assert answers(both, "", method, batch) is (method == "POST")
        assert answers(both, "/_history", method) is False
        assert answers(both, "/metadata", method) is (method == "GET")
        assert answers(both, "/_search", method) is False


@pytest.mark.slow
def test_every_operation_that_answers_is_claimed(both: Client, served: dict[str, Any], operations: list[Operation]) -> None:
    claimed = {(each.kind, each.name) for each in operations}
    names = OPERATION_NAMES | {each.name for each in operations}
    for name in names:
        for method in ("GET", "POST"):
            if answers(both, f"/${name}", method):
                assert ("", name) in claimed, name
        for kind in every_resource_type(both.version):
            for path in (f"/{kind}/${name}", f"/{kind}/{EXAMPLES.get(kind, 'x')}/${name}"):
                for method in ("GET", "POST"):
                    if answers(both, path, method):
                        # An operation that every type has is claimed once, for all of them.
                        assert {(kind, name), ("", name)} & claimed, (method, path)


# --- TerminologyCapabilities -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def terminology(both: Client) -> dict[str, Any]:
    found: dict[str, Any] = both.ask(f"{both.base}/metadata?mode=terminology").json
    assert found["resourceType"] == "TerminologyCapabilities"
    assert both.ask(f"{both.base}/TerminologyCapabilities/{found['id']}").json == found
    return found


def test_every_release_that_is_listed_answers_and_the_default_is_the_default(both: Client, terminology: dict[str, Any]) -> None:
    (system,) = terminology["codeSystem"]
    assert system["uri"] == ICD10CM
    assert [each["code"] for each in system["version"]] == [each.version for each in reversed(both.service.releases.all)]
    for version in system["version"]:
        reply = both.lookup("M61.051", version=version["code"], system=system["uri"])
        assert reply.value("version") == version["code"]
        assert set(reply.properties()) <= set(version["property"])
        assert both.ask(f"{both.base}/CodeSystem/icd-10-cm-{version['code']}").json["version"] == version["code"]
    default = [each["code"] for each in system["version"] if each["isDefault"]]
    assert default == [both.lookup("M61.051").value("version")]
    assert system["subsumption"] is True


FILTER_VALUES = {"exists": "true", "regex": "M61.*", "in": "M61.0,M61.1", "not-in": "M61.0,M61.1"}


def test_every_filter_that_is_listed_can_be_used_in_a_value_set(both: Client, terminology: dict[str, Any]) -> None:
    version = terminology["codeSystem"][0]["version"][0]
    assert len(version["filter"]) > 3
    for row in version["filter"]:
        for operator in row["op"]:
            clause = {"property": row["code"], "op": operator, "value": FILTER_VALUES.get(operator, "M61")}
            include = [{"system": ICD10CM, "filter": [clause, {"property": "concept", "op": "is-a", "value": "M61.0"}]}]
            value_set = {"resourceType": "ValueSet", "status": "active", "compose": {"include": include}}
            body = {"resourceType": "Parameters", "parameter": [{"name": "valueSet", "resource": value_set}]}
            reply = both.raw(f"{both.base}/ValueSet/$expand", "POST", orjson.dumps(body), {"Content-Type": FHIR_JSON})
            assert reply.status == 200, (clause, reply.body[:300])


def test_expansions_are_what_is_claimed(both: Client, terminology: dict[str, Any]) -> None:
    claimed = terminology["expansion"]
    operation = both.ask(f"{both.base}/OperationDefinition/ValueSet-expand").json
    inputs = {each["name"]: each["documentation"] for each in operation["parameter"] if each["use"] == "in"}
    without = {name for name, documentation in inputs.items() if documentation.startswith("Accepted, and without effect")}
    assert {each["name"] for each in claimed["parameter"]} == inputs.keys() - without
    assert "cache-id" in without
    path = f"{both.base}/ValueSet/$expand?url={quote(f'{ICD10CM}?fhir_vs=isa/M61', safe='')}"
    nested = both.ask(f"{path}&excludeNested=false").json["expansion"]
    assert any("contains" in each for each in nested["contains"]) is claimed["hierarchical"]
    page = both.ask(f"{path}&offset=100&count=3").json["expansion"]
    assert (page["total"], len(page["contains"])) == (203, 3)
    assert claimed["paging"] is True
    assert both.ask(f"{path}&filter=traumatic").json["expansion"]["total"] > 0
    assert claimed["textFilter"]


def test_translations_need_no_map_and_validation_uses_none(both: Client, terminology: dict[str, Any]) -> None:
    assert terminology["translation"] == {"needsMap": False}
    assert terminology["validateCode"] == {"translations": False}
    assert both.raw(f"{both.base}/ConceptMap/$translate?{'code' if both.base == FHIR else 'sourceCode'}=M61.051").status == 200
