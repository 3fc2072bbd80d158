"""Calls in the store: opening it, what a killed server left open, and feeding a recorded call to the machine again."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from vivavoce.agents.callsettings import read_resolved
from vivavoce.app.settings import Settings
from vivavoce.app.terms import kept_until, spec_of, stamp_of
from vivavoce.conversation.log import Entry, replay
from vivavoce.errors import InputError, StoreError
from vivavoce.store import schema
from vivavoce.store.database import open_engine, translated
from vivavoce.store.recordings import found_recordings
from vivavoce.store.rows import StoredCall
from vivavoce.store.store import Store

log = structlog.get_logger(__name__)

LONGEST_S = 26 * 3_600.0
"""No call may be longer than 1,440 minutes (`callsettings`); two hours for clocks that differ."""
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


async def file_orphans(store: Store, recordings_dir: Path) -> int:
    """File the calls that a killed server left open: they have ended, their sound is on the disk. A server of this
    machine is known to be dead; one of another is believed to be when its call is longer than any may be.

    Returns:
        how many.
    """
    filed = 0
    for call in await store.open_calls():
        if _carried(call.owner or "") and time.time() < call.started_at + LONGEST_S:
            continue
        try:
            await _file_orphan(store, recordings_dir, call)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  # one row that cannot be read keeps no server from its start
            fault = type(error).__name__
            log.error("a call of a killed server could not be filed", call=call.id, fault=fault)  # noqa: TRY400
        else:
            filed += 1
    return filed


async def _file_orphan(store: Store, recordings_dir: Path, call: StoredCall) -> None:
    if call.state == "booked":
        await store.finish_call(call.id, ended_at=call.started_at, reason="never_began")
        return
    turns = await store.turns(call.id)
    ended_at = call.started_at + max((turn.end_ms for turn in turns), default=0) / 1000
    for row in await asyncio.to_thread(found_recordings, recordings_dir, call.id):
        await store.save_recording(row)
    kept = read_resolved(call.settings.get("resolved", {})).settings
    await store.update_call(call.id, **kept_until(kept, ended_at))
    await store.finish_call(call.id, ended_at=ended_at, reason="server_died")
    log.warning("a call of a killed server was filed", call=call.id)


def _carried(owner: str) -> bool:
    """Whether somebody may still carry the calls of an owner."""
    host, _, pid = owner.rpartition(":")
    return host != platform.node() or not pid.isdigit() or _alive(int(pid))


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
    return replay(spec_of(stored), stamp_of(stored), entries)
