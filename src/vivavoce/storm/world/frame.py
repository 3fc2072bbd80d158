"""A frame of the caller's microphone: where it lies on their clock, and which words are in it."""

from __future__ import annotations

from typing import NamedTuple


class Frame(NamedTuple):
    position: int
    samples: int
    utterance: int = 0
    """0: nobody speaks."""
    part: int = 0
    """Which frame of the utterance it is."""
    loud: bool = False
