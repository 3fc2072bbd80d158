from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vivavoce.errors import InputError
from vivavoce.guests.wav import load_wav, read_wav

SAMPLES = np.array([0, 8_192, -8_192, 16_384, -32_768], np.int16)


def wav(body: bytes, *, tag: int = 1, bits: int = 16, channels: int = 1, rate_hz: int = 16_000) -> bytes:
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * block, block, bits)
    if tag == 0xFFFE:
        form += struct.pack("<HHIH14s", 22, bits, 0, 1, b"\0" * 14)
    chunks = b"LIST\x03\0\0\0abc\0" + b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


def in_24_bits(pcm: NDArray[np.int16]) -> bytes:
    return b"".join(struct.pack("<i", int(sample) << 8)[:3] for sample in pcm)


@pytest.mark.parametrize(
    "data",
    [
        wav(SAMPLES.tobytes()),
        wav(SAMPLES.tobytes(), tag=0xFFFE),
        wav((SAMPLES.astype(np.int32) << 16).tobytes(), bits=32),
        wav(in_24_bits(SAMPLES), bits=24),
        wav((SAMPLES / 32_768).astype(np.float32).tobytes(), tag=3, bits=32),
        wav((SAMPLES / 32_768).astype(np.float64).tobytes(), tag=3, bits=64),
        wav((SAMPLES // 256 + 128).astype(np.uint8).tobytes(), bits=8),
        wav(np.repeat(SAMPLES, 2).tobytes(), channels=2),
    ],
    ids=["16", "extensible", "32", "24", "float32", "float64", "8", "stereo"],
)
def test_all_forms_read_the_same(data: bytes) -> None:
    pcm, rate_hz = read_wav(data)
    assert rate_hz == 16_000
    assert pcm.tolist() == SAMPLES.tolist()


def test_channels_are_mixed() -> None:
    pcm, _ = read_wav(wav(np.array([100, 300, -50, 50], np.int16).tobytes(), channels=2))
    assert pcm.tolist() == [200, 0]


def test_a_size_that_was_never_filled_in_means_to_the_end() -> None:
    data = wav(SAMPLES.tobytes())
    at = data.index(b"data") + 4
    pcm, _ = read_wav(data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :] + b"\0")  # half a sample at the end is left out
    assert pcm.tolist() == SAMPLES.tolist()


def test_any_rate_becomes_16_khz(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 44_100, 0, "NONE", ""))
        file.writeframes(np.zeros(44_100, np.int16).tobytes())
    assert len(load_wav(path)) == 16_000


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", "want a WAV file"),
        (b"OggS" + bytes(40), "want a WAV file"),
        (b"RIFF\0\0\0\0WAVE", "want a WAV file with a fmt chunk"),
        (wav(b"", channels=0), "got 0 at 16000 Hz"),
        (wav(b"", rate_hz=10), "at 10 Hz"),
        (wav(b"1234", tag=2, bits=16), "got format 2 of 16 bits"),
    ],
)
def test_what_is_no_wav_file(data: bytes, wanted: str) -> None:
    with pytest.raises(InputError, match=wanted):
        read_wav(data)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"FileNotFoundError at nothing\.wav"):
        load_wav(tmp_path / "nothing.wav")
