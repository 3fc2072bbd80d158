"""How long the model has owed an answer.

Only time in which nobody speaks counts, and what is asked meanwhile does not begin it anew: who hears nothing asks
again and again, and a dead link must be noticed all the same. The newest question only gets the moment that any answer
takes. A pause shorter than that is one to think, and no waiting. Reminders are at an end as soon as they would have
been in silence.
"""

from __future__ import annotations

from vivavoce.conversation.settings import ConversationSettings

MOMENT = 0.5
"""Of `answer_within_s`: live models answer in 0.5 to 4 s, and that is 8 s."""


class Owed:
    """
    Attributes:
        reminded: how often the model was reminded in a row.
    """

    def __init__(self, settings: ConversationSettings) -> None:
        self._within_s = settings.answer_within_s
        self._nudges = settings.nudges
        self._moment_s = MOMENT * settings.answer_within_s
        self._waited_s = 0.0  # since the last reminder, before the wait that goes on
        self._since: float | None = None  # None while nobody is waited for
        self._quiet_since = 0.0
        self._reminded_at: float | None = None  # for the first time since the model did anything
        self._asked_at = 0.0
        self.reminded = 0

    def ask(self, now: float) -> None:
        """An answer is owed, from now on or still."""
        self._asked_at = now
        if self._since is None:
            self._since = self._quiet_since = now

    def pause(self, now: float) -> None:
        """Somebody speaks."""
        if self._since is not None and now - self._quiet_since >= self._moment_s:
            self._waited_s += now - self._since
        self._since = None

    def begin_anew(self, now: float) -> None:
        """The model did something, or could not be expected to."""
        self._waited_s = 0.0
        self._reminded_at = None
        if self._since is not None:
            self._since = self._asked_at = now

    def remind(self, now: float) -> bool:
        """Count a reminder; False when there were enough of them."""
        self.reminded += 1
        self._waited_s = 0.0
        self._since = now
        if self._reminded_at is None:
            self._reminded_at = now
        return self.reminded <= self._nudges and now - self._reminded_at < self._nudges * self._within_s

    def settle(self) -> None:
        """Nothing is owed any more."""
        self._waited_s, self._since, self._reminded_at = 0.0, None, None

    def answered(self) -> None:
        self.settle()
        self.reminded = 0

    def waited_s(self, now: float) -> float:
        return self._waited_s + (now - self._since if self._since is not None else 0.0)

    def due_at(self) -> float | None:
        """When it is overdue."""
        if self._since is None:
            return None
        return max(self._since + self._within_s - self._waited_s, self._asked_at + self._moment_s)
