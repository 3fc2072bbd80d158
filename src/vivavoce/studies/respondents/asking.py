"""One sheet to every member of a panel, by as many respondents as wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

from vivavoce.panel.ballots import Ballot, Sheet, shown
from vivavoce.panel.personas import Persona
from vivavoce.studies.port import Respondent

T = TypeVar("T")
Told = Callable[[int, int], None]
"""Is told how many ballots are there, of how many."""


async def ask(
    respondents: Sequence[Respondent], personas: Sequence[Persona], sheet: Sheet, told: Told | None = None
) -> list[Ballot]:
    """All ballots, by respondent in their order, then by persona in theirs. Respondents are asked side by side; how
    many requests each has under way is its own affair. When one raises, or this is cancelled, the rest is not asked.

    Raises:
        InputError: no such sheet; nobody was asked.
        MissingError: a respondent has not got what it needs.
        StoreError, StaleError: an answer cannot be kept.
    """
    shown(sheet)
    done, of = 0, len(respondents) * len(personas)

    async def one(respondent: Respondent, persona: Persona) -> Ballot:
        nonlocal done
        ballot = await respondent.answer(persona, sheet)
        done += 1
        if told is not None:
            told(done, of)
        return ballot

    return await side_by_side(one(each, persona) for each in respondents for persona in personas)


async def side_by_side(asked: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """All at once, answers in their order. When one raises, or this is cancelled, nobody is asked any further, and
    nothing runs on once this returns.
    """
    tasks = [asyncio.create_task(each) for each in asked]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
