"""A program whose start nobody waits for any more."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path

import pytest

from vivavoce.local.starting import started

WAITS = (sys.executable, "-I", "-c", "import sys; sys.stdin.read()")
STEPS = range(1, 9)
"""Turns of the loop: more than it takes until the pipes are joined."""

LEAVES = f"""
import asyncio
from vivavoce.local.starting import started

async def leave(steps):
    keep = asyncio.ensure_future(started(*{WAITS!r}, stdin=-1, stdout=-1))
    for _ in range(steps):
        await asyncio.sleep(0)

for steps in {[*STEPS]}:
    asyncio.run(leave(steps))
    print(steps, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("steps", STEPS)
async def test_giving_up_ends_and_leaves_nothing_running(steps: int) -> None:
    before = _children()
    starting = asyncio.ensure_future(started(*WAITS, stdin=PIPE, stdout=PIPE, stderr=DEVNULL))
    for _ in range(steps):
        await asyncio.sleep(0)
    starting.cancel()
    async with asyncio.timeout(30):
        await asyncio.wait([starting])
    if not starting.cancelled():
        starting.result().kill()
    async with asyncio.timeout(30):
        while _children() - before:  # noqa: ASYNC110 - the system knows, and tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.slow
async def test_a_loop_that_closes_meanwhile_closes() -> None:
    """In a program of its own, since red it hangs."""
    program = await started(sys.executable, "-c", LEAVES, stdout=PIPE, stderr=DEVNULL)
    try:
        async with asyncio.timeout(60):
            out, _ = await program.communicate()
    finally:
        if program.returncode is None:
            program.kill()
    assert out.split() == [str(steps).encode() for steps in STEPS]


def _children() -> set[str]:
    """Processes of ours that run, or have ended and were not waited for."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
