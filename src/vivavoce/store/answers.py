"""What models answered for the members of a panel: kept as it comes, and not asked for again, whatever dies."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import select

from vivavoce.errors import StaleError
from vivavoce.store.database import Database, RowsRefused
from vivavoce.store.models import Answer
from vivavoce.store.models import Panel as PanelRow


class PanelAnswers:
    """Answers of one panel. They go when it goes, and it goes with the calls it quotes.

    Every method raises StoreError when the database does not answer.
    """

    def __init__(self, database: Database, panel_id: str, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._panel_id = panel_id
        self._clock = clock

    async def get(self, key: str) -> bytes | None:
        """What was kept for a question.

        Args:
            key: hash of everything the answer depends on.
        """
        query = select(Answer.body).where(Answer.panel_id == self._panel_id, Answer.key == key)
        found = await self._database.rows(query)
        return found[0]["body"].encode() if found else None

    async def put(self, key: str, body: bytes, *, persona: str, respondent: str) -> None:
        """Keep an answer, in place of one that was there. Once this returns it outlives the process.

        Args:
            body: JSON.
            persona: id of the member it was asked for; the first one, where two are asked the very same.
        Raises:
            StaleError: the panel is not there any more: whoever it quoted may have been erased.
        """
        row = {
            "panel_id": self._panel_id,
            "key": key,
            "persona": persona,
            "respondent": respondent,
            "body": body.decode(),
            "made_at": self._clock(),
        }
        try:
            async with self._database.begin() as connection:
                await self._database.upsert(connection, Answer, [row])
        except RowsRefused:
            if await self._database.rows(select(PanelRow.id).where(PanelRow.id == self._panel_id)):
                raise
            raise StaleError("want a panel that stays, got one that was deleted while it was asked") from None
