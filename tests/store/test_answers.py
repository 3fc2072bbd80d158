from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.store.corpora import NOW
from tests.store.panelled import store_of_panels
from vivavoce.errors import StaleError
from vivavoce.store import Store
from vivavoce.store.answers import PanelAnswers
from vivavoce.store.erasing import Erasing
from vivavoce.store.folders import Folders
from vivavoce.store.models import Answer

WHOSE = {"persona": "p01", "respondent": "openai/m"}


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with store_of_panels(database_url) as store:
        yield store


def answers(store: Store, panel_id: str) -> PanelAnswers:
    return PanelAnswers(store.database, panel_id, clock=lambda: NOW)


async def test_an_answer_is_its_panels_own_and_the_newest_counts(store: Store) -> None:
    kept = answers(store, "of others")
    assert await kept.get("k") is None
    for body in (b'{"spoiled": 1}', '{"text": "f\u00fcr mich \\u0000"}'.encode()):
        await kept.put("k", body, **WHOSE)
        assert await kept.get("k") == body
    assert await answers(store, "of the call").get("k") is None
    (row,) = await store.database.rows(select(Answer.persona, Answer.respondent, Answer.made_at))
    assert row == {**WHOSE, "made_at": NOW}


async def test_it_goes_with_the_call_that_the_panel_quotes(store: Store, tmp_path: Path) -> None:
    for id_ in ("of the call", "of others"):
        await answers(store, id_).put("k", b"{}", **WHOSE)
    receipt = await Erasing(store.database, Folders.of(tmp_path)).call("c1", now=NOW)
    assert (receipt.rows["panels"], receipt.rows["answers"]) == (1, 1)
    assert await answers(store, "of the call").get("k") is None
    assert await answers(store, "of others").get("k") == b"{}"
    with pytest.raises(StaleError, match="got one that was deleted while it was asked"):
        await answers(store, "of the call").put("k", b"{}", **WHOSE)
