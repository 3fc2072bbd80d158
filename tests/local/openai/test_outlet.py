"""What a client is told of things that rarely happen."""

from __future__ import annotations

from typing import Any

import pytest

from vivavoce.local.meter import Tokens, Usage
from vivavoce.local.openai.outlet import RealtimeOutlet
from vivavoce.local.openai.response import Client
from vivavoce.local.openai.setting import Setting, default_session
from vivavoce.local.parts import Rules
from vivavoce.wire.openai import server
from vivavoce.wire.openai.codec import decode_server
from vivavoce.wire.openai.models import UNKNOWN
from vivavoce.wire.openai.session import AudioConfig, AudioInput, Session, TranscriptionConfig


class Told:
    """An outlet, and the events that came out of it."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        setting = Setting(default_session("m", UNKNOWN, "sess_1", 1), UNKNOWN, Rules())
        words = AudioConfig(input=AudioInput(transcription=TranscriptionConfig(model="gpt-transcribe")))
        setting.update(Session(type="realtime", audio=words), spoke=False)
        self.outlet = RealtimeOutlet(Client(self._send), setting)

    async def _send(self, data: bytes | str) -> None:
        self.events.append(decode_server(data))

    def of(self, kind: type[server.ServerEvent]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def told() -> Told:
    return Told()


async def test_words_of_a_speech_too_long_for_one_utterance_are_one_transcript(told: Told) -> None:
    await told.outlet.speech_began(100)
    await told.outlet.heard("On and", last=False)
    assert told.of(server.CallerTextCompleted) == []
    await told.outlet.speech_ended(130_000)
    await told.outlet.heard("on", last=True)
    (words,) = told.of(server.CallerTextCompleted)
    assert (words.item_id, words.transcript) == (told.of(server.SpeechStarted)[0].item_id, "On and on")


async def test_words_that_come_late_are_those_of_their_own_speech(told: Told) -> None:
    await told.outlet.speech_began(100)
    await told.outlet.speech_ended(130_000)
    await told.outlet.speech_began(140_000)
    await told.outlet.speech_ended(150_000)
    await told.outlet.heard("On and", last=False)
    await told.outlet.heard("on", last=True)
    await told.outlet.heard("No", last=True)
    assert [event.transcript for event in told.of(server.CallerTextCompleted)] == ["On and on", "No"]


async def test_where_speech_started_includes_the_sound_before_it(told: Told) -> None:
    await told.outlet.speech_began(1_000)
    await told.outlet.speech_began(100)
    assert [event.audio_start_ms for event in told.of(server.SpeechStarted)] == [700, 0]


async def test_speech_nothing_could_be_made_of_has_an_empty_transcript(told: Told) -> None:
    await told.outlet.speech_began(0)
    await told.outlet.speech_ended(500)
    await told.outlet.heard("", last=True)
    assert told.of(server.CallerTextCompleted)[0].transcript == ""
    assert told.of(server.CallerTextDelta) == []


async def test_speech_that_stops_without_having_begun_is_an_item_all_the_same(told: Told) -> None:
    await told.outlet.speech_ended(500)
    await told.outlet.speech_ended(900)
    one, other = told.of(server.AudioCommitted)
    assert one.item_id != other.item_id
    assert other.previous_item_id == one.item_id


async def test_what_a_turn_cost_stands_with_its_end(told: Told) -> None:
    await told.outlet.turn_began()
    await told.outlet.said("Hi.")
    await told.outlet.sound(b"\x01\x00" * 480)
    await told.outlet.thought("Nobody needs to know.")
    await told.outlet.generated()
    usage = Usage(prompt=Tokens(text=5, audio=7, video=2), reply=Tokens(audio=3), tool_results=4, thoughts=1)
    await told.outlet.turn_ended(usage, cut=False, more=False)
    spent = told.of(server.ResponseDone)[0].response.usage
    assert (spent.input_tokens, spent.output_tokens, spent.total_tokens) == (18, 4, 22)
    assert (spent.input_token_details.text_tokens, spent.input_token_details.image_tokens) == (9, 2)
    assert (spent.output_token_details.text_tokens, spent.output_token_details.audio_tokens) == (1, 3)
    assert told.outlet.sounded == (told.of(server.OutputItemDone)[0].item.id, 20)


async def test_a_turn_cut_before_it_said_anything_is_a_cancelled_response(told: Told) -> None:
    await told.outlet.turn_began()
    await told.outlet.interrupted()
    await told.outlet.turn_ended(Usage(), cut=True, more=False)
    response = told.of(server.ResponseDone)[0].response
    assert (response.status, response.output) == ("cancelled", [])
    assert told.outlet.active is None
    await told.outlet.idle()
    await told.outlet.resumable("secret")
    await told.outlet.calls_cancelled([])
    assert isinstance(told.events[-1], server.ResponseDone)
