"""Whether the parts that calls cannot do without answer: the database and the disk."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable

import msgspec
from sqlalchemy import literal, select

from vivavoce.errors import StoreError
from vivavoce.store.database import Database

ANSWER_WITHIN_S = 2.0
"""A database that takes longer counts as away: an orchestrator's probe gives up after some seconds."""
KEEP_S = 1.0
"""How long an answer is given again, so that whoever asks often asks the database no more than once a second."""


class Disk(msgspec.Struct, frozen=True):
    free_bytes: int
    total_bytes: int


class Pulse:
    """
    Args:
        clock: seconds that never go back.
    """

    def __init__(self, database: Database, data_dir: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._data_dir = data_dir
        self._clock = clock
        self._asking = asyncio.Lock()
        self._until = float("-inf")
        self._answers = False

    async def database_answers(self) -> bool:
        async with self._asking:
            if self._clock() >= self._until:
                try:
                    async with asyncio.timeout(ANSWER_WITHIN_S):
                        await self._database.rows(select(literal(1).label("one")))
                except (StoreError, TimeoutError):
                    self._answers = False
                else:
                    self._answers = True
                self._until = self._clock() + KEEP_S
            return self._answers

    async def disk(self) -> Disk | None:
        """Of the folder for data; None where nobody can say."""
        try:
            usage = await asyncio.to_thread(shutil.disk_usage, self._data_dir)
        except OSError:
            return None
        return Disk(usage.free, usage.total)
