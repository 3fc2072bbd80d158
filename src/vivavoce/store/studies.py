"""Studies: what a panel was asked, every ballot under its number, and what came of it. All of it goes with the panel.

A ballot is kept once: whoever asks again after a death finds its number taken, and nothing is written. So two workers
that both believe to be at it lose nothing; but each asks, and asking may cost: it is handed to one job at a time.

A study that is being deleted is shown to nobody from the first moment on: of its ballots, more are gone by the minute.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import msgspec
import structlog
from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update

from vivavoce.errors import NotHereError, StaleError, StoreError
from vivavoce.panel.ballots import Ballot
from vivavoce.panel.evidence import digest
from vivavoce.panel.outcome import Result
from vivavoce.panel.study import Study
from vivavoce.store.database import Database, RowsRefused, table_of
from vivavoce.store.models import Ballot as BallotRow
from vivavoce.store.models import Panel as PanelRow
from vivavoce.store.models import Study as StudyRow
from vivavoce.store.pieces import ERASING, empty_studies

_log = structlog.get_logger(__name__)

PIECE = 500
"""Ballots read at a time, some 3 MB."""
Part: TypeAlias = Literal["main", "null"]
""" "null": of two variants that say the same, to see whether the respondent finds a winner there."""
State: TypeAlias = Literal["open", "done"]
""" "open" while there may be more: a study whose job failed or was cancelled stays open, and is gone on with."""
Usage: TypeAlias = dict[str, dict[str, int]]
"""By respondent, what it took: answers, tokens_in, tokens_out, ..."""
_SHOWN = StudyRow.state != ERASING
_WITHOUT_RESULT = tuple(column for column in table_of(StudyRow).columns if column.name not in ("result", "key"))


class StoredStudy(msgspec.Struct, frozen=True, kw_only=True):
    """A study without its ballots. Moments are Unix seconds."""

    id: str
    panel_id: str
    name: str
    spec: Study
    seed: int
    respondents: tuple[str, ...]
    """As they were asked for: "reasoner", "openai:MODEL", "gemini:MODEL"."""
    embedder: str
    """As it was asked for: "minilm", "hashing"."""
    state: State
    job: str | None = None
    """Who is at it, or was the last to be."""
    wanted: int
    """Ballots in all, if it is not settled before."""
    asked: int = 0
    """Ballots kept."""
    abstained: int = 0
    """Of them, without an answer."""
    usage: Usage = {}
    problem: str = ""
    """Why it stopped before its end, the last time."""
    made_at: float
    ended_at: float | None = None


class KeptBallot(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    """Its place among all that are asked for (`studies.asks`)."""
    part: Part
    ballot: Ballot


class Studies:
    """Every method raises StoreError when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self,
        spec: Study,
        panel_id: str,
        *,
        seed: int,
        respondents: Sequence[str],
        embedder: str,
        wanted: int,
        now: float,
    ) -> StoredStudy:
        """Begin a study, or go on with the same one (of the same panel, seed and respondents) that is still open.

        Raises:
            NotHereError: there is no such panel.
        """
        key = digest(panel_id, spec, seed, tuple(respondents), embedder)
        same = select(*_WITHOUT_RESULT).where(StudyRow.key == key, StudyRow.state == "open")
        row = StoredStudy(
            id=secrets.token_hex(8),
            panel_id=panel_id,
            name=spec.name,
            spec=spec,
            seed=seed,
            respondents=tuple(respondents),
            embedder=embedder,
            state="open",
            wanted=wanted,
            made_at=now,
        )
        values = msgspec.structs.asdict(row) | {"key": key, "spec": msgspec.json.encode(spec).decode()}
        # of two at once the index lets one in, and the other finds it
        insert = self._database.insert(StudyRow).values(values).on_conflict_do_nothing()
        while True:
            try:
                if await self._database.run(insert):
                    return row
            except RowsRefused:
                if await self._database.rows(select(PanelRow.id).where(PanelRow.id == panel_id)):
                    raise
                raise NotHereError(f"want the id of a panel, got {panel_id[:64]!a}") from None
            if found := await self._database.rows(same):  # else it has just ended, and this one is anew
                return _stored(found[0])

    async def get(self, study_id: str) -> StoredStudy:
        """
        Raises:
            NotHereError: there is none, or it went with a call that its panel quoted.
        """
        found = await self._database.rows(select(*_WITHOUT_RESULT).where(StudyRow.id == study_id, _SHOWN))
        if not found:
            raise NotHereError(f"want the id of a study, got {study_id[:64]!a}")
        return _stored(found[0])

    async def result(self, study_id: str) -> Result | None:
        """What came of it; None while it is open.

        Raises:
            NotHereError: there is no such study.
        """
        found = await self._database.rows(select(StudyRow.result).where(StudyRow.id == study_id, _SHOWN))
        if not found:
            raise NotHereError(f"want the id of a study, got {study_id[:64]!a}")
        body = found[0]["result"]
        return None if body is None else msgspec.json.decode(body, type=Result)

    async def page(
        self, panel_id: str | None = None, *, limit: int = 50, after: tuple[float, str] | None = None
    ) -> list[StoredStudy]:
        """The newest studies, of a panel or of all.

        Args:
            after: `made_at` and `id` of the last one of the page before.
        """
        query = select(*_WITHOUT_RESULT).where(_SHOWN)
        if panel_id is not None:
            query = query.where(StudyRow.panel_id == panel_id)
        if after is not None:
            at, id_ = after
            query = query.where(or_(StudyRow.made_at < at, and_(StudyRow.made_at == at, StudyRow.id > id_)))
        found = await self._database.rows(query.order_by(StudyRow.made_at.desc(), StudyRow.id).limit(limit))
        return [_stored(row) for row in found]

    async def delete(self, study_id: str) -> bool:
        """With its ballots; False when there is none."""
        await empty_studies(self._database, StudyRow.id == study_id)
        return bool(await self._database.run(delete(StudyRow).where(StudyRow.id == study_id)))

    async def hand_to(self, study_id: str, job: str, *, before: str | None) -> bool:
        """Have another job go on with an open study; False when it is not `before`'s any more."""
        handed = update(StudyRow).where(*_open_of(study_id, before)).values(job=job, problem="")
        return bool(await self._database.run(handed))

    async def keep(self, study_id: str, ballots: Sequence[KeptBallot], usage: Mapping[str, Mapping[str, int]]) -> int:
        """Keep ballots that are not there yet, and add to what they took; how many were new.

        Raises:
            StaleError: the study is over, or was deleted; nothing was kept.
        """
        rows = [
            {
                "study_id": study_id,
                "number": each.number,
                "part": each.part,
                "respondent": each.ballot.respondent,
                "persona": each.ballot.persona,
                "abstains": each.ballot.abstains,
                "body": msgspec.json.encode(each.ballot).decode(),
            }
            for each in ballots
        ]
        async with self._database.begin() as connection:
            # written to first: whoever ends or deletes it meanwhile waits, or has done so already
            held = update(StudyRow).where(StudyRow.id == study_id, StudyRow.state == "open")
            counted = held.values(asked=StudyRow.asked).returning(StudyRow.usage)
            before = (await connection.execute(counted)).scalar()
            if before is None:
                raise StaleError("want a study that is open, got one that is over or was deleted")
            insert = self._database.insert(BallotRow).on_conflict_do_nothing()
            new = (await connection.execute(insert.returning(BallotRow.abstains), rows)).scalars().all() if rows else []
            values = {
                "asked": StudyRow.asked + len(new),
                "abstained": StudyRow.abstained + sum(map(bool, new)),
                "usage": _sum(before, usage),
            }
            await connection.execute(update(StudyRow).where(StudyRow.id == study_id).values(values))
        return len(new)

    async def numbers(self, study_id: str) -> set[int]:
        """Of the ballots that are kept."""
        query = select(BallotRow.number).where(BallotRow.study_id == study_id)
        return {row["number"] for row in await self._database.rows(query)}

    async def respondents(self, study_id: str) -> set[str]:
        """Who gave the ballots that are kept, by their own names."""
        query = select(BallotRow.respondent).where(BallotRow.study_id == study_id).distinct()
        return {row["respondent"] for row in await self._database.rows(query)}

    async def count(self, study_id: str) -> int:
        """Ballots that are kept, counted one by one."""
        query = select(func.count().label("kept")).where(BallotRow.study_id == study_id)
        return int((await self._database.rows(query))[0]["kept"])

    async def ballots(
        self, study_id: str, *, part: Part | None = None, limit: int = PIECE, after: int = -1
    ) -> list[KeptBallot]:
        """Ballots by their number, of one part or of both.

        Args:
            after: number of the last one seen.
        """
        shown = exists().where(StudyRow.id == study_id, _SHOWN)
        query = select(BallotRow.number, BallotRow.part, BallotRow.body).where(
            BallotRow.study_id == study_id, BallotRow.number > after, shown
        )
        if part is not None:
            query = query.where(BallotRow.part == part)
        return [
            KeptBallot(number=row["number"], part=row["part"], ballot=msgspec.json.decode(row["body"], type=Ballot))
            for row in await self._database.rows(query.order_by(BallotRow.number).limit(limit))
        ]

    async def iterate(self, study_id: str, *, part: Part | None = None) -> AsyncIterator[list[KeptBallot]]:
        """All ballots by their number, a piece at a time.

        Raises:
            NotHereError: after those that were found: the study was deleted, and there may have been more.
        """
        after = -1
        while piece := await self.ballots(study_id, part=part, limit=PIECE, after=after):
            yield piece
            after = piece[-1].number
        if not await self._database.rows(select(StudyRow.id).where(StudyRow.id == study_id, _SHOWN)):
            raise NotHereError("want a study that stays, got one that was deleted meanwhile")

    async def finish(self, study_id: str, result: Result, *, job: str | None, now: float) -> bool:
        """Write what came of an open study; False when it is over already, was deleted, or somebody else is at it."""
        body = msgspec.json.encode(result).decode()
        ended = {"state": "done", "result": body, "ended_at": now, "problem": ""}
        return bool(await self._database.run(update(StudyRow).where(*_open_of(study_id, job)).values(ended)))

    async def stop(self, study_id: str, problem: str, *, job: str | None) -> None:
        """Write down why an open study does not go on for now, unless somebody else is at it."""
        await self._database.run(update(StudyRow).where(*_open_of(study_id, job)).values(problem=problem))

    async def finish_deleting(self) -> int:
        """Delete what somebody began to delete and did not come to the end of; how many studies. One that cannot be
        deleted now keeps none of the others back.
        """
        query = select(StudyRow.id).where(StudyRow.state == ERASING)
        went = 0
        for row in await self._database.rows(query):
            try:
                went += await self.delete(row["id"])
            except StoreError as error:
                _log.warning("a study was not deleted to its end", study=row["id"], problem=str(error))
        return went


def _open_of(study_id: str, job: str | None) -> tuple[ColumnElement[bool], ...]:
    """A study that is open, and nobody else's."""
    return StudyRow.id == study_id, StudyRow.state == "open", StudyRow.job.is_not_distinct_from(job)


def _stored(row: dict[str, Any]) -> StoredStudy:
    return msgspec.convert({**row, "spec": msgspec.json.decode(row["spec"], type=Study)}, StoredStudy)


def _sum(one: Mapping[str, Mapping[str, int]], other: Mapping[str, Mapping[str, int]]) -> Usage:
    found = {name: Counter(counts) for name, counts in one.items()}
    for name, counts in other.items():
        found.setdefault(name, Counter()).update(counts)
    return {name: dict(counts) for name, counts in sorted(found.items())}
