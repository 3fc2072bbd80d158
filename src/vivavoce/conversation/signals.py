"""What one machine of a conversation tells the others. They never leave the room and are never logged: they follow from
the events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Signal:
    """Base of all signals."""


# presence
@dataclass(frozen=True, slots=True)
class CallerAway(Signal):
    """The caller's socket is lost: nobody hears, nobody speaks."""


@dataclass(frozen=True, slots=True)
class CallerBack(Signal):
    """They are back, and have heard so much of a reply (samples at 24 kHz, microphone clock then)."""

    reply: int
    samples: int
    at: int


@dataclass(frozen=True, slots=True)
class CallerGone(Signal):
    """They did not come back in time."""


# playout
@dataclass(frozen=True, slots=True)
class ReplyBegan(Signal):
    """The first sound (or, in a silent turn, the words) of a reply is here."""

    reply: int
    speaker: str


@dataclass(frozen=True, slots=True)
class ReplyWorded(Signal):
    """The words of a reply so far, as generated."""

    reply: int
    text: str


@dataclass(frozen=True, slots=True)
class ReplySounded(Signal):
    """The caller has heard this much of a reply: samples at 24 kHz, microphone clock now."""

    reply: int
    samples: int
    at: int


@dataclass(frozen=True, slots=True)
class ReplyHeard(Signal):
    """Played to its end."""

    reply: int
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class ReplyStopped(Signal):
    """Cut; `text` is what was heard of it."""

    reply: int
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class PlayoutEmptied(Signal):
    """Nothing is left to be heard."""


@dataclass(frozen=True, slots=True)
class RestOwed(Signal):
    """What was heard to its end is not all: the model broke off in the middle, because it heard the caller."""


@dataclass(frozen=True, slots=True)
class SpeechDoubted(Signal):
    """The caller's machine hears somebody over the reply that is being heard."""


# medium
@dataclass(frozen=True, slots=True)
class ModeTaken(Signal):
    """From now on the agent is heard, or read."""

    mode: str


# patience
@dataclass(frozen=True, slots=True)
class PaceTaken(Signal):
    """Another length of a pause is in force."""


# floor
@dataclass(frozen=True, slots=True)
class FloorChanged(Signal):
    turn: str
    holder: str


@dataclass(frozen=True, slots=True)
class HoldDecided(Signal):
    pass


@dataclass(frozen=True, slots=True)
class ResumeDecided(Signal):
    pass


@dataclass(frozen=True, slots=True)
class CutDecided(Signal):
    pass


@dataclass(frozen=True, slots=True)
class SpeechConfirmed(Signal):
    """Speech over the agent went on for longer than a cough."""


@dataclass(frozen=True, slots=True)
class SpokenOver(Signal):
    """Somebody speaks, or spoke, over the agent, for longer than a cough or so that the model heard it too: was it
    meant?
    """


@dataclass(frozen=True, slots=True)
class DoubtPassed(Signal):
    """Nobody else heard what the caller's machine thought it heard."""


@dataclass(frozen=True, slots=True)
class StillSpeaking(Signal):
    """The gate has not heard the end of the caller's speech."""


# backchannel
@dataclass(frozen=True, slots=True)
class SpeechMeant(Signal):
    """What is said over the agent is meant: the caller wants to speak. `why` is a word of `cut` in `remarks`."""

    why: str


@dataclass(frozen=True, slots=True)
class SpeechDismissed(Signal):
    """What was said over the agent asks for nothing. `why` is a word of `resumed` in `remarks`."""

    why: str


# turns
@dataclass(frozen=True, slots=True)
class TurnBegan(Signal):
    """A turn of the talk has its number from now on; `who` is "caller" or a speaker."""

    turn: int
    who: str


@dataclass(frozen=True, slots=True)
class CallerSaid(Signal):
    """The caller's turn as understood so far."""

    turn: int
    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class AgentSaid(Signal):
    """A reply became a turn of the talk: what was heard of it."""

    turn: int
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class AnswerOverdue(Signal):
    """The model owes an answer and does not give it. `why` is a word of `reminded` in `remarks`."""

    nudge: bool
    why: str = "no_answer"


@dataclass(frozen=True, slots=True)
class LinkSuspected(Signal):
    """The link is up and of no use: its model makes no speech any more. `why` is a word of `suspected` in `remarks`."""

    why: str


@dataclass(frozen=True, slots=True)
class SentenceBroken(Signal):
    """The model's turn ended in the middle of a sentence, and nobody interrupted it."""


@dataclass(frozen=True, slots=True)
class ReturnTaken(Signal):
    """All have taken in that a caller who was away for long is back: is there anything they will hear?"""


# lifeline and cast
@dataclass(frozen=True, slots=True)
class LinkReady(Signal):
    """A link carries the talk. `resumed`: the model still knows it; `first`: there was no talk before; `unplanned`: the
    old link broke off what the model was saying, or about to say. A resumed model knows the turns up to `since` and
    none after it.
    """

    link: int
    speaker: str
    resumed: bool
    first: bool
    unplanned: bool
    since: int = 0


@dataclass(frozen=True, slots=True)
class ResendDue(Signal):
    """Now the caller's unheard words, once all others have told the model what it must know; `behind`: so often it lets
    them go first.
    """

    behind: int = 0


@dataclass(frozen=True, slots=True)
class HandleTaken(Signal):
    """From now on the talk can be resumed from here: the model will know what it was told by `made_at`."""

    made_at: float


@dataclass(frozen=True, slots=True)
class LinkBusy(Signal):
    """The service has no more for us at the moment; it is dialled again after a while. `first`: of several times."""

    speaker: str
    first: bool


@dataclass(frozen=True, slots=True)
class VoiceLost(Signal):
    """No link can be had for now: the call goes on by text until one can. `first`: of several times."""

    speaker: str
    first: bool


@dataclass(frozen=True, slots=True)
class LinkLost(Signal):
    """The link that carried the talk is gone, or is being left."""

    link: int


@dataclass(frozen=True, slots=True)
class SwitchWanted(Signal):
    speaker: str


@dataclass(frozen=True, slots=True)
class SpeakerTook(Signal):
    speaker: str
    previous: str


# errands
@dataclass(frozen=True, slots=True)
class NoteAsked(Signal):
    errand: int
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HandOverAsked(Signal):
    errand: int
    to: str


@dataclass(frozen=True, slots=True)
class EndAsked(Signal):
    errand: int
    reason: str


@dataclass(frozen=True, slots=True)
class ErrandDone(Signal):
    """One of our own machines has dealt with an errand."""

    errand: int
    response: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ErrandBegan(Signal):
    """A tool runs outside."""

    errand: int
    name: str


@dataclass(frozen=True, slots=True)
class ErrandSettled(Signal):
    """Answered, cancelled or given up."""

    errand: int


@dataclass(frozen=True, slots=True)
class TellModel(Signal):
    """Text for the model as soon as a link is up."""

    text: str


@dataclass(frozen=True, slots=True)
class ModelAsked(Signal):
    """The model has been given text and owes an answer. `to_go_on`: no new one, but the rest of what it was saying."""

    to_go_on: bool = False


# facts
@dataclass(frozen=True, slots=True)
class FactChanged(Signal):
    field: str
    state: str
    value: Any


@dataclass(frozen=True, slots=True)
class CorrectionTaken(Signal):
    """The caller has set a fact by hand, or taken it back; the model does not know yet."""


# fillers and closing
@dataclass(frozen=True, slots=True)
class FillerGranted(Signal):
    """A prepared phrase may be heard. One that `waits` is heard behind what is being heard; `last_words` do so and are
    not cut.
    """

    chunk: int
    samples: int
    last_words: bool
    waits: bool = False


@dataclass(frozen=True, slots=True)
class LastWordsHeard(Signal):
    pass


@dataclass(frozen=True, slots=True)
class WrapUpDue(Signal):
    """Little time is left."""


@dataclass(frozen=True, slots=True)
class IdleNoticed(Signal):
    """The caller has been silent for long."""


@dataclass(frozen=True, slots=True)
class EndDecided(Signal):
    """The call cannot or should not go on."""

    reason: str
