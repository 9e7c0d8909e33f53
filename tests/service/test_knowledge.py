from __future__ import annotations

from datetime import date

import pytest

from icdref.codes import ICD9CM
from icdref.issues import IcdRefError
from icdref.model import SECTIONS
from icdref.service.knowledge import MOST_CODES
from icdref.service.matching import Asked
from icdref.service.views import GRADES, Reader

MANY = [Asked("M61.00"), Asked("M61.569"), Asked("A00.0"), Asked("A00.X"), Asked("728.12", ICD9CM)]


def test_every_asked_code_has_a_trace_in_the_order_asked(small_service):
    knowledge = small_service.knowledge.for_codes(MANY, limit=10)
    assert [trace.requested for trace in knowledge.traces] == ["M61.00", "M61.569", "A00.0", "A00.X", "728.12"]
    assert [trace.outcome for trace in knowledge.traces] == ["found", "found", "no-summary", "unknown-code", "found"]
    assert [view.summary.id for view in knowledge.summaries] == ["bone-after-a-blow", "other-bone"]
    assert [issue.detail for issue in knowledge.issues] == ["unknown-code"]
    assert knowledge.edition == small_service.edition.id


def test_the_limit_cuts_the_summaries_and_never_the_traces(small_service):
    knowledge = small_service.knowledge.for_codes(MANY)
    assert ([view.summary.id for view in knowledge.summaries], len(knowledge.traces)) == (["bone-after-a-blow"], 5)


def test_summaries_that_speak_of_a_code_in_context_come_after_those_about_it(small_service):
    knowledge = small_service.knowledge.for_codes([Asked("M61.00")], limit=5)
    assert [view.summary.id for view in knowledge.summaries] == ["bone-after-a-blow", "other-bone"]


def test_the_card_is_that_of_the_first_known_code(small_service):
    assert small_service.knowledge.for_codes(list(reversed(MANY[:4]))).card.lookup.concept.code == "A00.0"
    assert small_service.knowledge.for_codes([Asked("A00.X")]).card is None
    assert small_service.knowledge.for_codes([]).traces == ()


def test_too_many_codes_and_unknown_modes_are_refused(small_service):
    assert len(small_service.knowledge.for_codes([Asked("M61.0")] * MOST_CODES).traces) == MOST_CODES
    with pytest.raises(IcdRefError, match="split the request"):
        small_service.knowledge.for_codes([Asked("M61.0")] * (MOST_CODES + 1))
    with pytest.raises(IcdRefError, match="it must be exact, hierarchy, any"):
        small_service.knowledge.for_codes([Asked("M61.0")], mode="fuzzy")


def test_release_and_day_are_those_of_the_terminology(small_service):
    assert small_service.knowledge.for_codes([Asked("M61.0")], version="2025").traces[0].release == "2024-10-01"
    assert small_service.knowledge.for_codes([Asked("M61.0")], day=date(2025, 12, 1)).traces[0].release == "2025-10-01"
    with pytest.raises(IcdRefError, match="Valid versions"):
        small_service.knowledge.for_codes([Asked("M61.0")], version="1999")


def test_a_view_names_the_titles_of_the_bound_codes_in_the_release_that_answers(small_service):
    (view,) = small_service.knowledge.for_codes([Asked("D72")]).summaries
    assert view.displays == {"D72": "Other disorders of white blood cells"}
    assert (view.release.version, view.edition) == ("2026-04-01", small_service.edition.id)
    (older,) = small_service.knowledge.for_codes([Asked("M61.50")], version="2025").summaries
    assert older.displays == {"M61.0": "Myositis ossificans traumatica", "M61.5": "Other ossification of muscle"}


def test_a_summary_is_served_by_id(small_service):
    assert small_service.knowledge.summary("bone-in-muscle").title == "Bone in muscle"
    assert [view.summary.id for view in small_service.knowledge.served()] == [
        "bone-after-a-blow",
        "bone-in-muscle",
        "other-bone",
        "white-cells",
    ]


@pytest.mark.parametrize(
    ("identifier", "detail", "text"),
    [
        ("nothing", "unknown-resource", "There is no Composition with the id 'nothing'"),
        ("old-name", "withdrawn-resource", "is no longer served; see other-bone"),
        ("passing-fashion", "withdrawn-resource", "is no longer served"),
    ],
)
def test_a_summary_that_is_not_served_says_why(small_service, identifier, detail, text):
    with pytest.raises(IcdRefError) as caught:
        small_service.knowledge.summary(identifier)
    assert caught.value.issue.detail == detail
    assert text in caught.value.issue.text


def test_an_operator_may_serve_approved_summaries_only(small):
    service = small.service(lowest_status="approved")
    assert [view.summary.id for view in service.knowledge.served()] == ["white-cells"]
    with pytest.raises(IcdRefError):
        service.knowledge.summary("bone-in-muscle")
    assert service.knowledge.for_codes([Asked("M61.0")]).traces[0].outcome == "no-summary"


def test_gated_sections_say_so_and_safety_is_never_gated(small):
    service = small.service(gated_sections=("treatment", "epidemiology"), gated_notice="Ask the library.")
    sections = {section.code: section for section in service.knowledge.summary("bone-after-a-blow").sections}
    for code in ("treatment", "epidemiology"):
        assert (sections[code].statements, sections[code].empty_reason, sections[code].withheld) == ((), "withheld", 1)
        assert sections[code].notice == "Ask the library."
    assert all(sections[code].statements for code in ("red-flags", "never-do", "definition", "coding"))
    full = {section.code: section for section in service.knowledge.summary("bone-after-a-blow", Reader(full=True)).sections}
    assert full["treatment"].statements


# --- the vendored summaries of M61 -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def family(full_service) -> list[str]:
    stored = full_service.concepts.concept("M61", 0)
    return [each.concept.code for each in full_service.concepts.below(stored, 0)]


@pytest.mark.slow
def test_every_billable_code_of_m61_reaches_exactly_one_primary_summary(full_service, family):
    reached = {}
    for code in family:
        if full_service.concepts.concept(code, 0).concept.billable:
            knowledge = full_service.knowledge.for_codes([Asked(code)], limit=20)
            (trace,) = knowledge.traces
            assert (trace.outcome, trace.relation in ("exact", "inherited")) == ("found", True), code
            assert knowledge.summaries[0].summary.id == trace.summary
            reached[code] = (trace.summary, trace.bound_code)
    assert len(reached) == 154
    assert {code: bound for code, (_, bound) in reached.items() if not code.startswith(bound)} == {}
    by_kind = {code[:5]: {summary for each, (summary, _) in reached.items() if each.startswith(code[:5])} for code in reached}
    assert {kind: len(summaries) for kind, summaries in by_kind.items()} == {f"M61.{n}": 1 for n in (0, 1, 2, 3, 4, 5, 9)}


def warns_of_fop(view) -> bool:
    """Tell whether a view says that biopsy, injection into a muscle and excision are not done in FOP."""
    said = " ".join(
        statement.text.lower() for section in view.sections if section.code == "never-do" for statement in section.statements
    )
    named = "fibrodysplasia ossificans progressiva" in f"{view.summary.title['en'].lower()} {said}"
    return named and "biops" in said and "intramuscular" in said and ("excis" in said or "surg" in said)


READERS = [
    Reader(),
    Reader(audience="patient"),
    Reader(audience="patient", language="es"),
    Reader(audience="patient", language="tlh"),
    Reader(language="de"),
    *(Reader(sections=(code,)) for code, _ in SECTIONS),
    *(Reader(grades=(grade,)) for grade in GRADES),
    Reader(sections=("references",), grades=("D",)),
    Reader(sections=("nothing",)),
]


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS, ids=str)
def test_the_warning_on_fop_is_in_every_answer_on_m61_for_every_reader(full_service, family, reader):
    silent = []
    for code in (code for code in family if len(code) <= 6):
        (view,) = full_service.knowledge.for_codes([Asked(code)], reader=reader).summaries
        if not warns_of_fop(view):
            silent.append((code, view.summary.id))
    assert silent == []


@pytest.mark.slow
def test_no_gate_takes_the_warning_on_fop_away(full, family):
    gated = tuple(code for code, _ in SECTIONS if code not in ("red-flags", "never-do", "coding", "definition", "references"))
    service = full.service(gated_sections=gated)
    for code in (code for code in family if len(code) <= 5):
        (view,) = service.knowledge.for_codes([Asked(code)]).summaries
        assert warns_of_fop(view), code
        assert view.withheld, code


@pytest.mark.slow
def test_every_vendored_summary_is_a_draft_that_says_so(full_service):
    views = full_service.knowledge.served()
    assert len(views) >= 9
    assert {view.status for view in views} == {"draft"}
    assert {view.banner for view in views} == {"Draft: written by the software's authors, not reviewed by a clinician."}
