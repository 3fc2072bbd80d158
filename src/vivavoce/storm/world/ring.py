"""What the caller said last, to go again over another link: the rules of `gateway.uplink`."""

from __future__ import annotations

from collections import deque

from vivavoce.audio.pcm import CALLER_HZ
from vivavoce.gateway.uplink import ONSET_SAMPLES
from vivavoce.storm.world.frame import Frame


class Ring:
    def __init__(self, seconds: float) -> None:
        self._most = seconds * CALLER_HZ
        self._frames: deque[Frame] = deque()
        self._samples = 0
        self._end = 0
        self._again_to = 0
        self.dropped_to = 0
        """Up to where there was no room for it."""

    def keep(self, frame: Frame) -> None:
        self._frames.append(frame)
        self._end = frame.position + frame.samples
        self._samples += frame.samples
        while self._samples > self._most:
            dropped = self._frames.popleft()
            self._samples -= dropped.samples
            self.dropped_to = dropped.position + dropped.samples

    def young(self) -> list[Frame]:
        """What a gate cannot be sure of yet; nothing when it just went again."""
        return self._from(self._end - ONSET_SAMPLES) if self._again_to < self._end else []

    def again(self, at: int) -> list[Frame]:
        """What there is from this position on."""
        self._again_to = self._end
        return self._from(at)

    def _from(self, at: int) -> list[Frame]:
        return [frame for frame in self._frames if frame.position + frame.samples > at]
