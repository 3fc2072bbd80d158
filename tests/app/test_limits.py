"""Limits: windows to the moment, in bounded memory; seats; and whom each limit is for."""

from __future__ import annotations

from typing import Any

import pytest

from vivavoce.agents.spec import Limits as AgentLimits
from vivavoce.agents.units import Rate
from vivavoce.app.limits import Limits, Seats, Windows
from vivavoce.app.settings import Settings
from vivavoce.errors import LimitError


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_window_moves(clock: Clock) -> None:
    windows = Windows(clock)
    for at in (0, 1, 5):
        clock.now = 1_000.0 + at
        assert windows.hit("r", "anna", 3, 10) == 0.0
    assert windows.hit("r", "anna", 3, 10) == 5.0, "until the first of the three is ten seconds old"
    assert windows.wait_s("r", "anna", 3, 10) == 5.0
    assert windows.hit("r", "ben", 3, 10) == 0.0
    assert windows.hit("other", "anna", 3, 10) == 0.0
    clock.now += 4.999
    assert windows.hit("r", "anna", 3, 10) == pytest.approx(0.001)
    clock.now += 0.001
    assert windows.hit("r", "anna", 3, 10) == 0.0


def test_a_flood_of_addresses_is_bounded_and_shares_one_allowance(clock: Clock) -> None:
    windows = Windows(clock, most=100)
    waits = [windows.hit("r", f"address {n}", 3, 10) for n in range(1_000)]
    assert waits[:103] == [0.0] * 103
    assert set(waits[103:]) == {10.0}
    assert windows.held == 103
    clock.now += 10
    assert windows.hit("r", "anna", 3, 10) == 0.0, "and it passes"
    for n in range(100):
        windows.hit("r", f"later {n}", 3, 10)
    assert windows.held <= 103


def test_what_is_over_is_forgotten_without_a_flood(clock: Clock) -> None:
    windows = Windows(clock)
    for n in range(1_000):
        clock.now += 1
        windows.hit("r", f"address {n}", 3, 10)
    assert windows.held <= 20
    assert len(windows._rules["r"]) <= 20


def seats(clock: Clock, running: set[str]) -> Seats:
    return Seats(lambda call: call in running, clock)


def test_a_seat_is_taken_until_the_call_is_over_or_was_never_begun(clock: Clock) -> None:
    running: set[str] = set()
    room = seats(clock, running)
    wanted = {"anna": (1, "calls at a time")}
    with room.ask(wanted) as take:
        with pytest.raises(LimitError, match="want at most 1 calls at a time"), room.ask(wanted):
            pytest.fail("while another is being booked")
        take("call", 60)
    with pytest.raises(LimitError), room.ask(wanted):
        pass
    running.add("call")
    clock.now += 600
    with pytest.raises(LimitError), room.ask(wanted):
        pass
    running.clear()
    with room.ask(wanted) as take:
        take("never begun", 60)
    room.keep("never begun", 120)
    clock.now += 119
    with pytest.raises(LimitError), room.ask(wanted):
        pass
    clock.now += 1
    with room.ask(wanted):
        pass


def test_calls_that_wait_cost_those_who_come_nothing(clock: Clock) -> None:
    looked_at: list[str] = []

    def is_running(call: str) -> bool:
        looked_at.append(call)
        return False

    room = Seats(is_running, clock)
    for n in range(1_000):
        with room.ask({f"address {n}": (1, "calls at a time")}) as take:
            take(f"c{n}", 60)
    room.keep("c7", 120)
    assert looked_at == []
    clock.now += 60
    with room.ask({"address 1": (1, "calls at a time")}):
        assert sorted(looked_at) == sorted(f"c{n}" for n in range(1_000) if n != 7)
    with pytest.raises(LimitError), room.ask({"address 7": (1, "calls at a time")}):
        pass
    clock.now += 60
    with room.ask({"address 7": (1, "calls at a time")}):
        assert (room._taken, room._had, room._ends, room._begun) == ({}, {}, [], set()), "nothing is left behind"


def test_a_booking_that_fails_leaves_its_seat(clock: Clock) -> None:
    room = seats(clock, set())
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), room.ask({"anna": (1, "calls")}):
            raise ZeroDivisionError
    room.keep("unknown", 1)


def limits(clock: Clock, **settings: Any) -> Limits:
    return Limits(Settings(**settings), seats(clock, set()), Windows(clock))


AGENT = AgentLimits(minutes=5, per_visitor=Rate(2, "day"), per_site=Rate(3, "day"))


def visit(of: Limits, address: str, origin: str = "https://acme.example", agent: AgentLimits = AGENT) -> None:
    with of.visitor_booking(address, origin, "nova", agent) as take:
        take(f"{address} {origin}", 0)


def test_the_agents_limits_count_visitors_and_sites(clock: Clock) -> None:
    of = limits(clock)
    visit(of, "1.1.1.1")
    visit(of, "1.1.1.1")
    with pytest.raises(LimitError, match="want at most 2 calls of a visitor with nova in 86400 s") as told:
        visit(of, "1.1.1.1")
    assert told.value.wait_s == 86_400
    visit(of, "2.2.2.2")
    with pytest.raises(LimitError, match="3 calls of a site with nova"):
        visit(of, "3.3.3.3")
    visit(of, "3.3.3.3", "https://other.example")
    clock.now += 86_400
    visit(of, "1.1.1.1")


def test_a_limit_of_the_agent_of_none_is_none(clock: Clock) -> None:
    with pytest.raises(LimitError):
        visit(limits(clock), "1.1.1.1", agent=AgentLimits(minutes=5, per_visitor=Rate(0, "day")))


def test_bookings_a_minute(clock: Clock) -> None:
    free = AgentLimits(minutes=5)
    of = limits(clock, visitor_bookings_per_minute=2, key_bookings_per_minute=1)
    visit(of, "1.1.1.1", agent=free)
    visit(of, "1.1.1.1", agent=free)
    with pytest.raises(LimitError, match="2 bookings in 60 s"):
        visit(of, "1.1.1.1", agent=free)
    with of.key_booking("k"):
        pass
    with pytest.raises(LimitError, match="1 bookings"), of.key_booking("k"):
        pass
    off = limits(clock, visitor_bookings_per_minute=0, calls_per_address=0)
    for _ in range(50):
        visit(off, "1.1.1.1", agent=free)


def test_calls_at_a_time(clock: Clock) -> None:
    of = limits(clock, calls_per_address=1, calls_per_origin=2, calls_per_key=1)
    free = AgentLimits(minutes=5)

    def stay(address: str) -> None:
        with of.visitor_booking(address, "https://acme.example", "nova", free) as take:
            take(address, 60)

    stay("1.1.1.1")
    with pytest.raises(LimitError, match="1 calls of an address at a time"):
        stay("1.1.1.1")
    stay("2.2.2.2")
    with pytest.raises(LimitError, match="2 calls of a site at a time"):
        stay("3.3.3.3")
    with of.key_booking("k") as take:
        take("c", 60)
    with pytest.raises(LimitError, match="1 calls of a key at a time"), of.key_booking("k"):
        pass


def test_failures_are_counted_when_they_happen(clock: Clock) -> None:
    of = limits(clock, failures_per_minute=2)
    for _ in range(3):
        of.failing("1.1.1.1")
    of.failed("1.1.1.1")
    of.failed("1.1.1.1")
    with pytest.raises(LimitError, match="2 failures in 60 s"):
        of.failing("1.1.1.1")
    of.failing("2.2.2.2")
    clock.now += 60
    of.failing("1.1.1.1")
    off = limits(clock, failures_per_minute=0)
    off.failed("1.1.1.1")
    off.failing("1.1.1.1")


def test_requests(clock: Clock) -> None:
    of = limits(clock, requests_per_s=1)
    for _ in range(10):
        of.request("1.1.1.1")
    with pytest.raises(LimitError, match="10 requests in 10 s"):
        of.request("1.1.1.1")
    off = limits(clock, requests_per_s=0)
    for _ in range(1_000):
        off.request("1.1.1.1")
