"""The files made from calls, as rows: which there are, of what kind, made when and by which version."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import select

from vivavoce.store.database import Database, table_of
from vivavoce.store.models import Report


class StoredReport(msgspec.Struct, frozen=True, kw_only=True):
    """A file in `Folders.reports_of(call_id)`."""

    call_id: str
    name: str
    """Of the file."""
    media_type: str
    """Such as "text/html". What begins with "audio/" goes with the sound, the rest with the words."""
    bytes: int
    made_at: float
    code_version: str


class Reports:
    """Every method raises StoreError when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, reports: Sequence[StoredReport]) -> None:
        """Write down files that lie in their folder; those of the same name are replaced.

        Raises:
            RowsRefused: there is no such call (any more): whoever made the files deletes them.
        """
        if reports:
            async with self._database.begin() as connection:
                await self._database.upsert(connection, Report, [msgspec.structs.asdict(row) for row in reports])

    async def of_call(self, call_id: str) -> list[StoredReport]:
        """By name."""
        query = select(table_of(Report)).where(Report.call_id == call_id).order_by(Report.name)
        return msgspec.convert(await self._database.rows(query), list[StoredReport])
