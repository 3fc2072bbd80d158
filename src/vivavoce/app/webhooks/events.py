"""What is told, and to whom: ids and numbers, never a word that was said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import msgspec
import structlog

from vivavoce.app.settings import Settings
from vivavoce.app.webhooks.addresses import parse_networks
from vivavoce.app.webhooks.delivery import Courier
from vivavoce.errors import StoreError
from vivavoce.jobs.port import Jobs
from vivavoce.store.store import Store
from vivavoce.store.vault import Vault
from vivavoce.store.webhooks import StoredDelivery, StoredWebhook, Webhooks

log = structlog.get_logger(__name__)

EventType = Literal[
    "call.started", "call.ended", "call.report_ready", "call.erased", "person.erased", "study.done", "study.failed"
]  # fmt: skip
EVENTS: tuple[EventType, ...] = get_args(EventType)
TEST = "webhook.test"
"""What a webhook is sent to try it; it need not be asked for."""
OVERDUE_S = 60.0
"""A delivery this late has lost its job: the server died between writing the one and asking for the other."""


def open_announcer(settings: Settings, store: Store, vault: Vault, jobs: Jobs) -> Announcer:
    """What a process needs to tell of events and to deliver what is told.

    Raises:
        SettingsError: `webhook_networks` does not hold.
    """
    webhooks = Webhooks(store.database)
    courier = Courier(webhooks, vault, jobs, own=parse_networks(settings.webhook_networks))
    return Announcer(webhooks, courier, store)


class Announcer:
    """Writes down what is to be delivered and asks for it. It never raises: what happened has happened, whether it can
    be told or not.

    Args:
        clock: Unix seconds.
    """

    def __init__(
        self, webhooks: Webhooks, courier: Courier, store: Store, clock: Callable[[], float] = time.time
    ) -> None:
        self.webhooks = webhooks
        self.courier = courier
        self._store = store
        self._clock = clock
        self._telling: set[asyncio.Task[None]] = set()

    def began(self, call_id: str) -> None:
        """For `Desk.on_began`: a call begins."""
        task = asyncio.create_task(self.call(call_id, "call.started"), name="announce")
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def ended(self, call_id: str) -> None:
        """For `Desk.on_ended`: a call has ended."""
        await self.call(call_id, "call.ended")

    async def call(self, call_id: str, type_: EventType, **more: Any) -> None:
        """Tell of a call that is there."""
        try:
            stored = await self._store.call(call_id)
        except StoreError as error:
            log.error("an event could not be told", type=type_, call=call_id, problem=str(error))  # noqa: TRY400
            return
        if stored is None:
            return
        data: dict[str, Any] = {
            "call": call_id,
            "agent": stored.agent_name,
            "agent_version": stored.agent_version,
            "started_at": stored.started_at,
        }
        if stored.ended_at is not None:
            seconds = round(max(0.0, stored.ended_at - stored.started_at), 3)
            data |= {"ended_at": stored.ended_at, "reason": stored.end_reason, "seconds": seconds}
        await self.tell(type_, data | more, agent=stored.agent_name, call_id=call_id)

    async def erased_call(self, call_id: str, agent: str) -> None:
        """Tell that a call was erased; its other deliveries went with it."""
        await self.tell("call.erased", {"call": call_id, "agent": agent}, agent=agent)

    async def erased_person(self, person_id: str, calls: int) -> None:
        """Tell that a person was erased."""
        await self.tell("person.erased", {"person": person_id, "calls": calls})

    async def tell(
        self, type_: EventType, data: Mapping[str, Any], *, agent: str | None = None, call_id: str | None = None
    ) -> None:
        """Tell everybody who wants to be told of this.

        Args:
            data: JSON; ids and numbers.
            agent: whose call it is about; webhooks of other agents are not told.
            call_id: the call whose erasure takes the deliveries with it.
        """
        try:
            for webhook in await self.webhooks.told_of(type_, agent):
                await self._write(webhook, type_, data, call_id)
        except StoreError as error:
            log.error("an event could not be told", type=type_, problem=str(error))  # noqa: TRY400

    async def test(self, webhook: StoredWebhook) -> StoredDelivery:
        """Send a webhook a message that tells nothing.

        Raises:
            StoreError: the database did not take it.
        """
        return await self._write(webhook, TEST, {"webhook": webhook.id}, None)

    async def resume(self) -> None:
        """Ask again for deliveries that have lost their job."""
        try:
            late: Sequence[StoredDelivery] = await self.webhooks.overdue(self._clock() - OVERDUE_S)
            for delivery in late:
                await self.courier.enqueue(delivery)
        except StoreError as error:
            log.error("late deliveries could not be looked up", problem=str(error))  # noqa: TRY400

    async def close(self) -> None:
        """Wait for what is being told."""
        await asyncio.gather(*self._telling)

    async def _write(
        self, webhook: StoredWebhook, type_: str, data: Mapping[str, Any], call_id: str | None
    ) -> StoredDelivery:
        now = self._clock()
        moment = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = msgspec.json.encode({"type": type_, "timestamp": moment, "data": data}).decode()
        delivery = await self.webhooks.write_delivery(webhook.id, type_=type_, body=body, call_id=call_id, now=now)
        await self.courier.enqueue(delivery)
        return delivery
