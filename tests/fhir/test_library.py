import pytest

from icdref.fhir.canonical import extension_url
from icdref.fhir.library import library
from icdref.fhir.provenance import organization, provenance
from icdref.fhir.summary_parts import USES, source_url
from icdref.model import Source
from tests.fhir.checks import assert_valid
from tests.fhir.factories import BANNER, BASE_URL, EDITION, ID, INTENDED_USE, make_approved_view, make_view


def attributes(made):
    (found,) = (each for each in made["extension"] if each["url"] == extension_url("dsi-source-attributes"))
    return {part["url"]: next(value for key, value in part.items() if key != "url") for part in found["extension"]}


@pytest.mark.parametrize("version", ["4.0", "5.0"])
@pytest.mark.parametrize("view", [make_view(), make_approved_view()], ids=["draft", "approved"])
def test_library_provenance_and_organization_are_valid(view, version):
    for made in (library(view, BASE_URL, version), provenance(view), organization()):
        assert_valid(made, version)


def test_a_draft_is_experimental_and_was_never_reviewed():
    made = library(make_view(), BASE_URL)
    assert (made["status"], made["experimental"]) == ("draft", True)
    assert not {"approvalDate", "lastReviewDate", "effectivePeriod", "reviewer"} & made.keys()
    for said in (BANNER, INTENDED_USE, "Last reviewed: never.", "version 0.2.0", "2026-04-01", EDITION):
        assert said in made["text"]["div"]


def test_an_approved_summary_carries_its_review():
    made = library(make_approved_view(), BASE_URL)
    assert (made["status"], made["experimental"]) == ("active", False)
    assert made["approvalDate"] == made["lastReviewDate"] == "2026-12-01"
    assert made["effectivePeriod"] == {"start": "2026-12-01", "end": "2028-12-01"}
    assert made["reviewer"] == [{"name": "Dr A. Reviewer, orthopaedic surgeon"}]


def test_all_thirteen_source_attributes_are_there():
    made = library(make_view(), BASE_URL)
    found = attributes(made)
    assert set(USES) <= found.keys()
    assert len(USES) == 9
    assert found["citation"] == "this file"
    assert found["developer"] == "icdref project"
    assert found["funding"] == "none declared"
    assert found["release-date"] == found["revision-date"] == "2026-11-22"
    assert not any(found[use] for use in USES)
    used = attributes(library(make_approved_view(), BASE_URL))
    assert [use for use in USES if used[use]] == ["sex"]


def test_citations_are_data_with_the_label_that_statements_use():
    made = library(make_view(), BASE_URL)
    cited = {each["label"]: each for each in made["relatedArtifact"] if each["type"] == "citation"}
    assert list(cited) == ["bennett2013", "genereviews-fop", "icd10cm-tabular", "pm1", "pmc1", "savvidou2021"]
    assert cited["savvidou2021"]["document"]["url"] == "https://doi.org/10.1302/2058-5241"
    assert "document" not in cited["icd10cm-tabular"]
    read = {
        part["url"]: next(v for k, v in part.items() if k != "url") for part in cited["bennett2013"]["extension"][0]["extension"]
    }
    assert read == {"type": "case-series", "read": "excerpt", "retrieved": "2026-01-02"}


def test_related_names_are_not_names_of_the_condition():
    made = library(make_view(), BASE_URL)
    assert made["subtitle"] == "Also called: myositis ossificans traumatica; post-traumatic myositis ossificans"
    assert {"text": "myositis ossificans"} not in made["topic"]
    codes = [each["coding"][0]["code"] for each in made["topic"] if "coding" in each]
    assert codes == ["M61.0", "70917000"]


def test_links_to_other_conditions_are_data():
    made = library(make_view(), BASE_URL)
    relations = [each["extension"] for each in made["extension"] if each["url"] == extension_url("condition-relation")]
    assert [part["url"] for part in relations[1]] == ["kind", "target", "code", "why"]
    assert relations[1][0]["valueCode"] == "differential-of"


def test_the_content_points_to_the_document_under_the_base_of_the_request():
    made = library(make_view(), BASE_URL)
    assert made["content"][0]["url"] == f"{BASE_URL}/Composition/{ID}/$document"
    assert made["content"][0]["title"] == "FHIR R4 document"
    assert made["url"] == f"https://icdref.example.org/fhir/Library/{ID}"


def test_the_provenance_is_of_this_version():
    made = provenance(make_view())
    assert made["target"] == [{"reference": f"Composition/{ID}/_history/0.2.0"}]
    assert made["recorded"] == "2026-11-22T00:00:00Z"
    assert made["activity"]["coding"][0]["code"] == "CREATE"
    assert [each["type"]["coding"][0]["code"] for each in made["agent"]] == ["author"]
    systems = {each["what"]["display"]: each["what"].get("identifier", {}).get("system") for each in made["entity"]}
    assert systems["savvidou2021"] == "https://doi.org"
    assert systems["icd10cm-tabular"] is None


def test_the_provenance_of_a_reviewed_revision_names_the_verifier():
    made = provenance(make_approved_view())
    assert made["activity"]["coding"][0]["code"] == "UPDATE"
    assert [each["type"]["coding"][0]["code"] for each in made["agent"]] == ["author", "verifier"]


@pytest.mark.parametrize(
    ("source", "url"),
    [
        (Source("x", "", "review", "full", doi="10.1016/S0140-6736(05)67889-0"), "https://doi.org/10.1016/S0140-6736(05)67889-0"),
        (Source("x", "", "review", "full", doi="10.1/a<b> c"), "https://doi.org/10.1/a%3Cb%3E%20c"),
        (Source("x", "", "review", "full", pmid="1"), "https://pubmed.ncbi.nlm.nih.gov/1/"),
        (Source("x", "", "review", "full", pmcid="PMC1"), "https://pmc.ncbi.nlm.nih.gov/articles/PMC1/"),
        (Source("x", "", "review", "full", url="http://x.org/a%20b c?d=e&f"), "http://x.org/a%20b%20c?d=e&f"),
        (Source("x", "", "review", "full"), ""),
    ],
)
def test_where_a_source_is_read(source, url):
    assert source_url(source) == url
