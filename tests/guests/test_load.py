"""A crowd of cheap callers: what they count, and that delays are seen through their stamps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from vivavoce.audio.levels import rms
from vivavoce.audio.pcm import from_bytes
from vivavoce.guests.load import load, quiet_room, stamp, stamped_at
from vivavoce.wire import caller as wire

TONE = (np.sin(np.arange(2400) * 0.1) * 3000).astype("<i2").tobytes()


class Gateway:
    """Ends calls politely, and talks for half a second before."""

    def __init__(self) -> None:
        self.kinds: list[list[str]] = []
        self.delays_ms: list[float] = []
        self.tickets: list[str] = []

    async def __call__(self, socket: ServerConnection) -> None:
        kinds: list[str] = []
        self.kinds.append(kinds)
        assert socket.request is not None
        self.tickets.append(socket.request.headers["Sec-WebSocket-Protocol"].rpartition(".")[2])
        position = 0
        async for data in socket:
            if isinstance(data, bytes):
                kinds.append("mic")
                moment = stamped_at(wire.decode_frame(data).pcm)
                assert moment is not None
                self.delays_ms.append((time.monotonic_ns() - moment) / 1e6)
                if position < 12_000:
                    sound = stamp(TONE, time.monotonic_ns())
                    await socket.send(wire.encode_frame(wire.Frame(wire.FrameKind.REPLY, 1, 1, position, sound)))
                    position += 2400
                continue
            message = wire.decode_caller(data)
            kinds.append(type(message).__name__)
            if isinstance(message, wire.Leave):
                await socket.send(wire.encode(wire.Ended(reason="caller_hung_up")))
                return


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[Gateway, str]]:
    made = Gateway()
    server: Server
    async with serve(made, "127.0.0.1", 0, subprotocols=[Subprotocol(wire.SUBPROTOCOL)]) as server:
        yield made, f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


def test_a_stamp_is_read_again_and_nobody_hears_it() -> None:
    noise = quiet_room()
    stamped = stamp(noise, 123_456_789_012_345)
    assert stamped_at(stamped) == 123_456_789_012_345
    assert rms(from_bytes(stamped)) == pytest.approx(rms(from_bytes(noise)), rel=0.01)
    assert rms(from_bytes(noise)) < 0.005, "below what any gate takes for speech"
    assert stamped_at(bytes(1024)) is None
    assert stamped_at(b"\1\0") is None


async def test_callers_talk_play_report_and_leave(gateway: tuple[Gateway, str]) -> None:
    house, url = gateway
    result = await load(url, ["a", "b"], 0.7, over_s=0.0)
    assert sorted(house.tickets) == ["a", "b"]
    assert (result.calls, result.finished, result.reasons, result.closes) == (2, 2, {"caller_hung_up": 2}, {1000: 2})
    assert result.frames_sent == 2 * int(0.7 / 0.032)
    assert result.seconds_heard == pytest.approx(1.0)
    assert len(result.delays_ms) == result.frames_heard == 10
    assert len(house.delays_ms) == result.frames_sent
    assert min(result.delays_ms + house.delays_ms) > 0
    for kinds in house.kinds:
        assert (kinds[0], kinds[1], kinds[-1]) == ("Hello", "Consent", "Leave")
        assert "Played" in kinds


async def test_callers_that_misbehave(gateway: tuple[Gateway, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vivavoce.guests.load.GOODBYE_S", 0.2)
    house, url = gateway
    result = await load(url, ["a", "b", "c"], 0.3, manners=["vanishes", "floods", "never_reads"], over_s=0.0)
    assert result.finished == 1, "who reads nothing does not see its end, who vanishes has none"
    assert sorted(result.closes) == [1000, 1006]
    async with asyncio.timeout(10):
        while len(house.kinds) < 3:  # noqa: ASYNC110  # nothing to wait on
            await asyncio.sleep(0)


async def test_a_server_that_is_not_there() -> None:
    result = await load("ws://127.0.0.1:1/", ["a"], 0.1, over_s=0.0)
    assert (result.finished, result.closes) == (0, {1006: 1})
