"""PCM16 mono, the only form of sound inside this package. Rates stay asymmetric: 16 kHz in, 24 kHz out (V1)."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vivavoce.errors import AudioShapeError

_LE16 = np.dtype("<i2")
Pcm16: TypeAlias = NDArray[np.int16]
"""Shape (n,), int16, mono; little-endian on every wire and in every file."""

CALLER_HZ = 16_000
AGENT_HZ = 24_000
FRAME_SAMPLES = 512
"""One frame of the caller: 32 ms at 16 kHz, 12 quanta of a browser's 48 kHz."""


def from_bytes(data: bytes | bytearray | memoryview) -> Pcm16:
    """Samples of little-endian PCM16 bytes, without copying: the array is a view, read-only when `data` is.

    Raises:
        AudioShapeError: half a sample is left over.
    """
    size = data.nbytes if isinstance(data, memoryview) else len(data)
    if size % 2:
        raise AudioShapeError(f"want an even number of bytes of PCM16, got {size}")
    pcm = np.frombuffer(data, _LE16)
    return pcm if _LE16.isnative else pcm.astype(np.int16)


def to_bytes(pcm: Pcm16) -> bytes:
    """Little-endian bytes of samples.

    Raises:
        AudioShapeError: `pcm` is not one-dimensional int16.
    """
    if pcm.ndim != 1 or pcm.dtype != np.int16:
        raise AudioShapeError(f"want (n,) int16, got {pcm.shape} {pcm.dtype}")
    return pcm.astype("<i2", copy=False).tobytes()
