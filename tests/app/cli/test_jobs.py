"""`viva jobs`: background work, seen and stopped."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import update

from tests.app.cli.conftest import CALL, Shell
from vivavoce.jobs.ledger import Ledger
from vivavoce.store.models import Job
from vivavoce.store.store import Store


def asked_for(shell: Shell, kind: str = "report", **became: Any) -> str:
    """A job, which has become something since."""

    async def ask() -> str:
        store = await Store.open(f"sqlite:///{shell.data / 'viva.db'}")
        job = await Ledger(store.database).enqueue(kind, {"call": CALL}, call_id=CALL)
        if became:
            await store.database.run(update(Job).where(Job.id == job).values(**became))
        await store.close()
        return job

    return asyncio.run(ask())


def test_the_list(shell: Shell) -> None:
    assert shell("jobs", "list").err == "no jobs\n"
    job = asked_for(shell)
    assert [row.split()[:4] for row in shell("jobs", "list").out.splitlines()[2:]] == [[job, "report", "waiting", "0%"]]
    assert shell("jobs", "list", "--state", "done", "--json").document == []
    assert shell("jobs", "list", "--kind", "report", "--call", CALL, "--json").document[0]["id"] == job


def test_one_job(shell: Shell) -> None:
    job = asked_for(shell)
    assert "state: waiting" in shell("jobs", "show", job).out
    assert shell("jobs", "show", job, "--json").document["call_id"] == CALL
    assert shell("jobs", "show", "nobody").code == 2


def test_a_job_is_watched_to_its_end(shell: Shell) -> None:
    job = asked_for(shell, state="done", progress=1.0)
    ran = shell("jobs", "watch", job)
    assert (ran.code, ran.out) == (0, f"{job}: done\n")
    assert f"{job}: waiting" in ran.err


def test_a_failed_job_fails_who_watches(shell: Shell) -> None:
    job = asked_for(shell, state="failed", problem="step render failed: the disk is full")
    ran = shell("jobs", "watch", job)
    assert (ran.code, ran.out) == (1, f"{job}: failed: step render failed: the disk is full\n")


def test_cancel(shell: Shell) -> None:
    waiting, running = asked_for(shell), asked_for(shell, state="running")
    assert shell("jobs", "cancel", waiting).out == f"{waiting}: cancelled\n"
    assert "before its next step" in shell("jobs", "cancel", running).out
    study = asked_for(shell, kind="study", state="running")
    assert f"{study}: asks no model for anything more" in shell("jobs", "cancel", study).out
    assert shell("jobs", "cancel", waiting).code == 2
