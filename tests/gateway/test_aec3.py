"""The canceller of WebRTC, where its wheel is installed."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tests.audio.rooms import heard, noise, pcm, room, voice
from vivavoce.errors import AudioShapeError, MissingError
from vivavoce.gateway.aec3 import Aec3Canceller, installed

needs_aec3 = pytest.mark.skipif(not installed(), reason="the extra `aec` is not installed")


@needs_aec3
def test_the_agent_is_taken_out_whatever_the_frames() -> None:
    far = voice(5.0, seed=1)
    echo = heard(far, room(seed=2))
    mic, played = pcm(echo + noise(echo.size, 0.001, seed=3)), pcm(far)
    canceller = Aec3Canceller()
    out, at = [], 0
    for length in [512, 160, 1000, 7, 0] * 100:
        out.append(canceller.process(mic[at : at + length], played[at : at + length]).pcm)
        assert out[-1].size == mic[at : at + length].size
        at += length
    cleaned = np.concatenate(out).astype(float) / 32_768
    assert canceller.warm
    assert np.mean(cleaned[-32_000:] ** 2) < 0.01 * np.mean(echo[-32_000:] ** 2)


@needs_aec3
def test_a_caller_alone_passes() -> None:
    near = pcm(voice(3.0, seed=4))
    canceller = Aec3Canceller()
    cleaned = canceller.process(near, np.zeros_like(near))
    assert not canceller.warm
    assert 0.3 < np.std(cleaned.pcm) / np.std(near) < 1.2
    assert cleaned.level > 0.02


@needs_aec3
def test_other_shapes_are_refused() -> None:
    with pytest.raises(AudioShapeError, match="want microphone and far end"):
        Aec3Canceller().process(np.zeros(160, np.int16), np.zeros(159, np.int16))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit", None)
    with pytest.raises(MissingError, match=r"needs the package livekit. .*vivavoce\[aec\]"):
        Aec3Canceller()
