from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from tests.guests.fakes import Gateway, ToneVoice, TurnedClock, Watcher, gateway, until
from tests.guests.test_wav import wav
from vivavoce.errors import InputError
from vivavoce.guests.client import FRAME_S
from vivavoce.guests.guest import Guest, Topic
from vivavoce.guests.observer import Connected, Said
from vivavoce.guests.run import NO_VOICE, GuestResult, HeardTurn, run_guest, run_wav
from vivavoce.wire import caller as wire

KIM = Guest(name="Kim", topics=(Topic("price", ("price",), ("nine dollars",)),), thinking_s=(0.5, 0.5))


class Turner:
    """Turns the clock until the call is over; there is no client to be looked into."""

    def __init__(self, at: Gateway, clock: TurnedClock, task: asyncio.Task[GuestResult]) -> None:
        self.at, self.clock, self.task = at, clock, task

    async def run(self, seconds: float) -> None:
        end = self.clock.at_s + seconds
        while self.clock.at_s < end and not self.task.done():
            await until(lambda: self.task.done() or self.clock.asleep)
            self.clock.turn_to(self.clock.at_s + FRAME_S)
        await until(lambda: self.task.done() or self.clock.asleep)

    async def send(self, *messages: wire.GatewayMessage) -> None:
        await until(lambda: self.at.socket is not None and bool(self.at.messages))
        assert self.at.socket is not None
        for message in messages:
            await self.at.socket.send(wire.encode(message))
        pong = await self.at.socket.ping()
        await pong


async def test_a_guest_hears_answers_and_is_told_the_end() -> None:
    watcher = Watcher()
    async with gateway() as at:
        clock = TurnedClock()
        task = asyncio.create_task(run_guest(at.url, "t", KIM, watcher, clock=clock, voice=ToneVoice()))
        turner = Turner(at, clock, task)
        await turner.send(wire.Caption(who="alex", turn=1, text="What is the price?", final=True))
        await turner.run(2.0)
        await turner.send(
            wire.Caption(who="caller", turn=2, text="nine dollars", final=True), wire.Ended(reason="done")
        )
        await turner.run(1.0)
        result = await task
    assert result.heard == (
        HeardTurn(1, "alex", "What is the price?", True),
        HeardTurn(2, "caller", "nine dollars", True),
    )
    assert [(turn.text, turn.typed) for turn in result.said] == [("nine dollars", False)]
    assert 0.4 < result.said[0].at_s < 1.0
    assert (result.mode, result.reason, result.code) == ("voice", "done", 1000)
    assert result.counters.frames_sent == len(at.frames)
    assert any(isinstance(event, Said) for event in watcher.events)


@pytest.mark.parametrize(("typed", "remark"), [(False, NO_VOICE), (True, "")])
async def test_a_guest_without_a_voice_types_and_says_so(
    typed: bool, remark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    watcher = Watcher()
    async with gateway() as at:
        clock = TurnedClock()
        task = asyncio.create_task(run_guest(at.url, "t", KIM, watcher, clock=clock, typed=typed))
        turner = Turner(at, clock, task)
        await turner.send(wire.Caption(who="alex", turn=1, text="What is the price?", final=True))
        await turner.run(2.0)
        await until(lambda: wire.Typed(text="nine dollars") in at.messages)
        await turner.send(wire.Ended(reason="done"))
        await turner.run(1.0)
        result = await task
    assert result.mode == "text"
    assert watcher.events[0] == Connected("text", remark)


async def test_a_recording_is_sent_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(wav(np.full(48_000, 8_000, np.int16).tobytes(), rate_hz=48_000))
    async with gateway() as at:
        clock = TurnedClock()
        task = asyncio.create_task(run_wav(at.url, "t", path, silence_s=2.0, clock=clock))
        turner = Turner(at, clock, task)
        await turner.send(wire.Welcome(call="c1"))
        await turner.run(20.0)
        result = await task
    assert result.reason == "left"
    assert [turn.text for turn in result.said] == ["(recording, 1.0 s)"]
    pcm = np.concatenate([np.frombuffer(frame.pcm, "<i2") for frame in at.frames])
    loud = np.flatnonzero(pcm > 4_000)
    assert 15_500 < len(loud) < 16_500
    assert 7.9 < loud[0] / 16_000 < 8.2  # nobody greeted, so it began by itself


async def test_a_recording_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="want a WAV file"):
        await run_wav("ws://127.0.0.1:1/", "t", tmp_path / "nothing.wav")
