"""Simulated rooms: what a small room does to a sound between two points, what a loudspeaker does to it, room noise.

The room is a box with equally absorbing walls; sound is mirrored at them (image-source method: J. B. Allen and D. A.
Berkley, JASA 65(4), 1979). Everything at 16 kHz.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vivavoce.audio.pcm import CALLER_HZ

Sound: TypeAlias = NDArray[np.float64]
"""Samples of shape (n,), -1..1."""

SPEED = 343.0
"""Of sound, metres a second."""
LONGEST_S = 0.4
"""Of a response. At the longest decay time here (0.6 s) what comes later is 40 dB down."""
SCATTER_M = 0.05
"""Mirrored sources are moved by up to so much: walls are not flat, and exact mirrors of a box ring together."""
LOWEST_HZ = 100.0
"""What a response holds below is left out."""
DRIVE = 2.2
"""Of the loudspeaker: a peak at full scale comes out 7 dB compressed."""
SPEAKER_HZ = (180.0, 7_000.0)
"""What a laptop's loudspeaker can radiate."""


class Room(NamedTuple):
    """Two paths of one room to its microphone.

    Attributes:
        decay_s: the time in which sound decays by 60 dB (Eyring).
        loudspeaker, caller: responses from the loudspeaker (30 cm away) and from the caller's mouth (60 cm).
    """

    decay_s: float
    loudspeaker: Sound
    caller: Sound


def make_room(rng: np.random.Generator) -> Room:
    """A laptop on a table in a room of 2.8 to 5 by 2.5 to 4 by 2.4 to 2.8 m that decays in 0.3 to 0.6 s."""
    size = np.array([rng.uniform(2.8, 5.0), rng.uniform(2.5, 4.0), rng.uniform(2.4, 2.8)])
    decay_s = float(rng.uniform(0.3, 0.6))
    microphone = np.array([rng.uniform(0.3, 0.7) * size[0], 0.7, 0.85])
    loudspeaker = microphone + np.array([0.25, 0.1, -0.13])
    caller = microphone + np.array([0.1, -0.35, 0.47])
    return Room(
        decay_s,
        response(size, decay_s, loudspeaker, microphone, rng),
        response(size, decay_s, caller, microphone, rng),
    )


def reflectance(size: NDArray[np.float64], decay_s: float) -> float:
    """Share of the pressure that a wall gives back so that the box decays in that time, by Eyring's formula."""
    volume = float(np.prod(size))
    surface = 2.0 * float(size[0] * size[1] + size[1] * size[2] + size[2] * size[0])
    return float(np.sqrt(np.exp(-24.0 * np.log(10.0) * volume / (SPEED * surface * decay_s))))


def response(
    size: NDArray[np.float64],
    decay_s: float,
    source: NDArray[np.float64],
    microphone: NDArray[np.float64],
    rng: np.random.Generator,
) -> Sound:
    """Impulse response of a box from a source to a microphone, positions in metres; 1 at a distance of one metre."""
    reach = SPEED * LONGEST_S
    pressure = reflectance(size, decay_s)
    axes, hits = [], []
    for side, at, ear in zip(size, source, microphone, strict=True):
        count = np.arange(-int(reach / (2 * side)) - 1, int(reach / (2 * side)) + 2)
        # an image of the room 2 n sides away holds the source, and the source mirrored at the wall at 0
        axes.append(np.concatenate([2 * count * side + at, 2 * count * side - at]) - ear)
        hits.append(np.concatenate([np.abs(2 * count), np.abs(2 * count - 1)]))
    square = axes[0][:, None, None] ** 2 + axes[1][:, None] ** 2 + axes[2] ** 2
    walls = hits[0][:, None, None] + hits[1][:, None] + hits[2]
    inside = (square < reach**2) & (pressure**walls > 1e-4)
    distance, walls = np.sqrt(square[inside]), walls[inside]
    distance = distance + np.where(walls > 0, rng.uniform(-SCATTER_M, SCATTER_M, distance.size), 0.0)
    distance = np.maximum(distance, 0.1)
    strength = pressure**walls / distance
    arrival = distance / SPEED * CALLER_HZ
    whole = arrival.astype(np.int64)
    part = arrival - whole
    length = int(LONGEST_S * CALLER_HZ) + 2
    keep = whole < length - 1
    whole, part, strength = whole[keep], part[keep], strength[keep]
    made = np.bincount(whole, strength * (1 - part), length) + np.bincount(whole + 1, strength * part, length)
    # all mirrored pulses are positive and would add up to a slow swell that no room has
    spectrum = np.fft.rfft(made, 2 * length)
    hz = np.fft.rfftfreq(2 * length, 1 / CALLER_HZ)
    heard: Sound = np.fft.irfft(spectrum * hz**2 / (hz**2 + LOWEST_HZ**2))[:length]
    return heard


def decay_time(impulse: Sound) -> float:
    """Seconds in which a response decays by 60 dB, from its fall between -5 and -25 dB (Schroeder's integral)."""
    left = np.cumsum(impulse[::-1] ** 2)[::-1]
    db = 10 * np.log10(left / left[0] + 1e-12)
    first, last = int(np.argmax(db < -5)), int(np.argmax(db < -25))
    slope = np.polyfit(np.arange(first, last) / CALLER_HZ, db[first:last], 1)[0]
    return float(-60.0 / slope)


def convolve(sound: Sound, impulse: Sound) -> Sound:
    """Both whole: shape (n + m - 1,)."""
    length = sound.size + impulse.size - 1
    fft = 1 << (length - 1).bit_length()
    whole: Sound = np.fft.irfft(np.fft.rfft(sound, fft) * np.fft.rfft(impulse, fft), fft)
    return whole[:length]


def radiate(sound: Sound) -> Sound:
    """What a small loudspeaker makes of a signal: compressed and without its lowest and highest parts."""
    driven = np.tanh(DRIVE * sound) / DRIVE
    spectrum = np.fft.rfft(driven, driven.size + CALLER_HZ // 10)
    hz = np.fft.rfftfreq(driven.size + CALLER_HZ // 10, 1 / CALLER_HZ)
    low, high = SPEAKER_HZ
    # second order at both ends, as small drivers fall off
    spectrum *= hz**2 / (hz**2 + low**2) / (1 + (hz / high) ** 4)
    radiated: Sound = np.fft.irfft(spectrum)[: driven.size]
    return radiated


def room_noise(samples: int, level: float, rng: np.random.Generator) -> Sound:
    """Pink noise from 60 Hz up, with the hum of mains at 100 and 200 Hz a tenth of its power; `level` is the RMS."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    hz = np.maximum(np.fft.rfftfreq(samples, 1 / CALLER_HZ), 60.0)
    made = np.fft.irfft(spectrum / np.sqrt(hz), samples)
    made /= made.std()
    seconds = np.arange(samples) / CALLER_HZ
    made += 0.4 * np.sin(2 * np.pi * 100 * seconds) + 0.2 * np.sin(2 * np.pi * 200 * seconds + 1.0)
    noise: Sound = made * (level / made.std())
    return noise


def cough(level: float, rng: np.random.Generator) -> Sound:
    """One or two bursts of noise, 150 to 350 ms in all: nobody's word. `level` is the RMS of its loudest 50 ms."""
    samples = int(rng.uniform(0.15, 0.35) * CALLER_HZ)
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    hz = np.fft.rfftfreq(samples, 1 / CALLER_HZ)
    centre = rng.uniform(500, 1500)
    noise = np.fft.irfft(spectrum / (1 + (hz / centre - centre / np.maximum(hz, 1.0)) ** 2 / 4), samples)
    at = np.arange(samples) / CALLER_HZ
    shape = np.minimum(at / 0.01, 1.0) * np.exp(-at / 0.06)
    if rng.random() < 0.5:
        again = at - 0.5 * samples / CALLER_HZ
        shape += np.where(again > 0, 0.6 * np.minimum(again / 0.01, 1.0) * np.exp(-np.maximum(again, 0) / 0.06), 0.0)
    made = noise * shape
    window = CALLER_HZ // 20
    power = np.convolve(made**2, np.ones(window) / window, "valid").max()
    burst: Sound = made * (level / np.sqrt(power))
    return burst
