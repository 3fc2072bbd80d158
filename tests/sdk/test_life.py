"""The life of a session through the official SDKs: resumed, sent away, let in by a token, refused, closed."""

from __future__ import annotations

import asyncio

import pytest

from tests.local.fakes import ScriptedMind, TurnedClock
from vivavoce.local.front.certificate import Certificate
from vivavoce.local.minds.acts import Act
from vivavoce.local.parts import Rules

from .sdks import Client
from .stand import config, standing

pytestmark = pytest.mark.slow

MODEL = "gemini-3.8-live"


class TellingMind(ScriptedMind):
    """Tells the test what it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: asyncio.Queue[str] = asyncio.Queue()

    def read(self, text: str) -> list[Act]:
        self.reads.put_nowait(text)
        return super().read(text)


@pytest.mark.conformance("S1")
async def test_tls(client: Client, certificate: Certificate) -> None:
    """The certificate the server makes for itself is one that both runtimes take."""
    async with standing(certificate, port=None, make_mind=ScriptedMind()) as stand:
        connect = ["connect", {"model": MODEL, "config": config()}]
        record = (await client.hold(stand.secure_url, connect, ["text", "hello"], ["until", "turn"], ["close"])).record
    assert record.said == "You wrote hello."


@pytest.mark.conformance("S50", "S51")
async def test_a_resumed_session(client: Client, certificate: Certificate) -> None:
    mind = ScriptedMind()
    async with standing(certificate, make_mind=mind) as stand:
        outcome = await client.hold(
            stand.url(client),
            ["connect", {"model": MODEL, "config": config(session_resumption={})}],
            ["text", "hello"],
            ["until", "handle"],
            ["close"],
            ["connect", {"model": MODEL, "config": config(system_instruction="You are Sam."), "resume": True}],
            ["text", "back"],
            ["until", "turn"],
            ["close"],
        )
    assert outcome.record.said == "You wrote back."
    assert [text for kind, text in mind.log if kind == "read"] == ["hello", "back"]
    assert [given for kind, given in mind.log if kind == "born"] == [("", None), ("You are Sam.", b"saved")]
    first, second = outcome.records
    assert second.tokens("prompt_token_count")[0] > first.tokens("prompt_token_count")[0]


@pytest.mark.conformance("S51")
async def test_a_handle_nobody_knows(client: Client, certificate: Certificate) -> None:
    unknown = config(session_resumption={"handle": "never issued"})
    async with standing(certificate) as stand:
        outcome = await client.hold(stand.url(client), ["connect", {"model": MODEL, "config": unknown}])
    assert outcome.failure.step == "connect"
    assert "Requested entity was not found." in outcome.failure.text


@pytest.mark.conformance("S52")
async def test_going_away(client: Client, certificate: Certificate) -> None:
    """The announcement, then the close, then back with the handle."""
    mind = TellingMind()
    async with standing(certificate, make_mind=mind) as stand:
        held = asyncio.create_task(
            client.hold(
                stand.url(client),
                ["connect", {"model": MODEL, "config": config(session_resumption={})}],
                ["text", "hello"],
                ["until", "go_away"],
                ["until", "handle"],
                ["close"],
                ["connect", {"model": MODEL, "config": config(), "resume": True}],
                ["text", "back"],
                ["until", "turn"],
                ["close"],
            )
        )
        await mind.reads.get()
        await stand.server.go_away(12.5)
        outcome = await held
    assert outcome.record.said == "You wrote back."
    assert outcome.records[0].time_left == "12.5s"


@pytest.mark.conformance("S52")
async def test_a_connection_has_a_life(client: Client, certificate: Certificate) -> None:
    """The service's own end of a connection: announced, then closed; the session goes on elsewhere."""
    clock, mind = TurnedClock(), TellingMind()
    rules = Rules(connection_life_s=600, go_away_lead_s=50)
    async with standing(certificate, make_mind=mind, clock=clock, rules=rules) as stand:
        held = asyncio.create_task(
            client.hold(
                stand.url(client),
                ["connect", {"model": MODEL, "config": config(session_resumption={})}],
                ["text", "hello"],
                ["until", "go_away"],
                ["text", "seen"],
                ["until", "never"],
            )
        )
        await mind.reads.get()
        await clock.turn(550)
        await mind.reads.get()
        await clock.turn(50)
        outcome = await held
    assert outcome.records[0].time_left == "50s"
    assert outcome.failure.code == 1011
    assert outcome.failure.text.endswith("Deadline expired before operation could complete.")


@pytest.mark.conformance("S51")
async def test_one_session_has_one_connection(client: Client, certificate: Certificate) -> None:
    connect = ["connect", {"model": MODEL, "config": config(session_resumption={})}]
    again = ["connect", {"model": MODEL, "config": config(), "resume": True}]
    async with standing(certificate, make_mind=ScriptedMind()) as stand:
        outcome = await client.hold(stand.url(client), connect, ["text", "hello"], ["until", "handle"], again)
    assert outcome.failure.step == "connect"
    assert outcome.failure.code == 1011


@pytest.mark.parametrize(("code", "reason"), [(1011, "Internal error encountered."), (1000, "")])
async def test_the_server_closes(client: Client, certificate: Certificate, code: int, reason: str) -> None:
    mind = TellingMind()
    async with standing(certificate, make_mind=mind) as stand:
        held = asyncio.create_task(
            client.hold(
                stand.url(client),
                ["connect", {"model": MODEL, "config": config()}],
                ["text", "hello"],
                ["until", "never"],
            )
        )
        await mind.reads.get()
        await stand.server.hang_up(code, reason)
        failure = (await held).failure
    assert failure.step == "until"
    assert failure.code == code
    assert reason in failure.text


@pytest.mark.conformance("S7")
async def test_the_client_closes(client: Client, certificate: Certificate) -> None:
    async with standing(certificate, make_mind=ScriptedMind()) as stand:
        connect = ["connect", {"model": MODEL, "config": config()}]
        outcome = await client.hold(stand.url(client), connect, ["close"], connect, ["text", "x"], ["close"])
        assert outcome.error is None
        await stand.idle()


@pytest.mark.conformance("S4")
async def test_a_refused_key(client: Client, certificate: Certificate) -> None:
    async with standing(certificate, keys=["right"]) as stand:
        connect = ["connect", {"model": MODEL, "config": config()}]
        good = await client.hold(stand.url(client), connect, ["close"], key="right")
        bad = await client.hold(stand.url(client), connect, key="wrong")
    assert good.error is None
    assert bad.failure.step == "connect"
    assert bad.failure.code == 1007
    assert "API key not valid. Please pass a valid API key." in bad.failure.text


@pytest.mark.conformance("S14")
async def test_a_refused_setup(client: Client, certificate: Certificate) -> None:
    written = {"response_modalities": ["TEXT"]}
    async with standing(certificate) as stand:
        outcome = await client.hold(stand.url(client), ["connect", {"model": MODEL, "config": written}])
    assert outcome.failure.code == 1007


@pytest.mark.conformance("S14")
async def test_an_unknown_voice(client: Client, certificate: Certificate) -> None:
    voice = config(speech_config={"voice_config": {"prebuilt_voice_config": {"voice_name": "Nobody"}}})
    async with standing(certificate) as stand:
        outcome = await client.hold(stand.url(client), ["connect", {"model": MODEL, "config": voice}])
    assert outcome.failure.code == 1007
    assert "No matching speaker voice found for name: Nobody" in outcome.failure.text


@pytest.mark.conformance("S5")
async def test_an_ephemeral_token(client: Client, certificate: Certificate) -> None:
    if not client.has("tokens"):
        pytest.skip(f"{client.version} can mint tokens and has no way to show one")
    constraints = {"model": MODEL, "config": config(system_instruction="You are Sam.")}
    mind = ScriptedMind()
    connect = ["connect", {"model": MODEL, "config": config(), "version": "v1alpha"}]
    async with standing(certificate, make_mind=mind, keys=["right"]) as stand:
        outcome = await client.hold(
            stand.url(client),
            ["token", {"uses": 1, "live_connect_constraints": constraints}],
            connect,
            ["text", "hello"],
            ["until", "turn"],
            ["close"],
            connect,
            key="right",
        )
    assert outcome.records[0].said == "You wrote hello."
    assert mind.log[0] == ("born", ("You are Sam.", None))
    assert outcome.failure.step == "connect", "the token was good for one session"
    assert outcome.failure.code == 1008


@pytest.mark.conformance("S5")
@pytest.mark.parametrize(("lock", "born"), [([], ""), (["temperature"], ""), (None, "You are Sam.")])
async def test_what_a_token_fixes(client: Client, certificate: Certificate, lock: list[str] | None, born: str) -> None:
    """With a mask the fields in it, without one the whole setup: what the client asks for besides is left aside."""
    if not client.has("tokens"):
        pytest.skip(f"{client.version} can mint tokens and has no way to show one")
    constraints = {"model": MODEL, "config": config() | ({"system_instruction": born} if born else {})}
    token = {"live_connect_constraints": constraints} | ({} if lock is None else {"lock_additional_fields": lock})
    mind = ScriptedMind()
    asked = config(system_instruction="You are Alex.")
    async with standing(certificate, make_mind=mind, keys=["right"]) as stand:
        outcome = await client.hold(
            stand.url(client),
            ["token", token],
            ["connect", {"model": MODEL, "config": asked, "version": "v1alpha"}],
            ["close"],
            key="right",
        )
    assert outcome.error is None
    assert mind.log[0] == ("born", (born or "You are Alex.", None))


@pytest.mark.conformance("S6")
async def test_the_models_on_offer(client: Client, certificate: Certificate) -> None:
    async with standing(certificate, keys=["right"]) as stand:
        outcome = await client.hold(stand.url(client), ["models"], key="right")
    assert f"models/{MODEL}" in outcome.record.models
