"""The caller's sound of one session: frames out of any chunks, and utterances out of frames.

Everything is counted in samples of the caller's own stream, so the same audio makes the same utterances at any speed of
sending.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from vivavoce.audio.pcm import CALLER_HZ, FRAME_SAMPLES, Pcm16, from_bytes, to_bytes
from vivavoce.audio.resample import Resampler
from vivavoce.errors import WireError

FRAME_MS = FRAME_SAMPLES * 1000 // CALLER_HZ
SLOWEST_HZ, FASTEST_HZ = 8_000, 48_000
LEAD_MS = 224
"""Kept from before the speech that made the detector sure: a soft consonant may precede it."""
TAIL_MS = 320
"""Silence left behind the last word: recognisers want some, more only costs time."""
KEPT_MS = 30_000
"""Sound outside a client's marks that is kept for the next utterance, where a client asks for that."""
LONGEST_S = 120
"""An utterance is handed on after that, so that one endless sound cannot fill the memory; the ear goes on listening."""

_RATE = re.compile(r"rate=(\d{1,6})")


class Detector(Protocol):
    """Tells where speech starts and ends, frame by frame of 512 samples at 16 kHz."""

    def step(self, frame: Pcm16) -> Literal["start", "end"] | None: ...


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """The caller has begun to speak."""

    at_ms: float = 0.0
    """Where in the sound this became certain."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the caller said, PCM16 LE mono 16 kHz; `last` unless the caller is still speaking."""

    pcm: bytes
    last: bool = True
    settled: int = 0
    """Bytes at its beginning that `Microphone.settled` has given out already."""
    until_ms: float = 0.0
    """Where in the sound it ended."""


Heard = SpeechBegan | Utterance


def rate_of(mime_type: str) -> int:
    """Sample rate a MIME type names; a bare `audio/pcm` is 16 kHz.

    Raises:
        WireError: not PCM.
    """
    if not mime_type.startswith("audio/pcm"):
        raise WireError("want audio/pcm")
    named = _RATE.search(mime_type)
    return int(named.group(1)) if named else CALLER_HZ


class Microphone:
    """Chunks in, `SpeechBegan` and `Utterance` out.

    Args:
        make_detector: None when the client marks speech itself; sound outside its marks is then thrown away.
        silence_ms: silence the detector waits for, taken off the utterance's end but for `TAIL_MS`.
        lead_ms: sound from before the detector was sure that belongs to the utterance, `KEPT_MS` at most.
        keeps_all: sound before a client's mark belongs to the utterance.
        at_ms: the caller's sound that another microphone has taken in before.
    """

    def __init__(
        self,
        make_detector: Callable[[], Detector] | None,
        *,
        silence_ms: int,
        lead_ms: int = LEAD_MS,
        keeps_all: bool = False,
        at_ms: float = 0.0,
    ) -> None:
        self._make_detector = make_detector
        self._detector = make_detector() if make_detector is not None else None
        self._rest = np.zeros(0, np.int16)
        self._resampler: Resampler | None = None
        self._rate = CALLER_HZ
        self._keeps_all = keeps_all
        self._lead: deque[Pcm16] = deque(maxlen=(KEPT_MS if keeps_all else min(lead_ms, KEPT_MS)) // FRAME_MS)
        self._frames: list[Pcm16] = []
        self._silence_ms = silence_ms
        self._given = 0  # frames of this utterance that `settled` has given out
        self._position_ms = at_ms  # of the frame that is looked at
        self.speaking = False
        self.milliseconds = at_ms
        """Sound that came in."""
        self.kept_ms = 0.0
        """Sound that was listened to: all of it, but for what lies outside a client's marks."""

    def chunk(self, data: bytes, rate: int) -> list[Heard]:
        """Take in a chunk of sound: PCM16 LE mono at this rate.

        Raises:
            WireError: not whole samples, or a rate outside 8 to 48 kHz.
        """
        if not SLOWEST_HZ <= rate <= FASTEST_HZ:
            raise WireError(f"want a rate from {SLOWEST_HZ} to {FASTEST_HZ}, got {rate}")
        if len(data) % 2:
            raise WireError(f"want samples of two bytes, got {len(data)} bytes")
        pcm = from_bytes(data)
        length_ms = len(pcm) * 1000 / rate
        self.milliseconds += length_ms
        if self._detector is not None or self._keeps_all or self.speaking:
            self.kept_ms += length_ms
        if rate != self._rate:
            self._rate = rate
            self._resampler = None if rate == CALLER_HZ else Resampler(rate, CALLER_HZ)
        if self._resampler is not None:
            pcm = self._resampler.push(pcm)
        pcm = np.concatenate((self._rest, pcm))
        whole = len(pcm) // FRAME_SAMPLES * FRAME_SAMPLES
        self._rest = pcm[whole:]
        heard: list[Heard] = []
        for at in range(0, whole, FRAME_SAMPLES):
            heard += self._frame(pcm[at : at + FRAME_SAMPLES])
        return heard

    def begin(self) -> list[Heard]:
        """The client says that speech begins.

        Raises:
            WireError: speech is detected here, or has already begun.
        """
        if self._detector is not None:
            raise WireError("want no marks where speech is detected")
        if self.speaking:
            raise WireError("want an end before another beginning")
        self.speaking = True
        if self._keeps_all:
            self._frames = list(self._lead)
        else:
            self._rest = self._rest[:0]
        return [SpeechBegan(self.milliseconds)]

    def end(self) -> list[Heard]:
        """The client says that speech has ended.

        Raises:
            WireError: speech is detected here, or has not begun.
        """
        if self._detector is not None:
            raise WireError("want no marks where speech is detected")
        if not self.speaking:
            raise WireError("want a beginning before an end")
        return [self._broken_off()]

    def switched_off(self) -> list[Heard]:
        """The client's microphone is off: what was begun is over.

        Raises:
            WireError: the client marks speech itself and must end it by its mark.
        """
        if self._make_detector is None:
            raise WireError("want the end of speech marked, got the end of the stream")
        self._detector = self._make_detector()  # the old one would wait for a silence that never comes
        return [self._broken_off()] if self.speaking else []

    def forget(self) -> None:
        """Throw away what was begun."""
        if self._make_detector is not None:
            self._detector = self._make_detector()
        self.speaking = False
        self._frames, self._given = [], 0
        self._rest = self._rest[:0]
        self._lead.clear()

    def close(self) -> None:
        """No sound comes any more. The detector is let go now: it may hold a network of several megabytes, and a talk
        that is over waits for the garbage collector.
        """
        self._detector = self._make_detector = None

    def settled(self) -> bytes:
        """Sound of the utterance that goes on, as far as it is sure to belong to it and was not given out before."""
        until = len(self._frames) - max(0, self._silence_ms - TAIL_MS) // FRAME_MS if self.speaking else 0
        if until <= self._given:
            return b""
        fresh = self._frames[self._given : until]
        self._given = until
        return to_bytes(np.concatenate(fresh))

    def _frame(self, frame: Pcm16) -> list[Heard]:
        self._position_ms += FRAME_MS
        sign = self._detector.step(frame) if self._detector is not None else None
        if not self.speaking and sign != "start":
            self._lead.append(frame)
            return []
        heard: list[Heard] = []
        if not self.speaking:
            self.speaking = True
            self._frames = list(self._lead)
            heard.append(SpeechBegan(self._position_ms))
        self._frames.append(frame)
        if sign == "end":
            heard.append(self._finished())
        elif len(self._frames) * FRAME_MS >= LONGEST_S * 1000:
            heard.append(self._taken(last=False))
        return heard

    def _finished(self) -> Utterance:
        """The detector has waited for a silence: most of that is no part of what was said."""
        self.speaking = False
        if drop := max(0, self._silence_ms - TAIL_MS) // FRAME_MS:
            self._frames = self._frames[:-drop]
        return self._taken(last=True, until_ms=max(0.0, self._position_ms - self._silence_ms))

    def _broken_off(self) -> Utterance:
        """The client says that it is over, perhaps within a frame."""
        self.speaking = False
        self._frames.append(self._rest)
        self._rest = self._rest[:0]
        return self._taken(last=True, until_ms=self.milliseconds)

    def _taken(self, *, last: bool, until_ms: float = 0.0) -> Utterance:
        pcm = np.concatenate(self._frames) if self._frames else np.zeros(0, np.int16)
        settled, self._given = self._given * FRAME_SAMPLES * 2, 0
        self._frames = []
        self._lead.clear()
        return Utterance(to_bytes(pcm), last, settled, until_ms)
