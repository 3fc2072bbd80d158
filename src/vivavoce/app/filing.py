"""Calls in the store: opening it, and what a recorded call tells: run again, or as a story."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from vivavoce.app.settings import Settings
from vivavoce.app.terms import spec_of, stamp_of
from vivavoce.conversation.log import Entry, replay
from vivavoce.conversation.story import Line, story
from vivavoce.errors import InputError, StoreError
from vivavoce.store import schema
from vivavoce.store.database import open_engine, translated
from vivavoce.store.store import Store

OWNER = f"{platform.node()}:{os.getpid()}"
"""Who carries a call: this process, as people find it in the row. Two may be called alike; their epochs differ."""


def database_url(settings: Settings) -> str:
    return settings.database_url or f"sqlite+aiosqlite:///{settings.data_dir}/viva.db"


@asynccontextmanager
async def open_store(settings: Settings, *, must_exist: bool = False) -> AsyncIterator[Store]:
    """The store of these settings.

    Raises:
        InputError: it must exist and does not.
        StoreError: it cannot be opened.
    """
    database = Path(settings.data_dir) / "viva.db"
    if must_exist and not settings.database_url and not await asyncio.to_thread(database.is_file):
        raise InputError(f"want a folder with a database, got {settings.data_dir}; name it with --data")
    try:
        await asyncio.to_thread(Path(settings.data_dir).mkdir, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"want a folder for data, got {settings.data_dir}: {error.strerror}") from error
    store = await Store.open(database_url(settings))
    try:
        yield store
    finally:
        await store.close()


async def revision_of(settings: Settings) -> str | None:
    """The revision that the database of these settings stands at; None when it is empty or not there. Nothing is made.

    Raises:
        InputError, MissingError, StoreError: as `open_store`.
    """
    engine = open_engine(database_url(settings))
    try:
        path = engine.url.database
        if engine.dialect.name == "sqlite" and path and not await asyncio.to_thread(Path(path).is_file):
            return None
        with translated():
            async with engine.connect() as connection:
                return await connection.run_sync(schema.current)
    finally:
        await engine.dispose()


async def replay_call(store: Store, call_id: str) -> int:
    """Feed a recorded call to the machine again; how many events agreed.

    Raises:
        InputError: there is no such call.
        ReplayMismatch: at the first differing effect.
    """
    stored = await store.call(call_id)
    if stored is None:
        raise InputError(f"want the id of a call, got {call_id[:64]!r}")
    return replay(spec_of(stored), stamp_of(stored), await _entries(store, call_id))


async def story_of_call(store: Store, call_id: str) -> list[Line]:
    """What happened in a recorded call, and why, in lines for people.

    Raises:
        InputError: there is no such call.
        WireError: its log is of another version.
    """
    if await store.call(call_id) is None:
        raise InputError(f"want the id of a call, got {call_id[:64]!r}")
    return story(await _entries(store, call_id))


async def _entries(store: Store, call_id: str) -> list[Entry]:
    return [Entry(row.seq, row.at_s, row.event, row.effects) for row in await store.events(call_id)]
