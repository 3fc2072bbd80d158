"""Says every two seconds, for all calls of this server at once, that they are still carried here.

A lease guards nothing: what a server writes that has lost a call matches nothing anyway (`store.ownership`). It tells
the sweepers of all servers which calls nobody carries any more. So a database that is away takes no call from anybody:
it is asked again, and the calls go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from vivavoce.app.filing import OWNER
from vivavoce.errors import StoreError
from vivavoce.store.ownership import Ownership

LEASE_S = 10.0
"""Five missed renewals: a loop that hung, a database that was started again. Nobody takes a call because of it, so it
only has to be shorter than a caller's patience. Not tuned.
"""
RENEW_S = 2.0

log = structlog.get_logger(__name__)


class Leases:
    """
    Args:
        owner: who this server is, in the rows of its calls.
        clock: Unix seconds.
        pause: waits between two renewals.
    """

    def __init__(
        self,
        ownership: Ownership,
        *,
        owner: str = OWNER,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ownership = ownership
        self.owner = owner
        self._clock = clock
        self._pause = pause
        self._held: dict[str, int] = {}
        self._failing = False
        self.on_lost: list[Callable[[str], None]] = []
        """Each is told once of a call that this server has lost: somebody took it, or it is over."""

    def __len__(self) -> int:
        """Calls held."""
        return len(self._held)

    def until(self) -> float:
        """The end of a lease that begins now."""
        return self._clock() + LEASE_S

    def hold(self, call_id: str, epoch: int) -> None:
        """Renew the lease of a call that was just redeemed or taken, until it is dropped or lost."""
        self._held[call_id] = epoch

    def holds(self, call_id: str, epoch: int) -> bool:
        """Whether nobody has taken it since, as far as is known."""
        return self._held.get(call_id) == epoch

    def drop(self, call_id: str) -> None:
        """Renew it no longer: it has ended, or was released."""
        self._held.pop(call_id, None)

    def outdated(self, call_id: str, epoch: int) -> bool:
        """Whether a call that we hold is in this later epoch by now: then it is lost, and that is told."""
        held = self._held.get(call_id)
        if held is None or held >= epoch:
            return False
        self.lose(call_id, held)
        return True

    def lose(self, call_id: str, epoch: int) -> None:
        """Tell that a call we hold in this epoch is somebody else's, wherever that came to light. One that has come
        back to us since is ours.
        """
        if self.holds(call_id, epoch):
            self.drop(call_id)
            log.warning("a call is carried by another server", call=call_id)
            for tell in self.on_lost:
                try:
                    tell(call_id)
                except Exception as error:  # noqa: BLE001  # what follows for one call must not end all leases
                    log.error("telling of a lost call failed", call=call_id, fault=type(error).__name__)  # noqa: TRY400

    async def renew(self) -> None:
        """Renew all leases now; those that are lost are told of."""
        asked = dict(self._held)
        try:
            lost = await self._ownership.renew(asked, owner=self.owner, lease_until=self.until())
        except StoreError as error:
            if not self._failing:
                log.warning("leases cannot be renewed, trying again", calls=len(asked), problem=str(error))
            self._failing = True
            return
        self._failing = False
        for call_id in lost:
            self.lose(call_id, asked[call_id])

    @asynccontextmanager
    async def renewing(self) -> AsyncIterator[None]:
        """Renew them while this is open."""
        task = asyncio.create_task(self._run(), name="leases")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            await self._pause(RENEW_S)
            try:
                await self.renew()
            except Exception as error:  # noqa: BLE001  # without leases, sweepers would end all calls that are carried here
                log.error("leases could not be renewed", fault=type(error).__name__)  # noqa: TRY400
