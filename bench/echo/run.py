"""All gates over many conversations, on all cores."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence

from bench.echo import detector
from bench.echo.gates import CONTENDERS
from bench.echo.score import Score, play
from bench.echo.talk import Setting, write
from bench.echo.voices import Voices

_Job = tuple[list[int], Setting, tuple[str, ...]]


def scores(names: Sequence[str], setting: Setting, *, conversations: int, seed: int) -> dict[str, Score]:
    """By name of the gate. The same seed is the same conversations."""
    seeds = [seed * 10_000 + number for number in range(conversations)]
    workers = min(os.cpu_count() or 1, len(seeds))
    jobs: list[_Job] = [(seeds[k::workers], setting, tuple(names)) for k in range(workers)]
    if workers == 1:
        return _work(jobs[0])
    whole = {name: Score() for name in names}
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for part in pool.imap(_work, jobs):
            for name, score in part.items():
                whole[name].add(score)
    return whole


def _work(job: _Job) -> dict[str, Score]:
    seeds, setting, names = job
    voices = Voices()
    found = {name: Score() for name in names}
    try:
        for seed in seeds:
            talk = write(seed, voices, setting)
            for name in names:
                found[name].add(play(talk.fresh(), CONTENDERS[name](setting)))
    finally:
        voices.close()
        detector.discard()
    return found
