"""The OpenAI dialect: what is sent for each verb, what the service's events become, and when it is asked to answer."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from vivavoce.conversation import events as ev
from vivavoce.errors import LinkError, WireError
from vivavoce.live.dialect import Opening, Shelf
from vivavoce.live.openai.dialect import OpenAIDialect
from vivavoce.live.openai.responses import MOST_CALLS
from vivavoce.wire.openai import server
from vivavoce.wire.openai.codec import encode, encode_audio_delta

TOOLS = (
    {
        "name": "note",
        "description": "Notes.",
        "behavior": "NON_BLOCKING",
        "parameters": {
            "type": "OBJECT",
            "properties": {
                "who": {"type": "STRING", "format": "enum", "enum": ["a", "b"], "nullable": True},
                "sums": {"type": "ARRAY", "items": {"anyOf": [{"type": "NUMBER", "minimum": 0}, {"type": "INTEGER"}]}},
                "at": {"type": "STRING", "format": "date-time"},
            },
            "required": ["who"],
        },
    },
    {"name": "look", "behavior": "BLOCKING"},
)


class Talk:
    """A dialect, and the service's side of it in short words."""

    def __init__(self, **opening: Any) -> None:
        self.position = 0
        self.chunks: list[bytes] = []
        self.sent: list[dict[str, Any]] = []
        shelf = Shelf(link=7, keep_chunk=self._keep, keep_handle=lambda handle: 0, position=lambda: self.position)
        told: dict[str, Any] = {"model": "gpt-realtime-2.1", "tools": TOOLS, "silence_ms": 1000}
        self.dialect = OpenAIDialect(Opening(**told | opening), shelf)
        self.opening = [json.loads(message) for message in self.dialect.opening()]

    def _keep(self, pcm: bytes) -> int:
        self.chunks.append(pcm)
        return len(self.chunks)

    def say(self, messages: Any) -> list[str]:
        """Types of what is sent now."""
        new = [json.loads(message) for message in messages]
        self.sent += new
        return [message["type"] for message in new]

    def reads(self, event: server.ServerEvent | dict[str, Any]) -> list[ev.Event]:
        data = json.dumps(event).encode() if isinstance(event, dict) else encode(event)
        events = self.dialect.read(data)
        self.say(self.dialect.due())
        return events

    def ready(self) -> Talk:
        states = [self.dialect.ready]
        for kind in ("created", "updated"):
            self.reads({"type": f"session.{kind}", "event_id": "e", "session": {}})
            states.append(self.dialect.ready)
        assert states == [False, False, True]
        return self

    def begins(self, response: str = "resp_1") -> None:
        assert self.reads({"type": "response.created", "event_id": "e", "response": {"id": response}}) == []

    def sounds(self, milliseconds: int, item: str = "item_1") -> list[ev.Event]:
        pcm = b"\x01\x00" * (24 * milliseconds)
        delta = encode_audio_delta(pcm, event_id="e", response_id="resp_1", item_id=item, output_index=0)
        return self.dialect.read(delta)

    def calls(
        self, name: str, call: str = "call_1", arguments: str = "{}", status: str = "completed"
    ) -> list[ev.Event]:
        item = {"type": "function_call", "call_id": call, "name": name, "arguments": arguments, "status": status}
        return self.reads(
            {"type": "response.output_item.done", "event_id": "e", "response_id": "r", "output_index": 0, "item": item}
        )

    def ends(self, status: str = "completed", **response: Any) -> list[ev.Event]:
        return self.reads({"type": "response.done", "event_id": "e", "response": {"status": status} | response})

    def speech(self, kind: str) -> list[ev.Event]:
        field = "audio_start_ms" if kind == "started" else "audio_end_ms"
        return self.reads({"type": f"input_audio_buffer.speech_{kind}", "event_id": "e", "item_id": "u", field: 0})

    def error(self, code: str | None, **more: Any) -> list[ev.Event]:
        error = {"type": "invalid_request_error", "code": code, "message": "No."} | more
        return self.reads({"type": "error", "event_id": "e", "error": error})

    def count(self, kind: str) -> int:
        return sum(message["type"] == kind for message in self.sent)


def test_the_session_is_told_first() -> None:
    talk = Talk(instruction="Be brief.", voice="Marin")
    (update,) = talk.opening
    session = update["session"]
    assert update["type"] == "session.update"
    assert session["type"] == "realtime"
    assert session["instructions"] == "Be brief."
    assert session["output_modalities"] == ["audio"]
    assert session["audio"]["output"] == {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "marin"}
    listening = session["audio"]["input"]
    assert listening["format"] == {"type": "audio/pcm", "rate": 24000}
    assert listening["turn_detection"]["silence_duration_ms"] == 1000
    assert listening["transcription"] == {"model": "gpt-transcribe"}


def test_tools_are_told_as_json_schema() -> None:
    note, look = Talk().opening[0]["session"]["tools"]
    assert note == {
        "type": "function",
        "name": "note",
        "description": "Notes.",
        "parameters": {
            "type": "object",
            "properties": {
                "who": {"type": ["string", "null"], "enum": ["a", "b"]},
                "sums": {"type": "array", "items": {"anyOf": [{"type": "number", "minimum": 0}, {"type": "integer"}]}},
                "at": {"type": "string", "format": "date-time"},
            },
            "required": ["who"],
        },
    }
    assert look["parameters"] == {"type": "object", "properties": {}}


def test_a_voice_in_words_becomes_one_of_the_models_the_same_each_time() -> None:
    def voice(**opening: Any) -> str:
        return str(Talk(**opening).opening[0]["session"]["audio"]["output"]["voice"])

    assert voice(voice="an old sailor", cast=1) == voice(voice="an old sailor", cast=1) == "cedar"
    assert voice(voice="an old sailor", cast=0) == "marin"
    assert voice(voice="marin", model="gpt-4o-realtime-preview") == "alloy"


def test_a_session_that_is_refused_is_not_dialled_again() -> None:
    with pytest.raises(LinkError) as refused:
        Talk().error("invalid_value", param="session.audio.output.voice")
    assert refused.value.kind == "fatal"
    assert "session.audio.output.voice" in str(refused.value)
    with pytest.raises(LinkError) as refused:
        Talk().error("Bearer very-secret", param="of <b>ours</b>")
    assert "very-secret" not in str(refused.value), "it is shown to whoever asks how we are"
    assert "<b>" not in str(refused.value)
    with pytest.raises(LinkError) as refused:
        Talk().error("rate_limit_exceeded")
    assert refused.value.kind == "quota"


def test_before_the_session_is_taken_nothing_is_an_event() -> None:
    talk = Talk()
    assert talk.sounds(10) == []
    assert talk.speech("started") == []


# ------------------------------------------------------------------------------------------------ the caller


def test_the_callers_sound_is_sent_at_the_services_rate() -> None:
    talk = Talk().ready()
    wave = (np.sin(np.arange(16_000) * 0.05) * 8000).astype("<i2")
    sent = [talk.dialect.audio(wave[at : at + 64].tobytes()) for at in range(0, len(wave), 64)]
    talk.say(message for message in sent if message)
    assert {message["type"] for message in talk.sent} == {"input_audio_buffer.append"}
    samples = sum(len(message["audio"]) * 3 // 4 - message["audio"].count("=") for message in talk.sent) // 2
    assert 24_000 - 1_200 <= samples <= 24_000  # all but what the filter holds back, under 50 ms
    assert b"" in sent  # nothing to send is nothing sent


def test_a_microphone_that_is_switched_off_is_silence_long_enough_to_end_the_turn() -> None:
    talk = Talk().ready()
    talk.say(talk.dialect.microphone_off())
    (message,) = talk.sent
    assert len(message["audio"]) * 3 // 4 > 24 * 2 * 1400
    assert set(message["audio"]) <= set("A=")


def test_a_turn_that_is_over_is_the_same_silence_and_the_clock_goes_on() -> None:
    talk = Talk().ready()
    talk.dialect.audio(bytes(640))
    talk.begins()
    talk.sounds(2000)
    talk.say(talk.dialect.turn_over())
    assert len(talk.sent[-1]["audio"]) * 3 // 4 > 24 * 2 * 1400
    talk.ends()
    talk.position += 320
    talk.speech("started")
    assert talk.count("conversation.item.truncate") == 1, "what was not heard is still known"


def test_another_pause_is_told_at_once_and_ends_turns_from_then_on() -> None:
    talk = Talk().ready()
    talk.say(talk.dialect.patience(2500))
    (message,) = talk.sent
    assert message["type"] == "session.update"
    turns = message["session"]["audio"]["input"]["turn_detection"]
    assert (turns["type"], turns["silence_duration_ms"], turns["create_response"]) == ("server_vad", 2500, True)
    assert message["session"].keys() == {"type", "audio"}, "nothing else is touched"
    talk.sent.clear()
    talk.say(talk.dialect.turn_over())
    assert len(talk.sent[0]["audio"]) * 3 // 4 > 24 * 2 * 2900


def test_what_the_caller_said_comes_once_whether_in_pieces_or_whole() -> None:
    talk = Talk().ready()

    def words(item: str, kind: str, **more: Any) -> list[ev.Event]:
        return talk.reads(
            {"type": f"conversation.item.input_audio_transcription.{kind}", "event_id": "e", "item_id": item} | more
        )

    heard = words("u1", "delta", delta="I am") + words("u1", "delta", delta=" here")
    heard += words("u1", "completed", content_index=0, transcript="I am here")
    heard += words("u2", "completed", content_index=0, transcript="You too")
    heard += words("u3", "completed", content_index=0, transcript="")
    assert heard == [
        ev.CallerTranscribed(7, " I am"),
        ev.CallerTranscribed(7, " here"),
        ev.CallerTranscribed(7, " You too"),
    ]


# ------------------------------------------------------------------------------------------------ replies


def test_a_spoken_reply() -> None:
    talk = Talk().ready()
    talk.begins()
    words = talk.reads(
        server.TranscriptDelta(
            event_id="e", response_id="resp_1", item_id="i", output_index=0, content_index=0, delta="Hi"
        )
    )
    sound = talk.sounds(20)
    usage = {
        "total_tokens": 30,
        "input_tokens": 20,
        "output_tokens": 10,
        "input_token_details": {"text_tokens": 8, "audio_tokens": 12, "cached_tokens": 3},
        "output_token_details": {"text_tokens": 0, "audio_tokens": 10},
    }
    assert words == [ev.AgentTranscribed(7, "Hi")]
    assert sound == [ev.ReplyArrived(7, 1, 480)]
    assert talk.ends(usage=usage) == [
        ev.UsageReported(7, 20, 10, 30, (("prompt_text", 8), ("prompt_audio", 12), ("response_audio", 10))),
        ev.GenerationEnded(7),
        ev.TurnEnded(7),
    ]
    assert talk.sent == []


def test_a_long_chunk_comes_in_pieces() -> None:
    talk = Talk().ready()
    talk.begins()
    assert talk.sounds(1500) == [ev.ReplyArrived(7, 1, 24_000), ev.ReplyArrived(7, 2, 12_000)]


def test_messages_of_one_turn_are_set_apart() -> None:
    talk = Talk().ready()

    def words(item: str, text: str) -> list[ev.Event]:
        return talk.reads(
            server.TranscriptDelta(
                event_id="e", response_id="r", item_id=item, output_index=0, content_index=0, delta=text
            )
        )

    talk.begins()
    said = words("i1", "Let me") + words("i1", " see.") + talk.calls("look") + talk.ends()
    talk.say(talk.dialect.answer("call_1", "look", {}, None))
    talk.begins("resp_2")
    said += words("i2", "A cat.") + talk.ends()
    talk.begins("resp_3")
    said += words("i3", "Well.")
    assert [event.text for event in said if isinstance(event, ev.AgentTranscribed)] == [
        "Let me", " see.", " A cat.", "Well.",
    ]  # fmt: skip


def test_half_a_sample_is_carried_to_the_next_chunk() -> None:
    talk = Talk().ready()
    talk.begins()
    for pcm in (b"\x01", b"\x02\x03\x04"):
        delta = encode_audio_delta(pcm, event_id="e", response_id="r", item_id="i", output_index=0)
        talk.dialect.read(delta)
    assert talk.chunks == [b"\x01\x02\x03\x04"]


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({"type": "incomplete", "reason": "max_output_tokens"}, "max_output_tokens"),
        ({"type": "failed", "error": {"type": "server_error", "code": "rate_limit_exceeded"}}, "rate_limit_exceeded"),
        ({"type": "failed"}, "failed"),
    ],
)
def test_a_reply_that_was_not_completed_ends_the_turn_with_a_reason(details: dict[str, Any], reason: str) -> None:
    talk = Talk().ready()
    talk.begins()
    assert talk.ends(str(details["type"]), status_details=details)[-1] == ev.TurnEnded(7, reason)


def test_an_empty_purse_ends_the_link_and_says_what_to_do() -> None:
    talk = Talk().ready()
    talk.begins()
    with pytest.raises(LinkError) as ended:
        talk.ends("failed", status_details={"type": "failed", "error": {"code": "insufficient_quota"}})
    assert ended.value.kind == "fatal"
    assert "credit" in ended.value.remedy


# ------------------------------------------------------------------------------------------------ typed words


def test_typed_words_are_an_item_and_a_wish_for_a_response() -> None:
    talk = Talk().ready()
    assert talk.say(talk.dialect.text("Hello")) == ["conversation.item.create", "response.create"]
    assert talk.sent[0]["item"] == {
        "type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}],
    }  # fmt: skip


def test_typed_words_stop_a_running_response_and_are_answered_after_it() -> None:
    talk = Talk().ready()
    talk.begins()
    talk.sounds(20)
    assert talk.say(talk.dialect.text("Wait")) == ["response.cancel", "conversation.item.create"]
    assert talk.sounds(20) == []
    events = talk.ends("cancelled", status_details={"type": "cancelled", "reason": "client_cancelled"})
    assert events == [ev.TurnEnded(7)]  # the conversation drops all there is until the turn it cut has ended
    assert talk.sent[-1]["type"] == "response.create"
    talk.begins("resp_2")
    assert talk.sounds(20) != []


def test_words_typed_before_the_answer_began_are_answered_once() -> None:
    talk = Talk().ready()
    talk.say(talk.dialect.text("One"))
    assert talk.say(talk.dialect.text("Two")) == ["response.cancel", "conversation.item.create"]
    assert talk.say(talk.dialect.text("Three")) == ["conversation.item.create"]
    talk.begins()
    assert talk.sounds(20) == []
    talk.ends("cancelled")
    assert talk.count("response.create") == 2
    talk.begins("resp_2")
    assert talk.sounds(20) != []


def test_a_response_of_the_services_own_is_waited_for() -> None:
    talk = Talk().ready()
    talk.say(talk.dialect.text("One"))
    talk.error("conversation_already_has_active_response", event_id="ask")
    assert talk.count("response.create") == 1
    talk.ends()
    assert talk.count("response.create") == 2


def test_a_wish_that_is_refused_is_not_waited_for() -> None:
    talk = Talk().ready()
    talk.say(talk.dialect.text("One"))
    with pytest.raises(WireError):
        talk.error("invalid_value", event_id="ask")
    assert talk.say(talk.dialect.text("Two")) == ["conversation.item.create", "response.create"]


# ------------------------------------------------------------------------------------------------ barge-in


def test_the_caller_cuts_in_while_the_model_speaks() -> None:
    talk = Talk().ready()
    talk.dialect.audio(bytes(640))
    talk.begins()
    talk.position = 16_000
    talk.sounds(2000)
    talk.position += 8_000  # half a second later
    assert talk.speech("started") == [ev.Interrupted(7)]
    assert talk.sent == [
        {"type": "conversation.item.truncate", "item_id": "item_1", "content_index": 0, "audio_end_ms": 500}
    ]
    assert talk.sounds(100) == []
    assert talk.ends("cancelled") == [ev.TurnEnded(7)]
    assert talk.count("response.cancel") == 0  # the service did it by itself


def test_the_caller_cuts_in_after_the_model_was_done_and_is_still_heard() -> None:
    talk = Talk().ready()
    talk.dialect.audio(bytes(640))
    talk.begins()
    talk.sounds(1000, "item_1")
    talk.ends()
    talk.begins("resp_2")
    talk.sounds(1000, "item_2")
    talk.ends()
    talk.position = 24_000  # 1.5 s: all of the first, half of the second
    assert talk.speech("started") == [ev.Interrupted(7)]
    assert [(message["item_id"], message["audio_end_ms"]) for message in talk.sent] == [("item_2", 500)]


def test_what_was_read_was_heard() -> None:
    """Without a microphone its clock stands still, and what the caller reads is taken in whole."""
    talk = Talk().ready()
    talk.dialect.audio(bytes(640))
    talk.dialect.microphone_off()
    talk.begins()
    talk.sounds(2000)
    talk.ends()
    talk.dialect.audio(bytes(640))
    talk.position += 320
    assert talk.speech("started") == []
    assert talk.count("conversation.item.truncate") == 0


def test_what_comes_after_typed_words_plays_at_once() -> None:
    talk = Talk().ready()
    talk.dialect.audio(bytes(640))
    talk.begins()
    talk.sounds(10_000)
    talk.position += 16_000
    talk.say(talk.dialect.text("Wait"))  # the caller's machine goes silent with it
    talk.ends("cancelled")
    talk.begins("resp_2")
    talk.sounds(5000, item="item_2")
    talk.position += 32_000
    assert talk.speech("started") == [ev.Interrupted(7)]
    assert [(cut["item_id"], cut["audio_end_ms"]) for cut in talk.sent if "audio_end_ms" in cut] == [("item_2", 2000)]


def test_speech_after_all_was_heard_interrupts_nothing() -> None:
    talk = Talk().ready()
    talk.dialect.audio(bytes(640))
    talk.begins()
    talk.sounds(1000)
    talk.ends()
    talk.position = 16_001
    assert talk.speech("started") == []
    assert talk.sent == []


def test_a_response_that_was_not_heard_of_is_not_interrupted() -> None:
    talk = Talk().ready()
    talk.begins()
    assert talk.speech("started") == []
    assert talk.sounds(20) == []  # the caller went on: it is not an answer to all they said
    assert talk.ends("cancelled") == [ev.TurnEnded(7)]


# ------------------------------------------------------------------------------------------------ tools


def test_a_call_the_model_waits_for_is_not_the_end_of_its_turn() -> None:
    talk = Talk().ready()
    talk.begins()
    talk.sounds(20)
    assert talk.calls("look", arguments='{"at": 3}') == [ev.ToolCalled(7, "call_1", "look", {"at": 3})]
    assert talk.ends() == []
    said = talk.say(talk.dialect.answer("call_1", "look", {"output": "seen"}, None))
    assert said == ["conversation.item.create", "response.create"]
    assert talk.sent[0]["item"] == {
        "type": "function_call_output", "call_id": "call_1", "output": '{"output":"seen"}',
    }  # fmt: skip
    talk.begins("resp_2")
    talk.sounds(20)
    assert talk.ends()[-1] == ev.TurnEnded(7)


def test_the_answer_may_come_before_the_response_is_done() -> None:
    talk = Talk().ready()
    talk.begins()
    talk.calls("look")
    assert talk.say(talk.dialect.answer("call_1", "look", {}, None)) == ["conversation.item.create"]
    assert talk.ends() == []
    assert talk.sent[-1]["type"] == "response.create"


def test_calls_made_together_are_answered_for_together() -> None:
    talk = Talk().ready()
    talk.begins()
    talk.calls("look", "call_1")
    talk.calls("look", "call_2")
    talk.ends()
    assert talk.say(talk.dialect.answer("call_2", "look", {}, None)) == ["conversation.item.create"]
    assert talk.say(talk.dialect.answer("call_1", "look", {}, None)) == ["conversation.item.create", "response.create"]


def test_a_note_beside_speech_is_not_spoken_of() -> None:
    talk = Talk().ready()
    talk.begins()
    talk.sounds(20)
    talk.calls("note")
    assert talk.ends()[-1] == ev.TurnEnded(7), "no other turn is promised: none may come"
    assert talk.say(talk.dialect.answer("call_1", "note", {}, "SILENT")) == ["conversation.item.create"]


def test_a_note_instead_of_speech_is_followed_by_speech() -> None:
    talk = Talk().ready()
    talk.begins()
    talk.calls("note")
    assert talk.ends() == []
    said = talk.say(talk.dialect.answer("call_1", "note", {}, "SILENT"))
    assert said == ["conversation.item.create", "response.create"]


def test_an_answer_in_a_hurry_stops_the_running_response() -> None:
    talk = Talk().ready()
    talk.begins()
    talk.sounds(20)
    talk.calls("note")
    talk.ends()
    talk.begins("resp_2")
    said = talk.say(talk.dialect.answer("call_1", "note", {"output": 1}, "INTERRUPT"))
    assert said == ["response.cancel", "conversation.item.create"]
    talk.ends("cancelled")
    assert talk.sent[-1]["type"] == "response.create"


def test_while_the_caller_speaks_no_response_is_asked_for() -> None:
    talk = Talk().ready()
    talk.begins()
    talk.calls("look")
    talk.ends()
    talk.speech("started")
    assert talk.say(talk.dialect.answer("call_1", "look", {}, None)) == ["conversation.item.create"]
    talk.speech("stopped")
    talk.begins("resp_2")
    assert talk.ends()[-1] == ev.TurnEnded(7)


def test_a_call_of_a_response_that_was_cut_is_none() -> None:
    talk = Talk().ready()
    talk.begins()
    assert talk.calls("look", status="incomplete") == []
    assert talk.ends("cancelled")[-1] == ev.TurnEnded(7)


@pytest.mark.parametrize("arguments", ["", "{", "[1]", '"x"', "[" * 100_000])
def test_arguments_that_are_no_object_are_none(arguments: str) -> None:
    talk = Talk().ready()
    talk.begins()
    assert talk.calls("look", arguments=arguments) == [ev.ToolCalled(7, "call_1", "look", {})]


def test_calls_without_an_answer_are_bounded() -> None:
    talk = Talk().ready()
    talk.begins()
    for number in range(MOST_CALLS):
        talk.calls("look", f"call_{number}")
    with pytest.raises(WireError):
        talk.calls("look", "one more")


def test_an_answer_to_no_call_is_sent_and_asks_for_nothing() -> None:
    talk = Talk().ready()
    assert talk.say(talk.dialect.answer("call_9", "look", {}, None)) == ["conversation.item.create"]


# ------------------------------------------------------------------------------------------------ errors and ends


@pytest.mark.parametrize("code", ["response_cancel_not_active", "input_audio_buffer_commit_empty"])
def test_what_crosses_on_the_wire_is_no_error(code: str) -> None:
    talk = Talk().ready()
    assert talk.error(code) == []


def test_other_errors_are_counted_and_change_nothing() -> None:
    talk = Talk().ready()
    with pytest.raises(WireError) as told:
        talk.error("item_truncate_invalid_item_id", param="item_id", message="Item with the caller's words not found")
    assert "caller's words" not in str(told.value)
    talk.begins()
    assert talk.sounds(20) != []


def test_too_many_tokens_at_a_time_do_not_end_a_link_that_is_up() -> None:
    talk = Talk().ready()
    with pytest.raises(WireError):
        talk.error("rate_limit_exceeded")
    assert talk.say(talk.dialect.text("Hello")) == ["conversation.item.create", "response.create"]


def test_an_hour_is_over() -> None:
    talk = Talk().ready()
    with pytest.raises(LinkError) as ended:
        talk.error("session_expired", message="Your session hit the maximum duration of 60 minutes.")
    assert ended.value.kind == "transient"
    assert talk.dialect.classify(1001, "Your session hit the maximum duration of 60 minutes.") == "transient"


def test_closes_come_with_a_class_and_a_remedy() -> None:
    dialect = Talk().dialect
    assert dialect.classify(3000, "invalid_request_error.invalid_api_key") == "fatal"
    assert "VIVA_BACKEND_KEY" in dialect.remedy(401, "")


def test_kinds_of_events_made_later_are_no_events() -> None:
    talk = Talk().ready()
    assert talk.reads({"type": "response.gesture.delta", "event_id": "e"}) == []
    assert talk.reads({"type": "rate_limits.updated", "event_id": "e", "rate_limits": []}) == []
