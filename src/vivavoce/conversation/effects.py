"""What to do: everything a conversation may ask of its shells, in the imperative. Shells carry these out in order and
decide nothing.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from vivavoce.conversation.events import snake


class Effect(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="effect", tag=snake):
    """Base of all effects."""


# ------------------------------------------------------------------------------------------------ to the caller


class Say(Effect, frozen=True):
    """Send a chunk of a reply; `position` is where it begins in the reply (samples at 24 kHz)."""

    reply: int
    speaker: str
    chunk: int
    position: int
    samples: int


class WelcomeBack(Effect, frozen=True):
    """The caller is back: show what their screen should show by now."""


class SayAgain(Effect, frozen=True):
    """Send again what was sent of a reply and not heard: so many samples from `position` on."""

    reply: int
    speaker: str
    position: int
    samples: int


class FinishReply(Effect, frozen=True):
    """Tell the caller's machine how long the reply is in all."""

    reply: int
    samples: int


class Hold(Effect, frozen=True):
    """Silence now; keep what is queued."""

    reply: int


class Resume(Effect, frozen=True):
    reply: int


class Cut(Effect, frozen=True):
    """This reply and all before it are over: drop what is queued and whatever still comes of them."""

    reply: int


class Forget(Effect, frozen=True):
    """Chunks that will never be said."""

    chunks: tuple[int, ...]


class Caption(Effect, frozen=True):
    """Words to read: the text so far of a turn; `who` is "caller" or a speaker."""

    who: str
    turn: int
    text: str
    final: bool = False


class ShowFloor(Effect, frozen=True):
    turn: Literal["open", "caller", "waiting", "agent", "held"]
    holder: str


class ShowFact(Effect, frozen=True):
    """Tell the caller's machine how a fact stands, though it has not changed."""

    field: str
    state: str
    value: Any
    evidence: tuple[tuple[int, int, int], ...]


class Show(Effect, frozen=True):
    """Something to look at."""

    what: str
    title: str
    data: Any


class Notify(Effect, frozen=True):
    """Something the caller should know; shells hold the words for each code."""

    code: str


class UseMode(Effect, frozen=True):
    """Go on by voice or by text; `locked`: the caller is not asked, so what their microphone sends is left out."""

    mode: Literal["voice", "text"]
    locked: bool = False


class UsePace(Effect, frozen=True):
    """From now on a pause of the caller's may be as long as this pace has it."""

    pace: Literal["interview", "casual"]


class PassOn(Effect, frozen=True):
    """Let go of the call, for another server to go on with it, and have the caller's machine come back to that one."""


class End(Effect, frozen=True):
    """The call is over."""

    reason: str


# ------------------------------------------------------------------------------- to the gate and the recorder


class Listen(Effect, frozen=True):
    """Tell the speech gate whether the agent can be heard at the caller's."""

    agent_audible: bool


class EndTurn(Effect, frozen=True):
    """The caller's turn is over: gate and model need no pause to know it."""


class Record(Effect, frozen=True):
    """Begin or stop recording sound; `erase` also throws away what was recorded."""

    on: bool
    erase: bool = False


class RecordTurn(Effect, frozen=True):
    """A turn as it stands; the same number replaces the one before. `complete` is false for a reply that was cut."""

    turn: int
    who: str
    start_ms: int
    end_ms: int
    text: str
    complete: bool


class Note(Effect, frozen=True):
    """A fact as it now stands. Evidence is (turn, start_ms, end_ms)."""

    field: str
    objective: str
    state: str
    value: Any
    source: str
    evidence: tuple[tuple[int, int, int], ...]


# ------------------------------------------------------------------------------------------------ to the live model


class Dial(Effect, frozen=True):
    """Open a link with this speaker's voice and prompt, after `after_s` plus a draw from 0..`jitter_s`; resume `handle`
    when there is one.
    """

    link: int
    speaker: str
    handle: int | None
    after_s: float = 0.0
    jitter_s: float = 0.0


class HangUp(Effect, frozen=True):
    link: int


class Resend(Effect, frozen=True):
    """Send the caller's audio again from this position of the microphone clock on."""

    link: int
    at: int


class Inject(Effect, frozen=True):
    """Text for the model: what the caller typed, or a briefing of ours."""

    link: int
    text: str


class Answer(Effect, frozen=True):
    """The one answer to a tool call."""

    link: int
    id: str
    name: str
    response: dict[str, Any]
    scheduling: str | None = None


# ------------------------------------------------------------------------------------------------ to our own shells


class Run(Effect, frozen=True):
    errand: int
    name: str
    args: dict[str, Any]
    timeout_s: float


class Abandon(Effect, frozen=True):
    """Stop running a tool; its result is not wanted any more."""

    errand: int


class Fill(Effect, frozen=True):
    """Have the sound of a prepared phrase brought in this speaker's voice (`FillerArrived`)."""

    speaker: str
    phrase: str


class Remark(Effect, frozen=True):
    """What was decided or noticed, and why: for the log, the metrics and `viva replay --explain` (`remarks`)."""

    what: str
    why: str = ""
    link: int = 0
    seconds: float = 0.0
    count: int = 0


class Escalate(Effect, frozen=True):
    """The caller asks for a person; kept in the log."""

    reason: str


AnyEffect = (
    Say
    | WelcomeBack
    | SayAgain
    | FinishReply
    | Hold
    | Resume
    | Cut
    | Forget
    | Caption
    | ShowFloor
    | ShowFact
    | Show
    | Notify
    | UseMode
    | UsePace
    | PassOn
    | End
    | Listen
    | EndTurn
    | Record
    | RecordTurn
    | Note
    | Dial
    | HangUp
    | Resend
    | Inject
    | Answer
    | Run
    | Abandon
    | Fill
    | Remark
    | Escalate
)
EFFECTS: tuple[type[Effect], ...] = AnyEffect.__args__
