"""Files the calls that nobody carries any more and nobody came back to: they have ended, whoever did not say so.

Any server of the database does it, for whichever server died or handed its calls on, and each call is filed once: who
files it takes it first (`store.ownership`), so that a server that was only stopped writes no more of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog

from vivavoce.agents.callsettings import read_resolved
from vivavoce.app.filing import OWNER
from vivavoce.app.terms import kept_until, spec_of, stamp_of
from vivavoce.conversation import Conversation
from vivavoce.conversation.log import Entry
from vivavoce.errors import StoreError
from vivavoce.gateway.decisions import told_of
from vivavoce.gateway.takeover import Past, retrace
from vivavoce.store.folders import erase_recording
from vivavoce.store.ownership import Ownership
from vivavoce.store.recordings import found_recordings
from vivavoce.store.rows import StoredCall
from vivavoce.store.store import Store
from vivavoce.store.tickets import Tickets

LOOK_EVERY_S = 5.0
"""A lease that ran out must be found so twice: after an outage of the database nobody has renewed theirs, and whoever
lives does so within two seconds (`leases.RENEW_S`).
"""
FILE_WITHIN_S = 30.0
"""For the lease of the one who files; should they die, it is done again after that. Filing takes milliseconds."""

Ended = Callable[[str], Awaitable[None]]
log = structlog.get_logger(__name__)


class Orphans:
    """
    Args:
        return_within_s: how long after the end of its lease a call is kept for its caller.
        on_filed: each is told the id of every call that was filed here; what fails there harms nothing.
        clock: Unix seconds.
        pause: waits between two looks.
    """

    def __init__(
        self,
        store: Store,
        recordings_dir: Path,
        *,
        return_within_s: float,
        on_filed: Sequence[Ended] = (),
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._ownership = Ownership(store.database)
        self._tickets = Tickets(store.database)
        self._recordings_dir = recordings_dir
        self._return_within_s = return_within_s
        self._on_filed = on_filed
        self._clock = clock
        self._pause = pause
        self._found: set[tuple[str, int, float | None]] = set()

    async def look(self) -> list[str]:
        """File what is abandoned now and was so at the last look.

        Returns:
            which.
        Raises:
            StoreError: the database does not answer.
        """
        filed: list[str] = []
        before, self._found = self._found, set()
        for call in await self._ownership.abandoned(self._clock() - self._return_within_s):
            as_found = (call.id, call.epoch, call.lease_until)
            if as_found not in before:
                self._found.add(as_found)
                continue
            try:
                if await self._file(call):
                    filed.append(call.id)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001  # one row that cannot be read keeps nobody else's from its end
                fault = type(error).__name__
                log.error("a call that nobody carries could not be filed", call=call.id, fault=fault)  # noqa: TRY400
        for call_id in filed:
            await self._tell(call_id)
        return filed

    @asynccontextmanager
    async def filing(self) -> AsyncIterator[None]:
        """Look now and then while this is open."""
        task = asyncio.create_task(self._run(), name="orphans")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            try:
                with contextlib.suppress(StoreError):  # whoever writes says so
                    await self.look()
            except Exception as error:  # noqa: BLE001  # whatever it is: the next look may do, and must come
                log.error("abandoned calls could not be looked for", fault=type(error).__name__)  # noqa: TRY400
            await self._pause(LOOK_EVERY_S)

    async def _file(self, call: StoredCall) -> bool:
        epoch = await self._ownership.adopt(call, owner=OWNER, lease_until=self._clock() + FILE_WITHIN_S)
        if epoch is None:  # its caller came back, or another server was faster
            return False
        turns = await self._store.turns(call.id)
        past = await self._past(call)
        began_at = await self._tickets.used_at(call.id) or call.started_at
        ended_at = began_at + max((turn.end_ms for turn in turns), default=0) / 1000
        if any(record.erase for record in past.records):  # whoever carried it may not have come to it
            await asyncio.to_thread(erase_recording, self._recordings_dir, call.id)
        for row in await asyncio.to_thread(found_recordings, self._recordings_dir, call.id):
            await self._store.save_recording(row)
        columns: dict[str, Any] = kept_until(read_resolved(call.settings.get("resolved", {})).settings, ended_at)
        if past.joined:
            decisions = told_of((began_at + at_s, event) for at_s, event in past.consents)
            columns |= {"consent": {"decisions": decisions}, "usage": past.ledger.as_dict()}
        if columns:
            await self._store.update_call(call.id, epoch=epoch, **columns)
        reason = past.ended or ("caller_left" if call.owner is None else "server_died")
        filed = await self._store.finish_call(call.id, epoch=epoch, ended_at=ended_at, reason=reason)
        log.warning("a call that nobody carries was filed", call=call.id, reason=reason)
        return filed

    async def _past(self, call: StoredCall) -> Past:
        """What the log says of a call: what its server would have written down at its end. Nothing where there is none,
        or none that can be read.
        """
        rows = await self._store.events(call.id)
        if not rows:
            return Past()
        try:
            stamp = stamp_of(call)
            conversation = Conversation(
                spec_of(call), tools=stamp.tools, settings=stamp.settings, briefing=stamp.briefing
            )
            return await retrace(conversation, [Entry(row.seq, row.at_s, row.event, row.effects) for row in rows])
        except Exception as error:  # noqa: BLE001  # it is filed all the same
            fault = type(error).__name__
            log.error("a call that nobody carries is filed without its log", call=call.id, fault=fault)  # noqa: TRY400
            return Past()

    async def _tell(self, call_id: str) -> None:
        for tell in self._on_filed:
            try:
                await tell(call_id)
            except Exception as error:  # noqa: BLE001  # what follows from a call never harms it
                log.error("what follows a call failed", call=call_id, fault=type(error).__name__)  # noqa: TRY400
