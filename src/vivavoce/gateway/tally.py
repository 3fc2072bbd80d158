"""What a link was like, counted for the log: turns, turns without a sound, messages that were not understood."""

from __future__ import annotations

from vivavoce.conversation import events as ev


class Tally:
    """Counts the turns of one link. Live models are known to end turns with no sound, or with digital silence for
    sound; a turn that called a tool, was cut, or goes on in another one owes none.
    """

    def __init__(self) -> None:
        self.turns = 0
        self.mute_turns = 0
        self._sounded = False
        self._excused = False

    def sound(self, pcm: bytes) -> None:
        """A chunk of the model's sound."""
        if not self._sounded:
            self._sounded = pcm.count(0) < len(pcm)

    def observe(self, event: ev.Event) -> None:
        match event:
            case ev.ToolCalled() | ev.Interrupted():
                self._excused = True
            case ev.TurnEnded(more=more):
                self.turns += 1
                self.mute_turns += not (self._sounded or self._excused or more)
                self._sounded = self._excused = False
