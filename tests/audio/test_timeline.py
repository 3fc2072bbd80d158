from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.audio.pcm import Pcm16
from vivavoce.audio.timeline import LONGEST_SAMPLES, Segment, Timeline, Track, render, render_blocks
from vivavoce.errors import AudioShapeError

CHUNKS = st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 2_000)), max_size=15)
"""(position minus the end of the chunk before, plus 1,000; samples)"""


class Tape:
    """A timeline with its two raw files in memory."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.raw: dict[Track, Pcm16] = {"caller": np.zeros(0, np.int16), "agent": np.zeros(0, np.int16)}

    def add(self, track: Track, position: int, pcm: Pcm16, rate_hz: int | None = None) -> Segment:
        piece = self.timeline.add(track, position, len(pcm), rate_hz or (16_000 if track == "caller" else 24_000))
        assert piece.offset == len(self.raw[track])
        self.raw[track] = np.concatenate([self.raw[track], pcm[len(pcm) - piece.samples :]])
        return piece

    def read(self, segment: Segment) -> Pcm16:
        return self.raw[segment.track][segment.offset : segment.offset + segment.samples]

    def render(self, rate_hz: int = 24_000) -> np.ndarray:
        return render(self.timeline.segments, self.read, rate_hz)


def ramp(samples: int, start: int = 1) -> Pcm16:
    return ((np.arange(samples) + start) % 29_989 + 1).astype(np.int16)


@given(CHUNKS)
def test_caller_sound_stands_at_its_position_and_the_first_to_come_stays(chunks: list[tuple[int, int]]) -> None:
    tape = Tape()
    line = np.zeros(200_000, np.int16)
    end = 0
    for number, (ahead, samples) in enumerate(chunks, 1):
        position = max(0, end + ahead - 1_000)
        pcm = np.full(samples, number, np.int16)
        tape.add("caller", position, pcm)
        if samples and position + samples > end:
            line[max(position, end) : position + samples] = number
            end = position + samples
    assert np.array_equal(tape.render(16_000)[:, 0], line[:end])


@given(CHUNKS)
def test_agent_sound_is_never_lost_and_gaps_are_kept_to_the_sample(chunks: list[tuple[int, int]]) -> None:
    tape = Tape()
    line = np.zeros(400_000, np.int16)
    end = 0  # in halves of a 48 kHz sample: 24 kHz samples times two
    for number, (ahead, samples) in enumerate(chunks, 1):
        position = max(0, -(-end // 3) + ahead - 1_000)
        tape.add("agent", position, np.full(samples, number, np.int16))
        if samples:
            start = end // 2 if position * 3 <= end + 2 else position * 3 // 2
            line[start : start + samples] = number
            end = (end if position * 3 <= end + 2 else position * 3) + samples * 2
    out = tape.render(24_000)[:, 1]
    assert np.count_nonzero(out) >= sum(n for _, n in chunks) - len(chunks), "rounding takes at most a sample per run"
    assert len(out) == end // 2
    assert np.array_equal(out, line[: len(out)])


def test_thirty_five_minutes_of_odd_chunks_do_not_drift() -> None:
    rng = np.random.default_rng(11)
    tape = Timeline()
    caller_at, agent_heard, minutes = 0, 0, 35
    end = minutes * 60 * 16_000
    while caller_at < end:
        samples = int(rng.integers(1, 4_001))
        tape.add("caller", caller_at, samples, 16_000)
        caller_at += samples
    while agent_heard * 2 // 3 < end:
        samples = int(rng.integers(1, 6_001))
        tape.add("agent", agent_heard * 2 // 3, samples, 24_000)
        agent_heard += samples
    runs = tape.segments
    assert [(run.track, run.position, run.offset) for run in runs] == [("caller", 0, 0), ("agent", 0, 0)]
    assert runs[0].samples == caller_at
    assert runs[1].samples == agent_heard


def test_markers_in_broken_tracks_stay_together_over_thirty_five_minutes() -> None:
    """Every minute both tracks click at the same position; between the clicks lie chunks and gaps of odd sizes."""
    rng = np.random.default_rng(3)
    timeline = Timeline()
    clicks: dict[Track, set[int]] = {"caller": set(), "agent": set()}
    rates: dict[Track, int] = {"caller": 16_000, "agent": 24_000}
    for track, rate_hz in rates.items():
        for minute in range(35):
            at = minute * 960_000
            clicks[track].add(timeline.add(track, at, 240, rate_hz).offset)
            at += 5_003
            while at < (minute + 1) * 960_000 - 90_000:
                timeline.add(track, at, int(rng.integers(1, 60_000)), rate_hz)
                at += int(rng.integers(1, 40_000)) + 40_000

    def read(segment: Segment) -> Pcm16:
        return np.full(segment.samples, 20_000 if segment.offset in clicks[segment.track] else 0, np.int16)

    heard: dict[int, list[int]] = {0: [], 1: []}
    at = 0
    for block in render_blocks(timeline.segments, read, 16_000):
        for side in (0, 1):
            loud = np.flatnonzero(block[:, side] > 10_000)
            heard[side] += [at + int(i) for i in loud[:1]]
        at += len(block)
    assert heard[0] == [minute * 960_000 for minute in range(35)]
    assert all(abs(a - b) <= 1 for a, b in zip(*heard.values(), strict=True))


def test_a_gap_is_silence_of_its_exact_length() -> None:
    tape = Tape()
    tape.add("caller", 160, ramp(100))
    tape.add("caller", 261, ramp(100))
    out = tape.render(16_000)
    assert out.shape == (361, 2)
    assert not out[:160].any()
    assert out[259, 0]
    assert not out[260, 0]
    assert out[261, 0]
    assert not out[:, 1].any()


def test_a_run_is_resampled_as_one_sound_whatever_its_chunks() -> None:
    sine = np.round(10_000 * np.sin(np.arange(16_000) * 2 * np.pi * 440 / 16_000)).astype(np.int16)
    tape = Tape()
    for start in range(0, 16_000, 333):
        tape.add("caller", 4_000 + start, sine[start : start + 333])
    out = tape.render(24_000)[:, 0]
    wanted = 10_000 * np.sin(np.arange(24_000) * 2 * np.pi * 440 / 24_000)
    assert len(out) == 30_000
    assert np.abs(out[6_500:29_500] - wanted[500:23_500]).max() <= 20


def test_blocks_join_to_the_whole_across_a_long_run() -> None:
    tape = Tape()
    tape.add("caller", 7, ramp(16_000 * 21))
    tape.add("agent", 16_000 * 12, ramp(24_000 * 11))
    blocks = list(render_blocks(tape.timeline.segments, tape.read))
    assert [len(block) for block in blocks] == [240_000, 240_000, 72_000]
    assert np.array_equal(np.concatenate(blocks)[288_000:, 1], ramp(24_000 * 11))
    assert np.array_equal(np.concatenate(blocks), tape.render())


def test_a_cut_takes_back_what_was_laid_ahead() -> None:
    tape = Tape()
    tape.add("agent", 0, ramp(24_000))
    changed = tape.timeline.cut("agent", 8_000)
    assert changed == [Segment("agent", 0, 12_000, 24_000, 0)]
    tape.add("agent", 9_000, np.full(300, 77, np.int16))
    out = tape.render()[:, 1]
    assert np.array_equal(out[:12_000], ramp(12_000))
    assert not out[12_000:13_500].any()
    assert (out[13_500:] == 77).all()
    assert len(out) == 13_800


def test_a_cut_may_take_a_run_whole_and_touches_no_other_track() -> None:
    tape = Tape()
    tape.add("caller", 0, ramp(16_000))
    tape.add("agent", 1_000, ramp(240))
    tape.add("agent", 9_000, ramp(240))
    assert tape.timeline.cut("agent", 5_000) == [Segment("agent", 9_000, 0, 24_000, 240)]
    assert [s.samples for s in tape.timeline.segments] == [16_000, 240]
    assert tape.timeline.cut("agent", 5_000) == []


def test_right_after_a_cut_sound_goes_on_from_another_place_in_the_file() -> None:
    tape = Tape()
    tape.add("agent", 0, ramp(2_400))
    tape.timeline.cut("agent", 800)
    tape.add("agent", 800, np.full(600, 5, np.int16))
    assert [(s.position, s.samples, s.offset) for s in tape.timeline.segments] == [(0, 1_200, 0), (800, 600, 2_400)]
    assert (tape.render()[1_200:, 1] == 5).all()


def test_a_torn_file_is_silence_where_it_ends() -> None:
    out = render([Segment("caller", 0, 100, 16_000, 0)], lambda _: ramp(40), 16_000)
    assert np.array_equal(out[:40, 0], ramp(40))
    assert not out[40:].any()


def test_a_track_may_change_its_rate() -> None:
    tape = Tape()
    tape.add("agent", 0, ramp(2_400), 24_000)
    tape.add("agent", 1_600, ramp(4_800), 48_000)
    assert len(tape.timeline.segments) == 2
    assert len(tape.render()) == 4_800


def test_runs_of_a_foreign_list_that_overlap_stand_where_they_begin() -> None:
    runs = [Segment("caller", 0, 200_000, 16_000, 0), Segment("caller", 100_000, 100_000, 16_000, 200_000)]
    out = render(runs, lambda part: np.full(part.samples, 1 + part.offset // 200_000, np.int16), 16_000)[:, 0]
    assert (out[:100_000] == 1).all()
    assert (out[100_000:] == 2).all()
    assert len(out) == 200_000


def test_nothing_renders_to_nothing() -> None:
    assert render([], lambda _: ramp(1)).shape == (0, 2)


@pytest.mark.parametrize(
    "add",
    [
        lambda t: t.add("caller", -1, 10, 16_000),
        lambda t: t.add("caller", 0, -10, 16_000),
        lambda t: t.add("caller", 0, 10, 0),
        lambda t: t.add("caller", LONGEST_SAMPLES + 1, 10, 16_000),
        lambda t: t.add("caller", 2**63, 10, 16_000),
    ],
)
def test_a_broken_clock_is_refused(add: Callable[[Timeline], Segment]) -> None:
    timeline = Timeline()
    with pytest.raises(AudioShapeError, match="want"):
        add(timeline)
    assert timeline.segments == []


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["add", "cut"]), st.integers(0, 5_000), st.integers(0, 3_000)), max_size=30))
def test_runs_never_overlap_nor_share_samples(steps: list[tuple[str, int, int]]) -> None:
    timeline = Timeline()
    for kind, position, samples in steps:
        if kind == "add":
            timeline.add("agent", position, samples, 24_000)
        else:
            timeline.cut("agent", position)
            assert all(run.end <= position for run in timeline.segments)
    runs = timeline.segments
    for one, other in pairwise(runs):
        assert other.position >= one.end
        assert other.offset >= one.offset + one.samples
