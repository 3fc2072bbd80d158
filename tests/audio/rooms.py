"""Small seeded sounds for tests of cancellers: something like speech, something like a room."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vivavoce.audio.pcm import CALLER_HZ, Pcm16

Sound = NDArray[np.float64]


def voice(seconds: float, *, seed: int, level: float = 0.1, pitch_hz: float = 120.0) -> Sound:
    """Pulses of a gliding pitch and some breath in syllables of a fifth of a second with gaps."""
    rng = np.random.default_rng(seed)
    samples = round(seconds * CALLER_HZ)
    at = np.arange(samples) / CALLER_HZ
    pitch = pitch_hz * (1 + 0.2 * np.sin(2 * np.pi * 0.7 * at + seed))
    pulses = (np.diff(np.floor(np.cumsum(pitch) / CALLER_HZ), prepend=0) > 0).astype(float)
    made = np.convolve(pulses + 0.03 * rng.standard_normal(samples), _formants(rng), "same")
    syllables = np.repeat(rng.uniform(0, 1, samples // 3200 + 1) > 0.25, 3200)[:samples]
    made *= np.convolve(syllables, np.hanning(800) / 400, "same")
    return np.asarray(made * level / np.sqrt(np.mean(made[syllables] ** 2)))


def _formants(rng: np.random.Generator) -> Sound:
    at = np.arange(400) / CALLER_HZ
    peaks = (rng.uniform(400, 700), rng.uniform(1000, 1800), rng.uniform(2300, 3000), rng.uniform(3500, 5000))
    return np.asarray(sum(np.exp(-at * 300) * np.cos(2 * np.pi * hz * at) / (1 + i) for i, hz in enumerate(peaks)))


def room(*, seed: int, delay_s: float = 0.08, decay_s: float = 0.4, loss: float = 0.5) -> Sound:
    """A direct sound after `delay_s`, then a tail of noise that falls by 60 dB in `decay_s`; RMS `loss` in all."""
    rng = np.random.default_rng(seed)
    at = np.arange(round(0.35 * CALLER_HZ)) / CALLER_HZ
    tail = 0.15 * rng.standard_normal(at.size) * 10 ** (-3 * at / decay_s)
    tail[0] = 1.0
    return np.concatenate([np.zeros(round(delay_s * CALLER_HZ)), tail * loss / np.sqrt(np.sum(tail**2))])


def heard(sound: Sound, response: Sound) -> Sound:
    """The sound through a room, as long as the sound."""
    size = 1 << (sound.size + response.size).bit_length()
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)[: sound.size]


def noise(samples: int, level: float, *, seed: int) -> Sound:
    return level * np.random.default_rng(seed).standard_normal(samples)


def pcm(sound: Sound) -> Pcm16:
    whole: Pcm16 = np.clip(np.rint(sound * 32_768), -32_768, 32_767).astype(np.int16)
    return whole
