"""What a session is made of, and what it asks of each part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from vivavoce.local.history import History
from vivavoce.local.microphone import Detector
from vivavoce.local.minds.acts import MakeMind
from vivavoce.local.tempo import Clock, Tempo
from vivavoce.local.turn import Voice

SETUP_WITHIN_S = 10.0


class PeerGone(ConnectionError):
    """The client's side of the socket is closed or lost."""


class Socket(Protocol):
    """One client's WebSocket, message by message. `send` and `receive` raise `PeerGone`."""

    async def send(self, data: bytes) -> None: ...

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
