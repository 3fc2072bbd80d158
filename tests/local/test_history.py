from __future__ import annotations

import pytest

from vivavoce.local.history import History, Kept
from vivavoce.wire.gemini.wording import Refused

from .fakes import TurnedClock

STATE = Kept("session", "gemini-3.8-live", b"brain", b"{}")


async def test_older_handles_stay_good_until_their_lifetime_is_over() -> None:
    clock = TurnedClock()
    history = History(clock, lifetime_s=60)
    first = history.keep(STATE)
    await clock.turn(40)
    second = history.keep(STATE)
    assert first != second
    assert history.find(first) is STATE
    await clock.turn(20)
    assert history.find(first) is None
    assert history.find(second) is STATE


def test_only_so_many_are_kept() -> None:
    history = History(TurnedClock(), most=2)
    handles = [history.keep(STATE) for _ in range(3)]
    assert [history.find(handle) is not None for handle in handles] == [False, True, True]


def test_only_so_much_is_kept() -> None:
    history = History(TurnedClock(), most_bytes=25)
    handles = [history.keep(Kept("session", "m", b"0123456789", b"", notes=("n",))) for _ in range(3)]
    assert [history.find(handle) is not None for handle in handles] == [False, True, True]
    big = history.keep(Kept("session", "m", b"x" * 1000, b""))
    assert history.find(big) is not None, "the newest stays whatever its size"
    assert history.find(handles[2]) is None


@pytest.mark.parametrize(
    ("fault", "code"), [("unknown", 1008), ("refusing", 1008), ("another model", 1007), ("connected", 1011)]
)
def test_who_may_not_resume(fault: str, code: int) -> None:
    history = History(TurnedClock())
    handle = history.keep(STATE)
    history.refusing = fault == "refusing"
    if fault == "connected":
        history.connected("session")
    model = "gemini-3.8-live" if fault != "another model" else "another"
    with pytest.raises(Refused) as refused:
        history.resume("unknown" if fault == "unknown" else handle, model)
    assert refused.value.code == code
    assert handle not in str(refused.value)


def test_a_session_that_was_released_can_be_resumed() -> None:
    history = History(TurnedClock())
    handle = history.keep(STATE)
    history.connected("session")
    history.released("session")
    assert history.resume(handle, "gemini-3.8-live") is STATE


def test_a_long_name_of_a_model_counts() -> None:
    history = History(TurnedClock(), most_bytes=1_000)
    handles = [history.keep(Kept("session", "m" * 400, b"", b"")) for _ in range(3)]
    assert [history.find(handle) is not None for handle in handles] == [False, True, True]
