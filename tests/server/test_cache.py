"""The cache of rendered answers: what goes in, what comes out, and that it stays within its bytes."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icdref.server.cache import AnswerCache, Entry, Key, accepts_gzip, packed_tag
from icdref.web.http import Answer

TEXT = b"ossification of muscle " * 200


def answer(body: bytes = TEXT, status: int = 200, **headers: str) -> Answer:
    fields = {"content-type": "application/fhir+json", "etag": '"t"', "cache-control": "public"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, [field for field in fields.items() if field[1]], body, "/route")


def entry(body: bytes = TEXT, **headers: str) -> Entry:
    made = Entry.of(answer(body, **headers))
    assert made is not None
    return made


def key(name: str) -> Key:
    return (name, "", None, None, None)


def test_only_a_200_with_an_etag_becomes_an_entry() -> None:
    assert Entry.of(answer(status=404)) is None
    assert Entry.of(answer(etag="")) is None
    assert Entry.of(answer()) is not None


@pytest.mark.parametrize(
    ("headers", "storable"),
    [
        ({}, True),
        ({"cache_control": "no-cache"}, True),
        ({"cache_control": ""}, True),
        ({"vary": "Accept, accept-LANGUAGE,Accept-Encoding, Prefer"}, True),
        ({"cache_control": "no-store"}, False),
        ({"cache_control": "private, max-age=3"}, False),
        ({"set_cookie": "a=b"}, False),
        ({"vary": "Accept, User-Agent"}, False),
        ({"vary": "*"}, False),
    ],
)
def test_only_public_answers_are_storable(headers: dict[str, str], storable: bool) -> None:
    assert entry(**headers).storable is storable


def test_the_least_recently_used_go_first() -> None:
    cache = AnswerCache(100_000)
    for name in "abcdefghij":
        cache.put(key(name), entry(b"x" * 9_000))
        assert cache.get(key("a")) is not None
    assert cache.get(key("b")) is None
    assert cache.get(key("j")) is not None
    assert cache.held <= cache.limit


def test_one_huge_answer_does_not_push_out_all_others() -> None:
    cache = AnswerCache(100_000)
    cache.put(key("small"), entry())
    cache.put(key("huge"), entry(b"x" * 50_000))
    assert cache.get(key("huge")) is None
    assert cache.get(key("small")) is not None


def test_long_keys_are_not_kept() -> None:
    cache = AnswerCache(1_000_000)
    cache.put(("/", "q" * 3_000, None, None, None), entry())
    cache.put(("/", "", "a" * 3_000, None, None), entry())
    assert len(cache) == cache.held == 0


def test_a_key_is_known_after_it_was_asked_for_until_many_others_were() -> None:
    cache = AnswerCache(1_000_000)
    assert [cache.asked_before(key("a")) for _ in range(3)] == [False, True, True]
    assert not cache.asked_before(key("b"))
    for number in range(20_000):
        cache.asked_before(key(f"other {number}"))
    assert not cache.asked_before(key("a"))
    cache.asked_before(key("c"))
    cache.start("next")
    assert not cache.asked_before(key("c"))


def test_the_same_key_twice_is_counted_once() -> None:
    cache = AnswerCache(1_000_000)
    cache.put(key("a"), entry(b"x" * 5_000))
    cache.put(key("a"), entry())
    once = AnswerCache(1_000_000)
    once.put(key("a"), entry())
    assert (len(cache), cache.held) == (1, once.held)


def test_a_new_generation_starts_empty() -> None:
    cache = AnswerCache(1_000_000)
    cache.put(key("a"), entry())
    cache.start("next")
    assert (len(cache), cache.held, cache.get(key("a")), cache.generation) == (0, 0, None, "next")


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 20_000), st.booleans()), max_size=60))
def test_what_is_held_is_what_is_counted(steps: list[tuple[str, int, bool]]) -> None:
    cache = AnswerCache(60_000)
    for name, size, pack in steps:
        kept = cache.get(key(name))
        if kept is not None and pack:
            cache.packed(kept)
        else:
            cache.put(key(name), entry(b"ab" * (size // 2)))
        entries = [kept for name in "abcdefgh" if (kept := cache.get(key(name)))]
        assert cache.held == sum(kept.weight for kept in entries) <= cache.limit


def test_the_memory_used_is_about_the_memory_counted() -> None:
    tracemalloc.start()
    try:
        cache = AnswerCache(50_000_000)
        before = tracemalloc.get_traced_memory()[0]
        for number in range(500):
            headers = {f"x_{name}": f"{number}-{name}-{'v' * 20}" for name in range(8)}
            name = f"/fhir/r4/CodeSystem/$lookup/{number}"
            cache.put((name, f"code={number}", "application/fhir+json " * 1, None, None), entry(bytes(1000), **headers))
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert used < cache.held * 1.5


def test_small_or_unfit_answers_are_not_packed() -> None:
    cache = AnswerCache(1_000_000)
    for made in (entry(b"x" * 500), entry(content_type="image/png"), entry(content_encoding="br")):
        assert cache.packed(made) is made.plain
    noise = entry(bytes((number * 7919 + number // 251) % 256 for number in range(1500)), content_type="text/plain")
    assert cache.packed(noise).body in (noise.plain.body, gzip.compress(noise.plain.body, 6, mtime=0))


def test_packing_keeps_the_headers_and_marks_the_tag() -> None:
    cache = AnswerCache(1_000_000)
    made = entry(vary="Accept")
    cache.put(key("a"), made)
    held = cache.held
    packed = cache.packed(made)
    assert gzip.decompress(packed.body) == TEXT
    assert packed.etag == '"t-gzip"'
    assert dict(packed.headers) == dict(made.plain.headers) | {"etag": '"t-gzip"', "content-encoding": "gzip"}
    assert dict(packed.headers)["vary"] == "Accept, Accept-Encoding"
    assert cache.held == held + len(packed.body)
    assert cache.packed(made) is packed


@pytest.mark.parametrize(
    ("condition", "packed", "tag"),
    [
        ('"t"', False, '"t"'),
        ('"t"', True, '"t"'),
        ('"t-gzip"', False, '"t-gzip"'),
        ('W/"t"', True, '"t"'),
        ('"x", "t-gzip" , "y"', False, '"t-gzip"'),
        (' "t","t-gzip"', True, '"t-gzip"'),
        ("*", False, '"t"'),
        (" * ", True, '"t-gzip"'),
        ('"T"', False, None),
        ('"t', False, None),
        ("t", False, None),
        ("", False, None),
    ],
)
def test_conditions(condition: str, packed: bool, tag: str | None) -> None:
    headers = entry().unchanged(condition, packed=packed)
    assert (dict(headers)["etag"] if headers else None) == tag


def test_weak_tags_match_and_stay_weak() -> None:
    weak = entry(etag='W/"t"')
    assert dict(weak.unchanged('"t"', packed=False) or [])["etag"] == 'W/"t"'
    assert packed_tag('W/"t"') == 'W/"t-gzip"'


@given(st.text())
def test_any_accept_encoding_has_an_answer(value: str) -> None:
    assert accepts_gzip(value) in (True, False)


@given(st.text())
def test_any_condition_has_an_answer(condition: str) -> None:
    headers = entry().unchanged(condition, packed=False)
    assert headers is None or '"t' in condition or condition.strip() == "*"
