from __future__ import annotations

from vivavoce.local.history import History, Kept

from .fakes import TurnedClock

STATE = Kept("models/local", b"brain", b"{}")


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
