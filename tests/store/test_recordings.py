from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from vivavoce.audio.timeline import Segment
from vivavoce.errors import StoreError
from vivavoce.store import Disk, Recorder, export_wav, read_index, waveform
from vivavoce.store.folders import erase_recording
from vivavoce.store.recorder import parts_of
from vivavoce.store.recordings import found_recordings, open_recording


@pytest.fixture
def disk() -> Iterator[Disk]:
    disk = Disk()
    yield disk
    disk.close()


async def record(folder: Path, disk: Disk) -> None:
    """One second of the caller, half a second of silence, one second of the agent."""
    recorder = Recorder(folder, "one", disk=disk)
    recorder.caller(0, np.full(16_000, 8_192, "<i2").tobytes())
    recorder.agent(24_000, np.full(24_000, -16_384, "<i2").tobytes())
    await recorder.close()


async def test_a_wav_holds_both_tracks_and_the_gap(tmp_path: Path, disk: Disk) -> None:
    await record(tmp_path, disk)
    assert export_wav(tmp_path, "one", tmp_path / "call.wav") == 60_000
    with wave.open(str(tmp_path / "call.wav"), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 24_000)
        both = np.frombuffer(file.readframes(60_000), "<i2").reshape(-1, 2)
    assert both.shape == (60_000, 2)
    assert np.abs(both[100:23_900, 0] - 8_192).max() <= 1
    assert not both[24_000:, 0].any()
    assert not both[:36_000, 1].any()
    assert (both[36_000:, 1] == -16_384).all()
    assert not (tmp_path / "call.wav.part").exists()


async def test_a_wav_that_cannot_be_written_is_told(tmp_path: Path, disk: Disk) -> None:
    await record(tmp_path, disk)
    with pytest.raises(StoreError, match="cannot be exported: No such file"):
        export_wav(tmp_path, "one", tmp_path / "no" / "call.wav")


async def test_an_export_that_fails_leaves_no_part_behind(tmp_path: Path, disk: Disk) -> None:
    await record(tmp_path, disk)
    (tmp_path / "call.wav").mkdir()
    with pytest.raises(StoreError, match="cannot be exported: Is a directory"):
        export_wav(tmp_path, "one", tmp_path / "call.wav")
    assert not (tmp_path / "call.wav.part").exists()


async def test_a_waveform_shows_who_spoke_when(tmp_path: Path, disk: Disk) -> None:
    await record(tmp_path, disk)
    peaks = waveform(tmp_path, "one", 5)
    assert peaks["caller"] == pytest.approx([0.25, 0.25, 0.0, 0.0, 0.0], abs=0.05)
    assert peaks["agent"] == pytest.approx([0.0, 0.0, 0.0, 0.5, 0.5], abs=0.05)


def test_a_recording_that_is_not_there_is_told(tmp_path: Path) -> None:
    for read in (read_index, waveform):
        with pytest.raises(StoreError, match="want a recording of call one, got none"):
            read(tmp_path, "one")
    with pytest.raises(StoreError, match="got none"):
        export_wav(tmp_path, "one", tmp_path / "call.wav")
    assert not (tmp_path / "call.wav.part").exists()


def test_an_index_without_its_raw_file_is_told(tmp_path: Path) -> None:
    line = b'{"track":"caller","position":0,"samples":9,"rate_hz":16000,"offset":0}\n'
    (tmp_path / "one.index.jsonl").write_bytes(line)
    with pytest.raises(StoreError, match="cannot be read"):
        waveform(tmp_path, "one")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 400), st.binary(max_size=20))
@example(70, b"")  # all of the first line but its end
def test_a_torn_index_gives_its_whole_lines(tmp_path: Path, size: int, torn: bytes) -> None:
    lines = [
        b'{"track":"caller","position":%d,"samples":9,"rate_hz":16000,"offset":%d}\n' % (n * 100, n * 9)
        for n in range(5)
    ]
    data = b"".join(lines)[:size]
    (tmp_path / "one.index.jsonl").write_bytes(data + torn.replace(b"\n", b""))
    whole = data.count(b"\n")
    assert read_index(tmp_path, "one") == [Segment("caller", n * 100, 9, 16_000, n * 9) for n in range(whole)]


def test_a_line_that_makes_no_sense_does_not_cost_the_others(tmp_path: Path) -> None:
    good = b'{"track":"agent","position":5,"samples":9,"rate_hz":24000,"offset":0}\n'
    bad = b'{"track":"third","position":5,"samples":9,"rate_hz":24000,"offset":0}\n{}\nnull\n'
    (tmp_path / "one.index.jsonl").write_bytes(bad + good)
    assert read_index(tmp_path, "one") == [Segment("agent", 5, 9, 24_000, 0)]


def test_the_last_line_for_a_place_counts(tmp_path: Path) -> None:
    line = b'{"track":"agent","position":5,"samples":%d,"rate_hz":24000,"offset":0}\n'
    (tmp_path / "one.index.jsonl").write_bytes(line % 9 + line % 30 + line % 0)
    assert read_index(tmp_path, "one") == []


async def test_parts_of_several_servers_are_one_recording(tmp_path: Path, disk: Disk) -> None:
    """The second begins while the first believes to have heard more; the third left sound without a line."""
    first, second = Recorder(tmp_path, "one", disk=disk), Recorder(tmp_path, "one", disk=disk)
    first.caller(0, b"\1\0" * 1_000)
    first.agent(500, b"\2\0" * 300)
    await first.close()
    second.caller(800, b"\3\0" * 1_000)
    await second.close()
    (tmp_path / "one.3.agent.pcm").write_bytes(b"\4\0" * 100)
    assert [segment[:3] for segment in read_index(tmp_path, "one")] == [
        ("caller", 0, 800), ("caller", 800, 1_000), ("agent", 500, 300),
    ]  # fmt: skip
    with open_recording(tmp_path, "one") as (segments, read):
        assert [set(read(segment).tolist()) for segment in segments] == [{1}, {3}, {2}]
    rows = found_recordings(tmp_path, "one", reason="why")
    assert [(row.track, row.samples, row.complete, row.reason) for row in rows] == [
        ("caller", 1_800, False, "why"), ("agent", 300, False, "why"),
    ]  # fmt: skip
    assert erase_recording(tmp_path, "one").files == 6
    assert parts_of(tmp_path, "one") == []
