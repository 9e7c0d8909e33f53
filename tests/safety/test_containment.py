"""C5: nothing is invented. Every sentence of every answer on every M61 code, in every format, is a stored text."""

from __future__ import annotations

import pytest

from icdref.fhir.document import document
from icdref.service.matching import Asked
from icdref.service.views import Reader
from tests.fhir.checks import assert_valid
from tests.safety.containment import printed, unaccounted, unaccounted_lines

BASE = "http://127.0.0.1:8080/fhir/r4"
READERS = {
    "clinician-en": Reader(),
    "clinician-es": Reader(language="es"),
    "patient-en": Reader("patient"),
    "patient-es": Reader("patient", "es"),
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("version", ["4.0", "5.0"])
def test_every_sentence_of_every_document_is_stored(full_service, m61, store, quarantined, name, version):
    assert len(m61) == 203
    checked = {}
    for code in m61:
        knowledge = full_service.knowledge.for_codes([Asked(code)], reader=READERS[name])
        (view,) = knowledge.summaries
        if view.summary.id not in checked:
            made = document(view, BASE, version)
            assert_valid(made, version)
            assert unaccounted(made, store, view) == [], code
            assert not [claim for claim in quarantined if claim in str(made)]
            checked[view.summary.id] = view.sections
        assert checked[view.summary.id] == view.sections, code  # the text is the same for every code of a summary
    assert len(checked) == 8  # the ninth summary is about no code of its own; it is checked below


@pytest.mark.parametrize("name", READERS)
def test_every_summary_is_contained_too(full_service, store, name):
    views = full_service.knowledge.served(READERS[name])
    assert len(views) == 9
    for view in views:
        assert unaccounted(document(view, BASE), store, view) == [], view.summary.id


@pytest.mark.parametrize("name", READERS)
def test_every_line_on_the_command_line_is_stored(full_service, m61, store, quarantined, name):
    checked = {}
    for code in m61:
        knowledge = full_service.knowledge.for_codes([Asked(code)], reader=READERS[name])
        (view,) = knowledge.summaries
        new = view.summary.id not in checked
        assert unaccounted_lines(knowledge, store, summary=new) == [], code
        assert checked.setdefault(view.summary.id, view.sections) == view.sections, code  # printed once for each summary
    text = "\n".join(printed(knowledge))
    assert not [claim for claim in quarantined if claim in text]


def test_an_invented_sentence_is_found(full_service, store):
    view = full_service.knowledge.summary("myositis-ossificans-traumatica")
    made = document(view, BASE)
    section = made["entry"][0]["resource"]["section"][2]
    for planted in (
        "<p>Give it a good rub.</p></div>",
        '<p id="mot.def.1">Not what is stored.</p></div>',
        "<ul><li>Rub it.</li></ul></div>",
    ):
        whole = section["text"]["div"]
        section["text"]["div"] = whole.removesuffix("</div>") + planted
        assert unaccounted(made, store, view), planted
        section["text"]["div"] = whole
    assert unaccounted(made, store, view) == []
