from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.store.corpora import NOW, insight, some_call
from vivavoce.errors import InputError, NotHereError
from vivavoce.panel.insights import Reading
from vivavoce.store import RowsRefused, Store
from vivavoce.store import insights as module
from vivavoce.store.erasing import Erasing
from vivavoce.store.folders import Folders
from vivavoce.store.insight_rows import Read
from vivavoce.store.insights import Counts, Insights, StoredCorpus
from vivavoce.store.models import Reading as ReadingRow


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


@pytest.fixture
async def insights(store: Store) -> Insights:
    insights = Insights(store.database)
    await insights.create("invoicing", now=NOW)
    return insights


def ids(found: list[Read]) -> list[str]:
    return [each.insight.id for each in found]


async def test_what_was_written_is_read_again(insights: Insights) -> None:
    whole = insight(
        1, url="https://example.org/1", said_at=1.5, group="thread", title="On invoices", lang="en", rating=2.0,
        person="ab", tags=("a", "b"), licence="CC BY 4.0",
    )  # fmt: skip
    bare = insight(2)
    assert await insights.add("invoicing", [whole, bare], now=NOW) == 2
    found = {each.insight.ref: each for each in await insights.page("invoicing")}
    assert [found[ref].insight for ref in "12"] == [whole, bare]
    assert found["1"] == Read(insight=whole, reading=None, same_as=None, collected_at=NOW)
    assert (await insights.get("invoicing", bare.id)).insight == bare


async def test_the_same_one_is_kept_once_as_it_first_was(insights: Insights) -> None:
    assert await insights.add("invoicing", [insight(1, text="first"), insight(1, text="second")], now=NOW) == 1
    assert await insights.add("invoicing", [insight(1, text="third"), insight(2)], now=NOW + 1) == 1
    assert (await insights.get("invoicing", insight(1).id)).insight.text == "first"


async def test_corpora_keep_to_themselves(insights: Insights) -> None:
    await insights.create("other", now=NOW + 1)
    await insights.create("other", now=NOW + 2)
    await insights.add("invoicing", [insight(1), insight(2)], now=NOW)
    await insights.add("other", [insight(1)], now=NOW)
    await insights.save_readings("other", [Reading(insight=insight(1).id, niche="finance")])
    assert await insights.corpora() == [
        StoredCorpus(name="invoicing", made_at=NOW, insights=2, copies=0, read=0),
        StoredCorpus(name="other", made_at=NOW + 1, insights=1, copies=0, read=1),
    ]
    assert await insights.readings("invoicing") == {}
    assert await insights.delete("other") == 1
    assert [corpus.name for corpus in await insights.corpora()] == ["invoicing"]
    assert ids(await insights.page("invoicing")) == sorted([insight(1).id, insight(2).id])


@pytest.mark.parametrize("name", ["", "Big", "a b", "../x", "a" * 64, "-x", "ä", "a\n"])
async def test_names_that_are_none_are_refused(insights: Insights, name: str) -> None:
    with pytest.raises(InputError, match="want a corpus named by"):
        await insights.create(name, now=NOW)


async def test_what_is_not_here_is_said_to_be_not_here(insights: Insights) -> None:
    for ask in (insights.corpus, insights.delete):
        with pytest.raises(NotHereError, match="want the name of a corpus, got 'no'"):
            await ask("no")
    with pytest.raises(NotHereError, match="want the id of an insight of 'invoicing', got 'no'"):
        await insights.get("invoicing", "no")
    with pytest.raises(RowsRefused):
        await insights.add("no", [insight(1)], now=NOW)


async def test_readings_are_replaced_and_those_of_nobody_left_out(insights: Insights) -> None:
    await insights.add("invoicing", [insight(1), insight(2)], now=NOW)
    first = Reading(
        insight=insight(1).id, niche="finance", niche_sure=0.5, kind="pain", kind_sure=0.9, flags=("advert",)
    )
    again = Reading(insight=insight(1).id, sentiment=-0.5)
    await insights.save_readings("invoicing", [first, Reading(insight="gone")])
    assert await insights.readings("invoicing") == {insight(1).id: first}
    await insights.save_readings("invoicing", [again])
    assert (await insights.get("invoicing", insight(1).id)).reading == again
    await insights.save_readings("invoicing", [])


async def test_pages_and_what_they_leave_out(insights: Insights) -> None:
    everything = [insight(number, source="reddit" if number % 2 else "github") for number in range(6)]
    await insights.add("invoicing", everything, now=NOW)
    order = sorted(each.id for each in everything)
    await insights.save_readings(
        "invoicing", [Reading(insight=order[0], niche="finance", kind="pain"), Reading(insight=order[1], kind="goal")]
    )
    assert ids(await insights.page("invoicing", limit=4)) == order[:4]
    assert ids(await insights.page("invoicing", limit=4, after=order[3])) == order[4:]
    assert ids(await insights.page("invoicing", niche="finance")) == order[:1]
    assert ids(await insights.page("invoicing", kind="goal")) == order[1:2]
    reddit = sorted(each.id for each in everything if each.source == "reddit")
    assert ids(await insights.page("invoicing", source="reddit")) == reddit


async def test_all_of_them_come_once_piece_by_piece(insights: Insights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 2)
    await insights.add("invoicing", [insight(number) for number in range(6)], now=NOW)
    pieces = [ids(piece) async for piece in insights.iterate("invoicing")]
    assert [len(piece) for piece in pieces] == [2, 2, 2]
    assert [id_ for piece in pieces for id_ in piece] == sorted(insight(number).id for number in range(6))
    await insights.save_readings("invoicing", [Reading(insight=insight(number).id) for number in range(6)])
    assert len(await insights.readings("invoicing")) == 6
    assert await insights.mark_copies("invoicing", {insight(n).id: insight(0).id for n in range(1, 6)}) == 5
    assert await insights.delete("invoicing") == 6


async def test_copies_are_left_aside_until_their_first_is_gone(
    insights: Insights, store: Store, tmp_path: Path
) -> None:
    await some_call(store, "c1")
    first = insight(1, source="calls", group="c1")
    await insights.add("invoicing", [first, insight(2), insight(3)], now=NOW)
    assert await insights.mark_copies("invoicing", {insight(2).id: first.id}) == 1
    assert await insights.mark_copies("invoicing", {insight(2).id: first.id}) == 0
    assert (await insights.corpus("invoicing")).copies == 1
    assert ids(await insights.page("invoicing")) == sorted([first.id, insight(3).id])
    assert len(await insights.page("invoicing", copies=True)) == 3
    await Erasing(store.database, Folders.of(tmp_path)).call("c1", now=NOW)
    assert ids(await insights.page("invoicing")) == sorted([insight(2).id, insight(3).id]), "it stands for it now"
    assert (await insights.corpus("invoicing")).copies == 0
    assert await insights.mark_copies("invoicing", {}) == 1


async def test_what_was_said_in_a_call_goes_with_it(insights: Insights, store: Store, tmp_path: Path) -> None:
    await some_call(store, "c1")
    said = insight(1, source="calls", group="c1")
    await insights.add("invoicing", [said, insight(2)], now=NOW)
    await insights.save_readings("invoicing", [Reading(insight=said.id)])
    receipt = await Erasing(store.database, Folders.of(tmp_path)).call("c1", now=NOW)
    assert (receipt.rows["insights"], receipt.rows["readings"]) == (1, 1)
    assert ids(await insights.page("invoicing")) == [insight(2).id]
    assert await store.database.rows(select(ReadingRow.insight)) == []


@pytest.mark.parametrize("state", ["erasing", "live", None])
async def test_only_calls_that_are_over_and_stay_have_insights(
    insights: Insights, store: Store, state: str | None
) -> None:
    """A page may be asked for before a call is erased, and kept after."""
    if state is not None:
        await some_call(store, "c1", state=state)
    assert await insights.add("invoicing", [insight(1, source="calls", group="c1"), insight(2)], now=NOW) == 1
    assert ids(await insights.page("invoicing")) == [insight(2).id]


async def test_counts(insights: Insights) -> None:
    given = [
        insight(1, person="a", group="t"), insight(2, person="a", group="u"), insight(3, person="b", group="t"),
        insight(4), insight(5, source="github", person="a"), insight(6, source="github"),
    ]  # fmt: skip
    await insights.add("invoicing", given, now=NOW)
    await insights.mark_copies("invoicing", {given[5].id: given[4].id})
    await insights.save_readings(
        "invoicing",
        [
            Reading(insight=given[0].id, niche="finance", kind="pain", flags=("advert", "too-short")),
            Reading(insight=given[1].id, niche="finance", flags=("advert",)),
            Reading(insight=given[2].id),
        ],
    )
    assert await insights.count("invoicing") == Counts(
        sources={"reddit": 4, "github": 1},
        niches={"finance": 2, "none": 1},
        kinds={"none": 2, "pain": 1},
        flags={"advert": 2, "too-short": 1},
        people=3,
        groups=2,
    )


async def test_a_text_no_database_takes_is_refused_whole(insights: Insights, store: Store) -> None:
    if store.database.is_sqlite:
        pytest.skip("SQLite takes it")
    with pytest.raises(RowsRefused):
        await insights.add("invoicing", [insight(1, text="a\0b")], now=NOW)
