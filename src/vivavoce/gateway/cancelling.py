"""A canceller at work in a call: brings what the loudspeaker played and what the microphone heard together."""

from __future__ import annotations

import numpy as np

from vivavoce.audio.cancel import Canceller
from vivavoce.audio.pcm import CALLER_HZ, from_bytes, to_bytes
from vivavoce.gateway.farend import FarEnd

AHEAD = 512
"""What is played is looked up 32 ms ahead of the microphone: a machine that counts its own delays in, and too much of
them, reports sound as played before it is heard. Cancellers know delay, not its contrary."""
LONGEST_GAP = CALLER_HZ
"""Of missing sound so much is made up as silence: further back than any canceller remembers."""


class Cancelling:
    def __init__(self, canceller: Canceller) -> None:
        self._canceller = canceller
        self._next: int | None = None
        self.far_end = FarEnd()

    @property
    def latency_samples(self) -> int:
        return self._canceller.latency_samples

    @property
    def relearnt(self) -> int:
        """How often the canceller had to learn the room anew."""
        return sum(self._canceller.resets.values())

    def clean(self, position: int, pcm: bytes) -> tuple[bytes, float]:
        """A frame without the agent, `latency_samples` late, and how loud the caller is in it."""
        if self._next is not None and position > self._next:
            missing = min(position - self._next, LONGEST_GAP)
            far = self.far_end.read(position - missing + AHEAD, missing)
            self._canceller.process(np.zeros(missing, np.int16), far, missing=True)
        mic = from_bytes(pcm)
        cleaned = self._canceller.process(mic, self.far_end.read(position + AHEAD, mic.size))
        self._next = position + mic.size
        return to_bytes(cleaned.pcm), cleaned.level
