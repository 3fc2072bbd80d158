"""Who carries a live call, and that nobody else writes of it.

A call has an **epoch**: 0 while it is booked, 1 once its ticket was used, one more each time a server takes it. Every
hot row carries the epoch of whoever made it, and is written only while the call's is the same. So a server that was
stopped, cut off or taken for dead can go on as long as it likes: what it writes matches nothing.

That holds against a take at the same moment, too. On Postgres a batch first locks the rows of its calls with FOR KEY
SHARE, which lets other writers and renewals of leases through, and waits for a take, whose lock is FOR UPDATE; the take
likewise waits for the batch. So each row is either there before the call changes hands, or not at all. SQLite has one
writer.

A **lease** says until when the owner is believed to be alive. It guards nothing: it tells whoever sweeps what may be
filed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple, TypeAlias, TypeVar

import msgspec
from sqlalchemy import Select, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from vivavoce.store.database import Database, RowsRefused, table_of
from vivavoce.store.keys import hash_of
from vivavoce.store.models import Call, Handle, Return
from vivavoce.store.rows import HotRow, StoredCall, StoredHandle, StoredReturn

Stale: TypeAlias = tuple[str, int]
"""A call and an epoch of it that is not the present one."""

_T = TypeVar("_T")
_Row = TypeVar("_Row", bound=HotRow)


class Ownership:
    """Every method raises StoreError when the database does not answer. Moments are Unix seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, call_id: str, *, owner: str, lease_until: float, now: float) -> int | None:
        """Carry a live call from now on, whoever had it. Of two at once the later one has it.

        Returns:
            its new epoch; None when there is no such call, or it is not live.
        """
        assert lease_until > now, "who takes a call is alive"
        return await self._take(select(Call.epoch).where(Call.id == call_id), call_id, owner, lease_until)

    async def adopt(self, call: StoredCall, *, owner: str, lease_until: float) -> int | None:
        """Take a call that was found abandoned.

        Returns:
            its new epoch; None when somebody took it, renewed its lease or ended it meanwhile.
        """
        as_found = select(Call.epoch).where(
            Call.id == call.id, Call.epoch == call.epoch, Call.lease_until == call.lease_until
        )
        return await self._take(as_found, call.id, owner, lease_until)

    async def renew(self, held: Mapping[str, int], *, owner: str, lease_until: float) -> set[str]:
        """Go on carrying calls, by id and epoch: one statement for all.

        Returns:
            those that are not ours any more: somebody took them, or they are over.
        """
        if not held:
            return set()
        still = update(Call).where(
            tuple_(Call.id, Call.epoch).in_(padded(sorted(held.items()))), Call.owner == owner, Call.state == "live"
        )
        renewed = await self._database.returned(still.values(lease_until=lease_until).returning(Call.id))
        return held.keys() - {row["id"] for row in renewed}

    async def release(self, call_id: str, epoch: int) -> None:
        """Carry a call no longer, and leave it live for whoever its caller comes back to. Its lease runs on: from its
        end a caller has the usual time. Nothing happens where somebody else has it.
        """
        ours = update(Call).where(Call.id == call_id, Call.epoch == epoch, Call.state == "live")
        await self._database.run(ours.values(owner=None))

    async def end(self, call_id: str, *, ended_at: float, reason: str) -> bool:
        """End a live call over the head of whoever carries it, who writes nothing more of it.

        Returns:
            False when there is no such call, or it is not live.
        """
        async with self._database.begin() as connection:
            live = select(Call.epoch).where(Call.id == call_id, Call.state == "live").with_for_update()
            epoch = (await connection.execute(live)).scalar()
            if epoch is None:
                return False
            ended = {"epoch": epoch + 1, "owner": None, "state": "ended", "ended_at": ended_at, "end_reason": reason}
            await connection.execute(update(Call).where(Call.id == call_id).values(**ended))
            await connection.execute(delete(Handle).where(Handle.call_id == call_id))
            await connection.execute(delete(Return).where(Return.call_id == call_id))
        return True

    async def call_of_return(self, secret: str) -> StoredCall | None:
        """The live call that a caller may come back to with a secret, and who carries it."""
        query = select(table_of(Call)).join(table_of(Return), Return.call_id == Call.id)
        found = await self._database.rows(query.where(Return.hash == hash_of(secret), Call.state == "live"))
        return msgspec.convert(found[0], StoredCall) if found else None

    async def newest_handle(self, call_id: str) -> tuple[int, bytes, int] | None:
        """Number, sealed secret, and how far the caller's audio had been sent; None where none came yet."""
        query = select(Handle.number, Handle.sealed, Handle.at).where(Handle.call_id == call_id)
        found = await self._database.rows(query)
        return (found[0]["number"], found[0]["sealed"], found[0]["at"]) if found else None

    async def abandoned(self, now: float) -> list[StoredCall]:
        """Live calls whose lease had run out by then, the longest first."""
        query = select(table_of(Call)).where(Call.state == "live", Call.lease_until < now)
        rows = await self._database.rows(query.order_by(Call.lease_until, Call.id))
        return msgspec.convert(rows, list[StoredCall])

    async def _take(self, query: Select[int], call_id: str, owner: str, lease_until: float) -> int | None:
        async with self._database.begin() as connection:
            epoch = (await connection.execute(query.where(Call.state == "live").with_for_update())).scalar()
            if epoch is None:
                return None
            taken = update(Call).where(Call.id == call_id)
            await connection.execute(taken.values(epoch=epoch + 1, owner=owner, lease_until=lease_until))
        return int(epoch) + 1


class Standing(NamedTuple):
    """What a call's row says about who may write of it."""

    epoch: int
    live: bool


async def standing_of(connection: AsyncConnection, call_ids: Collection[str]) -> dict[str, Standing]:
    """How calls stand, and go on standing until this transaction ends."""
    query = select(Call.id, Call.epoch, Call.state).where(Call.id.in_(padded(sorted(call_ids))))
    # by SQLAlchemy's spelling this is FOR KEY SHARE; SQLite's one writer needs no lock
    rows = await connection.execute(query.with_for_update(read=True, key_share=True))
    return {call_id: Standing(epoch, state == "live") for call_id, epoch, state in rows}


def sift(rows: Iterable[_Row], standing: Mapping[str, Standing]) -> tuple[list[_Row], set[Stale]]:
    """Rows that may be written, and of what the others are: calls, each in an epoch that is not its present one.

    A handle and a return are of use to a live call only; where it is over they are left out.

    Raises:
        RowsRefused: of a call that is not there.
    """
    kept: list[_Row] = []
    stale: set[Stale] = set()
    for row in rows:
        if (found := standing.get(row.call_id)) is None:
            raise RowsRefused("the database refused the rows: of a call that is not there")
        if row.epoch != found.epoch:
            stale.add((row.call_id, row.epoch))
        elif found.live or not isinstance(row, StoredHandle | StoredReturn):
            kept.append(row)
    return kept, stale


def padded(values: list[_T]) -> list[_T]:
    """Values for a statement with that many places, the last one said again up to a power of two: a dozen statements
    are prepared and kept.
    """
    missing = (1 << (len(values) - 1).bit_length()) - len(values)
    return [*values, *values[-1:] * missing]
