from __future__ import annotations

from dataclasses import dataclass, field

from vivavoce.audio.cancel import CancellerName, Cleaned
from vivavoce.audio.gates import GateDecision
from vivavoce.audio.guarded import GuardedGate
from vivavoce.audio.pcm import Pcm16

FRAME = 512


@dataclass
class Told:
    """A canceller that is as warm as it is told to be."""

    warm: bool = True
    name: CancellerName = "kalman"
    latency_samples: int = 0
    resets: dict[str, int] = field(default_factory=dict)

    def process(self, mic: Pcm16, far: Pcm16, *, missing: bool = False) -> Cleaned:
        return Cleaned(mic, 0.0)


def feed(gate: GuardedGate, level: float, seconds: float, *, agent: bool) -> list[GateDecision]:
    return [gate.step(level, FRAME, agent_audible=agent) for _ in range(round(seconds * 16_000 / FRAME))]


def test_until_the_canceller_is_warm_nothing_passes_over_the_agent_nor_soon_after() -> None:
    canceller = Told(warm=False)
    gate = GuardedGate(canceller)
    assert set(feed(gate, 0.2, 1.0, agent=True)) == {(False, False)}
    assert gate.preroll_samples == 0, "what was held back may be the agent"
    after = feed(gate, 0.2, 1.0, agent=False)
    assert [decision.passes for decision in after].index(True) == 19, "0.6 s, in whole frames"
    canceller.warm = True
    feed(gate, 0.0, 2.0, agent=False)
    assert gate.preroll_samples == 8_000


def test_over_the_agent_the_caller_passes_once_taken_to_be_speaking() -> None:
    gate = GuardedGate(Told())
    assert not any(decision.passes for decision in feed(gate, 0.01, 1.0, agent=True))
    spoken = feed(gate, 0.05, 0.5, agent=True)
    assert [decision.passes for decision in spoken].index(True) == 5, "190 ms"
    assert all(decision.passes for decision in feed(gate, 0.05, 0.5, agent=True))


def test_what_is_still_in_the_air_counts_as_the_agent() -> None:
    gate = GuardedGate(Told())
    feed(gate, 0.0, 1.0, agent=True)
    assert not any(decision.passes for decision in feed(gate, 0.01, 0.5, agent=False))
    feed(gate, 0.0, 0.2, agent=False)
    assert all(decision.passes for decision in feed(gate, 0.0, 0.5, agent=False)), "later everything passes"


def test_a_cough_over_the_agent_is_over_soon_and_a_pause_in_a_sentence_is_not_its_end() -> None:
    gate = GuardedGate(Told())
    feed(gate, 0.05, 0.3, agent=True)
    assert not feed(gate, 0.0, 0.224, agent=True)[-1].speaking
    feed(gate, 0.05, 1.0, agent=True)
    assert feed(gate, 0.0, 0.4, agent=True)[-1].speaking
