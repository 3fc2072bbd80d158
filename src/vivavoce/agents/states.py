"""The states a field goes through in a call, and what a condition sees of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple


class FactState(StrEnum):
    """How far a field has come. `REFUSED` closes it: nobody asks again."""

    UNASKED = "unasked"
    ASKED = "asked"
    VAGUE = "vague"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    REFUSED = "refused"

    @property
    def given(self) -> bool:
        """There is a value to work with."""
        return self in (FactState.ANSWERED, FactState.CONFIRMED)

    @property
    def closed(self) -> bool:
        """Nobody needs to ask any more."""
        return self.given or self is FactState.REFUSED


class FactView(NamedTuple):
    """What a condition may know of a fact."""

    state: FactState
    value: Any = None
