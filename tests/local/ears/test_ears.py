"""Utterances, their queue and their ends: with listeners of ours, then with the recogniser of this machine."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from vivavoce.audio.pcm import Pcm16, to_bytes
from vivavoce.errors import AudioShapeError
from vivavoce.local.ears import ears as module
from vivavoce.local.ears.ears import LONGEST_S, Ears
from vivavoce.local.ears.engines import POCKETSPHINX, Engine
from vivavoce.local.ears.listener import Answer, Lesson

SECOND = bytes(32_000)


class Paper:
    """A listener that writes down what it is given, and answers when it is let go.

    Class attributes steer all of them: `gate` opens the answers, `broken` lets the next finish fail, `installed` and
    `heals` say whether it starts and starts again.
    """

    gate: asyncio.Event
    broken: bool
    installed: bool
    heals: bool
    all: list[Paper]

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.alive = True
        self.missing: tuple[str, ...] = ()
        self.log: list[str] = []
        self.lessons: list[Lesson] = []
        Paper.all.append(self)

    async def start(self, lesson: Lesson) -> None:
        self.lessons.append(lesson)
        self.missing = tuple(word for word in lesson.words if word == "qwyx" and word not in lesson.spoken)
        self.alive = Paper.installed and self.engine.name != "broken"

    async def restart(self) -> None:
        self.log.append("restart")
        self.alive = Paper.heals

    def begin(self, mean: str) -> None:
        self.log.append(f"begin {mean}".strip())

    def hear(self, pcm: bytes) -> None:
        self.log.append(f"{len(pcm)}")

    def cancel(self) -> None:
        self.log.append("cancel")

    async def finish(self, seconds: float) -> Answer | None:
        await Paper.gate.wait()
        if not self.alive:
            return None
        if Paper.broken:
            Paper.broken = False
            return None
        return Answer(f"heard {seconds:g} s", "mean-1")

    async def close(self) -> None:
        self.alive = False


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> type[Paper]:
    Paper.gate, Paper.broken, Paper.installed, Paper.heals, Paper.all = asyncio.Event(), False, True, True, []
    Paper.gate.set()
    monkeypatch.setattr(module, "Listener", Paper)
    return Paper


async def test_sound_goes_on_as_it_comes(paper: type[Paper]) -> None:
    ears = await Ears.start()
    async with ears.utterance("a") as utterance:
        utterance.feed(SECOND)
        utterance.feed(b"")
        utterance.feed(SECOND[:1024])
        assert await utterance.finish() == "heard 1.032 s"
        assert await utterance.finish() == "heard 1.032 s"
        utterance.feed(SECOND)
    assert paper.all[0].log == ["begin", "32000", "1024"]


async def test_a_caller_is_known_again(paper: type[Paper]) -> None:
    ears = await Ears.start()
    for caller in ("a", "a", "b", ""):
        await ears.recognise(SECOND, caller)
    begins = [line for line in paper.all[0].log if line.startswith("begin")]
    assert begins == ["begin", "begin mean-1", "begin", "begin"]


async def test_a_second_utterance_waits_with_its_sound_kept(paper: type[Paper]) -> None:
    paper.gate.clear()
    ears = await Ears.start()
    first = asyncio.create_task(ears.recognise(SECOND))
    second = asyncio.create_task(ears.recognise(2 * SECOND))
    third = ears.utterance()
    third.feed(SECOND[:64])
    await asyncio.sleep(0)
    assert paper.all[0].log == ["begin", "64"]
    third.cancel()
    paper.gate.set()
    assert [await first, await second] == ["heard 1 s", "heard 2 s"]
    assert paper.all[0].log == ["begin", "64", "cancel", "begin", "32000", "begin", "64000"]


async def test_one_worker_for_every_two_callers(paper: type[Paper]) -> None:
    for callers, workers in ((1, 1), (2, 1), (3, 2), (5, 3)):
        paper.all.clear()
        await Ears.start(callers=callers)
        assert len(paper.all) == workers


async def test_a_cancelled_utterance_frees_its_worker(paper: type[Paper]) -> None:
    ears = await Ears.start()
    utterance = ears.utterance()
    utterance.feed(SECOND)
    utterance.cancel()
    assert await utterance.finish() == ""
    assert await ears.recognise(SECOND) == "heard 1 s"
    assert paper.all[0].log == ["begin", "32000", "cancel", "begin", "32000"]


async def test_cancelling_the_wait_cancels_the_utterance(paper: type[Paper]) -> None:
    paper.gate.clear()
    ears = await Ears.start()
    waiting = asyncio.create_task(ears.recognise(SECOND))
    queued = asyncio.create_task(ears.recognise(SECOND))
    await asyncio.sleep(0)
    waiting.cancel()
    queued.cancel()
    await asyncio.gather(waiting, queued, return_exceptions=True)
    paper.gate.set()
    assert await ears.recognise(2 * SECOND) == "heard 2 s"
    assert paper.all[0].log == ["begin", "32000", "begin", "64000"]


async def test_a_failure_of_a_stream_is_one_empty_text_and_is_counted(paper: type[Paper]) -> None:
    ears = await Ears.start()
    paper.broken = True
    async with ears.utterance() as utterance:
        utterance.feed(SECOND)
        assert await utterance.finish() == ""
    assert await ears.recognise(SECOND) == "heard 1 s"
    assert ears.failures == 1
    assert paper.all[0].log == ["begin", "32000", "restart", "begin", "32000"]


async def test_a_failure_of_a_whole_utterance_costs_time_and_no_words(paper: type[Paper]) -> None:
    ears = await Ears.start()
    paper.broken = True
    assert await ears.recognise(SECOND) == "heard 1 s"
    assert ears.failures == 1


async def test_what_does_not_come_back_leaves_typing(paper: type[Paper]) -> None:
    ears = await Ears.start()
    paper.broken, paper.heals = True, False
    texts = list(await asyncio.gather(ears.recognise(SECOND), ears.recognise(SECOND)))
    assert texts == ["", ""]
    assert ears.engine == "none"
    assert await ears.recognise(SECOND) == ""


async def test_without_a_recogniser_it_says_so(paper: type[Paper]) -> None:
    paper.installed = False
    ears = await Ears.start()
    assert ears.engine == "none"
    assert await ears.recognise(SECOND) == ""


def choice(name: str, *, along: bool = False) -> Engine:
    return Engine(name, Path("nowhere.py"), along=along, callers=8)


async def test_a_directory_is_heard_with_what_it_holds(
    paper: type[Paper], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "engine_in", lambda name: choice(name))
    ears = await Ears.start(callers=9, model_dir="whisper")
    assert (ears.engine, len(paper.all)) == ("whisper", 2)
    ears = await Ears.start(model_dir="broken")
    assert ears.engine == "pocketsphinx"
    assert "no recogniser of broken" in caplog.text


async def test_who_takes_whole_utterances_is_busy_only_at_their_end(
    paper: type[Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "engine_in", lambda name: choice(name))
    ears = await Ears.start(model_dir="whisper")
    first, second, third = ears.utterance("a"), ears.utterance("b"), ears.utterance("c")
    first.feed(SECOND)
    second.feed(2 * SECOND)
    third.feed(SECOND)
    third.cancel()
    first.feed(SECOND)
    assert paper.all[0].log == []
    assert await second.finish() == "heard 2 s"
    assert [await first.finish(), await third.finish()] == ["heard 2 s", ""]
    assert paper.all[0].log == ["begin", "64000", "begin", "64000"]


async def test_closing_ends_what_waits(paper: type[Paper]) -> None:
    paper.gate.clear()
    ears = await Ears.start()
    tasks = [asyncio.create_task(ears.recognise(SECOND)) for _ in range(2)]
    open_still = ears.utterance()
    open_still.feed(SECOND)
    await asyncio.sleep(0)
    await ears.close()
    paper.gate.set()
    assert await asyncio.gather(*tasks) == ["", ""]
    assert await open_still.finish() == ""
    assert ears.engine == "none"


async def test_a_forgotten_utterance_frees_its_worker(paper: type[Paper], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE_S", 0.01)
    ears = await Ears.start()
    forgotten = ears.utterance()
    forgotten.feed(SECOND)
    async with asyncio.timeout(5):
        assert await ears.recognise(2 * SECOND) == "heard 2 s"
    assert await forgotten.finish() == ""


async def test_an_endless_utterance_is_cut(paper: type[Paper]) -> None:
    ears = await Ears.start()
    utterance = ears.utterance()
    for _ in range(LONGEST_S + 5):
        utterance.feed(SECOND)
    assert await utterance.finish() == f"heard {LONGEST_S} s"


async def test_half_a_sample_is_refused_and_no_sound_is_no_text(paper: type[Paper]) -> None:
    ears = await Ears.start()
    with pytest.raises(AudioShapeError):
        await ears.recognise(b"abc")
    assert await ears.recognise(b"") == ""
    assert await ears.recognise(SECOND) == "heard 1 s"


async def test_unknown_words_are_taught_with_sounds(paper: type[Paper], monkeypatch: pytest.MonkeyPatch) -> None:
    async def pronounce(words: tuple[str, ...]) -> dict[str, str]:
        return dict.fromkeys(words, "K W IH K S")

    monkeypatch.setattr(module, "pronounce", pronounce)
    ears = await Ears.start(["Tell me about Qwyx"])
    assert paper.all[0].lessons[-1].spoken == {"qwyx": "K W IH K S"}
    assert ears.missing == ()


@asynccontextmanager
async def hearing(words: Iterable[str] = ()) -> AsyncIterator[Ears]:
    """Ears with workers, which end with them also where a test fails."""
    ears = await Ears.start(words)
    try:
        yield ears
    finally:
        await ears.close()


@pytest.mark.slow
async def test_the_recogniser_of_this_machine(answer: Pcm16) -> None:
    pytest.importorskip("pocketsphinx")
    said, pcm = "about forty percent margin", to_bytes(answer)
    async with hearing(["What margin do you make with Qwyx?"]) as ears:
        assert ears.engine == "pocketsphinx"
        beside = asyncio.create_task(ears.recognise(pcm, "b"))
        async with ears.utterance("a") as utterance:
            for at in range(0, len(pcm), 1024):
                utterance.feed(pcm[at : at + 1024])
            assert await utterance.finish() == said
        assert await beside == said
        assert await ears.recognise(bytes(64_000)) == ""
        assert await ears.recognise(bytes(2)) == ""


@pytest.mark.slow
async def test_a_worker_that_ends_or_hangs(answer: Pcm16, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pocketsphinx")
    pcm = to_bytes(answer)
    async with hearing() as ears:

        def worker() -> int:
            process = ears._listeners[0]._worker._process
            assert process is not None
            return process.pid

        os.kill(worker(), signal.SIGKILL)
        assert await ears.recognise(pcm) == "about forty percent margin", "killed while idle: heard by the next one"
        hasty = replace(POCKETSPHINX, finish_within_s=0.1, finish_within_per_s=0.0)
        monkeypatch.setattr(ears._listeners[0], "_engine", hasty)
        os.kill(worker(), signal.SIGSTOP)
        async with ears.utterance() as utterance:
            utterance.feed(pcm)
            assert await utterance.finish() == ""
        monkeypatch.undo()
        assert await ears.recognise(pcm) == "about forty percent margin"
        assert ears.failures == 2
