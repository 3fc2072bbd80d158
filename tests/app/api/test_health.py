from __future__ import annotations

import asyncio

import pytest

from tests.app.api.conftest import Home
from vivavoce.app import pulse
from vivavoce.app.pulse import Pulse
from vivavoce.errors import StoreError
from vivavoce.store.database import Database


async def test_a_stranger_learns_little(home: Home) -> None:
    told = await home.ask("GET", "/health", key="")
    assert told.status_code == 200
    assert set(told.json()) == {"status", "version"}
    booker = await home.key("calls:book")
    assert set((await home.ask("GET", "/health", key=booker)).json()) == {"status", "version"}
    assert (await home.ask("GET", "/health", key="vv_made-up")).status_code == 401


async def test_what_an_operator_sees(home: Home) -> None:
    watcher = await home.key("metrics:read")
    told = (await home.ask("GET", "/health", key=watcher)).json()
    assert (told["status"], told["calls"], told["workers"], told["off"]) == ("ok", 0, 0, [])
    assert told["database"] == {"kind": "sqlite", "answers": True}
    assert told["disk"]["free_bytes"] > 0
    assert told["engines"]["backend"] == "vertex"
    await home.here.desk.switches.set("voice", "a drill")
    assert (await home.ask("GET", "/health", key=watcher)).json()["off"] == ["voice"]


async def test_probes(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await home.ask("GET", "/healthz/live", key="")).status_code == 200
    assert (await home.ask("GET", "/healthz/ready", key="")).json() == {"status": "ok"}

    async def away(self: Pulse) -> bool:
        return False

    monkeypatch.setattr(Pulse, "database_answers", away)
    assert (await home.ask("GET", "/healthz/live", key="")).status_code == 200
    ready = await home.ask("GET", "/healthz/ready", key="")
    assert (ready.status_code, ready.json()) == (503, {"status": "no database"})
    told = (await home.ask("GET", "/health")).json()
    assert told["status"] == "degraded"
    assert "the database does not answer" in told["problems"]
    home.here.desk.stop()
    ready = await home.ask("GET", "/healthz/ready", key="")
    assert (ready.status_code, ready.json()) == (503, {"status": "stopping"})
    assert (await home.ask("GET", "/health", key="")).json()["status"] == "stopping"


async def test_the_database_is_asked_once_a_second(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    now = 0.0
    broken = False

    async def rows(self: Database, query: object) -> list[dict[str, object]]:
        asked.append(now)
        if broken:
            raise StoreError("away")
        return []

    monkeypatch.setattr(Database, "rows", rows)
    beat = Pulse(home.here.store.database, ".", clock=lambda: now)
    assert await asyncio.gather(*(beat.database_answers() for _ in range(5))) == [True] * 5
    broken, now = True, 0.9
    assert await beat.database_answers() is True
    now = 1.0
    assert await beat.database_answers() is False
    assert asked == [0.0, 1.0]


async def test_a_database_that_hangs_counts_as_away(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    async def rows(self: Database, query: object) -> list[dict[str, object]]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(Database, "rows", rows)
    monkeypatch.setattr(pulse, "ANSWER_WITHIN_S", 0.01)
    assert await Pulse(home.here.store.database, ".").database_answers() is False


async def test_a_disk_that_is_not_there(home: Home) -> None:
    assert await Pulse(home.here.store.database, "/nowhere/at/all").disk() is None
