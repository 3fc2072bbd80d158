"""The official Python SDK as a client of our server, over real sockets."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest
from openai.resources.realtime.realtime import AsyncRealtimeConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.local.fakes import INSTANT, LoudDetector, ScriptedEars, ScriptedMind, ToneMouth, TurnedClock
from vivavoce.local.minds.acts import Call, Say
from vivavoce.local.server import Server, serve
from vivavoce.local.tempo import Tempo

from .desk import loud, quiet

MODEL = "gpt-realtime-2.1"
TURNS = {"type": "server_vad", "silence_duration_ms": 32}


@asynccontextmanager
async def served(*texts: str, script: dict[str, Any] | None = None, **options: Any) -> AsyncIterator[Server]:
    told: dict[str, Any] = {"tempo": INSTANT, "clock": TurnedClock()}
    async with serve(
        ears=ScriptedEars(*texts),
        mouth=ToneMouth(),
        make_mind=ScriptedMind(script),
        make_detector=LoudDetector,
        **told | options,
    ) as server:
        yield server


def sdk(server: Server, key: str) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(api_key=key, base_url=f"http://127.0.0.1:{server.port}/v1", max_retries=0)


@asynccontextmanager
async def connected(server: Server, key: str = "sk-test", model: str = MODEL) -> AsyncIterator[AsyncRealtimeConnection]:
    async with sdk(server, key) as client, client.realtime.connect(model=model) as connection:
        assert (await connection.recv()).type == "session.created"
        yield connection


async def until(connection: AsyncRealtimeConnection, kind: str) -> list[Any]:
    """Events up to the first of this kind."""
    events: list[Any] = []
    async for event in connection:
        events.append(event)
        if event.type == kind:
            return events
    raise AssertionError(f"the connection ended before {kind}")


async def speak(connection: AsyncRealtimeConnection, pcm: bytes) -> None:
    await connection.input_audio_buffer.append(audio=base64.b64encode(pcm).decode())


async def test_a_spoken_turn() -> None:
    async with served("hello") as server, connected(server) as connection:
        listening: Any = {"turn_detection": TURNS, "transcription": {"model": "gpt-transcribe"}}
        await connection.session.update(session={"type": "realtime", "audio": {"input": listening}})
        await speak(connection, loud(300) + quiet(300))
        events = await until(connection, "response.done")
        done = events[-1].response
        assert (done.status, done.output[0].content[0].transcript) == ("completed", "You said hello.")
        assert done.usage.total_tokens > 0
        sound = b"".join(base64.b64decode(e.delta) for e in events if e.type == "response.output_audio.delta")
        assert len(sound) == len("You said hello.") * 480
        heard = [e.transcript for e in events if e.type == "conversation.item.input_audio_transcription.completed"]
        assert heard == ["hello"]


async def test_a_typed_turn_and_a_tool() -> None:
    script = {"look": [Call("look", {"at": "it"})], "look returned": [Say("A cat.")]}
    async with served(script=script) as server, connected(server) as connection:
        await connection.session.update(
            session={"type": "realtime", "output_modalities": ["text"], "tools": [{"type": "function", "name": "look"}]}
        )
        content: Any = [{"type": "input_text", "text": "look"}]
        await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
        await connection.response.create()
        call = (await until(connection, "response.done"))[-1].response.output[0]
        assert (call.type, call.name, call.arguments) == ("function_call", "look", '{"at":"it"}')
        await connection.conversation.item.create(
            item={"type": "function_call_output", "call_id": call.call_id, "output": "cat"}
        )
        await connection.response.create()
        events = await until(connection, "response.done")
        assert [e.text for e in events if e.type == "response.output_text.done"] == ["A cat."]


async def test_a_barge_in_and_what_was_heard_of_it() -> None:
    script = {"hello": [Say("A long story.")]}
    slow = Tempo(speed=1.0, burst_ms=50)
    async with served("hello", "stop", script=script, tempo=slow) as server, connected(server) as connection:
        await speak(connection, loud(300) + quiet(300))
        item = (await until(connection, "response.output_audio.delta"))[-1].item_id
        await speak(connection, loud(300))
        events = await until(connection, "response.done")
        assert "input_audio_buffer.speech_started" in [e.type for e in events]
        assert (events[-1].response.status, events[-1].response.status_details.reason) == ("cancelled", "turn_detected")
        await connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=20)
        assert (await until(connection, "conversation.item.truncated"))[-1].audio_end_ms == 20


async def test_an_error_and_on() -> None:
    async with served() as server, connected(server) as connection:
        await connection.response.cancel(event_id="mine")
        error = (await until(connection, "error"))[-1].error
        assert (error.code, error.event_id) == ("response_cancel_not_active", "mine")
        await connection.response.create(response={"instructions": "Greet."})
        assert (await until(connection, "response.done"))[-1].response.status == "completed"


async def test_a_refused_key() -> None:
    async with served(keys=["sk-good"]) as server:
        with pytest.raises(InvalidStatus) as refused:
            async with connected(server, key="sk-bad"):
                pass
        assert refused.value.response.status_code == 401
        async with connected(server, key="sk-good"):
            pass


async def test_a_client_secret() -> None:
    async with served(keys=["sk-good"]) as server:
        async with sdk(server, "sk-good") as client:
            secret = await client.realtime.client_secrets.create(
                session={"type": "realtime", "model": MODEL, "instructions": "Be brief."}
            )
        async with connected(server, key=secret.value) as connection:
            updated: Any = (await until(connection, "session.updated"))[-1]
            assert updated.session.instructions == "Be brief."


async def test_a_wrong_model_and_a_close() -> None:
    async with served() as server:
        async with sdk(server, "sk-test") as client, client.realtime.connect(model="gpt-5") as connection:
            assert (await connection.recv()).type == "error"
            with pytest.raises(ConnectionClosed) as closed:
                await connection.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4004
        async with connected(server) as connection:
            await server.hang_up(1001, "Going away")
            with pytest.raises(ConnectionClosed):
                await connection.recv()
