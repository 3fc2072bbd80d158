"""What comes out of the caller's loudspeaker: in order, once, held, cut; and how far it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from vivavoce.audio.pcm import AGENT_HZ
from vivavoce.storm.world.clock import Clock
from vivavoce.storm.world.mind import PIECE
from vivavoce.storm.world.truth import Truth

REPORT_S = 0.4
"""How often a machine tells how far it is."""


class Loudspeaker:
    """
    Args:
        report: told (reply, samples) as it goes on.
    """

    def __init__(self, clock: Clock, truth: Truth, report: Callable[[int, int], None]) -> None:
        self._clock = clock
        self._truth = truth
        self._report = report
        self._queue: deque[tuple[int, int, int, int, int]] = deque()  # (reply, position, turn, at, samples)
        self._came: dict[int, int] = {}  # by reply: where what has come of it ends
        self._turns: dict[int, set[int]] = {}
        self._cut_through = 0
        self._cut_turns: set[int] = set()
        self._last = 0.0
        self._ticking = False
        self._holds = 0  # this reply is silent; another one is not
        self.reply = self.samples = 0
        """The newest reply of which anything was heard, and how much."""
        self.heard_at = 0.0

    @property
    def playing(self) -> bool:
        return bool(self._queue) and self._queue[0][0] != self._holds

    def sound(self, reply: int, position: int, turn: int, at: int, samples: int) -> None:
        came = self._came.get(reply, 0)
        if reply <= self._cut_through or position + samples <= came:
            return
        if position > came and came:
            self._truth.broken.append("a hole in a reply")
        self._go_on()
        skip = max(0, came - position)
        self._came[reply] = position + samples
        self._turns.setdefault(reply, set()).add(turn)
        self._queue.append((reply, position + skip, turn, at + skip, samples - skip))
        self._tick_soon()

    def hold(self, reply: int, on: bool) -> None:
        self._go_on()
        self._holds = reply if on else 0
        self._tick_soon()

    def cut(self, reply: int) -> None:
        self._go_on()
        self._cut_through = max(self._cut_through, reply)
        for number in [number for number in self._turns if number <= reply]:
            self._cut_turns |= self._turns.pop(number)
        self._queue = deque(piece for piece in self._queue if piece[0] > reply)
        self._holds = 0
        self._tick_soon()

    def forget(self) -> None:
        """The page was loaded anew."""
        self._go_on()
        for turns in self._turns.values():
            for turn in turns & self._truth.turns.keys():
                self._truth.turns[turn].loaded_anew = True
        self._queue.clear()
        self._came.clear()
        self._turns.clear()
        self._holds = 0
        self.reply = self.samples = 0

    def _go_on(self) -> None:
        now = self._clock.now
        left = round((now - self._last) * AGENT_HZ)
        self._last = now
        while self.playing and left > 0:
            reply, position, turn, at, samples = self._queue.popleft()
            played = min(left, samples)
            left -= played
            if turn:
                self._truth.heard(turn, at // PIECE * PIECE, played, cut=turn in self._cut_turns)
                self.heard_at = now
            self.reply, self.samples = reply, position + played
            if played < samples:
                self._queue.appendleft((reply, position + played, turn, at + played, samples - played))

    def _tick_soon(self) -> None:
        if self.playing and not self._ticking:
            self._ticking = True
            first = sum(piece[4] for piece in self._queue) / AGENT_HZ
            self._clock.after(min(REPORT_S, first + 0.001), self._tick)

    def _tick(self) -> None:
        self._ticking = False
        before = (self.reply, self.samples)
        self._go_on()
        if (self.reply, self.samples) != before:
            self._report(self.reply, self.samples)
        self._tick_soon()
