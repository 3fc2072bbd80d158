"""Studies: a panel of 200 asked about three variants by the reasoner, and a hundred thousand ballots in one job whose
worker is killed twice.

The ballots are those of a panel that nobody could read: thousands of members who differ in what hurts them, asked about
six plain offers in all six orders.

Run: python -m bench.studies [--ballots 100000] [--kills 2] [--embedder minilm] [--url postgresql://…]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from bench.jobs import _cpu_s, _pid_of_worker, _rss_mb
from bench.panels import MEMBERS, said
from bench.results import Row, row
from vivavoce.app import logs
from vivavoce.app.filing import open_store
from vivavoce.app.respondents import Respondents
from vivavoce.app.settings import Settings
from vivavoce.app.workforce import keep_workers
from vivavoce.errors import MissingError
from vivavoce.jobs.ledger import Ledger
from vivavoce.jobs.port import OVER
from vivavoce.panel.ballots import Variant
from vivavoce.panel.building import build
from vivavoce.panel.personas import Panel, PanelSpec
from vivavoce.panel.study import PriceTest, Study
from vivavoce.store.insights import Insights
from vivavoce.store.panels import Panels
from vivavoce.store.store import Store
from vivavoce.store.studies import Studies
from vivavoce.studies.beginning import begin
from vivavoce.studies.drawing import drawn
from vivavoce.studies.embedding.hashing import HashingEmbedder
from vivavoce.studies.evidence import gather
from vivavoce.studies.running import ask_for, run_study

LOOK_S = 0.05
CORPUS = "bench"
SEED = 1
TEXTS = (
    "The app keeps your drafts. Support answers within the hour.",
    "It works offline and takes your data along.",
    "It costs the same all year, and there is no contract.",
    "Reminders go out by themselves. You see who has paid.",
    "The export never breaks, whatever your bank changes.",
    "It syncs by itself after every update.",
)
ORDERS = 6
"""Of six variants."""
WIDE = Study(
    ask="Which would you rather have?",
    variants=tuple(
        Variant(id=f"v{at}", text=text, price=price)
        for at, (text, price) in enumerate(zip(TEXTS[:3], (20.0, 30.0, 45.0), strict=True))
    ),
    today="Paper, and a spreadsheet on Fridays.",
    reference_price=30.0,
    currency="EUR a month",
    claims=("The export breaks each month.", "People want it to work offline."),
    prices=PriceTest(points=(10.0, 20.0, 30.0, 45.0)),
    discussion=True,
)
DEEP = Study(
    ask="Which would you rather have?",
    variants=tuple(Variant(id=f"v{at}", text=text) for at, text in enumerate(TEXTS)),
)


async def wide(settings: Settings, members: int, embedder: str) -> dict[str, Any]:
    """From a panel that is there to a result, in this process; done again, the second time is what it takes when the
    weights are loaded."""
    insights, readings = said(300)
    openers = Respondents(settings)
    took_s = []
    async with open_store(settings) as store:
        corpus = Insights(store.database)
        await corpus.create(CORPUS, now=time.time())
        await corpus.add(CORPUS, insights, now=time.time())
        await corpus.save_readings(CORPUS, readings)
        measure = openers.embedder(embedder)
        wanted = PanelSpec(size=members, forced=True)
        panel = await drawn(store.database, CORPUS, wanted, SEED, measure, lambda _doing, _part: None)
        for _ in range(2):
            began = time.perf_counter()
            study = await begin(store.database, WIDE, panel.id, openers, seed=SEED, embedder=embedder, now=time.time())
            done = await run_study(store.database, study, openers, lambda _note, _part: None)
            took_s.append(time.perf_counter() - began)
        result = await Studies(store.database).result(done.id)
    assert result is not None
    return {
        "members": members,
        "embedder": embedder,
        "ballots": done.asked,
        "first_s": round(took_s[0], 2),
        "took_s": round(min(took_s), 2),
        "verdict": result.comparisons[0].decision.word,
    }


async def deep(settings: Settings, ballots: int, kills: int) -> dict[str, Any]:
    """One job, and a worker that is killed while it asks."""
    async with open_store(settings) as store:
        panel = await _crowd(store, max(ballots // ORDERS, 1))
        studies, ledger = Studies(store.database), Ledger(store.database)
        openers = Respondents(settings)
        study = await begin(store.database, DEEP, panel.id, openers, seed=SEED, embedder="hashing", now=time.time())
        async with keep_workers(settings):
            pid = await _pid_of_worker(ledger)
            job = await ask_for(store.database, ledger, study)
            began = time.perf_counter()
            killed_at: list[int] = []
            asked_s = 0.0
            while (status := await ledger.status(job)) is not None and status.state not in OVER:
                study = await studies.get(study.id)
                if len(killed_at) < kills and study.asked >= study.wanted * (len(killed_at) + 1) / (kills + 1):
                    os.kill(pid, signal.SIGKILL)
                    killed_at.append(study.asked)
                    while (found := await _pid_of_worker(ledger)) == pid:  # noqa: ASYNC110
                        await asyncio.sleep(LOOK_S)
                    pid = found
                if study.asked == study.wanted and not asked_s:
                    asked_s = time.perf_counter() - began
                await asyncio.sleep(LOOK_S)
            took_s, rss_mb, cpu_s = time.perf_counter() - began, _rss_mb(pid), _cpu_s(pid)
        assert status is not None
        study = await studies.get(study.id)
        there = await studies.count(study.id)
        result = await studies.result(study.id)
    voices = len(result.comparisons[0].votes) if result is not None else 0
    file = Path(settings.data_dir) / "viva.db"
    return {
        "state": status.state,
        "problem": status.problem,
        "killed_at": killed_at,
        "wanted": study.wanted,
        "there": there,
        "counted": study.asked,
        "doubled_or_lost": abs(there - study.wanted) + abs(study.asked - study.wanted),
        "members_heard": voices,
        "members": len(panel.personas),
        "asked_s": round(asked_s, 1),
        "took_s": round(took_s, 1),
        "per_s": round(study.wanted / asked_s) if asked_s else 0,
        "last_worker_rss_mb": round(rss_mb),
        "last_worker_cpu_s": round(cpu_s, 1),
        "database_mb": round(file.stat().st_size / 1e6) if file.exists() else None,
    }


async def _crowd(store: Store, members: int) -> Panel:
    """A panel of as many as wanted: the members of a real one again and again, each with a number of its own. Of what
    hurts them and what they want the first of each stays, so that ballots are short."""
    insights, readings = said(300)
    corpus = Insights(store.database)
    await corpus.create(CORPUS, now=time.time())
    await corpus.add(CORPUS, insights, now=time.time())
    small = build(await gather(insights, readings, HashingEmbedder()), PanelSpec(size=20, forced=True), SEED)
    crowd = tuple(
        msgspec.structs.replace(
            small.personas[at % len(small.personas)],
            id=f"p{at:06}",
            frustrations=small.personas[at % len(small.personas)].frustrations[:1],
            goals=small.personas[at % len(small.personas)].goals[:1],
        )
        for at in range(members)
    )
    panel = msgspec.structs.replace(small, id="c0ffee", personas=crowd)
    await Panels(store.database).save(panel, CORPUS, now=time.time())
    return panel


def rows(*, brief: bool = False) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=folder, log_level="error")
        logs.configure(settings.log_level)
        try:
            found = asyncio.run(wide(settings, 5 if brief else MEMBERS, "minilm"))
        except MissingError:
            found = asyncio.run(wide(settings, 5 if brief else MEMBERS, "hashing"))
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=folder, log_level="error")
        killed = asyncio.run(deep(settings, 300 if brief else 100_000, 2))
    return [
        row(f"a study of {found['members']} members and three variants ({found['embedder']})", found["first_s"], "s",
            most=10.0),
        row("the same again", found["took_s"], "s"),
        row("ballots lost or doubled, killed twice", killed["doubled_or_lost"], f"of {killed['wanted']:,}", most=0),
        row("ballots asked and kept", killed["per_s"], "ballots/s"),
        row("asked, compared and done", killed["took_s"], "s"),
        row("memory of its worker", killed["last_worker_rss_mb"], "MB"),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=MEMBERS)
    parser.add_argument("--embedder", default="minilm")
    parser.add_argument("--ballots", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--only", choices=["wide", "deep"], default=None)
    parser.add_argument("--url", default="", help="a database at head; SQLite in a folder of its own by default")
    given = parser.parse_args()
    for name in ("wide", "deep"):
        if given.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                settings = Settings(data_dir=folder, database_url=given.url, log_level="error")
                logs.configure(settings.log_level)
                measured = (
                    wide(settings, given.members, given.embedder)
                    if name == "wide"
                    else deep(settings, given.ballots, given.kills)
                )
                print(json.dumps(asyncio.run(measured), indent=2))


if __name__ == "__main__":
    main()
