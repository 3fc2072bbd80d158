"""Webhooks: who is told of what, and how the telling fares."""

from __future__ import annotations

import time
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, HTTPException
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from vivavoce.app.api.access import Here, Principal, needs
from vivavoce.app.api.answers import GUARDED, refused
from vivavoce.app.api.paging import After, Limit, cursor_to, place_of
from vivavoce.app.services import Services
from vivavoce.app.webhooks import signing
from vivavoce.app.webhooks.addresses import MAX_URL_CHARS, parse_networks, parse_target
from vivavoce.app.webhooks.events import EventType
from vivavoce.errors import NotHereError
from vivavoce.store.webhooks import DeliveryState, StoredDelivery, StoredWebhook

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])
Reader = Annotated[Principal, Depends(needs("webhooks:read"))]
Writer = Annotated[Principal, Depends(needs("webhooks:write"))]
WebhookId = Annotated[str, InPath(pattern=r"^[0-9a-f]{16}$")]
DeliveryId = Annotated[str, InPath(pattern=r"^msg_[0-9a-f]{24}$")]
OVERLAP_S = 86_400.0
"""After a rotation messages carry a signature of the old secret, too, for this long unless told otherwise."""
MAX_OVERLAP_S = 30 * 86_400.0
MAX_WEBHOOKS = 100
"""Of one agent, and of all agents: each event of a call is a delivery to every one of them."""

Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_URL_CHARS,
        description="Of https, without user, password and fragment; its addresses must be public.",
        json_schema_extra={"examples": ["https://example.com/hooks/viva"]},
    ),
]
Events = Annotated[list[EventType], Field(max_length=20, description="What it is told of; empty for everything.")]


class WebhookWanted(BaseModel):
    model_config = ConfigDict(strict=True)

    url: Url
    events: Events = []
    agent: str | None = Field(
        default=None, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$", description="Null for all agents."
    )


class WebhookChange(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(strict=True)

    url: Url | None = None
    events: Events | None = None
    active: bool | None = Field(default=None, description="False pauses it: what happens meanwhile is not told.")


class WebhookItem(BaseModel):
    """A webhook without its secret. Moments are Unix seconds."""

    id: str
    url: str
    events: list[str]
    agent: str | None
    active: bool
    created_at: float
    old_secret_until: float | None = Field(description="Until then messages carry the old secret's signature, too.")

    @classmethod
    def of(cls, webhook: StoredWebhook) -> WebhookItem:
        return cls(
            id=webhook.id,
            url=webhook.url,
            events=list(webhook.events),
            agent=webhook.agent,
            active=webhook.active,
            created_at=webhook.created_at,
            old_secret_until=webhook.old_secret_until,
        )


class WebhookMade(BaseModel):
    webhook: WebhookItem
    secret: str = Field(description="What signatures are made with, `whsec_…`: shown now and never again.")


class WebhookPage(BaseModel):
    webhooks: list[WebhookItem]
    next: str | None = Field(description="`after` for the next page; null on the last.")


class DeliveryItem(BaseModel):
    """One message and how it fares. Moments are Unix seconds."""

    id: str = Field(description="Its `webhook-id`, the same at every attempt.")
    type: str
    call_id: str | None
    state: DeliveryState
    attempts: int
    created_at: float
    next_at: float | None
    delivered_at: float | None
    last_status: int | None
    last_problem: str

    @classmethod
    def of(cls, delivery: StoredDelivery) -> DeliveryItem:
        fields = msgspec.structs.asdict(delivery)
        return cls.model_validate({name: fields[name] for name in cls.model_fields})


class DeliveryPage(BaseModel):
    deliveries: list[DeliveryItem]
    next: str | None


class Rotation(BaseModel):
    model_config = ConfigDict(strict=True)

    overlap_s: float = Field(
        default=OVERLAP_S, ge=0, le=MAX_OVERLAP_S, description="How long the old secret signs, too."
    )


@router.post("", status_code=201, responses={**GUARDED, **refused(409)})
async def register(here: Here, who: Writer, wanted: WebhookWanted) -> WebhookMade:
    """Register a webhook. What it gets is signed after Standard Webhooks with the secret that is shown here."""
    _check_url(here, wanted.url)
    if (who.agents and wanted.agent is None) or not who.touches(wanted.agent or ""):
        raise HTTPException(403, "want an agent that this key may touch")
    if await here.announcer.webhooks.count(wanted.agent) >= MAX_WEBHOOKS:
        raise HTTPException(409, f"want at most {MAX_WEBHOOKS} webhooks of an agent, or of all, got another one")
    secret = signing.make_secret()
    webhook = await here.announcer.webhooks.add(
        wanted.url,
        events=wanted.events,
        agent=wanted.agent,
        secret_sealed=here.vault.seal(secret.encode()),
        now=time.time(),
    )
    return WebhookMade(webhook=WebhookItem.of(webhook), secret=secret)


@router.get("", responses=GUARDED)
async def list_webhooks(here: Here, who: Reader, limit: Limit = 50, after: After = None) -> WebhookPage:
    """Every webhook of agents that the key may touch, the newest first."""
    found = await here.announcer.webhooks.page(
        limit=limit + 1, after=place_of(after, tuple[float, str]), agents=who.agents
    )
    last = found[limit - 1] if len(found) > limit else None
    return WebhookPage(
        webhooks=[WebhookItem.of(webhook) for webhook in found[:limit]],
        next=cursor_to((last.created_at, last.id)) if last is not None else None,
    )


@router.get("/{webhook_id}", responses={**GUARDED, **refused(404)})
async def show(here: Here, who: Reader, webhook_id: WebhookId) -> WebhookItem:
    """One webhook."""
    return WebhookItem.of(await _webhook(here, who, webhook_id))


@router.patch("/{webhook_id}", responses={**GUARDED, **refused(404)})
async def change(here: Here, who: Writer, webhook_id: WebhookId, wanted: WebhookChange) -> WebhookItem:
    """Change a webhook, pause it, or go on with it."""
    await _webhook(here, who, webhook_id)
    if wanted.url is not None:
        _check_url(here, wanted.url)
    if columns := wanted.model_dump(exclude_none=True):
        await here.announcer.webhooks.change(webhook_id, **columns)
    return WebhookItem.of(await _webhook(here, who, webhook_id))


@router.post("/{webhook_id}/rotate", status_code=201, responses={**GUARDED, **refused(404)})
async def rotate(here: Here, who: Writer, webhook_id: WebhookId, rotation: Rotation | None = None) -> WebhookMade:
    """A new secret. For a while messages are signed with both, so that the receiver can change at leisure."""
    old = await _webhook(here, who, webhook_id)
    overlap_s = (rotation or Rotation()).overlap_s
    secret = signing.make_secret()
    await here.announcer.webhooks.change(
        webhook_id,
        secret_sealed=here.vault.seal(secret.encode()),
        old_secret_sealed=old.secret_sealed if overlap_s else None,
        old_secret_until=time.time() + overlap_s if overlap_s else None,
    )
    return WebhookMade(webhook=WebhookItem.of(await _webhook(here, who, webhook_id)), secret=secret)


@router.delete("/{webhook_id}", status_code=204, responses={**GUARDED, **refused(404)})
async def remove(here: Here, who: Writer, webhook_id: WebhookId) -> None:
    """Delete a webhook with everything that was delivered to it; what waits is not delivered."""
    await _webhook(here, who, webhook_id)
    await here.announcer.webhooks.remove(webhook_id)


@router.post("/{webhook_id}/test", status_code=202, responses={**GUARDED, **refused(404, 409)})
async def test(here: Here, who: Writer, webhook_id: WebhookId) -> DeliveryItem:
    """Send it a message of the type `webhook.test`."""
    webhook = await _webhook(here, who, webhook_id)
    if not webhook.active:
        raise HTTPException(409, "want a webhook that is active, got one that is paused")
    return DeliveryItem.of(await here.announcer.test(webhook))


@router.get("/{webhook_id}/deliveries", responses={**GUARDED, **refused(404)})
async def deliveries(
    here: Here, who: Reader, webhook_id: WebhookId, limit: Limit = 50, after: After = None
) -> DeliveryPage:
    """What was and will be delivered to a webhook, the newest first; without calls that were erased."""
    await _webhook(here, who, webhook_id)
    place = place_of(after, tuple[float, str])
    found = await here.announcer.webhooks.deliveries(webhook_id, limit=limit + 1, after=place)
    last = found[limit - 1] if len(found) > limit else None
    return DeliveryPage(
        deliveries=[DeliveryItem.of(delivery) for delivery in found[:limit]],
        next=cursor_to((last.created_at, last.id)) if last is not None else None,
    )


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay", status_code=202, responses={**GUARDED, **refused(404, 409)}
)
async def replay(here: Here, who: Writer, webhook_id: WebhookId, delivery_id: DeliveryId) -> DeliveryItem:
    """Deliver a message once more, with the `webhook-id` it had. One that used up its attempts gets one."""
    await _webhook(here, who, webhook_id)
    await _delivery(here, webhook_id, delivery_id)
    if not await here.announcer.webhooks.again(delivery_id, time.time()):
        raise HTTPException(409, "want a delivery that is over, got one that waits for its next attempt")
    delivery = await _delivery(here, webhook_id, delivery_id)
    await here.announcer.courier.enqueue(delivery)
    return DeliveryItem.of(delivery)


def _check_url(here: Services, url: str) -> None:
    parse_target(url, parse_networks(here.settings.webhook_networks))


async def _webhook(here: Services, who: Principal, webhook_id: str) -> StoredWebhook:
    webhook = await here.announcer.webhooks.get(webhook_id)
    if webhook is None or (who.agents and webhook.agent not in who.agents):
        raise NotHereError("want the id of a webhook, got none of this server's")
    return webhook


async def _delivery(here: Services, webhook_id: str, delivery_id: str) -> StoredDelivery:
    delivery = await here.announcer.webhooks.delivery(delivery_id)
    if delivery is None or delivery.webhook_id != webhook_id:
        raise NotHereError("want the id of a delivery, got none of this webhook's")
    return delivery
