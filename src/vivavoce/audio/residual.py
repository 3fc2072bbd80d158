"""What is left of the echo behind the filter, turned down; and how loud the caller is without it and without the room.

Wiener gains per bin on overlapping windows, the noise floor by minimum statistics (R. Martin, IEEE Trans. SAP 9(5),
2001, without its bias correction per bin: one factor does).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vivavoce.audio.kalman import BINS, BLOCK, Block, Power, padded_spectrum, samples_of, spectrum_of, squared

LEAST_LEAK, MOST_LEAK = 0.05, 1.0
"""Share of the predicted echo's power that is expected to be left: at least -13 dB, for loudspeakers that distort."""
MEMORY = 0.03
"""Weight of a block in the estimate of that share, half a second where the echo is all that is heard, longer the more
else there is."""
MEAN = 0.05
"""Weight of a block in the means that its power is measured against, a third of a second."""
DECAY = 0.7
"""Of an echo from block to block: rooms that decay in 0.6 s lose 0.7 times the power in 16 ms."""
LEAST = 0.003
"""The most that is taken away: 25 dB. Beyond, what is left begins to sing."""
NOISE_BLOCKS = 25
NOISE_SLOTS = 8
"""The floor is the least of the last 3.2 s, 0.4 s apart."""
NOISE_BIAS = 2.5
"""The least of many draws lies under their mean."""
ECHO_TIMES = 4.0
NOISE_TIMES = 3.0
"""How far over what is expected of echo and noise a bin counts as the caller."""
FIRST_BIN = 6
"""Under 190 Hz there is hum and little of a voice that tells it from hum."""


class Residual:
    def __init__(self) -> None:
        at = np.arange(2 * BLOCK)
        self._window = np.sin(np.pi * (at + 0.5) / (2 * BLOCK)).astype(np.float32)
        self._before: Block = np.zeros(BLOCK, np.float32)
        self._tail: Block = np.zeros(BLOCK, np.float32)
        self._heard: Power = np.full(BINS, 1e-6, np.float32)
        self._echo: Power = np.zeros(BINS, np.float32)
        self._left: Power = np.zeros(BINS, np.float32)
        self._least: NDArray[np.float32] = np.full((NOISE_SLOTS, BINS), np.inf, np.float32)
        self._slot = 0
        self._blocks = 0
        self._echo_mean: Power = np.zeros(BINS, np.float32)
        self._error_mean: Power = np.zeros(BINS, np.float32)
        self._together, self._alone = MOST_LEAK, 1.0
        self.level = 0.0
        """RMS of the caller in the newest block, 0..1."""

    def step(self, error: Block, echo: Block | None, unsure: Power | None) -> Block:
        """The block before this one, with what is left of the echo turned down.

        Args:
            error: what the filter left.
            echo, unsure: what it predicted and how sure it was; None while nothing is played.
        """
        spectrum = spectrum_of(np.concatenate([self._before, error]) * self._window)
        self._before = error
        power = squared(spectrum)
        self._heard += power
        self._heard *= 0.5
        self._echo *= DECAY
        if echo is not None and unsure is not None:
            predicted = squared(padded_spectrum(echo))
            np.maximum(self._echo, predicted, out=self._echo)
            self._watch(predicted, squared(padded_spectrum(error)))
            self._left += 0.5 * unsure
        self._left += self.leak * self._echo
        self._left *= 0.5
        noise = self._noise()
        share = self._left / (self._heard + 1e-9)
        own = np.maximum(0.0, 1 - ECHO_TIMES * share - NOISE_TIMES * noise / (self._heard + 1e-9))[FIRST_BIN:]
        # the sine window holds half the power, half the bins stand for all
        self.level = 2 * math.sqrt(float(own @ self._heard[FIRST_BIN:])) / (2 * BLOCK)
        gain = np.sqrt(np.clip(1 - share, LEAST, 1.0))
        made = samples_of(gain * spectrum) * self._window
        out = self._tail + made[:BLOCK]
        self._tail = made[BLOCK:]
        return out

    @property
    def leak(self) -> float:
        """Share of the predicted echo's power that is left behind the filter, as far as it is known."""
        return min(MOST_LEAK, max(LEAST_LEAK, self._together / self._alone))

    def forget(self) -> None:
        """The filter learns anew: as much as it predicts may be wrong."""
        self._together, self._alone = MOST_LEAK, 1.0

    def _watch(self, predicted: Power, error: Power) -> None:
        """What rises and falls with the predicted echo is echo: the regression of one power on the other."""
        rise, with_it = predicted - self._echo_mean, error - self._error_mean
        self._echo_mean += MEAN * rise
        self._error_mean += MEAN * with_it
        weight = MEMORY * min(1.0, float(predicted.sum()) / (float(error.sum()) + 1e-9))
        self._together += weight * (float(rise @ with_it) - self._together)
        self._alone += weight * (float(rise @ rise) - self._alone)

    def _noise(self) -> Power:
        if self._blocks % NOISE_BLOCKS == 0:
            self._slot = (self._slot + 1) % NOISE_SLOTS
            self._least[self._slot] = np.inf
        self._blocks += 1
        np.minimum(self._least[self._slot], self._heard, out=self._least[self._slot])
        noise: Power = NOISE_BIAS * self._least.min(0)
        return noise
