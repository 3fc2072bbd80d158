"""The caller's input: sound in every form, marks of activity, the end of the stream, frames, and what a turn covers."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ..fakes import ScriptedEars, ScriptedMind, silence, speech
from .desk import (
    INVALID,
    JPEG,
    MANUAL,
    NATIVE,
    NEWEST,
    PREVIEW,
    SETUP,
    breathe,
    listening,
    parts,
    running,
    setup,
)


@pytest.mark.conformance("S30")
@pytest.mark.parametrize(
    ("rate", "mime"),
    [
        (8_000, "audio/pcm;rate=8000"),
        (16_000, "audio/pcm"),
        (16_000, "audio/pcm; rate=16000"),
        (48_000, "audio/pcm;rate=48000"),
    ],
)
async def test_sound_of_any_rate_and_size(rate: int, mime: str) -> None:
    ears = ScriptedEars("nine")
    pcm = bytes(rate) + b"\x00\x10" * (rate // 2) + bytes(rate)
    async with running(parts(ears=ears)) as desk:
        for at in range(0, len(pcm), 2222):
            piece = base64.urlsafe_b64encode(pcm[at : at + 2222]).decode().rstrip("=")
            desk.send(realtime_input={"audio": {"mime_type": mime, "data": piece}})
        await desk.turns(1)
        assert abs(len(ears.utterances[0]) / 32 - 320 - 500) < 100


@pytest.mark.conformance("S32")
async def test_marks_bound_the_utterance() -> None:
    ears, mind = ScriptedEars("nine"), ScriptedMind()
    async with running(parts(ears=ears, make_mind=mind), setup(**MANUAL)) as desk:
        desk.audio(speech(320))
        desk.send(realtimeInput={"activityStart": {}})
        desk.audio(speech(650))
        desk.send(realtimeInput={"activityEnd": {}})
        await desk.turns(1)
        assert len(ears.utterances[0]) == 650 * 32
        assert mind.log[-1] == ("hear", "nine")
        assert "voice_activity" not in desk.kinds()
        assert desk.usages()[0].prompt_token_count == 650 * 25 // 1000, "what is thrown away costs nothing"


@pytest.mark.conformance("S34")
async def test_a_turn_may_include_what_came_before_the_mark() -> None:
    ears = ScriptedEars("nine")
    way = MANUAL["realtimeInputConfig"] | {"turnCoverage": "TURN_INCLUDES_ALL_INPUT"}
    async with running(parts(ears=ears), setup(realtimeInputConfig=way)) as desk:
        desk.audio(speech(320))
        desk.send(realtimeInput={"activityStart": {}})
        desk.audio(speech(640))
        desk.send(realtimeInput={"activityEnd": {}})
        await desk.turns(1)
        assert len(ears.utterances[0]) == 960 * 32


@pytest.mark.conformance("S32")
@pytest.mark.parametrize(
    ("way", "marks"),
    [
        ({}, ["activityStart"]),
        ({}, ["activityEnd"]),
        (MANUAL, ["activityEnd"]),
        (MANUAL, ["activityStart", "activityStart"]),
        (MANUAL, ["activityStart", "activityEnd", "activityEnd"]),
    ],
)
async def test_marks_out_of_place_close(way: dict[str, Any], marks: list[str]) -> None:
    async with running(parts(), setup(**way)) as desk:
        for mark in marks:
            desk.send(realtimeInput={mark: {}})
        assert await desk.over() == INVALID


@pytest.mark.conformance("S33")
@pytest.mark.parametrize("model", [PREVIEW, NATIVE])
async def test_the_end_of_the_stream_ends_the_utterance(model: str) -> None:
    mind = ScriptedMind()
    async with running(parts(ears=ScriptedEars("nine", "ten"), make_mind=mind), setup(model)) as desk:
        for count in (1, 2):
            desk.audio(speech(640))
            desk.send(realtimeInput={"audioStreamEnd": True})
            await desk.turns(count)
        assert mind.log[1:] == [("hear", "nine"), ("hear", "ten")]


@pytest.mark.conformance("S33")
async def test_the_newest_ends_a_turn_by_silence_alone() -> None:
    mind = ScriptedMind()
    async with running(parts(ears=ScriptedEars("nine"), make_mind=mind)) as desk:
        desk.audio(speech(640))
        desk.send(realtimeInput={"audioStreamEnd": True})
        await breathe()
        assert mind.log[1:] == []
        desk.audio(silence(64))
        await desk.turns(1)
        assert mind.log[1:] == [("hear", "nine")]


@pytest.mark.conformance("S32")
@pytest.mark.parametrize("model", [NEWEST, NATIVE])
async def test_the_end_of_the_stream_has_no_place_beside_marks(model: str) -> None:
    async with running(parts(), setup(model, **MANUAL)) as desk:
        desk.send(realtimeInput={"audioStreamEnd": True})
        assert await desk.over() == INVALID


@pytest.mark.conformance("S34", "S54")
@pytest.mark.parametrize(
    ("model", "coverage", "frames"),
    [
        (NEWEST, None, 2),
        (NEWEST, "TURN_INCLUDES_ONLY_ACTIVITY", 1),
        (NATIVE, None, 1),
        (NATIVE, "TURN_INCLUDES_ALL_INPUT", 2),
    ],
)
async def test_frames_cost_by_what_a_turn_includes(model: str, coverage: str | None, frames: int) -> None:
    way = listening(**({"turnCoverage": coverage} if coverage else {}))
    low = {"generationConfig": SETUP["generationConfig"] | {"mediaResolution": "MEDIA_RESOLUTION_LOW"}}
    async with running(parts(ears=ScriptedEars("nine")), setup(model, **way, **low)) as desk:
        desk.send(realtimeInput={"video": JPEG})
        desk.audio(speech(320))
        desk.send(realtimeInput={"video": JPEG})
        desk.audio(silence(100))
        await desk.turns(1)
        details = {each.modality: each.token_count for each in desk.usages()[0].prompt_tokens_details}
        assert details["VIDEO"] == 64 * frames


@pytest.mark.conformance("S35")
@pytest.mark.parametrize(("model", "taken"), [(NATIVE, True), (PREVIEW, False), (NEWEST, False)])
async def test_chunks_of_the_old_way(model: str, taken: bool) -> None:
    mind = ScriptedMind()
    sound = base64.b64encode(speech(320) + silence(100)).decode()
    async with running(parts(ears=ScriptedEars("nine"), make_mind=mind), setup(model)) as desk:
        chunks = [{"mimeType": "audio/pcm", "data": sound}, JPEG]
        desk.send(realtimeInput={"mediaChunks": chunks})
        if taken:
            await desk.turns(1)
            assert mind.log[-1] == ("hear", "nine")
        else:
            assert await desk.over() == INVALID


@pytest.mark.parametrize("frame", [{"mimeType": "image/gif", "data": "AAAA"}, {"mimeType": "image/png", "data": ""}])
async def test_frames_that_are_no_stills_close(frame: dict[str, str]) -> None:
    async with running(parts()) as desk:
        desk.send(realtimeInput={"video": frame})
        assert await desk.over() == INVALID


@pytest.mark.conformance("S31")
async def test_activity_is_placed_by_samples() -> None:
    """The same sound in other pieces has its speech in the same places."""
    sound = silence(960) + speech(640) + silence(320)
    places = []
    for size in (64, 1000, len(sound)):
        async with running(parts(ears=ScriptedEars("nine"))) as desk:
            for at in range(0, len(sound), size):
                desk.audio(sound[at : at + size])
            await desk.turns(1)
            activity = [m.voice_activity for m in desk.sent if m.voice_activity is not None]
            places.append([(each.type, each.audio_offset) for each in activity])
    assert places[0] == places[1] == places[2] == [("ACTIVITY_START", "0.896s"), ("ACTIVITY_END", "1.6s")]
