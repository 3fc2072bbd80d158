"""Recordings read back: what the index says, a stereo file, a waveform. These block: from a loop, use a thread."""

from __future__ import annotations

import contextlib
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec
import numpy as np
import structlog

from vivavoce.audio.levels import peaks
from vivavoce.audio.pcm import AGENT_HZ, Pcm16, from_bytes
from vivavoce.audio.timeline import TRACKS, Read, Segment, Track, render_blocks
from vivavoce.errors import StoreError
from vivavoce.store.recorder import RecordingFiles, parts_of
from vivavoce.store.rows import StoredRecording

WAVEFORM_HZ = 16_000
COLUMN_SAMPLES = 160
"""Peaks are first taken over 10 ms, the width of a pixel in a drawing of 20 s."""

_log = structlog.get_logger(__name__)


class _Line(msgspec.Struct, frozen=True):
    track: Track
    position: int
    samples: int
    rate_hz: int
    offset: int


def read_index(folder: Path | str, call_id: str) -> list[Segment]:
    """Segments of a recording, caller first, each track in order; those of a recording still running or cut off, too.

    Raises:
        StoreError: there is no recording of this call, or it cannot be read.
        InputError: the id could not be part of a file name.
    """
    segments, _ = _read_parts(folder, call_id)
    return segments


class _Raw(NamedTuple):
    """The sound of one part and track: what a segment's offset means, where the parts are laid end to end."""

    offset: int
    path: Path


def _read_parts(folder: Path | str, call_id: str) -> tuple[list[Segment], dict[Track, list[_Raw]]]:
    """Segments of all parts on one clock, and where their sound lies. Where a part begins, those before it end: what
    the server that went on with the call has heard counts.
    """
    parts = parts_of(folder, call_id)
    if not any(files.index.exists() for files in parts):
        raise StoreError(f"want a recording of call {call_id}, got none")
    found: dict[Track, list[Segment]] = {track: [] for track in TRACKS}
    raws: dict[Track, list[_Raw]] = {track: [] for track in TRACKS}
    try:
        for files in parts:
            segments = _read_index(files.index, call_id)
            for track in TRACKS:
                offset = raws[track][-1].offset + _samples(raws[track][-1].path) if raws[track] else 0
                own = [segment for segment in segments if segment.track == track]
                if own:
                    ended = [segment.until(own[0].position) for segment in found[track]]
                    found[track] = [segment for segment in ended if segment.samples]
                found[track] += [segment._replace(offset=offset + segment.offset) for segment in own]
                raws[track].append(_Raw(offset, files.raw[track]))
    except OSError as error:
        raise StoreError(f"the recording of call {call_id} cannot be read: {error.strerror}") from None
    return [segment for track in TRACKS for segment in found[track]], raws


def _samples(path: Path) -> int:
    return path.stat().st_size // 2 if path.exists() else 0


def _read_index(path: Path, call_id: str) -> list[Segment]:
    if not path.exists():  # a part that was cut off before its first line
        return []
    lines = path.read_bytes().split(b"\n")
    found: dict[tuple[Track, int], Segment] = {}
    unread = 0
    for line in lines[:-1]:  # what follows the last line end is a line torn by a crash, or nothing
        try:
            entry = msgspec.json.decode(line, type=_Line)
        except msgspec.MsgspecError:
            unread += 1
            continue
        found[entry.track, entry.offset] = Segment(*msgspec.structs.astuple(entry))
    if unread:
        _log.warning("lines of an index cannot be read", call_id=call_id, lines=unread)
    ordered = sorted(found.values(), key=lambda segment: (TRACKS.index(segment.track), segment.position))
    return [segment for segment in ordered if segment.samples > 0]


@contextlib.contextmanager
def open_recording(folder: Path | str, call_id: str) -> Iterator[tuple[list[Segment], Read]]:
    """The segments of a recording and a function that reads one, or a part of one.

    Raises:
        StoreError, InputError: as `read_index`.
    """
    segments, raws = _read_parts(folder, call_id)
    with contextlib.ExitStack() as stack:
        files: dict[Path, BinaryIO] = {}

        def read(segment: Segment) -> Pcm16:
            raw = next(raw for raw in reversed(raws[segment.track]) if raw.offset <= segment.offset)
            if (file := files.get(raw.path)) is None:
                file = files[raw.path] = stack.enter_context(raw.path.open("rb"))
            file.seek(2 * (segment.offset - raw.offset))
            data = file.read(2 * segment.samples)
            return from_bytes(data[: len(data) // 2 * 2])

        yield segments, read


def export_wav(folder: Path | str, call_id: str, path: Path | str) -> int:
    """Write a recording as a stereo WAV: caller left, agent right, 24 kHz, with the true gaps (O1).

    The file appears under its name when it is whole. Ten seconds are held in memory at a time.

    Returns:
        its length in samples of 24 kHz.
    Raises:
        StoreError: there is no recording of this call, or a file cannot be read or written.
        InputError: the id could not be part of a file name.
    """
    target = Path(path)
    part = target.with_name(target.name + ".part")
    samples = 0
    try:
        # the file is opened here: wave leaves half an object behind when it cannot open one
        with open_recording(folder, call_id) as (segments, read), part.open("wb") as file, wave.open(file, "wb") as out:
            out.setnchannels(2)
            out.setsampwidth(2)
            out.setframerate(AGENT_HZ)
            for block in render_blocks(segments, read, AGENT_HZ):
                out.writeframesraw(block.astype("<i2", copy=False).tobytes())
                samples += len(block)
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"the recording of call {call_id} cannot be exported: {error.strerror}") from None
    return samples


def waveform(folder: Path | str, call_id: str, buckets: int = 1_000) -> dict[Track, list[float]]:
    """Peaks of both tracks over the whole call, 0..1, `buckets` equal stretches each; for drawing.

    Raises:
        StoreError: there is no recording of this call, or it cannot be read.
        InputError: no bucket, or the id could not be part of a file name.
    """
    columns: list[np.ndarray[tuple[int, int], np.dtype[np.int16]]] = []
    try:
        with open_recording(folder, call_id) as (segments, read):
            for block in render_blocks(segments, read, WAVEFORM_HZ):
                starts = np.arange(0, len(block), COLUMN_SAMPLES)
                # of -32768 the negative does not fit; one step less is nothing in a drawing
                loud = np.abs(np.maximum(block, -32_767))
                columns.append(np.maximum.reduceat(loud, starts, axis=0))
    except OSError as error:
        raise StoreError(f"the recording of call {call_id} cannot be read: {error.strerror}") from None
    both = np.concatenate(columns) if columns else np.zeros((0, 2), np.int16)
    return {track: peaks(both[:, side], buckets) for side, track in enumerate(TRACKS)}


def found_recordings(
    folder: Path | str, call_id: str, *, reason: str = "the server was killed"
) -> list[StoredRecording]:
    """Rows for a recording that was cut off before it was closed, with all its parts, one a track; nothing when there
    is none.

    Args:
        reason: why it is not complete.
    Raises:
        InputError: the id could not be part of a file name.
    """
    try:
        segments = read_index(folder, call_id)
    except StoreError:
        return []
    files = RecordingFiles(folder, call_id)
    rows = []
    for track in TRACKS:
        runs = [segment for segment in segments if segment.track == track]
        if runs:
            rows.append(
                StoredRecording(
                    call_id=call_id,
                    track=track,
                    rate_hz=runs[0].rate_hz,
                    samples=sum(segment.samples for segment in runs),
                    path=files.raw[track].name,
                    complete=False,
                    reason=reason,
                )
            )
    return rows
