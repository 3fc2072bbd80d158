"""What background work costs: the start of a worker, its idling, a job of one step, and a death.

The job is the delivery of a message that is gone: one step that asks the database once.

Run: python -m bench.jobs [--jobs 200] [--idle 20] [--url postgresql://…]
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import statistics
import time
from pathlib import Path
from typing import Any

from bench.results import Row, row
from bench.settings import own_settings, parser
from vivavoce.app.filing import open_store
from vivavoce.app.settings import Settings
from vivavoce.app.workforce import keep_workers
from vivavoce.jobs.ledger import Ledger

LOOK_S = 0.01


async def measure(settings: Settings, jobs: int, idle_s: float) -> dict[str, Any]:
    """One worker child from its start to its death."""
    async with open_store(settings) as store:
        ledger = Ledger(store.database)
        began = time.perf_counter()
        async with keep_workers(settings):
            pid = await _pid_of_worker(ledger)
            start_s = time.perf_counter() - began
            await _nothing_waits(ledger)
            idle = _cpu_s(pid)
            await asyncio.sleep(idle_s)
            idle = (_cpu_s(pid) - idle) / idle_s
            waits = [await _one(ledger) for _ in range(20)]
            began, cpu = time.perf_counter(), _cpu_s(pid)
            for _ in range(jobs):
                await _ask(ledger)
            await _nothing_waits(ledger)
            took_s, cpu = time.perf_counter() - began, _cpu_s(pid) - cpu
            rss_mb = _rss_mb(pid)
            os.kill(pid, signal.SIGKILL)
            again_s = await _one(ledger)
    return {
        "worker_starts_in_s": round(start_s, 1),
        "idle_percent_of_a_core": round(idle * 100, 1),
        "rss_mb": round(rss_mb),
        "job_p50_s": round(statistics.median(waits), 2),
        "jobs_per_s": round(jobs / took_s),
        "cpu_ms_per_job": round(cpu / jobs * 1e3, 1),
        "job_after_kill_s": round(again_s, 1),
    }


async def _ask(ledger: Ledger) -> str:
    return await ledger.enqueue("webhook", {"delivery": "gone", "attempt": 1})


async def _one(ledger: Ledger) -> float:
    began = time.perf_counter()
    job = await _ask(ledger)
    while (status := await ledger.status(job)) is None or status.state != "done":  # noqa: ASYNC110  the worker's doing
        await asyncio.sleep(LOOK_S)
    return time.perf_counter() - began


async def _nothing_waits(ledger: Ledger) -> None:
    while await ledger.list(state="waiting", limit=1) or await ledger.list(state="running", limit=1):  # noqa: ASYNC110
        await asyncio.sleep(LOOK_S)


async def _pid_of_worker(ledger: Ledger) -> int:
    while not (workers := await ledger.workers()):  # noqa: ASYNC110
        await asyncio.sleep(LOOK_S)
    return int(workers[-1].id.rsplit("-", 2)[1])


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mb(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def rows(*, brief: bool = False) -> list[Row]:
    with own_settings() as settings:
        found = asyncio.run(measure(settings, *((5, 0.5) if brief else (200, 20.0))))
    return [
        row("a worker starts", found["worker_starts_in_s"], "s"),
        row("a worker idles", found["idle_percent_of_a_core"], "% of a core"),
        row("memory of a worker", found["rss_mb"], "MB"),
        row("a job of one step, asked for to done, median", found["job_p50_s"], "s"),
        row("such jobs through one worker", found["jobs_per_s"], "jobs/s"),
        row("CPU of such a job", found["cpu_ms_per_job"], "ms"),
        row("a job after the worker was killed", found["job_after_kill_s"], "s"),
    ]


def main() -> None:
    asked = parser(__doc__)
    asked.add_argument("--jobs", type=int, default=200)
    asked.add_argument("--idle", type=float, default=20.0)
    given = asked.parse_args()
    with own_settings(given.url) as settings:
        print(json.dumps(asyncio.run(measure(settings, given.jobs, given.idle)), indent=2))


if __name__ == "__main__":
    main()
