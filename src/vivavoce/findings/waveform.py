"""The call as a picture: the caller above the line, the agents below it in their colours, a mark at every hand-over."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

WIDTH = 1000
"""Units of the drawing; the page stretches it to its column."""
BARS = 320
"""More are finer than a phone shows and only make the page heavier."""
ROW = 50
"""Height of either row in units."""
_FLAT = 0.32
"""Height of an agent's bars where only the times of its speech are known."""


class Picture(msgspec.Struct, frozen=True):
    caller: str
    """Path data of the caller's bars."""
    agents: tuple[tuple[str, str], ...]
    """Speaker id and path data, in order of first speaking."""
    hand_overs: tuple[tuple[float, int, str], ...]
    """x, time in ms and the speaker who takes over."""


def draw(waveform: Mapping[str, Any], duration_ms: int) -> Picture:
    """A picture of {"caller": [level...], "agent": [(speaker, start_ms, end_ms)...], "agent_peaks": [level...]}.

    Levels are 0..1 and spread evenly over the whole call; each part may be missing. What is out of range is cut to it.
    """
    clipped = [
        (str(who), max(0, int(start)), min(duration_ms, int(end))) for who, start, end in waveform.get("agent", ())
    ]
    runs = sorted((run for run in clipped if run[1] < run[2]), key=lambda run: run[1])
    caller = _pooled(waveform.get("caller", ()))
    peaks = _pooled(waveform.get("agent_peaks", ()))
    bars: dict[str, list[tuple[int, float]]] = {who: [] for who, _, _ in runs}
    for index in range(BARS):
        start, end = index * duration_ms / BARS, (index + 1) * duration_ms / BARS
        heard = max(runs, key=lambda run: min(end, run[2]) - max(start, run[1]), default=None)
        if heard is not None and min(end, heard[2]) > max(start, heard[1]):
            bars[heard[0]].append((index, peaks[index] if peaks else _FLAT))
    return Picture(
        caller=_path(list(enumerate(caller)), up=True),
        agents=tuple((who, _path(there, up=False)) for who, there in bars.items()),
        hand_overs=tuple(
            (round(WIDTH * after[1] / duration_ms, 1), after[1], after[0])
            for before, after in pairwise(runs)
            if before[0] != after[0]
        ),
    )


def _pooled(levels: Sequence[float]) -> list[float]:
    """The levels as BARS bars, each the loudest of its part; [] stays empty."""
    clipped = [min(1.0, max(0.0, float(level))) if math.isfinite(level) else 0.0 for level in levels]
    if not clipped:
        return []
    size = len(clipped) / BARS
    return [max(clipped[int(i * size) : max(int(i * size) + 1, int((i + 1) * size))]) for i in range(BARS)]


def _path(bars: Sequence[tuple[int, float]], *, up: bool) -> str:
    step = WIDTH / BARS
    parts = []
    for index, level in bars:
        # the square root lifts quiet speech into sight, as loudness does in the ear
        height = max(0.6, (ROW - 4) * math.sqrt(level)) if level > 0 or not up else 0
        if height:
            y = ROW - 1 - height if up else ROW + 1
            parts.append(f"M{index * step + 0.4:.1f} {y:.1f}h{step - 0.8:.2f}v{height:.1f}h-{step - 0.8:.2f}z")
    return "".join(parts)
