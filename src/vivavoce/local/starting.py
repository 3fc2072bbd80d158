"""Starting a program so that giving up on it does not hang."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path


class _Starting(asyncio.Task[Process]):
    """asyncio of Python 3.11 kills a child whose start is cancelled while its pipes are joined, and then waits for its
    end for ever, since who would tell of it is whoever joins the pipes. So nobody cancels it but a loop that closes,
    and then once more while it waits.
    """

    def cancel(self, msg: object = None) -> bool:
        self.get_loop().call_soon(self._leave)
        return super().cancel(msg)

    def _leave(self) -> None:
        # what cancelling set off is in the loop's queue by now, and comes before this
        self.get_loop().call_soon(super().cancel)


async def started(
    *command: str,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    start_new_session: bool = False,
) -> Process:
    """As `asyncio.create_subprocess_exec`; cancelled meanwhile it leaves at once, and the child is killed as soon as it
    is there.

    Raises:
        OSError: it cannot be started.
    """
    starting = _Starting(
        asyncio.create_subprocess_exec(
            *command,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=env,
            cwd=cwd,
            start_new_session=start_new_session,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        starting.add_done_callback(_unwanted)
        raise


def _unwanted(starting: asyncio.Task[Process]) -> None:
    if not starting.cancelled() and starting.exception() is None:
        with contextlib.suppress(ProcessLookupError):
            starting.result().kill()
