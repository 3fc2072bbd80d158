"""What was said, as it was heard: what a model is told that knows nothing of it, or not the end of it.

A model is told a few turns, the newest. What is not answered yet does not count among them: who types line after line
while no model is there must not push what was talked about before out of what the next one is told.
"""

from __future__ import annotations

MAX_UNANSWERED = 16
"""Turns of the caller without an answer that are kept beside the answered ones. Not tuned."""


class Said:
    """
    Args:
        most: turns that are told.

    Attributes:
        newest: the agent's newest turn.
    """

    def __init__(self, most: int) -> None:
        self.newest = 0
        self._most = most
        self._turns: dict[int, tuple[str, str]] = {}  # by number
        self._unanswered: set[int] = set()  # turns of the caller since the last reply
        self._replies: dict[int, tuple[str, str]] = {}  # on their way: who speaks, and the words so far

    @property
    def on_its_way(self) -> bool:
        """Whether a reply is there that has not been heard to its end."""
        return bool(self._replies)

    @property
    def asks(self) -> bool:
        """Whether a turn of the caller has no answer."""
        return bool(self._unanswered)

    # -------------------------------------------------------------------------------------------- what happens

    def asked(self, turn: int, text: str) -> None:
        """The caller's turn, as understood so far."""
        self._unanswered.add(turn)
        self.heard(turn, "caller", text)

    def heard(self, turn: int, who: str, text: str) -> None:
        if text or turn in self._turns:
            self._turns[turn] = (who, text)
        answered = sorted(self._turns.keys() - self._unanswered)
        for number in answered[: -self._most]:
            del self._turns[number]
        for number in sorted(self._unanswered)[:-MAX_UNANSWERED]:
            self._unanswered.discard(number)
            self._turns.pop(number, None)

    def reply_began(self, reply: int, speaker: str) -> None:
        self._unanswered.clear()
        self._replies[reply] = (speaker, "")

    def reply_worded(self, reply: int, text: str) -> None:
        if (words := self._replies.get(reply)) is not None:
            self._replies[reply] = (words[0], text)

    def reply_over(self, reply: int) -> None:
        self._replies.pop(reply, None)

    # -------------------------------------------------------------------------------------------- what is told

    def told(self, *, fresh: bool, since: int = 0) -> list[tuple[str, str]]:
        """The newest turns after `since`, as (who, text). `fresh`: to a link that is new. What is not answered yet goes
        to it again as sound or text (told twice it would be answered twice), and what has come and is not heard yet
        will be.
        """
        left = self._unanswered if fresh else frozenset[int]()
        turns = [said for turn, said in sorted(self._turns.items()) if turn > since and turn not in left][-self._most :]
        if fresh and self.newest > since:
            turns += [(who, text.strip()) for who, text in self._replies.values() if text.strip()]
        return turns
