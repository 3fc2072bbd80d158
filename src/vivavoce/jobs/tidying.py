"""What nobody does any more: jobs of unknown kinds, leftovers of dead workers, steps of jobs that were erased."""

from __future__ import annotations

from collections.abc import Collection

import structlog

from vivavoce.errors import StoreError
from vivavoce.jobs.claims import Claims
from vivavoce.jobs.engine import Engine
from vivavoce.jobs.leases import Lease

log = structlog.get_logger(__name__)


class Tidying:
    """
    Args:
        kinds: what this worker knows to do.
    """

    def __init__(self, claims: Claims, lease: Lease, kinds: Collection[str]) -> None:
        self._claims = claims
        self._lease = lease
        self._kinds = kinds
        self._told: set[str] = set()
        """Unknown kinds that the log knows of."""

    async def run(self, engine: Engine) -> None:
        try:
            await self._look_for_unknown()
            remembered = await engine.remembered()
            if gone := set(remembered) - await self._claims.present(remembered):
                await engine.forget(gone)
            await engine.tidy(await self._lease.known())
        except StoreError as error:
            log.warning("leftovers could not be removed", worker=self._claims.worker, problem=str(error))

    async def _look_for_unknown(self) -> None:
        if unknown := set(await self._claims.unknown(self._kinds)) - self._told:
            self._told |= unknown
            log.warning("jobs of unknown kinds wait for a worker that knows them", kinds=sorted(unknown))
