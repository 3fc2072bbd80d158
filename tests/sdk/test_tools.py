"""Tool calls through the official SDKs: blocking, several at once, not blocking, cancelled."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.fakes import ScriptedEars, ScriptedMind, TurnedClock
from vivavoce.local.front.certificate import Certificate
from vivavoce.local.minds.acts import Call, Say

from .sdks import Client
from .stand import ENDLESS, config, standing

pytestmark = pytest.mark.slow

MODEL = "gemini-3.8-live"
OLDER = "gemini-2.5-flash-native-audio-latest"


def declared(**behaviours: str) -> dict[str, Any]:
    """A configuration with these functions."""
    functions = [{"name": name, "behavior": behaviour} for name, behaviour in behaviours.items()]
    return config(tools=[{"function_declarations": functions}])


@pytest.mark.conformance("S40")
@pytest.mark.parametrize("model", [MODEL, OLDER])
async def test_a_blocking_call(client: Client, certificate: Certificate, model: str) -> None:
    mind = ScriptedMind({"go": [Say("One moment."), Call("clock", {"zone": "UTC"})], "clock returned": [Say("Noon.")]})
    async with standing(certificate, make_mind=mind) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": model, "config": declared(clock="BLOCKING")}],
                ["text", "go"],
                ["until", "call"],
                ["answer", {"output": "12:00"}],
                ["until", "turn"],
                ["close"],
            )
        ).record
    assert [(call["name"], call["args"]) for call in record.calls] == [("clock", {"zone": "UTC"})]
    assert ("returned", ("clock", {"output": "12:00"}, False)) in mind.log
    assert record.said.replace(" ", "") == "Onemoment.Noon."
    assert record.events.index("call") < record.events.index("generated")


@pytest.mark.conformance("S42")
async def test_a_call_beside_the_talk(client: Client, certificate: Certificate) -> None:
    """Half an answer makes no turn, the last one does, once the model is idle."""
    mind = ScriptedMind({"go": [Call("book"), Say("Booking.")], "book returned": [Say("Booked.")]})
    async with standing(certificate, make_mind=mind) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": MODEL, "config": declared(book="NON_BLOCKING")}],
                ["text", "go"],
                ["until", "turn"],
                ["answer", {"output": "half"}, {"willContinue": True, "scheduling": "SILENT"}],
                ["answer", {"output": "done"}, {"scheduling": "WHEN_IDLE"}],
                ["until", "turn"],
                ["close"],
            )
        ).record
    assert record.count["turn"] == 2
    assert record.said.replace(" ", "") == "Booking.Booked."
    assert "interrupted" not in record.events


@pytest.mark.conformance("S40", "S43")
async def test_two_calls_at_once(client: Client, certificate: Certificate) -> None:
    """They come in one message, and nothing is said until both are answered."""
    mind = ScriptedMind({"go": [Call("left"), Call("right")], "right returned": [Say("Both.")]})
    async with standing(certificate, make_mind=mind) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": MODEL, "config": declared(left="BLOCKING", right="BLOCKING")}],
                ["text", "go"],
                ["until", "call"],
                ["answer", {"output": 1}],
                ["answer", {"output": 2}],
                ["until", "turn"],
                ["close"],
            )
        ).record
    assert [call["name"] for call in record.calls] == ["left", "right"]
    assert record.count["call"] == 1
    assert len({call["id"] for call in record.calls}) == 2
    assert record.said == "Both."


@pytest.mark.conformance("S42")
async def test_an_answer_that_interrupts(client: Client, certificate: Certificate) -> None:
    mind = ScriptedMind({"go": [Call("news"), Say("x" * 500)], "news returned": [Say("News.")]})
    async with standing(certificate, make_mind=mind, tempo=ENDLESS, clock=TurnedClock()) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": MODEL, "config": declared(news="NON_BLOCKING")}],
                ["text", "go"],
                ["until", "audio"],
                ["answer", {"output": "now"}, {"scheduling": "INTERRUPT"}],
                ["until", "turn", 2],
                ["close"],
            )
        ).record
    assert "interrupted" in record.events
    assert record.said.endswith("News.")


@pytest.mark.conformance("S42")
async def test_a_silent_answer(client: Client, certificate: Certificate) -> None:
    mind = ScriptedMind({"go": [Call("note"), Say("Next?")], "note returned": [Say("never")]})
    async with standing(certificate, make_mind=mind) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": MODEL, "config": declared(note="NON_BLOCKING")}],
                ["text", "go"],
                ["until", "turn"],
                ["answer", {"output": "ok"}, {"scheduling": "SILENT"}],
                ["text", "more"],
                ["until", "turn"],
                ["close"],
            )
        ).record
    assert ("returned", ("note", {"output": "ok"}, True)) in mind.log
    assert "never" not in record.said


@pytest.mark.conformance("S41")
async def test_a_cancelled_call(client: Client, certificate: Certificate) -> None:
    mind = ScriptedMind({"go": [Call("slow")], "stop": [Say("Stopped.")]})
    async with standing(certificate, make_mind=mind, ears=ScriptedEars("stop")) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": MODEL, "config": declared(slow="BLOCKING")}],
                ["text", "go"],
                ["until", "call"],
                ["speak", 640, 1500],
                ["until", "turn"],
                ["answer", {"output": "too late"}],
                ["until", "turn"],
                ["close"],
            )
        ).record
    assert record.cancelled == [call["id"] for call in record.calls]
    assert record.events.index("cancelled") < record.events.index("turn")
    assert "interrupted" in record.events
    assert record.said == "Stopped."
    assert not any(name == "returned" for name, _ in mind.log)


async def test_one_question_several_turns(client: Client, certificate: Certificate) -> None:
    """A model that thinks says something first; the answer is a turn of its own, with no input in between."""
    if not client.has("thinking_level"):
        pytest.skip(f"{client.version} cannot ask for thinking, and the model wants to be asked")
    mind = ScriptedMind({"go": [Call("search"), Say("Let me see.")], "search returned": [Say("Found it.")]})
    given = declared(search="NON_BLOCKING")
    given["generation_config"] = {"thinking_config": {"thinking_level": "LOW"}}
    async with standing(certificate, make_mind=mind) as stand:
        record = (
            await client.hold(
                stand.url(client),
                ["connect", {"model": "gemini-3.8-live-extended-thinking", "config": given}],
                ["text", "go"],
                ["until", "turn"],
                ["answer", {"output": "here"}],
                ["until", "turn"],
                ["close"],
            )
        ).record
    assert record.said.replace(" ", "") == "Letmesee.Foundit."
    if client.has("interaction_status"):
        assert record.statuses == ["IN_PROGRESS", "IDLE"]
