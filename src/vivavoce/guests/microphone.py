"""What stands at the microphone of a simulated call: a guest with a mind, or a recording.

A source gives one frame (512 samples, 32 ms) each time it is stepped. Between words there is faint room noise: digital
silence is found in no room, and a gate that adapts to the room must have something to adapt to.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from vivavoce.audio.pcm import CALLER_HZ, FRAME_SAMPLES, Pcm16
from vivavoce.errors import VivaError
from vivavoce.guests.guest import Guest
from vivavoce.guests.manners import NUDGE_S, Ear, Manners
from vivavoce.guests.mind import Answer, Mind
from vivavoce.guests.observer import Said
from vivavoce.guests.voice import Voice
from vivavoce.wire.caller import Caption, Floor, GatewayMessage, Resume

ROOM_LEVEL = 0.002
"""RMS of the room, 0..1: a quiet office at a headset, five times under the lowest gate threshold (0.01)."""


@dataclass(frozen=True)
class Moment:
    """What came from the caller's side in one frame."""

    pcm: Pcm16
    """Shape (512,), 16 kHz."""
    said: tuple[Said, ...] = ()
    """Lines begun in this frame; those with `typed` go out as text."""
    leave: bool = False
    """The caller hangs up."""


class MicrophoneSource(Protocol):
    mode: Literal["voice", "text"]

    async def prepare(self) -> None:
        """Before the call: make what must be ready at once."""
        ...

    def receive(self, message: GatewayMessage, now: float) -> None: ...

    def step(self, now: float, ear: Ear) -> Moment: ...

    async def close(self) -> None: ...


class Room:
    """Noise of a room, the same for the same seed: a loop of four seconds, too faint for anybody to notice."""

    def __init__(self, seed: int) -> None:
        noise = np.random.default_rng(seed).normal(0.0, ROOM_LEVEL * 32_768, 125 * FRAME_SAMPLES)
        self._frames = np.rint(noise).astype(np.int16).reshape(125, FRAME_SAMPLES)
        self._next = 0

    def around(self, pcm: Pcm16) -> Pcm16:
        """A frame with the room's noise; `pcm` may be shorter than a frame and is completed by noise."""
        frame = self._frames[self._next].astype(np.int32)
        self._next = (self._next + 1) % len(self._frames)
        frame[: len(pcm)] += pcm
        mixed: Pcm16 = frame.clip(-32_768, 32_767).astype(np.int16)
        return mixed


class MindSource:
    """A guest at the microphone. Without a voice, or where it fails, the guest types."""

    def __init__(self, guest: Guest, voice: Voice | None, *, now: float, nudge_s: float = NUDGE_S) -> None:
        self.mode: Literal["voice", "text"] = "voice" if voice else "text"
        self._guest = guest
        self._voice = voice
        self._manners = Manners(Mind(guest), now=now, nudge_s=nudge_s)
        self._room = Room(guest.seed)
        self._queue: deque[Pcm16] = deque()
        self._making: tuple[Answer, asyncio.Task[Pcm16]] | None = None

    async def prepare(self) -> None:
        if self._voice is None:
            return
        for interrupt in self._guest.interrupts:  # an interruption that comes late is none
            try:
                await self._voice.speak(interrupt.say)
            except VivaError:
                return  # told when it is first needed

    def receive(self, message: GatewayMessage, now: float) -> None:
        match message:
            case Caption(who=who, turn=turn, text=text, final=final) if who != "caller":
                self._manners.caption(turn, text, final, now)
            case Floor(turn=floor):
                self._manners.floor(floor)
            case Resume():
                self._manners.resumed()
            case _:
                pass

    def step(self, now: float, ear: Ear) -> Moment:
        talking = bool(self._queue) or self._making is not None
        answer = self._manners.step(now, replace(ear, talking=talking))
        said: list[Said] = []
        if answer is not None and self._voice is not None:
            self._making = (answer, asyncio.get_running_loop().create_task(self._voice.speak(answer.say)))
        elif answer is not None:
            said.append(Said(answer.say, typed=True, sort=answer.sort))
        if self._making is not None and self._making[1].done():
            said.append(self._begin(*self._making))
            self._making = None
        leaving_at = self._manners.leaving_at
        silent = not self._queue and self._making is None
        pcm = self._queue.popleft() if self._queue else np.zeros(0, np.int16)
        return Moment(
            self._room.around(pcm), tuple(said), leave=silent and leaving_at is not None and now >= leaving_at
        )

    async def close(self) -> None:
        if self._making is not None:
            self._making[1].cancel()
            await asyncio.gather(self._making[1], return_exceptions=True)
            self._making = None

    def _begin(self, answer: Answer, task: asyncio.Task[Pcm16]) -> Said:
        error = task.exception()
        if error is None:
            pcm = task.result()
            self._queue.extend(pcm[at : at + FRAME_SAMPLES] for at in range(0, len(pcm), FRAME_SAMPLES))
            return Said(answer.say, sort=answer.sort)
        if not isinstance(error, VivaError):
            raise error
        self._voice = None
        return Said(answer.say, typed=True, sort=answer.sort, remark=f"the guest types from now on: {error}")


class WavSource:
    """A recording at the microphone, in real time; then silence until the agent ends the call or patience ends."""

    mode: Literal["voice", "text"] = "voice"

    def __init__(
        self,
        pcm: Pcm16,
        *,
        now: float,
        silence_s: float = 30.0,
        wait_for_greeting: bool = True,
        greeting_s: float = NUDGE_S,
    ) -> None:
        """
        Args:
            pcm: shape (n,), 16 kHz; `wav.load_wav` makes it of any WAV file.
            silence_s: how long to stay on the line after the recording; a reply that is being heard then is heard out.
            wait_for_greeting: begin when the agent's first reply has been heard, or after `greeting_s` without any.
        """
        self._pcm = pcm
        self._at = 0
        self._silence_s = silence_s
        self._begin_by = now + (greeting_s if wait_for_greeting else 0.0)
        self._greeted = False
        self._ended_at: float | None = None
        self._room = Room(seed=1)

    async def prepare(self) -> None:
        return

    def receive(self, message: GatewayMessage, now: float) -> None:
        return

    def step(self, now: float, ear: Ear) -> Moment:
        self._greeted = self._greeted or ear.audible
        if self._at == 0 and (ear.busy or (not self._greeted and now < self._begin_by)):
            return Moment(self._room.around(self._pcm[:0]))
        frame = self._pcm[self._at : self._at + FRAME_SAMPLES]
        said = (Said(f"(recording, {len(self._pcm) / CALLER_HZ:.1f} s)"),) if self._at == 0 and len(frame) else ()
        self._at += len(frame)
        if not len(frame) and self._ended_at is None:
            self._ended_at = now
        over = self._ended_at is not None and now >= self._ended_at + self._silence_s and not ear.busy
        return Moment(self._room.around(frame), said, leave=over)

    async def close(self) -> None:
        return
