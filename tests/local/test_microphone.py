from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.errors import WireError
from vivavoce.local.microphone import KEPT_MS, LONGEST_S, Microphone, SpeechBegan, Utterance, rate_of

from .fakes import LoudDetector, silence, speech

RATE = 16_000


def listening() -> Microphone:
    return Microphone(LoudDetector, silence_ms=32)


@pytest.mark.parametrize("size", [2, 34, 1024, 5000, 64_000])
def test_chunking_changes_nothing(size: int) -> None:
    sound = silence(320) + speech(640) + silence(320) + speech(320) + silence(320)
    whole, split = listening(), listening()
    heard = [each for at in range(0, len(sound), size) for each in split.chunk(sound[at : at + size], RATE)]
    assert heard == whole.chunk(sound, RATE)
    assert [type(each) for each in heard] == [SpeechBegan, Utterance] * 2


def test_an_endless_sound_is_handed_on_in_pieces() -> None:
    heard = listening().chunk(speech((LONGEST_S + 1) * 1000) + silence(64), RATE)
    pieces = [each for each in heard if isinstance(each, Utterance)]
    assert [piece.last for piece in pieces] == [False, True]


def test_the_microphone_counts_what_it_was_given() -> None:
    microphone = listening()
    microphone.chunk(bytes(96_000), 48_000)
    assert microphone.milliseconds == pytest.approx(1000)


@pytest.mark.parametrize(("mime", "rate"), [("audio/pcm", 16_000), ("audio/pcm;rate=8000", 8_000)])
def test_rates(mime: str, rate: int) -> None:
    assert rate_of(mime) == rate


@pytest.mark.parametrize("mime", ["", "audio/wav", "video/mp4"])
def test_sound_that_is_no_pcm_is_refused(mime: str) -> None:
    with pytest.raises(WireError, match="want audio/pcm"):
        rate_of(mime)


@pytest.mark.parametrize(("data", "rate"), [(bytes(2), 0), (bytes(2), 96_000), (bytes(3), 16_000)])
def test_sound_that_cannot_be_heard_is_refused(data: bytes, rate: int) -> None:
    with pytest.raises(WireError, match=r"want .*, got"):
        listening().chunk(data, rate)


def test_places_are_where_speech_began_and_ended() -> None:
    began, said = Microphone(LoudDetector, silence_ms=320).chunk(silence(640) + speech(320) + silence(640), RATE)
    assert isinstance(began, SpeechBegan)
    assert began.at_ms == 672, "the frame that made it certain"
    assert isinstance(said, Utterance)
    assert said.until_ms == 672, "the silence it waited for taken off"


def test_marks_bound_what_is_said_to_the_sample() -> None:
    microphone = Microphone(None, silence_ms=800)
    microphone.chunk(speech(100), RATE)
    assert microphone.begin() == [SpeechBegan(100.0)]
    microphone.chunk(speech(333), RATE)
    said = microphone.end()[0]
    assert isinstance(said, Utterance)
    assert len(said.pcm) == 333 * 32
    assert microphone.kept_ms == 333


def test_what_came_before_a_mark_can_be_kept() -> None:
    microphone = Microphone(None, silence_ms=800, keeps_all=True)
    microphone.chunk(silence(KEPT_MS) + speech(320), RATE)
    microphone.begin()
    microphone.chunk(speech(320), RATE)
    said = microphone.end()[0]
    assert isinstance(said, Utterance)
    assert len(said.pcm) // 1024 == KEPT_MS // 32 + 10, "so much and no more"


def test_what_is_forgotten_was_never_said() -> None:
    microphone = listening()
    microphone.chunk(speech(640), RATE)
    microphone.forget()
    assert not microphone.speaking
    heard = microphone.chunk(speech(320) + silence(64), RATE)
    assert [type(each) for each in heard] == [SpeechBegan, Utterance]
    assert isinstance(heard[1], Utterance)
    assert len(heard[1].pcm) < 400 * 32


@given(st.lists(st.booleans(), min_size=5, max_size=60), st.integers(320, 1500))
def test_what_is_given_out_along_the_way_is_the_beginning_of_the_utterance(loud: list[bool], silence_ms: int) -> None:
    microphone = Microphone(LoudDetector, silence_ms=silence_ms)
    given_out = b""
    for index, sound in enumerate(loud):
        frame = np.full(512, index + 1 if sound else 0, np.int16)
        for heard in microphone.chunk(frame.tobytes(), RATE):
            if isinstance(heard, Utterance):
                assert heard.settled == len(given_out)
                assert heard.pcm[: heard.settled] == given_out
                given_out = b""
        given_out += microphone.settled()
