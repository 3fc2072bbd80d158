"""How loud both sides of a recording were, column by column, for a drawing. Blocks: from a loop, use a thread."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vivavoce.audio.levels import FULL_SCALE
from vivavoce.audio.pcm import CALLER_HZ
from vivavoce.audio.timeline import BLOCK_S, TRACKS, Read, Segment, Track
from vivavoce.errors import StoreError
from vivavoce.store.recordings import open_recording

FRAME_S = 0.02
"""Levels are first taken over the shortest frame a browser sends; the gate compares those of 20 to 32 ms."""


def levels(folder: Path | str, call_id: str, columns: int, seconds: float) -> dict[Track, list[float]]:
    """Loudest RMS, 0..1, of each of `columns` equal parts of the first `seconds` of a recording.

    Raises:
        StoreError: there is no recording of this call, or it cannot be read.
        InputError: the id could not be part of a file name.
    """
    found = {track: np.zeros(columns, np.float32) for track in TRACKS}
    try:
        with open_recording(folder, call_id) as (segments, read):
            for segment in segments:
                for start in range(0, segment.samples, BLOCK_S * segment.rate_hz):
                    _measure(
                        found[segment.track], _part(segment, start), read, columns / seconds if seconds > 0 else 0.0
                    )
    except OSError as error:
        raise StoreError(f"the recording of call {call_id} cannot be read: {error.strerror}") from None
    return {track: column.tolist() for track, column in found.items()}


def _part(segment: Segment, start: int) -> Segment:
    """Ten seconds of a run, from `start` on."""
    return segment._replace(
        position=segment.position + start * CALLER_HZ // segment.rate_hz,
        samples=min(BLOCK_S * segment.rate_hz, segment.samples - start),
        offset=segment.offset + start,
    )


def _measure(columns: NDArray[np.float32], part: Segment, read: Read, columns_a_second: float) -> None:
    frame = round(FRAME_S * part.rate_hz)
    pcm = read(part).astype(np.float32) / FULL_SCALE
    whole = len(pcm) // frame
    rms = np.sqrt(np.square(pcm[: whole * frame].reshape(whole, frame)).mean(axis=1))
    places = ((part.position / CALLER_HZ + np.arange(whole) * FRAME_S) * columns_a_second).astype(np.int64)
    inside = places < len(columns)
    np.maximum.at(columns, places[inside], rms[inside])
