"""Every script of `calls/` against the real gateway; the same files run against the browser SDK (`web/sdk`)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.calls.stage import scripts, stage
from tests.calls.turned_loop import TurnedLoop


def run(path: Path) -> None:
    with asyncio.Runner(loop_factory=TurnedLoop) as runner:
        runner.run(stage(path))


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.stem)
def test_a_scripted_call(path: Path) -> None:
    run(path)
