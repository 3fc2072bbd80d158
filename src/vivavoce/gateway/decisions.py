"""What a caller decided about recording: the record that is kept with their call."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from vivavoce.conversation import events as ev

MOST = 100
"""Decisions that are kept: people make one or two."""


class Decisions:
    """
    Args:
        channel: where the caller is asked and answers.

    Attributes:
        told: in order: what, when (RFC 3339), where, and upon which version of the text in which language.
    """

    def __init__(self, channel: str = "web") -> None:
        self._channel = channel
        self.told: list[dict[str, str]] = []

    def add(self, event: ev.ConsentDecided, at: float) -> None:
        """
        Args:
            at: seconds since 1970.
        """
        record = {
            "decision": event.decision,
            "text_version": event.text_version,
            "lang": event.lang,
            "channel": self._channel,
        }
        if self.told and self.told[-1].items() >= record.items():
            return  # said twice is decided once
        if len(self.told) == MOST:
            del self.told[1]  # the first and the newest tell the story
        moment = datetime.fromtimestamp(at, UTC)
        self.told.append({**record, "at": moment.isoformat(timespec="milliseconds")})


def told_of(decided: Iterable[tuple[float, ev.ConsentDecided]]) -> list[dict[str, str]]:
    """All that was decided in a call, each with its moment."""
    decisions = Decisions()
    for at, event in decided:
        decisions.add(event, at)
    return decisions.told
