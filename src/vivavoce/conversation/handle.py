"""From where a lost talk with the model can be taken up again.

The service gives out handles as the talk goes on. Only one that is resumable counts, the newest wins, and while a tool
runs none is believed: who resumes from there waits for an answer that nobody can give. That there is no new one erases
none.
"""

from __future__ import annotations

from vivavoce.conversation import events as ev

HANDLE_LAG_S = 0.5
"""A handle was made a while before it comes: what went to the service meanwhile is not in it. Who resumes says this
much twice rather than not at all. Not tuned."""
AT_ONCE_S = 0.05
"""What comes closer together than this may have waited together on a line that stood still. Not tuned."""
CALLER_HZ = 16_000
# A session that cannot be resumed twice, though nobody says that its handle is dead, is not worth the third of three
# tries (reference gemini-live, 5 no. 1: 1011 on resumption, again and again).
FAILURES = 2


class Handle:
    """The newest usable handle, none at first.

    Attributes:
        number: of the handle; None when there is none.
        at: how far the caller's audio had been sent when it was made, at the least.
        since: the newest turn of the talk that the model knows who resumes from here.
        fresh: it was made after the last turn, so that nothing is lost by resuming now.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self.at = 0
        self.since = 0
        self.fresh = False
        self._failures = 0
        self._passed_over = 0  # the newest that was not believed
        self._came_at = self._before = 0.0  # when something came over the link, and when before that

    def opened(self, now: float) -> None:
        """A link is up."""
        self.spoiled()
        self._came_at = self._before = now

    def came(self, now: float) -> None:
        """Something came over the link."""
        if now - self._came_at > AT_ONCE_S:
            self._before = self._came_at
        self._came_at = now

    def issued(self, event: ev.HandleIssued, since: int, now: float) -> float:
        """A handle came; the session time at which it was made, at the earliest. On a line that stands still it waits
        with all the rest, so it may be as old as what came before the pause.
        """
        self.came(now)
        lag_s = max(HANDLE_LAG_S, now - self._before)
        self.fresh = event.resumable
        if event.resumable:
            self.number, self.since = event.handle, since
            self.at = max(0, event.at - round(lag_s * CALLER_HZ))
            self._failures = 0
        return now - lag_s

    def passed_over(self, event: ev.HandleIssued) -> None:
        """A handle came that is not to be believed."""
        if event.resumable:
            self._passed_over = event.handle

    def recovered(self, number: int) -> None:
        """All that is left of the handles of a server that is gone is this one, 0 for none. One that the log does not
        know, or not as the newest, has heard nothing for all that can be told; one that was passed over stays so.
        """
        if number != self.number:
            self.give_up()
            if number != self._passed_over:
                self.number = number or None

    def spoiled(self) -> None:
        """A turn has begun that it does not know."""
        self.fresh = False

    def refused(self, kind: str) -> bool:
        """A link that was resumed from it is lost, by a close of this class, before it was of any use; whether the
        handle is given up by that.
        """
        match kind:
            case "quota":
                return False
            case "transient":
                self._failures += 1
                if self._failures < FAILURES:
                    return False
            case _:
                pass  # some services refuse a handle in the words for any bad request
        self.give_up()
        return True

    def worked(self) -> None:
        self._failures = 0

    def give_up(self) -> None:
        self.number = None
        self.at = self.since = self._failures = 0
        self.fresh = False
