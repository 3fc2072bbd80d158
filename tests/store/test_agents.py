from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from vivavoce.errors import NotHereError, StaleError
from vivavoce.store import Store
from vivavoce.store.agents import Agents, hash_of

NOW = 1_750_000_000.0


@pytest.fixture
async def agents(database_url: str) -> AsyncIterator[Agents]:
    store = await Store.open(database_url)
    yield Agents(store.database)
    await store.close()


async def test_a_draft_is_met_by_nobody_before_it_is_published(agents: Agents) -> None:
    assert await agents.save_draft("ada", "one", NOW) is True
    assert await agents.published("ada") is None
    assert await agents.names() == []
    first = await agents.publish("ada", NOW + 1, note="first")
    assert (first.version, first.note, first.spec_hash) == (1, "first", hash_of("one"))
    assert await agents.save_draft("ada", "two", NOW + 2) is False
    assert await agents.published("ada") == (1, "one")
    stored = await agents.get("ada")
    assert stored is not None
    assert stored.changed
    assert (await agents.publish("ada", NOW + 3)).version == 2
    assert await agents.published("ada") == (2, "two")
    assert [each.version for each in await agents.versions("ada", limit=9)] == [2, 1]
    assert await agents.source("ada", 1) == "one"
    assert await agents.names() == ["ada"]


async def test_publishing_what_is_published_makes_no_version(agents: Agents) -> None:
    await agents.save_draft("ada", "one", NOW)
    first = await agents.publish("ada", NOW, note="first")
    assert await agents.publish("ada", NOW + 9, note="again") == first


async def test_of_two_who_publish_at_once_both_get_the_one_version(agents: Agents) -> None:
    await agents.save_draft("ada", "one", NOW)
    made = await asyncio.gather(*(agents.publish("ada", NOW, note=str(n)) for n in range(5)))
    assert len(set(made)) == 1
    assert len(await agents.versions("ada", limit=9)) == 1


async def test_of_two_who_change_what_both_have_seen_one_is_told(agents: Agents) -> None:
    await agents.save_draft("ada", "one", NOW)
    seen = [hash_of("one")]
    changes = [agents.save_draft("ada", text, NOW, expected=seen) for text in ("left", "right")]
    done = await asyncio.gather(*changes, return_exceptions=True)
    assert {type(each) for each in done} == {bool, StaleError}
    stored = await agents.get("ada")
    assert stored is not None
    assert stored.draft == ("left" if done[0] is False else "right")


async def test_a_version_number_is_given_once(agents: Agents) -> None:
    await agents.save_draft("ada", "0", NOW)

    async def change(text: str) -> None:
        await agents.save_draft("ada", text, NOW)
        await agents.publish("ada", NOW)

    await asyncio.gather(*(change(str(n)) for n in range(6)))
    numbers = [each.version for each in await agents.versions("ada", limit=99)]
    assert numbers == list(range(len(numbers), 0, -1))
    stored = await agents.get("ada")
    assert stored is not None
    assert stored.published == numbers[0]
    assert not stored.changed


async def test_what_is_expected(agents: Agents) -> None:
    with pytest.raises(StaleError, match="got none"):
        await agents.save_draft("ada", "one", NOW, expected=[hash_of("zero")])
    assert await agents.get("ada") is None
    assert await agents.save_draft("ada", "one", NOW, expected=[]) is True
    with pytest.raises(StaleError, match="changed since"):
        await agents.save_draft("ada", "two", NOW, expected=[])
    for verb in (agents.publish("ada", NOW, expected=["x"]), agents.restore("ada", 1, NOW, expected=["x"])):
        with pytest.raises(StaleError):
            await verb
    with pytest.raises(StaleError):
        await agents.delete("ada", NOW, expected=["x"])
    stored = await agents.get("ada")
    assert stored is not None
    assert (stored.draft, stored.published, stored.updated_at) == ("one", None, NOW)


async def test_an_old_version_is_published_anew(agents: Agents) -> None:
    for text in ("one", "two"):
        await agents.save_draft("ada", text, NOW)
        await agents.publish("ada", NOW)
    restored = await agents.restore("ada", 1, NOW, note="two was wrong")
    assert (restored.version, restored.spec_hash) == (3, hash_of("one"))
    stored = await agents.get("ada")
    assert stored is not None
    assert stored.draft == "one"
    await agents.save_draft("ada", "work in progress", NOW)
    assert (await agents.restore("ada", 2, NOW)).version == 4
    stored = await agents.get("ada")
    assert stored is not None
    assert stored.draft == "work in progress"
    assert await agents.published("ada") == (4, "two")


async def test_what_is_not_here_is_told(agents: Agents) -> None:
    for verb in (agents.publish("eve", NOW), agents.restore("eve", 1, NOW)):
        with pytest.raises(NotHereError, match="eve"):
            await verb
    with pytest.raises(NotHereError):
        await agents.delete("eve", NOW)
    await agents.save_draft("ada", "one", NOW)
    with pytest.raises(NotHereError, match="want a version"):
        await agents.restore("ada", 7, NOW)
    assert await agents.source("ada", 7) is None
    assert await agents.get("eve") is None


async def test_deleted_with_its_versions(agents: Agents) -> None:
    await agents.save_draft("ada", "one", NOW)
    await agents.publish("ada", NOW)
    await agents.delete("ada", NOW)
    assert await agents.get("ada") is None
    assert await agents.versions("ada", limit=9) == []
    await agents.save_draft("ada", "anew", NOW)
    assert (await agents.publish("ada", NOW)).version == 1


async def test_pages(agents: Agents) -> None:
    for name in ("cy", "ada", "bob", "dot"):
        await agents.save_draft(name, name, NOW)
    assert [each.name for each in await agents.page(limit=2)] == ["ada", "bob"]
    assert [each.name for each in await agents.page(limit=9, after="bob")] == ["cy", "dot"]
    assert [each.name for each in await agents.page(limit=9, only={"dot", "eve"})] == ["dot"]
    await agents.publish("ada", NOW)
    for n in range(3):
        await agents.save_draft("ada", str(n), NOW)
        await agents.publish("ada", NOW)
    assert [each.version for each in await agents.versions("ada", limit=2, before=4)] == [3, 2]
