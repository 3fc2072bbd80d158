"""Cancellers with the gate behind them, as contenders of the bench."""

from __future__ import annotations

from vivavoce.audio.cancel import Canceller
from vivavoce.audio.gates import GateDecision
from vivavoce.audio.guarded import GuardedGate
from vivavoce.audio.pcm import Pcm16


class Cancelled:
    """A canceller and the guarded gate, as the gateway runs them."""

    def __init__(self, canceller: Canceller) -> None:
        self._canceller = canceller
        self._gate = GuardedGate(canceller)

    @property
    def preroll_samples(self) -> int:
        return self._gate.preroll_samples

    def step(self, mic: Pcm16, far: Pcm16, agent_playing: bool) -> GateDecision:
        _, level = self._canceller.process(mic, far)
        return self._gate.step(level, mic.size, agent_audible=agent_playing)

    def close(self) -> None:
        pass
