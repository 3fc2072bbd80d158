"""Helpers for tests that talk to a server over real sockets."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from vivavoce.local.server import PATH, serve
from vivavoce.wire.gemini.codec import decode_server
from vivavoce.wire.gemini.messages import ServerMessage

from .fakes import INSTANT, LoudDetector, ScriptedEars, ToneMouth

MODEL = "models/gemini-3.8-live"
SETUP: dict[str, Any] = {"model": MODEL, "sessionResumption": {}, "outputAudioTranscription": {}}

WITHIN_S = 10.0
"""A message that has not come by then does not come."""


def serving(**changes: Any) -> Any:
    given: dict[str, Any] = {
        "ears": ScriptedEars(),
        "mouth": ToneMouth(),
        "tempo": INSTANT,
        "make_detector": LoudDetector,
    }
    return serve(**(given | changes))


def dial(port: int, path: str = PATH, **more: Any) -> Any:
    return connect(f"ws://127.0.0.1:{port}{path}", proxy=None, **({"compression": None} | more))


async def send(link: ClientConnection, **message: Any) -> None:
    await link.send(json.dumps(message))


async def receive(link: ClientConnection) -> ServerMessage:
    async with asyncio.timeout(WITHIN_S):
        data = await link.recv()
    assert isinstance(data, bytes), "the service sends binary frames"
    return decode_server(data)


async def turn(link: ClientConnection) -> list[ServerMessage]:
    """Messages of a turn, to its end; calls of tools are answered."""
    messages: list[ServerMessage] = []
    while True:
        message = await receive(link)
        messages.append(message)
        for call in message.tool_call.function_calls if message.tool_call is not None else []:
            await send(link, toolResponse={"functionResponses": [{"id": call.id, "name": call.name, "response": {}}]})
        if message.server_content is not None and message.server_content.turn_complete:
            return messages


async def handle(link: ClientConnection) -> str:
    """The next handle that can be resumed from."""
    while True:
        update = (await receive(link)).session_resumption_update
        if update is not None and update.resumable:
            return update.new_handle


def said(messages: list[ServerMessage]) -> str:
    contents = [message.server_content for message in messages if message.server_content is not None]
    return "".join(
        content.output_transcription.text for content in contents if content.output_transcription is not None
    )


def audio_bytes(messages: list[ServerMessage]) -> int:
    contents = [message.server_content for message in messages if message.server_content is not None]
    parts = [part for content in contents if content.model_turn is not None for part in content.model_turn.parts]
    return sum(len(part.inline_data.data) for part in parts if part.inline_data is not None)


async def greet(link: ClientConnection, setup: dict[str, Any] = SETUP) -> None:
    await send(link, setup=setup)
    assert (await receive(link)).setup_complete is not None


async def talk(link: ClientConnection, text: str = "hello") -> None:
    """One typed turn."""
    await send(link, realtimeInput={"text": text})
    assert text in said(await turn(link))


async def closed(link: ClientConnection) -> tuple[int, str]:
    """Read to the end; how the connection was closed."""
    try:
        async with asyncio.timeout(WITHIN_S):
            while True:
                await link.recv()
    except ConnectionClosed as error:
        return (error.rcvd.code, error.rcvd.reason) if error.rcvd is not None else (1006, "")
