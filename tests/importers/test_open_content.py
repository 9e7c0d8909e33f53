from __future__ import annotations

import pytest

from icdref.importers.errors import ImportFault
from icdref.importers.medquad import opening, read_document
from icdref.importers.obo import read_obo, read_xrefs
from icdref.importers.sssom import read_sssom

OBO = b"""format-version: 1.2
data-version: doid/releases/2026-07-31/doid.obo
ontology: doid

[Term]
id: DOID:13774
name: Addison's disease
def: "An adrenal disorder that is located_in the \\"cortex\\" and has_symptom weakness." [url:https\\://x.org]
xref: ICD10CM:E27.1
xref: UMLS_CUI:C0001403

[Term]
id: DOID:1
name: old
is_obsolete: true

[Typedef]
id: part_of
"""
XREFS = b'id\tlabel\txref\n"DOID:13774"\t"Addison\'s disease"\t"ICD10CM:E27.1"\n'
SSSOM = b"""# mapping_set_id: http://x.org/mondo_exactmatch_icd10cm.sssom.tsv
# mapping_set_version: http://x.org/releases/2026-08-04/m.tsv
subject_id\tsubject_label\tpredicate_id\tobject_id
MONDO:0000190\tventricular fibrillation\tskos:exactMatch\tICD10CM:I49.01
"""
DOCUMENT = b"""<?xml version="1.0"?>
<Document id="0000001" source="NIDDK" url="https://x.org/a"><Focus>Gout</Focus>
<FocusAnnotations><UMLS><CUIs><CUI>C0018099</CUI><CUI>nonsense</CUI></CUIs></UMLS></FocusAnnotations>
<QAPairs>
<QAPair pid="1"><Question qid="0000001-1" qtype="treatment">?</Question><Answer>Take pills.</Answer></QAPair>
<QAPair pid="2"><Question qid="0000001-2" qtype="information">?</Question>
<Answer>Key Points
 - Gout is a thing.

 Gout is a kind of arthritis. Espaol It hurts. Drugs treat it. It comes back.</Answer></QAPair>
</QAPairs></Document>"""


def test_a_definition_comes_with_relations_in_words_and_without_escapes():
    ontology = read_obo(OBO, "doid.obo")
    assert ontology.release == "2026-07-31"
    (disease,) = ontology.diseases
    assert disease.definition == 'An adrenal disorder that is located in the "cortex" and has symptom weakness.'
    assert disease.xrefs == ("ICD10CM:E27.1", "UMLS_CUI:C0001403")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (b"data-version: doid/releases/2026-07-31", b"remark: none", "no data-version"),
        (b"name: Addison's disease\n", b"", "DOID:13774 has no name"),
        (b'def: "An', b"def: An", "not in quotes"),
        (b"id: DOID:13774", b"id: X:1", "no .Term. with a DOID"),
        (b"Addison's", b"\xff", "not UTF-8"),
    ],
)
def test_a_broken_ontology_is_refused_with_the_reason(before, after, said):
    with pytest.raises(ImportFault, match=said):
        read_obo(OBO.replace(before, after), "doid.obo")


def test_cross_references_are_read_and_other_tables_refused():
    assert read_xrefs(XREFS, "x.tsv") == (("DOID:13774", "ICD10CM:E27.1"),)
    with pytest.raises(ImportFault, match="the columns must be"):
        read_xrefs(b"a\tb\n1\t2\n", "x.tsv")
    with pytest.raises(ImportFault, match=r"x\.tsv.*2"):
        read_xrefs(XREFS.replace(b'"DOID:13774"', b'"13774"'), "x.tsv")


def test_a_mapping_set_names_its_release():
    mappings = read_sssom(SSSOM, "m.tsv")
    assert mappings.release == "2026-08-04"
    assert (mappings.rows[0].subject, mappings.rows[0].target) == ("MONDO:0000190", "ICD10CM:I49.01")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (b"# mapping_set_version: http://x.org/releases/2026-08-04/m.tsv\n", b"", "mapping_set_version"),
        (b"predicate_id", b"relation", "no column predicate_id"),
        (b"ICD10CM:I49.01", b"", "each an identifier"),
    ],
)
def test_a_broken_mapping_set_is_refused_with_the_reason(before, after, said):
    with pytest.raises(ImportFault, match=said):
        read_sssom(SSSOM.replace(before, after), "m.tsv")


def test_only_what_a_disease_is_comes_from_a_document_and_never_its_treatment():
    answer = read_document(DOCUMENT, "a.xml")
    assert answer.text == "Gout is a kind of arthritis. It hurts."
    assert (answer.id, answer.source, answer.focus, answer.cuis) == ("0000001-2", "NIDDK", "Gout", ("C0018099",))


@pytest.mark.parametrize(
    "answer", ["Treatment comes first. It is a disease.", "No full stop", "", "Key Points\n - one.\n\n - Surgery helps."]
)
def test_an_answer_without_a_usable_sentence_is_empty(answer):
    assert opening(answer) == ""


def test_a_document_with_a_doctype_is_refused():
    with pytest.raises(ImportFault, match="DOCTYPE"):
        read_document(DOCUMENT.replace(b"<Document", b'<!DOCTYPE x SYSTEM "http://x.org/x.dtd"><Document', 1), "a.xml")


def test_a_document_of_another_kind_is_refused():
    with pytest.raises(ImportFault, match="no id or no source"):
        read_document(DOCUMENT.replace(b'source="NIDDK"', b""), "a.xml")
    assert read_document(DOCUMENT.replace(b'qtype="information"', b'qtype="symptoms"'), "a.xml") is None
