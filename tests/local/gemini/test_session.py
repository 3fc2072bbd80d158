"""Sessions over a socket in memory: the protocol's rules, without a network and without waiting."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from vivavoce.local.history import History
from vivavoce.local.minds.acts import Call, Say
from vivavoce.local.parts import Parts
from vivavoce.local.session import Session
from vivavoce.local.tempo import Tempo
from vivavoce.wire.gemini.messages import ServerMessage

from .fakes import (
    INSTANT,
    LoudDetector,
    MemorySocket,
    ScriptedEars,
    ScriptedMind,
    ToneMouth,
    TurnedClock,
    silence,
    speech,
)

SETUP: dict[str, Any] = {
    "model": "models/local",
    "generationConfig": {"responseModalities": ["AUDIO"]},
    "inputAudioTranscription": {},
    "outputAudioTranscription": {},
    "sessionResumption": {},
    "realtimeInputConfig": {"automaticActivityDetection": {"silenceDurationMs": 32}},
}
TOOLS = [
    {
        "functionDeclarations": [
            {"name": "note", "behavior": "NON_BLOCKING"},
            {"name": "hand_off", "behavior": "BLOCKING"},
        ]
    }
]


class Desk:
    """A session, its socket and the fakes behind it."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.socket = MemorySocket()
        self.session = Session(self.socket, parts)

    @property
    def sent(self) -> list[ServerMessage]:
        return self.socket.sent

    def send(self, **message: Any) -> None:
        self.socket.feed(json.dumps(message))

    def audio(self, pcm: bytes, rate: int = 16_000) -> None:
        data = base64.b64encode(pcm).decode()
        self.send(realtimeInput={"audio": {"mimeType": f"audio/pcm;rate={rate}", "data": data}})

    async def turns(self, count: int) -> None:
        await self.socket.until(lambda s: sum(_ends_turn(m) for m in s.sent) >= count)

    async def handle(self) -> str:
        await self.socket.until(lambda s: last(s).session_resumption_update is not None)
        update = self.sent[-1].session_resumption_update
        assert update is not None
        return update.new_handle

    def kinds(self) -> list[str]:
        """What was sent, in words; audio chunks in a row count once."""
        names: list[str] = []
        for message in self.sent:
            for name in _names(message):
                if not (name == "audio" and names[-1:] == ["audio"]):
                    names.append(name)
        return names


def last(socket: MemorySocket) -> ServerMessage:
    return socket.sent[-1] if socket.sent else ServerMessage()


def _ends_turn(message: ServerMessage) -> bool:
    return message.server_content is not None and message.server_content.turn_complete


def _names(message: ServerMessage) -> list[str]:
    content = message.server_content
    if content is None:
        return [name for name in ServerMessage.__struct_fields__ if getattr(message, name) is not None]
    names = [name for name in content.__struct_fields__ if getattr(content, name) and name != "model_turn"]
    return (["audio"] if content.model_turn is not None else []) + names


def parts(**changes: Any) -> Parts:
    clock = TurnedClock()
    given: dict[str, Any] = {
        "ears": ScriptedEars(),
        "mouth": ToneMouth(),
        "make_mind": ScriptedMind(),
        "make_detector": LoudDetector,
        "history": History(clock),
        "tempo": INSTANT,
        "clock": clock,
    }
    return Parts(**(given | changes))


@asynccontextmanager
async def running(shared: Parts, setup: dict[str, Any] | None = None) -> AsyncIterator[Desk]:
    desk = Desk(shared)
    task = asyncio.create_task(desk.session.run())
    desk.send(setup=setup or SETUP)
    try:
        yield desk
    finally:
        desk.socket.leave()
        await task


# ------------------------------------------------------------------------------------------------ turns


async def test_typed_turn_comes_in_order() -> None:
    async with running(parts()) as desk:
        desk.send(realtimeInput={"text": "hello"})
        await desk.handle()
        assert desk.kinds() == [
            "setup_complete",
            "output_transcription",
            "audio",
            "generation_complete",
            "turn_complete",
            "session_resumption_update",
        ]
        usage = desk.sent[-2].usage_metadata
        assert usage is not None
        assert usage.response_token_count == len("You wrote hello.") * 10 * 25 // 1000
        assert usage.total_token_count == usage.prompt_token_count + usage.response_token_count


async def test_spoken_turn_reaches_ears_and_mind() -> None:
    ears, mind = ScriptedEars("nine"), ScriptedMind()
    async with running(parts(ears=ears, make_mind=mind)) as desk:
        desk.audio(silence(500) + speech(640) + silence(200))
        await desk.handle()
        assert mind.log[-1] == ("hear", "nine")
        assert desk.kinds()[1] == "input_transcription"
        assert len(ears.utterances) == 1
        lead, word = 320, 640
        assert abs(len(ears.utterances[0]) / 32 - lead - word) <= 64


async def test_other_rates_are_resampled() -> None:
    ears = ScriptedEars("nine")
    async with running(parts(ears=ears)) as desk:
        desk.audio(bytes(48_000) + b"\x00\x10" * 24_000 + bytes(48_000), rate=48_000)
        await desk.turns(1)
        assert abs(len(ears.utterances[0]) / 32 - 320 - 500) < 100


async def test_prompt_grows_with_every_turn() -> None:
    async with running(parts()) as desk:
        for count in (1, 2, 3):
            desk.send(realtimeInput={"text": "once more"})
            await desk.turns(count)
        prompts = [m.usage_metadata.prompt_token_count for m in desk.sent if m.usage_metadata is not None]
        assert prompts == sorted(set(prompts))


async def test_turn_complete_waits_until_heard() -> None:
    clock = TurnedClock()
    shared = parts(clock=clock, tempo=Tempo(burst_ms=10_000))
    async with running(shared) as desk:
        desk.send(realtimeInput={"text": "hi"})
        await desk.socket.until(lambda s: _names(last(s)) == ["generation_complete"])
        await clock.turn(0.10)
        assert desk.kinds()[-1] == "generation_complete"
        await clock.turn(0.05)
        await desk.turns(1)


async def test_audio_is_paced_after_the_first_burst() -> None:
    clock = TurnedClock()
    shared = parts(clock=clock, tempo=Tempo(chunk_ms=100, burst_ms=300, speed=2.0))
    mind = ScriptedMind({"go": [Say("x" * 100)]})
    async with running(parts(clock=clock, tempo=shared.tempo, make_mind=mind)) as desk:
        desk.send(realtimeInput={"text": "go"})

        def chunks() -> int:
            return sum(m.server_content is not None and m.server_content.model_turn is not None for m in desk.sent)

        await desk.socket.until(lambda _: chunks() == 4)
        await clock.turn(0.05)
        await desk.socket.until(lambda _: chunks() == 5)
        await clock.turn(0.25)
        await desk.socket.until(lambda _: chunks() == 10)


async def test_empty_answer_is_still_a_turn() -> None:
    async with running(parts(make_mind=ScriptedMind({"hush": []}))) as desk:
        desk.send(realtimeInput={"text": "hush"})
        await desk.turns(1)
        assert "audio" not in desk.kinds()


async def test_transcription_only_when_asked() -> None:
    quiet = {key: value for key, value in SETUP.items() if "Transcription" not in key}
    async with running(parts(ears=ScriptedEars("nine")), quiet) as desk:
        desk.audio(speech(320) + silence(100))
        await desk.turns(1)
        assert not {"input_transcription", "output_transcription"} & set(desk.kinds())


async def test_client_content_is_collected_until_complete() -> None:
    mind = ScriptedMind()
    async with running(parts(make_mind=mind)) as desk:
        past = [{"role": "user", "parts": [{"text": "old"}]}, {"role": "model", "parts": [{"text": "answered"}]}]
        desk.send(clientContent={"turns": past})
        desk.send(clientContent={"turns": [{"role": "user", "parts": [{"text": "new"}]}]})
        desk.send(clientContent={"turnComplete": True})
        await desk.turns(1)
        assert mind.log[1:] == [("read", "new")]


# ------------------------------------------------------------------------------------------------ interruption


async def test_speech_cuts_the_reply() -> None:
    clock = TurnedClock()
    mind = ScriptedMind({"go": [Say("x" * 500)]})
    async with running(parts(clock=clock, tempo=Tempo(), make_mind=mind)) as desk:
        desk.send(realtimeInput={"text": "go"})
        await desk.socket.until(lambda s: len(s.sent) > 3)
        desk.audio(speech(100))
        await desk.turns(1)
        kinds = desk.kinds()
        assert kinds[kinds.index("interrupted") :][:2] == ["interrupted", "turn_complete"]
        assert "generation_complete" not in kinds
        assert ("cut", 0.0) in mind.log


async def test_speech_cuts_also_while_the_reply_is_playing() -> None:
    clock = TurnedClock()
    async with running(parts(clock=clock, tempo=Tempo(burst_ms=60_000))) as desk:
        desk.send(realtimeInput={"text": "go"})
        await desk.socket.until(lambda s: _names(last(s)) == ["generation_complete"])
        desk.audio(speech(100))
        await desk.handle()
        assert desk.kinds()[-4:] == ["generation_complete", "interrupted", "turn_complete", "session_resumption_update"]


async def test_no_interruption_when_asked() -> None:
    clock = TurnedClock()
    setup = SETUP | {
        "realtimeInputConfig": {
            "activityHandling": "NO_INTERRUPTION",
            "automaticActivityDetection": {"silenceDurationMs": 32},
        }
    }
    ears = ScriptedEars("me too")
    async with running(parts(clock=clock, tempo=Tempo(burst_ms=60_000), ears=ears), setup) as desk:
        desk.send(realtimeInput={"text": "go"})
        await desk.socket.until(lambda s: _names(last(s)) == ["generation_complete"])
        desk.audio(speech(320) + silence(100))
        await desk.socket.until(lambda _: bool(ears.utterances))
        await clock.turn(60)
        await desk.turns(1)
        await desk.socket.until(lambda s: _names(last(s)) == ["generation_complete"])
        await clock.turn(60)
        await desk.turns(2)
        assert "interrupted" not in desk.kinds()


async def test_a_caller_who_goes_on_is_heard_as_one() -> None:
    release = asyncio.Event()

    class SlowEars(ScriptedEars):
        async def recognise(self, pcm16k: bytes) -> str:
            await release.wait()
            return await super().recognise(pcm16k)

    mind = ScriptedMind()
    async with running(parts(ears=SlowEars("it is", "nine"), make_mind=mind)) as desk:
        desk.audio(speech(320) + silence(100) + speech(320) + silence(100))
        await asyncio.sleep(0)
        release.set()
        await desk.turns(1)
        assert mind.log[1:] == [("hear", "it is nine")]


# ------------------------------------------------------------------------------------------------ activity marks


MANUAL = SETUP | {"realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}}}


async def test_marks_bound_the_utterance() -> None:
    ears = ScriptedEars("nine")
    async with running(parts(ears=ears), MANUAL) as desk:
        desk.audio(speech(320))
        desk.send(realtimeInput={"activityStart": {}})
        desk.audio(speech(640))
        desk.send(realtimeInput={"activityEnd": {}})
        await desk.turns(1)
        assert len(ears.utterances[0]) == 640 * 32


async def test_stream_end_ends_the_utterance() -> None:
    mind = ScriptedMind()
    async with running(parts(ears=ScriptedEars("nine", "ten"), make_mind=mind)) as desk:
        for count in (1, 2):
            desk.audio(speech(640))
            desk.send(realtimeInput={"audioStreamEnd": True})
            await desk.turns(count)
        assert mind.log[1:] == [("hear", "nine"), ("hear", "ten")]


@pytest.mark.parametrize(
    ("setup", "mark"),
    [
        (SETUP, {"activityStart": {}}),
        (SETUP, {"activityEnd": {}}),
        (MANUAL, {"activityEnd": {}}),
        (MANUAL, {"audioStreamEnd": True}),
    ],
)
async def test_marks_out_of_place_close(setup: dict[str, Any], mark: dict[str, Any]) -> None:
    async with running(parts(), setup) as desk:
        desk.send(realtimeInput=mark)
        await desk.socket.until(lambda s: s.closed is not None)
        assert desk.socket.closed == (1007, "Request contains an invalid argument.")


# ------------------------------------------------------------------------------------------------ tools


def call_ids(desk: Desk) -> list[str]:
    return [call.id for m in desk.sent if m.tool_call is not None for call in m.tool_call.function_calls]


def answer(desk: Desk, call_id: str, **more: Any) -> None:
    response = {"id": call_id, "name": "x", "response": {"output": "ok"}} | more
    desk.send(toolResponse={"functionResponses": [response]})


async def test_blocking_call_holds_the_reply() -> None:
    mind = ScriptedMind({"go": [Say("Sam takes over."), Call("hand_off")], "hand_off returned": [Say("Done.")]})
    async with running(parts(make_mind=mind), SETUP | {"tools": TOOLS}) as desk:
        desk.send(realtimeInput={"text": "go"})
        await desk.socket.until(lambda s: bool(call_ids(desk)))
        answer(desk, "function-call-unknown")
        answer(desk, call_ids(desk)[0], response={"output": "half"}, willContinue=True)
        answer(desk, call_ids(desk)[0])
        await desk.turns(1)
        assert [k for k in desk.kinds() if k != "output_transcription"][1:6] == [
            "audio",
            "tool_call",
            "audio",
            "generation_complete",
            "turn_complete",
        ]
        assert mind.log[-1] == ("returned", ("hand_off", {"output": "ok"}, False))


async def test_speech_cancels_a_blocking_call() -> None:
    mind = ScriptedMind({"go": [Call("hand_off")]})
    async with running(parts(make_mind=mind), SETUP | {"tools": TOOLS}) as desk:
        desk.send(realtimeInput={"text": "go"})
        await desk.socket.until(lambda s: bool(call_ids(desk)))
        desk.audio(speech(100))
        await desk.turns(1)
        answer(desk, call_ids(desk)[0])
        desk.send(realtimeInput={"text": "still there"})
        await desk.turns(2)
        kinds = desk.kinds()
        assert kinds[kinds.index("tool_call") :][:4] == [
            "tool_call",
            "tool_call_cancellation",
            "interrupted",
            "turn_complete",
        ]
        assert not any(name == "returned" for name, _ in mind.log)


async def test_other_calls_run_beside_the_reply_and_are_answered_when_idle() -> None:
    mind = ScriptedMind({"go": [Call("note"), Say("Next?")], "note returned": [Say("Also this.")]})
    async with running(parts(make_mind=mind), SETUP | {"tools": TOOLS}) as desk:
        desk.send(realtimeInput={"text": "go"})
        await desk.turns(1)
        answer(desk, call_ids(desk)[0])
        await desk.turns(2)
        assert "interrupted" not in desk.kinds()


async def test_silent_answers_make_no_turn() -> None:
    mind = ScriptedMind({"go": [Call("note")], "note returned": [Say("never")]})
    async with running(parts(make_mind=mind), SETUP | {"tools": TOOLS}) as desk:
        desk.send(realtimeInput={"text": "go"})
        await desk.turns(1)
        answer(desk, call_ids(desk)[0], scheduling="SILENT")
        desk.send(realtimeInput={"text": "more"})
        await desk.turns(2)
        assert ("returned", ("note", {"output": "ok"}, True)) in mind.log
        assert not any("never" in str(m.server_content) for m in desk.sent)


async def test_interrupting_answers_cut() -> None:
    clock = TurnedClock()
    mind = ScriptedMind({"go": [Call("note"), Say("x" * 500)], "note returned": [Say("News.")]})
    shared = parts(make_mind=mind, clock=clock, tempo=Tempo())
    async with running(shared, SETUP | {"tools": TOOLS}) as desk:
        desk.send(realtimeInput={"text": "go"})
        await desk.socket.until(lambda s: "audio" in desk.kinds())
        answer(desk, call_ids(desk)[0], scheduling="INTERRUPT")
        await desk.socket.until(lambda s: "News." in str(s.sent))
        assert "interrupted" in desk.kinds()


# ------------------------------------------------------------------------------------------------ resumption


async def test_a_handle_brings_the_mind_and_the_context_back() -> None:
    first = ScriptedMind()
    shared = parts(make_mind=first)
    async with running(shared) as desk:
        desk.send(realtimeInput={"text": "hello"})
        handle = await desk.handle()
    assert first.log[0] == ("born", ("", None))
    spoken = {"speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "brisk-alto"}}}}
    again = SETUP | {
        "sessionResumption": {"handle": handle},
        "generationConfig": spoken,
        "systemInstruction": {"parts": [{"text": "You are Sam."}]},
    }
    async with running(shared, again) as desk:
        desk.send(realtimeInput={"text": "hello"})
        await desk.turns(1)
        usage = next(m.usage_metadata for m in desk.sent if m.usage_metadata is not None)
    assert first.log[2] == ("born", ("You are Sam.", b"saved"))
    assert isinstance(shared.mouth, ToneMouth)
    assert shared.mouth.voices == ["Puck", "brisk-alto"]
    assert usage.prompt_token_count >= 4


@pytest.mark.parametrize("fault", ["unknown", "expired", "refused", "other model"])
async def test_handles_that_do_not_hold(fault: str) -> None:
    clock = TurnedClock()
    shared = parts(clock=clock, history=History(clock, lifetime_s=60))
    async with running(shared) as desk:
        desk.send(realtimeInput={"text": "hello"})
        handle = await desk.handle()
    setup = SETUP | {"sessionResumption": {"handle": "never issued" if fault == "unknown" else handle}}
    if fault == "expired":
        await clock.turn(61)
    if fault == "other model":
        setup |= {"model": "models/another"}
    shared.history.refusing = fault == "refused"
    async with running(shared, setup) as desk:
        await desk.socket.until(lambda s: s.closed is not None)
        wanted = (1007, "Request contains an invalid argument.")
        assert desk.socket.closed == (wanted if fault == "other model" else (1008, "Requested entity was not found."))
        assert desk.sent == []


async def test_go_away() -> None:
    async with running(parts()) as desk:
        await desk.socket.until(lambda s: bool(s.sent))
        await desk.session.go_away(50)
        assert desk.sent[-1].go_away is not None
        assert desk.sent[-1].go_away.time_left == "50s"


# ------------------------------------------------------------------------------------------------ bad input

BAD = {
    "not JSON": b"{",
    "not an object": b"[1]",
    "no kind": b"{}",
    "unknown kind": b'{"setups":{}}',
    "two kinds": b'{"toolResponse":{},"clientContent":{}}',
    "second setup": json.dumps({"setup": SETUP}).encode(),
    "bad base64": b'{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"!!!!"}}}',
    "odd PCM": b'{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"AAAA"}}}',
    "not PCM": b'{"realtimeInput":{"audio":{"mimeType":"audio/mp3","data":"AAA="}}}',
    "bad rate": b'{"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=1","data":"AAA="}}}',
    "two inputs": b'{"realtimeInput":{"text":"a","activityStart":{}}}',
    "no input": b'{"realtimeInput":{}}',
    "wrong type": b'{"realtimeInput":{"text":[1]}}',
    "wrong role": b'{"clientContent":{"turns":[{"role":"system","parts":[]}]}}',
}


@pytest.mark.parametrize("payload", BAD.values(), ids=BAD.keys())
async def test_bad_input_closes_this_session_only(payload: bytes) -> None:
    shared = parts()
    async with running(shared) as good, running(shared) as bad:
        await bad.socket.until(lambda s: bool(s.sent))
        bad.socket.feed(payload)
        await bad.socket.until(lambda s: s.closed is not None)
        assert bad.socket.closed is not None
        code, reason = bad.socket.closed
        assert code == 1007
        assert reason in ("Request contains an invalid argument.", "Invalid JSON payload received.")
        good.send(realtimeInput={"text": "still here"})
        await good.turns(1)


@pytest.mark.parametrize(
    ("setup", "reason"),
    [
        ({"model": ""}, "Request contains an invalid argument."),
        ({}, "Request contains an invalid argument."),
        ({"generationConfig": {"responseModalities": ["AUDIO", "TEXT"]}}, "Request contains an invalid argument."),
        (
            {"generationConfig": {"responseModalities": ["TEXT"]}},
            "Text output is not supported for native audio output model.",
        ),
        (
            {"realtimeInputConfig": {"automaticActivityDetection": {"silenceDurationMs": -1}}},
            "Request contains an invalid argument.",
        ),
    ],
)
async def test_setups_that_are_refused(setup: dict[str, Any], reason: str) -> None:
    whole = {"model": "models/local"} | setup if setup else {"tools": []}
    async with running(parts(), whole) as desk:
        await desk.socket.until(lambda s: s.closed is not None)
        assert desk.socket.closed == (1007, reason)


async def test_a_message_before_setup_closes() -> None:
    desk = Desk(parts())
    desk.send(realtimeInput={"text": "hello"})
    await desk.session.run()
    assert desk.socket.closed == (1007, "Request contains an invalid argument.")


async def test_a_client_that_says_nothing_is_let_go() -> None:
    desk = Desk(parts(setup_within_s=0.0))
    await desk.session.run()
    assert desk.socket.closed == (1011, "Deadline expired before operation could complete.")


async def test_a_failing_mouth_closes_its_own_session() -> None:
    class BrokenMouth(ToneMouth):
        async def speak(self, text: str, voice: str) -> AsyncIterator[bytes]:
            if "break" in text:
                raise BrokenPipeError
            async for piece in super().speak(text, voice):
                yield piece

    shared = parts(mouth=BrokenMouth())
    async with running(shared) as good, running(shared) as bad:
        bad.send(realtimeInput={"text": "break"})
        await bad.socket.until(lambda s: s.closed is not None)
        assert bad.socket.closed == (1011, "Internal error encountered.")
        good.send(realtimeInput={"text": "fine"})
        await good.turns(1)
