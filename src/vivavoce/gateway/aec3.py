"""The canceller of WebRTC (AEC3 with its noise suppression), out of the `livekit` wheel: the extra `aec`."""

from __future__ import annotations

import math
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from vivavoce.audio.cancel import LOUD, CancellerName, Cleaned, checked
from vivavoce.audio.levels import FULL_SCALE
from vivavoce.audio.pcm import CALLER_HZ, Pcm16
from vivavoce.errors import MissingError

if TYPE_CHECKING:
    from livekit.rtc import AudioFrame

STEP = CALLER_HZ // 100
"""It takes frames of 10 ms and no others."""


def installed() -> bool:
    return find_spec("livekit") is not None


class Aec3Canceller:
    """As `vivavoce.audio.cancel.Canceller`. Its suppressor takes the caller away with the echo where the echo is the
    louder, which ours does not.
    """

    name: CancellerName = "aec3"
    latency_samples = STEP
    WARM_SAMPLES = CALLER_HZ * 3 // 2
    """It follows the delay and the room within a second. What was measured for it on other simulated rooms; not tuned
    on ours."""

    def __init__(self) -> None:
        """
        Raises:
            MissingError: the extra is not installed.
        """
        try:
            from livekit import rtc  # optional, and 60 ms to load
        except ImportError:
            raise MissingError("the canceller aec3 needs the package livekit", remedy=INSTALL) from None
        self._frame = rtc.AudioFrame
        self._apm = rtc.AudioProcessingModule(
            echo_cancellation=True, noise_suppression=True, high_pass_filter=True, auto_gain_control=False
        )
        self.resets: dict[str, int] = {}
        self._mic = np.zeros(STEP, np.int16)
        self._far = np.zeros(STEP, np.int16)
        self._ready = np.zeros(STEP, np.int16)
        self._fill = 0
        self._level = 0.0
        self._loud_samples = 0

    @property
    def warm(self) -> bool:
        return self._loud_samples >= self.WARM_SAMPLES

    def process(self, mic: Pcm16, far: Pcm16, *, missing: bool = False) -> Cleaned:
        checked(mic, far)
        out = np.empty(mic.size, np.int16)
        level, at = self._level, 0
        while at < mic.size:
            take = min(STEP - self._fill, mic.size - at)
            inside = slice(self._fill, self._fill + take)
            out[at : at + take] = self._ready[inside]
            self._mic[inside], self._far[inside] = mic[at : at + take], far[at : at + take]
            self._fill += take
            at += take
            if self._fill == STEP:
                self._ready = self._step()
                self._fill = 0
                level = max(level, self._level)
        return Cleaned(out, level)

    def _step(self) -> Pcm16:
        played = self._far.astype(np.float32) / np.float32(FULL_SCALE)
        self._loud_samples += STEP * (float(played @ played) / STEP > LOUD)
        self._apm.process_reverse_stream(self._framed(self._far))
        self._apm.set_stream_delay_ms(0)  # it looks for the delay by itself
        frame = self._framed(self._mic)
        self._apm.process_stream(frame)
        cleaned: Pcm16 = np.frombuffer(bytes(frame.data), np.int16).copy()
        heard = cleaned.astype(np.float32) / np.float32(FULL_SCALE)
        self._level = 0.5 * self._level + 0.5 * math.sqrt(float(heard @ heard) / STEP)
        return cleaned

    def _framed(self, pcm: Pcm16) -> AudioFrame:
        return self._frame(bytearray(pcm.tobytes()), CALLER_HZ, 1, STEP)


INSTALL = 'pip install "vivavoce[aec]"'
