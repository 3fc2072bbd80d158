"""From where a lost talk with the model can be taken up again.

The service gives out handles as the talk goes on. Only one that is resumable counts, the newest wins, and while a tool
runs none is believed: who resumes from there waits for an answer that nobody can give. That there is no new one erases
none.
"""

from __future__ import annotations

from vivavoce.conversation import events as ev

# A session that cannot be resumed twice, though nobody says that its handle is dead, is not worth the third of three
# tries (reference gemini-live, 5 no. 1: 1011 on resumption, again and again).
FAILURES = 2


class Handle:
    """The newest usable handle, none at first.

    Attributes:
        number: of the handle; None when there is none.
        at: how far the caller's audio had been sent when it was made.
        since: the newest turn of the talk that the model knows who resumes from here.
        fresh: it was made after the last turn, so that nothing is lost by resuming now.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self.at = 0
        self.since = 0
        self.fresh = False
        self._failures = 0

    def issued(self, event: ev.HandleIssued, since: int) -> None:
        self.fresh = event.resumable
        if event.resumable:
            self.number, self.at, self.since = event.handle, event.at, since
            self._failures = 0

    def recovered(self, number: int) -> None:
        """All that is left of the handles of a server that is gone is this one, 0 for none. One that the log does not
        know, or not as the newest, has heard nothing for all that can be told.
        """
        if number != self.number:
            self.give_up()
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
