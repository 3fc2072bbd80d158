from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from vivavoce.store import Store
from vivavoce.store.calls import CallFilter, Calls
from vivavoce.store.database import table_of
from vivavoce.store.models import Person

NOW = 1_750_000_000.0
ALL = CallFilter()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    person = {"id": "p", "ref_hash": "h", "ref_sealed": b"s", "created_at": NOW}
    await store.database.run(table_of(Person).insert().values(person))
    yield store
    await store.close()


async def book(store: Store, call_id: str, at: float = NOW, *, agent: str = "demo", person: str | None = None) -> None:
    await store.create_call(
        call_id=call_id,
        agent_name=agent,
        agent_source="",
        spec_hash="",
        code_version="",
        started_at=at,
        person_id=person,
    )


async def ids(store: Store, which: CallFilter = ALL, after: tuple[float, str] | None = None, limit: int = 9) -> str:
    return " ".join(line.id for line in await Calls(store.database).page(which, limit=limit, after=after))


async def test_pages_are_whole_whatever_is_written_meanwhile(store: Store) -> None:
    """Calls of one moment among them: the id decides."""
    for n in range(7):
        await book(store, f"c{n}", NOW + n // 3)
    seen: list[str] = []
    after = None
    while page := await Calls(store.database).page(ALL, limit=2, after=after):
        seen += [line.id for line in page]
        after = (page[-1].started_at, page[-1].id)
        await book(store, f"new{len(seen)}", NOW + 100)
        await store.update_call(page[0].id, state="erasing")
    assert seen == ["c6", "c3", "c4", "c5", "c0", "c1", "c2"]


async def test_filters_narrow(store: Store) -> None:
    await book(store, "a", NOW, agent="alpha")
    await book(store, "b", NOW + 1, agent="beta", person="p")
    await book(store, "c", NOW + 2, agent="gamma")
    await store.finish_call("c", ended_at=NOW + 9, reason="done")
    assert await ids(store) == "c b a"
    assert await ids(store, CallFilter(agents=("alpha", "gamma"))) == "c a"
    assert await ids(store, CallFilter(state="ended")) == "c"
    assert await ids(store, CallFilter(person_id="p")) == "b"
    assert await ids(store, CallFilter(since=NOW + 1, until=NOW + 2)) == "b"
    assert await ids(store, CallFilter(agents=("alpha' OR 1=1 --",))) == ""
    assert await ids(store, limit=1, after=(NOW + 2, "c")) == "b"
    assert await Calls(store.database).counts(ALL) == {"booked": 2, "ended": 1}
    assert await Calls(store.database).counts(CallFilter(agents=("gamma",))) == {"ended": 1}


async def test_what_is_being_erased_is_not_shown(store: Store) -> None:
    await book(store, "a")
    await store.update_call("a", state="erasing")
    assert await ids(store) == ""
    assert await Calls(store.database).counts(ALL) == {}
