"""What was asked for and how far it is, on both databases."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.jobs.conftest import Turned
from vivavoce.errors import InputError, StoreError
from vivavoce.jobs.claims import Claims, forget_old
from vivavoce.jobs.leases import Lease
from vivavoce.jobs.ledger import Ledger
from vivavoce.jobs.port import Jobs
from vivavoce.store.store import Store


async def a_call(store: Store) -> str:
    return await store.create_call(
        agent_name="a", agent_source="", spec_hash="", code_version="", started_at=0.0, call_id="c1"
    )


async def test_it_is_the_port(ledger: Ledger) -> None:
    jobs: Jobs = ledger
    assert await jobs.status("nothing") is None


async def test_asking_twice_with_one_key_makes_one_job(ledger: Ledger) -> None:
    both = await asyncio.gather(*[ledger.enqueue("report", {"a": number}, key="k") for number in range(2)])
    assert both == ["k", "k"]
    assert [job.id for job in await ledger.list()] == ["k"]
    assert [event.data for event in await ledger.happened("k")] == [{"state": "waiting"}]


async def test_what_is_asked_for_is_checked(ledger: Ledger) -> None:
    with pytest.raises(InputError, match="want a key"):
        await ledger.enqueue("report", key="../../etc")
    with pytest.raises(InputError, match="at most 4096 bytes"):
        await ledger.enqueue("report", {"words": "x" * 5000})
    with pytest.raises(InputError, match="positive interval"):
        await ledger.schedule("s", "report", every_s=0)
    with pytest.raises(StoreError):
        await ledger.enqueue("report", call_id="nobody")
    assert await ledger.list() == []


async def test_a_job_goes_with_its_call(ledger: Ledger, store: Store) -> None:
    job = await ledger.enqueue("report", call_id=await a_call(store))
    found = await ledger.status(job)
    assert found is not None
    assert found.call_id == "c1"
    async with store.database.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM calls")
    assert await ledger.status(job) is None
    assert [event async for event in ledger.events(job)] == []


async def test_watching_a_job_to_its_end(ledger: Ledger) -> None:
    job = await ledger.enqueue("report")
    claims = Claims(ledger, "w")
    seen = []
    async for event in ledger.events(job):
        seen.append((event.seq, event.kind, event.data))
        match len(seen):
            case 1:
                await claims.claim(["report"], 1)
            case 2:
                await claims.progress(job, 0.5, "half")
            case 3:
                await claims.finish(job, "done", result={"files": 2})
    assert seen == [
        (1, "state", {"state": "waiting"}),
        (2, "state", {"state": "running"}),
        (3, "progress", {"progress": 0.5, "note": "half"}),
        (4, "state", {"state": "done"}),
    ]
    assert [event.seq async for event in ledger.events(job, after=3)] == [4]
    status = await ledger.status(job)
    assert status is not None
    assert (status.state, status.progress, status.result) == ("done", 1.0, {"files": 2})


async def test_cancelling(ledger: Ledger) -> None:
    waiting, running = await ledger.enqueue("report"), await ledger.enqueue("report", delay_s=-1)
    claims = Claims(ledger, "w")
    assert len(await claims.claim(["report"], 1)) == 1
    mine = next(job.id for job in await ledger.list(state="running"))
    other = ({waiting, running} - {mine}).pop()
    assert await ledger.cancel(other)
    assert await ledger.cancel(mine)
    assert not await ledger.cancel("nothing")
    assert not await ledger.cancel(other)
    status = await ledger.status(other)
    assert status is not None
    assert (status.state, status.ended_at is None) == ("cancelled", False)
    assert await claims.standing(mine) == "cancelled"


async def test_pages(ledger: Ledger, clock: Turned) -> None:
    jobs = []
    for number in range(5):
        clock.now += number % 2  # some at the same moment
        jobs.append(await ledger.enqueue("odd" if number % 2 else "even", key=f"j{number}"))
    seen, after = [], None
    while page := await ledger.list(limit=2, after=after):
        seen += [job.id for job in page]
        after = (page[-1].created_at, page[-1].id)
    assert seen == jobs[::-1]
    assert [job.id for job in await ledger.list(kind="odd")] == ["j3", "j1"]
    assert await ledger.list(state="done") == []
    assert await ledger.list(call_id="c") == []


async def test_a_delayed_job_waits(ledger: Ledger, clock: Turned) -> None:
    job = await ledger.enqueue("report", delay_s=5)
    claims = Claims(ledger, "w")
    assert await claims.claim(["report"], 9) == []
    clock.now += 5
    assert [claimed.id for claimed in await claims.claim(["report"], 9)] == [job]


async def test_a_schedule_makes_a_job_each_time_and_once(ledger: Ledger, clock: Turned) -> None:
    await ledger.schedule("hourly", "retention", {"a": 1}, every_s=3600)
    assert sum(await asyncio.gather(*[ledger.make_due() for _ in range(3)])) == 1
    assert await ledger.make_due() == 0
    clock.now += 3599
    assert await ledger.make_due() == 0
    clock.now += 1
    assert await ledger.make_due() == 1
    clock.now += 10 * 3600 + 1800  # nobody was there: made up for once, and on time again
    assert await ledger.make_due() == 1
    clock.now += 1799
    assert await ledger.make_due() == 0
    clock.now += 1
    assert await ledger.make_due() == 1
    assert len({job.id for job in await ledger.list()}) == 4


async def test_a_schedule_is_changed_by_saying_it_again(ledger: Ledger, clock: Turned) -> None:
    await ledger.schedule("s", "old", every_s=10)
    assert await ledger.make_due() == 1
    await ledger.schedule("s", "new", every_s=100)
    assert await ledger.make_due() == 0
    clock.now += 10
    assert await ledger.make_due() == 1
    assert [job.kind for job in await ledger.list()] == ["new", "old"]


async def test_workers_that_are_alive(ledger: Ledger, clock: Turned) -> None:
    await Lease(ledger, "a", "1").begin()
    clock.now += 2
    await Lease(ledger, "b", "2").begin()
    assert [worker.id for worker in await ledger.workers()] == ["a", "b"]
    clock.now += 2
    assert [(worker.id, worker.version) for worker in await ledger.workers()] == [("b", "2")]


async def test_old_jobs_are_forgotten(ledger: Ledger, clock: Turned) -> None:
    done, open_ = await ledger.enqueue("report"), await ledger.enqueue("other")
    claims = Claims(ledger, "w")
    await claims.claim(["report"], 1)
    await claims.finish(done, "failed", problem="no")
    clock.now += 100
    assert await forget_old(ledger, older_than_s=200) == 0
    assert await forget_old(ledger, older_than_s=50) == 1
    assert [job.id for job in await ledger.list()] == [open_]


async def test_the_clock_is_the_databases(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines whose own clocks differ agree on what is due and who is alive."""
    true = time.time()
    ledger = Ledger(store.database)
    lease = Lease(ledger, "w", "1")
    for wrong_s in (-3600.0, 0.0, 3600.0):
        monkeypatch.setattr(time, "time", lambda wrong_s=wrong_s: true + wrong_s)
        job = await ledger.enqueue("report")
        if wrong_s < 0:
            await lease.begin()
        assert await lease.beat()
        assert await lease.reap() == 0
        assert [claimed.id for claimed in await Claims(ledger, "w").claim(["report"], 1)] == [job]
        status = await ledger.status(job)
        assert status is not None
        assert abs(status.created_at - true) < 60


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_locks_that_a_stopped_worker_holds_hold_up_nobody(ledger: Ledger, store: Store, clock: Turned) -> None:
    """Stopped in the middle of a beat, and another one of a progress: both hold a row until Postgres cuts them off."""
    jobs = {}
    for name in ("beating", "telling", "dead"):
        await Lease(ledger, name, "1").begin()
        await ledger.enqueue(name, key=name)
        jobs[name] = await Claims(ledger, name).claim([name], 1)
    heir = Lease(ledger, "heir", "1")
    clock.now += 10
    await heir.begin()
    async with store.database.begin() as beating, store.database.begin() as telling:
        await beating.exec_driver_sql("UPDATE workers SET version = '2' WHERE id = 'beating'")
        await telling.exec_driver_sql("UPDATE jobs SET progress = 0.5 WHERE id = 'telling'")
        async with asyncio.timeout(4):
            assert await heir.reap() == 1
    assert await heir.reap() == 2
    assert {job.state for job in await ledger.list()} == {"waiting"}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_postgres_cuts_off_who_stops_in_a_transaction(store: Store) -> None:
    async with store.database.engine.connect() as connection:
        found = await connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout")
        assert found.scalar_one() == "5s"
