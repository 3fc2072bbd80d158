"""Any WAV file as PCM16 mono: integers of 8 to 32 bits, floats of 32 and 64, any rate, any number of channels.

The standard library's reader knows no floats and, before Python 3.12, no extensible headers; recorders write both.
Source: RIFF as in Microsoft's "Multiple Channel Audio Data and WAVE Files".
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vivavoce.audio.pcm import CALLER_HZ, Pcm16
from vivavoce.audio.resample import resample
from vivavoce.errors import InputError

MAX_BYTES = 512 * 1024 * 1024
"""45 minutes at 48 kHz, 16 bits, stereo; the whole file is held in memory."""

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


def load_wav(path: Path) -> Pcm16:
    """A recording at the caller's rate, 16 kHz mono.

    Raises:
        InputError: no such file, too large, or no WAV file that can be read.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"want a WAV file of at most {MAX_BYTES} bytes, got {size}")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"want a WAV file that can be read, got {type(error).__name__} at {path.name}") from None
    pcm, rate_hz = read_wav(data)
    return resample(pcm, rate_hz, CALLER_HZ)


def read_wav(data: bytes) -> tuple[Pcm16, int]:
    """Samples, mixed to mono, and their rate.

    Raises:
        InputError: says what of the file was wanted and what came.
    """
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise InputError("want a WAV file (RIFF … WAVE), got something else")
    form, body = _chunks(data)
    if len(form) < 16:
        raise InputError("want a WAV file with a fmt chunk, got none")
    tag, channels, rate_hz, _, block, bits = struct.unpack_from("<HHIIHH", form)
    if tag == _EXTENSIBLE and len(form) >= 26:
        (tag,) = struct.unpack_from("<H", form, 24)  # the sub-format begins with the tag of old
    if not (1 <= channels <= 64 and 1_000 <= rate_hz <= 768_000 and block == channels * bits // 8):
        raise InputError(
            f"want 1 to 64 channels at 1 to 768 kHz, got {channels} at {rate_hz} Hz, {block} bytes a frame"
        )
    frames = len(body) // block
    samples = _samples(body[: frames * block], tag, bits).reshape(frames, channels)
    mono = samples.mean(axis=1)
    return np.rint(mono * 32_768.0).clip(-32_768, 32_767).astype(np.int16), rate_hz


def _chunks(data: bytes) -> tuple[bytes, bytes]:
    """The fmt and the data chunk. A size beyond the end means "to the end": recorders that stream never come back to
    fill it in.
    """
    form, body, at = b"", b"", 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        chunk = data[at + 8 : at + 8 + size]
        if name == b"fmt ":
            form = chunk
        elif name == b"data":
            body = chunk
            break
        at += 8 + size + size % 2
    return form, body


def _samples(body: bytes, tag: int, bits: int) -> NDArray[np.float32]:
    """Samples as floats of -1..1, channels interleaved."""
    if tag == _FLOAT and bits in (32, 64):
        return np.nan_to_num(np.frombuffer(body, f"<f{bits // 8}").astype(np.float32), posinf=1.0, neginf=-1.0).clip(
            -1, 1
        )
    if tag == _PCM and bits == 8:
        return (np.frombuffer(body, np.uint8).astype(np.float32) - 128.0) / 128.0
    if tag == _PCM and bits in (16, 32):
        return np.frombuffer(body, f"<i{bits // 8}").astype(np.float32) / np.float32(2 ** (bits - 1))
    if tag == _PCM and bits == 24:
        low = np.frombuffer(body, np.uint8).reshape(-1, 3).astype(np.int32)
        whole = (low[:, 0] << 8) | (low[:, 1] << 16) | (low[:, 2] << 24)
        return whole.astype(np.float32) / np.float32(2**31)
    raise InputError(f"want WAV samples as integers of 8, 16, 24 or 32 bits or floats, got format {tag} of {bits} bits")
