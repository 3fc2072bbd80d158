"""Formats of sound on the wire: PCM16 at 24 kHz, or one of the two telephone codes at 8 kHz.

Source: ITU-T G.711. A code is a sign, three bits of exponent and four of mantissa; decoding is a table, and encoding
takes the nearest code.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vivavoce.audio.pcm import AGENT_HZ, Pcm16, from_bytes, to_bytes
from vivavoce.audio.resample import Resampler
from vivavoce.errors import WireError
from vivavoce.wire.openai.session import PCM_HZ, FormatType

TELEPHONE_HZ = 8_000


def _mu_law() -> Pcm16:
    code = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (code >> 4) & 7, (code & 15).astype(np.int32)
    level = (((mantissa << 3) + 0x84) << exponent) - 0x84
    return np.where(code & 0x80, -level, level).astype(np.int16)


def _a_law() -> Pcm16:
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, (code & 15).astype(np.int32)
    level = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent, 1) - 1)
    return np.where(code & 0x80, level, -level).astype(np.int16)


def _nearest(table: Pcm16) -> NDArray[np.uint8]:
    """Code for every value of a sample, by its value plus 32,768."""
    order = np.argsort(table, kind="stable")
    levels = table[order].astype(np.int32)
    borders = (levels[1:] + levels[:-1] + 1) // 2
    found = order[np.searchsorted(borders, np.arange(-32_768, 32_768), side="right")]
    return found.astype(np.uint8)


_DECODE: dict[str, Pcm16] = {"audio/pcmu": _mu_law(), "audio/pcma": _a_law()}
_ENCODE: dict[str, NDArray[np.uint8]] = {name: _nearest(table) for name, table in _DECODE.items()}


def decoded(sound: bytes, kind: FormatType) -> tuple[bytes, int]:
    """PCM16 LE mono and its rate.

    Raises:
        WireError: half a sample is left over.
    """
    if kind == "audio/pcm":
        if len(sound) % 2:
            raise WireError(f"want samples of two bytes, got {len(sound)} bytes")
        return sound, PCM_HZ
    return to_bytes(_DECODE[kind][np.frombuffer(sound, np.uint8)]), TELEPHONE_HZ


class Encoder:
    """Sound of the model (24 kHz) in the client's format, one message after the other."""

    def __init__(self, kind: FormatType) -> None:
        self._table = _ENCODE.get(kind)
        self._resampler = Resampler(AGENT_HZ, TELEPHONE_HZ) if self._table is not None else None

    def push(self, pcm: bytes) -> bytes:
        """May be empty: what is inside comes with the next."""
        if self._resampler is None:
            return pcm
        return self._codes(self._resampler.push(from_bytes(pcm)))

    def finish(self) -> bytes:
        """What is still inside."""
        return self._codes(self._resampler.finish()) if self._resampler is not None else b""

    def _codes(self, pcm: Pcm16) -> bytes:
        assert self._table is not None, "only the telephone codes come here"
        return self._table[pcm.astype(np.int32) + 32_768].tobytes()
