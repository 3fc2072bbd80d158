"""A ledger on a database of its own, and a clock that the test turns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import ColumnElement, Double, literal

from vivavoce.jobs.ledger import Ledger
from vivavoce.store.store import Store


@dataclass
class Turned:
    """A clock of the database that stands until it is turned."""

    now: float = 1_000_000.0

    def __call__(self) -> ColumnElement[float]:
        return literal(self.now, Double())


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


@pytest.fixture
def ledger(store: Store, clock: Turned) -> Ledger:
    """On SQLite and on Postgres; nobody waits: a watcher that looks again has the next second at once."""

    async def pause(_seconds: float) -> None:
        clock.now += 1

    return Ledger(store.database, clock, pause=pause)
