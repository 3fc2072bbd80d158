"""Turns through the official SDKs: typed, spoken, marked, interrupted, updated."""

from __future__ import annotations

import asyncio

import pytest

from tests.local.fakes import ScriptedEars, ScriptedMind, TurnedClock
from vivavoce.local.front.certificate import Certificate
from vivavoce.local.minds.acts import Say, Think
from vivavoce.local.tempo import Tempo

from .sdks import Client
from .stand import ENDLESS, config, standing

pytestmark = pytest.mark.slow

NEWEST = "gemini-3.8-live"
GENERATIONS = (NEWEST, "gemini-3.1-flash-live-preview", "gemini-2.5-flash-native-audio-latest")
MARKED = {"realtime_input_config": {"automatic_activity_detection": {"disabled": True}}}


@pytest.mark.conformance("S10", "S11", "S35", "S36")
async def test_a_typed_turn(client: Client, certificate: Certificate) -> None:
    async with standing(certificate, make_mind=ScriptedMind()) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": NEWEST, "config": config()}],
                ["content", "hello"],
                ["until", "turn"],
                ["text", "again"],
                ["until", "turn"],
                ["close"],
            )
        ).record
    assert record.said == "You wrote hello.You wrote again."
    assert record.audio_bytes == len(record.said) * 480
    assert record.mime_types == ["audio/pcm;rate=24000"]
    assert record.count["generated"] == record.count["turn"] == len(record.usage) == 2
    assert min(record.tokens("total_token_count")) > 0


@pytest.mark.conformance("S11", "S23", "S30")
@pytest.mark.parametrize("model", GENERATIONS)
async def test_a_spoken_turn(client: Client, certificate: Certificate, model: str) -> None:
    async with standing(certificate, make_mind=ScriptedMind(), ears=ScriptedEars("What time is it?")) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": model, "config": config()}],
                ["speak", 640, 1500],
                ["until", "turn"],
                ["close"],
            )
        ).record
    assert record.heard.strip() == "What time is it?"
    assert record.said == "You said What time is it?."
    assert record.events.index("heard") < record.events.index("audio")
    assert record.events[-2:] == ["generated", "turn"]


@pytest.mark.conformance("S24")
async def test_a_barge_in(client: Client, certificate: Certificate) -> None:
    mind = ScriptedMind({"go": [Say("x" * 500)], "stop": [Say("Yes?")]})
    given = {"make_mind": mind, "ears": ScriptedEars("stop"), "tempo": ENDLESS, "clock": TurnedClock()}
    async with standing(certificate, **given) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": NEWEST, "config": config()}],
                ["text", "go"],
                ["until", "audio"],
                ["speak", 640, 1500],
                ["until", "turn", 2],
                ["close"],
            )
        ).record
    assert ("hear", "stop") in mind.log
    cut = record.events.index("interrupted")
    assert record.events[cut + 1] == "turn"
    assert record.events[-2:] == ["generated", "turn"]
    assert record.count["generated"] == 1
    assert record.said.endswith("Yes?")


@pytest.mark.conformance("S32")
async def test_marks_of_the_client(client: Client, certificate: Certificate) -> None:
    ears = ScriptedEars("nine")
    async with standing(certificate, make_mind=ScriptedMind(), ears=ears) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": NEWEST, "config": config(**MARKED)}],
                ["speak", 320],
                ["mark", "activity_start"],
                ["speak", 640],
                ["mark", "activity_end"],
                ["until", "turn"],
                ["close"],
            )
        ).record
    assert record.said == "You said nine."
    assert [len(utterance) for utterance in ears.utterances] == [640 * 32]


@pytest.mark.conformance("S33")
async def test_a_microphone_switched_off(client: Client, certificate: Certificate) -> None:
    async with standing(certificate, make_mind=ScriptedMind(), ears=ScriptedEars("nine")) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": "gemini-2.5-flash-native-audio-latest", "config": config()}],
                ["speak", 640],
                ["mark", "audio_stream_end"],
                ["until", "turn"],
                ["close"],
            )
        ).record
    assert record.said == "You said nine."


@pytest.mark.conformance("S37")
async def test_a_new_instruction(client: Client, certificate: Certificate) -> None:
    if not client.has("context_update"):
        pytest.skip(f"{client.version} has no context updates")
    mind = ScriptedMind()
    async with standing(certificate, make_mind=mind) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": NEWEST, "config": config()}],
                ["instruct", "You are Sam."],
                ["text", "hello"],
                ["until", "turn"],
                ["close"],
            )
        ).record
    assert record.said == "You wrote hello."
    assert ("born", ("You are Sam.", b"saved")) in mind.log


@pytest.mark.conformance("S54")
async def test_pictures_count_as_context(client: Client, certificate: Certificate) -> None:
    prompts = []
    async with standing(certificate, make_mind=ScriptedMind()) as stand:
        for frames in ([], [["frame"], ["frame"]]):
            outcome = await client.hold(
                stand.url(client),
                ["connect", {"model": NEWEST, "config": config()}],
                *frames,
                ["text", "hello"],
                ["until", "turn"],
                ["close"],
            )
            prompts += outcome.record.tokens("prompt_token_count")
    assert prompts[1] >= prompts[0] + 2 * 64


@pytest.mark.conformance("S36")
async def test_a_history_told_first(client: Client, certificate: Certificate) -> None:
    """It is taken in and not answered."""
    if not client.has("history"):
        pytest.skip(f"{client.version} does not send a history configuration")
    mind = ScriptedMind()
    told = config(history_config={"initial_history_in_client_content": True})
    async with standing(certificate, make_mind=mind) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": "gemini-3.1-flash-live-preview", "config": told}],
                ["content", "I am Ann.", False, "user"],
                ["content", "Hello Ann.", True, "model"],
                ["text", "go on"],
                ["until", "turn"],
                ["close"],
            )
        ).record
    assert record.said == "You wrote go on."
    assert record.count["turn"] == 1


@pytest.mark.conformance("S34")
async def test_speech_that_may_not_interrupt(client: Client, certificate: Certificate) -> None:
    heard = asyncio.Event()

    class TellingEars(ScriptedEars):
        async def recognise(self, pcm16k: bytes) -> str:
            heard.set()
            return await super().recognise(pcm16k)

    clock = TurnedClock()
    mind = ScriptedMind()
    patient = config(realtime_input_config={"activity_handling": "NO_INTERRUPTION"})
    tempo = Tempo(burst_ms=60_000)  # generated at once, and a turn all the same until it would have been heard
    given = {"make_mind": mind, "ears": TellingEars("later"), "tempo": tempo, "clock": clock}
    async with standing(certificate, **given) as stand:
        held = asyncio.create_task(
            client.hold(
                stand.url(client),
                ["connect", {"model": NEWEST, "config": patient}],
                ["text", "go"],
                ["until", "generated"],
                ["speak", 2000, 1500],
                ["until", "turn"],
                ["until", "generated"],
                ["close"],
            )
        )
        await heard.wait()
        await clock.turn(60)  # the first reply has been heard
        record = (await held).record
    assert record.said == "You wrote go.You said later."
    assert record.audio_bytes == len(record.said) * 480, "nothing was cut"
    assert "interrupted" not in record.events


async def test_a_thought_is_no_speech(client: Client, certificate: Certificate) -> None:
    mind = ScriptedMind({"go": [Think("They want to go."), Say("Going.")]})
    thinking = config(generation_config={"thinking_config": {"include_thoughts": True}})
    if not client.has("thinking"):
        pytest.skip(f"{client.version} cannot ask for thoughts")
    async with standing(certificate, make_mind=mind) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": "gemini-2.5-flash-native-audio-latest", "config": thinking}],
                ["text", "go"],
                ["until", "turn"],
                ["close"],
            )
        ).record
    assert record.thought
    assert record.said == "Going."
    assert record.events.index("thought") < record.events.index("audio")
