"""The scenarios of the server need two gateways and a balancer: `tests/app/test_takeover.py` plays them."""

from __future__ import annotations

from tests.app import test_takeover
from vivavoce.local.faults.library import names, scenario

PLAYED_BY = {
    "server-killed": test_takeover.test_every_call_of_a_killed_server_goes_on_at_another_within_two_seconds,
    "server-stops": test_takeover.test_a_server_that_is_told_to_stop_finishes_the_sentence_and_hands_its_calls_over,
}


def test_none_is_left_out() -> None:
    assert set(PLAYED_BY) == {name for name in names() if scenario(name).at == "server"}
