"""`viva keys`: who may ask a server, and for what."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from vivavoce.app.cli import output
from vivavoce.app.cli.group import Group
from vivavoce.app.cli.options import AsJson, Config, Data
from vivavoce.app.cli.running import settings_of, with_store
from vivavoce.errors import InputError, NotHereError

if TYPE_CHECKING:
    from vivavoce.store.keys import StoredKey
    from vivavoce.store.store import Store

app = typer.Typer(cls=Group, help="API keys: who may ask a server, and for what.")

DAY_S = 86_400.0
KeyId = Annotated[str, typer.Argument(metavar="ID", help="Id of a key, as `viva keys list` shows it.")]
MOST = 10_000
"""Keys in one list."""


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    scope: Annotated[
        list[str], typer.Option(metavar="SCOPE", help="What it may, such as calls:book, or all; may be repeated.")
    ],
    agent: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="An agent it may touch; may be repeated. All by default.")
    ] = None,
    days: Annotated[float | None, typer.Option(metavar="N", help="Days it holds; for ever by default.")] = None,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Make a key and print it, this once: it is not kept and cannot be shown again."""
    from vivavoce.agents.problems import did_you_mean
    from vivavoce.app.keyring import SCOPES
    from vivavoce.store.keys import Keys

    known = {"all", *SCOPES}
    for wish in scope:
        if wish not in known:
            hint = did_you_mean(wish, known)
            raise InputError(
                f"want a scope of {', '.join(sorted(known))}, got {wish[:64]!a}{f'; {hint}' if hint else ''}"
            )
    if not name.strip() or len(name) > 200:
        raise InputError("want a name of 1 to 200 characters for a key")
    if days is not None and not 0 < days <= 36_500:
        raise InputError(f"want --days from 0 to 36500, got {days:g}")
    now = time.time()

    async def work(store: Store) -> tuple[StoredKey, str]:
        return await Keys(store.database).add(
            name,
            scopes=SCOPES if "all" in scope else scope,
            agents=agent or (),
            expires_at=None if days is None else now + days * DAY_S,
            now=now,
        )

    key, secret = with_store(settings_of(data, config), work, must_exist=False)
    _show_once(key, secret, as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False, data: Data = None, config: Config = None) -> None:
    """Every key that was made, newest first, without the keys themselves."""
    from vivavoce.store.keys import Keys

    found = with_store(settings_of(data, config), lambda store: Keys(store.database).page(limit=MOST))
    if as_json:
        output.document([_public(key) for key in found])
        return
    rows = [
        (key.id, key.name, f"{key.prefix}…", _state(key), key.scopes, key.agents or "all", _used(key)) for key in found
    ]
    output.table(["id", "name", "key", "state", "may", "agents", "last used"], rows, empty="no keys")


@app.command()
def revoke(
    key_id: KeyId,
    data: Data = None,
    config: Config = None,
) -> None:
    """End a key. Running servers refuse it within two seconds."""
    from vivavoce.store.keys import Keys

    if not with_store(settings_of(data, config), lambda store: Keys(store.database).revoke(key_id, time.time())):
        raise NotHereError(f"want the id of a key that holds, got {key_id[:64]!a}")
    output.say(f"{key_id}: revoked")


@app.command()
def rotate(
    key_id: KeyId,
    overlap: Annotated[float, typer.Option(min=0, metavar="H", help="Hours that the old one goes on.")] = 0.0,
    as_json: AsJson = False,
    data: Data = None,
    config: Config = None,
) -> None:
    """Make a key with the rights of an old one, print it, this once, and end the old one."""
    from vivavoce.store.keys import Keys

    made = with_store(
        settings_of(data, config),
        lambda store: Keys(store.database).rotate(key_id, overlap_s=overlap * 3600, now=time.time()),
    )
    if made is None:
        raise NotHereError(f"want the id of a key that holds, got {key_id[:64]!a}")
    _show_once(*made, as_json=as_json)


@app.command()
def secret() -> None:
    """Print a new secret key for the setting `secret_key`, which stored secrets are sealed with."""
    from vivavoce.store.vault import Vault

    typer.echo(Vault.make_key())


def _show_once(key: StoredKey, secret: str, *, as_json: bool) -> None:
    if as_json:
        output.document({"key": secret, **_public(key)})
        return
    output.note(f"key {key.id} ({key.name}); it is shown this once:")
    typer.echo(secret)


def _public(key: StoredKey) -> dict[str, object]:
    import msgspec

    return msgspec.structs.asdict(key)


def _state(key: StoredKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if not key.holds(time.time()):
        return "expired"
    return "holds" if key.expires_at is None else f"until {output.moment(key.expires_at)}"


def _used(key: StoredKey) -> str:
    return output.moment(key.last_used_at) or "never"
