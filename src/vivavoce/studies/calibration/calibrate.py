"""`viva calibrate`: every body of outcomes there is, each with its controls, its ceiling and its intervals. The same
data, seed and embedder give the same figures.
"""

from __future__ import annotations

import asyncio
import platform
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from vivavoce import __version__
from vivavoce.errors import InputError, NotHereError
from vivavoce.studies.calibration.asserted import asserted
from vivavoce.studies.calibration.cars import cars
from vivavoce.studies.calibration.composite import composite
from vivavoce.studies.calibration.ideas import ideas
from vivavoce.studies.calibration.outcome import Calibration, Task
from vivavoce.studies.calibration.stories import stories
from vivavoce.studies.calibration.surveys import surveys
from vivavoce.studies.calibration.twins import twins
from vivavoce.studies.calibration.upworthy import upworthy
from vivavoce.studies.calibration.wishes import wishes
from vivavoce.studies.embedding.remembered import Remembered
from vivavoce.studies.port import Embedder

Measure: TypeAlias = Callable[[Path, Embedder, int], Awaitable[Task]]
TASKS: dict[str, Measure] = {
    "upworthy": upworthy,
    "ideas": ideas,
    "crowdre": wishes,
    "composite": composite,
    "cars": cars,
    "twins": twins,
    "storytelling": stories,
    "asserted": asserted,
}
SEED = 9
"""Of the figures on the page; any other is as good."""
Tell: TypeAlias = Callable[[str, float], None]


async def calibrate(
    folder: Path | None,
    embedder: Embedder,
    *,
    names: Sequence[str] = (),
    survey_file: Path | None = None,
    seed: int = SEED,
    day: str = "",
    tell: Tell = lambda _what, _part: None,
) -> Calibration:
    """Measure on a folder of outcomes, and on surveys.

    Args:
        folder: of the data; None for surveys alone.
        names: of tasks; all without. What is not there is listed, unless it was named.
        day: that stands on the result.
    Raises:
        InputError: no such task, a file has other columns or values, or there is nothing to measure on.
        NotHereError: the file of a named task is not there.
        MissingError: the embedder cannot be had.
    """
    if unknown := sorted(set(names) - TASKS.keys()):
        raise InputError(f"want tasks of {', '.join(TASKS)}; got {', '.join(map(repr, unknown))[:100]}")
    if folder is not None and not await asyncio.to_thread(folder.is_dir):
        raise NotHereError(f"want a folder of data, {folder.name!r} is none")
    remembered = Remembered(embedder)
    wanted = (list(names) or list(TASKS)) if folder is not None else []
    found: list[Task] = []
    not_run: dict[str, str] = {}
    for at, name in enumerate(wanted):
        tell(name, at / len(wanted))
        began = time.perf_counter()
        try:
            assert folder is not None, "tasks are of a folder"
            task = await TASKS[name](folder, remembered, seed)
        except NotHereError as error:
            if names:
                raise
            not_run[name] = str(error)
            continue
        found.append(msgspec.structs.replace(task, seconds=round(time.perf_counter() - began, 1)))
    if survey_file is not None:
        tell("surveys", 1.0)
        found.append(surveys(survey_file, seed))
    if not found:
        why = "; ".join(not_run.values()) or "got neither a folder nor surveys"
        raise InputError(f"want something to measure on: {why[:500]}")
    return Calibration(
        seed=seed,
        embedder=embedder.name,
        version=__version__,
        machine=f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        day=day,
        tasks=tuple(found),
        not_run=not_run,
    )
