"""How long after it was played something is heard: the peak of a whitened cross-correlation, found once and watched.

Generalised cross-correlation: C. Knapp, G. Carter, IEEE Trans. ASSP 24(4), 1976. Spectra of several seconds are added
up before the peak is looked for, so that a caller who talks meanwhile hides it for a while and never moves it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vivavoce.audio.kalman import BLOCK, Block

WINDOW = 16_384
"""A second: several times the longest delay, so that most of what was played in it is also heard in it."""
LONGEST = 5_376
"""336 ms, of which the search knows 300 and a reserve."""
EVERY = 32
"""Blocks that were played loud between two looks, half a second."""
FADE = 0.8
"""What is left of a look at the next: a path that has changed outweighs the old one after some two seconds."""
CLEAR = 6.0
"""A peak so many times the RMS of the correlation is one. In 24 simulated rooms every such peak was the true one."""
CLOSE = BLOCK
"""A peak this near to the last is the same: reflections take turns at being the strongest."""


class DelaySearch:
    def __init__(self) -> None:
        self._far = np.zeros(WINDOW, np.float32)
        self._mic = np.zeros(WINDOW, np.float32)
        self._at = 0
        self._sum = np.zeros(WINDOW // 2 + 1, np.complex128)
        self._loud = EVERY // 2  # the first look comes early
        self._candidate: int | None = None
        self.samples: int | None = None
        """The delay, None until it is known."""

    def step(self, mic: Block, far: Block, *, loud: bool) -> bool:
        """Take a block of each; whether another delay has been found.

        Args:
            loud: what is played can be heard.
        """
        self._far[self._at : self._at + BLOCK] = far
        self._mic[self._at : self._at + BLOCK] = mic
        self._at = (self._at + BLOCK) % WINDOW
        self._loud += loud
        if self._loud < EVERY:
            return False
        self._loud = 0
        return self._look()

    def _look(self) -> bool:
        # both begin at the same sample of the ring: a circular correlation does not mind where that lies
        far, mic = np.fft.rfft(self._far), np.fft.rfft(self._mic)
        power = far.real**2 + far.imag**2
        whiten = np.sqrt(power + 0.01 * power.mean() + 1e-12) * (np.abs(mic) + 1e-6)
        self._sum = FADE * self._sum + mic * np.conj(far) / whiten
        correlation: NDArray[np.float64] = np.abs(np.fft.irfft(self._sum)[:LONGEST])
        peak = int(correlation.argmax())
        if correlation[peak] < CLEAR * np.sqrt(np.mean(correlation**2)):
            return False
        known, self._candidate = self._candidate, peak
        if self.samples is not None:
            if abs(peak - self.samples) <= CLOSE:
                return False
            if known is None or abs(peak - known) > CLOSE:
                return False  # one look may be wrong; what has been learnt is not moved for it
        self.samples = peak
        return True

    def forget(self) -> None:
        """Look for it anew."""
        self._sum[:] = 0
        self._candidate = None
