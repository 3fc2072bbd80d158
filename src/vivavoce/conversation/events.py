"""What happened: everything that may be told to a conversation, in the past tense.

Shells make these from sockets, clocks and finished tools. PCM never enters: audio is a chunk number and a count of
samples. Positions (`at`) are samples of the caller's microphone clock (16 kHz), which counts through gaps; lengths of
replies are samples at 24 kHz. A handle is a number too: the shell keeps the secret behind it.
"""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Event(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="event", tag=snake):
    """Base of all events."""


# ------------------------------------------------------------------------------------------------ the caller


class CallerJoined(Event, frozen=True):
    """The caller's machine said hello."""

    mode: Literal["voice", "text"] = "voice"
    lang: str = "en"
    pace: Literal["", "interview", "casual"] = ""
    """In force when they come; empty for a pause of the agent's own."""
    context: dict[str, str] = {}
    """What their page tells of itself, as far as the agent file takes it. Others wrote it."""


class CallerLeft(Event, frozen=True):
    """The caller's machine was given up: it does not read, or speaks another language for too long."""

    code: int = 1006


class CallerDropped(Event, frozen=True):
    """The caller's socket is lost; they may come back."""

    code: int = 1006


class CallerReturned(Event, frozen=True):
    """The caller is back by another socket. Of `reply` their machine had played so many samples when the microphone
    clock stood at `at`; 0 when it does not know.
    """

    mode: Literal["voice", "text"] = "voice"
    reply: int = 0
    samples: int = 0
    at: int = 0
    pace: Literal["", "interview", "casual"] = ""
    """As they wish it now; empty for what was in force."""
    context: dict[str, str] = {}
    """Of the page they come back from; empty when it tells nothing."""


class CallerHungUp(Event, frozen=True):
    """The caller ended the call on purpose."""


class SpeechStarted(Event, frozen=True):
    """The gate takes the caller to be speaking; `level` is the RMS of the frame that decided it, 0..1 (V3)."""

    at: int
    level: float = 0.0


class SpeechEnded(Event, frozen=True):
    """The gate takes the caller to have stopped."""

    at: int
    level: float = 0.0


class CallerTyped(Event, frozen=True):
    text: str
    number: int = 0
    """As the caller's machine counts what they type, set and decide."""


class ModeChanged(Event, frozen=True):
    mode: Literal["voice", "text"]


class PaceChanged(Event, frozen=True):
    """The caller takes their time, or does not."""

    pace: Literal["interview", "casual"]


class CallerDone(Event, frozen=True):
    """The caller says that their turn is over."""


class FactCorrected(Event, frozen=True):
    """The caller set a fact by hand, or (None) took it back."""

    field: str
    value: Any
    number: int = 0


class ConsentDecided(Event, frozen=True):
    decision: Literal["given", "refused", "withdrawn"]
    text_version: str = ""
    lang: str = ""
    number: int = 0


class CallerDoubted(Event, frozen=True):
    """The caller's machine hears somebody over the reply that it plays, and has silenced it by itself."""

    reply: int
    at: int
    level: float = 0.0


class EchoChanged(Event, frozen=True):
    """How well the caller's machine keeps the agent out of the microphone; `gate` is the one that listens from now on.
    Changes nothing here.
    """

    state: Literal["good", "poor", "raw"]
    gate: str


class CallerMeasured(Event, frozen=True):
    """What the caller's machine measured around the speech gate, in dBFS to a tenth: of what was heard and of what was
    played, one value for each `step` samples from `at` on. Changes nothing here.
    """

    at: int
    step: int
    mic: tuple[float, ...]
    far: tuple[float, ...] = ()
    return_loss_db: float | None = None
    delay_ms: float | None = None
    noise_dbfs: float | None = None


class CallerDisturbed(Event, frozen=True):
    """What disturbed the sound on the caller's machine, as (what, at, milliseconds, how often). Changes nothing
    here.
    """

    faults: tuple[tuple[str, int, float, int], ...]


class Played(Event, frozen=True):
    """So many samples of a reply have been heard when the microphone clock stood at `at`."""

    reply: int
    samples: int
    at: int


# ------------------------------------------------------------------------------------------------ the live model


class LinkOpened(Event, frozen=True):
    """The live model took the setup."""

    link: int


class LinkDropped(Event, frozen=True):
    """A link is gone, or could not be opened. `kind` is the close's class: fatal, quota, dead_handle, transient."""

    link: int
    code: int
    kind: str


class GoAwayReceived(Event, frozen=True):
    link: int
    left_s: float


class HandleIssued(Event, frozen=True):
    """A resumption handle came; `at` is how far the caller's audio had been sent by then."""

    link: int
    handle: int
    resumable: bool
    at: int


class ReplyArrived(Event, frozen=True):
    """A chunk of the model's voice."""

    link: int
    chunk: int
    samples: int
    repeated: bool = False
    """The same sound came over the link before: some services send the end of a turn again to who resumes."""
    fingerprint: int = 0
    """Of its sound, by which another server knows it again; 0 for silence."""


class AgentTranscribed(Event, frozen=True):
    """An increment of the words of the model's voice, with its own leading space."""

    link: int
    text: str


class CallerTranscribed(Event, frozen=True):
    """An increment of what the model understood the caller to say."""

    link: int
    text: str


class GenerationEnded(Event, frozen=True):
    link: int


class TurnEnded(Event, frozen=True):
    """The model's turn is over. `reason` is empty for an ordinary end; `more`: further turns follow without input;
    `waiting`: the model says that it waits for the caller.
    """

    link: int
    reason: str = ""
    more: bool = False
    waiting: bool = False


class ModelIdle(Event, frozen=True):
    """Nothing more follows without input, after turns that promised `more`."""

    link: int


class Interrupted(Event, frozen=True):
    """The model heard the caller and stopped generating."""

    link: int


class ToolCalled(Event, frozen=True):
    link: int
    id: str
    name: str
    args: dict[str, Any]


class ToolsCancelled(Event, frozen=True):
    link: int
    ids: tuple[str, ...]


class UsageReported(Event, frozen=True):
    """Tokens of one turn; `modalities` as (direction:modality, tokens)."""

    link: int
    prompt: int
    response: int
    total: int
    modalities: tuple[tuple[str, int], ...] = ()


class SoundJudged(Event, frozen=True):
    """A turn of the model was sound, and yet no speech: digital silence, or one tone."""

    link: int
    kind: Literal["silence", "tone"]


# ------------------------------------------------------------------------------------------------ our own shells


class SoundResent(Event, frozen=True):
    """What a `Resend` came to: so many samples of the caller's went again; of `lost` the ring had no more."""

    link: int
    samples: int
    lost: int = 0


class ErrandReturned(Event, frozen=True):
    """A tool that was run has finished."""

    errand: int
    response: dict[str, Any]


class FillerArrived(Event, frozen=True):
    """Sound for a `Fill` is at hand."""

    phrase: str
    chunk: int
    samples: int


class ServerStopping(Event, frozen=True):
    """The server that carries the call is going away."""


class DrainOrdered(Event, frozen=True):
    """The server that carries the call is going away, and another can go on with it."""


class TakenOver(Event, frozen=True):
    """Another server carries the call from now on, from this log. What the one before had in its hands is gone: its
    link, what waited to be heard, the tools it ran; and the caller's socket.
    """

    epoch: int
    handle: int = 0
    """Number of the handle whose secret is still there; 0: none is."""


class ErasureOrdered(Event, frozen=True):
    """The call is to be erased, so it ends."""


class SwitchesChanged(Event, frozen=True):
    """What an operator has switched off by now, for all calls: voice, and tools by their names."""

    text_only: bool = False
    tools_off: tuple[str, ...] = ()


class Woke(Event, frozen=True):
    """The time that `wake_at` named has come."""


AnyEvent = (
    CallerJoined
    | CallerLeft
    | CallerDropped
    | CallerReturned
    | CallerHungUp
    | SpeechStarted
    | SpeechEnded
    | CallerTyped
    | ModeChanged
    | PaceChanged
    | CallerDone
    | FactCorrected
    | ConsentDecided
    | CallerDoubted
    | EchoChanged
    | CallerMeasured
    | CallerDisturbed
    | Played
    | LinkOpened
    | LinkDropped
    | GoAwayReceived
    | HandleIssued
    | ReplyArrived
    | AgentTranscribed
    | CallerTranscribed
    | GenerationEnded
    | TurnEnded
    | ModelIdle
    | Interrupted
    | ToolCalled
    | ToolsCancelled
    | UsageReported
    | SoundJudged
    | SoundResent
    | ErrandReturned
    | FillerArrived
    | ServerStopping
    | DrainOrdered
    | TakenOver
    | ErasureOrdered
    | SwitchesChanged
    | Woke
)
EVENTS: tuple[type[Event], ...] = AnyEvent.__args__
