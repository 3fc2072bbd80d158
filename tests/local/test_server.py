"""The server over real sockets: addresses, keys, tokens, faults, limits, and a first exchange with an agent file."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from vivavoce.agents import Briefing, load, render_briefing, system_instruction, tool_declarations
from vivavoce.local.faults.script import Script
from vivavoce.local.front.certificate import self_made
from vivavoce.local.server import PATH
from vivavoce.local.typed_yaml import parse
from vivavoce.wire.gemini.codec import encode_audio_in

from .dialling import MODEL, SETUP, audio_bytes, closed, dial, greet, handle, receive, said, send, serving, talk, turn
from .fakes import ScriptedEars, silence, speech

pytestmark = pytest.mark.slow

FOUNDER = load((Path(__file__).parents[2] / "examples/agents/founder.yaml").read_text()).spec
CONSTRAINED = PATH + "Constrained"
VERTEX_PATH = "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent"
VERTEX_SETUP = SETUP | {"model": "publishers/google/models/gemini-3.8-live"}
WRONG_KEY = (1007, "API key not valid. Please pass a valid API key.")
NO_KEY = (1008, "Method doesn't allow unregistered callers (callers without established identity).")
WRONG_TOKEN = (1008, "Request had invalid authentication credentials.")


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


# ---------------------------------------------------------------------------------------------------- addresses


@pytest.mark.conformance("S2")
@pytest.mark.parametrize(
    ("path", "setup"),
    [
        ("/" + PATH, SETUP),
        ("/a/b" + PATH.replace("v1beta", "v1alpha") + "Constrained?access_token=x", SETUP),
        (PATH.replace("v1beta", "v1") + "?key=anything", SETUP),
        (VERTEX_PATH, VERTEX_SETUP),
        ("/", VERTEX_SETUP),
    ],
)
async def test_paths_of_the_service(path: str, setup: dict[str, Any]) -> None:
    async with serving() as server, dial(server.port, path) as link:
        await send(link, setup=setup)
        assert (await receive(link)).setup_complete is not None


async def test_another_path_is_not_found() -> None:
    async with serving() as server:
        with pytest.raises(InvalidStatus) as caught:
            await dial(server.port, "/ws/elsewhere").__aenter__()
        assert caught.value.response.status_code == 404


@pytest.mark.conformance("S1")
async def test_tls_and_plain_at_a_time(tmp_path: Path) -> None:
    made = self_made(tmp_path)
    trust = ssl.create_default_context(cafile=str(made.trust_file))
    async with serving(host="localhost", certificate=made) as server:
        url = f"wss://localhost:{server.tls_port}{PATH}"
        async with dial(server.port) as plain, connect(url, ssl=trust, proxy=None) as secure:
            for link in (plain, secure):
                await greet(link)
                await talk(link)
        async with httpx.AsyncClient(verify=trust, trust_env=False) as http:
            assert (await http.get(f"https://localhost:{server.tls_port}/v1beta/models")).status_code == 200


async def test_no_plain_port_when_none_is_wanted(tmp_path: Path) -> None:
    async with serving(port=None, certificate=self_made(tmp_path)) as server:
        assert server.port == 0
        assert server.tls_port > 0


# ---------------------------------------------------------------------------------------------------- credentials


@pytest.mark.conformance("S3", "S4")
@pytest.mark.parametrize(
    ("query", "headers", "wanted"),
    [
        ("", {}, NO_KEY),
        ("?key=", {"x-goog-api-key": ""}, NO_KEY),
        ("?key=wrong", {}, WRONG_KEY),
        ("", {"x-goog-api-key": "falsch \u00fc"}, WRONG_KEY),
        ("", {"Authorization": "Bearer wrong"}, WRONG_TOKEN),
        ("?access_token=wrong", {}, WRONG_TOKEN),
        ("?key=right", {}, None),
        ("?access_token=right", {}, None),
        ("", {"x-goog-api-key": "also right"}, None),
        ("", {"Authorization": "Bearer right"}, None),
        ("", {"Authorization": "Token right"}, None),
    ],
)
async def test_keys(query: str, headers: dict[str, str], wanted: tuple[int, str] | None) -> None:
    raw = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    keys = ["right", "also right"]
    async with serving(keys=keys) as server, dial(server.port, PATH + query, additional_headers=raw) as link:
        if wanted is None:
            await greet(link)
        else:
            assert await closed(link) == wanted
            assert server.sessions == 0


async def mint(port: int, **body: Any) -> str:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"http://127.0.0.1:{port}//v1alpha/auth_tokens?key=right", json=body)
    assert answer.status_code == 200, answer.text
    name = answer.json()["name"]
    assert isinstance(name, str)
    return name


class Wall:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.conformance("S5")
async def test_an_ephemeral_token_lets_one_session_in_and_back() -> None:
    wall = Wall()
    async with serving(keys=["right"], wall=wall) as server:
        token = await mint(server.port)
        path = f"{CONSTRAINED}?access_token={token}"
        async with dial(server.port, path) as link:
            await greet(link)
            await send(link, realtimeInput={"text": "hello"})
            resumed = SETUP | {"sessionResumption": {"handle": await handle(link)}}
        async with dial(server.port, path) as link:
            await send(link, setup=SETUP)
            assert await closed(link) == WRONG_TOKEN, "used up"
        async with dial(server.port, CONSTRAINED, additional_headers={"Authorization": f"Token {token}"}) as link:
            await greet(link, resumed)
            wall.now += 30 * 60
            await send(link, realtimeInput={"text": "too late"})
            assert await closed(link) == WRONG_TOKEN, "expired while connected"
        async with dial(server.port, path) as link:
            assert await closed(link) == WRONG_TOKEN, "expired"


@pytest.mark.conformance("S4", "S5")
@pytest.mark.parametrize("keys", [[], ["right"]])
async def test_tokens_have_their_own_method_and_are_never_guessed(keys: list[str]) -> None:
    async with serving(keys=keys) as server:
        token = await mint(server.port)
        async with dial(server.port, f"{PATH}?key={token}") as link:
            assert await closed(link) == NO_KEY
        async with dial(server.port, f"{CONSTRAINED}?access_token=auth_tokens/guessed") as link:
            assert await closed(link) == WRONG_TOKEN


@pytest.mark.conformance("S5")
async def test_a_token_fixes_fields_of_the_setup() -> None:
    fixed = {"bidiGenerateContentSetup": {"model": MODEL, "outputAudioTranscription": {}}}
    async with serving() as server:
        token = await mint(server.port, **fixed, fieldMask="model,output_audio_transcription")
        async with dial(server.port, f"{CONSTRAINED}?access_token={token}") as link:
            await greet(link, {"model": "models/no-such-model", "sessionResumption": {}})
            await talk(link)


# ---------------------------------------------------------------------------------------------------- the wire


@pytest.mark.conformance("S7")
async def test_compression_is_accepted_when_offered() -> None:
    async with serving() as server, dial(server.port, compression="deflate") as link:
        assert "permessage-deflate" in link.response.headers["Sec-WebSocket-Extensions"]
        await greet(link)
        await talk(link)


@pytest.mark.conformance("S7")
async def test_pings_are_answered_while_the_model_talks() -> None:
    async with serving() as server, dial(server.port) as link:
        await greet(link)
        await send(link, realtimeInput={"text": "hello " * 200})
        await receive(link)
        async with asyncio.timeout(5):
            await (await link.ping())
        await link.close(4000, "enough")
        assert link.close_code == 4000, "a close is answered with the same"


@pytest.mark.conformance("S16")
async def test_no_refusal_is_a_message() -> None:
    async with serving() as server, dial(server.port) as link:
        await greet(link)
        await send(link, nonsense={})
        with pytest.raises(ConnectionClosed):
            await link.recv()


@pytest.mark.conformance("S15")
async def test_a_long_reason_is_cut_between_characters() -> None:
    async with serving() as server, dial(server.port) as link:
        await greet(link)
        await server.hang_up(1011, "ü" * 100)
        assert await closed(link) == (1011, "ü" * 61)


async def test_a_frame_over_one_mebibyte_is_refused() -> None:
    async with serving() as server, dial(server.port) as good, dial(server.port) as bad:
        await greet(good)
        await greet(bad)
        await bad.send(b"x" * (1024 * 1024 + 1))
        assert (await closed(bad))[0] == 1009
        await talk(good)


# ---------------------------------------------------------------------------------------------------- faults


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
            again = SETUP | {"sessionResumption": {"handle": await handle(link)}}
        async with dial(server.port) as link:
            await greet(link, again)
        server.refuse_handles()
        async with dial(server.port) as link:
            await send(link, setup=again)
            assert await closed(link) == (1008, "Requested entity was not found.")


def faulty(rules: str) -> Script:
    return parse(f"faults: [{rules}]", Script, name="faults.yaml")


@pytest.mark.conformance("S55")
async def test_a_fault_file_at_work() -> None:
    rules = "{when: {link: 2}, do: refuse_upgrade, status: 429}, {when: {server: turnComplete}, do: reset}"
    async with serving(faults=faulty(rules)) as server:
        async with dial(server.port) as link:
            await greet(link)
            await send(link, realtimeInput={"text": "hello"})
            assert (await closed(link))[0] == 1006
        with pytest.raises(InvalidStatus) as caught:
            await dial(server.port).__aenter__()
        assert caught.value.response.status_code == 429
        async with dial(server.port) as link:
            await greet(link)


@pytest.mark.conformance("S55")
async def test_pings_can_stay_unanswered() -> None:
    rules = "{when: {client: text}, do: slow_pong}, {when: {client: text, nth: 2}, do: slow_pong, delay_s: 0.01}"
    async with serving(faults=faulty(rules)) as server, dial(server.port) as link:
        await greet(link)
        await talk(link)
        never = await link.ping()
        await talk(link, "again")
        assert not never.done()
        async with asyncio.timeout(5):
            await (await link.ping())


# ---------------------------------------------------------------------------------------------------- limits


@pytest.mark.conformance("S56")
async def test_a_thousand_sockets_that_say_nothing_do_not_hurt_a_running_call() -> None:
    """Half of them say nothing at all, half begin a request and never end it."""
    async with serving() as server, dial(server.port) as link:
        await greet(link)
        held = []
        for number in range(1000):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            if number % 2:
                writer.write(b"GET /ws/ HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            held.append((reader, writer))
            if number % 250 == 0:
                await talk(link)
        await talk(link)
        assert server.at_the_door <= 512
        async with dial(server.port) as late:
            await greet(late)
            await talk(late)
        assert await held[0][0].read() == b"", "the first were cut off for the later ones"
        for _, writer in held:
            writer.transport.abort()
        await talk(link)


@pytest.mark.conformance("S56")
async def test_a_client_that_does_not_read_holds_nobody_up() -> None:
    """Its turn waits in the sockets' buffers, and goes on when it reads again."""
    async with serving() as server, dial(server.port) as stalled, dial(server.port) as other:
        await greet(stalled)
        await greet(other)
        stalled.transport.pause_reading()
        await send(stalled, realtimeInput={"text": "hello " * 3000})
        for _ in range(5):
            await talk(other)
        stalled.transport.resume_reading()
        assert audio_bytes(await turn(stalled)) > 8_000_000


async def test_a_stop_does_not_wait_for_those_at_the_door() -> None:
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        while server.at_the_door == 0:  # noqa: ASYNC110  nothing tells of the first one
            await asyncio.sleep(0)
        stopped_at = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - stopped_at < 5
    assert await reader.read() == b""
    writer.close()


async def test_one_session_too_many_is_a_matter_of_quota() -> None:
    async with serving(most_sessions=1) as server, dial(server.port) as first, dial(server.port) as second:
        await greet(first)
        assert await closed(second) == (1011, "Resource has been exhausted (e.g. check quota).")
        await talk(first)


@pytest.mark.parametrize("refused", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer ek_guessed"}])
async def test_the_other_service_refuses_the_upgrade(refused: dict[str, str]) -> None:
    async with serving(keys=["right"]) as server:
        with pytest.raises(InvalidStatus) as caught:
            await dial(server.port, "/v1/realtime?model=gpt-realtime", additional_headers=refused).__aenter__()
        assert caught.value.response.status_code == 401
        body = caught.value.response.body
        assert body is not None
        assert json.loads(body)["error"]["type"] == "invalid_request_error"


async def test_a_client_secret_of_the_other_service() -> None:
    session = {"type": "realtime", "model": "gpt-realtime", "instructions": "Be brief."}
    async with serving(keys=["right"]) as server:
        async with httpx.AsyncClient(trust_env=False) as http:
            url = f"http://127.0.0.1:{server.port}/v1/realtime/client_secrets"
            made = await http.post(url, json={"session": session}, headers={"Authorization": "Bearer right"})
        offered = ["realtime", f"openai-insecure-api-key.{made.json()['value']}"]
        async with dial(server.port, "/v1/realtime", subprotocols=offered) as link:
            assert link.subprotocol == "realtime"
            events = [json.loads(await link.recv()) for _ in range(2)]
    assert [event["type"] for event in events] == ["session.created", "session.updated"]
    assert events[1]["session"]["instructions"] == "Be brief."
    assert events[1]["session"]["model"] == "gpt-realtime"


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


@pytest.mark.conformance("S56")
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
        await talk(good, "still here")
