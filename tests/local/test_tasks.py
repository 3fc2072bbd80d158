"""The tasks of one session: all of them end with it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from vivavoce.local.tasks import Tasks

from .gemini.desk import breathe


async def guard(work: Coroutine[Any, Any, None]) -> None:
    await work


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_what_a_task_begins_as_it_ends_ends_too() -> None:
    before = asyncio.all_tasks()
    tasks = Tasks(guard)

    async def last_words() -> None:
        with suppress(asyncio.CancelledError):
            await for_ever()
        tasks.spawn(for_ever())

    tasks.spawn(last_words())
    await breathe()
    await tasks.end()
    assert asyncio.all_tasks() == before


async def test_a_task_that_never_took_a_step_leaves_no_warning() -> None:
    tasks = Tasks(guard)
    tasks.spawn(for_ever())
    await tasks.end()
    await tasks.end()
