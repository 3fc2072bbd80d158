"""What a session's settings mean for a talk."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from vivavoce.local.manner import Manner
from vivavoce.local.microphone import LEAD_MS
from vivavoce.local.openai.setting import Setting, default_session
from vivavoce.local.parts import Rules
from vivavoce.wire.openai.conversation import ResponseParams
from vivavoce.wire.openai.models import find
from vivavoce.wire.openai.refusals import EventRefused
from vivavoce.wire.openai.session import Session


def setting(**session: Any) -> Setting:
    row = find("gpt-realtime-2.1")
    assert row is not None
    made = Setting(default_session("gpt-realtime-2.1", row, "sess_1", 1), row, Rules())
    change = msgspec.convert({"type": "realtime"} | session, Session)
    made.update(change, spoke=False)
    return made


def listening(**turns: Any) -> Setting:
    return setting(audio={"input": {"turn_detection": turns}})


def test_a_session_nobody_changed() -> None:
    manner = setting().manner()
    assert (manner.manual, manner.interrupts, manner.answers_speech) == (False, True, True)
    assert (manner.silence_ms, manner.lead_ms, manner.sensitivity) == (500, 300, "high")
    assert manner.prefix_ms == Manner().prefix_ms, "a short word starts speech, however much is kept before it"
    assert (manner.spoken, manner.voice, manner.handles) == (True, "marin", False)


def test_turn_detection_is_a_way_of_listening() -> None:
    manner = listening(type="server_vad", silence_duration_ms=900, prefix_padding_ms=0, threshold=0.8).manner()
    assert (manner.silence_ms, manner.lead_ms, manner.sensitivity) == (900, LEAD_MS, "low")
    off = setting(audio={"input": {"turn_detection": None}}).manner()
    assert (off.manual, off.whole_input, off.answers_speech) == (True, True, False)


def test_eagerness_is_a_length_of_silence() -> None:
    waits = [listening(type="semantic_vad", eagerness=how).manner().silence_ms for how in ("low", "medium", "high")]
    assert waits == sorted(waits, reverse=True)
    assert listening(type="semantic_vad").manner().silence_ms == waits[1]


def test_a_kind_of_turn_detection_begins_from_its_own_defaults() -> None:
    shown = listening(type="semantic_vad").shown()["audio"]["input"]["turn_detection"]
    assert shown == {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    }


def test_what_does_not_hold_changes_nothing() -> None:
    made = setting(instructions="Be brief.")
    before = made.session
    change = Session(type="realtime", instructions="Be long.", output_modalities=["text", "audio"])
    with pytest.raises(EventRefused):
        made.update(change, spoke=False)
    assert made.session is before


def test_tools_are_declared_to_the_brain() -> None:
    tool = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {"at": {}}}}
    manner = setting(tools=[tool]).manner()
    assert [each.name for each in manner.tools] == ["look"]
    assert manner.tools[0].parameters == tool["parameters"]
    assert manner.prompt_chars > 0
    assert setting(tools=[tool], tool_choice="none").manner().tools == ()


@pytest.mark.parametrize("field", ["silence_duration_ms", "prefix_padding_ms"])
def test_lengths_are_not_negative(field: str) -> None:
    with pytest.raises(EventRefused):
        listening(type="server_vad", **{field: -1})


def test_telephone_formats_need_no_rate() -> None:
    made = setting(audio={"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": "audio/pcma"}}})
    assert (made.input_format, made.output_format) == ("audio/pcmu", "audio/pcma")


def test_one_response_may_be_asked_for_otherwise() -> None:
    made = setting(instructions="Be brief.")
    once = made.for_response(ResponseParams(instructions="Be long.", output_modalities=["text"]))
    assert (once.session.instructions, once.spoken) == ("Be long.", False)
    assert (made.session.instructions, made.spoken) == ("Be brief.", True)
    assert made.for_response(ResponseParams(metadata={"a": "b"})).session == made.session
