"""The caller's audio on its way to the live model: canceller where there is one, level, gate, ring.

The hot path of the house, once per 32 ms frame: nothing here allocates beyond the frame, waits, or touches the
conversation; it says only when the gate's mind about the caller changes. Withheld frames go on as silence, so that the
model's own clock of the talk stays true.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from vivavoce.audio.gates import END_SAMPLES, Gate
from vivavoce.audio.guarded import GuardedGate
from vivavoce.audio.levels import rms
from vivavoce.audio.pcm import CALLER_HZ, FRAME_SAMPLES, from_bytes
from vivavoce.gateway.cancelling import Cancelling
from vivavoce.gateway.farend import FarEnd

# The gate is sure 96 to 190 ms after speech began, and a soft consonant before that does not count as loud; it is sure
# of the end after 500 ms of quiet. Turns are told from where speech was, with a breath after it, so that evidence plays
# whole.
ONSET_SAMPLES = CALLER_HZ * 300 // 1000
BREATH_SAMPLES = CALLER_HZ * 150 // 1000

_SILENCE = bytes(2 * FRAME_SAMPLES)


@dataclass(slots=True)
class UplinkCount:
    """What the gate did with a call's frames (V3: decisions are kept for every call)."""

    frames: int = 0
    passed: int = 0
    withheld: int = 0
    stale: int = 0
    ring_dropped: int = 0
    loudest: float = 0.0
    relearnt: int = 0
    """How often an echo canceller had to learn the room anew."""


class Uplink:
    """
    Args:
        gate: the speech gate of this call.
        changed: called with (speaking, position, level) when the gate changes its mind.
        heard: called with (position, pcm) for every frame as it came, for the recorder: a recording is evidence, and
            with the agent's side on the same clock any canceller can be run on it later, which cannot be undone.
        ring_s: how much sound is kept to go again over another link.
    """

    def __init__(
        self,
        gate: Gate,
        changed: Callable[[bool, int, float], None],
        heard: Callable[[int, bytes], None],
        ring_s: float,
    ) -> None:
        self._next_gate: Gate | None = None
        self._use(gate)
        self._changed = changed
        self._heard = heard
        self._send: Callable[[bytes], None] | None = None
        self._ring: deque[tuple[int, bytes]] = deque()
        self._ring_samples = 0
        self._ring_most = round(ring_s * CALLER_HZ)
        self._resent_to = 0
        self._ring_from: int | None = None  # what came before this position is gone, or was never here
        self._held: deque[bytes] = deque()  # the newest of what was held back
        self._held_samples = 0
        self._speaking = False
        self._muted = False
        self.agent_audible = False
        self.position = 0
        """Microphone clock: samples until the end of the newest frame."""
        self.count = UplinkCount()

    @property
    def gate_name(self) -> str:
        return self._gate.name

    def take(self, position: int, pcm: bytes) -> None:
        """One microphone frame: PCM16 LE mono, 16 kHz, whole samples."""
        if position < self.position or not pcm:
            self.count.stale += 1  # a frame that was sent twice, or a clock that went back
            return
        samples = len(pcm) // 2
        self.position = position + samples
        if self._muted:
            return
        self._heard(position, pcm)
        if self._cancelling is None:
            level = rms(from_bytes(pcm))
        else:
            pcm, level = self._cancelling.clean(position, pcm)
            self.count.relearnt = self._cancelling.relearnt
        passes, speaking = self._gate.step(level, samples, agent_audible=self.agent_audible)
        self.count.frames += 1
        self.count.loudest = max(self.count.loudest, level)
        if passes:
            self.count.passed += 1
        else:
            self.count.withheld += 1
            self._hold_back(pcm, samples)
            pcm = _SILENCE if len(pcm) == len(_SILENCE) else bytes(len(pcm))
        if passes:
            self._open()
        self._keep(position, pcm, samples)
        if self._send is not None:
            self._send(pcm)
        if speaking is not self._speaking:
            self._speaking = speaking
            if not speaking and self._next_gate is not None:
                self._use(self._next_gate)
            late = ONSET_SAMPLES if speaking else END_SAMPLES - BREATH_SAMPLES
            if self._cancelling is not None:
                late += self._cancelling.latency_samples
            self._changed(speaking, max(0, self.position - late), level)

    def doubt(self) -> None:
        """The caller's machine hears somebody over the agent."""
        self._gate.doubt()

    def mute(self, on: bool) -> None:
        """While muted, frames move the microphone clock and go nowhere else."""
        if on and not self._muted:
            self.break_off()
        self._muted = on

    def break_off(self) -> None:
        """No sound follows for now."""
        if self._cancelling is not None:
            self._cancelling.far_end.lost()
        self.end_turn()

    def end_turn(self) -> None:
        """What was being said has ended, an onset of before belongs to no word of after."""
        self._held.clear()
        self._held_samples = 0
        if self._speaking:
            self._gate.step(0.0, END_SAMPLES, agent_audible=False)  # or it would have them go on with the next frame
            self._speaking = False
            self._changed(False, self.position, 0.0)

    def listen_with(self, gate: Gate) -> None:
        """Let this gate decide from now on; while the caller speaks, as soon as they have finished. One of the same
        kind knows less of the room than the one that listens already, which stays.
        """
        if gate.name == self._gate.name:
            self._next_gate = None
        elif self._speaking:
            self._next_gate = gate
        else:
            self._held.clear()  # what one gate held back may be the agent to another
            self._held_samples = 0
            self._use(gate)

    def _use(self, gate: Gate) -> None:
        self._gate = gate
        self._next_gate = None
        self._cancelling = Cancelling(gate.canceller) if isinstance(gate, GuardedGate) else None

    @property
    def far_end(self) -> FarEnd | None:
        """Wants to know what is sent to the loudspeaker and how far it is; None without a canceller."""
        return self._cancelling.far_end if self._cancelling is not None else None

    def attach(self, send: Callable[[bytes], None] | None) -> None:
        """From now on frames go to this link; None while there is no link (they stay in the ring).

        What is too young for the gate to be sure of goes to a new link first, unless it just went again: it may be the
        onset of a word that nobody has told the conversation of, so that nobody could have asked for it.
        """
        if send is not None and self._resent_to < self.position:
            self.resend(send, self.position - ONSET_SAMPLES)
        self._send = send

    def resend(self, send: Callable[[bytes], None], at: int) -> tuple[int, int]:
        """Send again what the ring holds from this position on; so many samples, and so many that it had no more."""
        samples = 0
        for position, pcm in self._ring:
            if position + len(pcm) // 2 > at:
                send(pcm)
                samples += len(pcm) // 2
        self._resent_to = self.position
        kept_from = self.position if self._ring_from is None else self._ring_from
        return samples, max(0, kept_from - at)

    def _hold_back(self, pcm: bytes, samples: int) -> None:
        self._held.append(pcm)
        self._held_samples += samples
        while self._held and self._held_samples > self._gate.preroll_samples:
            self._held_samples -= len(self._held.popleft()) // 2

    def _open(self) -> None:
        """The onset of what the gate was slow to believe goes to the model after all, late but whole."""
        while self._held:
            pcm = self._held.popleft()
            self._keep(self.position, pcm, len(pcm) // 2)
            if self._send is not None:
                self._send(pcm)
        self._held_samples = 0

    def _keep(self, position: int, pcm: bytes, samples: int) -> None:
        if self._ring_from is None:
            self._ring_from = position
        self._ring.append((position, pcm))
        self._ring_samples += samples
        while self._ring_samples > self._ring_most:
            dropped_at, dropped = self._ring.popleft()
            self._ring_samples -= len(dropped) // 2
            self._ring_from = max(self._ring_from, dropped_at + len(dropped) // 2)
            if self._send is None:
                self.count.ring_dropped += 1
