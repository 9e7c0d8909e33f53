"""The byte cache and two views: what a signed-in caller sees never reaches another one, whoever asks first."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.conftest import Compiled
from tests.server.serving import Server, running

pytestmark = pytest.mark.slow

ISSUER = "https://as.example.org"
BASE_URL = "https://icdref.example.org"
KEY = RSAKey.generate_key(2048, {"kid": "k"}, auto_kid=False)
GATED = b"comes first"
PATH = "/fhir/r4/Composition/bone-after-a-blow"


@pytest.fixture(scope="module")
def server(small: Compiled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("views")
    keys: Path = directory / "jwks.json"
    keys.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
    with running(
        directory,
        "icdref.web.app:create_app",
        data=small.data,
        base_url=BASE_URL,
        gated_sections="treatment",
        token_issuer=ISSUER,
        token_keys=keys,
    ) as found:
        yield found


def authorization(scope: str = "system/Composition.rs") -> str:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": BASE_URL, "iat": now, "exp": now + 300, "scope": scope}
    return f"Authorization: Bearer {jwt.encode({'alg': 'RS256', 'kid': 'k'}, claims, KEY, algorithms=['RS256'])}"


CALLERS = {
    "public": ([], 200, False),
    "full": ([authorization()], 200, True),
    "weak": ([authorization("system/ValueSet.rs")], 200, False),
    "bad": (["Authorization: Bearer a.b.c"], 401, False),
    "cookie": (["Cookie: a=b"], 200, False),
}


@pytest.mark.parametrize("order", list(permutations(CALLERS, 3)), ids="-".join)
def test_whoever_asks_first_each_caller_gets_its_own_view(server: Server, order: tuple[str, ...]) -> None:
    path = f"{PATH}?order={'-'.join(order)}"
    tags: dict[str, set[str]] = {}
    for name in order * 3:
        headers, status, full = CALLERS[name]
        for more in ([], ["Accept-Encoding: gzip"]):
            answer = server.ask(path, *headers, *more)
            assert answer.status == status, (name, answer)
            if "content-encoding" not in answer.headers:
                assert (GATED in answer.body) is full
            assert "Authorization" in answer.headers["vary"]
            assert answer.headers["cache-control"].startswith("private") is (name in ("full", "weak"))
            if status == 200:
                tags.setdefault("full" if full else "public", set()).add(answer.headers["etag"].replace("-gzip", ""))
    assert all(len(found) == 1 for found in tags.values())
    assert not tags.get("full", set()) & tags.get("public", set())


def test_the_tag_of_one_view_is_no_condition_for_another(server: Server) -> None:
    full = server.ask(PATH, authorization())
    public = server.ask(PATH)
    assert server.ask(PATH, f"If-None-Match: {full.headers['etag']}").status == 200
    assert server.ask(PATH, authorization(), f"If-None-Match: {public.headers['etag']}").status == 200
    assert server.ask(PATH, authorization(), f"If-None-Match: {full.headers['etag']}").status == 304
    assert server.ask(PATH, "Authorization: Bearer a.b.c", f"If-None-Match: {full.headers['etag']}").status == 401


def test_a_public_answer_is_still_answered_from_the_cache(server: Server) -> None:
    for _ in range(3):
        packed = server.ask(f"{PATH}?warm", "Accept-Encoding: gzip")
    # Only what comes from the cache is compressed.
    assert packed.headers["content-encoding"] == "gzip"


def test_a_date_is_answered_from_the_cache_and_without_it(server: Server) -> None:
    last, tries = time.monotonic() + 10, 0
    first = server.ask("/fhir/r4/metadata?x=0")
    while "last-modified" not in first.headers:
        assert time.monotonic() < last
        time.sleep(0.2)
        tries += 1  # another URL each time: one that was kept while the date was not settled stays without it
        first = server.ask(f"/fhir/r4/metadata?x={tries}")
    path = "/fhir/r4/metadata?settled"
    since = f"If-Modified-Since: {server.ask(path).headers['last-modified']}"
    assert [server.ask(path, since).status for _ in range(4)] == [304] * 4
    assert server.ask(path, "If-Modified-Since: Fri, 31 Dec 2100 00:00:00 GMT").status == 200
    assert server.ask(path, since, 'If-None-Match: "x"').status == 200
