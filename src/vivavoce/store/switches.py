"""What an operator has switched off, for all servers of one database."""

from __future__ import annotations

import msgspec
from sqlalchemy import delete, select

from vivavoce.store.database import Database, table_of
from vivavoce.store.models import Switch


class StoredSwitch(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is off. `set_at` is Unix seconds."""

    name: str
    reason: str
    set_at: float


class SwitchRows:
    """Every method raises StoreError when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[StoredSwitch]:
        rows = await self._database.rows(select(table_of(Switch)).order_by(Switch.name))
        return msgspec.convert(rows, list[StoredSwitch])

    async def set(self, switch: StoredSwitch) -> None:
        """Switch something off; once more replaces the reason and the time."""
        async with self._database.begin() as connection:
            await self._database.upsert(connection, Switch, [msgspec.structs.asdict(switch)])

    async def clear(self, name: str) -> bool:
        """Switch it on again; False when it was on."""
        return bool(await self._database.run(delete(Switch).where(Switch.name == name)))
