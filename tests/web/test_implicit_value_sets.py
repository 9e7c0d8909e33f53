"""The implicit value sets of ICD-10-CM as resources: found by url, read by id, a version for each release."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from icdref.codes import ICD10CM
from tests.web.client import Client

ALL = f"{ICD10CM}?fhir_vs"


@pytest.mark.parametrize(
    ("url", "identifier", "filters"),
    [
        (ALL, "icd-10-cm-2026-04-01", []),
        (f"{ICD10CM}/vs", "icd-10-cm-vs-2026-04-01", []),
        (f"{ALL}=billable", "icd-10-cm-billable-2026-04-01", [("billable", "=", "true")]),
        (f"{ALL}=isa/M61", "icd-10-cm-isa-M61-2026-04-01", [("concept", "is-a", "M61")]),
        (f"{ALL}=isa/m61051", "icd-10-cm-isa-M61.051-2026-04-01", [("concept", "is-a", "M61.051")]),
        (
            f"{ALL}=isa/M60-M63",
            "icd-10-cm-isa-M60-M63-2026-04-01",
            [("concept", "is-a", "M60-M63"), ("notSelectable", "=", "false")],
        ),
    ],
)
def test_it_is_read_by_its_id_and_found_by_its_url(both: Client, url, identifier, filters):
    resource = both.ask(f"{both.base}/ValueSet/{identifier}").json
    (include,) = resource["compose"]["include"]
    assert (include["system"], include["version"], resource["version"]) == (ICD10CM, "2026-04-01", "2026-04-01")
    assert [(each["property"], each["op"], each["value"]) for each in include.get("filter", [])] == filters
    if "m61051" not in url:
        assert resource["url"] == url
        for asked in (url, f"{url}|2026-04-01"):
            assert both.search(f"ValueSet?url={quote(asked, safe='')}").ids() == [identifier]
        assert both.search(f"ValueSet?url={quote(url, safe='')}|1999").ids() == []


def test_the_url_may_be_sent_as_it_is_written(client: Client):
    assert client.search(f"ValueSet?url={ALL}=isa/M61").ids() == ["icd-10-cm-isa-M61-2026-04-01"]


@pytest.mark.parametrize(
    "identifier",
    [
        "icd-10-cm-isa-ZZZ-2026-04-01",
        "icd-10-cm-isa-M61-1999-01-01",
        "icd-10-cm-2025-10-01",
        "icd-10-cm-isa--2026-04-01",
        "icd-10-cm",
    ],
)
def test_what_is_none_is_not_found(client: Client, identifier):
    assert client.ask(f"/fhir/r4/ValueSet/{identifier}", status=404).details() == ["unknown-resource"]


def test_a_search_without_url_lists_what_was_written_not_what_is_implicit(client: Client):
    assert not [each for each in client.search("ValueSet?_count=500").ids() if each.startswith("icd-10-cm")]
