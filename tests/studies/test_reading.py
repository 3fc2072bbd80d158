"""A corpus is read as a whole, and anew when it is read again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.store.corpora import NOW, insight
from vivavoce.errors import NotHereError
from vivavoce.panel.insights import Reading
from vivavoce.store import Store
from vivavoce.store import insights as module
from vivavoce.store.insights import Insights
from vivavoce.studies.reading import read_corpus


@pytest.fixture
async def insights(database_url: str) -> AsyncIterator[Insights]:
    store = await Store.open(database_url)
    found = Insights(store.database)
    await found.create("invoicing", now=NOW)
    yield found
    await store.close()


async def test_every_insight_is_read(insights: Insights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 2)
    await insights.add("invoicing", [insight(number) for number in range(5)], now=NOW)
    await insights.mark_copies("invoicing", {insight(1).id: insight(0).id})
    told: list[tuple[int, int]] = []
    assert await read_corpus(insights, "invoicing", lambda done, of: told.append((done, of))) == 5
    assert told == [(2, 5), (4, 5), (5, 5)]
    found = await insights.readings("invoicing")
    assert len(found) == 5
    assert {each.niche for each in found.values()} == {"bookkeeping"}


async def test_an_earlier_reading_is_replaced(insights: Insights) -> None:
    await insights.add("invoicing", [insight(1)], now=NOW)
    await insights.save_readings("invoicing", [Reading(insight=insight(1).id, niche="games", niche_sure=1.0)])
    await read_corpus(insights, "invoicing")
    assert (await insights.readings("invoicing"))[insight(1).id].niche == "bookkeeping"


async def test_an_empty_corpus_and_none(insights: Insights) -> None:
    assert await read_corpus(insights, "invoicing") == 0
    with pytest.raises(NotHereError):
        await read_corpus(insights, "nothing")
