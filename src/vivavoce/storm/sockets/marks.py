"""Sound that says where it comes from: three numbers in the lowest bits of a frame, which nobody hears."""

from __future__ import annotations

from typing import NamedTuple

from vivavoce.guests.load import stamp, stamped_at

_MINOR_BITS, _MAJOR_BITS, _CALL_BITS = 24, 20, 12


class Mark(NamedTuple):
    """Of a caller: which of their utterances (0: none, they are quiet) and which frame of the microphone. Of the model:
    which of its replies and which chunk of it.
    """

    call: int
    major: int
    minor: int


def marked(pcm: bytes, mark: Mark) -> bytes:
    """PCM16 of at least 64 samples with a mark in the lowest bits of the first 64."""
    bits = (_CALL_BITS, _MAJOR_BITS, _MINOR_BITS)
    assert all(number < 1 << size for number, size in zip(mark, bits, strict=True)), mark
    return stamp(pcm, (mark.call << _MAJOR_BITS | mark.major) << _MINOR_BITS | mark.minor)


def mark_of(pcm: bytes) -> Mark | None:
    """The mark of PCM16; None for sound without one, such as silence that stands for a frame held back."""
    value = stamped_at(pcm)
    if value is None:
        return None
    rest, minor = divmod(value, 1 << _MINOR_BITS)
    call, major = divmod(rest, 1 << _MAJOR_BITS)
    return Mark(call, major, minor)
