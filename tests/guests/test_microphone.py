from __future__ import annotations

import asyncio

import numpy as np
import pytest

from tests.guests.fakes import ToneVoice
from vivavoce.audio.levels import rms
from vivavoce.audio.pcm import Pcm16
from vivavoce.errors import MissingError
from vivavoce.guests.guest import Guest, Interrupt, Topic
from vivavoce.guests.manners import Ear
from vivavoce.guests.microphone import ROOM_LEVEL, MindSource, Moment, Room, WavSource
from vivavoce.wire.caller import Caption

KIM = Guest(
    name="Kim",
    topics=(Topic("price", ("price",), ("nine dollars",)),),
    thinking_s=(0.5, 0.5),
    interrupts=(Interrupt(("market",), "sorry wait"),),
)
QUIET = Ear(audible=False, busy=False)
PRICE = Caption(who="alex", turn=1, text="What is the price?", final=True)


async def run(source: MindSource | WavSource, seconds: float, *, start: float = 0.0, ear: Ear = QUIET) -> list[Moment]:
    moments: list[Moment] = []
    for number in range(round(seconds / 0.032)):
        moments.append(source.step(start + number * 0.032, ear))
        await asyncio.sleep(0)
    return moments


def sound(moments: list[Moment]) -> Pcm16:
    return np.concatenate([moment.pcm for moment in moments])


def test_the_room_is_never_digitally_silent() -> None:
    room = Room(1)
    pcm = np.concatenate([room.around(np.zeros(0, np.int16)) for _ in range(200)])
    assert rms(pcm) == pytest.approx(ROOM_LEVEL, rel=0.05)
    assert len(pcm) == 200 * 512
    loud = room.around(np.full(512, 32_767, np.int16))
    assert loud.max() == 32_767
    assert loud.min() > 30_000


async def test_speaks_the_answer_over_the_noise_of_the_room() -> None:
    voice = ToneVoice()
    source = MindSource(KIM, voice, now=0.0)
    source.receive(PRICE, 0.0)
    moments = await run(source, 2.0)
    assert all(moment.pcm.shape == (512,) and moment.pcm.dtype == np.int16 for moment in moments)
    begun = [number for number, moment in enumerate(moments) if moment.said]
    assert [moments[number].said[0].text for number in begun] == ["nine dollars"]
    assert not moments[begun[0]].said[0].typed
    assert rms(sound(moments[: begun[0]])) < 0.003
    assert rms(sound(moments[begun[0] : begun[0] + 6])) > 0.06
    assert rms(sound(moments[begun[0] + 8 :])) < 0.003


async def test_its_own_words_are_no_question() -> None:
    source = MindSource(KIM, ToneVoice(), now=0.0)
    source.receive(Caption(who="caller", turn=1, text="What is the price?", final=True), 0.0)
    assert not any(moment.said for moment in await run(source, 3.0))


async def test_prepares_its_interruptions() -> None:
    voice = ToneVoice()
    await MindSource(KIM, voice, now=0.0).prepare()
    assert voice.spoken == ["sorry wait"]


async def test_types_without_a_voice() -> None:
    source = MindSource(KIM, None, now=0.0)
    assert source.mode == "text"
    await source.prepare()
    source.receive(PRICE, 0.0)
    said = [line for moment in await run(source, 3.0) for line in moment.said]
    assert [(line.text, line.typed) for line in said] == [("nine dollars", True)]


class BrokenVoice:
    async def speak(self, text: str) -> Pcm16:
        raise MissingError("want sound, got none", remedy="Look.")


async def test_types_on_when_the_voice_fails() -> None:
    source = MindSource(KIM, BrokenVoice(), now=0.0)
    await source.prepare()
    source.receive(PRICE, 0.0)
    said = [line for moment in await run(source, 3.0) for line in moment.said]
    assert [(line.text, line.typed) for line in said] == [("nine dollars", True)]
    assert said[0].remark.startswith("the guest types from now on: want sound")


async def test_leaves_when_goodbye_was_spoken() -> None:
    source = MindSource(KIM, ToneVoice(), now=0.0)
    source.receive(Caption(who="alex", turn=1, text="That was all. Goodbye.", final=True), 0.0)
    moments = await run(source, 8.0)
    said = next(number for number, moment in enumerate(moments) if moment.said)
    leaves = next(number for number, moment in enumerate(moments) if moment.leave)
    assert 3.5 < (leaves - said) * 0.032 < 5.0


async def test_close_ends_what_is_being_made() -> None:
    class SlowVoice:
        ended = False

        async def speak(self, text: str) -> Pcm16:
            try:
                await asyncio.Event().wait()
            finally:
                self.ended = True
            raise AssertionError

    voice = SlowVoice()
    source = MindSource(KIM, voice, now=0.0)
    source.receive(PRICE, 0.0)
    await run(source, 2.0)
    await source.close()
    assert voice.ended


async def test_a_recording_waits_for_the_greeting_and_plays_in_full() -> None:
    pcm = np.full(1_300, 5_000, np.int16)
    source = WavSource(pcm, now=0.0, silence_s=1.0)
    await source.prepare()
    source.receive(PRICE, 0.0)
    assert rms(sound(await run(source, 1.0, ear=Ear(audible=True, busy=True)))) < 0.003
    moments = await run(source, 2.0, start=1.0)
    heard = sound(moments)
    assert np.all(np.abs(heard[:1_300].astype(int) - 5_000) < 1_000)
    assert rms(heard[1_300:]) < 0.003
    assert moments[0].said[0].text == "(recording, 0.1 s)"
    leaves = next(number for number, moment in enumerate(moments) if moment.leave)
    assert 1.0 < leaves * 0.032 < 1.3
    await source.close()


async def test_a_recording_does_not_wait_for_ever_and_stays_while_it_hears() -> None:
    source = WavSource(np.full(512, 5_000, np.int16), now=0.0, silence_s=1.0, greeting_s=2.0)
    moments = await run(source, 3.0)
    first = next(number for number, moment in enumerate(moments) if moment.said)
    assert 1.9 < first * 0.032 < 2.1
    assert not any(moment.leave for moment in await run(source, 3.0, start=3.0, ear=Ear(audible=True, busy=True)))
    assert any(moment.leave for moment in await run(source, 0.1, start=6.0))
