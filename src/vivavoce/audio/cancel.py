"""Echo cancellers for raw microphones: they take the agent's own voice out of what the caller's microphone hears.

For callers whose own machine cancels nothing: kiosks, native clients, browsers that cannot. A second canceller behind
a machine's own would only cost.

| canceller | learns for | delay | needs |
|---|---|---|---|
| kalman | 1.5 s of loud far end | 32 ms | nothing |
| aec3 | 1.5 s of loud far end | 10 ms | the extra `aec` |
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple, Protocol

import numpy as np

from vivavoce.audio.delay import DelaySearch
from vivavoce.audio.kalman import BLOCK, PARTITIONS, REACH, Block, Estimate, KalmanFilter
from vivavoce.audio.levels import FULL_SCALE
from vivavoce.audio.pcm import CALLER_HZ, Pcm16
from vivavoce.audio.residual import Residual
from vivavoce.errors import AudioShapeError

CancellerName = Literal["kalman", "aec3"]

LOUD = 1e-4
"""Mean square from which what is played counts as loud: RMS 0.01, a tenth of a voice's usual."""
AUDIBLE = 1e-8
"""Mean square under which nothing is played: RMS 0.0001, some three steps of 16 bits."""
PARTS = PARTITIONS + REACH
"""Blocks after which nothing of what was played is in reach of the filter any more, 0.64 s."""
Reset = Literal["diverged", "path changed", "not finite"]


class Cleaned(NamedTuple):
    """A frame behind the canceller.

    Attributes:
        pcm: as many samples as came in, `latency_samples` late.
        level: RMS of the caller in it, 0..1, without what may be left of the echo.
    """

    pcm: Pcm16
    level: float


class Canceller(Protocol):
    @property
    def name(self) -> CancellerName: ...

    @property
    def latency_samples(self) -> int:
        """By how much the output lags; the first so many samples are zeros."""

    @property
    def warm(self) -> bool:
        """Enough was played for it to know the room; before, what it leaves of the echo may pass for a caller."""

    @property
    def resets(self) -> dict[str, int]:
        """How often it had to learn anew, by reason."""

    def process(self, mic: Pcm16, far: Pcm16, *, missing: bool = False) -> Cleaned:
        """Take the next frame, of any length.

        Args:
            mic: shape (n,), int16, 16 kHz.
            far: what the loudspeaker played meanwhile, same shape; zeros where it played nothing.
            missing: the microphone's samples were lost: `mic` holds zeros in their place, nothing is learnt from it.
        Raises:
            AudioShapeError: other shapes or types.
        """


def checked(mic: Pcm16, far: Pcm16) -> None:
    """
    Raises:
        AudioShapeError: not both (n,) int16 of the same n.
    """
    if mic.ndim != 1 or mic.shape != far.shape or mic.dtype != np.int16 or far.dtype != np.int16:
        wanted = "want microphone and far end of the same shape (n,) int16"
        raise AudioShapeError(f"{wanted}, got {mic.shape} {mic.dtype} and {far.shape} {far.dtype}")


class KalmanCanceller:
    """The canceller in numpy. Deterministic: the same sound comes out the same, however it is cut into frames."""

    name: CancellerName = "kalman"
    latency_samples = 2 * BLOCK
    """One block waits to be full, one for the window of the next."""
    WARM_SAMPLES = CALLER_HZ * 3 // 2
    """Loud far end until it may be trusted."""
    BEFORE = 160
    """The filter begins 10 ms before the strongest peak: the direct path may be weaker than a reflection."""
    FULL = 32_700 / FULL_SCALE
    """A microphone that reaches this clips, and what it clips says nothing about the room."""
    PATIENCE = 20
    """Blocks, a third of a second, for which the filter may make things worse before it starts anew."""
    FADE = 0.94
    """Of the means that tell a changed path: 0.25 s."""
    ALIKE = 0.5
    """Correlation of error and predicted echo that tells a changed path (-0.7 for one with nothing in common with the
    old, 1 for the same at another volume), from a caller who speaks (0). Not tuned."""
    AMISS = 0.3
    """And so much of the predicted echo has to be wrong: the little that is always left resembles it, too."""

    def __init__(self) -> None:
        self.resets: dict[str, int] = {}
        self._mic = np.zeros(BLOCK, np.float32)
        self._far = np.zeros(BLOCK, np.float32)
        self._fill = 0
        self._missing = False
        self._ready = np.zeros(BLOCK, np.float32)  # the newest finished block, of which `_fill` samples are out
        self._filter = KalmanFilter()
        self._search = DelaySearch()
        self._residual = Residual()
        self._quiet = PARTS  # blocks since anything was played
        self._loud_samples = 0
        self._worse = 0
        self._means = np.zeros(3)  # of error by echo, error by error, echo by echo

    @property
    def warm(self) -> bool:
        return self._loud_samples >= self.WARM_SAMPLES

    @property
    def delay_samples(self) -> int | None:
        """From what is played to what is heard of it; None while unknown."""
        return self._search.samples

    def process(self, mic: Pcm16, far: Pcm16, *, missing: bool = False) -> Cleaned:
        checked(mic, far)
        heard = mic.astype(np.float32) / np.float32(FULL_SCALE)
        played = far.astype(np.float32) / np.float32(FULL_SCALE)
        out = np.empty(mic.size, np.float32)
        level, at = self._residual.level, 0
        while at < mic.size:
            take = min(BLOCK - self._fill, mic.size - at)
            inside = slice(self._fill, self._fill + take)
            out[at : at + take] = self._ready[inside]
            self._mic[inside], self._far[inside] = heard[at : at + take], played[at : at + take]
            self._missing = self._missing or missing
            self._fill += take
            at += take
            if self._fill == BLOCK:
                self._ready = self._block(self._mic.copy(), self._far.copy(), missing=self._missing)
                self._fill, self._missing = 0, False
                level = max(level, self._residual.level)
        rounded: Pcm16 = np.rint(out * FULL_SCALE).clip(-32_768, 32_767).astype(np.int16)
        return Cleaned(rounded, level)

    def _block(self, mic: Block, far: Block, *, missing: bool) -> Block:
        played = float(far @ far) / BLOCK
        self._quiet = 0 if played > AUDIBLE else self._quiet + 1
        self._filter.play(far)
        if self._quiet >= PARTS:  # nothing of it can be heard any more
            return self._residual.step(mic, None, None)
        loud = played > LOUD
        if self._search.step(mic, far, loud=loud and not missing) and self._search.samples is not None:
            self._filter.look_from((self._search.samples - self.BEFORE) // BLOCK)
        useful = not missing and 0 < float(np.abs(mic).max()) < self.FULL
        estimate = self._filter.step(mic)
        if reason := self._wrong(mic, estimate, useful=useful):
            self._learn_anew(reason)
            return self._residual.step(mic, None, None)
        if useful:
            self._loud_samples += BLOCK * loud
            self._filter.learn(estimate)
        return self._residual.step(*estimate)

    def _wrong(self, mic: Block, estimate: Estimate, *, useful: bool) -> Reset | None:
        """Why the filter has to start anew, None while it need not."""
        error, echo, _ = estimate
        left, predicted = float(error @ error), float(echo @ echo)
        if not math.isfinite(left + predicted):
            return "not finite"
        if not useful:
            return None
        self._worse = self._worse + 1 if left > 1.5 * float(mic @ mic) else 0
        if self._worse >= self.PATIENCE:
            return "diverged"
        self._means *= self.FADE
        self._means += (1 - self.FADE) * np.array([float(error @ echo), left, predicted])
        both, error_power, echo_power = self._means.tolist()
        against = -both > self.ALIKE * math.sqrt(error_power * echo_power)
        if self.warm and against and -both > self.AMISS * echo_power > BLOCK * AUDIBLE:
            return "path changed"
        return None

    def _learn_anew(self, reason: Reset) -> None:
        self.resets[reason] = self.resets.get(reason, 0) + 1
        self._filter.forget()
        self._search.forget()
        self._residual.forget()
        self._loud_samples = self._worse = 0
        self._means[:] = 0
