"""Events of one call on their way to its conversation.

They are taken in order on the next turn of the event loop, a slice at a time: no event waits for another task to be
woken, none is taken inside another, and other calls have their turns.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from vivavoce.conversation import events as ev

MOST = 4096
"""Events that may wait: a demo call makes 14 a second, so this is minutes behind. Who finds it full floods, or the
machine is far too slow.
"""
SLICE = 64
"""Events taken on one turn of the loop, some 2 ms, before other calls have theirs."""


class Inbox:
    """Nothing is taken before `open` nor after `close`.

    Args:
        take: takes one event.
        broke: takes what that raised.
        turned: called at the end of each turn.
    """

    def __init__(
        self, take: Callable[[ev.Event], None], broke: Callable[[Exception], None], turned: Callable[[], None]
    ) -> None:
        self._take = take
        self._broke = broke
        self._turned = turned
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[ev.Event] = deque()
        self._resting = False  # open, and no turn is due
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def full(self) -> bool:
        return len(self._waiting) >= MOST

    def put(self, event: ev.Event) -> None:
        """Also when it is full: who may lose events looks at that first."""
        self._waiting.append(event)
        self._soon()

    def put_first(self, event: ev.Event) -> None:
        """Ahead of all that waits."""
        self._waiting.appendleft(event)
        self._soon()

    def open(self) -> None:
        self._resting = True
        if self._waiting:
            self._soon()

    def close(self) -> None:
        self._closed = True

    def _soon(self) -> None:
        if self._resting:
            self._resting = False
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        self._resting = True
        try:
            for _ in range(SLICE):
                if self._closed or not self._waiting:
                    break
                self._take(self._waiting.popleft())
        except Exception as fault:  # noqa: BLE001  # ours: it ends this call
            self._broke(fault)
        if self._closed:
            return
        self._turned()
        if self._waiting:
            self._soon()
