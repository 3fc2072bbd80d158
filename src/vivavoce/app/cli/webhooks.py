"""`viva webhooks`: who is told of what happens, and how that went. Workers deliver; here it is only asked for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.group import Group
from vivavoce.app.cli.options import AsJson, Config, Data, Yes, confirm
from vivavoce.app.cli.running import announcer_of, settings_of, with_store
from vivavoce.errors import InputError, NotHereError

if TYPE_CHECKING:
    from vivavoce.store.store import Store
    from vivavoce.store.webhooks import StoredDelivery, StoredWebhook

app = typer.Typer(cls=Group, help="Webhooks: who is told of what happens.")

WebhookId = Annotated[str, typer.Argument(metavar="ID", help="Id of a webhook, as `viva webhooks list` shows it.")]
MOST = 10_000
"""Webhooks in one list."""


@app.command("list")
def list_(as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """Every webhook, newest first, without the secrets."""
    from vivavoce.store.webhooks import Webhooks

    found = with_store(settings_of(data, config), lambda store: Webhooks(store.database).page(limit=MOST))
    if as_json:
        output.document([_public(webhook) for webhook in found])
        return
    rows = [
        (hook.id, hook.url, hook.events or "everything", hook.agent or "all", "on" if hook.active else "paused")
        for hook in found
    ]
    output.table(["id", "url", "told of", "agent", "state"], rows, empty="no webhooks")


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where messages are posted; https.")],
    event: Annotated[
        list[str] | None, typer.Option(metavar="EVENT", help="Such as call.ended; may be repeated. All by default.")
    ] = None,
    agent: Annotated[str | None, typer.Option(metavar="NAME", help="Only calls with this agent.")] = None,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Register a webhook, and print, this once, the secret that signs."""
    from vivavoce.agents.problems import did_you_mean
    from vivavoce.app.webhooks import signing
    from vivavoce.app.webhooks.addresses import parse_networks, parse_target
    from vivavoce.app.webhooks.events import EVENTS

    settings = settings_of(data, config)
    parse_target(url, parse_networks(settings.webhook_networks))
    for wish in event or ():
        if wish not in EVENTS:
            hint = did_you_mean(wish, EVENTS)
            raise InputError(f"want an event of {', '.join(EVENTS)}, got {wish[:64]!a}{f'; {hint}' if hint else ''}")
    secret = signing.make_secret()

    async def work(store: Store) -> StoredWebhook:
        announcer, vault = announcer_of(settings, store)
        sealed = vault.seal(secret.encode())
        return await announcer.webhooks.add(url, events=event or (), agent=agent, secret_sealed=sealed, now=time.time())

    _show_once(with_store(settings, work, must_exist=False), secret, as_json=as_json)


@app.command()
def rotate(
    webhook_id: WebhookId,
    overlap: Annotated[float, typer.Option(min=0, metavar="H", help="Hours that the old secret signs, too.")] = 24.0,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Make a new secret and print it, this once."""
    from vivavoce.app.webhooks import signing

    settings = settings_of(data, config)
    secret = signing.make_secret()

    async def work(store: Store) -> StoredWebhook:
        announcer, vault = announcer_of(settings, store)
        old = await _found(store, webhook_id)
        await announcer.webhooks.change(
            webhook_id,
            secret_sealed=vault.seal(secret.encode()),
            old_secret_sealed=old.secret_sealed if overlap else None,
            old_secret_until=time.time() + overlap * 3600 if overlap else None,
        )
        return await _found(store, webhook_id)

    _show_once(with_store(settings, work), secret, as_json=as_json)


@app.command()
def pause(webhook_id: WebhookId, data: Data = None, config: Config = None) -> None:
    """Tell it nothing for the moment; what happens meanwhile is not told later."""
    _change(webhook_id, data, config, active=False)
    output.say(f"{webhook_id}: paused")


@app.command()
def resume(webhook_id: WebhookId, data: Data = None, config: Config = None) -> None:
    """Tell it again."""
    _change(webhook_id, data, config, active=True)
    output.say(f"{webhook_id}: on")


@app.command()
def remove(webhook_id: WebhookId, yes: Yes = False, data: Data = None, config: Config = None) -> None:
    """Delete a webhook with everything that was delivered to it."""
    from vivavoce.store.webhooks import Webhooks

    settings = settings_of(data, config)
    with_store(settings, lambda store: _found(store, webhook_id))
    confirm(f"Delete the webhook {webhook_id} and its deliveries?", yes=yes)
    with_store(settings, lambda store: Webhooks(store.database).remove(webhook_id))
    output.say(f"{webhook_id}: deleted")


@app.command("test")
def send_test(webhook_id: WebhookId, data: Data = None, config: Config = None) -> None:
    """Have it sent a message that tells nothing, and print the delivery's id."""
    settings = settings_of(data, config)

    async def work(store: Store) -> StoredDelivery:
        announcer, _ = announcer_of(settings, store)
        webhook = await _found(store, webhook_id)
        if not webhook.active:
            raise InputError("want a webhook that is on, got one that is paused")
        return await announcer.test(webhook)

    output.say(with_store(settings, work).id)


@app.command()
def deliveries(
    webhook_id: WebhookId,
    limit: Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="The newest so many.")] = 20,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """What was and will be delivered to it, newest first."""
    import msgspec

    from vivavoce.store.webhooks import Webhooks

    async def work(store: Store) -> list[StoredDelivery]:
        await _found(store, webhook_id)
        return await Webhooks(store.database).deliveries(webhook_id, limit=limit)

    found = with_store(settings_of(data, config), work)
    if as_json:
        rows = [msgspec.structs.asdict(delivery) for delivery in found]
        output.document([row | {"body": msgspec.Raw(row["body"].encode())} for row in rows])
        return
    output.table(
        ["delivery", "event", "call", "state", "attempts", "next", "answer"],
        [
            (d.id, d.type, d.call_id, d.state, d.attempts, output.moment(d.next_at), d.last_problem or d.last_status)
            for d in found
        ],
        empty="nothing was told yet",
    )


@app.command()
def replay(
    delivery_id: Annotated[str, typer.Argument(metavar="DELIVERY", help="Id of a delivery.")],
    data: Data = None,
    config: Config = None,
) -> None:
    """Have a delivery that is over made once more."""
    settings = settings_of(data, config)

    async def work(store: Store) -> None:
        announcer, _ = announcer_of(settings, store)
        again = await announcer.webhooks.again(delivery_id, time.time())
        delivery = await announcer.webhooks.delivery(delivery_id)
        if not again or delivery is None:
            raise NotHereError(f"want the id of a delivery that is over, got {delivery_id[:64]!a}")
        await announcer.courier.enqueue(delivery)

    with_store(settings, work)
    output.say(f"{delivery_id}: asked for once more")


def _change(webhook_id: str, data: Data, config: Config, **columns: Any) -> None:
    from vivavoce.store.webhooks import Webhooks

    async def work(store: Store) -> None:
        await _found(store, webhook_id)
        await Webhooks(store.database).change(webhook_id, **columns)

    with_store(settings_of(data, config), work)


async def _found(store: Store, webhook_id: str) -> StoredWebhook:
    from vivavoce.store.webhooks import Webhooks

    webhook = await Webhooks(store.database).get(webhook_id)
    if webhook is None:
        raise NotHereError(f"want the id of a webhook, got {webhook_id[:64]!a}")
    return webhook


def _show_once(webhook: StoredWebhook, secret: str, *, as_json: bool) -> None:
    if as_json:
        output.document({"secret": secret, **_public(webhook)})
        return
    output.note(f"webhook {webhook.id}; its secret is shown this once:")
    typer.echo(secret)


def _public(webhook: StoredWebhook) -> dict[str, object]:
    import msgspec

    sealed = {"secret_sealed", "old_secret_sealed"}
    return {name: value for name, value in msgspec.structs.asdict(webhook).items() if name not in sealed}
