"""The speech gate behind an echo canceller: half duplex until the canceller knows the room, then both may talk."""

from __future__ import annotations

from vivavoce.audio.cancel import Canceller
from vivavoce.audio.gates import END_SAMPLES, START_SAMPLES, Debounce, DuplexGate, GateDecision
from vivavoce.audio.pcm import CALLER_HZ


class GuardedGate:
    """Fed the level of the caller alone, as cancellers tell it, which is why its thresholds need no noise floor.

    While the agent can be heard, and for as long after as the room goes on, a frame passes only once the caller is
    taken to be speaking; what was held back goes first. Until the canceller is warm nothing passes in that time.
    """

    name = "aec"
    TAIL_SAMPLES = CALLER_HZ * 600 // 1000
    """What is played last is heard up to 300 ms later and rings for as long."""
    PREROLL_SAMPLES = CALLER_HZ * 500 // 1000
    """The 190 ms it takes to be sure, longer where the agent is as loud as the caller, and a soft beginning."""
    OVER_AGENT_SAMPLES = CALLER_HZ * 190 // 1000
    OVER_AGENT_LEVEL = 0.018
    LEVEL = 0.012

    def __init__(self, canceller: Canceller) -> None:
        self.canceller = canceller
        self._debounce = Debounce()
        self._tail = 0
        self._doubt_left = 0
        self._guarded = False

    @property
    def preroll_samples(self) -> int:
        """Nothing of what the guard held back: it may be the agent."""
        return 0 if self._guarded else self.PREROLL_SAMPLES

    def doubt(self) -> None:
        """Nothing to it: what the caller's machine hears over the agent has not been through the canceller."""

    def step(self, level: float, samples: int, *, agent_audible: bool) -> GateDecision:
        if agent_audible:
            self._tail = self.TAIL_SAMPLES
        over_agent = self._tail > 0
        if not agent_audible:
            self._tail = max(0, self._tail - samples)
        self._guarded = over_agent and not self.canceller.warm
        if self._guarded:
            self._debounce.forget()
            return GateDecision(passes=False, speaking=False)
        loud = level > (self.OVER_AGENT_LEVEL if over_agent else self.LEVEL)
        needs = self.OVER_AGENT_SAMPLES if over_agent else START_SAMPLES
        release = END_SAMPLES if self._doubt_left <= 0 else DuplexGate.COUGH_RELEASE_SAMPLES
        before = self._debounce.speaking
        speaking = self._debounce.step(loud, samples, needs=needs, release=release)
        self._doubt_left -= samples
        if speaking and not before:
            self._doubt_left = DuplexGate.DOUBT_SAMPLES if over_agent else 0
        return GateDecision(passes=speaking or not over_agent, speaking=speaking)
