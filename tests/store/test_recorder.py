from __future__ import annotations

import asyncio
import errno
import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from structlog.testing import capture_logs

from vivavoce.audio.pcm import Pcm16, to_bytes
from vivavoce.audio.timeline import Segment
from vivavoce.errors import InputError
from vivavoce.store import Disk, Recorder, read_index
from vivavoce.store.disk import open_file
from vivavoce.store.recordings import open_recording

FRAME = 512


@pytest.fixture
def disk() -> Iterator[Disk]:
    disk = Disk()
    yield disk
    disk.close()


def ramp(samples: int, start: int = 0) -> Pcm16:
    return ((np.arange(samples) + start) % 29_989 + 1).astype(np.int16)


def speak(recorder: Recorder, seconds: float, start: int = 0) -> int:
    """The caller speaks in frames from a position on; the position after it."""
    position = start
    for _ in range(round(seconds * 16_000 / FRAME)):
        recorder.caller(position, to_bytes(ramp(FRAME, position)))
        position += FRAME
    return position


def sound(folder: Path, call_id: str) -> list[tuple[Segment, Pcm16]]:
    with open_recording(folder, call_id) as (segments, read):
        return [(segment, read(segment)) for segment in segments]


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


class FullDisk:
    """Opens files that take `room` bytes in all, then none."""

    def __init__(self, room: int) -> None:
        self.room = room

    def __call__(self, path: Path, mode: str) -> BinaryIO:
        disk = self

        class Limited(io.FileIO):
            def write(self, data: bytes, /) -> int:  # type: ignore[override]
                if len(data) > disk.room:
                    super().write(data[: disk.room])
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
                disk.room -= len(data)
                return super().write(data)

        return Limited(path, mode.replace("b", ""))


class Blocked:
    """Opens files only after `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.opened_in: set[int] = set()

    def __call__(self, path: Path, mode: str) -> BinaryIO:
        self.go.wait()
        self.opened_in.add(threading.get_ident())
        return open_file(path, mode)


async def test_both_tracks_come_back_with_their_gaps(tmp_path: Path, disk: Disk) -> None:
    recorder = Recorder(tmp_path / "recordings", "one", disk=disk)
    recorder.caller(0, to_bytes(ramp(1_000)))
    recorder.caller(1_000, memoryview(to_bytes(ramp(500, 1_000))))
    recorder.agent(1_200, bytearray(to_bytes(ramp(2_400))))
    recorder.caller(4_000, to_bytes(ramp(100)))
    rows = await recorder.close()
    assert [(r.track, r.rate_hz, r.samples, r.path, r.complete, r.reason) for r in rows] == [
        ("caller", 16_000, 1_600, "one.caller.pcm", True, None),
        ("agent", 24_000, 2_400, "one.agent.pcm", True, None),
    ]
    found = sound(tmp_path / "recordings", "one")
    assert [segment for segment, _ in found] == [
        Segment("caller", 0, 1_500, 16_000, 0),
        Segment("caller", 4_000, 100, 16_000, 1_500),
        Segment("agent", 1_200, 2_400, 24_000, 0),
    ]
    for (_, pcm), wanted in zip(found, [ramp(1_500), ramp(100), ramp(2_400)], strict=True):
        assert np.array_equal(pcm, wanted)


async def test_nothing_is_written_before_ten_seconds_and_all_of_it_then(tmp_path: Path, disk: Disk) -> None:
    recorder = Recorder(tmp_path, "one", disk=disk)
    recorder.agent(0, to_bytes(ramp(24_000)))
    position = speak(recorder, 9.9)
    assert names(tmp_path) == []
    speak(recorder, 0.2, position)
    done = threading.Event()
    disk.put(done.set, 0)
    await asyncio.to_thread(done.wait)
    assert [(s.track, s.samples) for s in read_index(tmp_path, "one")] == [("caller", 160_256), ("agent", 24_000)]
    await recorder.close()


async def test_a_long_run_stays_one_segment_over_many_writes(tmp_path: Path, disk: Disk) -> None:
    recorder = Recorder(tmp_path, "one", disk=disk)
    position = speak(recorder, 35.0)
    await recorder.close()
    ((segment, pcm),) = sound(tmp_path, "one")
    assert segment == Segment("caller", 0, position, 16_000, 0)
    assert np.array_equal(pcm, ramp(position))


async def test_a_cut_after_it_was_written_takes_back_what_was_not_heard(tmp_path: Path, disk: Disk) -> None:
    recorder = Recorder(tmp_path, "one", disk=disk)
    recorder.agent(0, to_bytes(ramp(48_000)))
    recorder.flush()
    recorder.cut_agent(16_000)
    recorder.agent(17_000, to_bytes(ramp(100)))
    await recorder.close()
    assert read_index(tmp_path, "one") == [
        Segment("agent", 0, 24_000, 24_000, 0),
        Segment("agent", 17_000, 100, 24_000, 48_000),
    ]


async def test_a_full_disk_marks_its_recording_and_no_other(tmp_path: Path, disk: Disk) -> None:
    full = Recorder(tmp_path, "full", disk=disk, open_file=FullDisk(400_000))
    fine = Recorder(tmp_path, "fine", disk=disk)
    position = speak(full, 11.0)
    speak(fine, 11.0)
    await fine.close()  # the one thread has done what was handed to it before
    assert full.failed is None
    position = speak(full, 11.0, position)
    full.flush()
    rows = await full.close()
    speak(full, 11.0, position)
    assert rows[0].reason == "ENOSPC: No space left on device"
    assert not rows[0].complete
    assert full.dropped_samples > 11 * 16_000
    assert all(row.complete for row in fine.rows())
    ((segment, pcm),) = sound(tmp_path, "full")
    assert np.array_equal(pcm, ramp(segment.samples)), "what was written before can be read"
    assert segment.samples >= 160_000


async def test_a_folder_that_cannot_be_made_is_told_and_the_call_goes_on(tmp_path: Path, disk: Disk) -> None:
    (tmp_path / "file").write_bytes(b"")
    recorder = Recorder(tmp_path / "file" / "recordings", "one", disk=disk)
    speak(recorder, 0.1)
    with capture_logs() as logs:
        rows = await recorder.close()
    assert rows[0].reason == "ENOTDIR: Not a directory"
    assert [entry["reason"] for entry in logs] == ["ENOTDIR: Not a directory"]
    assert str(tmp_path) not in str(logs)


async def test_a_recording_never_overwrites_another(tmp_path: Path, disk: Disk) -> None:
    """Servers that carry a call one after the other write parts of their own."""
    for part in range(3):
        recorder = Recorder(tmp_path, "one", disk=disk)
        recorder.caller(1_000 * part, to_bytes(ramp(100, start=part)))
        rows = await recorder.close()
        assert rows[0].complete
    assert rows[0].path == "one.3.caller.pcm"
    assert sorted(names(tmp_path)) == ["one.2.caller.pcm", "one.2.index.jsonl", "one.3.caller.pcm", "one.3.index.jsonl",
                               "one.caller.pcm", "one.index.jsonl"]  # fmt: skip
    assert [(run.position, pcm.tolist()) for run, pcm in sound(tmp_path, "one")] == [
        (1_000 * part, ramp(100, start=part).tolist()) for part in range(3)
    ]


async def test_two_recorders_at_once_keep_out_of_each_others_files(tmp_path: Path, disk: Disk) -> None:
    """A server that was taken for dead goes on for a moment."""
    stale, own = Recorder(tmp_path, "one", disk=disk), Recorder(tmp_path, "one", disk=disk)
    for recorder, position in ((stale, 0), (own, 200), (stale, 100)):
        recorder.caller(position, to_bytes(ramp(300, start=position)))
        recorder.flush()
    await stale.close()
    await own.close()
    (before, first), (after, second) = sound(tmp_path, "one")
    assert (before.position, before.samples, after.position, after.samples) == (0, 200, 200, 300)
    assert first.tolist() == ramp(200).tolist()
    assert second.tolist() == ramp(300, start=200).tolist()


async def test_a_slow_disk_costs_sound_but_not_its_place(tmp_path: Path) -> None:
    blocked = Blocked()
    disk = Disk(queue_bytes=500_000)
    recorder = Recorder(tmp_path, "one", disk=disk, open_file=blocked)
    position = speak(recorder, 30.0)
    assert recorder.failed == f"{recorder.dropped_samples} samples dropped"
    assert recorder.dropped_samples >= 160_000
    blocked.go.set()
    done = threading.Event()
    disk.put(done.set, 0)
    await asyncio.to_thread(done.wait)
    end = speak(recorder, 5.0, position)
    rows = await recorder.close()
    assert not rows[0].complete
    ((segment, pcm),) = sound(tmp_path, "one")
    assert (segment.position, segment.samples) == (0, end)
    lost = pcm == 0
    assert np.count_nonzero(lost) == recorder.dropped_samples
    assert np.array_equal(pcm[~lost], ramp(end)[~lost])
    disk.close()


async def test_files_are_written_in_one_thread_that_is_not_the_loops(tmp_path: Path, disk: Disk) -> None:
    opened = Blocked()
    opened.go.set()
    recorders = [Recorder(tmp_path, f"call-{n}", disk=disk, open_file=opened) for n in range(5)]
    for recorder in recorders:
        speak(recorder, 0.1)
    await asyncio.gather(*(recorder.close() for recorder in recorders))
    assert len(opened.opened_in) == 1
    assert threading.get_ident() not in opened.opened_in


@pytest.mark.parametrize(
    "bad",
    [
        lambda recorder: recorder.caller(0, b"abc"),
        lambda recorder: recorder.caller(2**63, b"abcd"),
        lambda recorder: recorder.agent(-1, b"abcd"),
    ],
)
async def test_bad_sound_is_counted_and_never_raised(
    bad: Callable[[Recorder], None], tmp_path: Path, disk: Disk
) -> None:
    recorder = Recorder(tmp_path, "one", disk=disk)
    bad(recorder)
    assert recorder.dropped_samples >= 1
    recorder.caller(0, to_bytes(ramp(100)))
    rows = await recorder.close()
    assert rows[0].samples == 100
    assert not rows[0].complete


async def test_a_running_recording_is_not_called_complete(tmp_path: Path, disk: Disk) -> None:
    recorder = Recorder(tmp_path, "one", disk=disk)
    assert [(row.complete, row.reason) for row in recorder.rows()] == [(False, "recording")] * 2
    await recorder.close()
    assert [(row.complete, row.reason) for row in recorder.rows()] == [(True, None)] * 2
    assert names(tmp_path) == [], "nothing said, nothing written"


@pytest.mark.parametrize("call_id", ["", "../one", "a/b", "a b", "x" * 65])
def test_an_id_that_is_no_file_name_is_refused(call_id: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="want a call id"):
        Recorder(tmp_path, call_id)


async def test_what_the_disk_refuses_at_the_end_is_silence_of_its_length(tmp_path: Path) -> None:
    disk = Disk(queue_bytes=100)
    recorder = Recorder(tmp_path, "one", disk=disk)
    recorder.caller(0, to_bytes(ramp(20)))
    recorder.flush()
    recorder.caller(20, to_bytes(ramp(200)))
    rows = await recorder.close()
    assert rows[0].reason == "200 samples dropped"
    ((segment, pcm),) = sound(tmp_path, "one")
    assert segment.samples == 220
    assert np.array_equal(pcm, ramp(20)), "what follows the end of the file is read as silence"
    disk.close()


ENDLESS = """
import itertools, sys, threading
from vivavoce.store import Disk, Recorder
disk = Disk()
recorder = Recorder(sys.argv[1], "one", disk=disk)
for n in itertools.count():
    recorder.caller(n * 512, (n % 29_989 + 1).to_bytes(2, "little") * 512)
    recorder.agent(n * 512, (n % 29_989 + 1).to_bytes(2, "little") * 768)
    if n % 313 == 312:
        written = threading.Event()
        disk.put(written.set, 0)
        written.wait()
    if n == 700:
        print("far enough", flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("more", range(3))
def test_what_the_index_says_is_there_after_a_kill(more: int, tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ENDLESS, str(tmp_path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"far enough\n"
    size = (tmp_path / "one.caller.pcm").stat().st_size
    while (tmp_path / "one.caller.pcm").stat().st_size < size + more * 700_001:
        pass
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    found = sound(tmp_path, "one")
    assert {segment.track for segment, _ in found} == {"caller", "agent"}
    for segment, pcm in found:
        frame = 512 if segment.track == "caller" else 768
        assert len(pcm) == segment.samples
        assert np.array_equal(pcm, np.arange(len(pcm)) // frame % 29_989 + 1)
