"""Formats of sound: telephone codes against the standard library's, and rates."""

from __future__ import annotations

import numpy as np
import pytest

from vivavoce.audio.pcm import from_bytes, to_bytes
from vivavoce.errors import WireError
from vivavoce.local.openai.sound import Encoder, decoded
from vivavoce.wire.openai.session import FormatType

CODES = bytes(range(256))
TELEPHONE: list[FormatType] = ["audio/pcmu", "audio/pcma"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", TELEPHONE)
def test_codes_mean_what_the_standard_library_says(kind: FormatType) -> None:
    import audioop

    decode = audioop.ulaw2lin if kind == "audio/pcmu" else audioop.alaw2lin
    assert decoded(CODES, kind) == (decode(CODES, 2), 8000)


@pytest.mark.parametrize("kind", TELEPHONE)
def test_every_code_is_its_own_nearest(kind: FormatType) -> None:
    levels, _ = decoded(CODES, kind)
    encoder = Encoder(kind)
    back, _ = decoded(encoder._codes(from_bytes(levels)), kind)
    assert back == levels  # not always the same code: two of them are zero


def test_a_tone_survives_the_telephone() -> None:
    tone = (np.sin(np.arange(24_000) * 2 * np.pi * 440 / 24_000) * 8000).astype(np.int16)
    encoder = Encoder("audio/pcmu")
    codes = b"".join(encoder.push(to_bytes(tone[at : at + 960])) for at in range(0, len(tone), 960)) + encoder.finish()
    assert len(codes) == 8_000
    heard = from_bytes(decoded(codes, "audio/pcmu")[0]).astype(float)
    spectrum = np.abs(np.fft.rfft(heard))
    assert int(spectrum.argmax()) == 440
    assert abs(np.sqrt(np.mean(heard**2)) - 8000 / np.sqrt(2)) < 200


def test_pcm_is_left_as_it_is() -> None:
    encoder = Encoder("audio/pcm")
    assert encoder.push(b"\x01\x02") == b"\x01\x02"
    assert encoder.finish() == b""
    assert decoded(b"\x01\x02", "audio/pcm") == (b"\x01\x02", 24_000)
    with pytest.raises(WireError):
        decoded(b"\x01", "audio/pcm")
