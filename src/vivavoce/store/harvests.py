"""Harvests: runs of collecting, and how far they are. A page and the cursor after it are one transaction.

Whoever collects says which job it is and how many pages it has seen kept. Where either is not so any more, somebody
else goes on with the harvest, and nothing is written.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import select, update

from vivavoce.errors import NotHereError, StaleError
from vivavoce.panel.insights import Insight
from vivavoce.store.database import Database, table_of
from vivavoce.store.insight_rows import insert_insights
from vivavoce.store.models import Harvest


class StoredHarvest(msgspec.Struct, frozen=True, kw_only=True):
    """One run of collecting from one source into a corpus. Moments are Unix seconds."""

    id: str
    corpus: str
    source: str
    query: str
    most: int
    """How many insights to look at; known ones count, so that it ends."""
    state: Literal["open", "done"] = "open"
    """ "open" while there may be more: a harvest whose job failed stays open, and is gone on with where it stopped."""
    job: str | None = None
    """The only one that may keep pages."""
    cursor: str | None = None
    """Where the next page begins; None at the beginning, and at the end."""
    pages: int = 0
    kept: int = 0
    known: int = 0
    """Insights that were in the corpus already."""
    left_out: dict[str, int] = {}
    """Items that are no insights, by reason."""
    total: int | None = None
    """What there is in all, as the source claims."""
    problem: str = ""
    """Why it stopped before its end, the last time."""
    began_at: float
    ended_at: float | None = None

    @property
    def seen(self) -> int:
        return self.kept + self.known

    @property
    def fraction(self) -> float:
        """How far it is, from 0 to 1, as far as anybody can tell."""
        items = self.seen + sum(self.left_out.values())
        parts = [self.seen / self.most, *([items / self.total] if self.total else [])]
        return min(1.0, max(parts))


class Harvests:
    """Every method raises StoreError when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, corpus: str, source: str, query: str, *, most: int, now: float) -> StoredHarvest:
        """Begin a harvest, or go on with one of the same source and query that has not come to its end.

        Raises:
            RowsRefused: there is no such corpus.
        """
        same = (Harvest.corpus == corpus, Harvest.source == source, Harvest.query == query, Harvest.state == "open")
        begun = update(Harvest).where(*same).values(most=most).returning(Harvest.id)
        row = StoredHarvest(id=secrets.token_hex(8), corpus=corpus, source=source, query=query, most=most, began_at=now)
        async with self._database.begin() as connection:
            found = (await connection.execute(begun)).scalars().first()
            if found is None:
                await connection.execute(table_of(Harvest).insert().values(msgspec.structs.asdict(row)))
        return row if found is None else await self.get(found)

    async def get(self, harvest_id: str) -> StoredHarvest:
        """
        Raises:
            NotHereError: there is none; its corpus was deleted.
        """
        found = await self._database.rows(select(table_of(Harvest)).where(Harvest.id == harvest_id))
        if not found:
            raise NotHereError("want a harvest of a corpus that is there, got one whose corpus was deleted")
        return msgspec.convert(found[0], StoredHarvest)

    async def of(self, corpus: str) -> list[StoredHarvest]:
        """All of a corpus, the newest first."""
        query = select(table_of(Harvest)).where(Harvest.corpus == corpus)
        found = await self._database.rows(query.order_by(Harvest.began_at.desc(), Harvest.id))
        return msgspec.convert(found, list[StoredHarvest])

    async def hand_to(self, harvest_id: str, job: str, *, before: str | None) -> bool:
        """Have another job go on with an open harvest; False when it is not `before`'s any more."""
        whose = (Harvest.id == harvest_id, Harvest.state == "open", Harvest.job.is_not_distinct_from(before))
        return bool(await self._database.run(update(Harvest).where(*whose).values(job=job)))

    async def keep(
        self,
        harvest: StoredHarvest,
        insights: Sequence[Insight],
        *,
        cursor: str | None,
        over: bool,
        left_out: Mapping[str, int],
        total: int | None,
        now: float,
    ) -> StoredHarvest:
        """Keep one page and the cursor after it, both or neither. What the corpus has is not written again.

        Args:
            harvest: as it was before this page.
            over: it was the last one.
        Returns:
            the harvest after it.
        Raises:
            StaleError: somebody else goes on with it; nothing was kept.
            RowsRefused: a text that no database takes; nothing was kept.
        """
        ours = (
            Harvest.id == harvest.id,
            Harvest.state == "open",
            Harvest.pages == harvest.pages,
            Harvest.job.is_not_distinct_from(harvest.job),
        )
        async with self._database.begin() as connection:
            # written to first: whoever else would keep this page waits, and then finds it kept
            held = await connection.execute(update(Harvest).where(*ours).values(pages=harvest.pages + 1))
            if not held.rowcount:
                raise StaleError("want a harvest that is ours to go on with, got one that somebody else carries")
            inserted = await insert_insights(
                self._database, connection, harvest.corpus, insights, now=now, harvest_id=harvest.id
            )
            tally = Counter(harvest.left_out)
            tally.update(left_out)
            tally.update({"erased": inserted.erased} if inserted.erased else {})
            after = msgspec.structs.replace(
                harvest,
                state="done" if over else "open",
                cursor=cursor,
                pages=harvest.pages + 1,
                kept=harvest.kept + inserted.added,
                known=harvest.known + inserted.known,
                left_out=dict(sorted(tally.items())),
                total=harvest.total if total is None else total,
                problem="",
                ended_at=now if over else None,
            )
            changed = msgspec.structs.asdict(after)
            for fixed in ("id", "corpus", "source", "query", "most", "began_at"):
                del changed[fixed]
            await connection.execute(update(Harvest).where(Harvest.id == harvest.id).values(changed))
        return after

    async def begin_anew(self, harvest: StoredHarvest) -> StoredHarvest:
        """Forget the cursor of an open harvest and what was counted up to it; what was kept stays, and is known.

        Raises:
            StaleError: somebody else goes on with it; nothing was changed.
        """
        ours = (
            Harvest.id == harvest.id,
            Harvest.state == "open",
            Harvest.pages == harvest.pages,
            Harvest.job.is_not_distinct_from(harvest.job),
        )
        # a page more, so that whoever still holds a page of the old cursor is too late with it
        blank: dict[str, Any] = {
            "cursor": None,
            "pages": harvest.pages + 1,
            "kept": 0,
            "known": 0,
            "left_out": {},
            "total": None,
        }
        if not await self._database.run(update(Harvest).where(*ours).values(blank)):
            raise StaleError("want a harvest that is ours to go on with, got one that somebody else carries")
        return msgspec.structs.replace(harvest, **blank)

    async def stop(self, harvest: StoredHarvest, problem: str) -> None:
        """Write down why an open harvest does not go on for now, unless somebody else goes on with it."""
        ours = (Harvest.id == harvest.id, Harvest.state == "open", Harvest.job.is_not_distinct_from(harvest.job))
        await self._database.run(update(Harvest).where(*ours).values(problem=problem))
