"""The end of a connection and of a session by the server's own rules (reference: gemini-live 4.7)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from vivavoce.local.minds.acts import Say
from vivavoce.local.parts import PeerGone, Rules

from ..fakes import ScriptedMind, TurnedClock
from .desk import CASCADE, INVALID, JPEG, ON_VERTEX, Desk, breathe, parts, running, setup

DEADLINE = (1011, "Deadline expired before operation could complete.")


def lefts(desk: Desk) -> list[str]:
    return [m.go_away.time_left for m in desk.sent if m.go_away is not None]


@pytest.mark.conformance("S52")
async def test_a_connection_ends_as_announced() -> None:
    clock = TurnedClock()
    rules = Rules(connection_life_s=600, go_away_lead_s=50, life_close=(1008, "The operation was aborted."))
    async with running(parts(clock=clock, rules=rules)) as desk:
        await desk.ready()
        await clock.turn(549)
        await breathe()
        assert lefts(desk) == []
        await clock.turn(1)
        await desk.sees("go_away")
        assert lefts(desk) == ["50s"]
        desk.write("one more")
        await desk.turns(1)
        assert desk.socket.closed is None
        await clock.turn(50)
        assert await desk.over() == (1008, "The operation was aborted.")


async def test_a_short_life_is_announced_at_once() -> None:
    clock = TurnedClock()
    async with running(parts(clock=clock, rules=Rules(connection_life_s=20))) as desk:
        await desk.sees("setup_complete", "go_away")
        assert lefts(desk) == ["20s"]
        await clock.turn(20)
        assert await desk.over() == DEADLINE


async def test_a_client_that_does_not_read_does_not_live_longer() -> None:
    clock = TurnedClock()
    async with running(parts(clock=clock, rules=Rules(connection_life_s=100))) as desk:
        sent, gone = 0, asyncio.Event()

        async def stall(data: bytes | str) -> None:
            nonlocal sent
            sent += 1
            if sent > 1:
                await gone.wait()
                raise PeerGone

        desk.socket.send = stall  # type: ignore[method-assign]
        await breathe()
        await clock.turn(50)
        await breathe()
        await clock.turn(50)
        assert await desk.over() == DEADLINE
        gone.set()


@pytest.mark.conformance("S52")
async def test_an_end_can_be_announced_by_hand() -> None:
    async with running(parts()) as desk:
        await desk.ready()
        await desk.session.go_away(1.5)
        assert lefts(desk) == ["1.5s"]


async def test_nobody_is_told_who_is_not_there() -> None:
    desk = Desk(parts())
    await desk.session.go_away(50)
    assert desk.sent == []


@pytest.mark.conformance("S53")
@pytest.mark.parametrize(("video", "minutes"), [(False, 15), (True, 2)])
async def test_a_session_without_compression_ends(video: bool, minutes: int) -> None:
    clock = TurnedClock()
    async with running(parts(clock=clock, rules=Rules(session_limits=True))) as desk:
        await desk.ready()
        await clock.turn(60)
        if video:
            desk.send(realtimeInput={"video": JPEG})
        await breathe()
        await clock.turn(60 * minutes - 61)
        await desk.sees("go_away")
        assert desk.socket.closed is None
        await clock.turn(1)
        assert await desk.over() == DEADLINE


@pytest.mark.conformance("S53")
async def test_a_session_lasts_over_its_connections() -> None:
    clock = TurnedClock()
    shared = parts(clock=clock, rules=Rules(session_limits=True))
    async with running(shared) as desk:
        await desk.ready()
        await clock.turn(600)
        desk.write("hello")
        handle = await desk.handle()
    async with running(shared, setup() | {"sessionResumption": {"handle": handle}}) as desk:
        await desk.ready()
        await clock.turn(299)
        await desk.sees("go_away")
        await clock.turn(1)
        assert await desk.over() == DEADLINE


@pytest.mark.conformance("S53")
@pytest.mark.parametrize("compressed", [False, True])
async def test_a_full_context_ends_a_session_that_is_not_compressed(compressed: bool) -> None:
    more: dict[str, Any] = {"contextWindowCompression": {"slidingWindow": {}}} if compressed else {}
    long = "x" * 80_000
    mind = ScriptedMind({long: [Say("Ok.")]})
    shared = parts(make_mind=mind, rules=Rules(session_limits=True))
    async with running(shared, setup(CASCADE, **more), ON_VERTEX) as desk:
        for count in (1, 2):
            desk.write(long)
            await desk.turns(count)
        if compressed:
            desk.write("still here")
            await desk.turns(3)
            assert desk.usages()[2].prompt_token_count < 32_768
        else:
            assert await desk.over() == INVALID


async def test_there_is_no_end_unless_the_rules_say_so() -> None:
    clock = TurnedClock()
    async with running(parts(clock=clock)) as desk:
        await clock.turn(100_000)
        desk.write("still here")
        await desk.turns(1)
        assert lefts(desk) == []
