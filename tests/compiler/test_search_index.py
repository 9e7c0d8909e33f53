"""What the compiler writes for search: over several releases, from an order file, from an index, the same bytes again."""

from __future__ import annotations

import sqlite3

import pytest

from icdref.compiler.index_texts import index_texts
from icdref.compiler.search_documents import Walk
from icdref.compiler.search_index import Words, write_search_index
from icdref.compiler.search_phrases import phrase_key, phrases
from icdref.compiler.sources import Sources
from icdref.config import Settings
from icdref.importers.index_xml import Index, IndexTerm
from icdref.model import Commonness, LayTerm
from icdref.service.service import Service
from icdref.store.index import INDEX_NAME
from tests.checkout import ROOT
from tests.conftest import TODAY

OLDEST, NEWEST = 0, 2


def connect(compiled):
    return sqlite3.connect(f"file:{compiled.edition.folder / INDEX_NAME}?mode=ro&immutable=1", uri=True)


@pytest.fixture(scope="module")
def documents(small):
    return list(Walk(connect(small), {}, {}).documents(3))


def test_a_code_that_says_the_same_in_every_release_is_one_document(documents):
    whole = [(each.code, each.since, each.until) for each in documents]
    assert len(set(whole)) == len(whole)
    by_code = {}
    for code, since, until in whole:
        assert since <= until
        by_code.setdefault(code, []).append((since, until))
    for spans in by_code.values():
        for (_, end), (begin, _) in zip(sorted(spans), sorted(spans)[1:], strict=False):
            assert end < begin


def test_encounters_are_no_documents_and_other_seventh_characters_are(documents):
    codes = {each.code for each in documents}
    assert {"S52.501", "H34.8110", "M1A.00X0", "C44.1021", "T86.8401", "QA0.0101"} <= codes
    assert not {"S52.501A", "T07.XXXA", "W08.XXXS"} & codes
    radius = next(each for each in documents if each.code == "S52.501")
    assert [character for character, _ in radius.seventh] == ["A", "B", "C", "D", "S"]
    assert dict(radius.seventh)["S"] == "sequela"


def test_what_stands_above_reaches_down_from_categories_but_not_from_blocks(documents):
    found = next(each for each in documents if each.code == "M61.011" and each.until == NEWEST)
    assert "calcification" in found.above
    assert "disorder" not in found.above
    assert not found.above & found.title.burden.keys()


def test_each_release_finds_its_own_codes(small_service):
    versions = [release.version for release in small_service.releases.all]
    for version in versions:
        release = versions.index(version)
        codes = set(small_service.concepts.codes(release))
        for text in ("myositis", "unspecified", "m61", "gout", "a"):
            hits = small_service.search.search(text, count=1000, version=version).hits
            assert {hit.code for hit in hits} <= codes
    totals = [small_service.search.search("calcification", version=version).total for version in versions]
    assert totals[NEWEST] > totals[OLDEST]


def test_titles_are_those_of_the_release_that_answers(small_service):
    for release in small_service.releases.all:
        number = small_service.releases.number(release)
        for hit in small_service.search.search("unspecified", count=100, version=release.version).hits:
            assert hit.display == small_service.concepts.concept(hit.code, number).concept.display


def test_commonness_reaches_down_and_fades():
    levels = {"I10": 9}
    assert levels  # the arithmetic is tested through the ranking; here only that rows are taken
    assert Commonness("I10", 9).level == 9


def test_the_words_of_a_phrase():
    assert phrase_key("pain in the left knee") == ["pain", "left", "knee"]
    assert phrase_key("a fib") == ["a", "fib"]
    assert phrase_key("w/o") == ["w/o"]


def test_a_phrase_knows_the_title_of_its_first_code():
    terms = (LayTerm("blood in urine", "lay", ("R31.9", "R31-"), "plain"), LayTerm("flu", "lay", ("J11.1",), "plain"))
    titles = {
        "R31.9": "Hematuria, unspecified",
        "J11.1": "Influenza due to unidentified influenza virus with other manifestations",
    }
    found = phrases(terms, (), titles)
    assert [phrase["texts"] for phrase in found] == [["hematuria"], []]
    assert found[0]["codes"] == ["R31.9", "R31-"]


def test_index_lines_become_texts_of_their_codes():
    lines = (
        IndexTerm(("Rider's bone",), ((0, "M61.50"),)),
        IndexTerm(("Gouty", "toe"), ((0, "M10.9"), (1, "M14.8-"))),
        IndexTerm(("Elsewhere",), (), "Somewhere"),
    )
    tumors = (IndexTerm(("Neoplasm", "breast"), ((2, "C50.9-"), (5, "D24.-"))),)
    found = index_texts([Index("diseases", 2026, lines), Index("neoplasms", 2026, tumors)])
    assert found == {
        "M61.50": ("Rider's bone",),
        "M10.9": ("Gouty toe",),
        "C50.9": ("Neoplasm breast malignant primary",),
        "D24": ("Neoplasm breast benign",),
    }


def test_an_imported_index_is_searched(small, tmp_path):
    """The same edition with and without the lines of an index: only then a word of the index alone finds a code."""
    path = tmp_path / INDEX_NAME
    path.write_bytes((small.edition.folder / INDEX_NAME).read_bytes())
    connection = sqlite3.connect(path, isolation_level=None)
    for name in ("document", "word", "prefix", "set", "column", "key", "phrase"):
        connection.execute(f"DELETE FROM search_{name}")
    write_search_index(connection, 3, Words((), (), (), {"M61.50": ("Drillmaster ossicle",)}), ())
    connection.close()
    edition = type(small.edition)(small.edition.id, tmp_path, small.edition.manifest)
    with_index = Service(edition, Settings(data=str(tmp_path)), lambda: TODAY)
    assert small.service().search.search("drillmaster ossicle").total == 0
    found = with_index.search.search("ossicle of drillmaster")
    assert [hit.code for hit in found.hits] == ["M61.50"]
    assert {each.field for each in found.hits[0].why} == {"term"}


def test_the_search_index_is_small_and_complete(full, full_service):
    connection = connect(full)
    size = sum(
        connection.execute(f"SELECT coalesce(sum(length(record)), 0) FROM search_{name}").fetchone()[0]
        for name in ("word", "prefix", "set", "column", "phrase")
    )
    assert size < 15_000_000
    documents = connection.execute("SELECT count(*) FROM search_document").fetchone()[0]
    reached = full_service.search.search("a", count=0).total
    assert reached < documents
    # Blindness by category (H54.413A) has a letter at the end that is no encounter.
    seventh = sum(
        1 for code in full_service.concepts.codes(0) if len(code) == 8 and code[-1].isalpha() and not code.startswith("H54")
    )
    real = full_service.releases.newest.codes
    assert documents == real - seventh


def test_the_embedded_tables_are_found_by_the_sources():
    sources = Sources(ROOT / "codesets", ROOT / "fixtures")
    assert len(sources.lay_terms()) > 500
    assert len(sources.commonness()) > 500
    assert list(sources.indexes()) == []


def test_sources_without_tables_have_none(tmp_path):
    sources = Sources(tmp_path, tmp_path)
    assert (sources.lay_terms(), sources.commonness()) == ((), ())
