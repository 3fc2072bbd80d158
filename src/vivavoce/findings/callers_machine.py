"""What the caller's machine told of itself, on the axis of the call: what disturbed its sound, when it was away, and
what it measured of the echo. Pure; seconds on the session clock.

Its reports count on the microphone's clock, which the session's clock is ahead of by an offset that is known once
something was heard (`Stopwatch.offset_s`); all it tells is placed by that one offset, so that a long task stands where
the underrun stands that it caused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from vivavoce.audio.pcm import CALLER_HZ
from vivavoce.conversation import events as ev

FAULT_WORDS = {
    "underrun": "the loudspeaker ran dry",
    "gap": "sound was missing",
    "long_task": "the page was busy",
    "stall": "the page stood still",
    "late_frame": "microphone frames came late",
    "network_gap": "the network stood still",
    "mic_dropped": "speech was lost while the line was down",
    "suspended": "the browser silenced the page",
    "device": "an audio device changed or failed",
    "hidden": "the page was in the background",
}
HEARD = frozenset({"underrun", "gap", "mic_dropped", "suspended"})
"""Faults that somebody hears; the others are why."""
CAUSES = ("long_task", "stall", "late_frame", "network_gap", "suspended", "device", "hidden")
NEAR_S = 0.25
"""A fault this near before or during another may be its cause: two seconds of a reply are sent ahead, so what stops
the network is heard later only when it lasts; a busy machine is heard at once. Not tuned."""


class Fault(msgspec.Struct, frozen=True):
    start_s: float
    end_s: float
    what: str
    count: int

    @property
    def says(self) -> str:
        words = FAULT_WORDS.get(self.what, self.what.replace("_", " "))
        times = f", {self.count} times" if self.count > 1 else ""
        took_ms = 1000 * (self.end_s - self.start_s)
        return f"{words}{f' for {took_ms:.0f} ms' if took_ms >= 1 else ''}{times}"


class Away(msgspec.Struct, frozen=True):
    start_s: float
    end_s: float
    returned: bool


class Measure(msgspec.Struct, frozen=True):
    """Levels in dBFS over one step, and what was estimated of the echo by then."""

    start_s: float
    end_s: float
    mic: float
    far: float | None
    return_loss_db: float | None
    noise_dbfs: float | None


class CallersMachine:
    """Takes the events of a call in order, then `close`; after that its lists hold what there is, by time."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.away: list[Away] = []
        self.measures: list[Measure] = []
        self._left_s: float | None = None

    def take(self, event: ev.Event, now: float, offset_s: float) -> None:
        """
        Args:
            offset_s: session time at which the microphone's clock began, as far as it is known.
        """
        match event:
            case ev.CallerDisturbed(faults=faults):
                for what, at, ms, count in faults:
                    start_s = min(now, offset_s + at / CALLER_HZ)
                    self.faults.append(Fault(start_s, min(now, start_s + ms / 1000), what, count))
            case ev.CallerMeasured():
                self._measured(event, offset_s)
            case ev.CallerDropped() if self._left_s is None:
                self._left_s = now
            case ev.CallerReturned() if self._left_s is not None:
                self.away.append(Away(self._left_s, now, True))
                self._left_s = None

    def close(self, end_s: float) -> None:
        if self._left_s is not None:
            self.away.append(Away(self._left_s, max(self._left_s, end_s), False))
            self._left_s = None
        self.faults.sort(key=lambda fault: fault.start_s)

    def _measured(self, event: ev.CallerMeasured, offset_s: float) -> None:
        step_s = event.step / CALLER_HZ
        for index, mic in enumerate(event.mic):
            start_s = offset_s + event.at / CALLER_HZ + index * step_s
            far = event.far[index] if index < len(event.far) else None
            self.measures.append(Measure(start_s, start_s + step_s, mic, far, event.return_loss_db, event.noise_dbfs))


def cause_of(heard: Fault, faults: Iterable[Fault]) -> str:
    """What stood nearest before or during a fault that was heard; "" when nothing did."""
    near = [
        other
        for other in faults
        if other.what in CAUSES
        and other is not heard
        and other.start_s <= heard.end_s + NEAR_S
        and other.end_s >= heard.start_s - NEAR_S
    ]
    return max(near, key=lambda other: other.end_s - other.start_s).what if near else ""


def tally(faults: Iterable[Fault]) -> tuple[tuple[str, int], ...]:
    """How many of each kind, the most frequent first."""
    counts: Counter[str] = Counter()
    for fault in faults:
        counts[fault.what] += fault.count
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
