from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.audio.levels import dbfs, peaks, rms
from vivavoce.audio.pcm import from_bytes
from vivavoce.errors import InputError


def test_silence_and_nothing_have_no_level() -> None:
    assert rms(np.zeros(512, np.int16)) == 0.0
    assert rms(np.zeros(0, np.int16)) == 0.0
    assert dbfs(0.0) == -120.0
    assert dbfs(1e-12) == -120.0


def test_a_full_scale_square_wave_is_0_dbfs_and_a_sine_3_below() -> None:
    square = np.full(512, -32_768, np.int16)
    sine = np.round(32_767 * np.sin(np.arange(16_000) * 2 * np.pi * 100 / 16_000)).astype(np.int16)
    assert dbfs(rms(square)) == pytest.approx(0.0)
    assert dbfs(rms(sine)) == pytest.approx(-3.01, abs=0.01)


@given(st.binary(max_size=2_000).map(lambda data: data[: len(data) // 2 * 2]))
def test_level_lies_in_0_to_1(data: bytes) -> None:
    assert 0.0 <= rms(from_bytes(data)) <= 1.0


@given(st.binary(max_size=2_000).map(lambda data: data[: len(data) // 2 * 2]), st.integers(1, 300))
def test_peaks_are_as_many_as_asked_and_hold_the_loudest_sample(data: bytes, buckets: int) -> None:
    pcm = from_bytes(data)
    found = peaks(pcm, buckets)
    assert len(found) == buckets
    loudest = np.abs(pcm.astype(np.int32)).max(initial=0) / 32_768
    assert max(found) == pytest.approx(loudest, abs=1e-9)
    assert min(found) >= 0.0


def test_peaks_stand_where_the_sound_is() -> None:
    pcm = np.zeros(1_000, np.int16)
    pcm[250] = -32_768
    assert peaks(pcm, 4) == [0.0, 1.0, 0.0, 0.0]


def test_peaks_of_no_bucket_are_refused() -> None:
    with pytest.raises(InputError, match="at least one bucket"):
        peaks(np.zeros(1, np.int16), 0)
