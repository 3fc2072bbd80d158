"""From a command to the house: its settings, its store, its loop. What is heavy is imported when it is used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from vivavoce.agents import AgentFile
    from vivavoce.app.settings import Settings
    from vivavoce.app.webhooks.events import Announcer
    from vivavoce.store.store import Store
    from vivavoce.store.vault import Vault

T = TypeVar("T")


def settings_of(data: Path | None = None, config: Path | None = None, **overrides: Any) -> Settings:
    """The settings of this machine, with what the command line says above them.

    Raises:
        SettingsError: one that does not hold.
    """
    from vivavoce.app.settings import load_settings

    told = {"data_dir": None if data is None else str(data), **overrides}
    return load_settings(file=config, overrides=told).settings


def with_store(settings: Settings, work: Callable[[Store], Awaitable[T]], *, must_exist: bool = True) -> T:
    """Do something with the database of these settings; a server may be using it.

    Raises:
        InputError: it must exist, and does not.
        StoreError: it cannot be opened, or failed.
    """

    from vivavoce.app import logs
    from vivavoce.app.filing import open_store

    logs.configure("warning")

    async def run_with_it() -> T:
        async with open_store(settings, must_exist=must_exist) as store:
            return await work(store)

    return run(run_with_it())


def announcer_of(settings: Settings, store: Store) -> tuple[Announcer, Vault]:
    """What tells webhooks of events, by jobs that workers do; and the vault with their secrets.

    Raises:
        SettingsError, StoreError: the secret key, or `webhook_networks`, does not hold.
    """
    from vivavoce.app.webhooks.events import open_announcer
    from vivavoce.jobs.ledger import Ledger
    from vivavoce.store.vault import Vault

    vault = Vault.of(settings.secret_key, settings.data_dir)
    return open_announcer(settings, store, vault, Ledger(store.database)), vault


def run(work: Coroutine[Any, Any, T]) -> T:
    import asyncio

    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


def read_agent(path: Path) -> AgentFile:
    from vivavoce.app import agent_files

    return agent_files.read_agent(path)
