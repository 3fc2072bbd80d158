"""Rows of insights: writing them in somebody's transaction, and reading them with their readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from vivavoce.panel.insights import Insight, Reading
from vivavoce.store.database import Database, table_of
from vivavoce.store.models import Call
from vivavoce.store.models import Insight as InsightRow
from vivavoce.store.models import Reading as ReadingRow

CALLS = "calls"
"""The source that is our own calls: an insight's `group` there is the id of its call."""
_FIELDS = Insight.__struct_fields__
_READ = Reading.__struct_fields__


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """An insight with its reading, for lists."""

    insight: Insight
    reading: Reading | None
    same_as: str | None
    """Id of the one that said it before; None for an original."""
    collected_at: float


class Inserted(msgspec.Struct, frozen=True):
    added: int
    known: int
    """There already, under the same id."""
    erased: int
    """Of calls that are gone, or going."""


async def insert_insights(
    database: Database,
    connection: AsyncConnection,
    corpus: str,
    insights: Sequence[Insight],
    *,
    now: float,
    harvest_id: str | None = None,
) -> Inserted:
    """Insert insights in somebody's transaction; one that is there stays as it is. Of calls, only what still stays."""
    wanted = {insight.group for insight in insights if insight.source == CALLS}
    stay: set[str] = set()
    if wanted:
        # held, so that whoever erases one waits and then takes along what is written here
        query = select(Call.id).where(Call.id.in_(wanted), Call.state == "ended").with_for_update(read=True)
        stay = set((await connection.execute(query)).scalars())
    rows = [
        {
            **msgspec.structs.asdict(insight),
            "corpus": corpus,
            "collected_at": now,
            "harvest_id": harvest_id,
            "call_id": insight.group if insight.source == CALLS else None,
        }
        for insight in insights
        if insight.source != CALLS or insight.group in stay
    ]
    added = 0
    if rows:
        statement = database.insert(InsightRow).on_conflict_do_nothing().returning(InsightRow.id)
        added = len((await connection.execute(statement, rows)).all())
    return Inserted(added, len(rows) - added, len(insights) - len(rows))


def copied() -> ColumnElement[bool]:
    """Of a row: another one said it before, and is still there. Where that one was erased, this one stands for it."""
    first = table_of(InsightRow).alias("first")
    there = exists().where(first.c.corpus == InsightRow.corpus, first.c.id == InsightRow.same_as)
    return and_(InsightRow.same_as.is_not(None), there)


def with_readings(corpus: str) -> Select[Any]:
    insight, reading = table_of(InsightRow), table_of(ReadingRow)
    own = [insight.c[name] for name in (*_FIELDS, "same_as", "collected_at")]
    read = [reading.c[name].label(f"read_{name}") for name in _READ]
    joined = insight.outerjoin(reading, and_(reading.c.corpus == insight.c.corpus, reading.c.insight == insight.c.id))
    return select(*own, *read).select_from(joined).where(insight.c.corpus == corpus)


def read_row(row: Mapping[str, Any]) -> Read:
    reading = {name: row[f"read_{name}"] for name in _READ}
    return Read(
        insight=msgspec.convert({name: row[name] for name in _FIELDS}, Insight),
        reading=None if reading["insight"] is None else msgspec.convert(reading, Reading),
        same_as=row["same_as"],
        collected_at=row["collected_at"],
    )
