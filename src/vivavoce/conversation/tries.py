"""How often a link was tried in vain, and how long to wait before the next try.

Counts are forgotten only after a link has carried for a while: forgotten as soon as one opens, peers of ours redialled
for ever, at full speed, against a service that drops each link after a second. That the model is not there at all is
forgotten sooner: with the first of its turns that is whole, on a link that is not just up.
"""

from __future__ import annotations

from vivavoce.conversation.link import Cue
from vivavoce.conversation.settings import ConversationSettings

STAYS_S = 2.0
"""A link that lasts for less is none to talk over, whatever came over it. Not tuned."""


class Tries:
    """
    Attributes:
        lost: links lost in a row.
        waits: how often in a row the service was waited for.
        cut_off_at: since when the call goes on by text, None while it need not.
    """

    def __init__(self, settings: ConversationSettings) -> None:
        self._settings = settings
        self.lost = 0
        self.waits = 0
        self.cut_off_at: float | None = None
        self._opened_at: float | None = None
        self._replied = False  # something of a reply came over the link that is up

    def opened(self, now: float) -> None:
        self._opened_at = now
        self._replied = False

    def replied(self, *, speech: bool = True) -> None:
        self._replied = speech

    def turn_ended(self, now: float) -> None:
        """The model's turn is whole: it is there, however often its links are lost."""
        if self._replied and self._opened_at is not None and now - self._opened_at >= STAYS_S:
            self.cut_off_at = None

    def carried(self, now: float) -> None:
        """A link that was up is lost or left: if it carried for long enough, the counts begin anew."""
        self.spoke(now)
        self._opened_at = None

    def spoke(self, now: float) -> None:
        """The model was heard on the link that is up."""
        if self._opened_at is not None and now - self._opened_at >= self._settings.healthy_after_s:
            self.lost = self.waits = 0
            self.cut_off_at = None

    def mute(self) -> None:
        """The link that is up carries nothing: a model that does not speak is not well, however long it is silent."""
        self._opened_at = None

    def count(self, kind: str, now: float) -> Cue:
        """What a close of this class comes to."""
        match kind:
            case "fatal":
                return Cue.REFUSED
            case "quota":
                self.waits += 1
                return Cue.BUSY if self.waits <= self._settings.quota_waits else Cue.OVER
            case _:
                self.lost += 1
        if self.lost <= self._settings.redials:
            return Cue.LOST
        if self.cut_off_at is None:
            self.cut_off_at = now
        return Cue.OVER if now >= self.cut_off_at + self._settings.cut_off_for_s else Cue.SPENT

    def pause(self, cue: Cue) -> tuple[float, float]:
        """Seconds to wait before the next try, and the range of the jitter upon them."""
        settings = self._settings
        if cue is Cue.BUSY:
            return settings.quota_wait_s, settings.quota_jitter_s
        if cue is Cue.SPENT:
            return settings.cut_off_again_s, settings.redial_jitter_s
        after_s = settings.redial_step_s * (self.lost - 1) if self.lost else 0.0
        return after_s, settings.redial_jitter_s if after_s else 0.0
