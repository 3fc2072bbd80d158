from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from tests.store.corpora import NOW, insight, some_call
from tests.store.panelled import SAID, panel
from vivavoce.errors import NotHereError, StaleError
from vivavoce.panel.insights import Reading
from vivavoce.store import RowsRefused, Store
from vivavoce.store import panels as module
from vivavoce.store.erasing import Erasing
from vivavoce.store.folders import Folders
from vivavoce.store.insights import Insights
from vivavoce.store.models import PanelCall
from vivavoce.store.panels import Panels, StoredPanel


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    await some_call(store, "c1")
    insights = Insights(store.database)
    await insights.create("invoicing", now=NOW)
    await insights.add("invoicing", [SAID, *(insight(number) for number in range(2, 12))], now=NOW)
    yield store
    await store.close()


@pytest.fixture
def panels(store: Store) -> Panels:
    return Panels(store.database)


async def test_a_panel_comes_back_byte_for_byte(panels: Panels) -> None:
    kept = panel("one", insight(2).id)
    await panels.save(kept, "invoicing", now=NOW)
    await panels.save(kept, "invoicing", now=NOW + 1)
    assert msgspec.json.encode(await panels.get("one")) == msgspec.json.encode(kept)
    spec = {"size": 3, "audience": "founders"}
    assert await panels.page() == [StoredPanel(id="one", corpus="invoicing", made_at=NOW, spec=spec)]


async def test_lists(panels: Panels, store: Store) -> None:
    await Insights(store.database).create("other", now=NOW)
    for at, (id_, corpus) in enumerate((("one", "invoicing"), ("two", "other"), ("three", "invoicing"))):
        await panels.save(panel(id_), corpus, now=NOW + at)
    assert [each.id for each in await panels.page()] == ["three", "two", "one"]
    assert [each.id for each in await panels.page("invoicing", limit=1)] == ["three"]
    assert await panels.delete("two")
    assert not await panels.delete("two")
    await Insights(store.database).delete("invoicing")
    assert await panels.page() == []
    with pytest.raises(NotHereError, match="want the id of a panel, got 'one'"):
        await panels.get("one")


async def test_a_panel_goes_with_the_call_it_rests_on(panels: Panels, store: Store, tmp_path: Path) -> None:
    await panels.save(panel("evidence", insight(2).id, SAID.id), "invoicing", now=NOW)
    await panels.save(panel("quote", insight(2).id, quote=SAID.id), "invoicing", now=NOW)
    await panels.save(panel("neither", insight(2).id, quote=insight(3).id), "invoicing", now=NOW)
    receipt = await Erasing(store.database, Folders.of(tmp_path)).call("c1", now=NOW)
    assert (receipt.rows["panels"], receipt.rows["panel_calls"]) == (2, 2)
    assert [each.id for each in await panels.page()] == ["neither"]
    assert await store.database.rows(select(PanelCall.panel_id)) == []


async def test_a_panel_goes_with_every_call_it_was_built_from(panels: Panels, store: Store, tmp_path: Path) -> None:
    """A point is made of all that is said of it, and evidence names one or two."""
    await panels.save(panel("made of it", insight(2).id), "invoicing", now=NOW, built_from=[insight(3).id, SAID.id])
    await Erasing(store.database, Folders.of(tmp_path)).call("c1", now=NOW)
    assert await panels.page() == []
    with pytest.raises(StaleError):
        await panels.save(panel("late", insight(2).id), "invoicing", now=NOW, built_from=[SAID.id])


async def test_a_panel_goes_with_calls_that_told_no_insight(panels: Panels, store: Store, tmp_path: Path) -> None:
    for call_id in ("c2", "c3"):
        await some_call(store, call_id)
    await panels.save(panel("asked in its words", insight(2).id), "invoicing", now=NOW, calls=["c2"])
    await panels.save(panel("asked in its words", insight(2).id), "invoicing", now=NOW, calls=["c3"])
    receipt = await Erasing(store.database, Folders.of(tmp_path)).call("c2", now=NOW)
    assert (receipt.rows["panels"], await panels.page()) == (1, [])
    await store.update_call("c3", state="erasing")
    for call_id in ("c2", "c3"):
        with pytest.raises(StaleError, match="want calls that are still there"):
            await panels.save(panel("late", insight(2).id), "invoicing", now=NOW, calls=[call_id])


async def test_a_panel_of_what_was_erased_meanwhile_is_not_kept(
    panels: Panels, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PIECE", 2)
    built = panel("late", *(insight(number).id for number in range(2, 7)), quote=SAID.id)
    await Erasing(store.database, Folders.of(tmp_path)).call("c1", now=NOW)
    with pytest.raises(StaleError, match="got 1 that were deleted since; build the panel again"):
        await panels.save(built, "invoicing", now=NOW)
    assert await panels.page() == []
    with pytest.raises(RowsRefused):
        await panels.save(panel("of none"), "no such corpus", now=NOW)


async def test_with_an_insight_go_the_panels_that_may_hold_words_of_it(panels: Panels, store: Store) -> None:
    insights = Insights(store.database)
    await insights.create("other", now=NOW)
    late = insight(20)
    await insights.add("invoicing", [late], now=NOW + 10)
    await insights.save_readings("invoicing", [Reading(insight=late.id, niche="none", niche_sure=0.0)])
    await insights.mark_copies("invoicing", {insight(3).id: late.id})
    assert len(await insights.page("invoicing")) == 11
    await panels.save(panel("before", insight(2).id), "invoicing", now=NOW)
    await panels.save(panel("of a slow clock", late.id), "invoicing", now=NOW + 9)
    await panels.save(panel("since", insight(2).id), "invoicing", now=NOW + 10)
    await panels.save(panel("elsewhere"), "other", now=NOW + 10)
    assert await insights.panels_of("invoicing", late.id) == 2
    assert await insights.delete_one("invoicing", late.id) == 2
    assert [each.id for each in await panels.page()] == ["elsewhere", "before"]
    assert len(await insights.page("invoicing")) == 11, "a copy stands for it"
    for ask in (insights.delete_one, insights.panels_of):
        with pytest.raises(NotHereError, match="want the id of an insight"):
            await ask("invoicing", late.id)
