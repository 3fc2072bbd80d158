"""How loud: the one number the gates compare, and the peaks a waveform is drawn from.

Source: 0 dBFS is a full-scale square wave, so a full-scale sine reads -3.01; AES17 puts 0 at the sine.
"""

from __future__ import annotations

import math

import numpy as np

from vivavoce.audio.pcm import Pcm16
from vivavoce.errors import InputError

FULL_SCALE = 32_768.0
FLOOR_DBFS = -120.0
"""Digital silence; below the quietest 16-bit signal (-96), so that nothing real reads as the floor."""


def rms(pcm: Pcm16) -> float:
    """Root mean square of samples of shape (n,), 0..1 of full scale; 0.0 when empty."""
    if pcm.size == 0:
        return 0.0
    x = pcm.astype(np.float32)
    return math.sqrt(float(np.dot(x, x)) / x.size) / FULL_SCALE


def dbfs(level: float) -> float:
    """Decibels below full scale of a level 0..1, never under -120."""
    if level <= 0.0:
        return FLOOR_DBFS
    return max(FLOOR_DBFS, 20.0 * math.log10(level))


def peaks(pcm: Pcm16, buckets: int) -> list[float]:
    """Largest magnitude of each of `buckets` equal stretches, 0..1, for drawing a waveform.

    Fewer samples than buckets: a sample stands for several buckets. No samples: all zeros.

    Raises:
        InputError: fewer than one bucket.
    """
    if buckets < 1:
        raise InputError(f"want at least one bucket, got {buckets}")
    if pcm.size == 0:
        return [0.0] * buckets
    starts = np.arange(buckets, dtype=np.int64) * pcm.size // buckets
    # the largest and the smallest, not abs(): -32768 has no positive twin in int16, and two passes need no wider copy
    high = np.maximum.reduceat(pcm, starts).astype(np.float64)
    low = np.minimum.reduceat(pcm, starts).astype(np.float64)
    found: list[float] = (np.maximum(high, np.abs(low)) / FULL_SCALE).clip(0.0, 1.0).tolist()
    return found
