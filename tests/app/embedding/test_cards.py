"""What is told of an agent before a call."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conversation.talk import ROOT
from vivavoce.agents import load
from vivavoce.app.agent_shelf import Shelved
from vivavoce.app.embedding.cards import card_of, plain, processor_of
from vivavoce.app.settings import Settings

FOUNDER = load((ROOT / "examples/agents/founder.yaml").read_text())
AMBASSADOR = load((ROOT / "examples/agents/ambassador.yaml").read_text())


def test_a_card_tells_what_a_caller_must_know() -> None:
    card = card_of(Shelved("idea", FOUNDER, "file", None), Settings(), "https://talk.example/t/idea")
    assert (card.agent, card.title, card.page) == ("idea", "Startup idea interview", "https://talk.example/t/idea")
    assert [speaker.name for speaker in card.speakers] == ["Alex", "Sam", "Maya"]
    assert (card.record, card.minutes, card.processor, card.idle_reset_s) == ("ask", 35.0, "", None)
    assert card.keep.model_dump() == {"audio_days": 30.0, "transcript_days": 30.0, "facts_days": 30.0}
    assert card_of(Shelved.of(AMBASSADOR), Settings(), "").idle_reset_s == 20.0


def test_what_the_server_locks_stands_on_the_card() -> None:
    locked = Settings(record="never", keep_transcript_days=1.0, minutes=5.0)
    card = card_of(Shelved.of(FOUNDER), locked, "")
    assert (card.record, card.keep.transcript_days, card.keep.audio_days, card.minutes) == ("never", 1.0, 30.0, 5.0)
    assert card_of(Shelved.of(FOUNDER), Settings(keep_audio_days=0), "").record == "never", "nothing is written"


@pytest.mark.parametrize(
    ("settings", "processor"),
    [
        ({}, ""),
        ({"backend": "studio"}, "Google"),
        ({"backend": "vertex", "backend_url": "ws://127.0.0.1:1"}, "Google"),
        ({"backend": "openai"}, "OpenAI"),
        ({"backend": "vertex", "backend_url": "https://eu-west1-aiplatform.googleapis.com"}, "Google"),
        ({"backend": "openai", "backend_url": "wss://gateway.example/v1"}, "gateway.example, OpenAI"),
        ({"backend": "openai", "backend_url": "wss://notopenai.com"}, "notopenai.com, OpenAI"),
        ({"backend": "studio", "brain": "https://unused.example"}, "Google"),
        ({"brain": "https://user:secret@brain.example:8443/v1?key=x"}, "brain.example"),
        ({"brain": "http://localhost:11434/v1"}, ""),
        ({"brain": "script:/tmp/x.yaml"}, ""),
        ({"backend_url": "wss://model.example"}, "model.example"),
        ({"backend_url": "ws://127.0.0.1:9000"}, ""),
    ],
)
def test_who_outside_hears_the_call(settings: dict[str, Any], processor: str) -> None:
    assert processor_of(Settings(**settings)) == processor


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  a\n\tb\u00a0c ", "a b c"),
        ("a\x00\x1b[31mb\x7f", "a[31mb"),
        ("\u202egnp.exe\u2066", "gnp.exe"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("x" * 50, "x" * 19 + "…"),
        ("", ""),
    ],
)
def test_text_in_one_line(text: str, shown: str) -> None:
    assert plain(text, 20) == shown


@given(st.text(), st.integers(1, 50))
def test_text_is_never_longer_nor_made_worse_by_a_second_time(text: str, most: int) -> None:
    once = plain(text, most)
    assert len(once) <= most
    assert plain(once, most) == once
    assert "\n" not in once
