"""Collecting: a hundred thousand insights in one job whose worker is killed twice, and whether all of them are there.

The source is a file of this machine; what it costs to read, mask, keep and compare them is all there is. Each
thousandth says again what another one said, with a word added.

Run: python -m bench.insights [--insights 100000] [--kills 2] [--url postgresql://…]
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

from bench.jobs import _cpu_s, _pid_of_worker, _rss_mb
from bench.results import Row, row
from bench.settings import own_settings, parser
from vivavoce.app.filing import open_store
from vivavoce.app.settings import Settings
from vivavoce.app.workforce import keep_workers
from vivavoce.jobs.ledger import Ledger
from vivavoce.jobs.port import OVER
from vivavoce.store.harvests import Harvests
from vivavoce.store.insights import Insights
from vivavoce.studies.harvest import ask_for

LOOK_S = 0.05
CORPUS = "bench"
REPOST_EVERY = 1_000
WORDS = """invoice client late paper bank tax month reminder bookkeeper export button screen slow lost total sum page
form mail letter stamp desk phone night weekend season holiday machine order supplier shelf stock price margin rent wage
team shop street winter summer coffee bread flour oven door key lamp chair glass plate knife paint brush wall floor roof
tile garden tree soil seed water pump pipe valve wire plug meter gauge bolt nut screw wheel tyre brake gear chain"""


def write_source(path: Path, insights: int) -> None:
    chance = random.Random(1)
    words, text = WORDS.split(), ""
    with path.open("w", encoding="utf-8") as file:
        for number in range(insights):
            if number % REPOST_EVERY or not number:
                text = "I find that " + " ".join(chance.choices(words, k=30)) + "."
            else:
                text += " Again."  # of the one before
            line = {"id": str(number), "text": text, "date": 1_700_000_000 + number, "user": f"user{number % 9_973}"}
            file.write(json.dumps(line) + "\n")


async def measure(settings: Settings, insights: int, kills: int) -> dict[str, Any]:
    source = Path(settings.data_dir) / "said.jsonl"
    await asyncio.to_thread(write_source, source, insights)
    async with open_store(settings) as store:
        ledger, harvests, corpus = Ledger(store.database), Harvests(store.database), Insights(store.database)
        await corpus.create(CORPUS, now=time.time())
        harvest = await harvests.begin(CORPUS, "file", str(source), most=insights, now=time.time())
        async with keep_workers(settings):
            pid = await _pid_of_worker(ledger)
            job = await ask_for(store.database, ledger, harvest)
            began = time.perf_counter()
            killed_at: list[int] = []
            collected_s = 0.0
            while (status := await ledger.status(job)) is not None and status.state not in OVER:
                harvest = await harvests.get(harvest.id)
                if len(killed_at) < kills and harvest.kept >= insights * (len(killed_at) + 1) / (kills + 1):
                    os.kill(pid, signal.SIGKILL)
                    killed_at.append(harvest.kept)
                    while (found := await _pid_of_worker(ledger)) == pid:  # noqa: ASYNC110
                        await asyncio.sleep(LOOK_S)
                    pid = found
                if harvest.state == "done" and not collected_s:
                    collected_s = time.perf_counter() - began
                await asyncio.sleep(LOOK_S)
            took_s, rss_mb, cpu_s = time.perf_counter() - began, _rss_mb(pid), _cpu_s(pid)
        assert status is not None
        harvest = await harvests.get(harvest.id)
        about = await corpus.corpus(CORPUS)
        jobs = await ledger.list(kind="harvest")
    file = Path(settings.data_dir) / "viva.db"
    return {
        "state": status.state,
        "problem": status.problem,
        "jobs": len(jobs),
        "killed_at": killed_at,
        "wanted": insights,
        "there": about.insights,
        "counted": harvest.kept,
        "doubled_or_lost": abs(about.insights - insights) + abs(harvest.kept - insights) + harvest.known,
        "copies": about.copies,
        "copies_wanted": (insights - 1) // REPOST_EVERY,
        "collected_s": round(collected_s, 1),
        "took_s": round(took_s, 1),
        "per_s": round(insights / collected_s),
        "last_worker_rss_mb": round(rss_mb),
        "last_worker_cpu_s": round(cpu_s, 1),
        "database_mb": round(file.stat().st_size / 1e6) if file.exists() else None,
    }


def rows(*, brief: bool = False) -> list[Row]:
    insights = 2_000 if brief else 100_000
    with own_settings() as settings:
        found = asyncio.run(measure(settings, insights, 2))
    return [
        row("insights lost or doubled, worker killed twice", found["doubled_or_lost"], f"of {insights:,}", most=0),
        row("insights collected", found["per_s"], "insights/s"),
        row("collected, compared and done", found["took_s"], "s"),
        row("copies that were missed or made up", abs(found["copies"] - found["copies_wanted"]), "", most=0),
        row("memory of its worker", found["last_worker_rss_mb"], "MB"),
    ]


def main() -> None:
    asked = parser(__doc__)
    asked.add_argument("--insights", type=int, default=100_000)
    asked.add_argument("--kills", type=int, default=2)
    given = asked.parse_args()
    with own_settings(given.url) as settings:
        print(json.dumps(asyncio.run(measure(settings, given.insights, given.kills)), indent=2))


if __name__ == "__main__":
    main()
