"""Every refusal is one and the same shape, and says what is wrong, with the value, and what would be right."""

from __future__ import annotations

import pytest

from tests.contract.odd_requests import ODD_REQUESTS, Odd
from tests.contract.outcome import assert_outcome
from tests.web.client import Client


@pytest.mark.parametrize("odd", ODD_REQUESTS, ids=lambda odd: ascii(str(odd))[1:150])
def test_an_odd_request_gets_a_precise_refusal(client: Client, odd: Odd) -> None:
    reply = client.raw(odd.url, odd.method, odd.body, odd.headers)
    client.check(reply)
    assert_outcome(reply, odd.status, odd.detail, *odd.says)


def test_the_table_is_long_and_covers_every_refusal_that_a_request_can_cause() -> None:
    assert len(ODD_REQUESTS) >= 150
    assert len({(odd.method, odd.url, odd.body, str(odd.headers)) for odd in ODD_REQUESTS}) == len(ODD_REQUESTS)
    assert {odd.status for odd in ODD_REQUESTS} == {400, 404, 405, 406, 413, 415, 422}
