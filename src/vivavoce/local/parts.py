"""What a session is made of, what it asks of each part, and how its client came in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from vivavoce.local.history import History
from vivavoce.local.microphone import Detector
from vivavoce.local.minds.acts import MakeMind
from vivavoce.local.tempo import Clock, Tempo
from vivavoce.local.turn import Voice
from vivavoce.wire.gemini.messages import Setup
from vivavoce.wire.gemini.models import STUDIO, Platform
from vivavoce.wire.gemini.wording import DEADLINE

SETUP_WITHIN_S = 10.0


class PeerGone(ConnectionError):
    """The client's side of the socket is closed or lost."""


class Socket(Protocol):
    """One client's WebSocket, message by message. `send` and `receive` raise `PeerGone`."""

    async def send(self, data: bytes | str) -> None:
        """Send bytes as a binary frame, a string as a text frame."""
        ...

    async def receive(self) -> bytes | str: ...

    async def close(self, code: int, reason: str) -> None: ...


class Hearing(Protocol):
    """One utterance while it is being heard. `lost`: no text because a recogniser failed, not because of the sound."""

    @property
    def lost(self) -> bool: ...

    def feed(self, pcm: bytes) -> None: ...

    async def finish(self) -> str: ...

    def cancel(self) -> None: ...


class Ear(Protocol):
    """Text of utterances, PCM16 mono 16 kHz; empty when nothing could be made of one."""

    def utterance(self) -> Hearing: ...

    async def recognise(self, pcm16k: bytes) -> str: ...


class MakeDetector(Protocol):
    """Makes a speech detector for one session."""

    def __call__(self, *, prefix_padding_ms: int, silence_ms: int, sensitivity: str) -> Detector: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a server behaves where the service is strict, or ends things by itself."""

    strict: bool = True
    """Fields and models the service does not know are refused; otherwise they are left aside with a log line."""
    any_voice: bool = False
    """A voice may be described in words; otherwise only the service's own names are taken."""
    text_frames: bool = False
    """JSON goes out in text frames; the service's are binary."""
    connection_life_s: float | None = None
    """How long a connection lives after its setup; None for ever. The service's is about 600."""
    go_away_lead_s: float = 50.0
    """The end is announced so long before it comes."""
    life_close: tuple[int, str] = (1011, DEADLINE)
    """Code and reason of the close at the end of a connection's or a session's life."""
    session_limits: bool = False
    """Without compression a session ends after 15 minutes, after 2 with video, or when its context is full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """How a client came in: what its path and its credential say."""

    platform: Platform = STUDIO
    version: str = "v1beta"
    admit: Callable[[Setup], Setup] = lambda setup: setup
    """What the credential has to say to a setup: an ephemeral token is used up, and the fields it fixes are laid over
    the client's. Raises `WireError` when the token does not let it in."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the sessions of a server share."""

    ears: Ear
    mouth: Voice
    make_mind: MakeMind
    make_detector: MakeDetector
    history: History
    tempo: Tempo
    clock: Clock
    seed: int = 0
    setup_within_s: float = SETUP_WITHIN_S
    rules: Rules = Rules()
