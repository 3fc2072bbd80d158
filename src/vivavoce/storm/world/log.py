"""What a server has written down of its call."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from vivavoce.conversation import effects as fx
from vivavoce.conversation import events as ev
from vivavoce.conversation.log import Entry, encode_effects, encode_event

T = TypeVar("T")
Log = list[tuple[float, ev.Event, tuple[fx.Effect, ...]]]

WRITTEN_AFTER_S = 0.05
"""Commits of all calls are grouped (architecture, section 4): what is younger dies with the server."""


def written(log: Log) -> list[Entry]:
    """The log as the store has it."""
    return [
        Entry(seq, at, encode_event(event), encode_effects(effects)) for seq, (at, event, effects) in enumerate(log)
    ]


def done(work: Coroutine[Any, Any, T]) -> T:
    """What comes of work that only lets others go first: here there are none."""
    while True:
        try:
            work.send(None)
        except StopIteration as end:
            result: T = end.value
            return result
