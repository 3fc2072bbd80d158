"""The server over real sockets: paths, keys, faults, and a first exchange with an agent file."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from vivavoce.agents import Briefing, load, render_briefing, system_instruction, tool_declarations
from vivavoce.local.server import PATH, serve
from vivavoce.wire.gemini.codec import decode_server, encode_audio_in
from vivavoce.wire.gemini.messages import ServerMessage

from .fakes import INSTANT, LoudDetector, ScriptedEars, ToneMouth, silence, speech

pytestmark = pytest.mark.slow

FOUNDER = load((Path(__file__).parents[2] / "examples/agents/founder.yaml").read_text()).spec
SETUP: dict[str, Any] = {"model": "models/local", "sessionResumption": {}, "outputAudioTranscription": {}}


def serving(**changes: Any) -> Any:
    given_: dict[str, Any] = {
        "ears": ScriptedEars(),
        "mouth": ToneMouth(),
        "tempo": INSTANT,
        "make_detector": LoudDetector,
    }
    return serve(**(given_ | changes))


def dial(port: int, path: str = PATH, **more: Any) -> Any:
    return connect(f"ws://127.0.0.1:{port}{path}", compression=None, proxy=None, **more)


async def send(link: ClientConnection, **message: Any) -> None:
    await link.send(json.dumps(message))


async def receive(link: ClientConnection) -> ServerMessage:
    data = await link.recv()
    assert isinstance(data, bytes), "the service sends binary frames"
    return decode_server(data)


async def turn(link: ClientConnection) -> list[ServerMessage]:
    """Messages up to the handle that follows a turn."""
    messages = [await receive(link)]
    while messages[-1].session_resumption_update is None:
        messages.append(await receive(link))
    return messages


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


async def closed(link: ClientConnection) -> tuple[int, str]:
    """Read to the end; how the connection was closed."""
    try:
        while True:
            await link.recv()
    except ConnectionClosed as error:
        return (error.rcvd.code, error.rcvd.reason) if error.rcvd is not None else (1006, "")


async def test_an_interview_begins() -> None:
    """Setup, a greeting in audio, a spoken answer, its fact, and the next question."""
    told = tool_declarations(FOUNDER, "alex", {})
    setup = SETUP | {
        "systemInstruction": {"parts": [{"text": system_instruction(FOUNDER, "alex")}]},
        "tools": [{"functionDeclarations": told}],
        "realtimeInputConfig": {"automaticActivityDetection": {"silenceDurationMs": 32}},
    }
    story = "on march tenth they lost six hours"
    async with serving(ears=ScriptedEars(story)) as server, dial(server.port) as link:
        await greet(link, setup)
        await send(link, realtimeInput={"text": render_briefing(Briefing(reason="opening", speaker="alex"))})
        opening = await turn(link)
        assert "AI" in said(opening)
        assert said(opening).endswith("Walk me through the last time someone actually hit this problem.")
        assert audio_bytes(opening) > 24_000
        await link.send(encode_audio_in(speech(640) + silence(96)))
        answer = await turn(link)
        calls = [call for m in answer if m.tool_call is not None for call in m.tool_call.function_calls]
        assert calls[0].args == {"facts": {"last_event": story}, "asked": ["customer"]}
        assert said(answer).endswith("Who exactly is the customer?")


@pytest.mark.parametrize(
    "path",
    [
        "/" + PATH,
        "/a/b" + PATH.replace("v1beta", "v1alpha") + "Constrained?access_token=x",
        PATH.replace("v1beta", "v1") + "?key=anything",
        "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent",
    ],
)
async def test_paths_of_the_service(path: str) -> None:
    async with serving() as server, dial(server.port, path) as link:
        await greet(link)


async def test_another_path_is_not_found() -> None:
    async with serving() as server:
        with pytest.raises(InvalidStatus) as caught:
            await dial(server.port, "/ws/elsewhere").__aenter__()
        assert caught.value.response.status_code == 404


@pytest.mark.parametrize(
    ("query", "headers", "wanted"),
    [
        ("", {}, (1008, "Method doesn't allow unregistered callers")),
        ("?key=wrong", {}, (1007, "API key not valid. Please pass a valid API key.")),
        ("", {"x-goog-api-key": "falsch \u00fc"}, (1007, "API key not valid. Please pass a valid API key.")),
        ("?key=right", {}, None),
        ("", {"x-goog-api-key": "right"}, None),
        ("", {"Authorization": "Bearer right"}, None),
    ],
)
async def test_keys(query: str, headers: dict[str, str], wanted: tuple[int, str] | None) -> None:
    raw = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    async with serving(key="right") as server, dial(server.port, PATH + query, additional_headers=raw) as link:
        if wanted is None:
            await greet(link)
        else:
            code, reason = await closed(link)
            assert (code, reason.startswith(wanted[1])) == (wanted[0], True)


async def test_a_frame_over_one_mebibyte_is_refused() -> None:
    async with serving() as server, dial(server.port) as good, dial(server.port) as bad:
        await greet(good)
        await greet(bad)
        await bad.send(b"x" * (1024 * 1024 + 1))
        assert (await closed(bad))[0] == 1009
        await send(good, realtimeInput={"text": "hello"})
        assert "hello" in said(await turn(good))


async def test_the_network_can_be_made_to_fail() -> None:
    async with serving() as server, dial(server.port) as first, dial(server.port) as second:
        await greet(first)
        await greet(second)
        assert server.drop(1) == 1
        assert (await closed(second))[0] == 1006
        await server.go_away(12.5)
        away = await receive(first)
        assert away.go_away is not None
        assert away.go_away.time_left == "12.5s"
        await server.hang_up(1011, "Internal error encountered.")
        assert await closed(first) == (1011, "Internal error encountered.")


async def test_handles_live_over_connections_until_refused() -> None:
    async with serving() as server:
        async with dial(server.port) as link:
            await greet(link)
            await send(link, realtimeInput={"text": "hello"})
            update = (await turn(link))[-1].session_resumption_update
            assert update is not None
        again = SETUP | {"sessionResumption": {"handle": update.new_handle}}
        async with dial(server.port) as link:
            await greet(link, again)
        server.refuse_handles()
        async with dial(server.port) as link:
            await send(link, setup=again)
            assert await closed(link) == (1008, "Requested entity was not found.")


_KINDS = ["setup", "realtimeInput", "clientContent", "toolResponse", "realtime_input", "nonsense"]
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_NAMES = st.sampled_from(["text", "audio", "data", "mimeType", "activityStart", "turns", "parts", "id"])
_TREES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4))
_SOUND = st.binary(max_size=4096).map(
    lambda pcm: {"realtimeInput": {"audio": {"mimeType": "audio/pcm", "data": base64.b64encode(pcm).decode()}}}
)
_TYPED = st.text(max_size=60).map(lambda text: {"realtimeInput": {"text": text}})
_MESSAGES = (
    st.binary(max_size=200)
    | st.text(max_size=200)
    | (st.dictionaries(st.sampled_from(_KINDS), _TREES, max_size=2) | _SOUND | _TYPED).map(json.dumps)
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(_MESSAGES, max_size=12), set_up=st.booleans())
async def test_nothing_a_client_sends_disturbs_another(messages: list[bytes | str], set_up: bool) -> None:
    """Whatever comes: the server answers or closes with a code, and the other session goes on."""
    async with serving() as server, dial(server.port) as good, dial(server.port) as bad:
        await greet(good)
        try:
            if set_up:
                await greet(bad)
            for message in messages:
                await bad.send(message)
            await bad.send(b"{")
        except ConnectionClosed:
            pass
        code, _ = await closed(bad)
        assert code == 1007
        await send(good, realtimeInput={"text": "still here"})
        assert "still here" in said(await turn(good))
