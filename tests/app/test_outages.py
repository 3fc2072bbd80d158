"""Whole calls while the database is away, and calls of which nothing may be written."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from tests.app.conftest import House, open_house, receive_answered, receive_until
from tests.postgres import Cluster
from vivavoce.app import carrying
from vivavoce.store.vault import Vault
from vivavoce.wire import caller as wire

pytestmark = pytest.mark.slow
SAID = "We lost two days of work on March 3rd 2026."


async def talk(socket: ClientConnection, *, record: bool = True) -> None:
    await socket.send(wire.encode(wire.Hello(mode="text")))
    await receive_until(socket, wire.Welcome)
    await receive_until(socket, wire.Caption)
    if record:
        await socket.send(wire.encode(wire.Consent(decision="given")))
    await socket.send(wire.encode(wire.Typed(text=SAID)))
    await receive_answered(socket)


async def leave(socket: ClientConnection) -> None:
    await socket.send(wire.encode(wire.Leave()))
    await receive_until(socket, wire.Ended)


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Somebody else holds the write lock of a SQLite file. Taken in a thread: whoever has it now needs the loop."""
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
        yield
        connection.rollback()


async def assert_filed(house: House, call: str) -> None:
    async with asyncio.timeout(30):
        await house.desk.finished(call)
    stored = await house.desk.store.call(call)
    assert stored is not None
    assert (stored.state, stored.end_reason) == ("ended", "caller_hung_up")
    assert stored.audio_until is not None
    events = await house.desk.store.events(call)
    assert [event.seq for event in events] == list(range(events[0].seq, events[0].seq + len(events))), "none is missing"
    assert SAID in [turn.text for turn in await house.desk.store.turns(call)]
    assert await house.desk.store.facts(call)


async def test_a_call_goes_on_and_ends_while_postgres_is_away(cluster: Cluster, tmp_path: Path) -> None:
    with cluster.database() as url:
        async with open_house(tmp_path, database_url=url, secret_key=Vault.make_key()) as house:
            call, ticket = await house.ticket()
            async with house.connect(ticket) as socket:
                await socket.send(wire.encode(wire.Hello(mode="text")))
                await receive_until(socket, wire.Caption)
                await asyncio.to_thread(cluster.stop)
                await socket.send(wire.encode(wire.Typed(text=SAID)))
                await receive_answered(socket)
                await leave(socket)
            await asyncio.to_thread(cluster.start)
            await assert_filed(house, call)


async def test_a_call_goes_on_and_ends_while_the_file_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vivavoce.store.database.BUSY_TIMEOUT_MS", 20)
    async with open_house(tmp_path) as house:
        call, ticket = await house.ticket()
        async with house.connect(ticket) as socket:
            await socket.send(wire.encode(wire.Hello(mode="text")))
            await receive_until(socket, wire.Caption)
            async with locked(tmp_path / "data/viva.db"):
                await socket.send(wire.encode(wire.Typed(text=SAID)))
                await receive_answered(socket)
                await leave(socket)
        await assert_filed(house, call)


async def test_a_call_that_cannot_be_filed_is_given_up_when_the_server_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vivavoce.store.database.BUSY_TIMEOUT_MS", 20)
    monkeypatch.setattr(carrying, "FILE_AGAIN_S", (3_600.0,))
    async with open_house(tmp_path) as house:
        call, ticket = await house.ticket()
        async with house.connect(ticket) as socket:
            await socket.send(wire.encode(wire.Hello(mode="text")))
            await receive_until(socket, wire.Caption)
            writer = house.desk.writer
            monkeypatch.setattr(writer, "flush", partial(writer.flush, within_s=0.1))
            async with locked(tmp_path / "data/viva.db"):
                house.desk.stop()
                async with asyncio.timeout(20):
                    await house.desk.finished(call)


@pytest.mark.parametrize("kept", ["nothing", "facts", "words"])
async def test_what_is_kept_for_no_day_is_never_written(tmp_path: Path, kept: str) -> None:
    days: dict[str, Any] = {"keep_audio_days": 0.0}
    days |= {"keep_transcript_days": 0.0} if kept != "words" else {}
    days |= {"keep_facts_days": 0.0} if kept == "nothing" else {}
    async with open_house(tmp_path, **days) as house:
        call, ticket = await house.ticket()
        async with house.connect(ticket) as socket:
            await talk(socket)
            await leave(socket)
        await house.desk.finished(call)
        store = house.desk.store
        await store.database.settle()
        assert not (tmp_path / "data/recordings").exists(), "consent or not"
        assert bool(await store.events(call)) == bool(await store.turns(call)) == (kept == "words")
        assert bool(await store.facts(call)) == (kept != "nothing")
        stored = await store.call(call)
        assert stored is not None
        assert stored.end_reason == "caller_hung_up"
        files = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("viva.db*"))
        assert (SAID.encode() in files) == (kept != "nothing"), "a fact may quote"
