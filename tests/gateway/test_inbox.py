"""Events wait for their turn, in order; what they do wrong is told, and after the end none is taken."""

from __future__ import annotations

import asyncio

from vivavoce.conversation import events as ev
from vivavoce.gateway.inbox import MOST, SLICE, Inbox


class Taker:
    def __init__(self) -> None:
        self.taken: list[ev.Event] = []
        self.faults: list[Exception] = []
        self.turns = 0
        self.inbox = Inbox(self.take, self.faults.append, self.turned)

    def take(self, event: ev.Event) -> None:
        self.taken.append(event)
        if isinstance(event, ev.CallerTyped) and event.text == "again":
            self.inbox.put(ev.CallerTyped("more"))
        if isinstance(event, ev.CallerHungUp):
            self.inbox.close()
        if event == ev.CallerLeft(1006):
            raise RuntimeError("a fault of ours")

    def turned(self) -> None:
        self.turns += 1


async def turn() -> None:
    await asyncio.sleep(0)


async def test_nothing_is_taken_before_it_is_open_nor_inside_a_put() -> None:
    taker = Taker()
    taker.inbox.put(ev.Woke())
    await turn()
    assert taker.taken == []
    taker.inbox.open()
    assert taker.taken == []
    await turn()
    assert taker.taken == [ev.Woke()]


async def test_what_comes_while_one_is_taken_waits_behind_it_and_what_is_urgent_goes_first() -> None:
    taker = Taker()
    for text in ("again", "last"):
        taker.inbox.put(ev.CallerTyped(text))
    taker.inbox.put_first(ev.Woke())
    taker.inbox.open()
    await turn()
    assert taker.taken == [ev.Woke(), *(ev.CallerTyped(text) for text in ("again", "last", "more"))]


async def test_others_have_their_turn_after_a_slice() -> None:
    taker = Taker()
    taker.inbox.open()
    for _ in range(SLICE + 1):
        taker.inbox.put(ev.Woke())
    await turn()
    assert (len(taker.taken), len(taker.inbox), taker.turns) == (SLICE, 1, 1)
    await turn()
    assert (len(taker.taken), len(taker.inbox), taker.turns) == (SLICE + 1, 0, 2)


async def test_it_says_when_it_is_full() -> None:
    taker = Taker()
    for _ in range(MOST):
        assert not taker.inbox.full
        taker.inbox.put(ev.Woke())
    assert taker.inbox.full


async def test_after_the_end_nothing_is_taken() -> None:
    taker = Taker()
    taker.inbox.open()
    for event in (ev.CallerHungUp(), ev.Woke()):
        taker.inbox.put(event)
    await turn()
    await turn()
    assert taker.taken == [ev.CallerHungUp()]
    assert taker.turns == 0


async def test_a_fault_of_ours_is_told() -> None:
    taker = Taker()
    taker.inbox.open()
    taker.inbox.put(ev.CallerLeft(1006))
    await turn()
    assert [str(fault) for fault in taker.faults] == ["a fault of ours"]
