"""Failing calls, each shrunk and saved as a script that a test can keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from vivavoce.storm.outcome import outcome_of
from vivavoce.storm.shrink import shrink
from vivavoce.storm.storm import Storm, Tell
from vivavoce.storm.world.script import Script, write_script


def breaks(bound: str) -> Callable[[Script], bool]:
    return lambda script: bound in outcome_of(script, replay=bound == "replay_differs").broken()


def save_failing(
    asked: Storm, failing: Iterable[tuple[int, list[str]]], folder: Path, *, most: int, tell: Tell
) -> list[Path]:
    """Shrink and save one call for each bound that was broken.

    Args:
        failing: calls and which bounds they broke.
        most: so many scripts.
        tell: is told what is being shrunk.
    Returns:
        where the scripts are.
    """
    saved: dict[str, Path] = {}
    for number, bounds in failing:
        for bound in bounds:
            if bound in saved or len(saved) == most:
                continue
            tell(f"call {number}: {bound}", None)
            script = shrink(asked.script(number), breaks(bound))
            script = msgspec.structs.replace(script, about=bound)
            kinds = sorted({fault.kind for fault in script.faults})
            saved[bound] = folder / f"{'-'.join([bound, *kinds])}.yaml"
            write_script(saved[bound], script)
    return list(saved.values())
