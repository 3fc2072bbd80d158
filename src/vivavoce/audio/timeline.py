"""Two tracks on one line: what the caller said and what of the agent was heard, with the silences between them.

Positions are samples of the caller's 16 kHz microphone clock, which counts through gaps, for both tracks. A track is a
list of segments: unbroken runs, each with its place on the line and its place in the track's raw file. Every run is
placed by its own position, never by the length of what came before it: nothing adds up, the tracks never drift apart.

Overlap: a track never says two things at once.
- caller: samples at a position already laid are the same samples sent again; they are dropped.
- agent: what comes too early waits its turn, as it does in a loudspeaker; it is laid where the track ends.
A gap of less than one microphone sample is no gap: 24 kHz audio ends between two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vivavoce.audio.pcm import AGENT_HZ, CALLER_HZ, Pcm16
from vivavoce.audio.resample import Resampler
from vivavoce.errors import AudioShapeError

Track: TypeAlias = Literal["caller", "agent"]
TRACKS: tuple[Track, Track] = ("caller", "agent")
"""In this order in a stereo file: caller left, agent right (O1)."""

LONGEST_SAMPLES = 12 * 3600 * CALLER_HZ
"""Twelve hours, the most a stereo WAV at 24 kHz holds (4 GiB). Beyond it is a broken clock, not a long call."""

BLOCK_S = 10
"""Seconds rendered at a time: 35 minutes at once would take 200 MB, a block takes 1 MB."""


class Segment(NamedTuple):
    """An unbroken run of one track.

    Attributes:
        position: where it begins, in samples of the 16 kHz microphone clock.
        samples: its length at its own rate.
        rate_hz: that rate.
        offset: where it begins in the track's raw file, in samples.
    """

    track: Track
    position: int
    samples: int
    rate_hz: int
    offset: int

    @property
    def end(self) -> int:
        """First free position after it, rounded up to a whole microphone sample."""
        return self.position - (-self.samples * CALLER_HZ // self.rate_hz)

    def until(self, position: int) -> Segment:
        """What of it lies before a position; nothing is left of one that begins there."""
        keep = max(0, position - self.position) * self.rate_hz // CALLER_HZ
        return self._replace(samples=min(self.samples, keep))


Read: TypeAlias = Callable[[Segment], Pcm16]
"""Samples of a segment or of a part of one. Fewer than asked (a torn file) are followed by silence."""


class Timeline:
    """Lays audio on two tracks as it comes."""

    def __init__(self) -> None:
        self._laid: dict[Track, list[Segment]] = {"caller": [], "agent": []}
        self._samples: dict[Track, int] = {"caller": 0, "agent": 0}

    @property
    def segments(self) -> list[Segment]:
        """All runs, caller first, each track in order."""
        return [segment for track in TRACKS for segment in self._laid[track]]

    def last(self, track: Track) -> Segment | None:
        """The run at the end of a track, the only one that can still grow."""
        return self._laid[track][-1] if self._laid[track] else None

    def add(self, track: Track, position: int, samples: int, rate_hz: int) -> Segment:
        """Lay `samples` that begin at `position`.

        Returns:
            what was laid: the last `samples` of those given, to be appended to the raw file. Shorter than given,
            perhaps empty, where the caller's samples were there already.
        Raises:
            AudioShapeError: a negative number, no rate, or a position beyond twelve hours.
        """
        if position < 0 or samples < 0 or rate_hz < 1:
            raise AudioShapeError(f"want position, samples >= 0 at 1 Hz or more, got {position}, {samples}, {rate_hz}")
        if position > LONGEST_SAMPLES:
            raise AudioShapeError(f"want a position within twelve hours, got {position}")
        last = self.last(track)
        if last is not None and position < last.end:
            if track == "caller":
                samples -= min(samples, (last.end - position) * rate_hz // CALLER_HZ)
            position = last.end
        piece = Segment(track, position, samples, rate_hz, self._samples[track])
        self._samples[track] += samples
        if last is not None and _continues(piece, last):
            self._laid[track][-1] = last._replace(samples=last.samples + samples)
        elif samples:
            self._laid[track].append(piece)
        return piece

    def cut(self, track: Track, position: int) -> list[Segment]:
        """Take back what lies at `position` and after: it was laid ahead and never heard (V6).

        The raw file keeps its bytes; nothing refers to them any more.

        Returns:
            the runs that changed, in order, with their new lengths; one cut whole has none.
        """
        changed = [segment.until(position) for segment in self._laid[track] if segment.end > position]
        kept = [segment for segment in self._laid[track] if segment.end <= position]
        self._laid[track] = kept + [segment for segment in changed if segment.samples]
        return changed


def _continues(piece: Segment, last: Segment) -> bool:
    """No gap on the line, none in the file (a cut leaves one), the same rate."""
    follows = piece.position == last.end and piece.offset == last.offset + last.samples
    return follows and piece.rate_hz == last.rate_hz


def render_blocks(segments: Sequence[Segment], read: Read, rate_hz: int = AGENT_HZ) -> Iterator[NDArray[np.int16]]:
    """The whole line from position 0, in blocks of shape (n, 2), ten seconds each but for the last; gaps are zeros."""
    sides = [_Side([s for s in segments if s.track == track], read, rate_hz) for track in TRACKS]
    left = max(side.length for side in sides)
    while left > 0:
        block = np.zeros((min(left, BLOCK_S * rate_hz), 2), np.int16)
        for column, side in enumerate(sides):
            side.fill(block[:, column])
        yield block
        left -= len(block)


def render(segments: Sequence[Segment], read: Read, rate_hz: int = AGENT_HZ) -> NDArray[np.int16]:
    """The whole line at once, shape (n, 2): caller left, agent right; 5.8 MB a minute at 24 kHz."""
    blocks = list(render_blocks(segments, read, rate_hz))
    return np.concatenate(blocks) if blocks else np.zeros((0, 2), np.int16)


class _Side:
    """One track at the rate of the rendering, asked for block by block."""

    def __init__(self, segments: Sequence[Segment], read: Read, rate_hz: int) -> None:
        runs = sorted(segments, key=lambda segment: segment.position)
        starts = [run.position * rate_hz // CALLER_HZ for run in runs]
        # a run may end one sample into the next by rounding, or anywhere in a foreign list: the next one's place counts
        limits = [following - start for start, following in pairwise(starts)]
        lengths = [_length(run, rate_hz) for run in runs]
        lengths[: len(limits)] = map(min, lengths, limits)
        self.length = starts[-1] + lengths[-1] if runs else 0
        self._chunks = _chunks(zip(runs, starts, lengths, strict=True), read, rate_hz)
        self._pending: tuple[int, Pcm16] | None = next(self._chunks, None)
        self._at = 0

    def fill(self, block: NDArray[np.int16]) -> None:
        """Write what sounds during the next len(block) samples into `block`, which holds zeros."""
        until = self._at + len(block)
        while self._pending is not None and self._pending[0] < until:
            start, pcm = self._pending
            now = pcm[: until - start]
            block[start - self._at : start - self._at + len(now)] = now
            later = pcm[len(now) :]
            self._pending = (start + len(now), later) if len(later) else next(self._chunks, None)
        self._at = until


def _length(segment: Segment, rate_hz: int) -> int:
    """Samples at another rate, rounded half up as the resampler does."""
    return (2 * segment.samples * rate_hz + segment.rate_hz) // (2 * segment.rate_hz)


def _chunks(runs: Iterable[tuple[Segment, int, int]], read: Read, rate_hz: int) -> Iterator[tuple[int, Pcm16]]:
    for run, start, length in runs:
        at, end = start, start + length
        for pcm in _sound(run, read, rate_hz):
            part = pcm[: end - at]
            yield at, part
            at += len(part)


def _sound(run: Segment, read: Read, rate_hz: int) -> Iterator[Pcm16]:
    resampler = Resampler(run.rate_hz, rate_hz, quality="HQ")
    step = BLOCK_S * run.rate_hz
    for start in range(0, run.samples, step):
        place = run.position + start * CALLER_HZ // run.rate_hz
        part = run._replace(position=place, samples=min(step, run.samples - start), offset=run.offset + start)
        pcm = read(part)[: part.samples]
        yield resampler.push(np.pad(pcm, (0, part.samples - len(pcm))))
    yield resampler.finish()
