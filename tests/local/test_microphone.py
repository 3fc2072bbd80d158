from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import WireError
from vivavoce.local.microphone import LONGEST_S, Microphone, SpeechBegan, Utterance, rate_of

from .fakes import LoudDetector, silence, speech

MIME = "audio/pcm;rate=16000"


def listening() -> Microphone:
    return Microphone(LoudDetector, silence_ms=32)


@pytest.mark.parametrize("size", [2, 34, 1024, 5000, 64_000])
def test_chunking_changes_nothing(size: int) -> None:
    sound = silence(320) + speech(640) + silence(320) + speech(320) + silence(320)
    whole, split = listening(), listening()
    heard = [each for at in range(0, len(sound), size) for each in split.chunk(MIME, sound[at : at + size])]
    assert heard == whole.chunk(MIME, sound)
    assert [type(each) for each in heard] == [SpeechBegan, Utterance] * 2


def test_an_endless_sound_is_handed_on_in_pieces() -> None:
    heard = listening().chunk(MIME, speech((LONGEST_S + 1) * 1000) + silence(64))
    pieces = [each for each in heard if isinstance(each, Utterance)]
    assert [piece.last for piece in pieces] == [False, True]


def test_the_microphone_counts_what_it_was_given() -> None:
    microphone = listening()
    microphone.chunk("audio/pcm;rate=48000", bytes(96_000))
    assert microphone.milliseconds == pytest.approx(1000)


@pytest.mark.parametrize(("mime", "rate"), [("audio/pcm", 16_000), ("audio/pcm;rate=8000", 8_000)])
def test_rates(mime: str, rate: int) -> None:
    assert rate_of(mime) == rate


@pytest.mark.parametrize("mime", ["", "audio/wav", "audio/pcm;rate=0", "audio/pcm;rate=96000"])
def test_rates_that_are_refused(mime: str) -> None:
    with pytest.raises(WireError):
        rate_of(mime)


@given(st.lists(st.booleans(), min_size=5, max_size=60), st.integers(320, 1500))
def test_what_is_given_out_along_the_way_is_the_beginning_of_the_utterance(loud: list[bool], silence_ms: int) -> None:
    microphone = Microphone(LoudDetector, silence_ms=silence_ms)
    given_out = b""
    for index, sound in enumerate(loud):
        frame = np.full(512, index + 1 if sound else 0, np.int16)
        for heard in microphone.chunk("audio/pcm;rate=16000", frame.tobytes()):
            if isinstance(heard, Utterance):
                assert heard.settled == len(given_out)
                assert heard.pcm[: heard.settled] == given_out
                given_out = b""
        given_out += microphone.settled()
