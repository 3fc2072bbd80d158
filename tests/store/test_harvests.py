from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.store.corpora import NOW, insight, some_call
from vivavoce.errors import NotHereError, StaleError
from vivavoce.panel.insights import Insight
from vivavoce.store import RowsRefused, Store
from vivavoce.store.harvests import Harvests, StoredHarvest
from vivavoce.store.insights import Insights


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    await Insights(store.database).create("invoicing", now=NOW)
    yield store
    await store.close()


@pytest.fixture
def harvests(store: Store) -> Harvests:
    return Harvests(store.database)


async def begun(harvests: Harvests, **given: Any) -> StoredHarvest:
    return await harvests.begin("invoicing", "reddit", "late invoices", **{"most": 100, "now": NOW, **given})


async def keep(harvests: Harvests, harvest: StoredHarvest, insights: list[Insight], **given: Any) -> StoredHarvest:
    more = {"cursor": "2", "over": False, "left_out": {}, "total": None, "now": NOW + 1}
    return await harvests.keep(harvest, insights, **{**more, **given})


async def test_a_page_and_its_cursor_are_kept_together(harvests: Harvests, store: Store) -> None:
    harvest = await begun(harvests)
    after = await keep(harvests, harvest, [insight(1), insight(2)], left_out={"deleted": 3}, total=40)
    assert after == await harvests.get(harvest.id)
    assert (after.pages, after.kept, after.known, after.cursor, after.state) == (1, 2, 0, "2", "open")
    last = await keep(
        harvests, after, [insight(2), insight(3)], left_out={"bot": 1, "deleted": 1}, over=True, cursor=None
    )
    assert last == await harvests.get(harvest.id)
    assert (last.pages, last.kept, last.known, last.cursor, last.state) == (2, 3, 1, None, "done")
    assert (last.left_out, last.total, last.ended_at) == ({"bot": 1, "deleted": 4}, 40, NOW + 1)
    found = await Insights(store.database).page("invoicing")
    assert {each.insight.ref for each in found} == {"1", "2", "3"}


async def test_a_page_that_cannot_be_kept_leaves_the_cursor(harvests: Harvests, store: Store) -> None:
    harvest = await begun(harvests)
    with pytest.raises(RowsRefused):
        await keep(harvests, harvest, [insight(1), insight(2, text="\ud800")])
    assert await harvests.get(harvest.id) == harvest
    assert await Insights(store.database).page("invoicing") == []


async def test_of_two_that_keep_a_page_one_does(harvests: Harvests, store: Store) -> None:
    """A worker that was taken for dead, and the one that took over."""
    harvest = await begun(harvests)
    kept = await asyncio.gather(
        *(keep(harvests, harvest, [insight(number)]) for number in range(4)), return_exceptions=True
    )
    assert [type(each) for each in kept].count(StoredHarvest) == 1
    assert [type(each) for each in kept].count(StaleError) == 3
    assert len(await Insights(store.database).page("invoicing")) == 1


async def test_only_the_job_it_was_handed_to_keeps_pages(harvests: Harvests) -> None:
    harvest = await begun(harvests)
    assert await harvests.hand_to(harvest.id, "one", before=None)
    assert not await harvests.hand_to(harvest.id, "two", before=None)
    with pytest.raises(StaleError, match="somebody else carries"):
        await keep(harvests, harvest, [insight(1)])
    mine = await harvests.get(harvest.id)
    await harvests.stop(harvest, "not mine any more")
    assert (await harvests.get(harvest.id)).problem == ""
    await harvests.stop(mine, "the source failed")
    assert (await harvests.get(harvest.id)).problem == "the source failed"
    assert (await keep(harvests, mine, [insight(1)])).problem == ""


async def test_what_did_not_come_to_its_end_is_gone_on_with(harvests: Harvests) -> None:
    first = await keep(harvests, await begun(harvests), [insight(1)])
    again = await begun(harvests, most=500, now=NOW + 9)
    assert (again.id, again.most, again.cursor, again.kept) == (first.id, 500, "2", 1)
    other = await harvests.begin("invoicing", "reddit", "early invoices", most=100, now=NOW + 10)
    assert other.id != first.id
    await keep(harvests, again, [], over=True, cursor=None)
    anew = await begun(harvests, now=NOW + 11)
    assert (anew.id != first.id, anew.cursor, anew.pages) == (True, None, 0)
    assert [each.id for each in await harvests.of("invoicing")] == [anew.id, other.id, first.id]


async def test_one_whose_cursor_holds_no_longer_is_begun_anew(harvests: Harvests, store: Store) -> None:
    before = await keep(harvests, await begun(harvests), [insight(1)], left_out={"bot": 1}, total=9)
    anew = await harvests.begin_anew(before)
    assert anew == await harvests.get(before.id)
    assert (anew.cursor, anew.kept, anew.left_out, anew.total, anew.state) == (None, 0, {}, None, "open")
    with pytest.raises(StaleError):
        await keep(harvests, before, [insight(2)])
    with pytest.raises(StaleError):
        await harvests.begin_anew(before)
    after = await keep(harvests, anew, [insight(1), insight(2)])
    assert (after.kept, after.known) == (1, 1)


async def test_what_was_said_in_calls_that_went_is_counted(harvests: Harvests, store: Store) -> None:
    await some_call(store, "c1")
    await some_call(store, "c2", state="erasing")
    said = [insight(1, source="calls", group="c1"), insight(2, source="calls", group="c2")]
    after = await keep(harvests, await begun(harvests), said, left_out={"empty": 1})
    assert (after.kept, after.left_out) == (1, {"empty": 1, "erased": 1})


async def test_a_corpus_that_is_deleted_ends_its_harvests(harvests: Harvests, store: Store) -> None:
    harvest = await begun(harvests)
    await Insights(store.database).delete("invoicing")
    with pytest.raises(StaleError):
        await keep(harvests, harvest, [insight(1)])
    with pytest.raises(NotHereError, match="whose corpus was deleted"):
        await harvests.get(harvest.id)
    with pytest.raises(RowsRefused):
        await begun(harvests)


@pytest.mark.parametrize(
    ("kept", "left_out", "total", "fraction"),
    [(0, 0, None, 0.0), (50, 0, None, 0.5), (10, 10, 40, 0.5), (150, 0, None, 1.0), (10, 0, 5, 1.0), (10, 0, 0, 0.1)],
)
def test_how_far_it_is(kept: int, left_out: int, total: int | None, fraction: float) -> None:
    harvest = StoredHarvest(
        id="h",
        corpus="c",
        source="s",
        query="q",
        most=100,
        began_at=NOW,
        kept=kept,
        left_out={"bot": left_out},
        total=total,
    )
    assert harvest.fraction == fraction
