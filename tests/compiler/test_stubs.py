from __future__ import annotations

import pytest

from icdref.compiler.compile import compile_edition
from icdref.compiler.content_imports import content_of, import_content
from icdref.compiler.imports import imported
from icdref.compiler.sources import Sources
from icdref.config import Settings
from icdref.fhir.document import card_document
from icdref.importers.errors import ImportFault
from icdref.results import CodeCard
from icdref.service.coverage import coverage_of
from icdref.service.matching import Asked
from icdref.service.service import Service
from icdref.service.stubs import BANNER
from icdref.store.withdrawals import WITHDRAW, Event, Withdrawals
from tests.conftest import TODAY
from tests.fhir.checks import assert_valid
from tests.importers.test_open_content import DOCUMENT, OBO, SSSOM, XREFS
from tests.safety.containment import printed

BASE = "http://127.0.0.1:8080/fhir/r4"


def disease(number, name, definition, *codes):
    xrefs = "".join(f"xref: ICD10CM:{code}\n" for code in codes)
    return f'\n[Term]\nid: DOID:{number}\nname: {name}\ndef: "{definition}" []\n{xrefs}'


# A00.9 is residual; M05.0 has codes below it; M61.0 has a summary; Q92.3 and E00-E07 are no codes of the cut
CONTENT = OBO.decode() + "".join(
    [
        disease(10, "contracture", "A muscle that stays short.", "M05.0"),
        disease(11, "one of two", "First of two.", "R11.1"),
        disease(12, "two of two", "Second of two.", "R11.1"),
        disease(13, "some residue", "One disease of many.", "A00.9"),
        disease(14, "bone lump", "A lump.", "M61.0"),
        disease(15, "dead", "Gone.", "Q92.3", "E00-E07"),
        disease(16, "staged", "Per AJCC 8th edition.", "B20"),
    ]
)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    from tests.cut import Cut

    folder = tmp_path_factory.mktemp("stubs")
    cut = Cut(folder / "cut")
    given = folder / "given"
    given.mkdir()
    (given / "some.obo").write_text(CONTENT)
    (given / "xrefs.tsv").write_bytes(XREFS)
    (given / "maps.tsv").write_bytes(SSSOM.replace(b"I49.01", b"M05.0").replace(b"MONDO:0000190", b"MONDO:1"))
    (given / "a.xml").write_bytes(DOCUMENT)
    kept = import_content(folder / "data", given)
    assert sorted(each.kind for each in kept) == ["disease-ontology-obo", "disease-ontology-xrefs", "medquad", "sssom"]
    sources = Sources(cut.sources.codesets, cut.sources.fixtures, imported(folder / "data"))
    edition = compile_edition(folder / "data", sources, complete=False)
    return Service(edition, Settings(data=str(folder / "data"), scrub_seconds=0), lambda: TODAY)


def card(service, code) -> CodeCard:
    found = service.knowledge.for_codes([Asked(code)])
    assert found.card
    return found.card


def existing(service, *codes):
    number = service.releases.number(service.terminology.choose().release)
    return [code for code in codes if service.concepts.concept(code, number)]


def defined(service, code):
    return [(stub.id, stub.text, stub.inherited) for stub in card(service, code).stubs if stub.text]


def test_an_imported_definition_is_served_apart_with_where_it_is_from(service):
    assert existing(service, "M05.0"), "the cut has no M05.0"
    found = service.knowledge.for_codes([Asked("M05.0")])
    stub = next(each for each in found.card.stubs if each.text)
    assert (stub.id, stub.grade, stub.match, stub.release) == ("DOID:10", "C", "xref", "2026-07-31")
    assert found.card.stub_banner == BANNER
    made = card_document(found.card, BASE)
    assert_valid(made)
    (section,) = [each for each in made["entry"][0]["resource"]["section"] if each["title"].startswith("Imported")]
    assert "A muscle that stays short." in section["text"]["div"]
    assert BANNER in section["text"]["div"]
    for part in ("CC0 1.0", "Disease Ontology 2026-07-31", "DOID:10", "Grade C"):
        assert part in section["text"]["div"], part
    assert BANNER in printed(found)


def test_a_code_below_gets_the_definition_as_that_of_its_parent(service):
    (below,) = existing(service, "M05.011")[:1]
    ((identifier, _, inherited),) = defined(service, below)
    assert (identifier, inherited) == ("DOID:10", True)
    assert "definition of the parent category M05.0" in "\n".join(printed(service.knowledge.for_codes([Asked(below)])))


def test_an_identifier_alone_comes_without_text(service):
    assert [stub.id for stub in card(service, "M05.0").stubs if not stub.text] == ["MONDO:1"]


def test_a_residual_code_has_no_definition_of_its_own_or_of_its_parent(service):
    assert defined(service, "A00.9") == []


def test_a_code_with_a_summary_shows_no_imported_definition(service):
    found = service.knowledge.for_codes([Asked("M61.01")])
    assert found.summaries
    assert found.card.stubs == ()


def test_two_diseases_on_one_code_are_both_left_out(service):
    assert not service.knowledge.stubs.store.has("DOID:11")
    assert not service.knowledge.stubs.store.has("DOID:12")


def test_ranges_dead_codes_and_staging_texts_are_left_out(service):
    assert not service.knowledge.stubs.store.has("DOID:15")
    assert not service.knowledge.stubs.store.has("DOID:16")


def test_a_definition_can_be_withdrawn_like_a_statement(service):
    withdrawn = Withdrawals((Event(WITHDRAW, "DOID:10", "wrong", "2026-11-22T00:00:00Z", "nobody"),))
    without = Service(service.edition, service.settings, lambda: TODAY, withdrawals=withdrawn)
    assert defined(without, "M05.0") == []


def test_coverage_counts_every_billable_code_once(service):
    total = coverage_of(service).total
    assert total.billable == total.own + total.inherited + total.imported + total.imported_above + total.card_only
    assert total.inherited > 0
    assert total.imported_above > 0


def test_content_of_no_known_kind_is_refused_and_nothing_is_kept(tmp_path):
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "good.obo").write_text(CONTENT)
    (tmp_path / "given" / "odd.txt").write_text("hello")
    with pytest.raises(ImportFault, match=r"odd\.txt.*is none of"):
        import_content(tmp_path / "data", tmp_path / "given")
    assert content_of(imported(tmp_path / "data")) == ()


def test_a_newer_import_takes_the_place_of_the_older(tmp_path):
    file = tmp_path / "some.obo"
    for release in ("2026-07-31", "2026-09-30"):
        file.write_text(CONTENT.replace("2026-07-31", release))
        import_content(tmp_path / "data", file)
    (kept,) = content_of(imported(tmp_path / "data"))
    assert kept.meta["release"] == "2026-09-30"
    kept.verify()


@pytest.mark.slow
def test_the_official_subsets_reach_thousands_of_codes(shared_data, tmp_path):
    names = ("DO_rare_slim.obo", "allXREFinDO.tsv", "mondo_exactmatch_icd10cm.sssom.tsv", "mondo_exactmatch_umls.sssom.tsv")
    given = tmp_path / "given"
    given.mkdir()
    for path in [*(shared_data / "crosswalk" / f"{name}.xz" for name in names)]:
        (given / path.name).write_bytes(path.read_bytes())
    archive = shared_data / "content" / "medquad_icd_mapped.tar.xz"
    (given / archive.name).write_bytes(archive.read_bytes())
    import_content(tmp_path / "data", given)
    edition = compile_edition(tmp_path / "data", Sources.of(tmp_path / "data"))
    service = Service(edition, Settings(data=str(tmp_path / "data"), scrub_seconds=0), lambda: TODAY)
    assert edition.manifest["stubs"] > 3000
    total = coverage_of(service).total
    assert (total.own, total.inherited) == (1, 153)
    assert total.imported > 500
    assert total.imported_above > 2500
    number = service.releases.number(service.releases.newest)
    residual = [code for code in service.concepts.codes(number) if service.concepts.concept(code, number).concept.residual]
    assert len(residual) > 10_000
    for code in residual:  # neither a definition of its own nor that of a code above
        assert not [stub for stub in service.knowledge.stubs.of(service.terminology.lookup(code)) if stub.text], code
    for code in service.knowledge.stubs.store.codes():
        concept = service.concepts.concept(code, number).concept
        assert not concept.residual, code
        for stub in service.knowledge.stubs.store.stubs(code, concept.display):
            assert stub.grade in ("C", "D")
            assert all((stub.source, stub.release, stub.licence, stub.attribution, stub.match))
