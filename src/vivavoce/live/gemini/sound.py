"""The model's sound as it comes, made into whole samples at 24 kHz."""

from __future__ import annotations

import re

from vivavoce.audio.pcm import AGENT_HZ, from_bytes, to_bytes
from vivavoce.audio.resample import Resampler
from vivavoce.errors import WireError

_RATE = re.compile(r"rate=(\d{1,9})\b")
_SLOWEST_HZ, _FASTEST_HZ = 8_000, 96_000
_RAW = ("audio/pcm", "audio/l16")


def is_sound(mime_type: str) -> bool:
    """Whether this is raw PCM; anything packed would be noise."""
    return mime_type.lower().startswith(_RAW)


def rate_of(mime_type: str) -> int:
    """The rate a MIME type names; the service's own where it names none.

    Raises:
        WireError: no speech has such a rate; to resample it could cost any time and memory.
    """
    found = _RATE.search(mime_type)
    rate = int(found[1]) if found else AGENT_HZ
    if not _SLOWEST_HZ <= rate <= _FASTEST_HZ:
        raise WireError(f"want sound at {_SLOWEST_HZ} to {_FASTEST_HZ} Hz, got {rate}")
    return rate


class ReplySound:
    """One turn's sound after another. A sample may be cut in two between chunks; half a one at the end of a turn is
    dropped.
    """

    def __init__(self) -> None:
        self._odd = b""
        self._resampler: Resampler | None = None

    def take(self, data: bytes, mime_type: str) -> bytes:
        """PCM16 LE mono at 24 kHz; may be empty, and may lag a little where the rate is another. Raises WireError."""
        rate = rate_of(mime_type)
        pcm = self._odd + data if self._odd else data
        if len(pcm) % 2:
            pcm, self._odd = pcm[:-1], pcm[-1:]
        else:
            self._odd = b""
        if rate == AGENT_HZ:
            return pcm
        if self._resampler is None or self._resampler.from_hz != rate:
            self._resampler = Resampler(rate, AGENT_HZ)
        return to_bytes(self._resampler.push(from_bytes(pcm)))

    def finish(self) -> bytes:
        """The rest of the turn's sound; the next chunk begins another."""
        self._odd = b""
        resampler, self._resampler = self._resampler, None
        return to_bytes(resampler.finish()) if resampler is not None else b""
