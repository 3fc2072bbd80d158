"""The OpenAI Realtime side of the same server through its official SDK: typed, spoken, interrupted, with a tool."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.fakes import ScriptedEars, ScriptedMind, TurnedClock
from vivavoce.local.front.certificate import Certificate
from vivavoce.local.minds.acts import Call, Say
from vivavoce.local.tempo import Tempo

from .sdks import Client
from .stand import standing

pytestmark = pytest.mark.slow

MODEL = "gpt-realtime"
HEARING: dict[str, Any] = {"transcription": {"model": "whisper-1"}}
DONE = "response.done"


def session(**more: Any) -> list[Any]:
    """The step that sets a session up: sound out, words of what it heard."""
    return ["session", {"output_modalities": ["audio"], "audio": {"input": HEARING}} | more]


async def test_a_typed_turn(openai_client: Client, certificate: Certificate) -> None:
    async with standing(certificate, make_mind=ScriptedMind()) as stand:
        record = (
            await openai_client.hold(
                stand.plain_url,
                ["connect", MODEL],
                ["until", "session.created"],
                session(instructions="You are Sam."),
                ["until", "session.updated"],
                ["text", "hello"],
                ["until", DONE],
                ["close"],
            )
        ).record
    assert record.said == "You wrote hello."
    assert record.audio_bytes == len(record.said) * 480
    assert record.statuses == ["completed"]
    assert record.usage[0]["total_tokens"] > 0
    order = [record.events.index(kind) for kind in ("response.created", "response.output_audio.done", DONE)]
    assert order == sorted(order)


async def test_a_spoken_turn(openai_client: Client, certificate: Certificate) -> None:
    async with standing(certificate, make_mind=ScriptedMind(), ears=ScriptedEars("What time is it?")) as stand:
        record = (
            await openai_client.hold(
                stand.plain_url,
                ["connect", MODEL],
                session(),
                ["until", "session.updated"],
                ["speak", 640, 1500],
                ["until", DONE],
                ["close"],
            )
        ).record
    assert record.heard == "What time is it?"
    assert record.said == "You said What time is it?."
    assert record.events.index("input_audio_buffer.speech_started") < record.events.index("response.created")


async def test_a_barge_in(openai_client: Client, certificate: Certificate) -> None:
    mind = ScriptedMind({"go": [Say("x" * 500)], "stop": [Say("Yes?")]})
    tempo = Tempo(burst_ms=500, until_played=False)
    given = {"make_mind": mind, "ears": ScriptedEars("stop"), "tempo": tempo, "clock": TurnedClock()}
    async with standing(certificate, **given) as stand:
        record = (
            await openai_client.hold(
                stand.plain_url,
                ["connect", MODEL],
                session(),
                ["until", "session.updated"],
                ["text", "go"],
                ["until", "response.output_audio.delta"],
                ["speak", 640, 1500],
                ["truncate", 100],
                ["until", DONE, 2],
                ["close"],
            )
        ).record
    assert record.statuses == ["cancelled", "completed"]
    assert record.said.endswith("Yes?")
    assert record.errors == []


async def test_a_call(openai_client: Client, certificate: Certificate) -> None:
    mind = ScriptedMind({"go": [Call("clock", {"zone": "UTC"})], "clock returned": [Say("Noon.")]})
    tool = {"type": "function", "name": "clock", "parameters": {"type": "object", "properties": {}}}
    async with standing(certificate, make_mind=mind) as stand:
        record = (
            await openai_client.hold(
                stand.plain_url,
                ["connect", MODEL],
                session(tools=[tool]),
                ["until", "session.updated"],
                ["text", "go"],
                ["until", DONE],
                ["answer", {"time": "12:00"}],
                ["until", DONE],
                ["close"],
            )
        ).record
    assert [(call["name"], call["args"]) for call in record.calls] == [("clock", {"zone": "UTC"})]
    assert record.said == "Noon."
    assert any(kind == "returned" for kind, _ in mind.log)


async def test_an_error_ends_nothing(openai_client: Client, certificate: Certificate) -> None:
    async with standing(certificate, make_mind=ScriptedMind()) as stand:
        record = (
            await openai_client.hold(
                stand.plain_url,
                ["connect", MODEL],
                ["raw", {"type": "no.such.event", "event_id": "mine"}],
                ["until", "error"],
                ["text", "still there"],
                ["until", DONE],
                ["close"],
            )
        ).record
    assert record.errors[0]["event_id"] == "mine"
    assert record.said == "You wrote still there."


async def test_a_refused_key(openai_client: Client, certificate: Certificate) -> None:
    async with standing(certificate, keys=["right"]) as stand:
        good = await openai_client.hold(stand.plain_url, ["connect", MODEL], ["close"], key="right")
        bad = await openai_client.hold(stand.plain_url, ["connect", MODEL], key="wrong")
    assert good.error is None
    assert bad.failure.code == 401


async def test_over_tls(openai_client: Client, certificate: Certificate) -> None:
    async with standing(certificate, make_mind=ScriptedMind()) as stand:
        outcome = await openai_client.hold(stand.secure_url, ["connect", MODEL], ["until", "session.created"])
    assert outcome.error is None
