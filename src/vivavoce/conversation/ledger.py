"""Tokens of a call, counted by an observer: it listens to the same events and can change nothing.

Usage is told per turn and must be added; the parts of a turn need not add up to its total (measured of the service), so
totals are never derived from parts.
"""

from __future__ import annotations

from vivavoce.conversation.events import Event, UsageReported


class Ledger:
    def __init__(self) -> None:
        self.prompt = 0
        self.response = 0
        self.total = 0
        self.turns = 0
        self.modalities: dict[str, int] = {}

    def observe(self, event: Event) -> None:
        if not isinstance(event, UsageReported):
            return
        self.turns += 1
        self.prompt += max(0, event.prompt)
        self.response += max(0, event.response)
        self.total += max(0, event.total)
        for name, tokens in event.modalities:
            self.modalities[name] = self.modalities.get(name, 0) + max(0, tokens)

    def as_dict(self) -> dict[str, int]:
        return {
            "turns": self.turns,
            "prompt": self.prompt,
            "response": self.response,
            "total": self.total,
            **dict(sorted(self.modalities.items())),
        }
