"""Surveys: studies put to people, and what they answered. Nothing here says who answered."""

from __future__ import annotations

import secrets
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Delete, and_, delete, literal, or_, select, update

from vivavoce.errors import NotHereError, StaleError
from vivavoce.panel.survey.form import Form, PersonAnswer
from vivavoce.panel.survey.prediction import Prediction
from vivavoce.store.database import Database, RowsRefused, table_of
from vivavoce.store.keys import hash_of
from vivavoce.store.models import PanelCall, SurveyCall
from vivavoce.store.models import Study as StudyRow
from vivavoce.store.models import Survey as SurveyRow
from vivavoce.store.models import SurveyAnswer as AnswerRow
from vivavoce.store.models import SurveyLink as LinkRow
from vivavoce.store.survey_answers import HOUR_S, NewAnswer, Taken, answer_of, keep, recorded, towards

WITHDRAWN_S = 25 * HOUR_S
"""How long the code of a deleted answer is known still, from the hour it was deleted in: a page may be sent again for a
day after it was opened, and would be a new answer then.
"""


class StoredSurvey(msgspec.Struct, frozen=True, kw_only=True):
    """Moments are Unix seconds."""

    id: str
    """Where nobody got a link of their own, it is the link."""
    study_id: str | None
    """None when the study is not there any more."""
    name: str
    form: Form
    prediction: Prediction
    links: int
    """How many were made for one person each; 0: one link for everybody."""
    quota: int
    """Answers wanted, those left out of the score not counted."""
    until: float | None
    opened_at: float
    closed_at: float | None
    erase_at: float
    """When the answers are deleted."""
    begun: int = 0
    """How many agreed to answer."""
    answered: int = 0
    """Number of the last answer; some may have been deleted since."""


class Door(NamedTuple):
    """What a link opens."""

    survey: StoredSurvey
    link: str | None
    """Hash of a link of one person's own; None for everybody's."""
    used: bool


class Surveys:
    """Every method raises StoreError when the database does not answer. No error says what somebody answered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, survey: StoredSurvey) -> list[str]:
        """Keep a new survey, tied to the calls its panel rests on; the links for one person each, which are kept
        nowhere. Never log them.

        Raises:
            StaleError: its study is not there any more.
        """
        links = [secrets.token_urlsafe(16) for _ in range(survey.links)]
        row = msgspec.structs.asdict(survey)
        row |= {name: msgspec.json.encode(row[name]).decode() for name in ("form", "prediction")}
        rests = select(literal(survey.id), PanelCall.call_id).join(StudyRow, StudyRow.panel_id == PanelCall.panel_id)
        rests = rests.where(StudyRow.id == survey.study_id)
        try:
            async with self._database.begin() as connection:
                # first, which holds the study: whoever erases a call of it waits, and then finds the survey
                await connection.execute(table_of(SurveyRow).insert().values(row))
                await connection.execute(table_of(SurveyCall).insert().from_select(["survey_id", "call_id"], rests))
                if links:
                    made = [{"hash": hash_of(link), "survey_id": survey.id, "used": False} for link in links]
                    await connection.execute(table_of(LinkRow).insert(), made)
        except RowsRefused:
            if await self._database.rows(select(StudyRow.id).where(StudyRow.id == survey.study_id)):
                raise
            raise StaleError("want a study that stays, got one that was deleted meanwhile") from None
        return links

    async def get(self, survey_id: str) -> StoredSurvey:
        """
        Raises:
            NotHereError: there is none.
        """
        found = await self._database.rows(select(table_of(SurveyRow)).where(SurveyRow.id == survey_id))
        if not found:
            raise NotHereError(f"want the id of a survey, got {survey_id[:64]!a}")
        return _survey(found[0])

    async def door(self, token: str) -> Door | None:
        """What a link leads to; None for one that leads nowhere."""
        own = await self._database.rows(
            select(LinkRow.survey_id, LinkRow.hash, LinkRow.used).where(LinkRow.hash == hash_of(token))
        )
        if own:
            return Door(await self.get(own[0]["survey_id"]), own[0]["hash"], own[0]["used"])
        found = await self._database.rows(
            select(table_of(SurveyRow)).where(SurveyRow.id == token, SurveyRow.links == 0)
        )
        return Door(_survey(found[0]), None, used=False) if found else None

    async def page(self, *, limit: int = 50, after: tuple[float, str] | None = None) -> list[StoredSurvey]:
        """Surveys, the newest first.

        Args:
            after: `opened_at` and `id` of the last one seen.
        """
        query = select(table_of(SurveyRow)).order_by(SurveyRow.opened_at.desc(), SurveyRow.id.desc()).limit(limit)
        if after is not None:
            at, survey_id = after
            older = and_(SurveyRow.opened_at == at, SurveyRow.id < survey_id)
            query = query.where(or_(SurveyRow.opened_at < at, older))
        return [_survey(row) for row in await self._database.rows(query)]

    async def of_study(self, study_id: str) -> list[StoredSurvey]:
        """All surveys of a study, the newest first."""
        query = select(table_of(SurveyRow)).where(SurveyRow.study_id == study_id)
        query = query.order_by(SurveyRow.opened_at.desc(), SurveyRow.id.desc())
        return [_survey(row) for row in await self._database.rows(query)]

    async def counted(self, survey_id: str) -> int:
        """Answers towards the quota."""
        return int((await self._database.rows(towards(survey_id)))[0]["number"])

    async def begin(self, survey_id: str) -> int:
        """Somebody agreed to answer; the how manieth they are, from 0, which says in which order they see variants.

        Raises:
            NotHereError: the survey is not there any more.
        """
        more = update(SurveyRow).where(SurveyRow.id == survey_id).values(begun=SurveyRow.begun + 1)
        found = await self._database.returned(more.returning(SurveyRow.begun))
        if not found:
            raise NotHereError("want a survey that stays, got one that was deleted meanwhile")
        return int(found[0]["begun"]) - 1

    async def answer(self, door: Door, receipt: str, answer: NewAnswer, *, now: float) -> Taken:
        """Keep an answer, marked as late where enough had answered meanwhile. Sent again with the same code, the first
        one stays.

        Args:
            receipt: the code that deletes it; only a hash of it is kept.
        Returns:
            "kept", or why nothing was.
        Raises:
            NotHereError: the survey is not there any more.
        """
        async with self._database.begin() as connection:
            return await keep(connection, door.survey.id, door.survey.quota, door.link, receipt, answer, now=now)

    async def known(self, receipt: str) -> PersonAnswer | Literal["withdrawn"] | None:
        """The answer of a code, or that it was deleted; None where there is none (any more)."""
        found = await self._database.rows(recorded().where(AnswerRow.receipt == hash_of(receipt)))
        if not found:
            return None
        return answer_of(found[0]) if found[0]["body"] else "withdrawn"

    async def answers(self, survey_id: str) -> list[PersonAnswer]:
        """All answers by number, those that are left out of the score among them."""
        query = recorded().where(AnswerRow.survey_id == survey_id, AnswerRow.body != "").order_by(AnswerRow.number)
        return [answer_of(row) for row in await self._database.rows(query)]

    async def forget(self, receipt: str, *, now: float) -> bool:
        """Delete the answer of a code; False when there is none. For a day the hash of the code stays, so that the same
        page sent again is no new answer.
        """
        mine = update(AnswerRow).where(AnswerRow.receipt == hash_of(receipt), AnswerRow.body != "")
        nothing = {"body": "", "flags": [], "took_s": 0.0, "suspect": True, "answered_at": now - now % HOUR_S}
        gone = await self._database.run(mine.values(nothing))
        await self._database.settle()
        return bool(gone)

    async def close(self, survey_id: str, *, now: float) -> StoredSurvey:
        """Take no more answers but of those who are at it; closed again, the first time stays.

        Raises:
            NotHereError: there is none.
        """
        shut = update(SurveyRow).where(SurveyRow.id == survey_id, SurveyRow.closed_at.is_(None))
        await self._database.run(shut.values(closed_at=now))
        return await self.get(survey_id)

    async def delete(self, survey_id: str) -> bool:
        """Delete a survey with its links and answers; False when there is none."""
        gone = await self._database.run(delete(SurveyRow).where(SurveyRow.id == survey_id))
        await self._database.settle()
        return bool(gone)

    async def sweep(self, now: float) -> int:
        """Delete the answers whose time has run out, and close their surveys; how many answers went. What is left of
        those that were deleted goes after a day.
        """
        old = and_(AnswerRow.body == "", AnswerRow.answered_at <= now - WITHDRAWN_S)
        await self._database.run(delete(AnswerRow).where(old))
        due = select(SurveyRow.id).where(SurveyRow.erase_at <= now)
        gone = await self._database.run(delete(AnswerRow).where(AnswerRow.survey_id.in_(due)))
        shut = update(SurveyRow).where(SurveyRow.erase_at <= now, SurveyRow.closed_at.is_(None))
        await self._database.run(shut.values(closed_at=now))
        if gone:
            await self._database.settle()
        return gone


def of_call(call_id: str) -> Delete:
    """Deletes the surveys that may ask in the words of a call, with what was answered. After its panels: whoever is
    just opening one holds the study, which goes with those.
    """
    return delete(SurveyRow).where(SurveyRow.id.in_(select(SurveyCall.survey_id).where(SurveyCall.call_id == call_id)))


def _survey(row: dict[str, Any]) -> StoredSurvey:
    parts = {
        "form": msgspec.json.decode(row["form"], type=Form),
        "prediction": msgspec.json.decode(row["prediction"], type=Prediction),
    }
    return msgspec.convert({**row, **parts}, StoredSurvey)
