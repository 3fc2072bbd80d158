"""The other ends of a server under test, each in a process of its own.

A process is told what to do through a pipe, one request at a time, and answers with plain data.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any


class Child:
    """A process and the pipe to it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    async def ask(self, what: str, *args: Any) -> Any:
        """
        Raises:
            EOFError: the process is gone.
        """
        self._pipe.send((what, *args))
        return await asyncio.to_thread(self._pipe.recv)


@contextmanager
def child(run: Callable[..., None], *args: Any) -> Iterator[Child]:
    """Start `run(pipe, *args)` in a fresh process; it ends when the pipe does."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=run, args=(there, *args), daemon=True)
    process.start()
    there.close()
    try:
        yield Child(here)
    finally:
        here.close()
        process.join(10)
        if process.is_alive():
            process.kill()


async def answer(pipe: Connection, requests: dict[str, Callable[..., Any]]) -> None:
    """Do what is asked until nobody is there to ask."""
    while True:
        try:
            what, *args = await asyncio.to_thread(pipe.recv)
        except (EOFError, OSError):
            return
        result = requests[what](*args)
        pipe.send(await result if asyncio.iscoroutine(result) else result)


def quick(run: Callable[[], Any]) -> None:
    """Run a peer so that its own pauses are none of what is measured."""
    gc.disable()
    try:
        import uvloop
    except ImportError:
        asyncio.run(run())
    else:
        uvloop.run(run())
