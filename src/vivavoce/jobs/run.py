"""One job in the hands of a worker: its steps, its progress, and the moments at which it may stop."""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import Awaitable, Callable, Mapping
from itertools import chain, repeat
from pathlib import PurePath
from typing import Any, TypeAlias, TypeVar

import msgspec
import structlog

from vivavoce.errors import BusyError, InputError, LinkError, MissingError, StoreError
from vivavoce.jobs.claims import Claimed, Claims
from vivavoce.jobs.engine import Engine
from vivavoce.jobs.kinds import Kind, StepFailed
from vivavoce.store.database import RowsRefused

log = structlog.get_logger(__name__)

T = TypeVar("T")
Pause: TypeAlias = Callable[[float], Awaitable[None]]
TELL_EVERY_S = 0.1
"""Progress is written at most this often: each time costs a commit."""
WAITS_S = (0.5, 1.0, 2.0)
"""Waits while the database is away; the last one again and again."""
# Errors whose messages are ours whole. Others may quote what they were handed, and that may be what a caller said.
_SAYABLE = (BusyError, LinkError, MissingError, StoreError)


class Cancelled(BaseException):
    """Somebody asked for the job to be stopped. Like the next two it passes by handlers that catch every Exception."""


class Lost(BaseException):
    """The job is not ours any more: its call was erased, or others took us for dead."""


class Stopped(BaseException):
    """The worker ends; others go on with the job."""


class Run:
    """A `kinds.Job`, made by the worker."""

    def __init__(
        self, claimed: Claimed, kind: Kind, claims: Claims, engine: Engine, stopping: asyncio.Event, pause: Pause
    ) -> None:
        self.id = claimed.id
        self.args: Mapping[str, Any] = claimed.args
        self.call_id = claimed.call_id
        self._kind = kind
        self._claims = claims
        self._engine = engine
        self._stopping = stopping
        self._pause = pause
        self._told_at = -TELL_EVERY_S

    async def step(self, name: str, function: Callable[..., Any], /, *args: Any) -> Any:
        if self._stopping.is_set():
            raise Stopped
        standing = await patiently(lambda: self._claims.standing(self.id), self._pause)
        if standing == "lost":
            raise Lost
        if standing == "cancelled":
            raise Cancelled
        outcome = await self._engine.step(name, lambda: self._attempts(name, function, args))
        if "failed" in outcome:
            raise StepFailed(outcome["failed"])
        return outcome["value"]

    async def _attempts(self, name: str, function: Callable[..., Any], args: tuple[Any, ...]) -> dict[str, Any]:
        """An outcome, never an error: the engine would keep the error's text."""
        problem = ""
        for attempt in range(self._kind.attempts):
            if attempt:
                await self._pause(self._kind.wait_s * 3 ** (attempt - 1))
            try:
                async with asyncio.timeout(self._kind.step_s):
                    if inspect.iscoroutinefunction(function):
                        value = await function(*args)
                    else:
                        value = await asyncio.to_thread(function, *args)
                # as it will be remembered, so that the first run sees what a second one will
                return {"value": msgspec.json.decode(msgspec.json.encode(value))}
            except TimeoutError:
                problem = f"step {name} took longer than {self._kind.step_s:g} s"
            except _SAYABLE as error:
                problem = f"step {name} failed: {error}"
            except Exception as error:  # noqa: BLE001  whatever a step does fails the step and nothing else
                problem = f"step {name} failed: {type(error).__name__}"
                log.warning("a step of a job failed", job=self.id, kind=self._kind.name, step=name, at=where(error))
                if isinstance(error, InputError):  # asked again it would say the same
                    break
        return {"failed": problem}

    async def goes_on(self) -> bool:
        return not self._stopping.is_set() and await self._claims.standing(self.id) == "ours"

    async def progress(self, fraction: float, note: str = "") -> None:
        now = asyncio.get_running_loop().time()
        if now - self._told_at < TELL_EVERY_S and fraction < 1:
            return
        self._told_at = now
        try:
            await self._claims.progress(self.id, min(1.0, max(0.0, fraction)), note)
        except StoreError:
            return  # the next one will tell


async def patiently(ask: Callable[[], Awaitable[T]], pause: Pause) -> T:
    """Ask the database until it answers: a job outlasts an outage.

    Raises:
        RowsRefused: it answers, and will always answer that.
    """
    for wait_s in chain(WAITS_S, repeat(WAITS_S[-1])):
        try:
            return await ask()
        except RowsRefused:
            raise
        except StoreError:
            await pause(wait_s)
    raise AssertionError("the waits go on for ever")


def where(error: BaseException) -> str:
    """What kind of error and the line it came from; not its text, which may quote somebody."""
    frames = traceback.extract_tb(error.__traceback__)
    line = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + line
