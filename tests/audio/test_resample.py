from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.audio.pcm import Pcm16
from vivavoce.audio.resample import Resampler, resample
from vivavoce.errors import AudioShapeError

RATES = st.sampled_from([8_000, 16_000, 22_050, 24_000, 44_100, 48_000])


def noise(samples: int) -> Pcm16:
    return np.random.default_rng(7).integers(-20_000, 20_000, samples).astype(np.int16)


def tone(samples: int, rate_hz: int) -> Pcm16:
    return np.round(10_000 * np.sin(np.arange(samples) * 2 * np.pi * 440 / rate_hz)).astype(np.int16)


@settings(deadline=None)
@given(st.lists(st.integers(0, 1_500), max_size=12), RATES, RATES)
def test_chunks_together_are_what_the_whole_is(sizes: list[int], from_hz: int, to_hz: int) -> None:
    pcm = noise(sum(sizes))
    resampler = Resampler(from_hz, to_hz)
    out, start = [], 0
    for size in sizes:
        out.append(resampler.push(pcm[start : start + size]))
        start += size
    together = np.concatenate([*out, resampler.finish()])

    one = Resampler(from_hz, to_hz)
    whole = np.concatenate([one.push(pcm), one.finish()])
    for made in (together, resample(pcm, from_hz, to_hz)):
        assert abs(len(made) * from_hz - len(pcm) * to_hz) * 2 <= from_hz, "the nearest; of a half either"
    assert np.array_equal(together, whole)


@pytest.mark.parametrize(("from_hz", "to_hz"), [(16_000, 24_000), (24_000, 16_000), (48_000, 16_000), (24_000, 48_000)])
def test_the_live_path_lags_by_at_most_26_ms(from_hz: int, to_hz: int) -> None:
    resampler = Resampler(from_hz, to_hz)
    out, behind = 0, 0
    for given_in in range(1, from_hz // 2):
        out += len(resampler.push(noise(1)))
        behind = max(behind, given_in * to_hz // from_hz - out)
    assert behind <= to_hz * 26 // 1_000


def test_a_tone_stays_the_tone_at_its_place() -> None:
    there = resample(tone(16_000, 16_000), 16_000, 24_000)
    difference = there.astype(int) - tone(24_000, 24_000)
    assert np.abs(difference[500:-500]).max() <= 20, "0.2 % of the tone"


def test_a_full_scale_square_does_not_wrap_around() -> None:
    square = np.where(np.arange(4_000) % 200 < 100, 32_767, -32_768).astype(np.int16)
    there = resample(square, 16_000, 24_000)
    assert there[75] > 30_000
    assert there[225] < -30_000
    assert np.abs(np.diff(there[10:140].astype(int))).max() < 20_000


def test_the_same_rate_changes_nothing() -> None:
    pcm = noise(100)
    same = Resampler(16_000, 16_000)
    assert np.array_equal(same.push(pcm), pcm)
    assert same.finish().size == 0


def test_after_finish_it_is_as_new() -> None:
    resampler = Resampler(24_000, 16_000)
    first = np.concatenate([resampler.push(noise(3_000)), resampler.finish()])
    second = np.concatenate([resampler.push(noise(3_000)), resampler.finish()])
    assert np.array_equal(first, second)


@pytest.mark.parametrize("pcm", [np.zeros((2, 2), np.int16), np.zeros(4, np.float32)])
def test_other_arrays_are_refused(pcm: np.ndarray) -> None:
    with pytest.raises(AudioShapeError, match=r"want \(n,\) int16"):
        Resampler(16_000, 24_000).push(pcm)


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(AudioShapeError, match="at least 1 Hz"):
        Resampler(0, 24_000)
