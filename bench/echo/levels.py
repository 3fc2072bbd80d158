"""Where a clean sound holds speech, and how loud it is there."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bench.echo.rooms import Sound

BLOCK = 160
"""Samples that activity is told for: 10 ms."""
BELOW_LOUD_DB = 28.0
"""Speech reaches so far down from its loudest parts."""
CLOSE_BLOCKS = 20
"""A gap of up to 200 ms inside speech is speech."""
CLICK_BLOCKS = 4
"""Less than that alone is none."""


def block_levels(sound: Sound, block: int = BLOCK) -> NDArray[np.float64]:
    """RMS of each whole block."""
    count = sound.size // block
    found: NDArray[np.float64] = np.sqrt((sound[: count * block].reshape(count, block) ** 2).mean(1))
    return found


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where it is true: (first, one past the last) of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def activity(sound: Sound) -> NDArray[np.bool_]:
    """Of a clean sound, whether there is speech in each block of 10 ms."""
    db = 20 * np.log10(block_levels(sound) + 1e-9)
    if db.size == 0:
        return np.zeros(0, bool)
    active: NDArray[np.bool_] = db > np.percentile(db, 97) - BELOW_LOUD_DB
    for first, last in runs(active):
        if last - first < CLICK_BLOCKS:
            active[first:last] = False
    found = runs(active)
    for (_, last), (first, _) in pairwise(found):
        if first - last <= CLOSE_BLOCKS:
            active[last:first] = True
    return active


def speech_level(sound: Sound) -> float:
    """RMS of the blocks that hold speech; 0 when none does."""
    active = activity(sound)
    if not active.any():
        return 0.0
    return float(np.sqrt((block_levels(sound)[active] ** 2).mean()))
