"""Turns in which nothing was said are counted, those that owe nothing are not; silence and tones are no speech."""

from __future__ import annotations

import numpy as np
import pytest

from vivavoce.audio.pcm import to_bytes
from vivavoce.conversation import events as ev
from vivavoce.gateway.tally import Tally

ENDED = ev.TurnEnded(1)
HZ = 24_000


def tone(hz: float, seconds: float, *, level: int = 6000) -> bytes:
    at = np.arange(round(seconds * HZ)) / HZ
    return to_bytes((np.sin(2 * np.pi * hz * at) * level).astype(np.int16))


def babble(seconds: float) -> bytes:
    """Louder and softer, higher and lower, four times a second, as syllables are."""
    at = np.arange(round(seconds * HZ)) / HZ
    pitch = 150 + 400 * (1 + np.sin(2 * np.pi * 4 * at))
    loud = 3000 + 2500 * np.sin(2 * np.pi * 4.3 * at)
    return to_bytes((np.sin(2 * np.pi * np.cumsum(pitch) / HZ) * loud).astype(np.int16))


def fed(pcm: bytes, *, chunk: int = 1920) -> list[ev.SoundJudged]:
    """What a turn of this sound is judged to be, asked at every chunk and at its end."""
    tally = Tally(1)
    verdicts = []
    for at in range(0, len(pcm), chunk):
        tally.sound(pcm[at : at + chunk])
        verdicts.append(tally.judged(ev.ReplyArrived(1, at, chunk // 2)))
    verdicts.append(tally.judged(ENDED))
    return [verdict for verdict in verdicts if verdict is not None]


@pytest.mark.conformance("C28")
def test_turns_without_a_sound_are_counted() -> None:
    tally = Tally()
    tally.observe(ENDED)  # nothing at all
    tally.sound(bytes(960))  # silence for sound
    tally.observe(ENDED)
    tally.sound(bytes(960))
    tally.sound(b"\x10\x00" * 480)
    tally.sound(bytes(960))
    tally.observe(ENDED)  # spoken
    assert (tally.turns, tally.mute_turns) == (3, 2)


@pytest.mark.parametrize("event", [ev.ToolCalled(1, "a", "note", {}), ev.Interrupted(1)])
def test_a_turn_that_owes_no_sound(event: ev.Event) -> None:
    tally = Tally()
    if isinstance(event, ev.Interrupted):
        tally.sound(bytes(960))  # what came before it was cut
    tally.observe(event)
    assert tally.judged(ENDED) is None
    tally.observe(ENDED)
    assert tally.mute_turns == 0
    tally.observe(ev.TurnEnded(1, more=True))
    assert tally.mute_turns == 0
    tally.observe(ENDED)
    assert tally.mute_turns == 1, "and every turn begins anew"


@pytest.mark.parametrize("hz", [50, 97.3, 440, 1000, 3999])
@pytest.mark.parametrize("chunk", [1920, 9600, 48_000])
def test_a_tone_that_is_held_is_no_speech_and_told_once(hz: float, chunk: int) -> None:
    assert fed(tone(hz, 4.0), chunk=chunk) == [ev.SoundJudged(1, "tone")]


def test_a_tone_after_words_is_one_too() -> None:
    assert fed(babble(3.0) + tone(440, 3.0)) == [ev.SoundJudged(1, "tone")]


@pytest.mark.parametrize(
    "pcm",
    [
        babble(8.0),
        tone(440, 1.5),  # a chime
        bytes(round(1.0 * HZ) * 2) + babble(3.0),  # a late start
        babble(2.0) + bytes(round(5.0 * HZ) * 2) + babble(2.0),  # a pause to think
        tone(440, 4.0, level=20),  # a hum that nobody hears
        b"",
    ],
)
def test_what_may_be_speech_is_left_alone(pcm: bytes) -> None:
    assert fed(pcm) == []


def test_silence_for_speech_is_told_before_the_turn_ends_or_at_its_end() -> None:
    tally = Tally(3)
    tally.sound(bytes(round(1.9 * HZ) * 2))
    assert tally.judged(ev.AgentTranscribed(3, "x")) is None
    assert tally.judged(ev.TurnEnded(3, more=True)) is None, "it goes on"
    assert tally.judged(ev.TurnEnded(3)) == ev.SoundJudged(3, "silence")
    assert fed((np.arange(3 * HZ) % 3 - 1).astype("<i2").tobytes()) == [ev.SoundJudged(1, "silence")], "rounding"


def test_a_tool_excuses_a_turn_without_sound_and_no_sound_that_is_none() -> None:
    called = ev.ToolCalled(1, "a", "note", {})
    tally = Tally(1)
    tally.observe(called)
    assert tally.judged(ENDED) is None
    tally.observe(ENDED)
    assert tally.mute_turns == 0
    tally.sound(bytes(9600))
    tally.observe(called)
    assert tally.judged(ENDED) == ev.SoundJudged(1, "silence")


def test_each_turn_is_judged_for_itself() -> None:
    tally = Tally(1)
    for _ in range(2):
        tally.sound(tone(440, 1.9))
        assert tally.judged(ENDED) is None
        tally.observe(ENDED)
    for _ in range(2):
        tally.sound(bytes(9600))
        assert tally.judged(ENDED) == ev.SoundJudged(1, "silence")
        tally.observe(ENDED)
    assert tally.mute_turns == 2
