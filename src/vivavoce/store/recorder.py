"""The sound of one call on disk while it runs (O1).

Three files in the recordings folder: `<call>.caller.pcm`, `<call>.agent.pcm` (raw PCM16, appended) and
`<call>.index.jsonl` (one segment a line). Sound is kept in memory for ten seconds of the call, then written: first the
samples, then the lines that speak of them. So what the index says is there, whenever the process dies; at most the last
ten seconds are missing. A segment that grew or was cut gets a new line; the last line for a track and offset counts.

Whoever goes on with a call after another server finds its files there, and begins a second part (`<call>.2.caller.pcm`
and so on) on the same clock: nothing that is there already is touched.

The recorder never raises into the call and never waits for the disk. What fails is its own: it says why, and the call
goes on. Nobody makes a recorder for a caller who did not consent.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
from pathlib import Path

import msgspec
import structlog

from vivavoce.audio.pcm import AGENT_HZ, CALLER_HZ
from vivavoce.audio.timeline import LONGEST_SAMPLES, TRACKS, Segment, Timeline, Track
from vivavoce.errors import InputError, VivaError
from vivavoce.store.disk import Disk, OpenFile, open_file, shared_disk
from vivavoce.store.rows import StoredRecording

FLUSH_SAMPLES = 10 * CALLER_HZ
"""Ten seconds of the microphone clock (O1): a write of 320 to 800 kB a call, and that much at most lost to a crash."""

RATES: dict[Track, int] = {"caller": CALLER_HZ, "agent": AGENT_HZ}

_CALL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_log = structlog.get_logger(__name__)


class RecordingFiles:
    """Where the files of a call lie, those of its first part unless told otherwise.

    Raises:
        InputError: the id could not be part of a file name.
    """

    def __init__(self, folder: Path | str, call_id: str, part: int = 1) -> None:
        if not _CALL_ID.fullmatch(call_id):
            raise InputError("want a call id of 1 to 64 letters, digits, - or _, got something else")
        self.folder = Path(folder)
        name = call_id if part == 1 else f"{call_id}.{part}"
        self.index = self.folder / f"{name}.index.jsonl"
        self.raw: dict[Track, Path] = {track: self.folder / f"{name}.{track}.pcm" for track in TRACKS}

    @property
    def paths(self) -> list[Path]:
        return [self.index, *self.raw.values()]

    @property
    def begun(self) -> bool:
        """Whether anything of this part is there. This blocks."""
        return any(path.exists() for path in self.paths)


def parts_of(folder: Path | str, call_id: str) -> list[RecordingFiles]:
    """The parts of a recording that are there, in order. This blocks.

    Raises:
        InputError: as `RecordingFiles`.
    """
    found: list[RecordingFiles] = []
    while (files := RecordingFiles(folder, call_id, len(found) + 1)).begun:
        found.append(files)
    return found


class Recorder:
    """Takes both tracks of one call, in the order and at the positions they were heard.

    `position` counts samples of the caller's 16 kHz microphone clock for both tracks; overlaps follow `audio.timeline`.
    """

    def __init__(
        self, folder: Path | str, call_id: str, *, disk: Disk | None = None, open_file: OpenFile = open_file
    ) -> None:
        """
        Raises:
            InputError: the id could not be part of a file name.
        """
        self.call_id = call_id
        self.folder = Path(folder)
        self._disk = disk or shared_disk()
        self._writer = _Writer(RecordingFiles(folder, call_id), call_id, open_file)
        self._timeline = Timeline()
        self._pending: dict[Track, list[bytes]] = {track: [] for track in TRACKS}
        self._pending_from: dict[Track, int] = dict.fromkeys(TRACKS, 0)
        self._changed: dict[tuple[Track, int], Segment] = {}
        self._caller_end = -1  # where the microphone's next frame begins, as long as there is no gap
        self._caller_grown = 0  # samples at that end which the timeline does not know of yet
        self._flushed_at = 0
        self._dropped_samples = 0
        self._closed = False

    @property
    def failed(self) -> str | None:
        """Why the recording is not whole; None while it is."""
        if self._writer.failure is not None:
            return self._writer.failure
        return f"{self.dropped_samples} samples dropped" if self.dropped_samples else None

    @property
    def dropped_samples(self) -> int:
        """Samples that came and are on no disk."""
        return self._dropped_samples + self._writer.lost_samples

    def caller(self, position: int, pcm: bytes | bytearray | memoryview) -> None:
        """Record what the microphone heard: PCM16 at 16 kHz from `position` on. Never blocks, never raises."""
        # thirty times a second a frame follows the one before: it is kept, and laid on the timeline with its followers
        if (
            position == self._caller_end <= LONGEST_SAMPLES
            and type(pcm) is bytes
            and len(pcm) % 2 == 0
            and not self._closed
            and self._writer.failure is None
        ):
            samples = len(pcm) // 2
            self._pending["caller"].append(pcm)
            self._caller_grown += samples
            self._caller_end += samples
            if self._caller_end - self._flushed_at >= FLUSH_SAMPLES:
                self.flush()
            return
        self._lay_caller()
        self._add("caller", position, pcm)
        last = self._timeline.last("caller")
        self._caller_end = last.end if last is not None else -1

    def agent(self, position: int, pcm: bytes | bytearray | memoryview) -> None:
        """Record what the agent was heard to say: PCM16 at 24 kHz from `position` on. Never blocks, never raises."""
        self._add("agent", position, pcm)

    def cut_agent(self, position: int) -> None:
        """Take back what was recorded of the agent at `position` and after: it was cut and never heard (V6)."""
        for segment in self._timeline.cut("agent", position):
            self._changed["agent", segment.offset] = segment

    def flush(self) -> None:
        """Hand what is in memory to the disk. Happens by itself every ten seconds of the call."""
        self._lay_caller()
        ends = [run.end for track in TRACKS if (run := self._timeline.last(track)) is not None]
        self._flushed_at = max(ends, default=0)
        if not self._changed:
            return
        parts = {track: (self._pending_from[track], b"".join(self._pending[track])) for track in TRACKS}
        lines = list(self._changed.values())
        size = sum(len(data) for _, data in parts.values())
        if not self._disk.put(lambda: self._writer.write(parts, lines), size):
            # the samples have had their place in the files and leave it silent; what stands where is still told
            self._lose(size // 2, "disk_too_slow")
            self._disk.put(lambda: self._writer.write({}, lines), 0)
        self._changed.clear()
        for track in TRACKS:
            self._pending_from[track] += len(parts[track][1]) // 2
            self._pending[track].clear()

    async def close(self) -> list[StoredRecording]:
        """Write the rest, wait until the disk has it, and say what became of the recording: one row a track."""
        if not self._closed:
            self._closed = True
            self.flush()
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._disk.put(lambda: _tell(loop, done), 0)
        await done
        return self.rows()

    def rows(self) -> list[StoredRecording]:
        """The recording as it stands, one row a track; not complete before it was closed."""
        reason = self.failed or (None if self._closed else "recording")
        return [
            StoredRecording(
                call_id=self.call_id,
                track=track,
                rate_hz=RATES[track],
                samples=self._writer.written[track],
                path=self._writer.files.raw[track].name,
                complete=reason is None,
                reason=reason,
            )
            for track in TRACKS
        ]

    def _add(self, track: Track, position: int, pcm: bytes | bytearray | memoryview) -> None:
        data = bytes(pcm)  # a copy: the socket's buffer is used again
        samples = len(data) // 2
        if self._closed or self._writer.failure is not None:
            self._dropped_samples += samples
            return
        if len(data) % 2:
            self._lose(samples, "odd_bytes")
            return
        try:
            piece = self._timeline.add(track, position, samples, RATES[track])
        except VivaError:
            self._lose(samples, "broken_clock")
            return
        if not piece.samples:
            return
        self._pending[track].append(data[len(data) - 2 * piece.samples :])
        run = self._timeline.last(track)
        assert run is not None, "sound was just laid there"
        self._changed[track, run.offset] = run
        if piece.end - self._flushed_at >= FLUSH_SAMPLES:
            self.flush()

    def _lay_caller(self) -> None:
        grown, self._caller_grown = self._caller_grown, 0
        if grown:
            self._timeline.add("caller", self._caller_end - grown, grown, CALLER_HZ)
            run = self._timeline.last("caller")
            assert run is not None, "sound was just laid there"
            self._changed["caller", run.offset] = run

    def _lose(self, samples: int, why: str) -> None:
        if not self._dropped_samples:
            _log.warning("recording loses sound", call_id=self.call_id, why=why)
        self._dropped_samples += samples


class _Writer:
    """The recorder's half in the disk's thread. After its first failure it writes no more: a full disk stays full."""

    def __init__(self, files: RecordingFiles, call_id: str, open_file: OpenFile) -> None:
        self.failure: str | None = None
        self.lost_samples = 0
        self.written: dict[Track, int] = dict.fromkeys(TRACKS, 0)
        self._call_id = call_id
        self.files = files
        self._open_file = open_file
        self._begun: set[Path] = set()

    def write(self, parts: dict[Track, tuple[int, bytes]], segments: list[Segment]) -> None:
        given = sum(len(data) for _, data in parts.values()) // 2
        if self.failure is not None:
            self.lost_samples += given
            return
        try:
            if not self._begun:
                self.files.folder.mkdir(parents=True, exist_ok=True)
                before = parts_of(self.files.folder, self._call_id)
                self.files = RecordingFiles(self.files.folder, self._call_id, len(before) + 1)
            for track, (offset, data) in parts.items():
                if data:
                    self._put(self.files.raw[track], data, 2 * offset)
                    self.written[track] = offset + len(data) // 2
            lines = b"".join(msgspec.json.encode(segment._asdict()) + b"\n" for segment in segments)
            self._put(self.files.index, lines, None)
        except Exception as error:  # noqa: BLE001  the thread is everybody's: nothing of one recording may end it
            self.failure = _reason(error)
            self.lost_samples += given
            _log.error("recording failed", call_id=self._call_id, reason=self.failure)

    def _put(self, path: Path, data: bytes, offset: int | None) -> None:
        """Write at `offset`, or at the end; a file is made once and never one that was there before."""
        mode = "xb" if path not in self._begun else "ab" if offset is None else "r+b"
        with self._open_file(path, mode) as file:
            self._begun.add(path)
            if offset is not None:
                file.seek(offset)
            file.write(data)


def _reason(error: Exception) -> str:
    """Such as "ENOSPC: No space left on device"; without the path, which is nobody's business."""
    if isinstance(error, OSError):
        return f"{errno.errorcode.get(error.errno or 0, 'EIO')}: {error.strerror or 'disk error'}"
    return type(error).__name__


def _tell(loop: asyncio.AbstractEventLoop, done: asyncio.Future[None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(_resolve, done)


def _resolve(done: asyncio.Future[None]) -> None:
    if not done.done():  # whoever waited may have been cancelled
        done.set_result(None)
