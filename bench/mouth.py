"""The offline voices: how soon the first sound of a sentence is there, and how long all of it takes."""

from __future__ import annotations

import asyncio
import statistics
import time

from bench.results import Row, row
from vivavoce.audio.levels import dbfs, rms
from vivavoce.audio.pcm import AGENT_HZ, from_bytes
from vivavoce.local.mouth.mouth import Mouth
from vivavoce.local.mouth.synthesisers import EspeakCommand, EspeakWorker, FliteCommand, Synthesiser

TEXT = "Walk me through the last time someone actually hit this problem."
VOICES = ("warm-baritone", "brisk-alto", "calm-mezzo", "dry-baritone", "quick-tenor", "slow-contralto", "Kore", "Puck")


async def measure(synthesiser: Synthesiser, rounds: int) -> list[Row]:
    mouth = await Mouth.start([synthesiser])
    if mouth.engine == "none":
        return []
    firsts, totals, seconds, levels = [], [], [], []
    for voice in VOICES * rounds:
        started, first, sound = time.perf_counter(), 0.0, b""
        async for chunk in mouth.speak(TEXT, voice):
            first = first or time.perf_counter() - started
            sound += chunk
        firsts.append(1000 * first)
        totals.append(1000 * (time.perf_counter() - started))
        seconds.append(len(sound) / 2 / AGENT_HZ)
        levels.append(dbfs(rms(from_bytes(sound))))
    await mouth.close()
    name = synthesiser.name
    return [
        row(f"{name}: first chunk", round(statistics.median(firsts), 1), "ms"),
        row(f"{name}: first chunk at most", round(max(firsts), 1), "ms", minor=True),
        row(
            f"{name}: a sentence of {statistics.median(seconds):.1f} s", round(statistics.median(totals), 1), "ms",
            minor=True,
        ),
        row(f"{name}: softest voice", round(min(levels), 1), "dBFS", minor=True),
        row(f"{name}: loudest voice", round(max(levels), 1), "dBFS", minor=True),
    ]  # fmt: skip


async def measure_all(rounds: int) -> list[Row]:
    return [
        each
        for synthesiser in (EspeakWorker(), EspeakCommand(), FliteCommand())
        for each in await measure(synthesiser, rounds)
    ]


def rows(*, brief: bool = False) -> list[Row]:
    """Of the engines that are installed."""
    return asyncio.run(measure_all(1 if brief else 3))
