"""A line on which nothing is said shows that it holds."""

from __future__ import annotations

import asyncio

import pytest

from tests.gateway.peers import FakeSocket, Scene, until
from vivavoce.gateway import pulse
from vivavoce.gateway.outbox import Outbox
from vivavoce.wire import caller as wire


async def test_it_beats_only_where_nothing_else_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "EACH_S", 0.0)
    socket, outbox = FakeSocket(), Outbox(lambda: None)
    outbox.socket = socket
    beating = pulse.Pulse(outbox)
    outbox.tell(wire.Gate(open=True, level=0.1))
    beating.start()
    await until(lambda: len(socket.got(wire.Pulse)) == 2)
    assert isinstance(socket.got(wire.Gate)[0], wire.Gate)
    beating.stop()
    beats = len(socket.got(wire.Pulse))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(socket.got(wire.Pulse)) == beats


async def test_a_call_beats_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "EACH_S", 0.01)
    scene = await Scene().join()
    await until(lambda: len(scene.socket.got(wire.Pulse)) > 1)
    await scene.end()
    beats = len(scene.socket.got(wire.Pulse))
    await asyncio.sleep(0.03)
    assert len(scene.socket.got(wire.Pulse)) == beats
