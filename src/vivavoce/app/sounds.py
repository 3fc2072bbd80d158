"""Recordings as files to listen to, made when somebody asks and kept beside the reports until the sound is erased."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from weakref import WeakValueDictionary

from vivavoce import __version__
from vivavoce.errors import NotHereError, StoreError, VivaError
from vivavoce.store.database import RowsRefused
from vivavoce.store.encoders import MEDIA_TYPES, SoundKind, export_sound
from vivavoce.store.folders import Folders
from vivavoce.store.reports import Reports, StoredReport

AT_A_TIME = 2
"""Recordings rendered at once: one keeps a core busy for about a second per ten minutes of talk, and calls go first."""


class Sounds:
    def __init__(self, folders: Folders, reports: Reports) -> None:
        self._folders = folders
        self._reports = reports
        self._turns = asyncio.Semaphore(AT_A_TIME)
        self._locks: WeakValueDictionary[Path, asyncio.Lock] = WeakValueDictionary()

    async def file_of(self, call_id: str, kind: SoundKind) -> Path:
        """The file of a call that has ended. Who asks while it is made waits for the same one.

        Raises:
            MissingError: this kind needs what is not installed.
            NotHereError: the call was erased meanwhile.
            StoreError: there is no recording of this call, or the disk or the database failed.
        """
        path = self._folders.reports_of(call_id) / f"call.{kind}"
        lock = self._locks.setdefault(path, asyncio.Lock())
        async with lock:
            if not await asyncio.to_thread(path.is_file):
                async with self._turns:
                    await self._make(call_id, kind, path)
                await self._write_down(call_id, kind, path)
        return path

    async def _make(self, call_id: str, kind: SoundKind, path: Path) -> None:
        try:
            await asyncio.to_thread(export_sound, self._folders.recordings, call_id, path, kind)
        except VivaError:
            await asyncio.to_thread(_remove, path)  # its folder may have been made for it alone
            raise

    async def _write_down(self, call_id: str, kind: SoundKind, path: Path) -> None:
        try:
            row = StoredReport(
                call_id=call_id,
                name=path.name,
                media_type=MEDIA_TYPES[kind],
                bytes=(await asyncio.to_thread(path.stat)).st_size,
                made_at=time.time(),
                code_version=__version__,
            )
            await self._reports.save([row])
        except (StoreError, OSError) as error:
            await asyncio.to_thread(_remove, path)  # what no row speaks of, nobody would erase
            if isinstance(error, (OSError, RowsRefused)):
                raise NotHereError("want the id of a call, got one that was erased meanwhile") from None
            raise


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # other files are in it
        path.parent.rmdir()
