"""One answer to a survey in the database: kept once for its code, within the quota, and never tied to a link."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec
from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from vivavoce.errors import NotHereError
from vivavoce.panel.survey.checks import counted
from vivavoce.panel.survey.form import Opinion, PersonAnswer
from vivavoce.store.database import table_of
from vivavoce.store.keys import hash_of
from vivavoce.store.models import Survey as SurveyRow
from vivavoce.store.models import SurveyAnswer as AnswerRow
from vivavoce.store.models import SurveyLink as LinkRow

HOUR_S = 3600.0
LATE = 0.1
"""So much more than its quota, and one answer at least, a survey takes of those who were at it. Not tuned."""
Taken: TypeAlias = Literal["kept", "used", "full", "withdrawn"]
"""What became of an answer: it is there; its link was used for another one; enough have answered; whoever gave it has
deleted it.
"""


class NewAnswer(NamedTuple):
    """An answer as it comes."""

    opinion: Opinion
    took_s: float
    flags: tuple[str, ...]
    suspect: bool
    """Whether it is left out of the score, and so of the quota."""


async def keep(
    connection: AsyncConnection,
    survey_id: str,
    quota: int,
    link: str | None,
    receipt: str,
    answer: NewAnswer,
    *,
    now: float,
) -> Taken:
    """Keep an answer in a transaction of its own, marked as late where enough had answered meanwhile.

    Args:
        link: hash of the link of one person's own by which it came.
        receipt: the code that deletes it.
    Raises:
        NotHereError: the survey is not there any more.
    """
    # the row of the survey first: of two at once the second sees what the first has kept
    mine = update(SurveyRow).where(SurveyRow.id == survey_id).values(answered=SurveyRow.answered)
    last = (await connection.execute(mine.returning(SurveyRow.answered))).scalar()
    if last is None:
        raise NotHereError("want a survey that stays, got one that was deleted meanwhile")
    known = select(AnswerRow.body).where(AnswerRow.receipt == hash_of(receipt))
    if (body := (await connection.execute(known)).scalar()) is not None:
        return "kept" if body else "withdrawn"
    before = (await connection.execute(towards(survey_id))).scalar_one()
    if before >= quota + max(1, int(quota * LATE)):
        return "full"
    if link is not None:
        use = update(LinkRow).where(LinkRow.hash == link, LinkRow.used.is_(False)).values(used=True)
        if not (await connection.execute(use)).rowcount:
            return "used"
    late = before >= quota and "late" not in answer.flags
    await connection.execute(update(SurveyRow).where(SurveyRow.id == survey_id).values(answered=last + 1))
    row = {
        "survey_id": survey_id,
        "number": last + 1,
        "receipt": hash_of(receipt),
        "answered_at": now - now % HOUR_S,
        "took_s": round(answer.took_s, 1),
        "flags": [*answer.flags, *(["late"] if late else [])],
        "suspect": answer.suspect,
        "body": msgspec.json.encode(answer.opinion).decode(),
    }
    await connection.execute(table_of(AnswerRow).insert().values(row))
    if not answer.suspect and before + 1 >= quota:
        await _mark_suspects(connection, survey_id)
    return "kept"


def recorded() -> Select[Any]:
    """Answers as `answer_of` reads them; of those that were deleted the body is empty."""
    return select(*(table_of(AnswerRow).c[name] for name in ("number", "answered_at", "took_s", "flags", "body")))


def answer_of(row: dict[str, Any]) -> PersonAnswer:
    """An answer from its row, which has a body."""
    opinion = msgspec.json.decode(row.pop("body"), type=Opinion)
    return msgspec.convert({**row, "opinion": opinion}, PersonAnswer)


def towards(survey_id: str) -> Select[Any]:
    """How many answers there are towards the quota."""
    query = select(func.count().label("number")).select_from(table_of(AnswerRow))
    return query.where(AnswerRow.survey_id == survey_id, AnswerRow.suspect.is_(False))


async def _mark_suspects(connection: AsyncConnection, survey_id: str) -> None:
    """Take from the quota what only shows among all the others: the same text of many."""
    query = recorded().where(AnswerRow.survey_id == survey_id, AnswerRow.body != "")
    rows = [dict(row) for row in (await connection.execute(query)).mappings()]
    found = await asyncio.to_thread(_suspects, rows)  # of ten thousand it takes half a second
    if found:
        mine = update(AnswerRow).where(AnswerRow.survey_id == survey_id, AnswerRow.number.in_(found))
        await connection.execute(mine.values(suspect=True))


def _suspects(rows: Sequence[dict[str, Any]]) -> list[int]:
    """Numbers of the answers that the score leaves out."""
    answers = [answer_of(row) for row in rows]
    return sorted({each.number for each in answers} - {each.number for each in counted(answers)})
