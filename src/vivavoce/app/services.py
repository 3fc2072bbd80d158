"""Everything a server is made of, opened and closed in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

from vivavoce.app.agent_shelf import AgentShelf
from vivavoce.app.built import BuiltFiles
from vivavoce.app.desk import Desk
from vivavoce.app.drawing import Drawing
from vivavoce.app.filing import open_store
from vivavoce.app.keyring import Keyring
from vivavoce.app.leases import Leases
from vivavoce.app.limits import Limits, Seats, Windows
from vivavoce.app.listening import check_canceller
from vivavoce.app.meter import Meter
from vivavoce.app.metrics import Metrics, parse_prices
from vivavoce.app.model import open_model
from vivavoce.app.orphans import Orphans
from vivavoce.app.prompts import open_prompts
from vivavoce.app.pulse import Pulse
from vivavoce.app.readings import Readings, loop_lag
from vivavoce.app.settings import Settings
from vivavoce.app.sounds import Sounds
from vivavoce.app.spending import Spending
from vivavoce.app.switches import Switches
from vivavoce.app.traces import Traces, open_traces
from vivavoce.app.webhooks.events import Announcer, open_announcer
from vivavoce.jobs.ledger import Ledger
from vivavoce.store.agents import Agents
from vivavoce.store.calls import Calls
from vivavoce.store.erasing import Erasing
from vivavoce.store.folders import Folders
from vivavoce.store.logs import Logs
from vivavoce.store.ownership import Ownership
from vivavoce.store.people import People
from vivavoce.store.reports import Reports
from vivavoce.store.store import Store
from vivavoce.store.switches import SwitchRows
from vivavoce.store.tickets import Tickets
from vivavoce.store.vault import Vault
from vivavoce.store.writer import EventWriter


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    store: Store
    vault: Vault
    writer: EventWriter
    desk: Desk
    folders: Folders
    calls: Calls
    logs: Logs
    people: People
    erasing: Erasing
    reports: Reports
    sounds: Sounds
    pulse: Pulse
    agents: Agents
    shelf: AgentShelf
    jobs: Ledger
    announcer: Announcer
    keyring: Keyring
    tickets: Tickets
    limits: Limits
    metrics: Metrics
    readings: Readings
    traces: Traces | None
    built: BuiltFiles
    drawing: Drawing


@asynccontextmanager
async def open_services(
    settings: Settings, *, words: tuple[str, ...] = (), tell: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Services]:
    """Everything a server needs.

    Args:
        words: of the agent files; they help the local ears.
        tell: is told what is being started.
    Raises:
        SettingsError, StoreError, MissingError: what cannot be had.
    """
    check_canceller(settings)
    async with AsyncExitStack() as stack:
        kept = await _open_kept(stack, settings)
        store, prices, jobs = kept.store, parse_prices(settings.token_prices), Ledger(kept.store.database)
        desk = await _open_desk(stack, settings, kept, prices, words=words, tell=tell)
        metrics, traces = await _open_watchers(stack, settings, desk, prices)
        announcer = await _open_announcer(stack, settings, kept, jobs, desk)
        _ask_for_reports(desk, jobs)
        agents, reports = Agents(store.database), Reports(store.database)
        folders = Folders.of(settings.data_dir)
        keyring = Keyring(store.database, settings.api_key)
        stack.push_async_callback(keyring.close)
        orphans = Orphans(store, folders.recordings, return_within_s=settings.return_within_s, on_filed=desk.on_ended)
        await stack.enter_async_context(orphans.filing())
        yield Services(
            settings=settings,
            store=store,
            vault=kept.vault,
            writer=kept.writer,
            desk=desk,
            folders=folders,
            calls=Calls(store.database),
            logs=Logs(store.database),
            people=People(store.database, kept.vault),
            erasing=Erasing(store.database, folders),
            reports=reports,
            sounds=Sounds(folders, reports),
            pulse=Pulse(store.database, settings.data_dir),
            agents=agents,
            shelf=AgentShelf(settings, agents),
            jobs=jobs,
            announcer=announcer,
            keyring=keyring,
            tickets=Tickets(store.database),
            limits=Limits(settings, Seats(desk.is_running), Windows()),
            metrics=metrics,
            readings=Readings(metrics, desk, store.database, kept.writer, settings.data_dir),
            traces=traces,
            built=BuiltFiles(),
            drawing=Drawing(),
        )


class _Kept(NamedTuple):
    """What outlives the process."""

    store: Store
    vault: Vault
    writer: EventWriter


async def _open_kept(stack: AsyncExitStack, settings: Settings) -> _Kept:
    store = await stack.enter_async_context(open_store(settings))
    vault = Vault.of(settings.secret_key, settings.data_dir)
    return _Kept(store, vault, await stack.enter_async_context(EventWriter(store)))


async def _open_desk(
    stack: AsyncExitStack,
    settings: Settings,
    kept: _Kept,
    prices: dict[str, float],
    *,
    words: tuple[str, ...],
    tell: Callable[[str], None],
) -> Desk:
    """Where calls are carried: with the live model, the switches, and the leases that say whose a call is."""
    database = kept.store.database
    model = await stack.enter_async_context(open_model(settings, words=words, tell=tell))
    switches = Switches(SwitchRows(database))
    await stack.enter_async_context(switches.watching())
    leases = Leases(Ownership(database))
    kept.writer.on_taken.append(leases.lose)
    await stack.enter_async_context(leases.renewing())
    spending = Spending(database, prices)
    desk = Desk(
        settings, kept.store, kept.writer, model, open_prompts(settings), switches, spending, kept.vault, leases
    )
    stack.push_async_callback(desk.close)
    return desk


async def _open_watchers(
    stack: AsyncExitStack, settings: Settings, desk: Desk, prices: dict[str, float]
) -> tuple[Metrics, Traces | None]:
    """Who looks on at calls, and counts."""
    metrics = Metrics(prices)
    await stack.enter_async_context(loop_lag(metrics))
    desk.watchers.append(lambda _, spec: Meter(metrics, spec.name))
    desk.on_refused.append(lambda why: metrics.refused.labels(why).inc())
    if (traces := open_traces(settings.otlp_endpoint)) is not None:
        stack.push_async_callback(asyncio.to_thread, traces.close)
        desk.watchers.append(traces.watch)
    return metrics, traces


async def _open_announcer(
    stack: AsyncExitStack, settings: Settings, kept: _Kept, jobs: Ledger, desk: Desk
) -> Announcer:
    """Who tells webhooks of calls; what was not told before the last stop is told now."""
    announcer = open_announcer(settings, kept.store, kept.vault, jobs)
    stack.push_async_callback(announcer.close)
    desk.on_began.append(announcer.began)
    desk.on_ended.append(announcer.ended)
    await announcer.resume()
    return announcer


def _ask_for_reports(desk: Desk, jobs: Ledger) -> None:
    async def ask(call_id: str) -> None:
        await jobs.enqueue("report", call_id=call_id, key=f"report-{call_id}")

    desk.on_ended.append(ask)
