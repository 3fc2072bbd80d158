"""What a link survives, and what it leaves behind: nothing."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from tests.live.test_link import Heard, model, ready
from vivavoce.errors import LinkError

pytestmark = pytest.mark.slow

CYCLES = 200
MOST_SECONDS = 1000
"""Of sound, 43 MB on the wire: the systems at both ends keep a few MB by themselves."""
DESCRIPTORS = Path("/proc/self/fd")


async def over(heard: Heard) -> None:
    await heard.until(lambda: bool(heard.closes))


@pytest.mark.conformance("C57")
async def test_pings_are_answered_and_none_are_sent() -> None:
    """A service that takes half a minute for a pong is not taken for dead: nobody asks it."""
    answered = asyncio.Event()

    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        await (await socket.ping())
        answered.set()
        await socket.wait_closed()

    heard = Heard()
    async with model(script) as target:
        link = await heard.open(target)
        async with asyncio.timeout(5):
            await answered.wait()
        link.close()
    assert heard.closes == []


@pytest.mark.conformance("C31")
async def test_a_link_that_does_not_drain_is_left() -> None:
    """What waits to be sent is bounded; the call dials again, and what the caller said goes again in order."""
    heard = Heard()

    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        await over(heard)  # reads nothing meanwhile
        socket.transport.abort()

    second = bytes(32_000)
    async with model(script) as target:
        link = await heard.open(target)
        sent = 0
        while not heard.closes and sent < MOST_SECONDS:
            link.send_audio(second)
            sent += 1
            await asyncio.sleep(0)
    assert heard.closes == [(1006, "")]


@pytest.mark.conformance("C58")
async def test_connections_leave_nothing_behind_however_they_end() -> None:
    """By turns closed by us, closed by the service, refused at the setup, and cut."""
    manners = ["ours", "hung up", "refused", "cut"] * (CYCLES // 4)
    todo = list(manners)
    served = 0
    all_served = asyncio.Event()

    async def serve_one(socket: ServerConnection) -> None:
        await socket.recv()
        manner = todo.pop(0)
        if manner == "refused":
            await socket.close(1011, "Internal error encountered.")
            return
        await socket.send(b'{"setupComplete":{}}')
        if manner == "cut":
            socket.transport.abort()
        elif manner == "hung up":
            await socket.close(1000)
        else:
            await socket.wait_closed()

    async def script(socket: ServerConnection) -> None:
        nonlocal served
        with contextlib.suppress(ConnectionClosed):
            await serve_one(socket)
        served += 1
        if served == CYCLES:
            all_served.set()

    tasks_before, open_before = len(asyncio.all_tasks()), _open()
    refused = 0
    async with model(script) as target:
        for manner in manners:
            heard = Heard()
            try:
                link = await heard.open(target)
            except LinkError:
                refused += 1
                continue
            if manner == "ours":
                link.close()
            else:
                await over(heard)
        async with asyncio.timeout(10):
            await all_served.wait()  # the server has seen every connection end
    gc.collect()
    assert refused == CYCLES // 4
    assert len(asyncio.all_tasks()) == tasks_before
    assert _open() == open_before


def _open() -> int:
    return len(list(DESCRIPTORS.iterdir())) if DESCRIPTORS.is_dir() else 0
