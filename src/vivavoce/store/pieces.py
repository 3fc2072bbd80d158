"""Deleting what may be a hundred thousand rows: a piece at a time, so that whoever else writes gets a turn in between.

One statement over all ballots of a study holds every other writer up for seconds, on SQLite all of them. So whoever
deletes a panel or a study empties it first; what is left then is a handful of rows that go in one transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from vivavoce.store.database import Database, table_of
from vivavoce.store.models import Answer, Ballot, Base, Panel, Study

PIECE = 500
"""Rows deleted at a time: some 40 ms of SQLite for ballots."""
ERASING = "erasing"
"""State of a study that is being deleted."""

Tell: TypeAlias = Callable[[AsyncConnection, Mapping[str, int]], Awaitable[None]]
"""Is told how many rows of which table went, in the transaction in which they go."""


async def delete_by_pieces(
    database: Database,
    model: type[Base],
    which: ColumnElement[bool],
    column: InstrumentedAttribute[Any],
    tell: Tell | None = None,
) -> int:
    """Delete rows, each piece in a transaction of its own; how many went.

    Args:
        column: tells the rows of `which` apart.
    """
    went = 0
    some = select(column).where(which).limit(PIECE)
    while True:
        async with database.begin() as connection:
            gone = (await connection.execute(delete(model).where(which, column.in_(some)))).rowcount
            if gone and tell is not None:
                await tell(connection, {table_of(model).name: gone})
        went += gone
        # a piece that somebody else deletes at the same moment comes out short
        if gone < PIECE and not await database.rows(select(column).where(which).limit(1)):
            return went


async def empty_studies(database: Database, which: ColumnElement[bool], tell: Tell | None = None) -> None:
    """Delete the ballots of studies; a row of each is left.

    From the first statement on nobody is shown them, and no job keeps anything of them, so whoever is killed here
    leaves nothing that can be half seen. Asked again, it goes on.
    """
    hidden = update(Study).where(which).values(state=ERASING).returning(Study.id)
    for row in await database.returned(hidden):
        await delete_by_pieces(database, Ballot, Ballot.study_id == row["id"], Ballot.number, tell)


async def empty_panels(database: Database, which: ColumnElement[bool], tell: Tell | None = None) -> None:
    """Delete what models answered for panels, and the ballots of their studies, which nobody is shown any more."""
    for row in await database.rows(select(Panel.id).where(which)):
        await empty_studies(database, Study.panel_id == row["id"], tell)
        await delete_by_pieces(database, Answer, Answer.panel_id == row["id"], Answer.key, tell)
