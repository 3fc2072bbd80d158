"""Insights by corpus: what people said, what we make of it, and which of it was said before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Select, and_, delete, func, select, update

from vivavoce.errors import InputError, NotHereError
from vivavoce.panel.insights import Insight, Kind, Reading
from vivavoce.store.database import Database, table_of
from vivavoce.store.insight_rows import Read, copied, insert_insights, read_row, with_readings
from vivavoce.store.models import Corpus, Harvest, Panel
from vivavoce.store.models import Insight as InsightRow
from vivavoce.store.models import Reading as ReadingRow
from vivavoce.store.panels import drawn_from
from vivavoce.store.pieces import delete_by_pieces, empty_panels

PIECE = 1_000
"""Insights read, deleted or changed at a time: some 500 kB, and well within what a statement may take."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}", re.ASCII)


class StoredCorpus(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    made_at: float
    """Unix seconds."""
    insights: int
    copies: int
    """How many of them were said before, by another row of the corpus."""
    read: int
    """How many of them have a reading."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many insights of a corpus are of each, copies left aside."""

    sources: dict[str, int]
    niches: dict[str, int]
    kinds: dict[str, int]
    flags: dict[str, int]
    people: int
    """Different ones, as far as their sources tell them apart."""
    groups: int


class Insights:
    """Every method raises StoreError when the database does not answer. What people said never stands in an error."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # corpora

    async def create(self, corpus: str, *, now: float) -> None:
        """Make a corpus unless it is there.

        Raises:
            InputError: no corpus can be called that.
        """
        if not _NAME.fullmatch(corpus):
            raise InputError(
                f"want a corpus named by 1 to 63 of a-z, 0-9 and _.-, beginning with a letter or a digit, "
                f"got {corpus[:64]!a}"
            )
        await self._database.run(
            self._database.insert(Corpus).values(name=corpus, made_at=now).on_conflict_do_nothing()
        )

    async def corpora(self) -> list[StoredCorpus]:
        """All of them, by name."""
        return [await self._counted(row) for row in await self._database.rows(_corpora())]

    async def corpus(self, corpus: str) -> StoredCorpus:
        """
        Raises:
            NotHereError: there is none of that name.
        """
        found = await self._database.rows(_corpora().where(Corpus.name == corpus))
        if not found:
            raise NotHereError(f"want the name of a corpus, got {corpus[:64]!a}")
        return await self._counted(found[0])

    async def delete(self, corpus: str) -> int:
        """Delete a corpus with all that hangs off it, panels too; how many insights went.

        Raises:
            NotHereError: there is none of that name.
        """
        await self.corpus(corpus)
        # first, so that a harvest under way keeps nothing any more
        await self._database.run(update(Harvest).where(Harvest.corpus == corpus).values(state="done"))
        await empty_panels(self._database, Panel.corpus == corpus)
        went = await delete_by_pieces(self._database, InsightRow, InsightRow.corpus == corpus, InsightRow.id)
        await self._database.run(delete(Corpus).where(Corpus.name == corpus))
        await self._database.settle()
        return went

    async def _counted(self, row: dict[str, Any]) -> StoredCorpus:
        ours = InsightRow.corpus == row["name"]
        number = select(func.count()).select_from(table_of(InsightRow)).where(ours)
        read = select(func.count()).select_from(table_of(ReadingRow)).where(ReadingRow.corpus == row["name"])
        counted = select(
            number.scalar_subquery().label("insights"),
            number.where(copied()).scalar_subquery().label("copies"),
            read.scalar_subquery().label("read"),
        )
        return msgspec.convert({**row, **(await self._database.rows(counted))[0]}, StoredCorpus)

    # insights

    async def add(self, corpus: str, insights: Sequence[Insight], *, now: float) -> int:
        """Add insights by hand; how many were not there yet. What a source brings comes by `Harvests.keep`.

        Raises:
            RowsRefused: there is no such corpus, or a text that no database takes.
        """
        async with self._database.begin() as connection:
            return (await insert_insights(self._database, connection, corpus, insights, now=now)).added

    async def get(self, corpus: str, insight_id: str) -> Read:
        """
        Raises:
            NotHereError: there is no such insight.
        """
        found = await self._database.rows(with_readings(corpus).where(InsightRow.id == insight_id))
        if not found:
            raise NotHereError(f"want the id of an insight of {corpus[:64]!a}, got {insight_id[:64]!a}")
        return read_row(found[0])

    async def panels_of(self, corpus: str, insight_id: str) -> int:
        """How many panels would go with an insight.

        Raises:
            NotHereError: there is no such insight.
        """
        found = await self.get(corpus, insight_id)
        drawn = drawn_from(corpus, insight_id, found.collected_at)
        return len(await self._database.rows(select(Panel.id).where(drawn)))

    async def delete_one(self, corpus: str, insight_id: str) -> int:
        """Delete an insight with its reading, and the panels that were drawn from it; how many panels went. Copies of
        it stand for it from now on: somebody else said them.

        Raises:
            NotHereError: there is no such insight.
        """
        found = await self.get(corpus, insight_id)
        drawn = drawn_from(corpus, insight_id, found.collected_at)
        await empty_panels(self._database, drawn)
        async with self._database.begin() as connection:
            one = (InsightRow.corpus == corpus, InsightRow.id == insight_id)
            # before its panels: whoever is just saving one holds it, and is then found
            await connection.execute(delete(InsightRow).where(*one))
            went = (await connection.execute(delete(Panel).where(drawn))).rowcount
        await self._database.settle()
        return went

    async def of(self, corpus: str, ids: Iterable[str]) -> dict[str, Insight]:
        """Some insights by id; what is not there any more is left out."""
        found: dict[str, Insight] = {}
        wanted = sorted(set(ids))
        for first in range(0, len(wanted), PIECE):
            some = wanted[first : first + PIECE]
            rows = await self._database.rows(with_readings(corpus).where(InsightRow.id.in_(some)))
            found |= {each.insight.id: each.insight for each in map(read_row, rows)}
        return found

    async def page(
        self,
        corpus: str,
        *,
        source: str | None = None,
        niche: str | None = None,
        kind: Kind | None = None,
        copies: bool = False,
        limit: int = 50,
        after: str = "",
    ) -> list[Read]:
        """Insights with their readings, by id.

        Args:
            copies: those too that another one said before.
            after: id of the last one seen.
        """
        query = with_readings(corpus).where(InsightRow.id > after).order_by(InsightRow.id).limit(limit)
        for column, wanted in ((InsightRow.source, source), (ReadingRow.niche, niche), (ReadingRow.kind, kind)):
            if wanted is not None:
                query = query.where(column == wanted)
        if not copies:
            query = query.where(~copied())
        return [read_row(row) for row in await self._database.rows(query)]

    async def iterate(self, corpus: str, *, copies: bool = False) -> AsyncIterator[list[Read]]:
        """All insights with their readings, by id, a piece at a time: the same rows come in the same order."""
        after = ""
        while piece := await self.page(corpus, copies=copies, limit=PIECE, after=after):
            yield piece
            if len(piece) < PIECE:
                return
            after = piece[-1].insight.id

    async def count(self, corpus: str) -> Counts:
        """What there is of a corpus, copies left aside. Counted here, a piece at a time: flags are JSON, and the two
        databases read JSON each in its own words.
        """
        tallies: dict[str, Counter[str]] = {name: Counter() for name in ("sources", "niches", "kinds", "flags")}
        people: set[tuple[str, str]] = set()
        groups: set[tuple[str, str]] = set()
        async for piece in self.iterate(corpus):
            for each in piece:
                insight, reading = each.insight, each.reading
                tallies["sources"][insight.source] += 1
                if insight.person:
                    people.add((insight.source, insight.person))
                if insight.group:
                    groups.add((insight.source, insight.group))
                if reading is not None:
                    tallies["niches"][reading.niche] += 1
                    tallies["kinds"][reading.kind or "none"] += 1
                    tallies["flags"].update(reading.flags)
        ranked = {name: dict(sorted(tally.items(), key=lambda at: (-at[1], at[0]))) for name, tally in tallies.items()}
        return msgspec.convert({**ranked, "people": len(people), "groups": len(groups)}, Counts)

    # what we make of them

    async def save_readings(self, corpus: str, readings: Sequence[Reading]) -> None:
        """Write readings, in place of earlier ones; those of insights that are gone meanwhile are left out."""
        for first in range(0, len(readings), PIECE):
            some = {reading.insight: reading for reading in readings[first : first + PIECE]}
            ours = and_(InsightRow.corpus == corpus, InsightRow.id.in_(some))
            async with self._database.begin() as connection:
                # held, so that a call that is erased meanwhile waits, and takes its reading along
                held = select(InsightRow.id).where(ours).with_for_update(read=True)
                there = (await connection.execute(held)).scalars()
                rows = [{**msgspec.structs.asdict(some[id_]), "corpus": corpus} for id_ in sorted(there)]
                if rows:
                    await self._database.upsert(connection, ReadingRow, rows)

    async def readings(self, corpus: str) -> dict[str, Reading]:
        """By insight, copies too."""
        found: dict[str, Reading] = {}
        async for piece in self.iterate(corpus, copies=True):
            found |= {each.insight.id: each.reading for each in piece if each.reading is not None}
        return found

    async def mark_copies(self, corpus: str, same_as: Mapping[str, str]) -> int:
        """Say which insights another one said before; all others are originals from now on. How many changed."""
        table, changed = table_of(InsightRow), 0
        query = select(table.c.id, table.c.same_as).where(table.c.corpus == corpus, table.c.same_as.is_not(None))
        marked = {row["id"]: row["same_as"] for row in await self._database.rows(query)}
        wanted: dict[str, str | None] = {**dict.fromkeys(marked), **same_as}
        moved = sorted((id_, to) for id_, to in wanted.items() if marked.get(id_) != to)
        for first in range(0, len(moved), PIECE):
            async with self._database.begin() as connection:
                for id_, to in moved[first : first + PIECE]:
                    row = update(table).where(table.c.corpus == corpus, table.c.id == id_)
                    changed += (await connection.execute(row.values(same_as=to))).rowcount
        return changed


def _corpora() -> Select[Any]:
    return select(table_of(Corpus)).order_by(Corpus.name)
