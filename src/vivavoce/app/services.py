"""Everything a server is made of, opened and closed in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from vivavoce.app.agent_shelf import AgentShelf
from vivavoce.app.built import BuiltFiles
from vivavoce.app.desk import Desk
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
    drawing: asyncio.Lock
    """Held while a page with charts is made, which is a process of seconds: whoever waits holds no thread meanwhile."""


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
        store = await stack.enter_async_context(open_store(settings))
        vault = Vault.of(settings.secret_key, settings.data_dir)
        writer = await stack.enter_async_context(EventWriter(store))
        model = await stack.enter_async_context(open_model(settings, words=words, tell=tell))
        switches = Switches(SwitchRows(store.database))
        await stack.enter_async_context(switches.watching())
        prices = parse_prices(settings.token_prices)
        spending = Spending(store.database, prices)
        leases = Leases(Ownership(store.database))
        writer.on_taken.append(leases.lose)
        await stack.enter_async_context(leases.renewing())
        desk = Desk(settings, store, writer, model, open_prompts(settings), switches, spending, vault, leases)
        stack.push_async_callback(desk.close)
        metrics = Metrics(prices)
        await stack.enter_async_context(loop_lag(metrics))
        desk.watchers.append(lambda _, spec: Meter(metrics, spec.name))
        desk.on_refused.append(lambda why: metrics.refused.labels(why).inc())
        if (traces := open_traces(settings.otlp_endpoint)) is not None:
            stack.push_async_callback(asyncio.to_thread, traces.close)
            desk.watchers.append(traces.watch)
        agents = Agents(store.database)
        folders = Folders.of(settings.data_dir)
        reports = Reports(store.database)
        keyring = Keyring(store.database, settings.api_key)
        stack.push_async_callback(keyring.close)
        jobs = Ledger(store.database)
        announcer = open_announcer(settings, store, vault, jobs)
        stack.push_async_callback(announcer.close)
        desk.on_began.append(announcer.began)
        desk.on_ended.append(announcer.ended)

        async def ask_for_report(call_id: str) -> None:
            await jobs.enqueue("report", call_id=call_id, key=f"report-{call_id}")

        desk.on_ended.append(ask_for_report)
        await announcer.resume()
        orphans = Orphans(
            store,
            folders.recordings,
            return_within_s=settings.return_within_s,
            on_filed=desk.on_ended,
        )
        await stack.enter_async_context(orphans.filing())
        yield Services(
            settings=settings,
            store=store,
            vault=vault,
            writer=writer,
            desk=desk,
            folders=folders,
            calls=Calls(store.database),
            logs=Logs(store.database),
            people=People(store.database, vault),
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
            readings=Readings(metrics, desk, store.database, writer, settings.data_dir),
            traces=traces,
            built=BuiltFiles(),
            drawing=asyncio.Lock(),
        )
