"""What is due happens in order, and a lane keeps the order of what it carries."""

from __future__ import annotations

from typing import Any

from vivavoce.storm.world.clock import Clock, Lane


def turned(clock: Clock, until: float = 100.0) -> None:
    while clock.turn(until):
        pass


def test_what_is_due_happens_in_its_time_and_in_the_order_it_was_asked_for() -> None:
    happened: list[Any] = []
    clock = Clock()
    for seconds, name in ((2.0, "late"), (1.0, "first"), (1.0, "second")):
        clock.after(seconds, lambda name=name: happened.append((clock.now, name)))
    turned(clock, 1.5)
    assert happened == [(1.0, "first"), (1.0, "second")]
    turned(clock)
    assert happened[-1] == (2.0, "late")


def test_what_was_due_in_the_past_happens_now() -> None:
    happened: list[Any] = []
    clock = Clock()
    clock.at(5.0, lambda: clock.at(1.0, lambda: happened.append(clock.now)))
    turned(clock)
    assert happened == [5.0]


def test_a_lane_that_gets_faster_overtakes_nothing() -> None:
    happened: list[Any] = []
    clock = Clock()
    lane = Lane(clock, 1.0)
    lane.send(happened.append, "slow")
    lane.seconds = 0.1
    lane.send(happened.append, "fast")
    turned(clock)
    assert happened == ["slow", "fast"]


def test_a_lane_that_stalls_brings_everything_at_once() -> None:
    happened: list[Any] = []
    clock = Clock()
    lane = Lane(clock, 0.1)
    lane.stall(3.0)
    for name in "ab":
        lane.send(lambda name=name: happened.append((clock.now, name)))
    turned(clock)
    assert happened == [(3.0, "a"), (3.0, "b")]
