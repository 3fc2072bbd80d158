"""Text to sound: with synthesisers we play ourselves, then with the ones of this machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from contextlib import aclosing

import numpy as np
import pytest

from vivavoce.audio.levels import rms
from vivavoce.audio.pcm import AGENT_HZ, Pcm16, from_bytes
from vivavoce.errors import MissingError
from vivavoce.local.mouth.mouth import CHUNK_SAMPLES, LEVEL, PEAK, Mouth, level
from vivavoce.local.mouth.synthesisers import EspeakCommand, EspeakWorker, FliteCommand, Synthesiser, SynthesisFailed
from vivavoce.local.mouth.voices import Timbre


class Tone:
    """A synthesiser of ours: half a second of tone per piece, with faults on demand."""

    def __init__(self, name: str = "tone", *, fails: int = 0, starts: int = 1_000) -> None:
        self.name = name
        self.said: list[tuple[str, str]] = []
        self.busy = 0
        self.closed = 0
        self._fails = fails
        self._starts = starts

    async def start(self) -> None:
        self._starts -= 1
        if self._starts < 0:
            raise MissingError(f"no {self.name}", remedy="None.")

    async def synthesise(self, text: str, voice: Timbre, language: str) -> tuple[Pcm16, int]:
        assert self.busy == 0, "one text at a time"
        self.busy += 1
        await asyncio.sleep(0)
        self.busy -= 1
        if self._fails:
            self._fails -= 1
            raise SynthesisFailed("broken on purpose")
        self.said.append((text, language))
        seconds = np.arange(8_000) / 16_000
        return (3_000 * np.sin(2 * np.pi * 220 * seconds)).astype(np.int16), 16_000

    async def close(self) -> None:
        self.closed += 1


async def heard(mouth: Mouth, text: str, voice: str = "warm-baritone") -> Pcm16:
    return from_bytes(b"".join([chunk async for chunk in mouth.speak(text, voice)]))


async def test_sound_comes_in_chunks_at_24_khz() -> None:
    mouth = await Mouth.start([Tone()])
    chunks = [chunk async for chunk in mouth.speak("Hello there.", "calm-mezzo")]
    assert all(len(chunk) == 2 * CHUNK_SAMPLES for chunk in chunks[:-1])
    assert sum(len(chunk) for chunk in chunks) == pytest.approx(AGENT_HZ, abs=100)
    assert rms(from_bytes(b"".join(chunks))) == pytest.approx(LEVEL, rel=0.05)


async def test_a_closed_iterator_stops_the_work() -> None:
    tone = Tone()
    mouth = await Mouth.start([tone])
    async with aclosing(mouth.speak("One. Two. Three.", "x")) as sound:
        async for _ in sound:
            break
    assert [text for text, _ in tone.said] == ["One."]
    assert len(await heard(mouth, "Next.")) > 0


async def test_a_cancelled_speaker_leaves_the_next_a_clean_engine() -> None:
    tone = Tone()
    mouth = await Mouth.start([tone])
    speaking = asyncio.create_task(heard(mouth, "One."))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    speaking.cancel()
    assert len(await heard(mouth, "Two.")) > 0
    assert [text for text, _ in tone.said][-1] == "Two."


async def test_speakers_take_turns_at_the_engine() -> None:
    mouth = await Mouth.start([Tone()])
    sounds = await asyncio.gather(*(heard(mouth, "One. Two.", f"voice-{n}") for n in range(5)))
    assert len({len(sound) for sound in sounds}) == 1


async def test_one_failure_is_not_heard() -> None:
    tone = Tone(fails=1)
    mouth = await Mouth.start([tone])
    assert rms(await heard(mouth, "Hello.")) > 0.05
    assert (tone.closed, mouth.failures, mouth.engine) == (1, 0, "tone")


async def test_two_failures_are_silence_as_long_as_the_text() -> None:
    mouth = await Mouth.start([Tone(fails=2)])
    sound = await heard(mouth, "This one will be lost.")
    assert rms(sound) == 0
    assert 1 < len(sound) / AGENT_HZ < 2
    assert mouth.failures == 1
    assert rms(await heard(mouth, "The next is there.")) > 0.05


async def test_an_engine_that_does_not_come_back_is_followed_by_the_next() -> None:
    mouth = await Mouth.start([Tone("first", fails=1, starts=1), Tone("second")])
    assert mouth.engine == "first"
    assert rms(await heard(mouth, "Hello.")) > 0.05
    assert mouth.engine == "second"


async def test_with_no_engine_it_says_so_and_stays_silent() -> None:
    mouth = await Mouth.start([Tone(starts=0)])
    assert mouth.engine == "none"
    assert rms(await heard(mouth, "Hello there.")) == 0


async def test_after_closing_it_is_silent() -> None:
    tone = Tone()
    mouth = await Mouth.start([tone])
    await mouth.close()
    assert (tone.closed, mouth.engine) == (1, "none")
    assert rms(await heard(mouth, "Hello.")) == 0


async def test_the_language_reaches_the_engine() -> None:
    tone = Tone()
    mouth = await Mouth.start([tone])
    async for _ in mouth.speak("Guten Tag.", "x", "de"):
        pass
    assert tone.said == [("Guten Tag.", "de")]


@pytest.mark.parametrize("text", ["", "   ", "...", "\x00\x01", "<br/>"])
async def test_nothing_to_say_is_no_sound(text: str) -> None:
    mouth = await Mouth.start([Tone()])
    assert len(await heard(mouth, text)) == 0


def test_level_does_not_clip_nor_lift_silence() -> None:
    peaky = np.zeros(AGENT_HZ, np.int16)
    peaky[::480] = 20_000
    louder = level(peaky)
    assert np.abs(louder).max() <= PEAK * 32_768
    quiet = np.full(AGENT_HZ, 3, np.int16)
    assert np.array_equal(level(quiet), quiet)
    assert len(level(np.zeros(0, np.int16))) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("synthesiser", "program"),
    [(EspeakWorker, None), (EspeakCommand, "espeak-ng"), (FliteCommand, "flite")],
)
async def test_the_engines_of_this_machine_speak(synthesiser: type[Synthesiser], program: str | None) -> None:
    if program is None:
        pytest.importorskip("espeakng_loader")
    elif shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    mouth = await Mouth.start([synthesiser()])
    short, long = await heard(mouth, "Yes."), await heard(mouth, "Walk me through the last time it happened.")
    await mouth.close()
    assert 0.2 < len(short) / AGENT_HZ < 1.5
    assert 1.5 < len(long) / AGENT_HZ < 5
    assert 0.04 < rms(long) < 0.12
    assert mouth.failures == 0


@pytest.mark.slow
async def test_a_killed_worker_is_not_heard() -> None:
    pytest.importorskip("espeakng_loader")
    worker = EspeakWorker()
    mouth = await Mouth.start([worker])
    process = worker._worker._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    assert rms(await heard(mouth, "Still here.")) > 0.04
    assert mouth.failures == 0
    await mouth.close()


@pytest.mark.slow
async def test_voices_and_languages_sound_different() -> None:
    pytest.importorskip("espeakng_loader")
    mouth = await Mouth.start([EspeakWorker()])
    text = "We would like to know."
    voices = [await heard(mouth, text, name) for name in ("warm-baritone", "brisk-alto", "calm-mezzo")]
    assert len({len(sound) for sound in voices}) == 3
    german = from_bytes(b"".join([chunk async for chunk in mouth.speak(text, "calm-mezzo", "de-AT")]))
    unknown = from_bytes(b"".join([chunk async for chunk in mouth.speak(text, "calm-mezzo", "tlh")]))
    assert len(german) != len(voices[2])
    assert abs(len(unknown) - len(voices[2])) <= AGENT_HZ // 20
    await mouth.close()
