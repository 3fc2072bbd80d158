"""Webhooks and what was delivered to them. Secrets come and go sealed."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from typing import Any, Literal

import msgspec
from sqlalchemy import and_, delete, func, or_, select, update

from vivavoce.store.database import Database, table_of
from vivavoce.store.models import Delivery, Webhook

DeliveryState = Literal["waiting", "delivered", "failed"]


class StoredWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """Moments are Unix seconds."""

    id: str
    url: str
    events: tuple[str, ...]
    """What it wants to be told of; empty for everything."""
    agent: str | None
    """The only agent whose calls it is told of; None for all."""
    secret_sealed: bytes
    old_secret_sealed: bytes | None = None
    old_secret_until: float | None = None
    active: bool = True
    created_at: float


class StoredDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one webhook and how it fares. Moments are Unix seconds."""

    id: str
    """Goes as `webhook-id`: the same at every attempt."""
    webhook_id: str
    call_id: str | None
    """It goes with this call."""
    type: str
    body: str
    state: DeliveryState = "waiting"
    attempts: int = 0
    created_at: float
    next_at: float | None = None
    delivered_at: float | None = None
    last_status: int | None = None
    last_problem: str = ""


class Webhooks:
    """Every method raises StoreError when the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # webhooks

    async def add(
        self, url: str, *, events: Iterable[str], agent: str | None, secret_sealed: bytes, now: float
    ) -> StoredWebhook:
        webhook = StoredWebhook(
            id=secrets.token_hex(8),
            url=url,
            events=tuple(sorted(set(events))),
            agent=agent,
            secret_sealed=secret_sealed,
            created_at=now,
        )
        await self._database.run(table_of(Webhook).insert().values(msgspec.structs.asdict(webhook)))
        return webhook

    async def get(self, webhook_id: str) -> StoredWebhook | None:
        found = await self._database.rows(select(table_of(Webhook)).where(Webhook.id == webhook_id))
        return msgspec.convert(found[0], StoredWebhook) if found else None

    async def page(
        self, *, limit: int = 100, after: tuple[float, str] | None = None, agents: Collection[str] = ()
    ) -> list[StoredWebhook]:
        """Webhooks, newest first.

        Args:
            after: `created_at` and `id` of the last one seen.
            agents: only webhooks of these; empty for all.
        """
        query = select(table_of(Webhook)).order_by(Webhook.created_at.desc(), Webhook.id.desc()).limit(limit)
        if agents:
            query = query.where(Webhook.agent.in_(agents))
        if after is not None:
            at, id_ = after
            query = query.where(or_(Webhook.created_at < at, and_(Webhook.created_at == at, Webhook.id < id_)))
        return msgspec.convert(await self._database.rows(query), list[StoredWebhook])

    async def count(self, agent: str | None) -> int:
        """How many are told of this agent alone; None for those that are told of all."""
        query = select(func.count().label("number")).where(Webhook.agent.is_not_distinct_from(agent))
        return int((await self._database.rows(query))[0]["number"])

    async def told_of(self, type_: str, agent: str | None) -> list[StoredWebhook]:
        """Active webhooks that want to be told of such an event."""
        active = await self._database.rows(select(table_of(Webhook)).where(Webhook.active.is_(True)))
        found = msgspec.convert(active, list[StoredWebhook])
        return [
            webhook
            for webhook in found
            if (not webhook.events or type_ in webhook.events) and (webhook.agent is None or webhook.agent == agent)
        ]

    async def change(self, webhook_id: str, **columns: Any) -> bool:
        """Change columns of a webhook; False when there is none."""
        return bool(await self._database.run(update(Webhook).where(Webhook.id == webhook_id).values(**columns)))

    async def remove(self, webhook_id: str) -> bool:
        """Delete a webhook and what was delivered to it; False when there is none."""
        return bool(await self._database.run(delete(Webhook).where(Webhook.id == webhook_id)))

    # deliveries

    async def write_delivery(
        self, webhook_id: str, *, type_: str, body: str, call_id: str | None, now: float
    ) -> StoredDelivery:
        delivery = StoredDelivery(
            id=f"msg_{secrets.token_hex(12)}",
            webhook_id=webhook_id,
            call_id=call_id,
            type=type_,
            body=body,
            created_at=now,
            next_at=now,
        )
        await self._database.run(table_of(Delivery).insert().values(msgspec.structs.asdict(delivery)))
        return delivery

    async def delivery(self, delivery_id: str) -> StoredDelivery | None:
        found = await self._database.rows(select(table_of(Delivery)).where(Delivery.id == delivery_id))
        return msgspec.convert(found[0], StoredDelivery) if found else None

    async def deliveries(
        self, webhook_id: str, *, limit: int = 100, after: tuple[float, str] | None = None
    ) -> list[StoredDelivery]:
        """What was and will be delivered to a webhook, newest first."""
        query = (
            select(table_of(Delivery))
            .where(Delivery.webhook_id == webhook_id)
            .order_by(Delivery.created_at.desc(), Delivery.id.desc())
            .limit(limit)
        )
        if after is not None:
            at, id_ = after
            query = query.where(or_(Delivery.created_at < at, and_(Delivery.created_at == at, Delivery.id < id_)))
        return msgspec.convert(await self._database.rows(query), list[StoredDelivery])

    async def overdue(self, until: float, *, limit: int = 1_000) -> list[StoredDelivery]:
        """Deliveries that should have been tried by a moment, oldest first."""
        query = (
            select(table_of(Delivery))
            .where(Delivery.state == "waiting", Delivery.next_at <= until)
            .order_by(Delivery.next_at)
            .limit(limit)
        )
        return msgspec.convert(await self._database.rows(query), list[StoredDelivery])

    async def tried(self, delivery_id: str, *, attempt: int, **columns: Any) -> bool:
        """Write down how an attempt went; False when that attempt was written down before."""
        told = update(Delivery).where(Delivery.id == delivery_id, Delivery.attempts == attempt - 1)
        return bool(await self._database.run(told.values(attempts=attempt, **columns)))

    async def again(self, delivery_id: str, now: float) -> bool:
        """Have a delivery that is over made once more; False when it is waiting for its next attempt already."""
        over = update(Delivery).where(Delivery.id == delivery_id, Delivery.state != "waiting")
        return bool(await self._database.run(over.values(state="waiting", next_at=now)))

    async def sweep(self, until: float) -> int:
        """Delete deliveries that were over and made before a moment; how many."""
        old = delete(Delivery).where(Delivery.created_at <= until, Delivery.state != "waiting")
        return await self._database.run(old)
