"""The ballots of a study, for programs and as a table for spreadsheets: a row for each variant of each ballot."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from typing import Any

import msgspec

from vivavoce.app.insight_files import cell
from vivavoce.panel.ballots import Answer, Ballot
from vivavoce.store.studies import KeptBallot

COLUMNS = (
    "number", "part", "respondent", "persona", "order", "abstains", "validated", "variant", "appeal", "would",
    "chance_would", "chance_might", "chance_would_not", "preferred", "pros", "cons", "text",
)  # fmt: skip


async def csv_of(pieces: AsyncIterator[list[KeptBallot]]) -> AsyncIterator[str]:
    """A header, then a piece of rows for each piece of ballots. A cell that a spreadsheet would run has an apostrophe
    before it.
    """
    yield _written([COLUMNS])
    async for piece in pieces:
        yield _written([[cell(value) for value in row] for each in piece for row in _rows(each)])


async def jsonl_of(pieces: AsyncIterator[list[KeptBallot]]) -> AsyncIterator[str]:
    """A piece of lines for each piece of ballots, one JSON document each."""
    async for piece in pieces:
        yield "".join(f"{msgspec.json.encode(each).decode()}\n" for each in piece)


def _written(rows: list[Any]) -> str:
    target = StringIO()
    csv.writer(target, lineterminator="\n").writerows(rows)
    return target.getvalue()


def _rows(kept: KeptBallot) -> Iterator[list[Any]]:
    ballot = kept.ballot
    head = [kept.number, kept.part, ballot.respondent, ballot.persona, list(ballot.order), ballot.abstains]
    head.append(ballot.validated)
    if not ballot.answers:
        yield [*head, *[""] * (len(COLUMNS) - len(head))]
    for answer in ballot.answers:
        yield [*head, *_said(ballot, answer)]


def _said(ballot: Ballot, answer: Answer) -> list[Any]:
    chances = [answer.chances.get(word, "") for word in ("would", "might", "would_not")]
    sides = [[each.text for each in answer.reasons if each.sign == sign] for sign in ("pro", "con")]
    preferred = ballot.prefers.get(answer.variant, "")
    return [answer.variant, answer.appeal, answer.would, *chances, preferred, *map(" | ".join, sides), answer.text]
