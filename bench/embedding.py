"""How fast texts become vectors, on one core with one thread: MiniLM, and hashing beside it. By the time the core gave
to it, which on a machine with nothing else to do is the time it takes.

Run: python -m bench embedding
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import time
from itertools import cycle, islice

import msgspec

from bench import ears
from bench.results import Row, row

SENTENCES = [line for line in (ears.TUNED_ON + ears.HELD_OUT).splitlines() if line]
LONG_SENTENCES = 12
"""Of a long text: some 100 pieces, as of a review that somebody took trouble with."""
ALONE = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")}


def texts(count: int, sentences: int) -> list[str]:
    """So many different texts; each is of other sentences, or of the same ones from another one on."""
    said = [", ".join(islice(cycle(SENTENCES), at, at + sentences)) for at in range(len(SENTENCES))]
    return [f"{said[at % len(said)]}, {at}" for at in range(count)]


async def measure(short: int, long: int) -> dict[str, float]:
    from vivavoce.studies.embedding import open_embedder

    found: dict[str, float] = {}
    for name in ("minilm", "hashing"):
        embedder = open_embedder(name)
        began = time.perf_counter()
        await embedder.embed(["one text"])
        found[f"{name}_first_s"] = time.perf_counter() - began
        for kind, some in (("short", texts(short, 1)), ("long", texts(long, LONG_SENTENCES))):
            began = time.process_time()
            await embedder.embed(some)
            found[f"{name}_{kind}"] = len(some) / (time.process_time() - began)
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
    return found


def rows(*, brief: bool = False) -> list[Row]:
    command = [sys.executable, "-m", "bench.embedding", *(["20", "2"] if brief else ["400", "60"])]
    ran = subprocess.run(command, capture_output=True, check=False, env=os.environ | ALONE)
    if ran.returncode:
        raise RuntimeError(f"want vectors, got {ran.stderr.decode().strip().splitlines()[-1:]}")
    found = msgspec.json.decode(ran.stdout, type=dict[str, float])
    hashing = "by hashing"
    return [
        row(
            "MiniLM, short texts (some 12 pieces)", round(found["minilm_short"]), "texts/s",
            beside=round(found["hashing_short"]), than=hashing, least=50,
        ),
        row(
            "MiniLM, long texts (some 100 pieces)", round(found["minilm_long"], 1), "texts/s",
            beside=round(found["hashing_long"]), than=hashing,
        ),
        row("MiniLM, the first text, with reading and checking the weights", round(found["minilm_first_s"], 2), "s"),
        row("memory of such a process, at most", round(found["peak_mb"]), "MB"),
    ]  # fmt: skip


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(msgspec.json.encode(asyncio.run(measure(int(sys.argv[1]), int(sys.argv[2])))).decode())
