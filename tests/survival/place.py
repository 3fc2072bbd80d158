"""A gateway and a live model that plays a scenario, both on real sockets, with short waits and a clock that jumps."""

from __future__ import annotations

import asyncio
import shutil
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from tests.conversation.talk import ROOT
from tests.local.fakes import INSTANT, ScriptedEars
from tests.survival.caller import Caller, samples_heard
from vivavoce.app import terms
from vivavoce.app.filing import replay_call
from vivavoce.app.server import running
from vivavoce.app.services import Services, open_services
from vivavoce.app.settings import Settings
from vivavoce.audio.pcm import Pcm16
from vivavoce.conversation import ConversationSettings
from vivavoce.local.faults.script import Script
from vivavoce.local.server import Server, serve
from vivavoce.local.tempo import Tempo

SAID = ("We lost two days of work on March 3rd 2026.", "That is hard to say.")
"""What the model's ears make of one utterance after the other: a fact, which a tool notes, and then none."""
FRAME_MS = 32
LOUD = 1000
PAIR_SAMPLES = 2880
"""120 ms for two letters: as people speak, and as much as the packaged voice sends at a time."""
SHORT = {
    "answer_within_s": 0.6, "open_within_s": 3.0, "redial_step_s": 0.05, "redial_jitter_s": 0.01, "quota_wait_s": 0.2,
    "quota_jitter_s": 0.05, "cut_off_again_s": 0.3, "cut_off_for_s": 1.5, "return_within_s": 2.0, "greet_after_s": 0.3,
    "stalled_s": 1.0,
}  # fmt: skip
"""Waits of a conversation, as short as a machine that is busy allows."""


class PatientDetector:
    """Speech is a frame that begins louder than a quiet room; so much silence as was asked for ends it."""

    def __init__(self, *, silence_ms: int, **_: object) -> None:
        self._needed = silence_ms // FRAME_MS
        self._silent = self._needed

    def step(self, frame: Pcm16) -> Literal["start", "end"] | None:
        before, self._silent = self._silent, 0 if abs(int(frame[0])) > LOUD else self._silent + 1
        if before >= self._needed:
            return None if self._silent else "start"
        return "end" if self._silent >= self._needed else None


class BabblingMouth:
    """Noise for each letter, as loud as the letter is late in the alphabet: neither tone nor silence, at the pace of
    speech, and each sentence another.
    """

    async def speak(self, text: str, voice: str) -> AsyncIterator[bytes]:
        noise = np.random.default_rng(zlib.crc32(text.encode()))
        for letter in text[::2]:
            await asyncio.sleep(0)
            yield (noise.standard_normal(PAIR_SAMPLES) * (300 + 40 * (ord(letter) % 64))).astype("<i2").tobytes()


class JumpingClock:
    """The loop's clock, or one that is faster, and leaps that a test makes: 58 minutes are over at once."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._ahead = 0.0
        self._leapt = asyncio.Event()

    def now(self) -> float:
        return asyncio.get_running_loop().time() * self._speed + self._ahead

    async def sleep_until(self, at: float) -> None:
        while (wait := at - self.now()) > 0:
            leapt = self._leapt
            try:
                async with asyncio.timeout(wait / self._speed):
                    await leapt.wait()
            except TimeoutError:
                continue

    def leap(self, seconds: float) -> None:
        self._ahead += seconds
        leapt, self._leapt = self._leapt, asyncio.Event()
        leapt.set()


@dataclass
class Place:
    """A server, the live model it dials, and what that heard."""

    services: Services
    port: int
    model: Server
    ears: ScriptedEars
    clock: JumpingClock

    async def ticket(self) -> tuple[str, str]:
        booking = await self.services.desk.book(await self.services.shelf.find("founder"))
        return booking.call, booking.ticket

    def caller(self) -> Caller:
        return Caller(self.port)

    def heard(self, utterance: int) -> int:
        """Samples of an utterance that the model's ears got, each time it was said to them."""
        return sum(samples_heard(pcm, utterance) for pcm in self.ears.utterances)

    @property
    def happened(self) -> list[str]:
        """Names of the faults that have happened."""
        return [name for _, name in self.model.faults_happened]


@asynccontextmanager
async def open_place(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: Script | None = None,
    *,
    speed: float = 1.0,
    tempo: Tempo = INSTANT,
    **settings: Any,
) -> AsyncIterator[Place]:
    """The log of every call that was held is played again at the end, and must agree.

    Args:
        speed: of the model's clock.
        tempo: of its speech.
        settings: of the server.
    """
    agents = folder / "agents"
    agents.mkdir()
    shutil.copy(ROOT / "examples/agents/founder.yaml", agents)

    def short(**given: Any) -> ConversationSettings:
        return ConversationSettings(**{**given, **SHORT})

    monkeypatch.setattr(terms, "ConversationSettings", short)
    ears, clock = ScriptedEars(*[*SAID, *SAID[1:] * 50]), JumpingClock(speed)
    async with serve(
        ears=ears, mouth=BabblingMouth(), tempo=tempo, make_detector=PatientDetector, clock=clock, faults=script
    ) as model:
        own = {"data_dir": str(folder / "data"), "agents_dir": str(agents), "port": 0, "workers": 0}
        made = Settings(**{**own, "backend_url": f"ws://127.0.0.1:{model.port}", **settings})
        async with open_services(made) as services, running(services) as port:
            yield Place(services, port, model, ears, clock)
            for call in await services.desk.store.list_calls():
                await services.desk.end_to_erase(call.id)
                events = await services.desk.store.events(call.id)
                assert await replay_call(services.desk.store, call.id) == len(events)
