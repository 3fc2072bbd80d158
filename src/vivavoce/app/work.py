"""A worker process of this house: its handlers, its schedule, its life from the first look to the last.

`viva worker` runs one; a server keeps its own (`workforce`), which are this module run as a program: it reads its
settings from the first line of its standard input and stops when that ends, for then its server is gone.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

import msgspec
import structlog

from vivavoce import __version__
from vivavoce.app import logs
from vivavoce.app.filing import database_url, open_store
from vivavoce.app.handlers import HOUR_S, SWEEP, Handlers
from vivavoce.app.settings import Settings
from vivavoce.app.traces import open_traces, traced
from vivavoce.app.webhooks.events import open_announcer
from vivavoce.errors import VivaError
from vivavoce.jobs.engine import Body, Engine
from vivavoce.jobs.ledger import Ledger
from vivavoce.jobs.worker import Worker, new_worker_id
from vivavoce.store.vault import Vault

log = structlog.get_logger(__name__)


async def run_worker(settings: Settings, stop: asyncio.Event | None = None) -> None:
    """Do jobs until told to stop (SIGTERM, SIGINT, or `stop`), then finish the steps under way.

    Raises:
        SettingsError, StoreError, MissingError: what cannot be had at the start.
        WorkerLost: others have taken this worker for dead; start another.
    """
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        async with open_store(settings) as store:
            vault = Vault.of(settings.secret_key, settings.data_dir)
            ledger = Ledger(store.database)
            announcer = open_announcer(settings, store, vault, ledger)
            kinds = Handlers(settings, store, vault, ledger, announcer).kinds()
            if (traces := open_traces(settings.otlp_endpoint)) is not None:
                kinds = [traced(kind, traces) for kind in kinds]
            await ledger.schedule(SWEEP, SWEEP, every_s=HOUR_S)
            worker = Worker(
                ledger, kinds, worker_id=new_worker_id(), version=__version__, at_once=settings.jobs_at_once
            )
            try:
                await worker.run(lambda body: _open_engine(settings, body, worker.id), stop)
            finally:
                if traces is not None:
                    await asyncio.to_thread(traces.close)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _open_engine(settings: Settings, body: Body, worker_id: str) -> Engine:
    # half of a worker's start, so not in the way of who only wants to know what there is to do
    from vivavoce.jobs.dbos_engine import DbosEngine, steps_url

    url = steps_url(database_url(settings), Path(settings.data_dir))
    return await DbosEngine.open(url, body, worker=worker_id, version=__version__)


async def _run_child(settings: Settings) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait_for_the_end() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    try:
        await run_worker(settings, stop)
    except VivaError as error:
        log.error("the worker ended", problem=str(error))  # noqa: TRY400  its message is all there is to say
        return 1
    return 0


def main() -> None:
    """Run a worker for the server at the other end of standard input."""
    settings = msgspec.json.decode(sys.stdin.buffer.readline(), type=Settings)
    logs.configure(settings.log_level, settings.log_format)
    code = asyncio.run(_run_child(settings))
    # Threads may hang in a step that was left, or in a database that is away: nobody waits for them.
    os._exit(code)


if __name__ == "__main__":
    main()
