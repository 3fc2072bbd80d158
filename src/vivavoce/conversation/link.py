"""How the link to the live model stands.

The table below is the whole rule; a pair that is not in it changes nothing. A *cue* is what an event comes to by the
counts of `tries`: a close is a mere loss, or the one too many. `diagram()` draws the table for the docs.
"""

from __future__ import annotations

from enum import StrEnum


class Link(StrEnum):
    NONE = "none"
    """Nobody has joined."""
    DIALLING = "dialling"
    UP = "up"
    WAITING = "waiting"
    """The service has enough of us: it is dialled again after a while, and the caller knows."""
    CUT_OFF = "cut_off"
    """It was tried in vain: the call goes on by text, and is dialled for now and then."""
    GIVEN_UP = "given_up"


class Cue(StrEnum):
    JOINED = "the caller joined"
    OPENED = "the model took the setup"
    LEFT = "we leave for another link"
    LOST = "it is lost"
    SPENT = "it is lost, and no try is left"
    BUSY = "the service has no more for us now"
    REFUSED = "the service will never have us"
    OVER = "it was tried for long enough"


NEXT: dict[tuple[Link, Cue], Link] = {
    (Link.NONE, Cue.JOINED): Link.DIALLING,
    (Link.DIALLING, Cue.OPENED): Link.UP,
    (Link.DIALLING, Cue.LEFT): Link.DIALLING,  # what is being opened has the wrong voice
    (Link.DIALLING, Cue.LOST): Link.DIALLING,
    (Link.DIALLING, Cue.SPENT): Link.CUT_OFF,
    (Link.DIALLING, Cue.BUSY): Link.WAITING,
    (Link.DIALLING, Cue.REFUSED): Link.GIVEN_UP,
    (Link.DIALLING, Cue.OVER): Link.GIVEN_UP,
    (Link.UP, Cue.LEFT): Link.DIALLING,
    (Link.UP, Cue.LOST): Link.DIALLING,
    (Link.UP, Cue.SPENT): Link.CUT_OFF,
    (Link.UP, Cue.BUSY): Link.WAITING,
    (Link.UP, Cue.REFUSED): Link.GIVEN_UP,
    (Link.UP, Cue.OVER): Link.GIVEN_UP,
    (Link.WAITING, Cue.OPENED): Link.UP,
    (Link.WAITING, Cue.LEFT): Link.WAITING,
    (Link.WAITING, Cue.LOST): Link.DIALLING,
    (Link.WAITING, Cue.SPENT): Link.CUT_OFF,
    (Link.WAITING, Cue.BUSY): Link.WAITING,
    (Link.WAITING, Cue.REFUSED): Link.GIVEN_UP,
    (Link.WAITING, Cue.OVER): Link.GIVEN_UP,
    (Link.CUT_OFF, Cue.OPENED): Link.UP,
    (Link.CUT_OFF, Cue.LEFT): Link.CUT_OFF,
    (Link.CUT_OFF, Cue.LOST): Link.CUT_OFF,
    (Link.CUT_OFF, Cue.SPENT): Link.CUT_OFF,
    (Link.CUT_OFF, Cue.BUSY): Link.CUT_OFF,  # only the next try is later
    (Link.CUT_OFF, Cue.REFUSED): Link.GIVEN_UP,
    (Link.CUT_OFF, Cue.OVER): Link.GIVEN_UP,
}


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {Link.NONE.value}"]
    lines += [f"    {link.value} --> {after.value}: {cue.value}" for (link, cue), after in NEXT.items()]
    return "\n".join(lines) + "\n"
