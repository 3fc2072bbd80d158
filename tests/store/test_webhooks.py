"""Webhooks and deliveries, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import delete

from vivavoce.store import Store
from vivavoce.store.models import Call
from vivavoce.store.webhooks import StoredWebhook, Webhooks

NOW = 1_750_000_000.0


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


async def made(webhooks: Webhooks, *events: str, agent: str | None = None, at: float = NOW) -> StoredWebhook:
    return await webhooks.add("https://a.example/", events=events, agent=agent, secret_sealed=b"x", now=at)


async def test_who_is_told_of_what(store: Store) -> None:
    webhooks = Webhooks(store.database)
    everything, ended = await made(webhooks), await made(webhooks, "call.ended")
    founder, paused = await made(webhooks, "call.ended", agent="founder"), await made(webhooks)
    await webhooks.change(paused.id, active=False)

    async def told(type_: str, agent: str | None) -> set[str]:
        return {webhook.id for webhook in await webhooks.told_of(type_, agent)}

    assert await told("call.ended", "founder") == {everything.id, ended.id, founder.id}
    assert await told("call.ended", "board") == {everything.id, ended.id}
    assert await told("person.erased", None) == {everything.id}


async def test_webhooks_by_the_page_and_by_agent(store: Store) -> None:
    webhooks = Webhooks(store.database)
    all_ = [await made(webhooks, agent="founder" if n % 2 else None, at=NOW + n) for n in range(4)]
    first = await webhooks.page(limit=3)
    rest = await webhooks.page(limit=3, after=(first[-1].created_at, first[-1].id))
    assert [*first, *rest] == all_[::-1]
    assert await webhooks.page(agents={"founder"}) == [all_[3], all_[1]]
    assert await webhooks.remove(all_[0].id)
    assert not await webhooks.remove(all_[0].id)
    assert await webhooks.get(all_[0].id) is None


async def test_an_attempt_is_written_down_once(store: Store) -> None:
    webhooks = Webhooks(store.database)
    hook = await made(webhooks)
    delivery = await webhooks.write_delivery(hook.id, type_="t", body="{}", call_id=None, now=NOW)
    wrote = await asyncio.gather(
        *(webhooks.tried(delivery.id, attempt=1, last_status=n, last_problem="") for n in range(3))
    )
    assert sorted(wrote) == [False, False, True]
    assert not await webhooks.tried(delivery.id, attempt=3, last_status=1), "none is left out"
    assert await webhooks.tried(delivery.id, attempt=2, state="failed", next_at=None)
    assert [await webhooks.again(delivery.id, NOW), await webhooks.again(delivery.id, NOW)] == [True, False]


async def test_deliveries_go_with_their_call_and_their_webhook(store: Store) -> None:
    webhooks = Webhooks(store.database)
    hook, other = await made(webhooks), await made(webhooks)
    call = await store.create_call(agent_name="a", agent_source="", spec_hash="", code_version="1", started_at=NOW)
    about = await webhooks.write_delivery(hook.id, type_="t", body="{}", call_id=call, now=NOW)
    kept = await webhooks.write_delivery(hook.id, type_="t", body="{}", call_id=None, now=NOW + 1)
    gone = await webhooks.write_delivery(other.id, type_="t", body="{}", call_id=None, now=NOW)
    assert await webhooks.deliveries(hook.id, limit=1) == [kept]
    assert await webhooks.deliveries(hook.id, after=(kept.created_at, kept.id)) == [about]
    await store.database.run(delete(Call).where(Call.id == call))
    await webhooks.remove(other.id)
    assert await webhooks.deliveries(hook.id) == [kept]
    assert await webhooks.delivery(gone.id) is None


async def test_what_is_late_and_what_is_old(store: Store) -> None:
    webhooks = Webhooks(store.database)
    hook = await made(webhooks)
    late = await webhooks.write_delivery(hook.id, type_="t", body="{}", call_id=None, now=NOW)
    over = await webhooks.write_delivery(hook.id, type_="t", body="{}", call_id=None, now=NOW)
    await webhooks.tried(over.id, attempt=1, state="delivered", next_at=None)
    assert await webhooks.overdue(NOW - 1) == []
    assert await webhooks.overdue(NOW) == [late]
    assert [await webhooks.sweep(NOW - 1), await webhooks.sweep(NOW)] == [0, 1]
    assert await webhooks.deliveries(hook.id) == [late], "what still waits is not swept"
