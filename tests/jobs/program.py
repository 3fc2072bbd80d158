"""A worker process for tests: its jobs write down which step ran where, and wait at a gate.

Arguments: URL of the ledger, folder. In the folder: `steps`, one line for each step begun or ended; `gate`, which opens
when it is there.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from vivavoce.app import logs
from vivavoce.jobs.dbos_engine import DbosEngine, steps_url
from vivavoce.jobs.kinds import Job, Kind
from vivavoce.jobs.ledger import Ledger
from vivavoce.jobs.worker import Worker, new_worker_id
from vivavoce.store.store import Store

STEPS = ("one", "two", "three")


async def main(url: str, folder: Path) -> None:
    def write(line: str) -> None:
        with (folder / "steps").open("a") as file:  # appended in one piece: several processes write
            file.write(f"{line} {os.getpid()}\n")

    async def step(job: str, name: str, gated: bool) -> int:
        write(f"{job} {name} begun")
        while gated and not (folder / "gate").exists():  # noqa: ASYNC110  the test opens it
            await asyncio.sleep(0.01)
        write(f"{job} {name} ended")
        return os.getpid()

    async def handler(job: Job) -> Any:
        gated = job.args.get("gated")
        return [await job.step(name, step, job.id, name, name == gated) for name in STEPS]

    logs.configure()
    store = await Store.open(url)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    worker = Worker(
        Ledger(store.database),
        [Kind(name="steps", handler=handler)],
        worker_id=new_worker_id(),
        version="1",
        at_once=2,
    )

    async def open_engine(body: Any) -> DbosEngine:
        return await DbosEngine.open(steps_url(url, folder), body, worker=worker.id, version="1")

    try:
        await worker.run(open_engine, stop)
    finally:
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
