"""What a network does: late, in order, and never twice."""

from __future__ import annotations

import asyncio
import random

from hypothesis import given
from hypothesis import strategies as st

from vivavoce.local.faults.network import Latency, Loss, Throttle, Way
from vivavoce.local.faults.when import When

from ..fakes import TurnedClock
from .line import SETUP_COMPLETE, MemoryLine, Rig, sound

NOW = When(client="setup")


def way(*faults: Latency | Loss | Throttle, seed: int = 1) -> Way[int]:
    async def nowhere(message: int) -> None:
        raise AssertionError("nothing is delivered here")

    made = Way(TurnedClock(), random.Random(seed), nowhere)
    for fault in faults:
        made.arm(fault)
    return made


def test_a_way_of_nothing_takes_no_time() -> None:
    assert way().arrives_at(1000, 2.0) == 2.0


def test_latency() -> None:
    assert way(Latency(when=NOW, delay_s=0.5)).arrives_at(1000, 2.0) == 2.5


def test_a_narrow_line_has_one_message_after_the_other() -> None:
    narrow = way(Throttle(when=NOW, bytes_per_s=1000))
    assert [narrow.arrives_at(500, 0.0) for _ in range(3)] == [0.5, 1.0, 1.5]
    assert narrow.arrives_at(500, 9.0) == 9.5


def test_what_is_lost_is_sent_again() -> None:
    lossy = way(Loss(when=NOW, chance=0.5, again_s=1.0), seed=4)
    late = [lossy.arrives_at(1, 100.0 * number) - 100.0 * number for number in range(200)]
    assert {round(each, 6) for each in late} >= {0.0, 1.0, 2.0}
    assert max(late) <= 6.0
    assert 60 < sum(each > 0 for each in late) < 140


@given(
    st.integers(0, 1000),
    st.lists(st.tuples(st.integers(0, 5000), st.floats(0, 1)), max_size=40),
    st.floats(0, 2),
    st.floats(0.01, 0.9),
)
def test_order_is_kept(seed: int, sent: list[tuple[int, float]], jitter_s: float, chance: float) -> None:
    every = way(
        Latency(when=NOW, delay_s=0.1, jitter_s=jitter_s), Loss(when=NOW, chance=chance),
        Throttle(when=NOW, bytes_per_s=10_000), seed=seed,
    )  # fmt: skip
    now, before = 0.0, 0.0
    for size, pause_s in sent:
        now += pause_s
        at = every.arrives_at(size, now)
        assert at >= max(now, before)
        before = at


RULE = "faults:\n  - {when: {client: setup}, do: latency, delay_s: 1}\n"


async def settled() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


async def slowed(rig: Rig, line: MemoryLine) -> None:
    line.feed(setup={})
    await settled()


async def test_both_ways_are_late_and_nobody_waits() -> None:
    rig = Rig(RULE)
    line, socket = rig.dial()
    async with socket:
        await slowed(rig, line)
        await socket.receive()
        await socket.send(SETUP_COMPLETE)
        await socket.send(sound())
        line.feed(realtimeInput={"text": "hello"})
        hearing = asyncio.create_task(socket.receive())
        await settled()
        assert line.raw == []
        assert not hearing.done()
        await rig.clock.turn(1)
        await settled()
        assert line.raw == [SETUP_COMPLETE, sound()]
        assert b"hello" in await hearing


async def test_a_close_stands_behind_what_was_sent() -> None:
    rig = Rig(RULE)
    line, socket = rig.dial()
    async with socket:
        await slowed(rig, line)
        await socket.send(sound())
        closing = asyncio.create_task(socket.close(1000, "done"))
        await settled()
        assert line.ended is None
        await rig.clock.turn(1)
        await closing
    assert line.raw == [sound()]
    assert str(line.ended) == "(1000, 'done')"


async def test_a_line_that_is_gone_swallows_what_was_on_its_way() -> None:
    rig = Rig(RULE)
    line, socket = rig.dial()
    async with socket:
        await slowed(rig, line)
        await socket.send(sound())
        line.reset()
        await rig.clock.turn(1)
        await socket.close(1000, "done")
    assert line.raw == []
