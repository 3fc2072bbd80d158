"""A turn on the wire: what comes in which order, in the form of each model and platform."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from vivavoce.local.minds.acts import Act, Call, Say, Stream, Think
from vivavoce.local.parts import Rules
from vivavoce.local.tempo import Tempo
from vivavoce.wire.gemini.messages import ServerMessage

from ..fakes import ScriptedEars, ScriptedMind, TurnedClock, silence, speech
from .desk import (
    CASCADE,
    NATIVE,
    NEWEST,
    ON_VERTEX,
    PREVIEW,
    SETUP,
    THINKING,
    TOOLS,
    WAITED_FOR,
    Desk,
    parts,
    running,
    scripted,
    setup,
)

ON_STUDIO = [NEWEST, THINKING, PREVIEW, NATIVE]


def level(model: str) -> dict[str, Any]:
    """Setup fields a model cannot do without."""
    if model != THINKING:
        return {}
    return {"generationConfig": SETUP["generationConfig"] | {"thinkingConfig": {"thinkingLevel": "LOW"}}}


def chunks(sent: list[ServerMessage]) -> list[int]:
    """Bytes of each piece of sound."""
    turns = [m.server_content.model_turn for m in sent if m.server_content and m.server_content.model_turn]
    return [len(part.inline_data.data) for turn in turns for part in turn.parts if part.inline_data]


@pytest.mark.conformance("S10", "S23", "S50")
@pytest.mark.parametrize("model", ON_STUDIO)
async def test_a_typed_turn_comes_in_order(model: str) -> None:
    async with running(parts(), setup(model, **level(model))) as desk:
        desk.write("hello")
        await desk.turns(1)
        kinds = [kind for kind in desk.kinds() if kind not in ("nothing", "not_resumable", "interaction_status")]
        spoken = ["output_transcription", "audio"] if model == NATIVE else ["audio", "output_transcription", "audio"]
        assert kinds == ["setup_complete", *spoken, "generation_complete", "turn_complete", "resumable"]
        assert desk.said() == "You wrote hello."


@pytest.mark.conformance("S23")
async def test_a_spoken_turn_begins_with_what_was_heard() -> None:
    ears, mind = ScriptedEars("nine"), ScriptedMind()
    async with running(parts(ears=ears, make_mind=mind)) as desk:
        desk.audio(silence(500) + speech(640) + silence(200))
        await desk.turns(1)
        assert mind.log[-1] == ("hear", "nine")
        await desk.sees("voice_activity", "voice_activity", "input_transcription", "audio", "turn_complete")
        lead, word = 320, 640
        assert abs(len(ears.utterances[0]) / 32 - lead - word) <= 64


async def test_older_models_hear_in_words_and_send_no_activity() -> None:
    async with running(parts(ears=ScriptedEars("it is nine")), setup(NATIVE)) as desk:
        desk.audio(speech(640) + silence(200))
        await desk.turns(1)
        assert desk.heard() == [" it", " is", " nine"]
        assert not {"voice_activity", "nothing"} & set(desk.kinds())


async def test_what_is_heard_in_two_parts_reads_as_one() -> None:
    async with running(parts(ears=ScriptedEars("it is", "nine"))) as desk:
        desk.audio(speech(320) + silence(100) + speech(320) + silence(100))
        await desk.sees("input_transcription", "input_transcription")
        assert desk.heard() == ["it is", " nine"]


@pytest.mark.conformance("S25")
@pytest.mark.parametrize(("model", "aloud"), [(NEWEST, True), (PREVIEW, True), (NATIVE, False)])
async def test_transcripts_unasked(model: str, aloud: bool) -> None:
    quiet = {key: value for key, value in setup(model).items() if "Transcription" not in key}
    async with running(parts(ears=ScriptedEars("nine")), quiet) as desk:
        desk.audio(speech(320) + silence(100))
        await desk.turns(1)
        assert bool(desk.heard()) is aloud
        assert desk.said() == ""


@pytest.mark.conformance("S21")
@pytest.mark.parametrize(
    ("model", "entrance", "first", "others"),
    [(NEWEST, None, 1920, 1920), (NATIVE, None, 9600, 11_520), (CASCADE, ON_VERTEX, 9600, 11_520)],
)
async def test_chunks_have_the_models_sizes(model: str, entrance: Any, first: int, others: int) -> None:
    async with running(scripted(go=[Say("x" * 101)]), setup(model), entrance) as desk:
        desk.write("go")
        await desk.turns(1)
        sizes = chunks(desk.sent)
        assert sizes[0] == first
        assert set(sizes[1:-1]) == {others}
        assert sum(sizes) == 101 * 480


async def test_the_platforms_write_sound_and_usage_each_in_their_way() -> None:
    async with running(parts()) as studio, running(parts(), setup(CASCADE), ON_VERTEX) as vertex:
        for desk in (studio, vertex):
            desk.write("hello")
            await desk.turns(1)
    assert form(studio) == ("", "audio/pcm;rate=24000", None, 4, 0)
    session, mime, role, reply, candidates = form(vertex)
    assert len(session) == 36
    assert (mime, role, reply, candidates) == ("audio/pcm", "model", 0, 4)


def form(desk: Desk) -> tuple[str, str, str | None, int, int]:
    """Session id, MIME type and role of sound, output tokens under either name."""
    complete = desk.sent[0].setup_complete
    turn = next(m.server_content.model_turn for m in desk.sent if m.server_content and m.server_content.model_turn)
    blob, usage = turn.parts[0].inline_data, desk.usages()[0]
    assert complete is not None
    assert blob is not None
    return (
        complete.session_id or "",
        blob.mime_type,
        turn.role,
        usage.response_token_count,
        usage.candidates_token_count,
    )


async def test_text_instead_of_sound() -> None:
    written = {"generationConfig": {"responseModalities": ["TEXT"]}}
    async with running(parts(), setup(CASCADE, **written), ON_VERTEX) as desk:
        desk.write("hello")
        await desk.turns(1)
        assert desk.turn_kinds() == ["text", "generation_complete", "turn_complete"]
        turn = next(m.server_content.model_turn for m in desk.sent if m.server_content and m.server_content.model_turn)
        assert turn.parts[0].text == "You wrote hello."
        assert desk.usages()[0].candidates_tokens_details[0].modality == "TEXT"


async def test_thoughts_come_only_when_asked_for() -> None:
    thinking = {"generationConfig": SETUP["generationConfig"] | {"thinkingConfig": {"includeThoughts": True}}}
    for asked in (True, False):
        acts: list[Act] = [Think("They want to go."), Say("Gone.")]
        async with running(scripted(go=acts), setup(NATIVE, **(thinking if asked else {}))) as desk:
            desk.write("go")
            await desk.turns(1)
            assert desk.turn_kinds()[:-2] == (["thought", "audio"] if asked else ["audio"])
            assert desk.usages()[0].thoughts_token_count == len("They want to go.") // 4


async def test_what_stands_before_the_first_sound_or_call() -> None:
    acts = scripted(go=[Say("One."), Say("Two.")], run=[Call("weather"), Say("Fine.")])
    async with running(acts, setup(PREVIEW, tools=WAITED_FOR)) as desk:
        desk.write("go")
        await desk.turns(1)
        desk.write("run")
        await desk.sees("tool_call")
        assert desk.kinds().count("nothing") == 2
        kinds = desk.kinds()
        assert kinds[kinds.index("tool_call") - 1] == "nothing"


async def test_an_empty_answer_is_still_a_turn() -> None:
    async with running(scripted(hush=[])) as desk:
        desk.write("hush")
        await desk.turns(1)
        assert desk.turn_kinds() == ["generation_complete", "turn_complete"]


def transcripts(desk: Desk) -> list[tuple[str, str | None, bool]]:
    """Output transcripts, sound and what ends a turn, in order: kind, text, whether finished."""
    found: list[tuple[str, str | None, bool]] = []
    for message in desk.sent:
        content = message.server_content
        if message.tool_call is not None:
            found.append(("call", None, False))
        if content is None:
            continue
        if (told := content.output_transcription) is not None:
            found.append(("words", told.text, bool(told.finished)))
        if content.model_turn is not None and found[-1][0] != "sound":
            found.append(("sound", None, False))
        found += [("generated", None, False)] if content.generation_complete else []
        found += [("over", None, False)] if content.turn_complete else []
    return found


@pytest.mark.conformance("S23")
@pytest.mark.parametrize("stream", [False, True])
async def test_a_half_cascade_tells_all_words_before_the_sound(stream: bool) -> None:
    said: list[Act] = [Say("One. Two."), Say("Three.")]

    async def streamed() -> AsyncIterator[Act]:
        for act in said:
            yield act

    acts: list[Act] = [Stream(streamed())] if stream else said
    async with running(scripted(go=acts), setup(CASCADE), ON_VERTEX) as desk:
        desk.write("go")
        await desk.turns(1)
        assert transcripts(desk) == [
            ("words", "One.", False),
            ("words", " Two.", False),
            ("words", " Three.", False),
            ("words", "", True),
            ("sound", None, False),
            ("generated", None, False),
            ("over", None, False),
        ]


@pytest.mark.conformance("S40")
@pytest.mark.parametrize("stream", [False, True])
async def test_a_half_cascade_speaks_of_an_answer_in_a_second_turn(stream: bool) -> None:
    closed: list[bool] = []

    async def streamed() -> AsyncIterator[Act]:
        try:
            yield Call("weather")
            yield Say("That is all.")
        finally:
            closed.append(True)

    acts: list[Act] = [Stream(streamed())] if stream else [Call("weather")]
    shared = scripted(go=acts, weather_returned=[] if stream else [Say("That is all.")])
    async with running(shared, setup(CASCADE, tools=WAITED_FOR), ON_VERTEX) as desk:
        desk.write("go")
        await desk.sees("tool_call")
        desk.answer(desk.calls()[0])
        await desk.turns(2)
        assert transcripts(desk) == [
            ("words", "", False),
            ("call", None, False),
            ("words", "", True),
            ("generated", None, False),
            ("over", None, False),
            ("words", "That is all.", False),
            ("words", "", True),
            ("sound", None, False),
            ("generated", None, False),
            ("over", None, False),
        ]
        assert closed == [True] * stream


async def test_a_half_cascade_with_nothing_to_say_to_an_answer_has_one_turn() -> None:
    async with running(scripted(go=[Call("weather")]), setup(CASCADE, tools=WAITED_FOR), ON_VERTEX) as desk:
        desk.write("go")
        await desk.sees("tool_call")
        desk.answer(desk.calls()[0])
        await desk.turns(1)
        desk.write("go on")
        await desk.turns(2)
        assert desk.kinds().count("turn_complete") == 2


@pytest.mark.conformance("S22")
async def test_the_end_waits_until_all_was_heard() -> None:
    clock = TurnedClock()
    async with running(parts(clock=clock, tempo=Tempo(burst_ms=10_000))) as desk:
        desk.write("hi")
        await desk.sees("generation_complete")
        await clock.turn(0.10)
        assert "turn_complete" not in desk.kinds()
        await clock.turn(0.05)
        await desk.turns(1)


@pytest.mark.conformance("S22")
async def test_sound_is_paced_after_the_first_burst() -> None:
    clock = TurnedClock()
    mind = ScriptedMind({"go": [Say("x" * 100)]})
    async with running(parts(clock=clock, tempo=Tempo(burst_ms=300, speed=2.0), make_mind=mind)) as desk:
        desk.write("go")
        await desk.socket.until(lambda s: len(chunks(s.sent)) == 8)
        await clock.turn(0.02)
        await desk.socket.until(lambda s: len(chunks(s.sent)) == 9)
        await clock.turn(0.33)
        await desk.socket.until(lambda s: len(chunks(s.sent)) == 25)


@pytest.mark.conformance("S20")
@pytest.mark.parametrize("text", [False, True])
async def test_frames_are_binary_unless_text_is_wished_for(text: bool) -> None:
    async with running(parts(rules=Rules(text_frames=text))) as desk:
        seen: list[bytes | str] = []
        deliver = desk.socket.send

        async def send(data: bytes | str) -> None:
            seen.append(data)
            await deliver(data)

        desk.socket.send = send  # type: ignore[method-assign]
        desk.write("hello")
        await desk.turns(1)
        assert {type(data) for data in seen} == ({str} if text else {bytes})


@pytest.mark.conformance("S26")
async def test_nothing_that_is_unset_is_written() -> None:
    async with running(scripted(go=[Call("note"), Say("Gone.")]), SETUP | {"tools": TOOLS}) as desk:
        seen: list[str] = []
        deliver = desk.socket.send

        async def send(data: bytes | str) -> None:
            seen.append(bytes(data).decode() if isinstance(data, bytes) else data)
            await deliver(data)

        desk.socket.send = send  # type: ignore[method-assign]
        desk.write("go")
        await desk.turns(1)
        assert seen
        assert not [data for data in seen if "null" in data or ":false" in data or ":0" in data or '""' in data]
