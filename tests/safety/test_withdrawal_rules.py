"""Rule C13: a statement that is withdrawn is gone everywhere at once, and everything else stays whole."""

from __future__ import annotations

import re
import threading
import time

from icdref.compiler.editions import activate
from icdref.compiler.withdrawals import restore, withdraw
from icdref.config import Settings
from icdref.fhir.document import document
from icdref.service.live import LiveService
from icdref.service.matching import Asked
from icdref.service.views import Reader
from icdref.store.withdrawals import WITHDRAWN
from icdref.web.api import Api
from icdref.web.http import Request
from tests.conftest import TODAY
from tests.safety.containment import printed

BASE = "http://127.0.0.1:8080/fhir/r4"


def asked(service, code, **options):
    """Return the answer on one code."""
    return service.knowledge.for_codes([Asked(code)], **options)


def test_C13_a_withdrawn_statement_is_gone_everywhere_at_once(cut, tmp_path):
    data = tmp_path / "data"
    activate(data, cut.compile(data).id)
    settings = Settings(data=str(data), scrub_seconds=0)
    live = LiveService(settings, lambda: TODAY)
    api = Api(settings, live)
    paths = ("/fhir/r4/Composition/bone-after-a-blow/$document", "/fhir/r4/Composition/bone-after-a-blow")
    before = {path: api.answer(Request("GET", path)) for path in paths}
    generation = api.generation()
    withdraw(data, "bab.never.1", "wrong")
    _until(lambda: api.generation() != generation)
    for path in paths:
        after = api.answer(Request("GET", path))
        assert b"Do not knead the lump." in before[path].body
        assert b"Do not knead the lump." not in after.body
        assert b"withdrawn for safety" in after.body
        assert dict(after.headers)["ETag"] != dict(before[path].headers)["ETag"]
    knowledge = asked(live.now(), "M61.01")
    lines = "\n".join(printed(knowledge))
    assert "Do not knead the lump." not in lines
    assert "withdrawn for safety" in lines
    restore(data, "bab.never.1", "it was right after all")
    _until(lambda: b"Do not knead" in api.answer(Request("GET", paths[0])).body)
    dated = re.compile(
        rb'"(?:lastUpdated|timestamp|recorded)":"[^"]*"'
    )  # the day of the restoration is the day of the last change
    assert dated.sub(b"", api.answer(Request("GET", paths[0])).body) == dated.sub(b"", before[paths[0]].body)


def test_C13_a_withdrawal_survives_a_restart_and_the_next_edition(cut, tmp_path):
    data = tmp_path / "data"
    activate(data, cut.compile(data).id)
    withdraw(data, "bab.def.1", "wrong")
    settings = Settings(data=str(data), scrub_seconds=0)
    restarted = LiveService(settings, lambda: TODAY).now()
    assert "bab.def.1" not in restarted.knowledge.summaries.statements
    cut.edit("fixtures/conditions/bone-after-a-blow.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    activate(data, cut.compile(data).id)
    later = LiveService(settings, lambda: TODAY).now()
    assert later.knowledge.summaries.all["bone-after-a-blow"].version == "0.2.0"
    assert "bab.def.1" not in later.knowledge.summaries.statements


def test_C13_the_first_answer_after_a_quiet_hour_is_right_already(cut, tmp_path):
    data = tmp_path / "data"
    activate(data, cut.compile(data).id)
    live = LiveService(Settings(data=str(data), scrub_seconds=0), lambda: TODAY)
    live.now()
    withdraw(data, "bab.never.1", "wrong")
    live._looked = -1e9  # as if nobody had asked for long
    assert "bab.never.1" not in live.now().knowledge.summaries.statements


def test_C13_a_patient_text_goes_with_the_statement_it_rests_on(full):
    service = _withdrawn(full, "mot.tx.1")
    view = service.knowledge.summary("myositis-ossificans-traumatica", Reader("patient"))
    assert view.patient_text is None
    assert "patient text is not shown" in view.language_notice
    assert "withdrawn" in view.language_notice


def test_C13_a_section_that_lost_everything_says_so(full):
    before = full.service().knowledge.summary("ossified-intramuscular-hematoma")
    gone = [each.id for each in before.summary.in_section("treatment")]
    assert gone
    view = _withdrawn(full, *gone).knowledge.summary("ossified-intramuscular-hematoma")
    (section,) = [each for each in view.sections if each.code == "treatment"]
    assert section.statements == ()
    assert section.withdrawn == len(gone)
    assert "Nothing is left of it." in section.notice
    made = document(view, BASE)
    (shaped,) = [each for each in made["entry"][0]["resource"]["section"] if each["title"] == "Treatment"]
    assert shaped["emptyReason"]["coding"][0]["code"] == "unavailable"
    assert made["identifier"] != document(before, BASE)["identifier"]


def test_C13_a_damaged_list_serves_codes_and_no_text_at_all(cut, tmp_path):
    data = tmp_path / "data"
    activate(data, cut.compile(data).id)
    withdraw(data, "bab.never.1", "wrong")
    file = data / WITHDRAWN
    file.write_bytes(file.read_bytes().replace(b"bab.never.1", b"bab.never.2"))
    service = LiveService(Settings(data=str(data), scrub_seconds=0), lambda: TODAY).now()
    assert service.state == "degraded"
    knowledge = asked(service, "M61.01")
    assert knowledge.summaries == ()
    assert "withdrawn.json is damaged" in knowledge.traces[0].notice
    assert "M61.01 is a header and not billable; 3 billable codes stand below it." in knowledge.card.facts


def test_C13_answers_stay_whole_while_statements_come_and_go(cut, tmp_path):
    data = tmp_path / "data"
    activate(data, cut.compile(data).id)
    settings = Settings(data=str(data), scrub_seconds=0)
    api = Api(settings, LiveService(settings, lambda: TODAY))
    request = Request("GET", "/fhir/r4/Composition/bone-after-a-blow/$document")
    stop, wrong = threading.Event(), []

    def ask():
        while not stop.is_set():
            answer = api.answer(request)
            if answer.status != 200 or (b"Do not knead" in answer.body) == (b"withdrawn for safety" in answer.body):
                wrong.append(answer.status)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for each in askers:
        each.start()
    for _ in range(3):
        withdraw(data, "bab.never.1", "wrong")
        time.sleep(0.6)
        restore(data, "bab.never.1", "right")
        time.sleep(0.6)
    stop.set()
    for each in askers:
        each.join()
    assert wrong == []


def _withdrawn(compiled, *statements):
    from icdref.service.service import Service
    from icdref.store.withdrawals import WITHDRAW, Event, Withdrawals

    events = tuple(Event(WITHDRAW, each, "a test", "2026-11-22T00:00:00Z", "nobody") for each in statements)
    settings = Settings(data=str(compiled.data), scrub_seconds=0)
    return Service(compiled.edition, settings, lambda: TODAY, withdrawals=Withdrawals(events))


def _until(happened, seconds=10):
    last = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < last, "it never happened"
        time.sleep(0.05)
