from __future__ import annotations

import msgspec
import pytest

from vivavoce.local.meter import MOST_STRETCHES, Meter, Tokens


@pytest.mark.conformance("S54")
def test_the_prompt_bills_the_whole_context_again() -> None:
    meter = Meter(prompt_chars=400)
    meter.add_audio(2000)
    first = meter.turn(spoken_ms=4000)
    second = meter.turn()
    assert first.prompt == Tokens(text=100, audio=50)
    assert first.reply == Tokens(audio=100)
    assert second.prompt == Tokens(text=100, audio=150)
    assert (first.total, second.total) == (250, 250)


@pytest.mark.conformance("S54")
def test_every_modality_and_what_else_is_billed() -> None:
    meter = Meter()
    meter.add_text("x" * 40)
    meter.add_video(64)
    meter.add_video(64)
    meter.add_result("y" * 80)
    meter.add_thought("z" * 20)
    usage = meter.turn(text="w" * 12)
    assert usage.prompt == Tokens(text=10, video=128)
    assert (usage.reply, usage.tool_results, usage.thoughts) == (Tokens(text=3), 20, 5)
    assert usage.total == 10 + 128 + 3 + 20 + 5
    assert meter.turn().prompt == Tokens(text=33, video=128), "thoughts are not remembered"


def test_compression_drops_whole_turns_from_the_oldest_on() -> None:
    meter = Meter(prompt_chars=400)
    for _ in range(4):
        meter.add_text("x" * 4000)
        meter.turn()
    assert meter.context.total == 4100
    meter.add_text("x" * 400)
    assert meter.turn(trigger=4000, target=2300).prompt.total == 100 + 2000 + 100
    assert meter.turn(trigger=4000, target=2300).prompt.total == 2200, "nothing to do"


def test_compression_keeps_the_instruction_and_what_was_said_last() -> None:
    meter = Meter(prompt_chars=4000)
    meter.add_text("x" * 4000)
    meter.turn()
    meter.add_text("x" * 4000)
    assert meter.turn(trigger=1500).prompt.total == 2000


def test_a_kept_meter_bills_on() -> None:
    meter = Meter(prompt_chars=40)
    meter.add_audio(1000)
    meter.turn(spoken_ms=1000)
    again = msgspec.json.decode(msgspec.json.encode(meter), type=Meter)
    assert again.turn().prompt == meter.turn().prompt


def test_a_long_session_stays_small() -> None:
    meter = Meter()
    for _ in range(MOST_STRETCHES + 10):
        meter.add_text("x" * 4)
        meter.turn()
    assert len(meter.past) == MOST_STRETCHES
    assert meter.context.total == MOST_STRETCHES + 10
