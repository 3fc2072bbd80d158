"""One connection to a live model, against a server that a test scripts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from vivavoce.conversation import events as ev
from vivavoce.errors import LinkError
from vivavoce.live.backend import Target
from vivavoce.live.dialect import Shelf
from vivavoce.live.gemini.dialect import GeminiDialect
from vivavoce.live.gemini.profile import Profile
from vivavoce.live.link import MAX_MESSAGE_BYTES, Link
from vivavoce.wire.gemini.codec import decode_client, encode_audio_out
from vivavoce.wire.gemini.messages import ClientMessage, Setup
from vivavoce.wire.gemini.models import MODELS

SETUP = Setup(model="models/m")
SHELF = Shelf(link=1, keep_chunk=lambda pcm: 1, keep_handle=lambda handle: 1, position=lambda: 0)
Script = Callable[[ServerConnection], Awaitable[None]]


@asynccontextmanager
async def model(script: Script) -> AsyncIterator[Target]:
    async with serve(script, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield Target(url=f"ws://127.0.0.1:{port}/x", headers={"x-goog-api-key": "very-secret"})


class Heard:
    """What a link hands over."""

    def __init__(self) -> None:
        self.events: list[ev.Event] = []
        self.closes: list[tuple[int, str]] = []
        self.changed = asyncio.Event()

    def dialect(self) -> GeminiDialect:
        return GeminiDialect(SETUP, Profile(row=MODELS[0]), SHELF)

    async def open(self, target: Target, **options: Any) -> Link:
        return await Link.open(target, self.dialect(), self.event, self.close, **options)

    def event(self, event: ev.Event) -> None:
        self.events.append(event)
        self.changed.set()

    def close(self, error: LinkError) -> None:
        self.closes.append((error.code, error.reason))
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


@pytest.mark.conformance("C5", "C10")
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
        link = await heard.open(target)
        link.send_audio(b"\x01\x02")
        link.send_text("hi")
        await heard.until(lambda: len(heard.events) == 2)
        link.close()
    assert received[0].setup == SETUP
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
        link = await heard.open(target)
        await heard.until(lambda: len(heard.events) == 1)
        link.close()


@pytest.mark.conformance("C11")
async def test_rubbish_is_counted_and_left_out() -> None:
    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        for rubbish in (b"{", b"[]", b'{"serverContent": 7}', b"\xff", "", '{"error": "x"}'):
            await socket.send(rubbish)
        await socket.send(encode_audio_out(b"ab"))
        await socket.wait_closed()

    heard = Heard()
    async with model(script) as target:
        link = await heard.open(target)
        await heard.until(lambda: bool(heard.events))
        assert link.rubbish == 5
        link.close()


@pytest.mark.conformance("C6")
@pytest.mark.parametrize(("code", "reason"), [(1007, "API key not valid. Please pass a valid API key."), (1011, "x")])
async def test_a_refused_setup_carries_code_and_reason(code: int, reason: str) -> None:
    async def script(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.close(code, reason)

    heard = Heard()
    async with model(script) as target:
        with pytest.raises(LinkError) as caught:
            await heard.open(target)
    assert (caught.value.code, caught.value.reason) == (code, reason)
    assert heard.closes == []


@pytest.mark.parametrize("code", [1000, 1011, 4000])
async def test_a_close_is_reported_once_with_its_code(code: int) -> None:
    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        await socket.close(code, "why")

    heard = Heard()
    async with model(script) as target:
        await heard.open(target)
        await heard.until(lambda: bool(heard.closes))
    assert heard.closes == [(code, "why")]


@pytest.mark.conformance("C57")
async def test_a_cut_connection_is_1006() -> None:
    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        socket.transport.abort()

    heard = Heard()
    async with model(script) as target:
        link = await heard.open(target)
        await heard.until(lambda: bool(heard.closes))
        link.send_audio(b"ab")  # nothing raises
        link.close()
    assert heard.closes == [(1006, "")]


@pytest.mark.conformance("C6", "C58")
async def test_a_setup_that_is_never_answered_times_out_and_leaves_nothing() -> None:
    gone = asyncio.Event()

    async def script(socket: ServerConnection) -> None:
        await socket.wait_closed()
        gone.set()

    heard = Heard()
    async with model(script) as target:
        with pytest.raises(LinkError, match="no answer to the setup"):
            await heard.open(target, within_s=0.05)
        async with asyncio.timeout(10):
            await gone.wait()
    assert heard.closes == []


@pytest.mark.conformance("C4", "C58")
async def test_nobody_there_and_a_cancelled_dial() -> None:
    async def script(socket: ServerConnection) -> None:
        await socket.wait_closed()

    heard = Heard()
    nowhere = Target(url="ws://127.0.0.1:1/x", headers={"x-goog-api-key": "very-secret"})
    with pytest.raises(LinkError) as caught:
        await heard.open(nowhere)
    assert caught.value.code == 1006
    assert "very-secret" not in str(caught.value)
    async with model(script) as target:
        dial = asyncio.create_task(heard.open(target))
        await asyncio.sleep(0)
        dial.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dial


@pytest.mark.conformance("C18")
async def test_a_message_may_have_sixteen_mebibytes() -> None:
    text = "x" * (MAX_MESSAGE_BYTES - 100)

    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        await socket.send(f'{{"serverContent":{{"outputTranscription":{{"text":"{text}"}}}}}}')
        await socket.wait_closed()

    heard = Heard()
    async with model(script) as target:
        link = await heard.open(target)
        await heard.until(lambda: bool(heard.events))
        link.close()
    assert heard.events == [ev.AgentTranscribed(1, text)]


@pytest.mark.conformance("C57")
@pytest.mark.parametrize("ending", ["reset in a message", "half a frame", "no close frame"])
async def test_however_a_connection_breaks_it_is_one_close(ending: str) -> None:
    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        if ending == "half a frame":
            socket.transport.write(b"\x82\x7e\x10\x00" + b"{" * 100)  # 4,096 bytes are announced
        elif ending == "reset in a message":
            socket.transport.write(b"\x02\x05hello")  # a message that is never finished
        socket.transport.abort() if ending != "no close frame" else socket.transport.close()

    heard = Heard()
    async with model(script) as target:
        await heard.open(target)
        await heard.until(lambda: bool(heard.closes))
    assert heard.closes == [(1006, "")]
    assert heard.events == []


@pytest.mark.conformance("C58")
async def test_a_thousand_connections_leave_nothing_behind() -> None:
    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        await socket.wait_closed()

    def open_files() -> int:
        files = Path("/proc/self/fd")
        return len(list(files.iterdir())) if files.is_dir() else 0

    heard = Heard()
    async with model(script) as target:
        tasks, files = len(asyncio.all_tasks()), open_files()
        for _ in range(1000):
            (await heard.open(target)).close()
        async with asyncio.timeout(10):
            while len(asyncio.all_tasks()) > tasks or open_files() > files + 2:  # noqa: ASYNC110  # about both peers
                await asyncio.sleep(0)
    assert heard.closes == []


async def test_a_model_that_says_it_is_over_is_closed_and_reported() -> None:
    """An error message that ends a session comes as a LinkError out of the dialect."""
    gone = asyncio.Event()

    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        await socket.send("the end")
        await socket.wait_closed()
        gone.set()

    class Frank(GeminiDialect):
        def read(self, data: bytes) -> list[ev.Event]:
            if data == b"the end":
                raise LinkError("over", code=4000, reason="because", kind="quota")
            return super().read(data)

    heard = Heard()
    async with model(script) as target:
        await Link.open(target, Frank(SETUP, Profile(row=MODELS[0]), SHELF), heard.event, heard.close)
        await heard.until(lambda: bool(heard.closes))
        async with asyncio.timeout(10):
            await gone.wait()
    assert heard.closes == [(4000, "because")]


async def test_what_the_protocol_wants_in_reply_is_sent() -> None:
    got: list[bytes | str] = []

    async def script(socket: ServerConnection) -> None:
        await ready(socket)
        await socket.send('{"serverContent":{"turnComplete":true}}')
        got.append(await socket.recv())
        await socket.wait_closed()

    class Polite(GeminiDialect):
        def due(self) -> list[bytes]:
            return [b"thanks"] if self.ready else []

    heard = Heard()
    async with model(script) as target:
        link = await Link.open(target, Polite(SETUP, Profile(row=MODELS[0]), SHELF), heard.event, heard.close)
        await heard.until(lambda: bool(heard.events))
        link.close()
    assert got in ([b"thanks"], ["thanks"])
