from __future__ import annotations

from vivavoce.local.meter import Meter


def test_the_prompt_bills_the_whole_context_again() -> None:
    meter = Meter(text_chars=400)
    meter.add_audio(2000)
    first = meter.turn(4000)
    second = meter.turn(0)
    assert (first.prompt_token_count, first.response_token_count) == (150, 100)
    assert (second.prompt_token_count, second.response_token_count) == (250, 0)
    assert first.total_token_count == 250
    assert second.response_tokens_details == []


def test_compression_lets_the_window_slide() -> None:
    meter = Meter(text_chars=4000)
    meter.add_audio(40_000)
    assert meter.turn(0, trigger=1500, target=600).prompt_token_count == 600
    meter.add_audio(4_000)
    assert meter.turn(0, trigger=1500, target=600).prompt_token_count == 700
