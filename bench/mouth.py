"""The offline voices: how soon the first sound of a sentence is there, and how long all of it takes."""

from __future__ import annotations

import asyncio
import statistics
import time

from vivavoce.audio.levels import dbfs, rms
from vivavoce.audio.pcm import AGENT_HZ, from_bytes
from vivavoce.local.mouth.mouth import Mouth
from vivavoce.local.mouth.synthesisers import EspeakCommand, EspeakWorker, FliteCommand, Synthesiser

TEXT = "Walk me through the last time someone actually hit this problem."
VOICES = ("warm-baritone", "brisk-alto", "calm-mezzo", "dry-baritone", "quick-tenor", "slow-contralto", "Kore", "Puck")


async def measure(synthesiser: Synthesiser) -> None:
    mouth = await Mouth.start([synthesiser])
    if mouth.engine == "none":
        print(f"{synthesiser.name:18} is not installed")
        return
    firsts, totals, seconds, levels = [], [], [], []
    for voice in VOICES * 3:
        started, first, sound = time.perf_counter(), 0.0, b""
        async for chunk in mouth.speak(TEXT, voice):
            first = first or time.perf_counter() - started
            sound += chunk
        firsts.append(1000 * first)
        totals.append(1000 * (time.perf_counter() - started))
        seconds.append(len(sound) / 2 / AGENT_HZ)
        levels.append(dbfs(rms(from_bytes(sound))))
    await mouth.close()
    print(
        f"{synthesiser.name:18} first chunk {statistics.median(firsts):5.1f} "
        f"(most {max(firsts):5.1f}) ms, "
        f"whole {statistics.median(totals):5.1f} ms for {statistics.median(seconds):.1f} s, "
        f"level {min(levels):.1f} to {max(levels):.1f} dBFS"
    )


async def measure_all() -> None:
    for synthesiser in (EspeakWorker(), EspeakCommand(), FliteCommand()):
        await measure(synthesiser)


def main() -> None:
    asyncio.run(measure_all())


if __name__ == "__main__":
    main()
