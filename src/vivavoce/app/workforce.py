"""The workers a server keeps: started after it, started again when they die, told to stop before it ends."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec
import structlog

from vivavoce.app.settings import Settings
from vivavoce.jobs.worker import STOP_WITHIN_S
from vivavoce.local.starting import started

log = structlog.get_logger(__name__)

PROGRAM = (sys.executable, "-m", "vivavoce.app.work")
AGAIN_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Waits before a worker that died is started again; the last one again and again. Starting one costs two seconds of a
core, which calls need more. Not tuned.
"""
STEADY_S = 60.0
"""A worker that lived this long did not die of its start: the waits begin anew."""


@asynccontextmanager
async def keep_workers(
    settings: Settings,
    *,
    program: Sequence[str] = PROGRAM,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    stop_within_s: float = STOP_WITHIN_S + 5.0,
) -> AsyncIterator[None]:
    """Keep `settings.workers` worker processes while the block runs. Nothing waits for their start.

    Args:
        program: what to run; it is given the settings as a line of JSON on its standard input, which stays open until
            it shall stop. Neither arguments nor environment hold a secret.
        stop_within_s: a worker that takes longer to stop is killed.
    """
    line = msgspec.json.encode(settings) + b"\n"
    keepers = [
        asyncio.create_task(_keep(program, line, pause, stop_within_s), name=f"worker {number}")
        for number in range(settings.workers)
    ]
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)


async def _keep(
    program: Sequence[str], line: bytes, pause: Callable[[float], Awaitable[None]], stop_within_s: float
) -> None:
    """Run a worker, and another one when it dies, until cancelled."""
    clock = asyncio.get_running_loop().time
    deaths = 0
    while True:
        began = clock()
        why: dict[str, int | str]
        try:
            why = {"code": await _live(program, line, stop_within_s)}
        except OSError as error:  # no memory, no process, no file left; there may be later
            why = {"problem": error.strerror or type(error).__name__}
        deaths = 0 if clock() - began >= STEADY_S else deaths + 1
        wait_s = AGAIN_S[min(max(deaths - 1, 0), len(AGAIN_S) - 1)]
        log.warning("a worker died and is started again", **why, wait_s=wait_s)
        await pause(wait_s)


async def _live(program: Sequence[str], line: bytes, stop_within_s: float) -> int:
    """One worker from start to end; its exit code. It is told to stop when this is cancelled."""
    # a session of its own: Ctrl-C at a terminal goes to the server, which then tells its workers (uvloop takes no
    # `process_group`)
    process = await started(*program, stdin=asyncio.subprocess.PIPE, start_new_session=True)
    try:
        await _hand(process, line)
        return await process.wait()
    except asyncio.CancelledError:
        await _stop(process, stop_within_s)
        raise


async def _hand(process: Process, line: bytes) -> None:
    assert process.stdin is not None, "it was asked for"
    with contextlib.suppress(ConnectionError):  # it died at once: `wait` says so
        process.stdin.write(line)
        await process.stdin.drain()


async def _stop(process: Process, within_s: float) -> None:
    assert process.stdin is not None, "it was asked for"
    process.stdin.close()
    try:
        async with asyncio.timeout(within_s):
            await process.wait()
    except TimeoutError:
        log.warning("a worker did not stop in time and was killed")
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
