"""The front, over the wire: one real worker for the whole module."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.server.fake_app import LONG
from tests.server.serving import Reply, Server, reply, running

HOST = b" HTTP/1.1\r\nHost: client.example\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("generation") / "generation"
    path.write_text("g1")
    return path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, generation: Path) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("front")
    with running(directory, FAKE_GENERATION=generation, body_bytes=20_000, body_seconds=1) as server:
        yield server


def seen(answer: Reply) -> dict[str, object]:
    assert answer.status == 200, answer
    return orjson.loads(answer.body)


def outcome_text(answer: Reply) -> str:
    outcome = orjson.loads(answer.body)
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["diagnostics"] == answer.headers["x-request-id"]
    return str(outcome["issue"][0]["details"]["text"])


# --- the cache ---------------------------------------------------------------------------------------------------------


def kept(server: Server, path: str, *headers: str) -> Reply:
    """Ask for the first and the second time; only what is asked for twice is kept."""
    server.ask(path, *headers)
    return server.ask(path, *headers)


def test_what_was_asked_for_twice_is_answered_from_the_cache(server: Server) -> None:
    first, second = (seen(server.ask("/api/twice?a=1")) for _ in range(2))
    assert first["calls"] != second["calls"]
    assert seen(server.ask("/api/twice?a=1"))["calls"] == second["calls"]
    for path, header in [("/api/twice?a=2", "X: y"), ("/api/twice?a=1", "Accept: x/y"), ("/api/twice?a=1", "Prefer: z")]:
        other = seen(kept(server, path, header))
        assert other["calls"] != second["calls"]
        assert seen(server.ask(path, header))["calls"] == other["calls"]


@pytest.mark.parametrize("header", ["Authorization: Bearer abc", "Cookie: a=b"])
def test_requests_that_are_not_anonymous_neither_read_nor_fill_the_cache(server: Server, header: str) -> None:
    path = f"/api/{header[:6]}"
    named = seen(kept(server, path, header))
    anonymous = seen(kept(server, path))
    assert anonymous["calls"] != named["calls"]
    assert seen(server.ask(path, header))["calls"] not in (named["calls"], anonymous["calls"])
    assert seen(server.ask(path))["calls"] == anonymous["calls"]


def test_what_may_not_be_stored_is_made_each_time(server: Server) -> None:
    before = seen(server.ask("/api/count?1"))["calls"]
    assert {server.ask("/api/private").status for _ in range(4)} == {200}
    assert seen(server.ask("/api/count?2"))["calls"] == before + 5


def test_a_new_generation_drops_the_whole_cache(server: Server, generation: Path) -> None:
    old = kept(server, "/api/generation")
    assert seen(server.ask("/api/generation"))["calls"] == seen(old)["calls"]
    generation.write_text("g2")
    new = server.ask("/api/generation", f"If-None-Match: {old.headers['etag']}")
    assert new.status == 200
    assert new.headers["etag"] == '"g2-generation"'
    assert seen(new)["calls"] != seen(old)["calls"]


def test_what_comes_from_the_cache_may_be_compressed(server: Server) -> None:
    plain = kept(server, "/api/long?gzip", "Accept-Encoding: gzip")
    packed = server.ask("/api/long?gzip", "Accept-Encoding: gzip")
    assert plain.body == LONG
    assert gzip.decompress(packed.body) == LONG
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept, Accept-Language, Accept-Encoding"
    assert int(packed.headers["content-length"]) == len(packed.body)
    for refusal in ("identity", "gzip;q=0", ""):
        assert server.ask("/api/long?gzip", f"Accept-Encoding: {refusal}").body == LONG


# --- HEAD and conditions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/long?head", "/flask/head", "/tagged?head"])
def test_head_has_the_headers_of_get_and_no_body(server: Server, path: str) -> None:
    get = kept(server, path)
    head = server.ask(path, method="HEAD")
    assert head.status == get.status == 200
    assert head.body == b""
    varying = {"date", "x-request-id"}
    assert {name: value for name, value in head.headers.items() if name not in varying} == {
        name: value for name, value in get.headers.items() if name not in varying
    }


@pytest.mark.parametrize("path", ["/api/long?condition", "/tagged?condition"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_client_that_holds_the_answer_gets_304_with_its_headers(server: Server, path: str, encoding: str) -> None:
    full = kept(server, path)
    tag = full.headers["etag"]
    packed = tag[:-1] + '-gzip"'
    for condition, matched in [(tag, tag), (packed, packed), (f'"x", W/{tag}', tag), (f'{packed}, "y"', packed)]:
        answer = server.ask(path, f"If-None-Match: {condition}", f"Accept-Encoding: {encoding}")
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["etag"] == matched
        assert answer.headers["cache-control"] == full.headers["cache-control"]
        assert answer.headers["vary"] == full.headers["vary"]
        assert "content-type" not in answer.headers
    assert server.ask(path, "If-None-Match: *").status == 304
    assert server.ask(path, 'If-None-Match: "other"').status == 200
    assert server.ask(path, "If-None-Match: nonsense").status == 200


def test_a_condition_is_met_at_the_first_request_too(server: Server, generation: Path) -> None:
    tag = f'"{generation.read_text()}-first"'
    assert server.ask("/api/first", f"If-None-Match: {tag}").status == 304


def test_ranges_are_not_served(server: Server) -> None:
    assert server.ask("/tagged?range", "Range: bytes=0-3").status == 200


# --- bodies ------------------------------------------------------------------------------------------------------------


def test_bodies_reach_the_handlers_and_flask(server: Server) -> None:
    assert seen(server.ask("/api/post", method="POST", body=b"abc"))["body"] == "abc"
    form = server.ask("/flask/f?q=1", "Content-Type: application/x-www-form-urlencoded", method="POST", body=b"code=M61.051")
    assert seen(form)["form"] == {"code": "M61.051"}
    assert seen(form)["args"] == {"q": "1"}
    chunked = server.raw(b"POST /flask/c" + HOST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n")
    assert seen(reply(chunked))["data"] == "abcde"


def test_a_body_over_the_cap_is_refused_and_the_client_hears_why(server: Server) -> None:
    answer = server.ask("/flask/x", method="POST", body=b"x" * 150_000)
    assert answer.status == 413
    assert "20000 bytes" in outcome_text(answer)


def test_a_chunked_body_over_the_cap_is_refused(server: Server) -> None:
    chunks = b"".join(b"1000\r\n" + b"x" * 4096 + b"\r\n" for _ in range(6)) + b"0\r\n\r\n"
    answer = reply(server.raw(b"POST /flask/x" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks))
    assert answer.status == 413


def test_a_client_that_asks_first_is_told_at_once(server: Server) -> None:
    head = b"POST /flask/x" + HOST + b"Content-Length: 9000000\r\nExpect: 100-continue\r\n\r\n"
    assert reply(server.raw(head)).status == 413


def test_an_endless_body_is_cut_off(server: Server) -> None:
    head = b"POST /flask/x" + HOST + b"Content-Length: 900000000\r\n\r\n"
    answer = server.raw(head, *[b"x" * 40_000] * 6, pause=0.01)
    assert not answer or reply(answer).status == 413


def test_a_body_that_is_too_slow_is_refused(server: Server) -> None:
    answer = reply(server.raw(b"POST /flask/x" + HOST + b"Content-Length: 100\r\n\r\nabc", b"d"))
    assert answer.status == 408
    assert "1 seconds" in outcome_text(answer)


def test_a_body_that_ends_early_reaches_nobody(server: Server) -> None:
    before = seen(server.ask("/api/early?1"))["calls"]
    server.raw(b"POST /api/early" + HOST + b"X-Request-Id: early\r\nContent-Length: 12\r\n\r\ncode=M61.05", seconds=0.1)
    server.ask("/api/early", "X-Request-Id: after-early")
    assert " status=400 " in server.line_of("early")
    assert seen(server.ask("/api/early?2"))["calls"] == before + 2


def test_slow_bodies_hold_up_nobody_else(server: Server) -> None:
    slow = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(200)]
    try:
        for connection in slow:
            connection.sendall(b"POST /flask/slow" + HOST + b"Content-Length: 100\r\n\r\nabc")
        assert server.ask("/api/healthy").status == 200
        assert server.ask("/flask/healthy", method="POST", body=b"x").status == 200
    finally:
        for connection in slow:
            connection.close()


# --- odd requests ------------------------------------------------------------------------------------------------------

ODD = [
    b"GET /%zz%" + HOST + b"\r\n",
    b"GET /flask/%00%ff%C3%28" + HOST + b"\r\n",
    b"GET /flask/\xff\xfe" + HOST + b"\r\n",
    b"GET /flask/a?x=%zz&%00=\xff&&==" + HOST + b"\r\n",
    b"GET /api/%00?\xc3\xa9" + HOST + b"\r\n",
    b"GET /flask/a" + HOST + b"Accept: \xff\xfe\r\nAccept-Language: \xc3\xa9\r\n\r\n",
    b"GET /flask/a" + HOST + b'If-None-Match: "\r\nAccept-Encoding: ;q=,,gzip;q=x\r\n\r\n',
    b"GET /flask/a HTTP/1.1\r\nHost: a b/../%\r\nConnection: close\r\n\r\n",
    b"GET /flask/a HTTP/1.1\r\nConnection: close\r\n\r\n",
    b"GET /flask/a HTTP/1.0\r\n\r\n",
    b"GET //flask//a/../.." + HOST + b"\r\n",
    b"GET http://other.example/flask/a" + HOST + b"\r\n",
    b"GET *" + HOST + b"\r\n",
    b"OPTIONS *" + HOST + b"\r\n",
    b"OPTIONS /flask/a" + HOST + b"\r\n",
    b"BREW /flask/a" + HOST + b"\r\n",
    b"get /flask/a" + HOST + b"\r\n",
    b"CONNECT x:443" + HOST + b"\r\n",
    b"TRACE /flask/a" + HOST + b"\r\n",
    b"POST /flask/a" + HOST + b"Content-Length: -1\r\n\r\n",
    b"POST /flask/a" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST /flask/a" + HOST + b"Content-Length: 99999999999999999999999\r\n\r\n",
    b"POST /flask/a" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /flask/a" + HOST + b"Transfer-Encoding: gzip\r\n\r\nzz",
    b"POST /flask/a" + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    b"POST /flask/a" + HOST + b"Content-Type: \xff;;=\r\nContent-Length: 3\r\n\r\na=%",
    b"POST /flask/a" + HOST + b"Content-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\n---",
    b"GET /flask/a" + HOST + b"".join(b"X-%d: a\r\n" % number for number in range(300)) + b"\r\n",
    b"GET /flask/a" + HOST + b"X: " + b"a" * 600_000 + b"\r\n\r\n",
    b"GET /flask/a" + HOST + b"Proxy: http://evil.example\r\nX_Y: 1\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /flask/a\r\n\r\n",
    b"\r\n\r\n\r\n",
    b"\x00" * 50,
]


@pytest.mark.parametrize("data", ODD, ids=lambda data: repr(data[:40]))
def test_odd_requests_are_never_a_fault_of_ours(server: Server, data: bytes) -> None:
    answer = server.raw(data, seconds=0.5)
    assert not answer or reply(answer).status < 500
    assert server.ask("/api/alive").status == 200


@pytest.mark.parametrize("length", [9_000, 60_000])
def test_a_long_url_is_refused_with_414(server: Server, length: int) -> None:
    answer = server.ask("/api/" + "a" * length)
    assert answer.status == 414
    assert "8192" in outcome_text(answer)


def test_a_url_that_granian_refuses_is_414_too(server: Server) -> None:
    assert server.ask("/api/" + "a" * 70_000).status == 414


def test_paths_arrive_decoded_and_queries_raw(server: Server) -> None:
    assert seen(server.ask("/api/a%20b%C3%A9?c=%20d"))["path"] == "/api/a bé"
    assert seen(server.ask("/api/a%20b%C3%A9?c=%20d"))["query"] == "c=%20d"
    assert seen(server.ask("/flask/a%20b%C3%A9?c=%20d"))["value"] == "a bé"


def test_repeated_headers_are_joined_and_not_cached(server: Server) -> None:
    joined = seen(kept(server, "/api/joined", "Accept: a/b", "Accept: c/d"))
    assert joined["headers"]["accept"] == "a/b, c/d"
    assert seen(server.ask("/api/joined", "Accept: a/b"))["headers"]["accept"] == "a/b"


def test_the_host_is_the_configured_one_whatever_the_client_says(server: Server) -> None:
    answer = seen(server.ask("/flask/host", "X-Forwarded-Host: evil.example"))
    assert answer["host"] == "127.0.0.1:8080"


def test_a_fault_of_ours_says_nothing_but_the_request_id(server: Server) -> None:
    answer = server.ask("/api/boom?patient=jones")
    assert answer.status == 500
    assert "M61" not in outcome_text(answer)
    errors = server.errors.read_text()
    assert answer.headers["x-request-id"] in errors
    assert "ZeroDivisionError" in errors
    assert "M61.051" not in errors
    assert "jones" not in errors


def test_streamed_answers_are_whole(server: Server) -> None:
    assert server.ask("/stream").body == b"one two three"


# --- request ids, log, metrics -----------------------------------------------------------------------------------------


def test_a_sane_request_id_is_kept_and_any_other_replaced(server: Server) -> None:
    assert server.ask("/api/id", "X-Request-Id: abc-1.2_3").headers["x-request-id"] == "abc-1.2_3"
    for hostile in ("a b", "x" * 65, "<script>", "ü", ""):
        assert server.ask("/api/id", f"X-Request-Id: {hostile}").headers["x-request-id"] != hostile
    assert server.ask("/api/id").headers["x-request-id"] != server.ask("/api/id").headers["x-request-id"]


def test_the_access_log_has_templates_and_no_values(server: Server) -> None:
    server.ask("/flask/M61.051?given=Ada", "X-Request-Id: find-me", "Referer: https://ehr.example/?mrn=42", "Accept: canary/1")
    server.ask("/secret-path/M61.051", "X-Request-Id: find-me-too")
    server.ask("/api/logged")
    server.ask("/api/logged", "X-Request-Id: last")
    server.ask("/api/logged", "X-Request-Id: last-hit")
    assert " method=GET route=/flask/<value> status=200 ms=" in server.line_of("find-me")
    assert " route=(unknown) status=404 " in server.line_of("find-me-too")
    assert server.line_of("last").endswith("cache=miss")
    assert server.line_of("last-hit").endswith("cache=hit")
    text = server.output.read_text()
    assert not any(word in text for word in ("M61.051", "Ada", "given", "mrn", "canary", "secret-path", "?"))


def test_metrics_count_by_template(server: Server) -> None:
    server.ask("/api/metric?patient=jones")
    server.ask("/flask/metric-canary", method="POST", body=b"x")
    answer = server.ask("/metrics")
    text = answer.body.decode()
    assert answer.headers["cache-control"] == "no-store"
    assert 'icdref_requests_total{method="GET",route="/api/<name>",status="2xx"}' in text
    assert 'icdref_requests_total{method="POST",route="/flask/<value>",status="2xx"}' in text
    assert 'icdref_requests_total{method="other"' in text or "BREW" not in text
    assert 'icdref_edition_info{edition="g' in text
    assert "icdref_worker_starts_total 1.0" in text
    assert not any(word in text for word in ("jones", "canary", "BREW"))
