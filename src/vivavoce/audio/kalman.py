"""The filter of the echo canceller: learns how the room answers what the loudspeaker plays, and says how sure it is.

Partitioned-block frequency-domain Kalman filter: every coefficient has its own uncertainty, and the step towards a new
error is as long as that uncertainty is large against what is not echo. It therefore learns within seconds and hardly
moves while the caller speaks.

Sources: G. Enzner, P. Vary, "Frequency-domain adaptive Kalman filter for acoustic echo control in hands-free
telephones", Signal Processing 86 (2006); F. Kuech, E. Mabande, G. Enzner, "State-space architecture of the
partitioned-block-based acoustic echo controller", ICASSP 2014.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Block: TypeAlias = NDArray[np.float32]
"""Shape (256,), -1..1."""
Power: TypeAlias = NDArray[np.float32]
"""Shape (257,): squared magnitudes of an FFT over two blocks."""
Spectrum: TypeAlias = NDArray[np.complex64]
"""Shape (257,)."""

BLOCK = 256
"""16 ms. Half of it costs nearly twice the time, twice of it adds 32 ms of delay."""
BINS = BLOCK + 1
PARTITIONS = 16
"""256 ms of the room's answer. 320 ms cancelled no more in rooms that decay in 0.3 to 0.6 s: beyond lies what the
residual suppressor is for."""
REACH = 24
"""How many blocks further back the answer may begin: 384 ms, for 332 ms of delay and the time it takes to find it."""

KEEP = 0.9995
"""How much of the state stays from block to block: the room is taken to change within half a minute or so. 0.999 cost
0.6 dB."""
UNSURE = 0.3
"""Uncertainty of a coefficient about which nothing is known. 0.1 and 1.0 did as well."""
SMOOTH = 0.7
"""Of the power of what is not echo, from block to block. 0.9 did as well."""
REST = 1e-3
"""That power at first: a quiet room."""
FAINT = 1e-3
"""Power in a bin under which nothing was played that could be learnt from: -80 dBFS or so."""


class Estimate(NamedTuple):
    """What a block comes to.

    Attributes:
        error: the microphone without the echo that was predicted.
        echo: the echo that was predicted.
        unsure: power of the echo that may be left, from the filter's own uncertainty.
    """

    error: Block
    echo: Block
    unsure: Power


class KalmanFilter:
    def __init__(self) -> None:
        self._spectra = np.zeros((PARTITIONS + REACH, BINS), np.complex64)  # of what was played, the newest first
        self._window = np.zeros(2 * BLOCK, np.float32)
        self._weights = np.zeros((PARTITIONS, BINS), np.complex64)
        self._variance = np.full((PARTITIONS, BINS), UNSURE, np.float32)
        self._rest: Power = np.full(BINS, REST, np.float32)
        self._power = np.zeros((PARTITIONS, BINS), np.float32)
        self._offset = 0

    @property
    def offset(self) -> int:
        """Blocks between what is played and the first that is looked for in the microphone."""
        return self._offset

    def forget(self) -> None:
        """Learn the room anew; what was played lately stays known."""
        self._weights[:] = 0
        self._variance[:] = UNSURE
        self._rest[:] = REST

    def look_from(self, offset: int) -> None:
        """Look for the echo from so many blocks back on; what was learnt moves along."""
        offset = min(max(offset, 0), REACH)
        by = offset - self._offset
        weights, variance = np.zeros_like(self._weights), np.full_like(self._variance, UNSURE)
        if 0 <= by < PARTITIONS:
            weights[: PARTITIONS - by], variance[: PARTITIONS - by] = self._weights[by:], self._variance[by:]
        elif -PARTITIONS < by < 0:
            weights[-by:], variance[-by:] = self._weights[:by], self._variance[:by]
        self._weights, self._variance, self._offset = weights, variance, offset

    def play(self, far: Block) -> None:
        """What was played in this block."""
        self._window[:BLOCK] = self._window[BLOCK:]
        self._window[BLOCK:] = far
        self._spectra[1:] = self._spectra[:-1]
        self._spectra[0] = spectrum_of(self._window)

    def step(self, mic: Block) -> Estimate:
        """What was heard in the block that was just played, and what of it is echo."""
        played = self._spectra[self._offset : self._offset + PARTITIONS]
        self._power = played.real**2 + played.imag**2
        echo = samples_of((played * self._weights).sum(0))[BLOCK:]
        unsure: Power = (self._power * self._variance).sum(0)
        return Estimate(mic - echo, echo, unsure)

    def learn(self, estimate: Estimate) -> None:
        """Learn from the estimate that `step` has just given."""
        power = self._power
        if power.max() <= FAINT:
            return
        played = self._spectra[self._offset : self._offset + PARTITIONS]
        error, unsure = padded_spectrum(estimate.error), estimate.unsure
        self._rest = SMOOTH * self._rest + (1 - SMOOTH) * squared(error)
        gain = self._variance / (unsure + 2 * self._rest + 1e-6)
        weights = self._weights
        self._variance *= KEEP**2 * (1 - 0.5 * gain * power)
        self._variance += (1 - KEEP**2) * (weights.real**2 + weights.imag**2) + 1e-9
        step = np.fft.irfft(gain * np.conj(played) * error, axis=1)
        step[:, BLOCK:] = 0  # a partition answers within its own block
        weights += np.fft.rfft(step, axis=1)
        weights *= KEEP


def padded_spectrum(block: Block) -> Spectrum:
    """Of the block behind a block of zeros."""
    padded = np.zeros(2 * BLOCK, np.float32)
    padded[BLOCK:] = block
    return spectrum_of(padded)


def spectrum_of(samples: NDArray[np.float32]) -> Spectrum:
    """Of two blocks."""
    return np.fft.rfft(samples).astype(np.complex64, copy=False)  # numpy keeps the precision, its types do not


def samples_of(spectrum: Spectrum) -> NDArray[np.float32]:
    """Two blocks of a spectrum."""
    return np.fft.irfft(spectrum).astype(np.float32, copy=False)


def squared(spectrum: Spectrum) -> Power:
    power: Power = spectrum.real**2 + spectrum.imag**2
    return power
