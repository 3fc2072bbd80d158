"""Who may be heard: pure machines that let the caller's sound through or hold it back, frame by frame (V3, V6).

A gate is fed the level of each frame of the caller in order, and whether the agent can be heard at that moment on the
caller's machine. It has no clock: time is the number of samples it was given, at 16 kHz.

| gate | while the agent is audible | after | speaking begins | ends |
|---|---|---|---|---|
| two-tier | nothing passes | 1.5 s: over 0.03, then over 0.01 | 96 ms of passing frames | after 500 ms of others |
| duplex | the caller, once taken to speak | everything | 96 ms loud (190 ms over the agent) | after 500 ms below |
| detector | the caller, once their machine hears them | 0.6 s: likewise | one loud frame, elsewhere 96 ms | likewise |

A caller's machine with a detector knows what it plays, and says when it hears somebody over it (a doubt). Where it
cancels the agent's echo the gate is duplex, for which a doubt is most of the evidence that it needs; where it does not,
detector, for which it is all. Two-tier is for callers without either. Figures: docs/explanation/echo.md.
"""

from __future__ import annotations

import difflib
import math
from array import array
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

from vivavoce.audio.pcm import CALLER_HZ
from vivavoce.errors import InputError

START_SAMPLES = CALLER_HZ * 96 // 1000
"""Three frames. Shorter sounds are clicks and keys; a detector with this rule starts at 116-147 ms after the onset."""
END_SAMPLES = CALLER_HZ * 500 // 1000
"""Pauses inside a sentence are mostly shorter: 2-3 splits in 18 recorded utterances."""


class GateDecision(NamedTuple):
    """What one frame came to.

    Attributes:
        passes: this frame may go to the model.
        speaking: debounced: the caller is taken to be speaking.
    """

    passes: bool
    speaking: bool


class Gate(Protocol):
    name: str

    @property
    def preroll_samples(self) -> int:
        """How much of what was held back just before goes to the model first when the gate opens: the onset of a
        word.
        """

    def step(self, level: float, samples: int, *, agent_audible: bool) -> GateDecision:
        """Take one frame in order.

        Args:
            level: RMS of the frame, 0..1 of full scale.
            samples: its length at 16 kHz.
            agent_audible: the agent can be heard on the caller's machine during this frame.
        """

    def doubt(self) -> None:
        """The caller's machine hears somebody over the agent; said ahead of the frames that follow."""


class Debounce:
    """Loud long enough is speech, quiet long enough is its end.

    A quiet frame takes away what a loud one added instead of starting over: the closure before a plosive (20-80 ms of
    quiet) must not undo a word, while clicks that are rarer than the quiet between them never add up.
    """

    def __init__(self) -> None:
        self.speaking = False
        self._loud = 0
        self._quiet = 0

    def step(self, loud: bool, samples: int, *, needs: int, release: int = END_SAMPLES) -> bool:
        if loud:
            self._quiet = 0
            self._loud += samples
            if self._loud >= needs:
                self.speaking = True
        else:
            self._quiet += samples
            self._loud = max(0, self._loud - samples)
            if self._quiet >= release:
                self.forget()
        return self.speaking

    def forget(self) -> None:
        self.speaking = False
        self._loud = self._quiet = 0


class TwoTierGate:
    """Half duplex with a cautious second and a half (V3): the agent never hears itself, nor an interruption.

    Thresholds: room noise sits at 0.01-0.02, the decay of the agent's voice at 0.025-0.04.
    """

    name = "two-tier"
    preroll_samples = 0  # what it holds back is the agent's own echo
    TAIL_SAMPLES = CALLER_HZ * 3 // 2
    TAIL_LEVEL = 0.03
    OPEN_LEVEL = 0.01

    def __init__(self) -> None:
        self._tail_left = 0
        self._debounce = Debounce()

    def step(self, level: float, samples: int, *, agent_audible: bool) -> GateDecision:
        if agent_audible:
            self._tail_left = self.TAIL_SAMPLES
            self._debounce.forget()  # what is heard now says nothing about the caller
            return GateDecision(passes=False, speaking=False)
        passes = level > (self.TAIL_LEVEL if self._tail_left > 0 else self.OPEN_LEVEL)
        self._tail_left = max(0, self._tail_left - samples)  # a frame that begins inside the tail belongs to it
        return GateDecision(passes, self._debounce.step(passes, samples, needs=START_SAMPLES))

    def doubt(self) -> None:
        """Nothing passes over the agent, whoever hears it."""


class _NoiseFloor:
    """The level under which the quietest fifth of the last 3 s lies, weighted by samples.

    Quick to fall (0.6 s of quiet), slow to rise (2.4 s of steady sound), so that a sentence with its pauses does not
    lift it above itself.
    """

    WINDOW_SAMPLES = CALLER_HZ * 3
    SHARE = 0.2

    def __init__(self) -> None:
        self._frames: deque[tuple[float, int]] = deque()
        # one block of memory and not a hundred objects: with many calls what is looked at is rarely in a cache
        self._sorted = array("d")
        self._samples = 0
        self._lengths: dict[int, int] = {}  # how many frames of each length

    def take(self, level: float, samples: int) -> None:
        if samples <= 0:
            return
        self._frames.append((level, samples))
        insort(self._sorted, level)
        self._samples += samples
        lengths = self._lengths
        lengths[samples] = lengths.get(samples, 0) + 1
        while self._samples > self.WINDOW_SAMPLES and len(self._frames) > 1:
            old, length = self._frames.popleft()
            del self._sorted[bisect_left(self._sorted, old)]
            self._samples -= length
            lengths[length] -= 1
            if not lengths[length]:
                del lengths[length]

    def level(self) -> float:
        """0.0 before anything was heard."""
        wanted = self._samples * self.SHARE
        if len(self._lengths) == 1:  # nearly always: a caller's machine sends frames of one length
            (length,) = self._lengths
            return self._sorted[max(0, math.ceil(wanted / length) - 1)]
        below = 0
        for level, samples in sorted(self._frames):
            below += samples
            if below >= wanted:
                return level
        return 0.0


class DuplexGate:
    """Both may talk: for callers whose own machine cancels the echo, so that what is left of the agent is weak.

    While the agent is audible a frame passes only once the caller is taken to be speaking; the 190 ms that decided it
    were held back, so whoever feeds the model keeps the last 300 ms and sends them first. The floor goes on being
    measured while the agent is audible: what is left of the echo then counts as noise and raises the bar.
    """

    name = "duplex"
    preroll_samples = CALLER_HZ * 300 // 1000  # the 190 ms it takes to be sure, and the soft beginning before them
    OVER_AGENT_SAMPLES = CALLER_HZ * 190 // 1000
    """With 25 dB of cancellation the 190 ms rule behind a detector heard every interruption and no phantom."""
    DOUBT_SAMPLES = CALLER_HZ * 500 // 1000
    """For so long after it began over the agent a sound may still be a cough."""
    COUGH_RELEASE_SAMPLES = CALLER_HZ * 200 // 1000
    """A doubtful sound is over after this much quiet. A cough of 300 ms is then told as over about 300 ms after it was
    told as begun, before a held reply is cut (450 ms); the pauses inside words are shorter."""
    TAIL_SAMPLES = 1
    """After the agent everything passes: what is left of it in the air is as weak as what its echo was."""
    ECHO_IS_ROOM = True
    """Whether what is heard over the agent counts for the floor."""
    LEVEL = 0.01
    FLOORS = 2.0
    OVER_AGENT_LEVEL = 0.03
    OVER_AGENT_FLOORS = 3.0

    BELIEVED_SAMPLES = CALLER_HZ * 350 // 1000
    """For so long a doubt counts: the reply stays held as long (`doubt_s` of the conversation's settings)."""
    BELIEVED_FLOORS = 1.4
    """What agrees with a doubt: one frame of 32 ms well above the floor. Room noise varies by an eighth."""

    def __init__(self) -> None:
        self._floor = _NoiseFloor()
        self._debounce = Debounce()
        self._since_agent = 1 << 62  # never
        self._doubt_left = 0
        self._believed = 0

    def doubt(self) -> None:
        self._believed = self.BELIEVED_SAMPLES

    def step(self, level: float, samples: int, *, agent_audible: bool) -> GateDecision:
        if agent_audible and self._since_agent and not self._debounce.speaking:
            self._debounce.forget()  # what was loud against the lower bar does not count against the higher
        self._since_agent = 0 if agent_audible else self._since_agent + samples
        floor = self._floor.level()
        if self.ECHO_IS_ROOM or self._since_agent >= self.TAIL_SAMPLES:
            self._floor.take(level, samples)
        loud, needs = self._loud(level, floor, over_agent=agent_audible)
        release = END_SAMPLES if self._doubt_left <= 0 else self.COUGH_RELEASE_SAMPLES
        before = self._debounce.speaking
        speaking = self._debounce.step(loud, samples, needs=needs, release=release)
        self._doubt_left -= samples
        self._believed -= samples
        if speaking and not before:
            # a reply that was held for a sound is silent by now; the sound is no less doubtful
            self._doubt_left = self.DOUBT_SAMPLES if self._since_agent < self.DOUBT_SAMPLES else 0
            self._believed = 0
        return GateDecision(passes=speaking or self._since_agent >= self.TAIL_SAMPLES, speaking=speaking)

    def _loud(self, level: float, floor: float, *, over_agent: bool) -> tuple[bool, int]:
        """Whether a frame of this level speaks for the caller, and how many samples of such it takes."""
        if self._believed > 0:
            return level > max(self.LEVEL, self.BELIEVED_FLOORS * floor), 1
        if over_agent:
            return level > max(self.OVER_AGENT_LEVEL, self.OVER_AGENT_FLOORS * floor), self.OVER_AGENT_SAMPLES
        return level > max(self.LEVEL, self.FLOORS * floor), START_SAMPLES


class DetectorGate(DuplexGate):
    """For callers whose machine cancels no echo and has a detector: over the agent only a doubt opens it.

    What is left in the air of the agent passes no more than the agent itself.
    """

    name = "detector"
    TAIL_SAMPLES = CALLER_HZ * 600 // 1000
    """What is played last is heard up to 300 ms later and rings for as long."""
    ECHO_IS_ROOM = False  # it is as loud as the caller

    def _loud(self, level: float, floor: float, *, over_agent: bool) -> tuple[bool, int]:
        if self._believed <= 0 and not self._debounce.speaking and self._since_agent < self.TAIL_SAMPLES:
            return False, START_SAMPLES
        return super()._loud(level, floor, over_agent=False)


_GATES: dict[str, Callable[[], Gate]] = {
    TwoTierGate.name: TwoTierGate,
    DuplexGate.name: DuplexGate,
    DetectorGate.name: DetectorGate,
}
GATE_NAMES: tuple[str, ...] = tuple(_GATES)


def make_gate(name: str) -> Gate:
    """A new gate of that name: "two-tier", "duplex" or "detector".

    Raises:
        InputError: no gate has that name.
    """
    maker = _GATES.get(name)
    if maker is None:
        near = difflib.get_close_matches(name, GATE_NAMES, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InputError(f"want a gate ({', '.join(GATE_NAMES)}), got {name!r}{hint}")
    return maker()
