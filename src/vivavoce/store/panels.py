"""Panels, byte for byte as they were built. One that rests on what was said in a call goes when the call is erased."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from vivavoce.errors import NotHereError, StaleError
from vivavoce.panel.personas import Panel
from vivavoce.store.database import Database, table_of
from vivavoce.store.models import Call, PanelCall
from vivavoce.store.models import Insight as InsightRow
from vivavoce.store.models import Panel as PanelRow
from vivavoce.store.pieces import empty_panels

PIECE = 500
"""Ids asked for at a time."""


class StoredPanel(msgspec.Struct, frozen=True, kw_only=True):
    """A panel without its personas, for lists."""

    id: str
    corpus: str
    made_at: float
    """Unix seconds."""
    spec: dict[str, Any]


class Panels:
    """Every method raises StoreError when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(
        self, panel: Panel, corpus: str, *, now: float, built_from: Iterable[str] = (), calls: Iterable[str] = ()
    ) -> None:
        """Keep a panel; built again, it is the same, and the first one stays.

        Args:
            built_from: ids of all insights that it was drawn from. Evidence names one or two of those that a point was
                made of, and the words of any other may stand in it.
            calls: ids of calls whose words or facts it is to be asked in: it goes with those, too, even where no
                insight is of them.
        Raises:
            StaleError: an insight or a call it rests on is not there any more: whoever said it may have been erased.
            RowsRefused: there is no such corpus.
        """
        async with self._database.begin() as connection:
            rests = await self._hold(connection, corpus, sorted(panel.evidence().union(built_from)), frozenset(calls))
            row = {
                "id": panel.id,
                "corpus": corpus,
                "made_at": now,
                "spec": msgspec.to_builtins(panel.spec),
                "body": msgspec.json.encode(panel).decode(),
            }
            await connection.execute(self._database.insert(PanelRow).values(row).on_conflict_do_nothing())
            if rests:
                links = [{"panel_id": panel.id, "call_id": call_id} for call_id in rests]
                await connection.execute(self._database.insert(PanelCall).on_conflict_do_nothing(), links)

    async def _hold(
        self, connection: AsyncConnection, corpus: str, insights: Sequence[str], named: frozenset[str]
    ) -> list[str]:
        """Hold what a panel rests on, so that whoever erases it waits, and then finds the panel.

        Args:
            named: calls that it rests on beside those of its insights.
        Returns:
            the calls that it rests on.
        Raises:
            StaleError: some of it is not there any more.
        """
        calls = set(named)
        there = 0
        pieces = [insights[first : first + PIECE] for first in range(0, len(insights), PIECE)]
        asked = [
            select(InsightRow.call_id).where(InsightRow.corpus == corpus, InsightRow.id.in_(ids)) for ids in pieces
        ]
        for query in asked:
            calls.update(call for call in (await connection.execute(query)).scalars() if call is not None)
        # calls before insights, as those who erase do
        held = select(Call.id, Call.state).where(Call.id.in_(calls)).with_for_update(read=True)
        stay = {call.id for call in await connection.execute(held) if call.state != "erasing"}
        if not named <= stay:
            raise StaleError("want calls that are still there, got one that was erased since; build the panel again")
        for query in asked:
            there += len((await connection.execute(query.with_for_update(read=True))).all())
        if there < len(insights):
            raise StaleError(
                f"want insights that are still there, got {len(insights) - there} that were deleted since; "
                "build the panel again"
            )
        return sorted(calls)

    async def get(self, panel_id: str) -> Panel:
        """
        Raises:
            NotHereError: there is none, or it went with a call it quoted.
        """
        found = await self._database.rows(select(PanelRow.body).where(PanelRow.id == panel_id))
        if not found:
            raise NotHereError(f"want the id of a panel, got {panel_id[:64]!a}")
        return msgspec.json.decode(found[0]["body"], type=Panel)

    async def about(self, panel_id: str) -> StoredPanel:
        """
        Raises:
            NotHereError: there is no such panel.
        """
        found = await self._database.rows(_stored().where(PanelRow.id == panel_id))
        if not found:
            raise NotHereError(f"want the id of a panel, got {panel_id[:64]!a}")
        return msgspec.convert(found[0], StoredPanel)

    async def page(self, corpus: str | None = None, *, limit: int = 50) -> list[StoredPanel]:
        """The newest panels, of a corpus or of all."""
        query = _stored()
        if corpus is not None:
            query = query.where(PanelRow.corpus == corpus)
        found = await self._database.rows(query.order_by(PanelRow.made_at.desc(), PanelRow.id).limit(limit))
        return msgspec.convert(found, list[StoredPanel])

    async def delete(self, panel_id: str) -> bool:
        """With its studies; False when there is none."""
        await empty_panels(self._database, PanelRow.id == panel_id)
        return bool(await self._database.run(delete(PanelRow).where(PanelRow.id == panel_id)))


def _stored() -> Select[Any]:
    return select(*(table_of(PanelRow).c[name] for name in StoredPanel.__struct_fields__))


def drawn_from(corpus: str, insight_id: str, collected_at: float) -> ColumnElement[bool]:
    """Panels that may hold words of an insight. Each is drawn from all that its corpus holds, so those are all that
    were built since it came, and any that names it, whatever the clocks of two machines say.
    """
    since = or_(PanelRow.made_at >= collected_at, PanelRow.body.contains(f'"{insight_id}"', autoescape=True))
    return and_(PanelRow.corpus == corpus, since)


def of_call(call_id: str) -> ColumnElement[bool]:
    """Panels that rest on a call: they quote it, and no row of theirs hangs off it by itself."""
    return PanelRow.id.in_(select(PanelCall.panel_id).where(PanelCall.call_id == call_id))
