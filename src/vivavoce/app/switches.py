"""Kill switches: what an operator turns off without a restart, on every server of the database within a second.

`calls` (no new calls), `calls:AGENT` (none with this agent), `voice` (all talks go on in text), `tool:NAME` (the model
is told that it is not available). Calls that run are told through their conversation; a database that does not answer
leaves everything as it was last known.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from vivavoce.agents import GENERIC_TOOLS
from vivavoce.errors import BusyError, InputError, StoreError
from vivavoce.store.switches import StoredSwitch, SwitchRows

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
NAME = r"^(calls|voice|calls:[a-z0-9][a-z0-9-]{0,63}|tool:[A-Za-z_][A-Za-z0-9_.-]{0,63})$"
MAX_REASON_CHARS = 200


class Switches:
    """
    Args:
        clock: Unix seconds.

    Attributes:
        off: what is off, as last known.
        problem: why that may be out of date; empty while the database answers.
    """

    def __init__(self, rows: SwitchRows, *, clock: Callable[[], float] = time.time) -> None:
        self._rows = rows
        self._clock = clock
        self.off: tuple[StoredSwitch, ...] = ()
        self.problem = ""
        self.changed: list[Callable[[], None]] = []
        """Called after each change."""
        self._looking = asyncio.Lock()
        """One at a time: an answer that was long on its way must not undo a later one."""

    @property
    def text_only(self) -> bool:
        return any(switch.name == "voice" for switch in self.off)

    @property
    def tools_off(self) -> tuple[str, ...]:
        return tuple(switch.name.removeprefix("tool:") for switch in self.off if switch.name.startswith("tool:"))

    def stopped(self, agent: str | None = None) -> bool:
        """Whether no new calls are taken: at all, or with this agent."""
        return any(switch.name == "calls" or (agent and switch.name == f"calls:{agent}") for switch in self.off)

    def check(self, agent: str) -> None:
        """
        Raises:
            BusyError: no new calls with this agent are taken.
        """
        if self.stopped(agent):
            raise BusyError("no new calls are taken at the moment: they are switched off here", why="switched_off")

    async def set(self, name: str, reason: str) -> StoredSwitch:
        """Switch something off, here at once.

        Raises:
            InputError: there is no such switch.
            StoreError: the database did not take it.
        """
        if not re.fullmatch(NAME, name):
            raise InputError(f"want a switch (calls, calls:AGENT, voice or tool:NAME), got {name[:80]!a}")
        if name.removeprefix("tool:") in GENERIC_TOOLS:
            raise InputError(f"want a tool of an agent's own, got {name.removeprefix('tool:')}, which every talk needs")
        switch = StoredSwitch(name=name, reason=reason[:MAX_REASON_CHARS], set_at=self._clock())
        await self._rows.set(switch)
        log.warning("switched off", switch=name)
        await self.look()
        return switch

    async def clear(self, name: str) -> bool:
        """Switch it on again, here at once; False when it was on. Raises StoreError."""
        was_off = await self._rows.clear(name)
        if was_off:
            log.warning("switched on", switch=name)
        await self.look()
        return was_off

    async def look(self) -> None:
        """Read the switches; whoever listens is told of a change. What cannot be read stays as it was."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        try:
            off = tuple(await self._rows.all())
        except Exception as error:  # noqa: BLE001  # whatever it is: the next look may do, and must come
            problem = str(error) if isinstance(error, StoreError) else type(error).__name__
            if not self.problem:
                log.error("the switches cannot be read; they stay as they were", problem=problem)  # noqa: TRY400
            self.problem = problem
            return
        self.problem = ""
        if off == self.off:
            return
        self.off = off
        for tell in self.changed:
            tell()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Look at once, and every second until the block ends."""
        await self.look()
        task = asyncio.create_task(self._watch(), name="switches")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            await self.look()
