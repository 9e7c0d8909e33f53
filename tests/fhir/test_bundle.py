from icdref.fhir.bundle import searchset
from icdref.fhir.library import library
from icdref.issues import Issue
from tests.fhir.checks import assert_valid
from tests.fhir.factories import BASE_URL, EDITION, ID, make_view

LINKS = {"self": f"{BASE_URL}/Library?_count=1", "next": f"{BASE_URL}/Library?_count=1&page=2"}


def test_a_page_has_a_total_links_and_absolute_addresses():
    made = searchset(BASE_URL, [library(make_view(), BASE_URL)], total=9, links=LINKS, edition=EDITION)
    assert made["total"] == 9
    assert [each["relation"] for each in made["link"]] == ["self", "next"]
    assert made["entry"][0]["fullUrl"] == f"{BASE_URL}/Library/{ID}"
    assert made["entry"][0]["search"] == {"mode": "match"}
    assert made["meta"]["source"].endswith(EDITION)
    assert_valid(made)


def test_an_empty_page_has_no_entries():
    made = searchset(BASE_URL, [], total=0, links={"self": LINKS["self"]})
    assert "entry" not in made
    assert "meta" not in made
    assert_valid(made)


def test_remarks_are_one_outcome_entry():
    made = searchset(
        BASE_URL, [], total=0, links=LINKS, issues=[Issue("warning", "value", "x", "y"), Issue("error", "value", "x", "z")]
    )
    (entry,) = made["entry"]
    assert entry["search"] == {"mode": "outcome"}
    assert len(entry["resource"]["issue"]) == 2
    assert_valid(made)
