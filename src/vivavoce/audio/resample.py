"""Other sample rates. soxr stands behind this module only."""

from __future__ import annotations

from typing import Literal

import numpy as np
import soxr

from vivavoce.audio.pcm import Pcm16
from vivavoce.errors import AudioShapeError


def resample(pcm: Pcm16, from_hz: int, to_hz: int) -> Pcm16:
    """The same sound at another rate, at high quality; for whole recordings, not for the live path.

    Args:
        pcm: shape (n,), int16.
    Returns:
        shape (n * to_hz / from_hz rounded,), int16.
    Raises:
        AudioShapeError: not (n,) int16, or a rate under 1 Hz.
    """
    whole = Resampler(from_hz, to_hz, quality="HQ")
    return np.concatenate([whole.push(pcm), whole.finish()])


class Resampler:
    """The same sound at another rate, chunk by chunk.

    Chunks may have any length, none included. Output lags: after `push` some is still inside (LQ, 16 to 24 kHz: 6 ms of
    filter and blocks of 19 ms), `finish` gives it out, and all outputs together are what the whole would be.
    """

    def __init__(self, from_hz: int, to_hz: int, *, quality: Literal["LQ", "HQ"] = "LQ") -> None:
        """Quality LQ for the live path, HQ where nobody waits.

        Raises:
            AudioShapeError: a rate under 1 Hz.
        """
        if from_hz < 1 or to_hz < 1:
            raise AudioShapeError(f"want rates of at least 1 Hz, got {from_hz} and {to_hz}")
        self.from_hz = from_hz
        self.to_hz = to_hz
        # float32 inside: with int16 soxr dithers, and the same sound would come out differently each time
        self._stream = None if from_hz == to_hz else soxr.ResampleStream(from_hz, to_hz, 1, "float32", quality)

    def push(self, pcm: Pcm16) -> Pcm16:
        """What can be given out after these samples; often nothing, then two chunks' worth.

        Raises:
            AudioShapeError: not (n,) int16.
        """
        if pcm.ndim != 1 or pcm.dtype != np.int16:
            raise AudioShapeError(f"want (n,) int16, got {pcm.shape} {pcm.dtype}")
        return self._through(pcm, last=False)

    def finish(self) -> Pcm16:
        """The rest. Afterwards the resampler is as new: the next push starts another sound."""
        rest = self._through(np.zeros(0, np.int16), last=True)
        if self._stream is not None:
            self._stream.clear()
        return rest

    def _through(self, pcm: Pcm16, *, last: bool) -> Pcm16:
        if self._stream is None:
            return pcm.copy()
        out = self._stream.resample_chunk(pcm.astype(np.float32), last=last)
        rounded: Pcm16 = np.rint(out).clip(-32_768, 32_767).astype(np.int16)
        return rounded
