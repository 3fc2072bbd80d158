"""Sessions of the OpenAI Realtime protocol over a socket in memory."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from tests.local.fakes import TurnedClock
from vivavoce.local.minds.acts import Call, Say
from vivavoce.local.parts import Rules
from vivavoce.local.tempo import Tempo
from vivavoce.local.words import MOST_CHARS

from .desk import Desk, desk, loud, quiet

SPOKEN = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
]
TOOL = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}


async def test_the_session_is_told_before_anything_is_said() -> None:
    async with desk(model="gpt-realtime-2") as at:
        session = at.events[0].session
        assert at.events[0].type == "session.created"
        assert session.model == "gpt-realtime-2"
        assert session.output_modalities == ["audio"]
        assert session.audio.input.turn_detection.type == "server_vad"
        assert session.audio.input.turn_detection.silence_duration_ms == 500


async def test_a_spoken_turn() -> None:
    async with desk("hello", script={"hello": [Say("Good day.")]}) as at:
        turns = {"type": "server_vad", "silence_duration_ms": 32}
        at.session_update(audio={"input": {"transcription": {"model": "gpt-transcribe"}, "turn_detection": turns}})
        at.append(loud(400) + quiet(400))
        done = await at.until("response.done")
        types = at.types()
        assert types[:8] == [
            "session.created",
            "session.updated",
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "conversation.item.input_audio_transcription.delta",
        ]
        assert [kind for kind in types[9:] if kind not in types[9 + types[9:].index(kind) + 1 :]] == SPOKEN
        assert at.of("conversation.item.input_audio_transcription.completed")[0].transcript == "hello"
        started, stopped = at.of("input_audio_buffer.speech_started")[0], at.of("input_audio_buffer.speech_stopped")[0]
        assert started.item_id == stopped.item_id == at.of("input_audio_buffer.committed")[0].item_id
        assert stopped.audio_end_ms > started.audio_start_ms >= 0
        assert done.response.status == "completed"
        assert done.response.output[0].content[0].transcript == "Good day."
        sound = sum(len(event.delta) * 3 // 4 for event in at.of("response.output_audio.delta"))
        assert sound == 9 * 480  # ten milliseconds per character
        assert done.response.usage.output_token_details.audio_tokens > 0
        assert done.response.usage.input_token_details.audio_tokens > 0
        assert at.mind.log[-1] == ("hear", "hello")


async def test_without_transcription_nobody_is_told_the_callers_words() -> None:
    async with desk("hello") as at:
        at.append(loud(400) + quiet(400))
        await at.until("response.done")
        assert not [kind for kind in at.types() if "input_audio_transcription" in kind]


async def test_typed_words_are_answered_when_a_response_is_asked_for() -> None:
    async with desk() as at:
        at.type_in("Hello", id="mine")
        item = await at.until("conversation.item.done")
        assert item.item.id == "mine"
        assert at.of("response.created") == []
        at.send("response.create", response={"metadata": {"why": "test"}})
        done = await at.until("response.done")
        assert done.response.metadata == {"why": "test"}
        assert done.response.output[0].content[0].transcript == "You wrote Hello."
        assert at.of("conversation.item.added")[-1].previous_item_id == "mine"


async def test_answers_in_text() -> None:
    async with desk() as at:
        at.session_update(output_modalities=["text"])
        at.type_in("Hello")
        at.send("response.create")
        done = await at.until("response.done")
        assert done.response.output[0].content[0].text == "You wrote Hello."
        assert "".join(event.delta for event in at.of("response.output_text.delta")) == "You wrote Hello."
        assert at.mouth.voices == []


async def test_what_is_asked_for_one_response_is_over_with_it() -> None:
    async with desk() as at:
        at.type_in("One")
        at.send("response.create", response={"output_modalities": ["text"], "instructions": "Whisper."})
        await at.until("response.done")
        at.type_in("Two")
        at.send("response.create")
        await at.until("response.done", 2)
        assert len(at.of("response.output_text.done")) == 1
        assert len(at.of("response.output_audio.done")) == 1
        born = [made[0] for kind, made in at.mind.log if kind == "born"]
        assert born == ["", "Whisper.", ""]


async def test_a_voice_of_the_models_or_none() -> None:
    async with desk() as at:
        at.session_update(audio={"output": {"voice": "cedar"}})
        at.session_update(audio={"output": {"voice": "an old sailor"}})
        assert (await at.refused()).param == "session.audio.output.voice"
        at.type_in("Hello")
        at.send("response.create")
        await at.until("response.done")
        assert at.mouth.voices == ["cedar"]
        at.session_update(audio={"output": {"voice": "marin"}})
        assert (await at.refused(2)).code == "cannot_update_voice"


async def test_a_voice_in_words_where_the_server_takes_any() -> None:
    async with desk(rules=Rules(any_voice=True)) as at:
        at.session_update(audio={"output": {"voice": "an old sailor"}})
        assert (await at.until("session.updated")).session.audio.output.voice == "an old sailor"


# ------------------------------------------------------------------------------------------------ barge-in


async def test_the_caller_cuts_in() -> None:
    clock_bound = Tempo(speed=1.0, burst_ms=100)
    async with desk("go on", "stop", script={"go on": [Say("A long story.")]}, tempo=clock_bound) as at:
        at.append(loud(400) + quiet(400))
        await at.until("response.output_audio.delta")
        at.append(loud(400))
        done = await at.until("response.done")
        assert at.types().index("response.done") > at.types().index("input_audio_buffer.speech_started")
        assert done.response.status == "cancelled"
        assert done.response.status_details.reason == "turn_detected"
        assert done.response.output[0].status == "incomplete"
        heard = len(at.of("response.output_audio.delta"))
        at.append(quiet(400))
        await at.until("response.created", 2)
        first = done.response.id
        assert len([e for e in at.of("response.output_audio.delta") if e.response_id == first]) == heard
        assert at.mind.log[-2][0] == "cut"
        assert at.mind.log[-1] == ("hear", "stop")


async def test_a_response_is_cancelled_by_the_client() -> None:
    async with desk(tempo=Tempo(speed=1.0, burst_ms=100)) as at:
        at.type_in("Hello there")
        at.send("response.create")
        await at.until("response.output_audio.delta")
        at.send("response.cancel", event_id="mine")
        done = await at.until("response.done")
        assert done.response.status_details.reason == "client_cancelled"
        at.send("response.cancel", event_id="mine")
        error = await at.refused()
        assert (error.code, error.event_id) == ("response_cancel_not_active", "mine")


async def test_a_second_response_at_a_time_is_refused() -> None:
    async with desk(tempo=Tempo(speed=1.0, burst_ms=100)) as at:
        at.type_in("Hello there")
        at.send("response.create")
        created = await at.until("response.created")
        at.send("response.create")
        error = await at.refused()
        assert error.code == "conversation_already_has_active_response"
        assert created.response.id in error.message


async def test_truncation_tells_the_mind_what_was_heard() -> None:
    async with desk() as at:
        at.type_in("Hello")
        at.send("response.create")
        done = await at.until("response.done")
        item = done.response.output[0].id
        at.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=70)
        truncated = await at.until("conversation.item.truncated")
        assert truncated.audio_end_ms == 70
        assert at.mind.log[-1] == ("cut", 70)
        at.send("conversation.item.retrieve", item_id=item)
        assert not (await at.until("conversation.item.retrieved")).item.content[0].transcript
        at.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=71)
        assert (await at.refused()).param == "audio_end_ms"
        at.send("conversation.item.truncate", item_id="none", content_index=0, audio_end_ms=0)
        assert (await at.refused(2)).code == "item_not_found"


async def test_speech_that_must_not_interrupt_does_not() -> None:
    turns = {"type": "server_vad", "interrupt_response": False}
    script = {"go on": [Say("A long story.")]}
    async with desk("go on", "and then", script=script, tempo=Tempo(speed=1.0, burst_ms=100)) as at:
        at.session_update(audio={"input": {"turn_detection": turns}})
        at.append(loud(400) + quiet(400))
        await at.until("response.output_audio.delta")
        at.append(loud(400) + quiet(400))
        await at.until("input_audio_buffer.speech_stopped", 2)
        await at.clock.turn(10)
        done = await at.until("response.done")
        assert done.response.status == "completed"
        await at.until("response.created", 2)


# ------------------------------------------------------------------------------------------------ the client's turns


async def test_without_turn_detection_the_client_commits_and_asks() -> None:
    async with desk("hello") as at:
        at.session_update(audio={"input": {"turn_detection": None}})
        at.append(loud(400))
        at.send("input_audio_buffer.commit")
        await at.until("input_audio_buffer.committed")
        at.send("response.create")
        done = await at.until("response.done")
        assert done.response.output[0].content[0].transcript == "You said hello."
        assert "input_audio_buffer.speech_started" not in at.types()


async def test_sound_that_was_thrown_away_is_not_answered() -> None:
    async with desk("hello") as at:
        at.session_update(audio={"input": {"turn_detection": None}})
        at.append(loud(400))
        at.send("input_audio_buffer.clear")
        await at.until("input_audio_buffer.cleared")
        at.send("input_audio_buffer.commit")
        assert (await at.refused()).code == "input_audio_buffer_commit_empty"


async def test_speech_is_heard_and_not_answered_where_the_client_wants_to_ask() -> None:
    async with desk("hello") as at:
        at.session_update(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}})
        at.append(loud(400) + quiet(400))
        await at.until("input_audio_buffer.committed")
        at.send("response.create")
        done = await at.until("response.done")
        assert done.response.output[0].content[0].transcript == "You said hello."
        assert len(at.of("response.created")) == 1


# ------------------------------------------------------------------------------------------------ tools


def tools(**script: Any) -> dict[str, Any]:
    return {"what is it": [Say("Let me see."), Call("look", {"at": "it"})], "look returned": [Say("A cat.")]} | script


async def test_a_tool_call() -> None:
    async with desk(script=tools()) as at:
        at.session_update(tools=[TOOL])
        at.type_in("what is it")
        at.send("response.create")
        first = await at.until("response.done")
        message, call = first.response.output
        assert message.content[0].transcript == "Let me see."
        assert (call.type, call.name, call.arguments) == ("function_call", "look", '{"at":"it"}')
        assert at.of("response.function_call_arguments.done")[0].arguments == call.arguments
        output = {"type": "function_call_output", "call_id": call.call_id, "output": '{"seen": "cat"}'}
        at.send("conversation.item.create", item=output)
        await at.until("conversation.item.done", 4)
        assert len(at.of("response.created")) == 1  # nothing goes on by itself
        at.send("response.create")
        second = await at.until("response.done", 2)
        assert second.response.output[0].content[0].transcript == "A cat."
        assert ("returned", ("look", {"seen": "cat"}, False)) in at.mind.log


async def test_outputs_of_calls_made_together_are_waited_for() -> None:
    script = {"both": [Call("look", {"at": 1}), Call("look", {"at": 2})], "look returned": [Say("Seen.")]}
    async with desk(script=script) as at:
        at.type_in("both")
        at.send("response.create")
        done = await at.until("response.done")
        for call in done.response.output:
            at.send(
                "conversation.item.create",
                item={"type": "function_call_output", "call_id": call.call_id, "output": "fine"},
            )
        at.send("response.create")
        await at.until("response.done", 2)
        assert [entry for entry in at.mind.log if entry[0] == "returned"] == [
            ("returned", ("look", {"output": "fine"}, False))
        ] * 2


async def test_a_client_that_asks_without_the_output_is_answered_all_the_same() -> None:
    async with desk(script=tools()) as at:
        at.type_in("what is it")
        at.send("response.create")
        await at.until("response.done")
        at.type_in("Never mind")
        at.send("response.create")
        done = await at.until("response.done", 2)
        assert done.response.output[0].content[0].transcript == "You wrote Never mind."


async def test_an_output_to_no_call_is_refused() -> None:
    async with desk() as at:
        at.send("conversation.item.create", item={"type": "function_call_output", "call_id": "x", "output": ""})
        assert (await at.refused()).code == "invalid_tool_call_id"


async def test_an_output_after_which_nothing_is_to_be_said_is_an_empty_response() -> None:
    async with desk(script=tools(**{"look returned": []})) as at:
        at.type_in("what is it")
        at.send("response.create")
        call = (await at.until("response.done")).response.output[1]
        output = {"type": "function_call_output", "call_id": call.call_id, "output": "x"}
        at.send("conversation.item.create", item=output)
        at.send("response.create")
        done = await at.until("response.done", 2)
        assert (done.response.status, done.response.output) == ("completed", [])


async def test_tools_that_must_not_be_called_are_not_told() -> None:
    async with desk() as at:
        at.session_update(tools=[TOOL], tool_choice="none")
        updated = await at.until("session.updated")
        assert updated.session.tools[0].name == "look"


# ------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ({"type": "session.update", "session": {"instructions": "x"}}, "missing_required_parameter", "session.type"),
        (
            {"type": "session.update", "session": {"type": "realtime", "output_modalities": ["text", "audio"]}},
            "invalid_value",
            "session.output_modalities",
        ),
        (
            {
                "type": "session.update",
                "session": {"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcm", "rate": 16000}}}},
            },
            "invalid_value",
            "session.audio.input.format.rate",
        ),
        (
            {"type": "session.update", "session": {"type": "realtime", "audio": {"output": {"speed": 2}}}},
            "invalid_value",
            "session.audio.output.speed",
        ),
        (
            {"type": "session.update", "session": {"type": "realtime", "model": "gpt-realtime-1.5"}},
            "invalid_value",
            "session.model",
        ),
        (
            {
                "type": "session.update",
                "session": {"type": "realtime", "tools": [{"type": "mcp", "server_label": "x"}]},
            },
            "invalid_value",
            "session.tools[0].type",
        ),
        (
            {"type": "session.update", "session": {"type": "realtime", "tools": [{"type": "function"}]}},
            "missing_required_parameter",
            "session.tools[0].name",
        ),
        ({"type": "session.update", "session": {"type": "transcription"}}, "invalid_value", "session.type"),
        (
            {"type": "session.update", "session": {"type": "realtime", "max_output_tokens": 0}},
            "invalid_value",
            "session.max_output_tokens",
        ),
        ({"type": "response.create", "response": {"conversation": "none"}}, "invalid_value", "response.conversation"),
        ({"type": "response.create", "response": {"input": []}}, "invalid_value", "response.input"),
        ({"type": "conversation.item.delete", "item_id": "x"}, "item_not_found", "item_id"),
        ({"type": "conversation.item.retrieve", "item_id": "x"}, "item_not_found", "item_id"),
        ({"type": "conversation.item.create", "item": {"type": "poem"}}, "invalid_value", "item.type"),
        ({"type": "conversation.item.create", "item": {"type": "message"}}, "missing_required_parameter", "item.role"),
        (
            {"type": "conversation.item.create", "item": {"type": "message", "role": "king"}},
            "invalid_value",
            "item.role",
        ),
        (
            {
                "type": "conversation.item.create",
                "item": {"type": "message", "role": "user", "content": []},
                "previous_item_id": "x",
            },
            "item_not_found",
            "previous_item_id",
        ),
        (
            {
                "type": "conversation.item.create",
                "item": {"type": "message", "role": "user", "content": [{"type": "input_audio", "audio": "AAA="}]},
            },
            "invalid_value",
            "item.content[0].audio",
        ),
        ({"type": "input_audio_buffer.append", "audio": "AAAA"}, "invalid_value", None),
        ({"type": "input_audio_buffer.commit"}, "input_audio_buffer_commit_empty", None),
        ({"type": "sing"}, "invalid_value", "type"),
    ],
)
async def test_what_does_not_hold_is_told_and_changes_nothing(
    event: dict[str, Any], code: str, param: str | None
) -> None:
    async with desk() as at:
        before = at.events[0].session
        kind = event.pop("type")
        at.send(kind, event_id="mine", **event)
        error = await at.refused()
        assert (error.code, error.param, error.event_id) == (code, param, "mine")
        at.session_update()
        assert (await at.until("session.updated")).session == before
        at.type_in("Still here")
        at.send("response.create")
        await at.until("response.done")


async def test_rubbish_is_told_and_the_session_goes_on() -> None:
    async with desk() as at:
        at.socket.feed(b"\xff\xfe", "[]", "", "{")
        await at.refused(4)
        at.type_in("Still here")
        at.send("response.create")
        await at.until("response.done")


async def test_an_unknown_model_is_refused() -> None:
    async with desk(model="gpt-5") as at:
        await at.socket.until(lambda socket: socket.closed)
        assert at.of("error")[0].error.code == "model_not_found"
        assert at.socket.closed == (4004, "invalid_request_error.model_not_found")


async def test_a_lenient_server_takes_any_model_and_any_name() -> None:
    async with desk(model="my-model", rules=Rules(strict=False)) as at:
        at.send("session.update", session={"instructions": "Hi", "later": 1})
        assert (await at.until("session.updated")).session.instructions == "Hi"


# ------------------------------------------------------------------------------------------------ items


async def test_the_past_is_told_as_items() -> None:
    async with desk() as at:
        at.type_in("My name is Ann")
        said = [{"type": "output_text", "text": "Hello, Ann."}]
        at.send("conversation.item.create", item={"type": "message", "role": "assistant", "content": said})
        at.type_in("What is my name")
        at.send("response.create")
        done = await at.until("response.done")
        assert done.response.output[0].content[0].transcript == "You wrote What is my name."


async def test_items_have_places() -> None:
    async with desk() as at:
        at.type_in("Two", id="two")
        at.send(
            "conversation.item.create",
            item={"type": "message", "role": "user", "content": [], "id": "one"},
            previous_item_id="root",
        )
        at.type_in("Three", id="three")
        await at.until("conversation.item.done", 3)
        assert [event.previous_item_id for event in at.of("conversation.item.added")] == [None, None, "two"]
        at.send("conversation.item.delete", item_id="two")
        assert (await at.until("conversation.item.deleted")).item_id == "two"
        at.type_in("Again", id="one")
        assert (await at.refused()).param == "item.id"


# ------------------------------------------------------------------------------------------------ ends


async def test_a_session_has_its_hour() -> None:
    async with desk() as at:
        await at.clock.turn(3600)
        await at.socket.until(lambda socket: socket.closed)
        assert at.of("error")[0].error.code == "session_expired"
        assert at.socket.closed == (1001, "Your session hit the maximum duration of 60 minutes.")


async def test_one_sessions_failure_is_its_own(caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object, **__: object) -> Any:
        raise RuntimeError("the caller's words")

    at, other = Desk(), Desk()
    at.session._parts = type(at.session._parts)(
        **{name: getattr(at.session._parts, name) for name in at.session._parts.__slots__} | {"make_mind": broken}
    )
    running = [asyncio.create_task(each.session.run()) for each in (at, other)]
    with caplog.at_level(logging.ERROR):
        at.type_in("Hello")
        await at.socket.until(lambda socket: socket.closed)
    assert at.socket.closed == (1011, "The server had an error while processing your request.")
    assert at.of("error")[0].error.type == "server_error"
    assert "caller's words" not in caplog.text
    other.type_in("Hello")
    other.send("response.create")
    await other.until("response.done")
    other.socket.leave()
    await asyncio.wait(running)


async def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind() -> None:
    at = Desk(tempo=Tempo(speed=1.0, burst_ms=100))
    running = asyncio.create_task(at.session.run())
    at.type_in("Hello there")
    at.send("response.create")
    await at.until("response.output_audio.delta")
    before = asyncio.all_tasks()
    at.socket.leave()
    await running
    assert len(asyncio.all_tasks()) < len(before)
    assert isinstance(at.clock, TurnedClock)


async def test_a_session_that_is_cancelled_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    at = Desk(tempo=Tempo(speed=1.0, burst_ms=100))
    running = asyncio.create_task(at.session.run())
    at.type_in("Hello there")
    at.send("response.create")
    await at.until("response.output_audio.delta")
    running.cancel()
    await asyncio.wait([running])
    assert asyncio.all_tasks() == before


async def test_words_there_is_no_room_for_are_no_item() -> None:
    long = "x" * (MOST_CHARS - 2)
    async with desk(script={f"{long}\ny": [Say("Phew.")]}) as at:
        for number in range(2):
            at.type_in(long, id=f"item{number}")
        await at.refused()
        at.send("conversation.item.retrieve", item_id="item1")
        assert (await at.refused(2)).code == "item_not_found"
        at.type_in("y", id="item2")
        at.send("response.create")
        assert (await at.until("response.done")).response.output[0].content[0].transcript == "Phew."
