"""Turns in which nothing was said are counted, those that owe nothing are not."""

from __future__ import annotations

import pytest

from vivavoce.conversation import events as ev
from vivavoce.gateway.tally import Tally

ENDED = ev.TurnEnded(1)


@pytest.mark.conformance("C28")
def test_turns_without_a_sound_are_counted() -> None:
    tally = Tally()
    tally.observe(ENDED)  # nothing at all
    tally.sound(bytes(960))  # silence for sound
    tally.observe(ENDED)
    tally.sound(bytes(960))
    tally.sound(b"\x01\x00" * 480)
    tally.sound(bytes(960))
    tally.observe(ENDED)  # spoken
    assert (tally.turns, tally.mute_turns) == (3, 2)


@pytest.mark.parametrize("event", [ev.ToolCalled(1, "a", "note", {}), ev.Interrupted(1)])
def test_a_turn_that_owes_no_sound(event: ev.Event) -> None:
    tally = Tally()
    tally.observe(event)
    tally.observe(ENDED)
    assert tally.mute_turns == 0
    tally.observe(ev.TurnEnded(1, more=True))
    assert tally.mute_turns == 0
    tally.observe(ENDED)
    assert tally.mute_turns == 1, "and every turn begins anew"
