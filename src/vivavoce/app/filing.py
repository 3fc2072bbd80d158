"""Calls in the store: opening it, what a killed server left open, and feeding a recorded call to the machine again."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import structlog

from vivavoce.agents import load
from vivavoce.app.settings import Settings
from vivavoce.conversation.log import Entry, Stamp, replay
from vivavoce.errors import InputError, StoreError
from vivavoce.store.recordings import found_recordings
from vivavoce.store.store import Store

log = structlog.get_logger(__name__)

OWNER = f"{platform.node()}:{os.getpid()}"
"""Who carries a call: this process. What it leaves behind when it is killed is filed by the next one on this machine.
"""


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


async def file_orphans(store: Store, recordings_dir: Path) -> None:
    """File the calls that a killed server of this machine left open: they have ended, their sound is on the disk."""
    node = platform.node()
    for call in await store.open_calls():
        host, _, pid = (call.owner or "").rpartition(":")
        if host != node or not pid.isdigit() or _alive(int(pid)):
            continue
        if not await store.events(call.id):
            await store.finish_call(call.id, ended_at=call.started_at, reason="never_began")
            continue
        turns = await store.turns(call.id)
        ended_at = call.started_at + max((turn.end_ms for turn in turns), default=0) / 1000
        for row in await asyncio.to_thread(found_recordings, recordings_dir, call.id):
            await store.save_recording(row)
        await store.finish_call(call.id, ended_at=ended_at, reason="server_died")
        log.warning("a call of a killed server was filed", call=call.id)


def _alive(pid: int) -> bool:
    if pid == os.getpid():
        return False  # a process of old with our number: we have just begun
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


async def replay_call(store: Store, call_id: str) -> int:
    """Feed a recorded call to the machine again; how many events agreed.

    Raises:
        InputError: there is no such call.
        ReplayMismatch: at the first differing effect.
    """
    stored = await store.call(call_id)
    if stored is None:
        raise InputError(f"want the id of a call, got {call_id[:64]!r}")
    entries = [Entry(row.seq, row.at_s, row.event, row.effects) for row in await store.events(call_id)]
    return replay(load(stored.agent_source).spec, stamp_of(stored.settings), entries)


def stamp_of(settings: dict[str, object]) -> Stamp:
    return msgspec.convert(settings["stamp"], Stamp)
