"""When to leave a link that works for another one: before the service hangs up, for another voice, for another pace.

Three things tell that a link is coming to its end, and any of them may fail to come: the service says so (goAway), it
is as old as links become, it is closed. The best moment is one in which nobody speaks, no tool runs, and a handle is at
hand that knows everything; the deadline does not wait for it.
"""

from __future__ import annotations

from vivavoce.conversation.machine import earliest
from vivavoce.conversation.settings import ConversationSettings

# Leave this long before the announced end, so that the new link is up in time.
GO_AWAY_MARGIN_S = 3.0
PACE_AGAIN_S = 20.0
"""A link is replaced for another pace this often at most: who plays with the switch must not have links dialled without
end. Gate and fallbacks of ours follow at once all the same."""


class Rotation:
    """
    Attributes:
        to: speaker of the next link, when another one is wanted.
    """

    def __init__(self, settings: ConversationSettings) -> None:
        self._settings = settings
        self.to: str | None = None
        self._switch_by: float | None = None
        self._leave_by: float | None = None
        self._leaving = ""  # why any quiet moment will do
        self._stale = False  # opened for another pace than the one in force
        self._stay_until = 0.0  # that is no reason to replace it before
        self._floor_open = True
        self._more = False  # the model goes on by itself: a pause between its turns is no quiet moment
        self._errands: set[int] = set()

    def wake_at(self) -> float | None:
        return earliest(self._switch_by, self._leave_by)

    @property
    def tool_runs(self) -> bool:
        return bool(self._errands)

    # -------------------------------------------------------------------------------------------- what happens

    def dialled(self) -> None:
        self._stale = False

    def opened(self, now: float) -> None:
        self._leave_by = now + self._settings.link_age_s
        self._leaving = ""
        self._more = False

    def gone(self) -> str | None:
        """There is no link to leave any more; the speaker of the next one, if the switch to them was due."""
        self._leave_by = self._switch_by = None
        to, self.to = self.to, None
        return to

    def go_away(self, left_s: float, now: float) -> None:
        self._leaving = "go_away"
        self._leave_by = now + max(0.0, left_s - GO_AWAY_MARGIN_S)

    def switch(self, speaker: str, now: float) -> None:
        self.to = speaker
        self._switch_by = now + self._settings.handle_within_s

    def pace_changed(self) -> None:
        self._stale = True

    def floor_changed(self, turn: str) -> None:
        self._floor_open = turn == "open"

    def turn_ended(self, *, more: bool) -> None:
        self._more = more

    def errand_began(self, errand: int) -> None:
        self._errands.add(errand)

    def errand_settled(self, errand: int) -> None:
        self._errands.discard(errand)

    # -------------------------------------------------------------------------------------------- when to leave

    def due(self, now: float, *, fresh: bool) -> str:
        """Why the link is to be left now, "" when it is not. `fresh`: a handle is at hand that knows everything."""
        if self.to is not None and fresh:
            return "switch"
        if not (fresh and self._floor_open and not self._more and not self._errands):
            return ""
        if self._stale and not self._leaving and now >= self._stay_until:
            return "pace"
        return self._leaving

    def overdue(self, now: float) -> str:
        """As `due`, for deadlines, which take any moment."""
        if self._switch_by is not None and now >= self._switch_by:
            return "switch"
        if self._leave_by is None or now < self._leave_by:
            return ""
        if self._leaving:
            return "deadline"
        # the link is old: from now on any quiet moment will do, and the next deadline is hard
        self._leaving = "age"
        self._leave_by = now + self._settings.wrap_up_s / 2
        return ""

    def left(self, now: float) -> str | None:
        """The link is left; the speaker of the next one, if that is another."""
        if self._stale:
            self._stay_until = now + PACE_AGAIN_S
        return self.gone()
