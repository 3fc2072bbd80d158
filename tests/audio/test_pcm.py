from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.audio.pcm import from_bytes, to_bytes
from vivavoce.errors import AudioShapeError


@given(st.binary(max_size=400))
def test_bytes_come_back_or_are_refused(data: bytes) -> None:
    if len(data) % 2:
        with pytest.raises(AudioShapeError, match="even number of bytes"):
            from_bytes(data)
        return
    pcm = from_bytes(data)
    assert pcm.dtype == np.int16
    assert pcm.shape == (len(data) // 2,)
    assert to_bytes(pcm) == data


def test_samples_are_little_endian_and_signed() -> None:
    assert from_bytes(b"\x01\x00\x00\x80").tolist() == [1, -32_768]


def test_a_view_into_a_frame_is_read_without_its_header() -> None:
    frame = memoryview(b"\xff" * 16 + b"\x02\x00\x03\x00")
    assert from_bytes(frame[16:]).tolist() == [2, 3]


def test_an_odd_view_is_refused() -> None:
    with pytest.raises(AudioShapeError, match="got 3"):
        from_bytes(memoryview(b"abc"))


@pytest.mark.parametrize("pcm", [np.zeros((2, 2), np.int16), np.zeros(4, np.float32)])
def test_other_arrays_are_refused(pcm: np.ndarray) -> None:
    with pytest.raises(AudioShapeError, match=r"want \(n,\) int16"):
        to_bytes(pcm)
