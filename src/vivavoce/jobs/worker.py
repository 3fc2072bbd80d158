"""A worker: claims what is due, does it, and takes over from workers that died."""

from __future__ import annotations

import asyncio
import os
import platform
import secrets
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

import structlog

from vivavoce.errors import StoreError, VivaError
from vivavoce.jobs.claims import Claimed, Claims
from vivavoce.jobs.engine import Engine, OpenEngine
from vivavoce.jobs.kinds import Kind, StepFailed
from vivavoce.jobs.leases import BEAT_S, LEASE_S, Lease
from vivavoce.jobs.ledger import Ledger
from vivavoce.jobs.port import JobState
from vivavoce.jobs.run import Cancelled, Lost, Pause, Run, Stopped, patiently, where
from vivavoce.jobs.tidying import Tidying
from vivavoce.store.database import RowsRefused

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.5
"""How often a worker looks for work. Nobody notices half a second in a report; idle, a worker takes 2 % of a core."""
AT_ONCE = 4
"""Jobs a worker does at a time, so that one that is quicker leaves some for others. Not tuned."""
CLAIMS = 5
"""A job that was under way when that many workers died has killed them, as far as anybody can tell."""
AGAIN_AFTER_S = 5.0
"""How long a job waits whose steps could not be kept (a full disk). Not tuned."""
STOP_WITHIN_S = 20.0
"""What steps under way get to finish when the worker is told to stop; Kubernetes kills after thirty seconds."""
TIDY_EVERY_S = 600.0
"""How often to look for what nobody does any more."""


class WorkerLost(VivaError):
    """Others have taken this worker for dead and its jobs with it. It has to end: what it is doing is not its own."""


def new_worker_id() -> str:
    """Of a machine, a process and a moment; never used twice."""
    return f"{platform.node()}-{os.getpid()}-{secrets.token_hex(4)}"


class Worker:
    """One process that does jobs. `run` is all of its life; tests turn `beat` and `tick` by hand.

    Args:
        kinds: what it knows to do; other jobs are left for others.
        version: of the package, for those who look.
        at_once: jobs at a time.
    """

    def __init__(
        self,
        ledger: Ledger,
        kinds: Sequence[Kind],
        *,
        worker_id: str,
        version: str,
        at_once: int = AT_ONCE,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.id = worker_id
        self._ledger = ledger
        self._kinds = {kind.name: kind for kind in kinds}
        self._lease = Lease(ledger, worker_id, version)
        self._claims = Claims(ledger, worker_id)
        self._at_once = at_once
        self._pause = pause
        self._stopping = asyncio.Event()
        self._hands: dict[str, Claimed] = {}
        """Jobs of ours: claimed and not over."""
        self._idle = asyncio.Event()
        self._idle.set()
        self._room = asyncio.Event()
        """A job ended: there is room for another one at once."""
        self._over: set[str] = set()
        """Ended jobs whose steps are still remembered."""
        self._strays = False
        """The ledger may name us for jobs that are not in our hands."""
        self._left = False
        """We have struck ourselves off."""
        self._tidying = Tidying(self._claims, self._lease, self._kinds)
        self._beat_at = self._alive_since = self._tidied_at = float("-inf")
        self._beside: set[asyncio.Task[None]] = set()
        self._engine: Engine | None = None

    async def run(self, open_engine: OpenEngine, stop: asyncio.Event) -> None:
        """Work until told to stop, then finish the steps under way and hand the rest back.

        Raises:
            WorkerLost: others have taken this worker for dead.
            StoreError: the database did not answer at the start.
        """
        clock = asyncio.get_running_loop().time
        told = asyncio.create_task(stop.wait())
        await self.begin(open_engine)
        pulse = asyncio.create_task(self._pulse())
        try:
            while not told.done() and not pulse.done():
                await self.tick(clock())
                room = asyncio.create_task(self._room.wait())
                await asyncio.wait({told, pulse, room}, timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
                room.cancel()
            if not pulse.done():
                await self.stop()
            if pulse.done():
                pulse.result()
        finally:
            told.cancel()
            pulse.cancel()
            await self.close()

    async def _pulse(self) -> None:
        """Beat, whatever the looks are held up by: a lock that somebody holds must not make this worker look dead."""
        clock = asyncio.get_running_loop().time
        while True:
            await self.beat(clock())
            await asyncio.sleep(BEAT_S)

    async def begin(self, open_engine: OpenEngine) -> None:
        self._engine = await open_engine(self.carry)
        try:
            await self._lease.begin()
        except StoreError:
            await self.close()
            raise
        log.info("worker started", worker=self.id, kinds=sorted(self._kinds))

    async def beat(self, now: float) -> None:
        """Say that this worker lives.

        Args:
            now: seconds of a clock that never goes back.
        Raises:
            WorkerLost: others have taken it for dead.
        """
        clock = asyncio.get_running_loop().time
        asked_at = clock()
        try:
            alive = await self._lease.beat()
        except StoreError:
            return  # the next look says so
        held_up_s = clock() - asked_at
        if self._left:
            return
        if not alive:
            raise WorkerLost("want a worker that is heard of in time, got one that was taken for dead; start it again")
        # Just born, or back from an outage or a lock (SQLite has only one) under which nobody could beat. Others get a
        # lease's time to come back before they are taken for dead.
        if held_up_s > BEAT_S:
            self._alive_since = now + held_up_s
        elif now - self._beat_at > LEASE_S:
            self._alive_since = now
        self._beat_at = now

    async def tick(self, now: float) -> None:
        """One look around: for jobs of the dead, for what is due, for what waits.

        Args:
            now: as of `beat`.
        """
        try:
            heard = now - self._alive_since >= LEASE_S and now - self._beat_at <= LEASE_S
            if heard and (count := await self._lease.reap()):
                log.warning("jobs of dead workers wait again", worker=self.id, jobs=count)
            await self._ledger.make_due()
            self._room.clear()
            if self._strays:
                if strays := await self._claims.put_back_strays(self._hands, after_s=AGAIN_AFTER_S):
                    log.warning("jobs that nobody did wait again", worker=self.id, jobs=strays)
                self._strays = False
            for claimed in await self._claim():
                self._hands[claimed.id] = claimed
                self._idle.clear()
                self._spawn(self._start(claimed))
            if self._over:
                over, self._over = self._over, set()
                self._spawn(self._forget(over))
            if now - self._tidied_at >= TIDY_EVERY_S:
                self._tidied_at = now
                self._spawn(self._tidying.run(self._its_engine))
        except StoreError as error:
            log.warning("the worker's database does not answer", worker=self.id, problem=str(error))

    async def _claim(self) -> list[Claimed]:
        try:
            return await self._claims.claim(self._kinds, self._at_once - len(self._hands))
        except StoreError:
            self._strays = True  # it may have taken the rows before its answer was lost
            raise

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what the engine's own storage may hold up beside the tick: the lease must not wait for it."""
        task = asyncio.create_task(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def settle(self) -> None:
        """Wait for what was started beside the ticks."""
        await asyncio.gather(*self._beside)

    async def _start(self, claimed: Claimed) -> None:
        if claimed.claims > CLAIMS:
            await self._finish(claimed, "failed", problem=f"{CLAIMS} workers died while they did it")
            return
        try:
            await self._its_engine.start(claimed.id)
        except StoreError as error:
            await self._let_go(claimed, error)
        except Exception as error:  # noqa: BLE001  nobody else would end the job
            log.error("a job could not be started", job=claimed.id, kind=claimed.kind, at=where(error))  # noqa: TRY400
            await self._finish(claimed, "failed", problem=f"it could not be started: {type(error).__name__}")

    async def _finish(self, claimed: Claimed, state: JobState, *, result: Any = None, problem: str = "") -> None:
        end = partial(self._claims.finish, claimed.id, state, result=result, problem=problem)
        try:
            await patiently(end, self._pause)
        except RowsRefused:
            log.warning("what came of a job could not be kept", job=claimed.id, kind=claimed.kind)
            refused = "the database refused what came of it"
            await patiently(partial(self._claims.finish, claimed.id, "failed", problem=refused), self._pause)
        self._over.add(claimed.id)
        self._drop(claimed)

    def _drop(self, claimed: Claimed) -> None:
        if self._hands.get(claimed.id) is claimed:
            del self._hands[claimed.id]
        self._room.set()
        if not self._hands:
            self._idle.set()

    async def _let_go(self, claimed: Claimed, error: StoreError) -> None:
        """Have a job done later, by whoever claims it then: the engine could not keep its steps."""
        log.warning("a job is put off", job=claimed.id, problem=str(error))
        back = partial(self._claims.hand_back, [claimed.id], "its steps could not be kept", after_s=AGAIN_AFTER_S)
        await patiently(back, self._pause)
        self._drop(claimed)

    @property
    def _its_engine(self) -> Engine:
        assert self._engine is not None, "the worker has begun"
        return self._engine

    async def carry(self, job_id: str) -> None:
        """Do a job of ours: the body the engine runs. Raises CancelledError where it leaves off with something left."""
        claimed = self._hands.get(job_id)
        if claimed is None:
            raise asyncio.CancelledError(f"job {job_id} is not ours")
        kind = self._kinds[claimed.kind]
        run = Run(claimed, kind, self._claims, self._its_engine, self._stopping, self._pause)
        state: JobState = "failed"
        result, problem = None, ""
        try:
            result = await kind.handler(run)
            state = "done"
        except Cancelled:
            state = "cancelled"
        except StepFailed as error:
            problem = str(error)
            log.warning("a job failed", job=job_id, kind=kind.name, problem=problem)
        except StoreError as error:  # of the engine: a step's own are StepFailed
            await self._let_go(claimed, error)
            raise asyncio.CancelledError(f"job {job_id} was put off") from None
        except Exception as error:  # noqa: BLE001  whatever a handler does ends its job and nothing else
            problem = f"its handler failed: {type(error).__name__}"
            log.warning("a job failed", job=job_id, kind=kind.name, at=where(error))
        except BaseException as why:  # it is not ours any more, or the worker stops
            self._drop(claimed)
            if isinstance(why, (Lost, Stopped)):
                raise asyncio.CancelledError(f"job {job_id} was left: {type(why).__name__}") from None
            self._strays = True  # cancelled by something of its own
            raise
        await self._finish(claimed, state, result=result, problem=problem)

    async def _forget(self, job_ids: set[str]) -> None:
        try:
            await self._its_engine.forget(job_ids)
        except StoreError:
            self._over |= job_ids  # the next tick tries again

    async def stop(self, within_s: float = STOP_WITHIN_S) -> None:
        """Let the steps under way finish, then hand back what is left."""
        self._stopping.set()
        try:
            async with asyncio.timeout(within_s):
                await self._idle.wait()
        except TimeoutError:
            log.warning("steps under way are left to others", worker=self.id, jobs=sorted(self._hands))
        try:
            await self._claims.hand_back()
            self._left = True  # a beat that comes now finds no lease
            await self._lease.end()
        except StoreError as error:  # the lease runs out by itself
            log.warning("the worker could not hand back its jobs", worker=self.id, problem=str(error))
        log.info("worker stopped", worker=self.id)

    async def close(self) -> None:
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        if self._engine is not None:
            await self._engine.close()
