"""A database that is away, full, locked, crowded, or cut off in the middle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.postgres import Cluster
from tests.store.test_writer import Pauses, post, turn
from vivavoce.errors import InputError, StoreError
from vivavoce.store import EventWriter, RowsRefused, Store
from vivavoce.store.calls import CallFilter, Calls
from vivavoce.store.database import open_engine, parse_url, set_pragmas, translated

NOW = 1_750_000_000.0


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server that these tests may stop."""
    cluster = Cluster()
    yield cluster
    cluster.close()


@pytest.fixture
def url(cluster: Cluster) -> Iterator[str]:
    with cluster.database() as url:
        yield url


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    store = await Store.open(url)
    yield store
    await store.close()


async def new_call(store: Store, call_id: str) -> None:
    given: dict[str, Any] = {"agent_name": "a", "agent_source": "", "spec_hash": "", "code_version": ""}
    await store.create_call(call_id=call_id, started_at=NOW, **given)


async def seqs(store: Store, call_id: str) -> list[int]:
    return [event.seq for event in await store.events(call_id)]


async def test_a_server_that_goes_and_comes_back_costs_no_event(cluster: Cluster, store: Store) -> None:
    """As in a restart: the writer waits, goes on where it was, and nobody else is told more than once."""
    await new_call(store, "one")
    await new_call(store, "two")

    def back(tries: int) -> None:
        post(writer, 100 + tries)  # the call goes on
        if tries == 6:
            cluster.start()

    pauses = Pauses(back)
    async with EventWriter(store, pause=pauses) as writer:
        post(writer, *range(50))
        assert await writer.flush()
        cluster.stop()
        post(writer, *range(50, 90))
        post(writer, 0, call_id="two")
        assert await writer.flush(within_s=30)
        assert await writer.flush()
        assert writer.lost("one") == 0
    assert sum(pauses.asked[:6]) >= 3.0, "seconds that nobody waited"
    assert await seqs(store, "one") == [*range(90), *range(101, 101 + len(pauses.asked))]
    assert await seqs(store, "two") == [0]


async def test_questions_meanwhile_are_refused_at_once_and_answered_after(cluster: Cluster, store: Store) -> None:
    await new_call(store, "one")
    cluster.stop()
    async with asyncio.timeout(5):
        for _ in range(3):
            with pytest.raises(StoreError, match="the database did not take it"):
                await store.call("one")
            with pytest.raises(StoreError):
                await new_call(store, "two")
        with pytest.raises(StoreError):
            await Store.open(store.database.engine.url.render_as_string(hide_password=False))
    cluster.start()
    assert await store.call("one") is not None


async def test_connections_that_died_in_the_pool_are_replaced_unseen(cluster: Cluster, store: Store) -> None:
    await asyncio.gather(*(Calls(store.database).counts(CallFilter()) for _ in range(4)))
    cluster.stop()
    cluster.start()
    await asyncio.gather(*(Calls(store.database).counts(CallFilter()) for _ in range(4)))


async def test_a_connection_cut_in_the_middle_of_a_transaction(cluster: Cluster, store: Store) -> None:
    await new_call(store, "one")

    async def cut_off() -> None:
        async with store.database.begin() as connection:
            await connection.execute(text("DELETE FROM calls"))
            pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            cluster.execute(f"SELECT pg_terminate_backend({pid})")
            await connection.execute(text("SELECT 1"))

    with pytest.raises(StoreError) as caught:
        await cut_off()
    assert not isinstance(caught.value, RowsRefused), "others, and these a moment later, will be taken"
    assert await store.call("one") is not None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"username": "nobody"}, "InvalidAuthorizationSpecificationError"),
        ({"database": "nothing"}, "InvalidCatalogNameError"),
        ({"port": 1}, "ConnectionRefusedError"),
        ({"host": "name.invalid"}, "gaierror"),
        ({"username": "crowded"}, "TooManyConnectionsError"),
    ],
)
async def test_a_server_that_lets_nobody_in(cluster: Cluster, url: str, change: dict[str, Any], reason: str) -> None:
    cluster.execute("DROP ROLE IF EXISTS crowded")
    cluster.execute("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0")
    with pytest.raises(StoreError, match=reason):
        await Store.open(parse_url(url).set(**change).render_as_string(hide_password=False))


async def test_a_lock_that_somebody_holds_holds_nobody_for_ever(
    cluster: Cluster, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vivavoce.store.database.COMMAND_TIMEOUT_S", 0.2)
    store = await Store.open(url)
    await new_call(store, "one")
    holder = open_engine(url)
    async with holder.begin() as held:
        await held.execute(text("LOCK TABLE calls, events"))
        with pytest.raises(StoreError, match="TimeoutError"):
            await store.call("one")
        pauses = Pauses(lambda tries: None)
        async with EventWriter(store, pause=pauses) as writer:
            post(writer, 0)
            assert not await writer.flush(within_s=0.5)
            await held.rollback()
            assert await writer.flush()
    assert await seqs(store, "one") == [0]
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%FROM calls%'"
    for _ in range(500):
        if cluster.execute(waiting) == [(1,)]:  # this very question
            break
        await asyncio.sleep(0.01)
    else:
        raise AssertionError("the server still works on what nobody waits for")
    await store.close()
    await holder.dispose()


async def test_a_migration_may_take_longer(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vivavoce.store.database.COMMAND_TIMEOUT_S", 0.05)
    engine = open_engine(url, patient=True)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_sleep(0.2)"))
    await engine.dispose()


async def test_whoever_finds_no_free_connection_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("POOL_SIZE", 1), ("POOL_OVERFLOW", 1), ("POOL_TIMEOUT_S", 0.05)):
        monkeypatch.setattr(f"vivavoce.store.database.{name}", value)
    store = await Store.open(url)
    async with store.database.begin(), store.database.begin():
        with pytest.raises(StoreError, match="TimeoutError"):
            await store.call("one")
    assert await store.call("one") is None
    await store.close()


@pytest.mark.parametrize("sslmode", ["disable", "prefer"])
async def test_urls_may_speak_as_libpq_does(url: str, sslmode: str) -> None:
    store = await Store.open(f"{url}?sslmode={sslmode}")
    await store.close()


async def test_options_that_no_driver_knows_are_refused(url: str) -> None:
    with pytest.raises(InputError, match=r"want options of host, .* in a URL, got application_name"):
        await Store.open(f"{url}?application_name=x")


@pytest.mark.parametrize("with_turns", [False, True])
async def test_a_full_disk_is_waited_for_like_a_database_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_turns: bool
) -> None:
    """Events go to a SQLite file by a way of their own."""
    most_pages = 1  # as few as there are

    def full(connection: Any, record: object) -> None:
        set_pragmas(connection, record)
        connection.cursor().execute(f"PRAGMA max_page_count={most_pages}")

    async def room_again(wait_s: float) -> None:
        nonlocal most_pages
        asked.append(wait_s)
        if len(asked) == 3:
            most_pages = 2**30
            await store.database.engine.dispose()
        await asyncio.sleep(0)

    asked: list[float] = []
    await (await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")).close()
    for module in ("event_file", "database"):
        monkeypatch.setattr(f"vivavoce.store.{module}.set_pragmas", full)
    store = await Store.open(f"sqlite:///{tmp_path / 'viva.db'}")
    await new_call(store, "one")
    async with EventWriter(store, pause=room_again) as writer:
        post(writer, *range(200), words=b'"' + b"x" * 2_000 + b'"')
        if with_turns:
            writer.post_turn(turn("so far"))
        assert await writer.flush()
        assert writer.lost("one") == 0
    assert len(asked) == 3
    assert await seqs(store, "one") == list(range(200))
    await store.close()


def test_what_is_no_matter_of_the_database_is_not_swallowed() -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError("ours")
