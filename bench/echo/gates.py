"""What decides in the bench: the shipped gates, the shipped detector before them, cancellers, and what to compare with.

All hear the same: frames of 32 ms as they reach the gateway, and beside each what of the agent left the loudspeaker in
the same 32 ms, which comes back in the microphone 40 to 300 ms later.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from bench.echo.cancelled import Cancelled
from bench.echo.detector import Detector, Said
from bench.echo.talk import Setting
from vivavoce.audio.cancel import KalmanCanceller
from vivavoce.audio.gates import GateDecision, make_gate
from vivavoce.audio.levels import rms
from vivavoce.audio.pcm import CALLER_HZ, FRAME_SAMPLES, Pcm16
from vivavoce.conversation.settings import ConversationSettings
from vivavoce.gateway.aec3 import Aec3Canceller
from vivavoce.gateway.voiced import VoicedCanceller
from vivavoce.local.vad import SpeechDetector


class Contender(Protocol):
    """One gate in one conversation; a new one is made for each."""

    @property
    def preroll_samples(self) -> int:
        """How much of what was held back goes to the model when the gate opens."""

    def step(self, mic: Pcm16, far: Pcm16, agent_playing: bool) -> GateDecision:
        """Take one frame in order.

        Args:
            mic: what the microphone heard, shape (512,), 16 kHz.
            far: what was played meanwhile, same shape and clock; zeros while nothing was.
            agent_playing: whether the loudspeaker was busy, as reports of what was played tell the gateway.
        """

    def close(self) -> None:
        """End what was started."""


@runtime_checkable
class Holds(Contender, Protocol):
    """A gate with a detector on the caller's machine, which silences the loudspeaker by itself."""

    holds: bool
    """After a step: the loudspeaker is to be silent until a later step says otherwise."""

    @property
    def took_us(self) -> float:
        """What the detector took in all; its gate is measured from outside as the others are."""


class Shipped:
    """A gate of `vivavoce.audio.gates` as the gateway runs it."""

    def __init__(self, name: str) -> None:
        self._gate = make_gate(name)
        self.preroll_samples = self._gate.preroll_samples

    def step(self, mic: Pcm16, far: Pcm16, agent_playing: bool) -> GateDecision:
        return self._gate.step(rms(mic), mic.size, agent_audible=agent_playing)

    def close(self) -> None:
        pass


class Detected:
    """The shipped default: the detector doubts and holds; the gate, which takes a held agent for silent, decides.

    As in `vivavoce.conversation.floor`: a doubt holds for `doubt_s` unless the gate hears speech, too; then until the
    gate takes it for over. The gate is the one that `gate: auto` picks: by what the hello says of the caller's machine
    first, then by what the detector finds out.
    """

    def __init__(self, setting: Setting) -> None:
        self._echo = "good" if setting.cancelled_db else "raw"
        self._gate = make_gate("duplex" if setting.cancelled_db else "detector")
        self._detector = Detector()
        self._doubt_samples = round(ConversationSettings().doubt_s * CALLER_HZ)
        self._left = 0
        self.holds = False
        self.said: Said | None = None

    @property
    def preroll_samples(self) -> int:
        return self._gate.preroll_samples

    @property
    def took_us(self) -> float:
        return self._detector.took_us

    def step(self, mic: Pcm16, far: Pcm16, agent_playing: bool) -> GateDecision:
        if not agent_playing:  # nothing is doubted then, and nobody need wait for it
            self._detector.send(mic, far)
            self.holds = False
            return self._gate.step(rms(mic), mic.size, agent_audible=False)
        said = self.said = self._detector.step(mic, far)
        if said.echo not in ("unknown", self._echo):
            name = "duplex" if said.echo == "good" else "detector"
            self._echo = said.echo
            if name != self._gate.name:
                self._gate = make_gate(name)
        decision = self._gate.step(rms(mic), mic.size, agent_audible=not self.holds)
        self._left -= mic.size
        if said.doubt:
            self._left = self._doubt_samples
            self._gate.doubt()
        self.holds = self._left > 0 or decision.speaking
        return decision

    def close(self) -> None:
        self._detector.close()


class HalfDuplex:
    """Nothing of the caller passes while the agent plays; otherwise what a detector of voices takes for one."""

    preroll_samples = 0

    def __init__(self) -> None:
        self._voice = Silero()

    def step(self, mic: Pcm16, far: Pcm16, agent_playing: bool) -> GateDecision:
        heard = self._voice.step(mic, far, agent_playing)
        return GateDecision(passes=False, speaking=False) if agent_playing else heard

    def close(self) -> None:
        pass


class Silero:
    """The neural detector of the embedded live model on the microphone as it is, by the same times as duplex."""

    preroll_samples = CALLER_HZ * 300 // 1000

    def __init__(self) -> None:
        self._quick = SpeechDetector(96, 500, engine="silero")
        self._over_agent = 0

    def step(self, mic: Pcm16, far: Pcm16, agent_playing: bool) -> GateDecision:
        self._quick.step(mic)
        speaking = self._quick.speaking
        self._over_agent = self._over_agent + FRAME_SAMPLES if speaking and agent_playing else 0
        speaking = speaking and not (agent_playing and self._over_agent <= CALLER_HZ * 94 // 1000)
        return GateDecision(passes=speaking, speaking=speaking)

    def close(self) -> None:
        pass


CONTENDERS: dict[str, Callable[[Setting], Contender]] = {
    "two-tier": lambda _: Shipped("two-tier"),
    "half duplex + Silero": lambda _: HalfDuplex(),
    "Silero": lambda _: Silero(),
    "duplex": lambda _: Shipped("duplex"),
    "detector": Detected,
    "Kalman canceller": lambda _: Cancelled(KalmanCanceller()),
    "Kalman canceller + Silero": lambda _: Cancelled(VoicedCanceller(KalmanCanceller())),
    "AEC3 canceller": lambda _: Cancelled(Aec3Canceller()),
}
"""By the name in the table. Whoever adds one adds a line here."""


def timed(gate: Contender, mic: Pcm16, far: Pcm16, agent_playing: bool) -> tuple[GateDecision, float]:
    """A step, and its microseconds."""
    began = time.process_time()
    decision = gate.step(mic, far, agent_playing)
    return decision, 1e6 * (time.process_time() - began)
