"""What calls cost, and an agent whose budget is used up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from tests.conversation.talk import founder
from vivavoce.agents.units import Spend
from vivavoce.app.spending import FRESH_S, Spending
from vivavoce.errors import BusyError
from vivavoce.store.store import Store

NOW = 1_750_000_000.0
PRICES = {"prompt_audio": 3.0, "response_audio": 12.0}
LIMITED = msgspec.structs.replace(
    founder(), limits=msgspec.structs.replace(founder().limits, spend=Spend(1, "USD", "day"))
)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


async def call(store: Store, agent: str, ended_at: float | None, **usage: Any) -> None:
    """Without usage: one that was never counted."""
    id_ = await store.create_call(
        agent_name=agent, agent_source="", spec_hash="", code_version="", started_at=NOW - 9e5
    )
    if usage:
        await store.update_call(id_, usage=usage)
    if ended_at is not None:
        await store.finish_call(id_, ended_at=ended_at, reason="agent_ended")


async def test_calls_of_the_period_and_of_the_agent_count(store: Store) -> None:
    now = [NOW]
    spending = Spending(store.database, PRICES, clock=lambda: now[0])
    await call(store, "acme", NOW - 10, prompt_audio=100_000, response_audio=25_000, total=999, turns=3)
    await call(store, "acme", NOW - 90_000, response_audio=9_000_000)
    await call(store, "acme", None, response_audio=9_000_000)
    await call(store, "acme", NOW - 10)
    await call(store, "other", NOW - 10, response_audio=9_000_000)
    await spending.check("acme", LIMITED)
    assert await spending.spent("acme", 86_400) == pytest.approx(0.6)
    assert await spending.spent("acme", 100_000) == pytest.approx(108.6)
    assert await spending.spent("nobody", 86_400) == 0.0
    await call(store, "acme", NOW - 5, response_audio=34_000)
    await spending.check("acme", LIMITED)  # the sum is a few seconds old
    now[0] += FRESH_S
    with pytest.raises(BusyError, match="want a budget that is left, got one that is used up: 1 a day"):
        await spending.check("acme", LIMITED)
    await spending.check("acme", founder())
    now[0] += 86_400
    await spending.check("acme", LIMITED)


async def test_without_prices_nothing_costs_anything(store: Store) -> None:
    await call(store, "acme", NOW, response_audio=9_000_000)
    await Spending(store.database, {}, clock=lambda: NOW).check("acme", LIMITED)
