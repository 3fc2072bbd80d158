"""One task writes for all calls: it gathers for a moment, commits once, and lets no database trouble into a call.

- Gathered are at most 50 ms or 50 rows, whichever comes first; under load a batch takes all that waits, up to 1,000.
- The queue holds 20,000 rows. Full means *newest event dropped*: the log keeps its beginning, which is what a replay
  needs, the loss is counted for the call and shows as missing numbers. Turns and facts are few, wait as their newest
  state and are always let in.
- While the database fails the batch waits and is tried again, after 50 ms, 100 ms ... 2 s. Rows that can never be
  written are found by halving the batch and dropped alone, so that nobody else's rows share their fate.
- Each row carries the epoch of its call; rows of a call that another server has taken are left out by the store
  (`ownership`), and whoever posted them is told once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from itertools import chain, islice
from typing import Protocol, TypeAlias

import structlog

from vivavoce.errors import StoreError
from vivavoce.store.database import RowsRefused
from vivavoce.store.ownership import Stale
from vivavoce.store.rows import HotRow, StoredEvent, StoredFact, StoredHandle, StoredReturn, StoredTurn

GATHER_S = 0.05
GATHER_ROWS = 50
BATCH_ROWS = 1_000
"""Some 80 ms of one SQLite write at 12,000 rows a second; a reader waits no longer for its turn."""
QUEUE_ROWS = 20_000
"""Ten seconds of a database that is away, for 200 calls of 10 events a second; about 10 MB."""
RETRY_FIRST_S = 0.05
RETRY_MOST_S = 2.0

_Key: TypeAlias = tuple[type[HotRow], str, int, int | str]
_log = structlog.get_logger(__name__)


class Sink(Protocol):
    async def write(self, rows: Sequence[HotRow]) -> set[Stale]:
        """Write all rows or none, but for those of calls that somebody else carries now, which are returned; raise
        RowsRefused for rows that can never be written, StoreError to try again.
        """


class EventWriter:
    """The one task, as a context: `async with EventWriter(store) as writer`. Post from the loop's own thread."""

    def __init__(
        self,
        sink: Sink,
        *,
        queue_rows: int = QUEUE_ROWS,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`pause` waits between two tries."""
        self._sink = sink
        self._queue_rows = queue_rows
        self._pause = pause
        self._queue: dict[_Key, HotRow] = {}  # in order of arrival; what comes again takes its old place
        self._posted = 0
        self._done = 0
        self._some = asyncio.Event()
        self._hurry = asyncio.Event()
        self._progress = asyncio.Event()
        self._behind_since: float | None = None
        self._failing = False
        self._dropped: Counter[str] = Counter()
        self._taken: set[Stale] = set()
        self.on_taken: list[Callable[[str, int], None]] = []
        """Each is told once of a call, and the epoch it is carried in here, that another server has taken since."""
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> EventWriter:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def start(self) -> None:
        assert self._task is None, "a writer is started once"
        self._task = asyncio.create_task(self._run(), name="event-writer")

    async def close(self, *, within_s: float = 5.0) -> None:
        """Write what waits, then stop; what the database does not take in that time is counted as dropped."""
        await self.flush(within_s=within_s)
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        for row in self._take(len(self._queue)):
            self._drop(row)

    def post(self, call_id: str, seq: int, at_s: float, event: bytes, effects: bytes, *, epoch: int) -> None:
        """Have one step of a conversation written. Never blocks, never raises.

        Args:
            epoch: of the call as it is carried here.
        """
        row = StoredEvent(call_id, seq, at_s, event, effects, epoch)
        if len(self._queue) >= self._queue_rows:
            self._drop(row)
            return
        self._put((StoredEvent, call_id, epoch, seq), row)

    def post_turn(self, turn: StoredTurn) -> None:
        """Have the newest state of a turn written."""
        self._put((StoredTurn, turn.call_id, turn.epoch, turn.turn), turn)

    def post_fact(self, fact: StoredFact) -> None:
        """Have the newest state of a fact written."""
        self._put((StoredFact, fact.call_id, fact.epoch, fact.field), fact)

    def post_handle(self, handle: StoredHandle) -> None:
        """Have the newest handle of a call's live session written."""
        self._put((StoredHandle, handle.call_id, handle.epoch, 0), handle)

    def post_return(self, returns: StoredReturn) -> None:
        """Have written what the caller of a call may come back with now."""
        self._put((StoredReturn, returns.call_id, returns.epoch, 0), returns)

    async def flush(self, *, within_s: float = 5.0) -> bool:
        """Wait until everything posted so far is written or dropped; False when that took too long."""
        wanted = self._posted
        try:
            async with asyncio.timeout(within_s):
                while self._done < wanted:
                    self._hurry.set()
                    await self._progress.wait()
        except TimeoutError:
            return False
        return True

    def lost(self, call_id: str) -> int:
        """How many rows of a call will never be written."""
        return self._dropped.get(call_id, 0)

    @property
    def waiting(self) -> int:
        """Rows posted and not yet written."""
        return self._posted - self._done

    @property
    def lag_s(self) -> float:
        """Age of the oldest row that was posted and is not written: of the batch under way, or of what waits."""
        return 0.0 if self._behind_since is None else asyncio.get_running_loop().time() - self._behind_since

    @property
    def failing(self) -> bool:
        """The database takes no rows at the moment."""
        return self._failing

    @property
    def dropped(self) -> int:
        """Rows lost, of all calls."""
        return self._dropped.total()

    def _put(self, key: _Key, row: HotRow) -> None:
        if self._behind_since is None:
            self._behind_since = asyncio.get_running_loop().time()
        before = len(self._queue)
        self._queue[key] = row
        self._posted += len(self._queue) - before
        self._some.set()
        if len(self._queue) >= GATHER_ROWS:
            self._hurry.set()

    def _take(self, most: int) -> list[HotRow]:
        keys = list(islice(self._queue, most))
        return [self._queue.pop(key) for key in keys]

    async def _run(self) -> None:
        while True:
            await self._some.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GATHER_S):
                    await self._hurry.wait()
            taken_at = asyncio.get_running_loop().time()
            rows = self._take(BATCH_ROWS)
            if len(self._queue) < GATHER_ROWS:
                self._hurry.clear()
            if not self._queue:
                self._some.clear()
            await self._write(rows)
            self._done += len(rows)
            self._behind_since = taken_at if self._queue else None
            self._progress.set()
            self._progress = asyncio.Event()

    async def _write(self, rows: list[HotRow]) -> None:
        """Write all rows but those that can never be written."""
        parts = [rows]
        try:
            while parts:
                part = parts[-1]
                taken = await self._write_or_wait(part)
                parts.pop()
                if not taken and len(part) == 1:
                    self._drop(part[0])
                elif not taken:
                    half = len(part) // 2
                    parts += [part[half:], part[:half]]
        except asyncio.CancelledError:
            for row in chain.from_iterable(parts):
                self._drop(row)
            raise

    async def _write_or_wait(self, rows: list[HotRow]) -> bool:
        """True when the rows are written, False when at least one never can be."""
        wait_s = RETRY_FIRST_S
        while True:
            try:
                stale = await self._sink.write(rows)
            except RowsRefused:
                taken = False
            except StoreError as error:
                if not self._failing:
                    _log.warning("writing failed, trying again", reason=str(error), waiting=self.waiting)
                self._failing = True
                await self._pause(wait_s)
                wait_s = min(wait_s * 2, RETRY_MOST_S)
                continue
            except Exception as error:  # noqa: BLE001  whatever is wrong with one row must not end the writing of all
                _log.error("writing went wrong", kind=type(error).__name__)
                taken = False
            else:
                taken = True
                for call_id, epoch in stale - self._taken:
                    self._lose(call_id, epoch)
            self._failing = False
            return taken

    def _lose(self, call_id: str, epoch: int) -> None:
        self._taken.add((call_id, epoch))
        _log.warning("rows of a call that was taken are left out", call_id=call_id, epoch=epoch)
        for tell in self.on_taken:
            try:
                tell(call_id, epoch)
            except Exception as error:  # noqa: BLE001  what follows for one call must not end the writing of all
                _log.error("telling of a taken call went wrong", call_id=call_id, kind=type(error).__name__)

    def _drop(self, row: HotRow) -> None:
        self._dropped[row.call_id] += 1
        if self._dropped[row.call_id] == 1:
            _log.error("rows of a call are lost", call_id=row.call_id, kind=type(row).__name__)
