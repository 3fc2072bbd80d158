"""One connection to a live model, against a server that a test scripts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve

from vivavoce.errors import LinkError
from vivavoce.live.backend import Target
from vivavoce.live.link import Link
from vivavoce.wire.gemini.codec import decode_client, encode_audio_out
from vivavoce.wire.gemini.messages import ClientMessage, RealtimeInput, ServerMessage, Setup

SETUP = ClientMessage(setup=Setup(model="models/m"))
Script = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def model(script: Script) -> AsyncIterator[Target]:
    async with serve(script, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield Target(url=f"ws://127.0.0.1:{port}/x", headers={"x-goog-api-key": "very-secret"}, model="models/m")


class Heard:
    """What a link hands over."""

    def __init__(self) -> None:
        self.messages: list[ServerMessage] = []
        self.closes: list[tuple[int, str]] = []
        self.changed = asyncio.Event()

    def message(self, message: ServerMessage) -> None:
        self.messages.append(message)
        self.changed.set()

    def close(self, code: int, reason: str) -> None:
        self.closes.append((code, reason))
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


async def ready(socket: ServerConnection) -> bytes | str:
    first = await socket.recv()
    await socket.send(b'{\n  "setupComplete": {}\n}\n')
    return first


async def test_setup_first_then_messages_both_ways() -> None:
    received: list[ClientMessage] = []

    async def script(socket: ServerConnection) -> None:
        assert socket.request is not None
        assert socket.request.headers["x-goog-api-key"] == "very-secret"
        received.append(decode_client(await ready(socket)))
        received.extend([decode_client(await socket.recv()) for _ in range(2)])
        await socket.send(encode_audio_out(b"abcd"))
        await socket.send('{"serverContent":{"turnComplete":true}}')  # text frames count too
        await socket.wait_closed()

    heard = Heard()
    async with model(script) as target:
        link = await Link.open(target, SETUP, heard.message, heard.close)
        link.send_audio(b"\x01\x02")
        link.send(ClientMessage(realtime_input=RealtimeInput(text="hi")))
        await heard.until(lambda: len(heard.messages) == 2)
        link.close()
    assert received[0] == SETUP
    assert received[1].realtime_input is not None
    assert received[1].realtime_input.audio is not None
    assert received[1].realtime_input.audio.data == b"\x01\x02"
    assert heard.closes == [], "a close of our own is not reported"


async def test_a_fragmented_message_is_one_message() -> None:
    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        await socket.send([b'{"serverContent"', b':{"turn', b'Complete":true}}'])
        await socket.wait_closed()

    heard = Heard()
    async with model(script) as target:
        link = await Link.open(target, SETUP, heard.message, heard.close)
        await heard.until(lambda: len(heard.messages) == 1)
        link.close()


async def test_rubbish_is_counted_and_left_out() -> None:
    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        for rubbish in (b"{", b"[]", b'{"serverContent": 7}', b"\xff", "", '{"error": "x"}'):
            await socket.send(rubbish)
        await socket.send(encode_audio_out(b"ab"))
        await socket.wait_closed()

    heard = Heard()
    async with model(script) as target:
        link = await Link.open(target, SETUP, heard.message, heard.close)
        await heard.until(lambda: any(message.server_content for message in heard.messages))
        assert link.rubbish == 5
        link.close()


@pytest.mark.parametrize(("code", "reason"), [(1007, "API key not valid. Please pass a valid API key."), (1011, "x")])
async def test_a_refused_setup_carries_code_and_reason(code: int, reason: str) -> None:
    async def script(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.close(code, reason)

    heard = Heard()
    async with model(script) as target:
        with pytest.raises(LinkError) as caught:
            await Link.open(target, SETUP, heard.message, heard.close)
    assert (caught.value.code, caught.value.reason) == (code, reason)
    assert heard.closes == []


@pytest.mark.parametrize("code", [1000, 1011, 4000])
async def test_a_close_is_reported_once_with_its_code(code: int) -> None:
    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        await socket.close(code, "why")

    heard = Heard()
    async with model(script) as target:
        await Link.open(target, SETUP, heard.message, heard.close)
        await heard.until(lambda: bool(heard.closes))
    assert heard.closes == [(code, "why")]


async def test_a_cut_connection_is_1006() -> None:
    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        socket.transport.abort()

    heard = Heard()
    async with model(script) as target:
        link = await Link.open(target, SETUP, heard.message, heard.close)
        await heard.until(lambda: bool(heard.closes))
        link.send_audio(b"ab")  # nothing raises
        link.close()
    assert heard.closes == [(1006, "")]


async def test_a_setup_that_is_never_answered_times_out_and_leaves_nothing() -> None:
    gone = asyncio.Event()

    async def script(socket: ServerConnection) -> None:
        await socket.wait_closed()
        gone.set()

    heard = Heard()
    async with model(script) as target:
        with pytest.raises(LinkError, match="no answer to the setup"):
            await Link.open(target, SETUP, heard.message, heard.close, within_s=0.05)
        async with asyncio.timeout(10):
            await gone.wait()
    assert heard.closes == []


async def test_nobody_there_and_a_cancelled_dial() -> None:
    async def script(socket: ServerConnection) -> None:
        await socket.wait_closed()

    heard = Heard()
    nowhere = Target(url="ws://127.0.0.1:1/x", headers={"x-goog-api-key": "very-secret"}, model="m")
    with pytest.raises(LinkError) as caught:
        await Link.open(nowhere, SETUP, heard.message, heard.close)
    assert caught.value.code == 1006
    assert "very-secret" not in str(caught.value)
    async with model(script) as target:
        dial = asyncio.create_task(Link.open(target, SETUP, heard.message, heard.close))
        await asyncio.sleep(0)
        dial.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dial
