"""A link against a server that means no good: it never reads, floods, or answers at the worst moment."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket as sockets
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import picows
import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.live.test_link import SETUP, SHELF, Heard, Script, model, ready
from vivavoce.agents.callsettings import MOST_RING_S
from vivavoce.audio.pcm import CALLER_HZ
from vivavoce.conversation import events as ev
from vivavoce.live import link as links
from vivavoce.live.backend import Target
from vivavoce.live.dialect import Dialect, Opening
from vivavoce.live.gemini.dialect import GeminiDialect
from vivavoce.live.gemini.profile import Profile
from vivavoce.live.link import MAX_MESSAGE_BYTES, MAX_UNSENT_BYTES, Link
from vivavoce.live.openai import OpenAIDialect
from vivavoce.wire.gemini.models import MODELS

FRAME = bytes(1024)


@asynccontextmanager
async def narrow(script: Script) -> AsyncIterator[Target]:
    """A server whose machine takes little that nobody has read."""
    listener = sockets.socket()
    listener.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    listener.bind(("127.0.0.1", 0))
    async with serve(script, sock=listener):
        yield Target(url=f"ws://127.0.0.1:{listener.getsockname()[1]}/x")


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # about the other side
            await asyncio.sleep(0)


async def stuffed(link: Link) -> None:
    """Send until the machines between take no more."""
    assert link._transport is not None
    while not link._transport.underlying_transport.get_write_buffer_size():
        link.send_audio(FRAME)
        await asyncio.sleep(0)


async def deaf(socket: ServerConnection) -> None:
    await ready(socket)
    socket.transport.pause_reading()


@pytest.mark.conformance("C58")
async def test_a_dial_that_is_cancelled_as_it_succeeds_leaves_nothing() -> None:
    gone = asyncio.Event()

    async def script(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.send('{"setupComplete":{},"serverContent":{"turnComplete":true}}')
        await socket.wait_closed()
        gone.set()

    async with model(script) as target:
        heard = Heard()

        def cancel(event: ev.Event) -> None:
            dial.cancel()

        dial = asyncio.create_task(Link.open(target, heard.dialect(), cancel, heard.close))
        with pytest.raises(asyncio.CancelledError):
            await dial
        async with asyncio.timeout(10):
            await gone.wait()
    assert heard.closes == []


@pytest.mark.conformance("C58")
async def test_a_server_that_never_reads_does_not_keep_the_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "LEAVE_WITHIN_S", 0.01)
    left = asyncio.Event()

    async def script(socket: ServerConnection) -> None:
        await deaf(socket)
        await left.wait()
        socket.transport.abort()

    heard = Heard()
    async with narrow(script) as target:
        link = await heard.open(target)
        await stuffed(link)
        link.close()
        await until(lambda: link._transport is not None and link._transport.is_disconnected)
        left.set()
    assert heard.closes == []


async def test_a_close_is_told_though_nobody_reads_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "LEAVE_WITHIN_S", 0.01)
    send, left = asyncio.Event(), asyncio.Event()

    async def script(socket: ServerConnection) -> None:
        await deaf(socket)
        await send.wait()
        socket.transport.write(b"\x88\x05\x03\xf3why" + b"\x82\x02{}")  # 1011, and a message behind it
        await left.wait()
        socket.transport.abort()

    heard = Heard()
    async with narrow(script) as target:
        link = await heard.open(target)
        await stuffed(link)
        send.set()
        await heard.until(lambda: bool(heard.closes))
        left.set()
    assert heard.closes == [(1011, "why")]
    assert heard.events == []


async def test_pings_from_who_does_not_read_end_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MAX_UNSENT_BYTES", 64 * 1024)

    async def script(socket: ServerConnection) -> None:
        await deaf(socket)
        while not heard.closes:
            socket.transport.write((b"\x89\x7d" + bytes(125)) * 500)
            await asyncio.sleep(0)

    heard = Heard()
    async with narrow(script) as target:
        await heard.open(target)
        await heard.until(lambda: bool(heard.closes))
    assert heard.closes == [(1006, "")]


async def test_a_ping_is_answered() -> None:
    pongs = []

    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        pongs.append(await (await socket.ping(b"there?")))
        await socket.close(1000, "")

    heard = Heard()
    async with model(script) as target:
        await heard.open(target)
        await heard.until(lambda: bool(heard.closes))
    assert len(pongs) == 1


class _Wire:
    """What a listener asks of its transport."""

    def send_close(self, code: object) -> None: ...
    def disconnect(self, graceful: bool = True) -> None: ...


def test_a_message_in_crumbs_costs_what_it_holds() -> None:
    listener = links._Listener(SimpleNamespace())  # type: ignore[arg-type]
    crumb = SimpleNamespace(msg_type=picows.WSMsgType.CONTINUATION, fin=False)
    tracemalloc.start()
    for index in range(100_000):
        crumb.get_payload_as_bytes = lambda index=index: index.to_bytes(3, "big")
        listener.on_ws_frame(_Wire(), crumb)  # type: ignore[arg-type]
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 1_000_000


def is_transport(thing: object) -> bool:
    return type(thing) is picows.WSTransport  # `isinstance` would ask a weak proxy for what is gone


async def test_a_frame_that_is_too_big_is_one_close_and_no_noise(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        socket.transport.write(b"\x82\x7f" + (MAX_MESSAGE_BYTES + 1).to_bytes(8, "big"))
        await socket.wait_closed()

    heard = Heard()
    monkeypatch.setattr(links._library_log, "propagate", False)  # a record of the error holds on to what it passed
    with caplog.at_level(logging.ERROR, "asyncio"):
        async with model(script) as target:
            link = await heard.open(target)
            transport = id(link._transport)
            await heard.until(lambda: bool(heard.closes))
            del link
        # asyncio complains of what nobody asked for when it is thrown away; the library holds on to it for a moment
        await until(lambda: gc.collect() >= 0 and transport not in map(id, filter(is_transport, gc.get_objects())))
    assert len(heard.closes) == 1
    assert not [record for record in caplog.records if record.name == "asyncio"]


@pytest.mark.parametrize("make", [lambda: GeminiDialect(SETUP, Profile(row=MODELS[0]), SHELF),
                                  lambda: OpenAIDialect(Opening(model="m"), SHELF)])  # fmt: skip
def test_all_that_a_call_keeps_of_its_caller_may_be_sent_again_at_once(make: Any) -> None:
    """A link that was dialled anew gets the whole ring before its socket can drain."""
    dialect: Dialect = make()
    frames = round(MOST_RING_S * CALLER_HZ / 512)
    assert sum(len(dialect.audio(FRAME)) for _ in range(frames)) < MAX_UNSENT_BYTES
