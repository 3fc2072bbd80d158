"""Erasing: one call, or everything of a person, from every table and every folder.

The order makes a death between any two steps harmless. First the row says that it is being erased: nobody is shown it
any more, and whoever comes by goes on (`resume`, which the retention job calls). Then the files go, then what panels
that quote the call were answered, a piece at a time (`pieces`), then the row with all that hangs off it, and then the
files once more, for whoever was just writing one. What is left for last is what leads to the rest.

A call that is live is not torn away from under its caller: it stays until it has ended. What of a person can go goes at
once, their reference first; the rest goes when `resume` finds the call over.

What remains is the receipt: how many rows and files went, under an id that leads nowhere any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import msgspec
import structlog
from sqlalchemy import Table, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from vivavoce.errors import BusyError, NotHereError, StoreError
from vivavoce.store.database import Database, table_of
from vivavoce.store.folders import NOTHING, Folders, Removed
from vivavoce.store.models import (
    Answer,
    Ballot,
    Base,
    Call,
    Erasure,
    Insight,
    Job,
    JobEvent,
    Panel,
    PanelCall,
    Person,
    Reading,
    Study,
    SurveyAnswer,
    SurveyCall,
    SurveyLink,
)
from vivavoce.store.panels import of_call as panels_of_call
from vivavoce.store.people import ERASING
from vivavoce.store.pieces import empty_panels
from vivavoce.store.receipts import Receipt
from vivavoce.store.surveys import of_call as surveys_of_call

_log = structlog.get_logger(__name__)


class Resumed(NamedTuple):
    """What became of erasures that were interrupted."""

    left: int
    """Calls and people that were found."""
    failed: int
    """Those of them that the disk still keeps."""


class Erasing:
    """Every method raises StoreError when the database or the disk does not do it; it can then be asked again."""

    def __init__(self, database: Database, folders: Folders) -> None:
        self._database = database
        self._folders = folders

    async def call(self, call_id: str, *, now: float) -> Receipt:
        """Erase a call. A second time gives the receipt of the first.

        Raises:
            BusyError: it is live.
            NotHereError: there is none and never was.
        """
        await self._erase_call(call_id, call_id, now)
        await self._database.settle()
        return await self._receipt(call_id)

    async def person(self, person_id: str, *, now: float) -> Receipt:
        """Erase a person. A second time gives the receipt of the first, or goes on where a live call was in the way.

        Raises:
            NotHereError: there is none and never was.
        """
        gone = update(Person).where(Person.id == person_id)
        # the hash is unique: the id stands in, which is nobody's reference
        if not await self._database.run(gone.values(ref_hash=f"erasing {person_id}", ref_sealed=ERASING)):
            await self._database.settle()  # the first time may have died before it
            return await self._receipt(person_id)
        async with self._database.begin() as connection:
            await self._add(person_id, now, connection, {})
        while True:
            live = False
            for row in await self._database.rows(select(Call.id).where(Call.person_id == person_id)):
                try:
                    await self._erase_call(row["id"], person_id, now)
                except BusyError:
                    live = True
            await self._add_files(person_id, now, await asyncio.to_thread(self._folders.remove_export, person_id))
            if live or await self._erase_row(person_id, now):
                await self._database.settle()
                return await self._receipt(person_id)

    async def resume(self, *, now: float) -> Resumed:
        """Go on with what a death or a live call interrupted. One that cannot be finished keeps none of the others
        back.
        """
        alone = or_(Person.id.is_(None), Person.ref_sealed != ERASING)
        query = select(Call.id).outerjoin(Person, Person.id == Call.person_id).where(Call.state == "erasing", alone)
        calls = [row["id"] for row in await self._database.rows(query)]
        people = [row["id"] for row in await self._database.rows(select(Person.id).where(Person.ref_sealed == ERASING))]
        failed = 0
        for erase, ids in ((self.call, calls), (self.person, people)):
            for id_ in ids:
                try:
                    await erase(id_, now=now)
                except NotHereError:  # somebody else has finished it, under the receipt of the person
                    continue
                except StoreError as error:
                    _log.error("an erasure could not go on", id=id_, problem=str(error))
                    failed += 1
        return Resumed(len(calls) + len(people), failed)

    async def _erase_call(self, call_id: str, receipt_id: str, now: float) -> None:
        """Erase a call, if there is one.

        Raises:
            BusyError: it is live.
        """
        mark = update(Call).where(Call.id == call_id, Call.state != "live").values(state="erasing")
        if not await self._database.run(mark):
            if await self._database.rows(select(Call.id).where(Call.id == call_id)):
                raise BusyError("want a call that has ended, got a live one")
            return
        removed = await asyncio.to_thread(self._folders.remove_call, call_id)
        await empty_panels(self._database, panels_of_call(call_id), partial(self._add, receipt_id, now))
        async with self._database.begin() as connection:
            # written to first, which holds back whoever erases it as well: counted once
            held = update(Call).where(Call.id == call_id, Call.state == "erasing").values(state="erasing")
            if (await connection.execute(held)).rowcount:
                rows = await _count(connection, call_id)
                quoting = delete(Panel).where(panels_of_call(call_id))
                for table, gone in (("panels", quoting), ("surveys", surveys_of_call(call_id))):
                    if went := (await connection.execute(gone)).rowcount:
                        rows[table] = went
                await connection.execute(delete(Call).where(Call.id == call_id))
                await self._add(receipt_id, now, connection, rows, removed, done=receipt_id == call_id)
        await self._add_files(receipt_id, now, await asyncio.to_thread(self._folders.remove_call, call_id))

    async def _erase_row(self, person_id: str, now: float) -> bool:
        """The row of a person who has no calls any more; False when they have one again."""
        async with self._database.begin() as connection:
            # both hold back whoever books for this person meanwhile: SQLite's one writer, and the lock of the row
            await connection.execute(update(Person).where(Person.id == person_id).values(ref_sealed=ERASING))
            await connection.execute(select(Person.id).where(Person.id == person_id).with_for_update())
            if (await connection.execute(select(Call.id).where(Call.person_id == person_id).limit(1))).first():
                return False
            went = (await connection.execute(delete(Person).where(Person.id == person_id))).rowcount
            await self._add(person_id, now, connection, {"people": went}, done=True)
        return True

    async def _add_files(self, receipt_id: str, now: float, removed: Removed) -> None:
        if removed != NOTHING:
            async with self._database.begin() as connection:
                await self._add(receipt_id, now, connection, {}, removed)

    async def _add(
        self,
        receipt_id: str,
        now: float,
        connection: AsyncConnection,
        rows: Mapping[str, int],
        removed: Removed = NOTHING,
        *,
        done: bool = False,
    ) -> None:
        """Add to a receipt in the transaction that erases, so that everything is counted once, whatever dies."""
        blank = {"done": False, "rows": {}, "files": 0, "bytes": 0}
        insert = self._database.insert(Erasure).values(id=receipt_id, at=now, receipt=blank)
        await connection.execute(insert.on_conflict_do_nothing())
        query = select(Erasure.receipt).where(Erasure.id == receipt_id).with_for_update()
        before = (await connection.execute(query)).scalar_one()
        after = {
            "done": before["done"] or done,
            "rows": {name: before["rows"].get(name, 0) + rows.get(name, 0) for name in {**before["rows"], **rows}},
            "files": before["files"] + removed.files,
            "bytes": before["bytes"] + removed.bytes,
        }
        await connection.execute(update(Erasure).where(Erasure.id == receipt_id).values(at=now, receipt=after))

    async def _receipt(self, receipt_id: str) -> Receipt:
        found = await self._database.rows(select(table_of(Erasure)).where(Erasure.id == receipt_id))
        if not found:
            raise NotHereError("want the id of a call or person, got another")
        return msgspec.convert({"id": receipt_id, "at": found[0]["at"], **found[0]["receipt"]}, Receipt)


async def _count(connection: AsyncConnection, call_id: str) -> dict[str, int]:
    """Rows that go with a call, by table, itself among them."""
    counts = {"calls": 1}
    for table in tables_of_calls():
        query = select(func.count()).select_from(table).where(table.c.call_id == call_id)
        counts[table.name] = (await connection.execute(query)).scalar_one()
    events = select(func.count()).select_from(JobEvent).join(Job, Job.id == JobEvent.job_id)
    counts["job_events"] = (await connection.execute(events.where(Job.call_id == call_id))).scalar_one()
    said = and_(Insight.corpus == Reading.corpus, Insight.id == Reading.insight)
    readings = select(func.count()).select_from(Reading).join(Insight, said)
    counts["readings"] = (await connection.execute(readings.where(Insight.call_id == call_id))).scalar_one()
    answers = select(func.count()).select_from(Answer).join(PanelCall, PanelCall.panel_id == Answer.panel_id)
    counts["answers"] = (await connection.execute(answers.where(PanelCall.call_id == call_id))).scalar_one()
    studies = select(func.count()).select_from(Study).join(PanelCall, PanelCall.panel_id == Study.panel_id)
    counts["studies"] = (await connection.execute(studies.where(PanelCall.call_id == call_id))).scalar_one()
    ballots = select(func.count()).select_from(Ballot).join(Study, Study.id == Ballot.study_id)
    ballots = ballots.join(PanelCall, PanelCall.panel_id == Study.panel_id)
    counts["ballots"] = (await connection.execute(ballots.where(PanelCall.call_id == call_id))).scalar_one()
    for model in (SurveyLink, SurveyAnswer):
        table = table_of(model)
        query = select(func.count()).select_from(table).join(SurveyCall, SurveyCall.survey_id == table.c.survey_id)
        counts[table.name] = (await connection.execute(query.where(SurveyCall.call_id == call_id))).scalar_one()
    return {name: count for name, count in counts.items() if count}


def tables_of_calls() -> list[Table]:
    """The tables whose rows hang off a call; a test holds that they go with it."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if any(key.column.table.name == "calls" for key in table.foreign_keys)
    ]
