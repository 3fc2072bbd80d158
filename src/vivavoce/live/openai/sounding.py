"""How much of the model's sound can have been heard. The service makes sound faster than it plays and is not told what
was heard, so when the caller cuts in it must be told where to cut its own memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from vivavoce.audio.pcm import AGENT_HZ, CALLER_HZ

MOST_ITEMS = 64
"""Items of sound that are remembered; one or two are not heard yet."""


@dataclass(slots=True)
class _Item:
    id: str
    index: int
    began: float
    samples: int = 0


class Sounding:
    """Sound as it plays, one item after the other. The caller's microphone is the clock; what a player buffers beyond
    that is not known, so that the estimate may be early by a few tenths of a second. While the microphone is off the
    clock stands still, and the caller reads: what comes then counts as heard.

    Args:
        position: how far the caller's audio has come, samples at 16 kHz.
    """

    def __init__(self, position: Callable[[], int]) -> None:
        self._position = position
        self._items: deque[_Item] = deque(maxlen=MOST_ITEMS)
        self._until = 0.0  # when all of it will have been played, on the caller's clock
        self._clocked = False

    def microphone(self, on: bool) -> None:
        self._clocked = on
        if not on:
            self.forget()

    def forget(self) -> None:
        """Nothing more of this is played, and nobody asks how much was heard."""
        self._items.clear()
        self._until = 0.0

    @property
    def playing(self) -> bool:
        """Whether anything is still to be heard."""
        return self._until > self._position()

    def add(self, item: str, index: int, samples: int) -> None:
        """More sound of an item's part, samples at 24 kHz."""
        if not self._clocked:
            return
        now = self._position()
        self._until = max(self._until, now)
        if not self._items or (self._items[-1].id, self._items[-1].index) != (item, index):
            self._items.append(_Item(item, index, self._until))
        self._items[-1].samples += samples
        self._until += samples * CALLER_HZ / AGENT_HZ

    def cut(self) -> list[tuple[str, int, int]]:
        """Nothing more is heard: (item, part, milliseconds heard) of each that was not heard to its end."""
        now = self._position()
        broken = []
        for item in self._items:
            heard_ms = round(max(0.0, now - item.began) * 1000 / CALLER_HZ)
            if heard_ms < item.samples * 1000 // AGENT_HZ:
                broken.append((item.id, item.index, heard_ms))
        self.forget()
        return broken
