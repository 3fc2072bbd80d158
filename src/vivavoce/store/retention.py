"""How long what of a call is kept, and the sweep that erases what is due: sound, words and facts each in their time.

- sound: the recording, and reports that are sound;
- words: turns, events (they hold words) and all other reports, which are made of words;
- facts: the facts, and all other reports, for those show facts, too.

What a focus group took from a call (insights, panels that quote them, and surveys that may ask in its words) is made of
both and goes with the first.

The row of the call stays, with its numbers. Files go before rows, each call in a transaction of its own: a sweep that
dies, or a disk that fails for one call, leaves the rest for the next.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy import ColumnElement, delete, exists, or_, select, update

from vivavoce.errors import StoreError
from vivavoce.store.database import Database, table_of
from vivavoce.store.erasing import Erasing
from vivavoce.store.folders import NOTHING, Folders, Removed, remove
from vivavoce.store.models import (
    Base,
    Call,
    Event,
    Fact,
    Insight,
    Panel,
    PanelCall,
    Recording,
    Report,
    SurveyCall,
    Turn,
)
from vivavoce.store.panels import of_call as panels_of_call
from vivavoce.store.pieces import empty_panels
from vivavoce.store.surveys import of_call as surveys_of_call

DAY_S = 86_400.0
BATCH = 200
"""Calls asked for at a time; each is erased in a transaction of its own."""
ORPHAN_S = DAY_S
"""Age at which a file without a row is nobody's: a recording is written every ten seconds of its call, an export is
fetched within the hour.
"""
BOOKING_S = 3_600.0
"""Age at which a booking has not been used: its tickets hold for half an hour at most."""

_PARTS: dict[str, tuple[type[Base], ...]] = {
    "audio": (Recording,),
    "transcript": (Turn, Event, Insight),
    "facts": (Fact, Insight),
}
_SOUND = Report.media_type.startswith("audio/")
_log = structlog.get_logger(__name__)


class Retention:
    """Erases what is due. Every method raises StoreError when the database does not answer."""

    def __init__(self, database: Database, folders: Folders) -> None:
        self._database = database
        self._folders = folders
        self._erasing = Erasing(database, folders)

    async def sweep(self, *, now: float) -> dict[str, int]:
        """Erase all that is due; asked twice, it does nothing the second time.

        Returns:
            how many calls lost their `audio`, `transcript` or `facts`, how many `erasures` went on, how many `bookings`
            were never used, how many `orphans` (files without a row) went, how many `bytes` of files went, and how many
            calls `failed` because of the disk.
        """
        done: Counter[str] = Counter()
        done["bookings"] = await self._close_bookings(now)
        resumed = await self._erasing.resume(now=now)
        done["erasures"] = resumed.left
        if resumed.failed:
            done["failed"] += resumed.failed
        for part in ("audio", "transcript", "facts"):
            await self._sweep_part(part, now, done)
        try:
            orphans = await self._orphans(now)
            done["orphans"] = orphans.files
            done["bytes"] += orphans.bytes
        except StoreError as error:
            _log.error("files without a row could not be erased", problem=str(error))
            done["failed"] += 1
        await self._database.settle()
        return dict(done)

    async def _close_bookings(self, now: float) -> int:
        """Calls nobody came to: without an end they would stand among the calls that run."""
        stale = update(Call).where(Call.state == "booked", Call.ended_at.is_(None), Call.started_at < now - BOOKING_S)
        return await self._database.run(stale.values(state="ended", ended_at=Call.started_at, end_reason="never_began"))

    async def _sweep_part(self, part: str, now: float, done: Counter[str]) -> None:
        after = ""
        while True:
            query = select(Call.id).where(*_due(part, now), Call.id > after).order_by(Call.id).limit(BATCH)
            found = await self._database.rows(query)
            for row in found:
                after = row["id"]
                try:
                    done["bytes"] += (await self._erase_part(part, after)).bytes
                except StoreError as error:
                    _log.error("what is due could not be erased", call=after, part=part, problem=str(error))
                    done["failed"] += 1
                else:
                    done[part] += 1
            if len(found) < BATCH:
                return

    async def _erase_part(self, part: str, call_id: str) -> Removed:
        sound = part == "audio"
        which = _SOUND if sound else ~_SOUND
        query = select(Report.name).where(Report.call_id == call_id, which)
        names = [row["name"] for row in await self._database.rows(query)]
        removed = await asyncio.to_thread(self._folders.remove_reports, call_id, names)
        if sound:
            removed += await asyncio.to_thread(self._folders.remove_recording, call_id)
        else:
            await empty_panels(self._database, panels_of_call(call_id))
        async with self._database.begin() as connection:
            await connection.execute(delete(Report).where(Report.call_id == call_id, which))
            for model in _PARTS[part]:
                table = table_of(model)
                await connection.execute(delete(table).where(table.c.call_id == call_id))
            if not sound:  # after the insights: whoever saves a panel holds those
                await connection.execute(delete(Panel).where(panels_of_call(call_id)))
                await connection.execute(surveys_of_call(call_id))
        return removed

    async def _orphans(self, now: float) -> Removed:
        """Delete files whose row is gone, or says that they should be: left by a death between two steps, or by
        somebody who wrote while the call was erased.
        """
        removed = NOTHING
        # a moment on the files' own clock: `now` may be a test's
        old = time.time() - ORPHAN_S
        recordings, reports = await asyncio.to_thread(self._files_by_call, old)
        for some in _batched(sorted(recordings), BATCH):
            # calls that are there, and whose time has not run out
            query = select(Call.id).where(Call.id.in_(some), or_(Call.audio_until.is_(None), Call.audio_until > now))
            kept = {row["id"] for row in await self._database.rows(query)}
            gone = [path for call_id in some if call_id not in kept for path in recordings[call_id]]
            removed += await asyncio.to_thread(remove, gone)
        for some in _batched(sorted(reports), BATCH):
            listed = select(Report.call_id, Report.name).where(Report.call_id.in_(some))
            named = {(row["call_id"], row["name"]) for row in await self._database.rows(listed)}
            for call_id in some:
                gone = [path for path in reports[call_id] if (call_id, path.name) not in named]
                if gone:
                    removed += await asyncio.to_thread(_remove_with_folder, gone)
        return removed + await asyncio.to_thread(remove, list(_older(self._folders.exports.glob("*"), old)))

    def _files_by_call(self, old: float) -> tuple[dict[str, list[Path]], dict[str, list[Path]]]:
        """Sound and reports of each call that nobody has touched since a moment."""
        recordings: dict[str, list[Path]] = {}
        reports: dict[str, list[Path]] = {}
        for path in _older(self._folders.recordings.glob("*.*"), old):
            recordings.setdefault(path.name.partition(".")[0], []).append(path)
        for path in _older(self._folders.reports.glob("*/*"), old):
            reports.setdefault(path.parent.name, []).append(path)
        return recordings, reports


def _batched(ids: list[str], size: int) -> Iterator[list[str]]:
    for first in range(0, len(ids), size):
        yield ids[first : first + size]


def _remove_with_folder(paths: list[Path]) -> Removed:
    removed = remove(paths)
    with suppress(OSError):  # it holds more
        paths[0].parent.rmdir()
    return removed


def _older(paths: Iterator[Path], old: float) -> Iterator[Path]:
    for path in paths:
        try:
            if not path.is_dir() and path.lstat().st_mtime < old:
                yield path
        except FileNotFoundError:  # somebody else was faster
            continue


def _due(part: str, now: float) -> list[ColumnElement[bool]]:
    """Calls whose time has run out and that still have something to erase."""
    reports = exists().where(Report.call_id == Call.id, _SOUND if part == "audio" else ~_SOUND)
    taken: tuple[type[Base], ...] = () if part == "audio" else (PanelCall, SurveyCall)
    has = [exists().where(table_of(model).c.call_id == Call.id) for model in (*_PARTS[part], *taken)]
    return [Call.state == "ended", table_of(Call).c[f"{part}_until"] <= now, or_(reports, *has)]
