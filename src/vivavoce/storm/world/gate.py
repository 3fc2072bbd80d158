"""The server's speech gate, as far as a conversation sees it: sure of a voice after 190 ms, of its end after half a
second.
"""

from __future__ import annotations

from collections.abc import Callable

from vivavoce.audio.pcm import CALLER_HZ
from vivavoce.storm.world.frame import Frame

SURE_SAMPLES = CALLER_HZ * 190 // 1000
END_SAMPLES = CALLER_HZ // 2


class Gate:
    """
    Args:
        changed: called with (speaking, position).
    """

    def __init__(self, changed: Callable[[bool, int], None]) -> None:
        self._changed = changed
        self._speaking = False
        self._since = 0
        self._loud = self._quiet = 0

    def take(self, frame: Frame) -> None:
        if frame.utterance:
            self._quiet = 0
            if not self._loud:
                self._since = frame.position
            self._loud += frame.samples
            if not self._speaking and self._loud >= SURE_SAMPLES:
                self._speaking = True
                self._changed(True, self._since)
        else:
            self._loud = 0
            self._quiet += frame.samples
            if self._quiet >= END_SAMPLES:
                self.end(frame.position)

    def end(self, position: int) -> None:
        if self._speaking:
            self._speaking = False
            self._changed(False, position)
